//! How an attempt can fail, and whether another one may help.

use mouthpiece_render::error::{Error as RenderError, Fault};
use tokio::task::JoinError;

use crate::fetch::{FetchError, Refused};
use crate::job::Kind;
use crate::problem::{Code, Problem};

/// An attempt's bad end.
#[derive(Debug)]
pub struct Trouble {
    /// What the client is told if this was the last attempt.
    pub problem: Problem,
    pub retry: bool,
}

impl Trouble {
    /// One that another attempt would meet again.
    pub fn for_good(problem: Problem) -> Self {
        Self { problem, retry: false }
    }

    /// With the code of its kind of job, where it has none that says more.
    #[must_use]
    pub fn of(mut self, kind: Kind) -> Self {
        if self.problem.code == Code::VideoProcessing {
            self.problem.code = kind.failure();
        }
        self
    }

    pub fn halted() -> Self {
        Self::for_good(Problem::new(Code::VideoProcessing, "stopped"))
    }

    pub fn panicked(e: JoinError) -> Self {
        let message = "the program broke down over this; please tell the operator of this service";
        Self {
            problem: Problem::new(Code::VideoProcessing, message).because(e),
            retry: true,
        }
    }

    /// A url of the field that could not be fetched; `code` is that of the field's kind of media.
    pub fn fetching(field: &str, code: Code, e: FetchError) -> Self {
        let code = match &e {
            FetchError::Refused(_) | FetchError::Redirect(_) => Code::Parameter,
            FetchError::TooLarge { .. } | FetchError::TooMuch { .. } => Code::Size,
            _ => code,
        };
        let message = format!("{field} {e}");
        let message = if code == Code::Parameter {
            format!("parameter validate error: {message}")
        } else {
            message
        };
        let retry = e.retry();
        Self {
            problem: Problem::new(code, message).because(e),
            retry,
        }
    }

    /// A url that must not be fetched.
    pub fn refused(field: &str, e: Refused) -> Self {
        Self::for_good(Problem::field(field, e))
    }
}

/// Faults of ours and of the machine may pass.
impl From<Problem> for Trouble {
    fn from(problem: Problem) -> Self {
        let retry = problem.code == Code::Internal;
        Self { problem, retry }
    }
}

impl From<RenderError> for Trouble {
    fn from(e: RenderError) -> Self {
        let retry = e.retry() || e.fault() == Fault::Machine;
        Self { problem: e.into(), retry }
    }
}

/// A problem with its causes, for the log.
pub fn chain(problem: &Problem) -> String {
    let mut text = problem.message.clone();
    let mut cause = std::error::Error::source(problem);
    while let Some(e) = cause {
        text.push_str(": ");
        text.push_str(&e.to_string());
        cause = e.source();
    }
    text
}
