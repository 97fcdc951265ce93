//! Callbacks on their whole way: a job changes, the loop posts, and a client's server opens what came.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod opened;
mod receiver;
mod world;

use std::sync::Arc;
use std::time::Duration;

use mouthpiece_server::account::Account;
use mouthpiece_server::job::Ending;
use mouthpiece_server::problem::{Code, Problem};
use tokio::sync::Semaphore;

use opened::open;
use receiver::{Answer, Receiver};
use world::{World, account};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);
/// The contract's pauses.
const PAUSES: [Duration; 8] = [
    Duration::from_secs(5),
    MINUTE,
    Duration::from_mins(5),
    Duration::from_mins(30),
    Duration::from_hours(2),
    Duration::from_hours(5),
    Duration::from_hours(10),
    Duration::from_hours(24),
];

#[tokio::test]
async fn a_client_can_open_and_verify_what_it_is_sent() {
    let mut receiver = Receiver::with_statuses(&[]).await;
    let mut world = World::new().await;
    world.run();
    let job = world.job(&receiver.url("/hook?a=b")).await;
    let call = receiver.next().await;
    assert_eq!((call.path.as_str(), call.header("content-type")), ("/hook", "application/json"));
    let plain = open(&call, &world.account);
    assert_eq!(plain, serde_json::json!({"_id": job.id, "status": 2, "type": "avatar", "url": ""}));
    let seconds: i64 = call.header("webhook-timestamp").parse().unwrap();
    assert!((world.service.clock.now() / 1000 - seconds) < 30);

    world.complete(&job).await;
    let last = receiver.next().await;
    let plain = open(&last, &world.account);
    assert_eq!(
        (&plain["status"], &plain["url"]),
        (&3.into(), &"https://example.com/result.mp4".into())
    );
    assert_ne!(last.header("webhook-id"), call.header("webhook-id"));
    let row = world.noted(&job, 3, 1).await;
    assert_eq!((row.state.as_str(), row.last_answer.as_str()), ("delivered", "200"));
}

#[tokio::test]
async fn a_failure_says_why() {
    let mut receiver = Receiver::with_statuses(&[]).await;
    let mut world = World::new().await;
    world.run();
    let job = world.job(&receiver.url("/")).await;
    let problem = Problem::new(Code::AvatarProcessing, "no face was found");
    world.end(&job, Ending::Failed(&problem)).await;
    receiver.next().await;
    let plain = open(&receiver.next().await, &world.account);
    assert_eq!(plain["status"], 4);
    assert_eq!(
        (&plain["error_code"], &plain["error_reason"]),
        (&1105.into(), &"no face was found".into())
    );
}

#[tokio::test]
async fn retries_are_identical_and_the_end_waits_for_the_start() {
    let mut receiver = Receiver::with_statuses(&[500, 500]).await;
    let mut world = World::new().await;
    world.run();
    let job = world.job(&receiver.url("/")).await;
    world.complete(&job).await;
    let first = receiver.next().await;
    for (tries, pause) in [(1, PAUSES[0]), (2, PAUSES[1])] {
        world.noted(&job, 2, tries).await;
        assert_eq!(
            world.row(&job, 3).await.message,
            None,
            "the end was sent before the start was heard"
        );
        world.pass(pause);
        let again = receiver.next().await;
        assert_eq!(again.body, first.body);
        assert_eq!(again.header("webhook-id"), first.header("webhook-id"));
        assert_ne!(again.header("webhook-timestamp"), first.header("webhook-timestamp"));
        open(&again, &world.account);
    }
    let last = receiver.next().await;
    assert_eq!(open(&last, &world.account)["status"], 3);
    world.noted(&job, 3, 1).await;
    assert_eq!(receiver.more().len(), 0);
}

#[tokio::test]
async fn only_200_is_an_answer() {
    let mut receiver = Receiver::start(|_, before| match [201, 204, 302, 404, 500].get(before) {
        Some(status) => Answer::Status(*status),
        None if before == 5 => Answer::Held(Arc::new(Semaphore::new(0))),
        None => Answer::Status(200),
    })
    .await;
    let mut world = World::with(|c| c.limits.callback_time = Duration::from_millis(300)).await;
    world.run();
    let job = world.job(&receiver.url("/hook")).await;
    let answers = ["201", "204", "302", "404", "500", "did not answer in time"];
    for (tries, answer) in (1..).zip(answers) {
        assert_eq!(receiver.next().await.path, "/hook", "a redirect was followed");
        let row = world.noted(&job, 2, tries).await;
        assert_eq!((row.state.as_str(), row.last_answer.as_str()), ("waiting", answer));
        world.pass(PAUSES[usize::try_from(tries).unwrap() - 1]);
    }
    receiver.next().await;
    assert_eq!(world.noted(&job, 2, 7).await.state, "delivered");
}

#[tokio::test]
async fn after_the_whole_schedule_it_is_given_up_and_the_next_is_sent() {
    let mut receiver = Receiver::with_statuses(&[500; 9]).await;
    let mut world = World::new().await;
    world.run();
    let job = world.job(&receiver.url("/")).await;
    world.complete(&job).await;
    for (tries, pause) in (1..).zip(PAUSES) {
        receiver.next().await;
        let row = world.noted(&job, 2, tries).await;
        let waits = world.due(&row).await - row.updated_at;
        let ratio = waits as f64 / pause.as_millis() as f64;
        assert!((0.79..1.21).contains(&ratio), "after {tries} attempts it waits {waits} ms");
        world.pass(pause);
    }
    receiver.next().await;
    let row = world.noted(&job, 2, 9).await;
    assert_eq!((row.state.as_str(), row.last_answer.as_str()), ("given_up", "500"));
    let reason: String = sqlx::query_scalar("SELECT reason FROM buried WHERE msg_id = $1")
        .bind(row.message)
        .fetch_one(world.service.db.read())
        .await
        .unwrap();
    assert_eq!(reason, "500");
    assert_eq!(open(&receiver.next().await, &world.account)["status"], 3);
    assert_eq!(world.noted(&job, 3, 1).await.state, "delivered");
}

#[tokio::test]
async fn a_restart_loses_nothing_and_repeats_nothing() {
    let gate = Arc::new(Semaphore::new(0));
    let held = Arc::clone(&gate);
    let mut receiver = Receiver::start(move |_, before| match before {
        0 => Answer::Held(Arc::clone(&held)),
        _ => Answer::Status(200),
    })
    .await;
    let mut world = World::new().await;
    world.run();
    let job = world.job(&receiver.url("/")).await;
    receiver.next().await;
    // What is under way is finished before the loop ends.
    let (_, ()) = tokio::join!(world.stop(), async { gate.add_permits(1) });
    assert_eq!(world.row(&job, 2).await.state, "delivered");

    world.complete(&job).await;
    world.service.clock.advance(HOUR);
    assert_eq!(receiver.more().len(), 0);
    world.run();
    assert_eq!(open(&receiver.next().await, &world.account)["status"], 3);
    world.noted(&job, 3, 1).await;
    world.service.clock.advance(HOUR);
    world.stop().await;
    assert_eq!(receiver.more().len(), 0);
}

#[tokio::test]
async fn only_a_crash_delivers_twice_and_then_the_same() {
    let mut receiver = Receiver::start(|_, before| match before {
        0 => Answer::Held(Arc::new(Semaphore::new(0))),
        _ => Answer::Status(200),
    })
    .await;
    let mut world = World::new().await;
    world.run();
    let job = world.job(&receiver.url("/")).await;
    let lost = receiver.next().await;
    world.kill().await;
    world.run();
    world.service.clock.advance(MINUTE);
    let again = receiver.next().await;
    assert_eq!((&again.body, again.header("webhook-id")), (&lost.body, lost.header("webhook-id")));
    // The attempt that nobody could note does not count.
    assert_eq!(world.noted(&job, 2, 1).await.state, "delivered");
}

#[tokio::test]
async fn one_slow_receiver_holds_nobody_else_up() {
    let gate = Arc::new(Semaphore::new(0));
    let held = Arc::clone(&gate);
    let mut slow = Receiver::start(move |_, _| Answer::Held(Arc::clone(&held))).await;
    let mut quick = Receiver::with_statuses(&[]).await;
    let mut world = World::with(|c| c.limits.callback_time = MINUTE).await;
    for _ in 0..20 {
        world.job(&slow.url("/")).await;
    }
    world.run();
    for _ in 0..4 {
        slow.next().await;
    }
    let other = account(&world.service, "second").await;
    let job = world.job_of(&other, &quick.url("/")).await;
    assert_eq!(open(&quick.next().await, &other)["_id"], job.id.as_str());
    world.noted(&job, 2, 1).await;
    assert_eq!(slow.more().len(), 0, "more than four of one account were under way");
    // And it gets all of its own when it is well again.
    gate.add_permits(20);
    for _ in 4..20 {
        slow.next().await;
    }
}

#[tokio::test]
async fn a_banned_account_still_hears_of_its_jobs() {
    let mut receiver = Receiver::with_statuses(&[]).await;
    let mut world = World::new().await;
    let job = world.job(&receiver.url("/")).await;
    let mut tx = world.service.db.write().await.unwrap();
    Account::set_banned(&mut tx, world.account.uid, true).await.unwrap();
    tx.commit().await.unwrap();
    world.run();
    assert_eq!(open(&receiver.next().await, &world.account)["_id"], job.id.as_str());
}

#[tokio::test]
async fn an_address_inside_is_never_called() {
    let mut receiver = Receiver::with_statuses(&[]).await;
    let mut world = World::with(|c| c.allow_net.clear()).await;
    world.run();
    let job = world.job(&receiver.url("/")).await;
    let row = world.noted(&job, 2, 1).await;
    assert!(row.last_answer.contains("private or reserved address"), "{row:?}");
    assert!(!row.last_answer.contains("127.0.0.1"), "{row:?}");
    world.service.clock.advance(7 * SECOND);
    world.noted(&job, 2, 2).await;
    assert_eq!(receiver.more().len(), 0);
}
