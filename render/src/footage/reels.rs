//! A film through threads: one reads the video, several draw, and the reader hands on what they have drawn.

use std::ops::Range;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use super::film::{Bench, Film, Material};
use crate::driver::Patch;
use crate::error::{Error, Kind, Result};
use crate::progress::wait;

/// Frames on their way in each thread.
const AHEAD: usize = 2;

/// A frame before and after it is drawn; buffers go round.
struct Sheet {
    material: Material,
    patch: Patch,
}

struct Lane {
    give: SyncSender<(usize, Sheet)>,
    drawn: Receiver<Result<Sheet>>,
}

/// Draws some frames. `read` gets what a frame is made of, in the film's order; `take` gets the avatar's rectangle, in order;
/// either may end it all with an error. `alive` says so while threads are waited for.
pub fn run(
    film: &Film,
    frames: Range<usize>,
    threads: usize,
    read: &mut dyn FnMut(&mut Material, usize) -> Result<()>,
    take: &mut dyn FnMut(usize, &Patch) -> Result<()>,
    alive: &mut dyn FnMut(usize) -> Result<()>,
) -> Result<()> {
    let threads = threads.clamp(1, frames.len().max(1));
    std::thread::scope(|scope| {
        let lanes: Vec<Lane> = (0..threads)
            .map(|k| {
                let (give, sheets) = sync_channel(AHEAD);
                let (back, drawn) = sync_channel(AHEAD);
                std::thread::Builder::new()
                    .name(format!("draw-{k}"))
                    .spawn_scoped(scope, move || draw(film, &sheets, &back))
                    .map_err(|e| Error::new(Kind::Internal, "a drawing thread could not be started").because(e))?;
                Ok(Lane { give, drawn })
            })
            .collect::<Result<_>>()?;
        let mut spare = Vec::new();
        let (mut given, mut written) = (frames.start, frames.start);
        while written < frames.end {
            if given < frames.end && given - written < threads * AHEAD {
                let mut sheet: Sheet = spare.pop().unwrap_or_else(|| Sheet {
                    material: Material::default(),
                    patch: film.patch(),
                });
                read(&mut sheet.material, given)?;
                let lost = |_| Error::new(Kind::Internal, "a drawing thread ended early");
                lanes[given % threads].give.send((given, sheet)).map_err(lost)?;
                given += 1;
                continue;
            }
            let sheet = wait(&lanes[written % threads].drawn, &mut || alive(written))??;
            take(written, &sheet.patch)?;
            spare.push(sheet);
            written += 1;
        }
        Ok(())
    })
}

fn draw(film: &Film, sheets: &Receiver<(usize, Sheet)>, back: &SyncSender<Result<Sheet>>) {
    let mut bench = Bench::default();
    for (index, mut sheet) in sheets {
        let drawn = film.draw(index, &sheet.material, &mut bench, &mut sheet.patch).map(|()| sheet);
        if back.send(drawn).is_err() {
            // The writer has given up.
            return;
        }
    }
}
