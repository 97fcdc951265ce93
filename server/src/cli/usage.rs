//! What a run cost: memory and processor time, as the kernel counts them.

use nix::sys::resource::{UsageWho, getrusage};
use serde::Serialize;

/// Peak memory in bytes.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Peak {
    /// Resident memory of this process at its highest (`VmHWM`).
    pub own_bytes: u64,
    /// That of the largest of its child processes that have ended (`ru_maxrss`). The kernel counts a child's moment before its program
    /// is loaded too, so that this is never less than what we ourselves held when we started it.
    pub largest_child_bytes: u64,
}

impl Peak {
    pub fn read() -> Self {
        let max_rss = |who| getrusage(who).map_or(0, |u| u.max_rss().max(0).unsigned_abs() * 1024);
        Self {
            own_bytes: own_peak().unwrap_or_else(|| max_rss(UsageWho::RUSAGE_SELF)),
            largest_child_bytes: max_rss(UsageWho::RUSAGE_CHILDREN),
        }
    }

    /// An upper bound of what was held at one time with one child at work.
    pub fn total(&self) -> u64 {
        self.own_bytes + self.largest_child_bytes
    }
}

fn own_peak() -> Option<u64> {
    kilobytes(&std::fs::read_to_string("/proc/self/status").ok()?, "VmHWM:")
}

/// A field of a file of `/proc` that is given in kB, in bytes.
pub fn kilobytes(text: &str, field: &str) -> Option<u64> {
    let line = text.lines().find_map(|l| l.strip_prefix(field))?;
    line.split_whitespace().next()?.parse::<u64>().ok().map(|k| k * 1024)
}

/// Bytes as people read them.
pub fn readable(bytes: u64) -> String {
    match bytes as f64 / 1e6 {
        mb if mb < 10.0 => format!("{mb:.1} MB"),
        mb if mb < 10_000.0 => format!("{mb:.0} MB"),
        mb => format!("{:.0} GB", mb / 1000.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proc_fields_are_found() {
        assert_eq!(kilobytes("Name:\tx\nVmHWM:\t  1234 kB\n", "VmHWM:"), Some(1_263_616));
        assert_eq!(kilobytes("Name:\tx\n", "VmHWM:"), None);
    }

    #[test]
    fn this_process_has_a_peak() {
        assert!(Peak::read().own_bytes > 100_000);
    }
}
