//! The few calls to the operating system that the standard library does not make.

#![expect(
    unsafe_code,
    reason = "prctl, setrlimit, poll and kill of a group have no safe form in the standard library"
)]

use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::time::Duration;

use super::Bounds;

/// Makes the child die with us, in a process group of its own, within its bounds.
pub(super) fn confine(command: &mut Command, bounds: Bounds) {
    let parent = std::process::id();
    command.process_group(0);
    let limits = [
        (libc::RLIMIT_AS, bounds.address_space),
        (libc::RLIMIT_CPU, bounds.cpu.as_secs().max(1)),
        (libc::RLIMIT_CORE, 0),
    ];
    let confine = move || {
        for (what, most) in limits {
            let limit = libc::rlimit {
                rlim_cur: most,
                rlim_max: most,
            };
            // SAFETY: `limit` lives through the call, which only reads it.
            if unsafe { libc::setrlimit(what, &raw const limit) } != 0 {
                return Err(io::Error::last_os_error());
            }
        }
        die_with(parent)
    };
    // SAFETY: between fork and exec it makes system calls only: no allocation, no lock.
    unsafe { command.pre_exec(confine) };
}

#[cfg(target_os = "linux")]
fn die_with(parent: u32) -> io::Result<()> {
    // SAFETY: both calls take plain numbers.
    let gone = unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) != 0 || libc::getppid().cast_unsigned() != parent };
    // The parent may have died before the request was in force.
    if gone { Err(io::ErrorKind::BrokenPipe.into()) } else { Ok(()) }
}

#[cfg(not(target_os = "linux"))]
fn die_with(_parent: u32) -> io::Result<()> {
    // Elsewhere the closed pipes end the child soon after us.
    Ok(())
}

/// Kills a child that leads a process group, and all that it started; the caller has not yet waited for it.
pub(super) fn kill_group(leader: u32) {
    // SAFETY: takes plain numbers; the leader is not reaped yet, so that the number is still its own.
    unsafe { libc::kill(-leader.cast_signed(), libc::SIGKILL) };
}

/// Makes a pipe hold up to a mebibyte instead of 64 KiB, where that is allowed: frames then take fewer changes of process.
#[cfg(target_os = "linux")]
pub(super) fn widen(pipe: &impl AsRawFd) {
    // SAFETY: takes plain numbers. If it is refused the pipe stays as it is.
    unsafe { libc::fcntl(pipe.as_raw_fd(), libc::F_SETPIPE_SZ, 1 << 20) };
}

#[cfg(not(target_os = "linux"))]
pub(super) fn widen(_pipe: &impl AsRawFd) {}

/// Whether a read would not wait, now or within a while: there are bytes, or the end.
pub(super) fn readable(pipe: &impl AsRawFd, within: Duration) -> bool {
    let mut asked = libc::pollfd {
        fd: pipe.as_raw_fd(),
        events: libc::POLLIN,
        revents: 0,
    };
    let milliseconds = i32::try_from(within.as_millis()).unwrap_or(i32::MAX);
    // SAFETY: `asked` is one entry and lives through the call.
    unsafe { libc::poll(&raw mut asked, 1, milliseconds) > 0 }
}
