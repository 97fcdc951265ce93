//! The queue in a table of the service's own SQLite file.

use std::time::Duration;

use serde_json::Value;

use super::{Lease, Message, Queue};
use crate::clock::{Clock, millis};
use crate::db::{Db, Tx};
use crate::problem::Result;

/// The messages of one database; times are those of the given clock.
#[derive(Clone)]
pub struct SqliteQueue {
    db: Db,
    clock: Clock,
}

impl SqliteQueue {
    pub fn new(db: Db, clock: Clock) -> Self {
        Self { db, clock }
    }
}

const SEND: &str = "INSERT INTO messages (queue, \"group\", message, enqueued_at, vt) VALUES ($1, $2, $3, $4, $5)";

/// `busy` is what each group has in hand; a group's first waiting message counts one more than that, its second two more.
///
/// Groups are stepped through by the index, and of each only the oldest `n` are looked at: 10 000 waiting messages cost no more than a few.
const DUE: &str = r#"
    WITH RECURSIVE groups ("group") AS (
        SELECT min("group") FROM messages WHERE queue = $1
        UNION ALL
        SELECT (SELECT min("group") FROM messages WHERE queue = $1 AND "group" > groups."group")
        FROM groups WHERE groups."group" IS NOT NULL),
    busy AS (SELECT "group", count(*) AS held FROM messages WHERE queue = $1 AND leased = 1 AND vt > $2 GROUP BY "group"),
    due AS (SELECT m.msg_id, m."group", row_number() OVER (PARTITION BY m."group" ORDER BY m.msg_id) AS place
            FROM groups JOIN messages m ON m.msg_id IN (
                SELECT msg_id FROM messages WHERE queue = $1 AND "group" = groups."group" AND vt <= $2 ORDER BY msg_id LIMIT $3))
    SELECT due.msg_id, due."group" FROM due
    LEFT JOIN busy ON busy."group" = due."group"
    LEFT JOIN turns ON turns.queue = $1 AND turns."group" = due."group"
    WHERE due.place + coalesce(busy.held, 0) <= $4
    ORDER BY due.place + coalesce(busy.held, 0), coalesce(turns.served, 0), due.msg_id
    LIMIT $3"#;

const TAKE: &str = "UPDATE messages SET vt = $2, read_ct = read_ct + 1, leased = 1 WHERE msg_id = $1 RETURNING read_ct, message";

/// A turn is numbered and not timed, so that two in the same millisecond have an order.
const SERVED: &str = r#"
    INSERT INTO turns (queue, "group", served) VALUES ($1, $2, (SELECT coalesce(max(served), 0) + 1 FROM turns WHERE queue = $1))
    ON CONFLICT DO UPDATE SET served = excluded.served"#;

const BURY: &str = r#"
    INSERT INTO buried (msg_id, queue, "group", message, read_ct, enqueued_at, archived_at, reason)
    SELECT msg_id, queue, "group", message, read_ct, enqueued_at, $2, $3 FROM messages WHERE msg_id = $1"#;

impl Queue for SqliteQueue {
    type Tx = Tx;

    async fn send(&self, tx: &mut Tx, queue: &'static str, group: &str, body: &Value, delay: Duration) -> Result<i64> {
        let now = self.clock.now();
        let sent = sqlx::query(SEND)
            .bind(queue)
            .bind(group)
            .bind(body.to_string())
            .bind(now)
            .bind(now + millis(delay))
            .execute(&mut **tx)
            .await?;
        Ok(sent.last_insert_rowid())
    }

    async fn read_bounded(&self, queue: &'static str, visibility: Duration, n: u32, per_group: u32) -> Result<Vec<Message>> {
        if n == 0 {
            return Ok(Vec::new());
        }
        // Most looks find nothing: they need no writer.
        let waiting: Option<i64> = sqlx::query_scalar("SELECT 1 FROM messages WHERE queue = $1 AND vt <= $2 LIMIT 1")
            .bind(queue)
            .bind(self.clock.now())
            .fetch_optional(self.db.read())
            .await?;
        if waiting.is_none() {
            return Ok(Vec::new());
        }
        let mut tx = self.db.write().await?;
        // Others may have been waited for: a lease is counted from now.
        let now = self.clock.now();
        let due: Vec<(i64, String)> = sqlx::query_as(DUE)
            .bind(queue)
            .bind(now)
            .bind(n)
            .bind(per_group)
            .fetch_all(&mut *tx)
            .await?;
        let mut taken = Vec::with_capacity(due.len());
        for (id, group) in due {
            let (reads, body): (i64, String) = sqlx::query_as(TAKE)
                .bind(id)
                .bind(now + millis(visibility))
                .fetch_one(&mut *tx)
                .await?;
            sqlx::query(SERVED).bind(queue).bind(group).execute(&mut *tx).await?;
            let body = serde_json::from_str(&body)?;
            taken.push(Message {
                lease: Lease { id, reads },
                body,
            });
        }
        tx.commit().await?;
        Ok(taken)
    }

    async fn extend(&self, lease: Lease, visibility: Duration) -> Result<bool> {
        let mut tx = self.db.write().await?;
        let done = sqlx::query("UPDATE messages SET vt = $3 WHERE msg_id = $1 AND read_ct = $2 AND leased = 1")
            .bind(lease.id)
            .bind(lease.reads)
            .bind(self.clock.now() + millis(visibility))
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(done.rows_affected() == 1)
    }

    async fn ack(&self, tx: &mut Tx, lease: Lease) -> Result<bool> {
        let done = sqlx::query("DELETE FROM messages WHERE msg_id = $1 AND read_ct = $2 AND leased = 1")
            .bind(lease.id)
            .bind(lease.reads)
            .execute(&mut **tx)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    async fn retry(&self, tx: &mut Tx, lease: Lease, delay: Duration) -> Result<bool> {
        let done = sqlx::query("UPDATE messages SET vt = $3, leased = 0 WHERE msg_id = $1 AND read_ct = $2 AND leased = 1")
            .bind(lease.id)
            .bind(lease.reads)
            .bind(self.clock.now() + millis(delay))
            .execute(&mut **tx)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    async fn bury(&self, tx: &mut Tx, id: i64, reason: &str) -> Result<bool> {
        let moved = sqlx::query(BURY)
            .bind(id)
            .bind(self.clock.now())
            .bind(reason)
            .execute(&mut **tx)
            .await?;
        sqlx::query("DELETE FROM messages WHERE msg_id = $1")
            .bind(id)
            .execute(&mut **tx)
            .await?;
        Ok(moved.rows_affected() == 1)
    }

    async fn forget(&self, tx: &mut Tx, age: Duration, n: u32) -> Result<u64> {
        let gone = sqlx::query("DELETE FROM buried WHERE msg_id IN (SELECT msg_id FROM buried WHERE archived_at <= $1 LIMIT $2)")
            .bind(self.clock.now() - millis(age))
            .bind(n)
            .execute(&mut **tx)
            .await?;
        Ok(gone.rows_affected())
    }
}
