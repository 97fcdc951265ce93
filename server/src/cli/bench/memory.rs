//! The memory of programs that run at the same time.

use std::collections::BTreeMap;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use crate::cli::usage::kilobytes;

/// Least time between two looks: what comes and goes in between is not seen.
const PAUSE: Duration = Duration::from_millis(50);

/// A look holds up those that are looked at: so many times as long they are left alone.
const REST: u32 = 40;

/// Runs something, and gives the most memory that all programs under this one held at one time, with their programs: each page that several
/// share counts once. 0 where the kernel does not tell.
pub fn watched<T>(work: impl FnOnce() -> T) -> (T, u64) {
    let (over, ended) = mpsc::channel::<()>();
    std::thread::scope(|scope| {
        let looking = scope.spawn(move || {
            let (mut most, mut pause) = (0, PAUSE);
            while let Err(RecvTimeoutError::Timeout) = ended.recv_timeout(pause) {
                let begun = Instant::now();
                most = most.max(held());
                pause = PAUSE.max(begun.elapsed() * REST);
            }
            most
        });
        let done = work();
        drop(over);
        (done, looking.join().unwrap_or(0))
    })
}

/// Bytes of all programs under this one.
fn held() -> u64 {
    let children = children();
    let mut waiting = vec![std::process::id()];
    let mut bytes = 0;
    while let Some(parent) = waiting.pop() {
        for child in children.get(&parent).into_iter().flatten() {
            bytes += proportional(*child);
            waiting.push(*child);
        }
    }
    bytes
}

/// Processes by their parents.
fn children() -> BTreeMap<u32, Vec<u32>> {
    let mut found: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for entry in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
        let name = entry.file_name();
        let Some(id) = name.to_str().and_then(|name| name.parse().ok()) else {
            continue;
        };
        // One that is gone by now has no parent any more.
        if let Some(parent) = std::fs::read_to_string(entry.path().join("stat"))
            .ok()
            .and_then(|stat| parent(&stat))
        {
            found.entry(parent).or_default().push(id);
        }
    }
    found
}

/// The name before it may hold anything.
fn parent(stat: &str) -> Option<u32> {
    stat.rsplit_once(") ")?.1.split(' ').nth(1)?.parse().ok()
}

/// Resident memory, its share of what is shared.
fn proportional(id: u32) -> u64 {
    let field = |file: &str, name: &str| {
        let text = std::fs::read_to_string(format!("/proc/{id}/{file}")).ok()?;
        kilobytes(&text, name)
    };
    field("smaps_rollup", "Pss:").or_else(|| field("status", "VmRSS:")).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parent_is_found_after_any_name() {
        assert_eq!(parent("7 (a ) b) S 12 7 7 0"), Some(12));
        assert_eq!(parent("7"), None);
    }

    #[test]
    fn children_count_with_theirs() {
        #[expect(clippy::disallowed_methods, reason = "a program with a program of its own")]
        let mut shell = std::process::Command::new("sh");
        let (ended, most) = watched(|| shell.args(["-c", "sleep 0.4; true"]).status());
        assert!(ended.unwrap().success());
        assert!(most > 100_000, "{most}");
    }
}
