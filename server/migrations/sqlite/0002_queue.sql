-- pgmq's message, for all queues in one table. pgmq keeps the group in the message's headers (x-pgmq-group).

CREATE TABLE messages (
    msg_id      INTEGER PRIMARY KEY AUTOINCREMENT,
    queue       TEXT    NOT NULL,
    "group"     TEXT    NOT NULL,
    message     TEXT    NOT NULL,
    read_ct     INTEGER NOT NULL DEFAULT 0,
    enqueued_at INTEGER NOT NULL,
    -- Not to be read before; the end of the lease, while somebody has it.
    vt          INTEGER NOT NULL,
    -- Whether `vt` is the end of a lease, and not of a pause.
    leased      INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX messages_due ON messages (queue, vt);
-- Covers the search for the oldest of a group that are due.
CREATE INDEX messages_group ON messages (queue, "group", msg_id, vt);
CREATE INDEX messages_held ON messages (queue, "group", vt) WHERE leased = 1;

-- When a group was last served, so that groups take turns.
CREATE TABLE turns (
    queue   TEXT    NOT NULL,
    "group" TEXT    NOT NULL,
    served  INTEGER NOT NULL,
    PRIMARY KEY (queue, "group")
) STRICT, WITHOUT ROWID;
CREATE INDEX turns_served ON turns (queue, served);

-- pgmq's archive: what was buried, and why.
CREATE TABLE buried (
    msg_id      INTEGER PRIMARY KEY,
    queue       TEXT    NOT NULL,
    "group"     TEXT    NOT NULL,
    message     TEXT    NOT NULL,
    read_ct     INTEGER NOT NULL,
    enqueued_at INTEGER NOT NULL,
    archived_at INTEGER NOT NULL,
    reason      TEXT    NOT NULL
) STRICT;
CREATE INDEX buried_age ON buried (archived_at);
