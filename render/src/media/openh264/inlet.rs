//! Frames on their way to a thread that encodes them. Few are under way at once, and their buffers come back.

use std::sync::mpsc::{Receiver, Sender, SyncSender, TryRecvError, channel, sync_channel};

use crate::driver::Region;
use crate::media::Planes;

/// Frames that may wait to be encoded.
const WAITING: usize = 2;

/// Where frames are put in.
pub(crate) struct Inlet {
    frames: Option<SyncSender<Planes>>,
    spent: Receiver<Planes>,
    /// Pixels; whole macroblocks.
    size: (usize, usize),
}

/// Where the thread takes them.
pub(crate) struct Outlet {
    frames: Receiver<Planes>,
    spent: Sender<Planes>,
}

/// A way for pictures of so many pixels, whole macroblocks.
pub(crate) fn inlet(size: (usize, usize)) -> (Inlet, Outlet) {
    let (give, frames) = sync_channel(WAITING);
    let (spent, back) = channel();
    let inlet = Inlet {
        frames: Some(give),
        spent: back,
        size,
    };
    (inlet, Outlet { frames, spent })
}

impl Inlet {
    /// Puts the part `region` of a frame in; false where the thread has ended.
    pub fn write(&mut self, frame: &Planes, region: Region) -> bool {
        let mut planes = match self.spent.try_recv() {
            Ok(planes) => planes,
            Err(TryRecvError::Empty) => Planes::blank(self.size.0, self.size.1),
            Err(TryRecvError::Disconnected) => return false,
        };
        fill(&mut planes, frame, region);
        self.frames.as_ref().is_some_and(|frames| frames.send(planes).is_ok())
    }

    /// No more frames come.
    pub fn end(&mut self) {
        self.frames = None;
    }
}

impl Outlet {
    /// The next frame; none when no more come.
    pub fn next(&self) -> Option<Planes> {
        self.frames.recv().ok()
    }

    pub fn give_back(&self, frame: Planes) {
        // Nobody needs it any more after the last frame.
        let _ = self.spent.send(frame);
    }
}

/// Fills a picture of whole macroblocks with a part of a frame; what lies beyond it continues its last column and row.
pub(crate) fn fill(to: &mut Planes, frame: &Planes, part: Region) {
    let (stride, wide) = (frame.width, to.width);
    for (from, to, by) in [(&frame.y, &mut to.y, 1), (&frame.u, &mut to.u, 2), (&frame.v, &mut to.v, 2)] {
        let (x, y, width, height) = (part.x / by, part.y / by, part.width / by, part.height / by);
        for (row, out) in to.chunks_exact_mut(wide / by).enumerate() {
            let from = &from[(y + row.min(height - 1)) * (stride / by) + x..][..width];
            let (inside, beyond) = out.split_at_mut(width);
            inside.copy_from_slice(from);
            beyond.fill(from[width - 1]);
        }
    }
}
