//! A clip becomes a pack: decoded once, followed small while it is stored at full size, then the mouths are cut out of what was stored.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use super::Alive;
use super::Clip;
use super::follow::Search;
use super::pack::{FASTEST, GROUP, PackFacts, Section, Writer, most_frames, skin, write_looks, write_tracks};
use super::report::Report;
use super::trail::Trail;
use crate::driver::Region;
use crate::error::{Error, Kind, Result};
use crate::face::FaceNets;
use crate::face::head::Head;
use crate::media::frames::Take;
use crate::media::record::{Recorder, Recording};
use crate::media::reel::{Cut, Reel};
use crate::media::{Planes, Tools, partial, write_error};
use crate::scene::Fps;

/// Width of a face in the frames in which it is followed, pixels: the net looks at it with about 170.
const FACE: f32 = 208.0;
/// Longest side of those frames, pixels.
const SIDE: f32 = 1920.0;
/// Above so many frames a second the face is looked at in every second one: lips are smoothed over more than that.
const QUICK: f64 = 33.0;
/// Quantiser of the mouth pictures.
const MOUTH: u8 = 12;
/// Room around the lower face, cm: above, beside and below.
const ROOM: [f32; 3] = [0.5, 1.0, 1.2];
/// The point where the nose ends; what lies lower on the canonical head is the lower face.
const NOSE_BASE: usize = 2;

/// What preparing needs besides the clip.
pub struct Workshop<'a> {
    pub nets: &'a FaceNets,
    pub tools: &'a Tools,
    pub threads: usize,
    /// For temporary files.
    pub folder: &'a Path,
}

impl Workshop<'_> {
    /// Writes the pack of a clip into an empty file; `source` is the clip's hash.
    pub fn prepare(&self, clip: &Clip, source: String, file: File, alive: Alive) -> Result<PackFacts> {
        let fps = rate(clip.facts.fps, clip.facts.grid);
        let even = |side: u32| (side as usize & !1).max(2);
        let size = (even(clip.facts.width), even(clip.facts.height));
        // Cutting the mouths out of a frame takes about a sixth of following the face.
        let expected = fps.frames(clip.facts.seconds).max(1) as u64;
        let total = expected + expected / 6 + 1;
        let mut writer = Writer::new(file)?;
        let recorded = partial::temporary(self.folder, ".avatar.")?;
        let take = Take {
            path: &clip.path,
            facts: &clip.facts,
            from: None,
            rate: format!("{}/{}", fps.num, fps.den),
            most: clip.part.map_or_else(|| most_frames(fps), |seconds| fps.frames(seconds)),
            size,
        };
        let sights = self.follow(clip, &take, fps.as_f64(), recorded.path(), &mut |read| {
            alive((read as u64).min(expected), total)
        })?;
        let (marks, start) = writer.stream(Section::Pictures, &mut reopened(&recorded)?, &mut || alive(expected, total))?;
        drop(recorded);
        if marks.len() != sights.len() {
            return Err(Error::new(Kind::Internal, "frames that were stored are not those that were seen"));
        }
        writer.marks(Section::PictureMarks, &marks)?;
        let best = &clip.survey.best;
        let frames = sights.len();
        let trail = Trail::new(sights.clone(), skin(best), fps.as_f64());
        if !(0..frames).any(|i| trail.usable(i)) {
            return Err(Error::new(
                Kind::FaceCovered,
                "the face cannot be followed through the video: it is turned, covered or lost all the time; use a video that looks at the camera",
            ));
        }
        let places = places(&trail, size);
        writer.add(Section::Tracks, &write_tracks(&sights, &places))?;
        writer.add(Section::Looks, &write_looks(best)?)?;
        let reel = Reel::new(Arc::new(writer.file()?), start, marks, GROUP, size);
        let cut = partial::temporary(self.folder, ".avatar.")?;
        let count = self.mouths(&reel, &places, cut.path(), &mut |done| {
            alive((expected + done as u64 / 6).min(total), total)
        })?;
        let (marks, _) = writer.stream(Section::Mouths, &mut reopened(&cut)?, &mut || alive(total, total))?;
        if marks.len() != count {
            return Err(Error::new(Kind::Internal, "mouths that were stored are not those that were seen"));
        }
        writer.marks(Section::MouthMarks, &marks)?;
        let facts = PackFacts {
            width: size.0,
            height: size.1,
            fps,
            frames,
            mouth: mouth_size(&places),
            source,
            part: clip.part,
            warnings: clip.survey.warnings.clone(),
            report: Report::of(&trail, fps.as_f64()),
        };
        let header = serde_json::to_vec(&facts).map_err(|e| Error::new(Kind::Internal, "a header could not be written").because(e))?;
        writer.add(Section::Header, &header)?;
        writer.finish()?;
        Ok(facts)
    }

    /// Follows the face through all frames while they are stored.
    fn follow(
        &self,
        clip: &Clip,
        take: &Take,
        fps: f64,
        recorded: &Path,
        alive: &mut dyn FnMut(usize) -> Result<()>,
    ) -> Result<Vec<Option<super::trail::Sight>>> {
        let (width, height) = (take.size.0 as f32, take.size.1 as f32);
        let widest = clip.survey.seats.iter().map(|s| s[0]).fold(0.0, f32::max).max(1.0);
        let less = (FACE / widest).min(SIDE / width.max(height)).min(1.0);
        let even = |side: f32| ((side * less / 2.0).round() as usize * 2).max(2);
        let small = (even(width), even(height));
        let scale = (width / small.0 as f32, height / small.1 as f32);
        let seats: Vec<[f32; 3]> = clip
            .survey
            .seats
            .iter()
            .map(|[w, x, y]| [w / scale.0, x / scale.0, y / scale.1])
            .collect();
        let search = Search {
            nets: self.nets,
            seats: if clip.survey.others { &seats } else { &[] },
            scale,
            threads: self.threads,
            every: if fps > QUICK { 2 } else { 1 },
        };
        let recording = Recording {
            path: recorded,
            group: GROUP,
            quantiser: quantiser(take.size),
            most: take.most,
        };
        let mut frames = take.record(small, &recording, self.tools)?;
        let mut sights = search.run(&mut frames, alive)?;
        // The last frame may be one that was not looked at, and nothing comes after it.
        if let [.., before, last @ None] = sights.as_mut_slice()
            && search.every > 1
        {
            *last = before.clone();
        }
        Ok(sights)
    }

    /// Stores the mouth of each frame that has a place, of which there is one at least; says how many there are.
    fn mouths(&self, reel: &Reel, places: &[Option<Region>], path: &Path, alive: &mut dyn FnMut(usize) -> Result<()>) -> Result<usize> {
        let Some(around) = places.iter().flatten().copied().reduce(union) else {
            return Ok(0);
        };
        let order: Vec<usize> = (0..places.len()).filter(|&i| places[i].is_some()).collect();
        let count = order.len();
        let recording = Recording {
            path,
            group: 1,
            quantiser: MOUTH,
            most: count,
        };
        let cut = Cut {
            size: reel.size(),
            crop: around,
        };
        let mut frames = reel.play(order, Some(cut), self.tools)?;
        let mut frame = frames.blank();
        let (width, height) = mouth_size(places);
        let mut mouth = Planes::blank(width, height);
        let mut recorder = Recorder::start(&recording, (width, height), self.tools)?;
        for (index, place) in places.iter().enumerate() {
            let Some(place) = place else { continue };
            if !frames.read(&mut frame, &mut || alive(index))? {
                return Err(Error::new(Kind::Internal, "frames that were stored cannot be read again"));
            }
            cut_out(&frame, place.x - around.x, place.y - around.y, &mut mouth);
            recorder.write(&mouth)?;
            alive(index)?;
        }
        recorder.finish(&mut || alive(places.len()))?;
        Ok(count)
    }
}

/// ffmpeg may have put a new file in its place.
pub(super) fn reopened(file: &tempfile::NamedTempFile) -> Result<File> {
    File::open(file.path()).map_err(|e| write_error(e, "a temporary file is gone"))
}

/// The rate at which a clip is stored, never more than 60. Where frames are left out or come as they please, it is a usual rate: that of
/// their grid, if it is one that they could have had, or one near the mean.
fn rate(mean: f64, grid: Option<f64>) -> Fps {
    let near = |rate: f64, far: f64| {
        let off = |f: &Fps| (f.as_f64() / rate - 1.0).abs();
        let nearest = Fps::ALLOWED.into_iter().min_by(|a, b| off(a).total_cmp(&off(b)));
        nearest.filter(|f| off(f) < far)
    };
    let mut mean = mean.clamp(1.0, 1000.0);
    while mean > FASTEST * 1.01 {
        mean /= 2.0;
    }
    let steady = grid.is_some_and(|g| (g / mean - 1.0).abs() < 0.01);
    let grid = grid.filter(|g| (0.6 * g..1.02 * g).contains(&mean)).and_then(|g| near(g, 0.002));
    grid.or_else(|| near(mean, if steady { 0.002 } else { 0.06 })).unwrap_or(Fps {
        num: (mean * 100.0).round() as u32,
        den: 100,
    })
}

/// x264's constant quantiser: what is lost cannot be seen, and the smaller a pixel is shown the less of it.
fn quantiser((width, height): (usize, usize)) -> u8 {
    match width * height {
        0..500_000 => 11,
        500_000..1_500_000 => 14,
        1_500_000..5_000_000 => 16,
        _ => 18,
    }
}

/// Where the lower face lies in each frame: rectangles of one size, the largest that is needed, inside the picture.
fn places(trail: &Trail, (width, height): (usize, usize)) -> Vec<Option<Region>> {
    let head = Head::get();
    let lower: Vec<usize> = (0..head.vertices.len())
        .filter(|&i| head.vertices[i][1] <= head.vertices[NOSE_BASE][1])
        .collect();
    let boxes: Vec<Option<[f32; 4]>> = (0..trail.frames())
        .map(|index| {
            let fit = trail.fit(index)?;
            let cm = fit.scale as f32;
            let [above, beside, below] = ROOM.map(|r| r * cm);
            let mut bounds = [f32::MAX, f32::MAX, f32::MIN, f32::MIN];
            for &i in &lower {
                let [x, y, _] = fit.project(fit.points[i]).map(|v| v as f32);
                bounds = [bounds[0].min(x), bounds[1].min(y), bounds[2].max(x), bounds[3].max(y)];
            }
            let [left, top, right, low] = bounds;
            Some([left - beside, top - above, right + beside, low + below])
        })
        .collect();
    let side = |a: usize, b: usize, most: usize| {
        let largest = boxes.iter().flatten().map(|r| r[b] - r[a]).fold(0.0, f32::max);
        ((largest / 2.0).ceil() as usize * 2).clamp(2, most)
    };
    let (w, h) = (side(0, 2, width), side(1, 3, height));
    let at = |low: f32, high: f32, side: usize, most: usize| {
        let start = ((low + high - side as f32) / 4.0).round() * 2.0;
        (start.max(0.0) as usize).min(most - side)
    };
    boxes
        .iter()
        .map(|r| {
            r.map(|[left, top, right, low]| Region {
                x: at(left, right, w, width),
                y: at(top, low, h, height),
                width: w,
                height: h,
            })
        })
        .collect()
}

/// All places have it.
fn mouth_size(places: &[Option<Region>]) -> (usize, usize) {
    places.iter().flatten().next().map_or((2, 2), |p| (p.width, p.height))
}

fn union(a: Region, b: Region) -> Region {
    let (x, y) = (a.x.min(b.x), a.y.min(b.y));
    Region {
        x,
        y,
        width: (a.x + a.width).max(b.x + b.width) - x,
        height: (a.y + a.height).max(b.y + b.height) - y,
    }
}

/// Copies a part of a frame.
fn cut_out(frame: &Planes, x: usize, y: usize, to: &mut Planes) {
    let (width, sides) = (frame.width, to.width);
    let planes = [(&frame.y, &mut to.y, 1), (&frame.u, &mut to.u, 2), (&frame.v, &mut to.v, 2)];
    for (from, to, part) in planes {
        let rows = from.chunks_exact(width / part).skip(y / part);
        for (row, out) in rows.zip(to.chunks_exact_mut(sides / part)) {
            out.copy_from_slice(&row[x / part..][..sides / part]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_usual_ones() {
        let told = |mean: f64, grid: f64| (rate(mean, Some(grid)).as_f64() * 1000.0).round() / 1000.0;
        assert_eq!(rate(29.97, None), Fps { num: 30_000, den: 1001 });
        assert_eq!((told(25.0, 25.0), told(30.0, 30.0), told(29.98, 29.97)), (25.0, 30.0, 29.97));
        // A camera that leaves frames out in the dark, and one whose times are milliseconds.
        assert_eq!((told(26.8, 30.0), told(28.6, 1000.0), told(21.0, 90_000.0)), (30.0, 29.97, 21.0));
        assert_eq!((told(120.0, 120.0), told(100.0, 100.0), told(90.0, 90.0)), (60.0, 50.0, 45.0));
        assert_eq!((told(12.5, 12.5), told(28.0, 28.0), told(0.1, 0.1)), (12.5, 28.0, 1.0));
    }
}
