//! What every queue must do, run on each implementation: a line of `conform!` and a `Bench` are all that a new one needs.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod bench;
mod sqlite;
mod suite {
    pub mod leases;
    pub mod sending;
    pub mod several;
    pub mod turns;
}

/// Makes a test of each named one, on a fresh queue.
macro_rules! conform {
    ($bench:ty: $($part:ident::{$($name:ident),* $(,)?})*) => {
        $(mod $part {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                crate::suite::$part::$name(&<$bench as crate::bench::Bench>::new().await).await;
            })*
        })*
    };
}

/// The whole suite.
macro_rules! conforms {
    ($bench:ty) => {
        conform! { $bench:
            sending::{
                nothing_is_visible_before_the_commit,
                a_rollback_sends_nothing,
                a_delay_is_waited_for,
                a_body_comes_as_it_was_sent,
                queues_do_not_mix,
                what_was_buried_is_kept_for_a_while,
            }
            leases::{
                what_is_in_hand_is_not_read_again_until_its_lease_ends,
                extending_keeps_it,
                a_lost_lease_cannot_be_extended,
                a_buried_message_tells_its_holder,
                a_stale_lease_changes_nothing,
                what_was_dealt_with_is_gone,
                a_retry_gives_it_back_after_its_pause,
                an_ack_that_is_not_committed_did_not_happen,
                an_end_that_nobody_took_from_us_is_still_ours,
            }
            turns::{
                a_group_comes_in_its_order,
                a_pause_does_not_hold_up_its_group,
                a_late_group_does_not_wait_behind_a_long_one,
                groups_take_turns,
                what_is_in_hand_counts,
                several_at_once_are_spread_over_groups,
                a_bound_holds_for_all_readers,
            }
            several::{
                readers_side_by_side_never_get_the_same,
                two_processes_share_one_queue,
                whoever_dies_in_a_transaction_loses_nothing,
            }
        }
    };
}

mod on_sqlite {
    conforms!(crate::sqlite::Sqlite);
}
