//! A child process that cannot outlive us, run away or hang.

use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError, mpsc};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::error::{Error, Kind, Result};
use crate::progress;

mod os;

/// How much of the end of its complaints is kept, in bytes.
const TAIL: usize = 8 * 1024;

/// How long nobody is asked whether to go on.
const BEAT: Duration = Duration::from_millis(100);

/// What a child may use.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Bytes of address space, libraries and thread stacks included.
    pub address_space: u64,
    /// Processor time.
    pub cpu: Duration,
    /// Longest time that we wait for it to take or give a single byte.
    pub patience: Duration,
}

/// A program to start, with its arguments; no shell is involved.
pub(crate) struct Job {
    /// As the program is called in messages.
    pub name: &'static str,
    pub program: PathBuf,
    pub args: Vec<OsString>,
    pub bounds: Bounds,
}

/// A running child; dropping it kills it and waits for it.
pub(crate) struct Child {
    name: &'static str,
    shared: Arc<Shared>,
    stdin: Option<ChildStdin>,
    stdout: Option<ChildStdout>,
    complaints: Option<JoinHandle<String>>,
    watchdog: Option<JoinHandle<()>>,
}

/// How a child ended.
#[derive(Debug)]
pub(crate) struct Exit {
    name: &'static str,
    status: ExitStatus,
    stalled: bool,
    patience: Duration,
    /// The end of what it wrote to its standard error, for the log.
    pub tail: String,
}

struct Shared {
    child: Mutex<std::process::Child>,
    pulse: Mutex<Pulse>,
    bell: Condvar,
}

/// What the watchdog looks at.
struct Pulse {
    patience: Duration,
    /// Since when we have been waiting for the child; `None` while we are busy ourselves.
    waiting: Option<Instant>,
    over: bool,
    stalled: bool,
}

impl Child {
    /// Starts the job with its standard input and output joined to us.
    pub fn start(job: Job) -> Result<Self> {
        let Job {
            name,
            program,
            args,
            bounds,
        } = job;
        #[expect(clippy::disallowed_methods, reason = "this is the one place that starts programs")]
        let mut command = Command::new(program);
        command.args(args).env_clear().env("LC_ALL", "C").env("AV_LOG_FORCE_NOCOLOR", "1");
        // A frame's memory is used again for the next, instead of going back to the system each time (glibc).
        for setting in ["MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_"] {
            command.env(setting, "134217728");
        }
        // A user's own build may need its libraries, a wrapper script its tools.
        for keep in ["PATH", "LD_LIBRARY_PATH"] {
            if let Some(value) = std::env::var_os(keep) {
                command.env(keep, value);
            }
        }
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        os::confine(&mut command, bounds);
        let mut child = spawn(command).map_err(|e| Error::new(Kind::ToolFailed, format!("{name} cannot be started")).because(e))?;
        let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        stdin.iter().for_each(os::widen);
        stdout.iter().for_each(os::widen);
        let shared = Arc::new(Shared {
            child: Mutex::new(child),
            pulse: Mutex::new(Pulse {
                patience: bounds.patience,
                waiting: None,
                over: false,
                stalled: false,
            }),
            bell: Condvar::new(),
        });
        let watched = Arc::clone(&shared);
        Ok(Self {
            name,
            shared,
            stdin,
            stdout,
            complaints: stderr.map(|pipe| std::thread::spawn(move || tail_of(pipe))),
            watchdog: Some(std::thread::spawn(move || watched.watch())),
        })
    }

    /// Writes all bytes to its standard input.
    pub fn write(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        let pipe = self.stdin.as_mut().ok_or(io::ErrorKind::BrokenPipe)?;
        while !bytes.is_empty() {
            match self.shared.waiting(|| pipe.write(bytes)) {
                Ok(n) => bytes = &bytes[n..],
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
        Ok(())
    }

    /// Writes several pieces, one after the other.
    pub fn write_all(&mut self, pieces: &[&[u8]]) -> io::Result<()> {
        pieces.iter().try_for_each(|piece| self.write(piece))
    }

    /// Its standard output, for a thread of its own to read from; the watchdog looks at what we write then.
    pub fn take_output(&mut self) -> Option<ChildStdout> {
        self.stdout.take()
    }

    /// What ends it from another thread.
    pub fn stopper(&self) -> Stopper {
        Stopper(Arc::clone(&self.shared))
    }

    /// Its standard input, for a thread of its own to write to; the watchdog looks at what we read then.
    pub fn take_input(&mut self) -> Option<ChildStdin> {
        self.stdin.take()
    }

    /// Reads from its standard output until `buffer` is full or the output ends; returns the bytes read. Asks `alive` several times a
    /// second whether to go on.
    pub fn read_while(&mut self, buffer: &mut [u8], alive: &mut dyn FnMut() -> Result<()>) -> Result<usize> {
        let Some(pipe) = self.stdout.as_mut() else { return Ok(0) };
        let mut filled = 0;
        while filled < buffer.len() {
            let read = self.shared.waiting(|| {
                while !os::readable(pipe, BEAT) {
                    alive()?;
                }
                Ok::<_, Error>(pipe.read(&mut buffer[filled..]))
            })?;
            match read {
                Ok(n) if n > 0 => filled += n,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                // A broken pipe shows in the child's exit, which says more.
                _ => break,
            }
        }
        Ok(filled)
    }

    /// Closes its standard input and output and waits for its end, at most `patience`.
    pub fn finish(&mut self, patience: Duration) -> Result<Exit> {
        self.stdin = None;
        self.stdout = None;
        self.shared.pulse().patience = patience;
        self.shared.bell.notify_all();
        let complaints = self.complaints.take();
        // Its standard error ends when it does; the watchdog ends it if that takes too long.
        let tail = self
            .shared
            .waiting(|| complaints.and_then(|thread| thread.join().ok()).unwrap_or_default());
        let status = self.shared.reap(patience);
        let stalled = self.stop_watchdog();
        let status = status.map_err(|e| Error::new(Kind::ToolFailed, format!("{} was lost", self.name)).because(e))?;
        Ok(Exit {
            name: self.name,
            status,
            stalled,
            patience,
            tail,
        })
    }

    /// Like [`Child::finish`], but asks `alive` several times a second whether to go on.
    pub fn finish_while(&mut self, patience: Duration, alive: &mut dyn FnMut() -> Result<()>) -> Result<Exit> {
        self.stdin = None;
        self.stdout = None;
        let start = Instant::now();
        while start.elapsed() < patience && self.shared.lives_on() {
            alive()?;
        }
        self.finish(patience.saturating_sub(start.elapsed()).max(BEAT))
    }

    fn stop_watchdog(&mut self) -> bool {
        let stalled = {
            let mut pulse = self.shared.pulse();
            pulse.over = true;
            pulse.stalled
        };
        self.shared.bell.notify_all();
        if let Some(thread) = self.watchdog.take() {
            // It holds nothing that its panic could harm.
            let _ = thread.join();
        }
        stalled
    }
}

/// Ends a child that another thread has.
#[derive(Clone)]
pub(crate) struct Stopper(Arc<Shared>);

impl Stopper {
    pub fn stop(&self) {
        self.0.kill();
    }
}

impl std::fmt::Debug for Child {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Child").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        if self.watchdog.is_some() {
            self.shared.kill();
            self.stop_watchdog();
            // Killed: the wait is short, and its result says nothing new.
            let _ = lock(&self.shared.child).wait();
        }
    }
}

impl Exit {
    pub fn success(&self) -> bool {
        self.status.success() && !self.stalled
    }

    /// The error for a child that failed: the machine's fault where that can be seen, else `otherwise`.
    pub fn error(&self, otherwise: Error) -> Error {
        let (name, tail) = (self.name, self.tail.as_str());
        let error = if self.stalled {
            let seconds = self.patience.as_secs_f64();
            Error::new(
                Kind::ToolFailed,
                format!("{name} made no progress for {seconds:.0} s and was stopped"),
            )
        } else if tail.contains("No space left on device") || tail.contains("Disk quota exceeded") {
            Error::new(Kind::DiskFull, "the disk is full; free some space and try again")
        } else if tail.contains("Cannot allocate memory") {
            Error::new(Kind::ToolFailed, format!("{name} ran out of the memory that it may use"))
        } else if tail.contains("Unknown encoder") {
            Error::new(
                Kind::ToolMissing,
                format!("this {name} was built without an encoder for H.264 (libx264) or AAC; on Debian: sudo apt-get install ffmpeg"),
            )
        } else if let Some(signal) = self.status.signal() {
            Error::new(Kind::ToolFailed, format!("{name} was stopped by signal {signal}"))
        } else {
            otherwise
        };
        error.because(format!("{name}: {}: {}", self.status, tail.trim()))
    }
}

impl Shared {
    /// Runs something that waits for the child, under the watchdog's eye.
    fn waiting<T>(&self, wait: impl FnOnce() -> T) -> T {
        self.pulse().waiting = Some(Instant::now());
        let result = wait();
        self.pulse().waiting = None;
        result
    }

    fn watch(&self) {
        let mut pulse = self.pulse();
        while !pulse.over {
            let patience = pulse.patience;
            let left = pulse.waiting.map_or(patience, |since| patience.saturating_sub(since.elapsed()));
            if left.is_zero() {
                pulse.stalled = true;
                drop(pulse);
                return self.kill();
            }
            pulse = self.bell.wait_timeout(pulse, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn kill(&self) {
        let mut child = lock(&self.child);
        if matches!(child.try_wait(), Ok(None)) {
            os::kill_group(child.id());
        }
    }

    /// Whether the child is still there after a beat.
    fn lives_on(&self) -> bool {
        let start = Instant::now();
        while start.elapsed() < BEAT {
            if !matches!(lock(&self.child).try_wait(), Ok(None)) {
                return false;
            }
            let pulse = self.pulse();
            drop(self.bell.wait_timeout(pulse, Duration::from_millis(5)));
        }
        true
    }

    /// Waits for a child that has closed its standard error: at its end, or a moment before.
    fn reap(&self, patience: Duration) -> io::Result<ExitStatus> {
        let start = Instant::now();
        loop {
            if let Some(status) = lock(&self.child).try_wait()? {
                return Ok(status);
            }
            if start.elapsed() > patience {
                self.kill();
            }
            let pulse = self.pulse();
            drop(self.bell.wait_timeout(pulse, Duration::from_millis(2)));
        }
    }

    fn pulse(&self) -> MutexGuard<'_, Pulse> {
        lock(&self.pulse)
    }
}

/// Runs a short job to its end and returns at most `most` bytes of its output.
pub(crate) fn run(job: Job, most: usize) -> Result<(Vec<u8>, Exit)> {
    let patience = job.bounds.patience;
    let mut child = Child::start(job)?;
    child.stdin = None;
    let mut output = vec![0; most];
    let read = child.read_while(&mut output, &mut progress::go_on)?;
    output.truncate(read);
    Ok((output, child.finish_while(patience, &mut progress::go_on)?))
}

type Order = (Command, mpsc::SyncSender<io::Result<std::process::Child>>);

/// Starts a child from a thread that never ends: the signal on a parent's death is tied to the parent's *thread*.
fn spawn(command: Command) -> io::Result<std::process::Child> {
    static NURSERY: OnceLock<mpsc::Sender<Order>> = OnceLock::new();
    let nursery = NURSERY.get_or_init(|| {
        let (orders, inbox) = mpsc::channel::<Order>();
        std::thread::spawn(move || {
            for (mut command, reply) in inbox {
                // Nobody listens if the asking thread has ended; its child then ends with its pipes.
                let _ = reply.send(command.spawn());
            }
        });
        orders
    });
    let (reply, answer) = mpsc::sync_channel(1);
    let lost = |_| io::Error::other("the thread that starts programs has ended");
    nursery.send((command, reply)).map_err(|_| lost(()))?;
    answer.recv().map_err(|_| lost(()))?
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Reads to the end and keeps the last bytes.
fn tail_of(mut pipe: impl Read) -> String {
    let mut tail = Vec::new();
    let mut chunk = [0; 4096];
    while let Ok(n) = pipe.read(&mut chunk) {
        if n == 0 {
            break;
        }
        tail.extend_from_slice(&chunk[..n]);
        let excess = tail.len().saturating_sub(TAIL);
        tail.drain(..excess);
    }
    String::from_utf8_lossy(&tail).into_owned()
}
