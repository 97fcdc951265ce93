//! A film through threads: one reads the video, several draw, and the caller's takes what they have drawn.

use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, channel, sync_channel};

use super::film::{Bench, Film, Material};
use crate::driver::Patch;
use crate::error::{Error, Kind, Result};
use crate::progress::{self, wait};

/// Frames on their way in each thread.
const AHEAD: usize = 2;

/// A frame before and after it is drawn; buffers go round.
struct Sheet {
    material: Material,
    patch: Patch,
}

/// What goes from the reader through a drawing thread to the writer.
type Read = Result<(usize, Sheet)>;

/// Reads what a frame is made of; asks now and then whether to go on.
pub type Reading<'a> = &'a mut (dyn FnMut(&mut Material, usize, &mut dyn FnMut() -> Result<()>) -> Result<()> + Send);

/// Draws some frames. `read` gets what a frame is made of, in the film's order, on a thread of its own; `take` gets the avatar's
/// rectangle, in order, and may keep its pixels; either may end it all with an error. `alive` says so while threads are waited for.
pub fn run(
    film: &Film,
    frames: Range<usize>,
    threads: usize,
    read: Reading,
    take: &mut dyn FnMut(usize, &mut Patch) -> Result<()>,
    alive: &mut dyn FnMut(usize) -> Result<()>,
) -> Result<()> {
    let threads = threads.clamp(1, frames.len().max(1));
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let named = |name: String| std::thread::Builder::new().name(name);
        let unable = |e| Error::new(Kind::Internal, "a drawing thread could not be started").because(e);
        let (mut lanes, mut drawn) = (Vec::new(), Vec::new());
        for k in 0..threads {
            let (give, sheets) = sync_channel(AHEAD);
            let (back, done) = sync_channel(AHEAD);
            let drawing = named(format!("draw-{k}")).spawn_scoped(scope, move || draw(film, &sheets, &back));
            drawing.map_err(unable)?;
            lanes.push(give);
            drawn.push(done);
        }
        let (give_back, spare) = channel();
        let called_off = &stop;
        let reading = named("read".into()).spawn_scoped(scope, {
            let frames = frames.clone();
            move || lay_out(film, frames, read, &lanes, &spare, called_off)
        });
        reading.map_err(unable)?;
        let taken = || {
            for index in frames {
                let mut sheet = wait(&drawn[index % threads], &mut || alive(index))??;
                take(index, &mut sheet.patch)?;
                // Whoever has read the last frame wants none back.
                let _ = give_back.send(sheet);
            }
            Ok(())
        };
        let result = taken();
        stop.store(true, Ordering::Relaxed);
        result
    })
}

/// Reads the frames and gives them to the drawing threads in turn, as many as may be on their way.
fn lay_out(film: &Film, frames: Range<usize>, read: Reading, lanes: &[SyncSender<Read>], spare: &Receiver<Sheet>, stop: &AtomicBool) {
    let mut go_on = || match stop.load(Ordering::Relaxed) {
        true => Err(progress::cancelled()),
        false => Ok(()),
    };
    for (count, index) in frames.enumerate() {
        let sheet = if count < lanes.len() * AHEAD {
            Ok(Sheet {
                material: Material::default(),
                patch: film.patch(),
            })
        } else {
            spare.recv()
        };
        // The writer has given up.
        let Ok(mut sheet) = sheet else { return };
        let ready = read(&mut sheet.material, index, &mut go_on).map(|()| (index, sheet));
        let failed = ready.is_err();
        if lanes[index % lanes.len()].send(ready).is_err() || failed {
            return;
        }
    }
}

fn draw(film: &Film, sheets: &Receiver<Read>, back: &SyncSender<Result<Sheet>>) {
    let mut bench = Bench::default();
    for sheet in sheets {
        let drawn = sheet.and_then(|(index, mut sheet)| {
            film.draw(index, &mut sheet.material, &mut bench, &mut sheet.patch)?;
            Ok(sheet)
        });
        if back.send(drawn).is_err() {
            // The writer has given up.
            return;
        }
    }
}
