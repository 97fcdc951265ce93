//! What is free goes back to the system.

#![expect(unsafe_code, reason = "the allocator's own call has no safe form")]

/// Gives pages that were used and are free back to the system, wherever they lie (glibc keeps those between blocks that are in use, and
/// all that lies in the arenas of threads that have ended): an hour's recording, once it is heard, would else be kept while it is drawn. Takes
/// a few milliseconds.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub fn give_back() {
    // SAFETY: takes a plain number, and may be called on any thread at any time.
    unsafe { libc::malloc_trim(0) };
}

/// Other allocators do it by themselves.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub fn give_back() {}
