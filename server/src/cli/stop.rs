//! Ctrl-C and SIGTERM as a flag that the renderer asks for; a second Ctrl-C ends the program at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use mouthpiece_render::error::{Error, Kind, Result};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

/// Whether somebody asked to stop; clones share the answer.
#[derive(Clone)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Listens from now on.
    pub fn on_signals() -> Result<Self> {
        let asked = Arc::new(AtomicBool::new(false));
        let register = || -> std::io::Result<()> {
            for signal in [SIGINT, SIGTERM] {
                // In this order the first signal finds the flag down and passes, the second finds it up and exits.
                flag::register_conditional_shutdown(signal, 130, Arc::clone(&asked))?;
                flag::register(signal, Arc::clone(&asked))?;
            }
            Ok(())
        };
        register().map_err(|e| Error::new(Kind::Internal, "signals cannot be listened to").because(e))?;
        Ok(Self(asked))
    }

    pub fn requested(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
