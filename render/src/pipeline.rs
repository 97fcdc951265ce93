//! Frames through threads: drawers beside each other, one writer.

use std::ops::Range;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use crate::driver::Patch;
use crate::error::{Error, Kind, Result};
use crate::media::Planes;
use crate::show::Show;

/// Drawn regions that may wait for the writer, per thread.
const AHEAD: usize = 1;

/// A drawn region on its way to the writer; frames of one thread come in order.
type Drawn = Patch;

/// Draws frames on `canvas`, which shows the avatar at rest, and hands them to `write`, in order; `write` may end it all with an error. It
/// may draw on a frame, if it leaves it as it was.
pub fn run(
    show: &Show,
    frames: Range<usize>,
    mut canvas: Planes,
    threads: usize,
    mut write: impl FnMut(usize, &mut Planes) -> Result<()>,
) -> Result<()> {
    patches(show, frames, threads, |index, patch| {
        show.place(patch, &mut canvas);
        write(index, &mut canvas)
    })
}

/// Draws the region of each of some frames and hands it to `take` in order, which may end it all with an error.
///
/// Thread k draws frames k, k + n, k + 2n … of them; the regions are taken in turn, so that order needs no sorting.
pub fn patches(show: &Show, frames: Range<usize>, threads: usize, mut take: impl FnMut(usize, &Patch) -> Result<()>) -> Result<()> {
    let threads = threads.clamp(1, frames.len().max(1));
    std::thread::scope(|scope| {
        let lanes: Vec<Lane> = (0..threads)
            .map(|k| {
                let (give, drawn) = sync_channel(AHEAD);
                let (back, empty) = sync_channel(AHEAD + 2);
                let name = format!("draw-{k}");
                std::thread::Builder::new()
                    .name(name)
                    .spawn_scoped(scope, {
                        let own = frames.clone().skip(k).step_by(threads);
                        move || draw(show, own, &give, &empty)
                    })
                    .map_err(|e| Error::new(Kind::Internal, "a drawing thread could not be started").because(e))?;
                Ok(Lane { drawn, back })
            })
            .collect::<Result<_>>()?;
        for (turn, index) in frames.enumerate() {
            let lane = &lanes[turn % threads];
            let patch = lane
                .drawn
                .recv()
                .map_err(|_| Error::new(Kind::Internal, "a drawing thread ended early"))?;
            take(index, &patch)?;
            // A thread that has drawn its last frame wants no buffer back.
            let _ = lane.back.try_send(patch);
        }
        Ok(())
    })
}

struct Lane {
    drawn: Receiver<Drawn>,
    back: SyncSender<Patch>,
}

fn draw(show: &Show, frames: impl Iterator<Item = usize>, give: &SyncSender<Drawn>, empty: &Receiver<Patch>) {
    let mut desk = show.desk();
    for index in frames {
        let mut patch = empty.try_recv().unwrap_or_else(|_| show.patch());
        show.draw(index, &mut desk, &mut patch);
        if give.send(patch).is_err() {
            // The writer has given up.
            return;
        }
    }
}
