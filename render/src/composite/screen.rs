//! A video as a layer: its frames at the canvas's rate, scaled and cut to what is seen of them, from the beginning again when it ends.
//!
//! A thread of its own decodes and scales a few frames ahead; its memory is bounded whatever the lengths.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use fast_image_resize::Resizer;

use super::translucent::Translucent;
use super::{Drawn, place};
use crate::driver::Patch;
use crate::error::{Error, Kind, Result};
use crate::footage::Framing;
use crate::media::frames::{Frames, Take};
use crate::media::video::{self, VideoFacts};
use crate::media::{Planes, Tools, sniff};
use crate::progress::wait;
use crate::scene::{Canvas, Placement};
use crate::show::file_name;

/// Frames that may be ready before they are shown.
const AHEAD: usize = 2;

/// What a layer's video may be: only as much of it is decoded as is shown.
const LIMITS: video::Limits = video::Limits {
    bytes: 2 << 30,
    seconds: 36_000.0,
    side: 4096,
    pixels: 4096 * 2304,
    fps: 120.0,
};

/// A video on the canvas. Dropping it ends its thread and its decoder.
pub struct Screen {
    ready: Receiver<Result<Patch>>,
    back: SyncSender<Patch>,
    over: Arc<AtomicBool>,
    shown: Patch,
    /// For sentences.
    name: String,
    /// Where its upper-left corner lies.
    at: (usize, usize),
}

impl Screen {
    /// Starts a video that will show these frames, counted from its beginning; `None` if nothing of it is seen. A loop of at most `keep` bytes is
    /// kept rather than decoded anew. What lies before the first frame is decoded and not shown: no codec tells where exactly one begins.
    pub fn start(
        path: &Path,
        placement: &Placement,
        canvas: Canvas,
        frames: Range<usize>,
        keep: usize,
        tools: &Tools,
    ) -> Result<Option<Self>> {
        sniff::video(path)?;
        let facts = video::probe(path, &LIMITS, tools)?;
        let natural = (facts.width as usize, facts.height as usize);
        let drawn = place(placement, natural, canvas);
        if drawn.clip.is_empty() {
            return Ok(None);
        }
        let fps = canvas.fps();
        let loops = Loops {
            path: path.to_owned(),
            rate: format!("{}/{}", fps.num, fps.den),
            // Shrinking would mix colours with what is under transparent pixels.
            framing: match facts.alpha {
                true => Framing::at_full_size(&drawn, natural),
                false => Framing::new(&drawn, natural),
            },
            facts,
            frames,
            keep,
            tools: tools.clone(),
        };
        Self::spawn(loops, &drawn).map(Some)
    }

    fn spawn(loops: Loops, drawn: &Drawn) -> Result<Self> {
        let (give, ready) = sync_channel(AHEAD);
        let (back, empty) = sync_channel(AHEAD + 1);
        let (shown, name) = (loops.blank(), format!("the layer {}", file_name(&loops.path)));
        let over = Arc::new(AtomicBool::new(false));
        let asked = Arc::clone(&over);
        std::thread::Builder::new()
            .name("screen".to_owned())
            .spawn(move || {
                let gate = Gate {
                    give: &give,
                    empty: &empty,
                    over: &asked,
                };
                if let Err(e) = loops.run(&gate) {
                    // Nobody waits any more if the layer is gone.
                    let _ = give.send(Err(e));
                }
            })
            .map_err(|e| Error::new(Kind::Internal, "a thread that decodes could not be started").because(e))?;
        Ok(Self {
            ready,
            back,
            over,
            shown,
            name,
            at: (drawn.clip.left as usize, drawn.clip.top as usize),
        })
    }

    /// The next frame, and where its corner lies on the canvas.
    pub fn next(&mut self, alive: &mut dyn FnMut() -> Result<()>) -> Result<(&Patch, (usize, usize))> {
        let next = wait(&self.ready, alive)?.map_err(|e| e.about(&self.name))?;
        let old = std::mem::replace(&mut self.shown, next);
        // A thread that has given its last frame wants no buffer back.
        let _ = self.back.try_send(old);
        Ok((&self.shown, self.at))
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
    }
}

/// The video, again and again.
struct Loops {
    path: PathBuf,
    facts: VideoFacts,
    rate: String,
    framing: Framing,
    frames: Range<usize>,
    keep: usize,
    tools: Tools,
}

/// The other end of a screen.
struct Gate<'a> {
    give: &'a SyncSender<Result<Patch>>,
    empty: &'a Receiver<Patch>,
    over: &'a AtomicBool,
}

impl Gate<'_> {
    /// False if nobody wants it any more.
    fn send(&self, patch: Patch) -> bool {
        self.give.send(Ok(patch)).is_ok()
    }

    fn alive(&self) -> Result<()> {
        if self.over.load(Ordering::Relaxed) {
            return Err(Error::new(Kind::Cancelled, "stopped before the video was complete"));
        }
        Ok(())
    }
}

impl Loops {
    fn run(&self, gate: &Gate) -> Result<()> {
        let mut sight = Sight::new(self);
        let (mut kept, mut keeps) = (Vec::<Patch>::new(), true);
        let Range { start, end } = self.frames;
        let mut now = 0;
        while now < end {
            let begun = now;
            let mut frames = self.take(end - now).cut(self.framing.crop, &self.tools)?;
            while now < end && sight.read(&mut frames, &mut || gate.alive())? {
                now += 1;
                if now <= start && !keeps {
                    continue;
                }
                let mut patch = gate.empty.try_recv().unwrap_or_else(|_| self.blank());
                sight.show(&self.framing, &mut patch)?;
                keeps &= (kept.len() + 1) * bytes(&patch) <= self.keep;
                if keeps {
                    kept.push(patch.clone());
                } else {
                    kept = Vec::new();
                }
                if now > start && !gate.send(patch) {
                    return Ok(());
                }
            }
            if keeps {
                // All of it is there, or it is no longer wanted.
                for index in now.max(start)..end {
                    let Some(frame) = kept.get(index % kept.len().max(1)) else { break };
                    let mut patch = gate.empty.try_recv().unwrap_or_else(|_| self.blank());
                    patch.clone_from(frame);
                    if !gate.send(patch) {
                        break;
                    }
                }
                return Ok(());
            }
            // Whole rounds that are not shown need not be decoded.
            let round = now - begun;
            now += start.saturating_sub(now).checked_div(round).unwrap_or(0) * round;
        }
        Ok(())
    }

    fn take(&self, most: usize) -> Take<'_> {
        Take {
            path: &self.path,
            facts: &self.facts,
            from: None,
            rate: self.rate.clone(),
            most,
            size: self.framing.size,
        }
    }

    fn blank(&self) -> Patch {
        let planes = self.framing.blank();
        let alpha = self.facts.alpha.then(|| vec![255; planes.y.len()]);
        Patch { planes, alpha }
    }
}

fn bytes(patch: &Patch) -> usize {
    patch.planes.y.len() * 3 / 2 + patch.alpha.as_ref().map_or(0, Vec::len)
}

/// A frame as it was decoded, and what scales it.
struct Sight {
    resizer: Resizer,
    frame: Decoded,
}

enum Decoded {
    Opaque(Planes),
    Translucent(Translucent),
}

impl Sight {
    fn new(loops: &Loops) -> Self {
        let crop = loops.framing.crop;
        Self {
            resizer: Resizer::new(),
            frame: match loops.facts.alpha {
                true => Decoded::Translucent(Translucent::new(&loops.framing)),
                false => Decoded::Opaque(Planes::blank(crop.width, crop.height)),
            },
        }
    }

    fn read(&mut self, frames: &mut Frames, alive: &mut dyn FnMut() -> Result<()>) -> Result<bool> {
        match &mut self.frame {
            Decoded::Opaque(frame) => frames.read(frame, alive),
            Decoded::Translucent(frame) => frames.read_with_alpha(&mut frame.planes, alive),
        }
    }

    fn show(&mut self, framing: &Framing, patch: &mut Patch) -> Result<()> {
        match &mut self.frame {
            Decoded::Opaque(frame) => framing.shown(frame, &mut self.resizer, &mut patch.planes),
            Decoded::Translucent(frame) => frame.show(framing, &mut self.resizer, patch),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::process;
    use crate::scene::{Fit, Fps};

    const FPS: Fps = Fps { num: 25, den: 1 };

    /// A film of so many frames, none like another.
    fn film(frames: usize) -> tempfile::NamedTempFile {
        let file = tempfile::Builder::new().suffix(".mkv").tempfile().unwrap();
        let mut args: Vec<std::ffi::OsString> = "-v error -y -f lavfi -i testsrc2=size=160x120:rate=25"
            .split(' ')
            .map(Into::into)
            .collect();
        args.extend(["-frames:v", &frames.to_string(), "-c:v", "ffv1", "-pix_fmt", "yuv420p"].map(Into::into));
        args.push(file.path().into());
        let job = Tools::default()
            .ffmpeg_job(args, 4 << 30, std::time::Duration::from_secs(60))
            .unwrap();
        assert!(process::run(job, 1 << 10).unwrap().1.success());
        file
    }

    #[test]
    fn a_video_can_begin_anywhere() {
        let film = film(7);
        let canvas = Canvas::new(160, 128, FPS).unwrap();
        let place = Placement::filling(canvas, Fit::Cover);
        let shown = |frames: Range<usize>, keep: usize| -> Vec<Vec<u8>> {
            let tools = Tools::default();
            let mut screen = Screen::start(film.path(), &place, canvas, frames.clone(), keep, &tools)
                .unwrap()
                .unwrap();
            let next = |_| screen.next(&mut || Ok(())).unwrap().0.planes.y.clone();
            frames.map(next).collect()
        };
        let whole = shown(0..32, 1 << 20);
        assert!(whole[3] != whole[4] && whole[3] == whole[10]);
        // Of the last, not even one round is kept.
        for keep in [1 << 20, 5 * 160 * 128 * 3 / 2, 0] {
            for range in [0..32, 4..20, 7..9, 24..32, 31..32] {
                let part = shown(range.clone(), keep);
                assert!(part == whole[range.clone()], "{range:?} with {keep} bytes kept");
            }
        }
    }
}
