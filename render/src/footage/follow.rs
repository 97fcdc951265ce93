//! Following the face through all frames of a video, several stretches at once.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use super::trail::{Sight, State, small};
use crate::driver::photo::{skin_level, tones};
use crate::error::{Error, Kind, Result};
use crate::face::track::Tracker;
use crate::face::{Face, FaceNets, Landmarks, mouth_is_free, obstacle};
use crate::media::Planes;
use crate::media::frames::Frames;
use crate::progress::wait;

/// Bytes and frames of a stretch: each begins with a fresh search, so that threads need not wait for each other, and what is found
/// does not depend on how many there are.
const BYTES: usize = 24 << 20;
const MOST: usize = 16;
/// Frames in which nobody is looked for after one that showed nobody.
const BLIND: usize = 2;
/// Every so many frames somebody looks whether the mouth is covered.
const GLANCE: usize = 4;

/// What all threads know.
pub struct Search<'a> {
    pub nets: &'a FaceNets,
    /// Where the face was seen (width, middle), in pixels of the frames, if it must be told from others.
    pub seats: &'a [[f32; 3]],
    /// Pixels of the video per pixel of the frames.
    pub scale: (f32, f32),
    pub threads: usize,
    /// Only each so manieth frame is looked at; what is between is for whoever smooths.
    pub every: usize,
}

type Stretch = Vec<Planes>;
type Found = Result<(Vec<Option<Sight>>, Stretch)>;

struct Lane {
    give: SyncSender<Stretch>,
    found: Receiver<Found>,
}

impl Search<'_> {
    /// Reads all frames; `alive` is told how many were read.
    pub fn run(&self, frames: &mut Frames, alive: &mut dyn FnMut(usize) -> Result<()>) -> Result<Vec<Option<Sight>>> {
        let stop = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let lanes: Vec<Lane> = (0..self.threads.max(1))
                .map(|k| {
                    let (give, stretches) = sync_channel::<Stretch>(1);
                    let (tell, found) = sync_channel(1);
                    let stop = &stop;
                    std::thread::Builder::new()
                        .name(format!("follow-{k}"))
                        .spawn_scoped(scope, move || {
                            for stretch in stretches {
                                if tell.send(self.stretch(stretch, stop)).is_err() {
                                    return;
                                }
                            }
                        })
                        .map_err(|e| Error::new(Kind::Internal, "a tracking thread could not be started").because(e))?;
                    Ok(Lane { give, found })
                })
                .collect::<Result<_>>()?;
            let result = self.feed(&lanes, frames, alive);
            stop.store(true, Ordering::Relaxed);
            result
        })
    }

    fn feed(&self, lanes: &[Lane], frames: &mut Frames, alive: &mut dyn FnMut(usize) -> Result<()>) -> Result<Vec<Option<Sight>>> {
        let mut sights = Vec::new();
        let mut spare: Stretch = Vec::new();
        let mut read = 0;
        let (mut given, mut taken) = (0, 0);
        let mut more = true;
        while more || taken < given {
            if taken < given && (!more || given - taken == lanes.len()) {
                let (found, used) = wait(&lanes[taken % lanes.len()].found, &mut || alive(read))??;
                sights.extend(found);
                spare.extend(used);
                taken += 1;
            }
            if !more {
                continue;
            }
            let mut stretch = Stretch::new();
            loop {
                let mut planes = spare.pop().unwrap_or_else(|| frames.blank());
                let length = (BYTES / planes.y.len().max(1)).clamp(1, MOST);
                if !frames.read(&mut planes, &mut || alive(read))? {
                    more = false;
                    break;
                }
                read += 1;
                alive(read)?;
                stretch.push(planes);
                if stretch.len() == length {
                    break;
                }
            }
            if !stretch.is_empty() {
                let lost = |_| Error::new(Kind::Internal, "a tracking thread ended early");
                lanes[given % lanes.len()].give.send(stretch).map_err(lost)?;
                given += 1;
            }
        }
        Ok(sights)
    }

    fn stretch(&self, stretch: Stretch, stop: &AtomicBool) -> Found {
        let mut tracker = Tracker::near(self.nets, self.seats);
        let mut blind = 0;
        // Since when nobody has looked whether something is in front of the mouth, and what was seen then.
        let (mut unlooked, mut free) = (GLANCE, true);
        let mut sights = Vec::with_capacity(stretch.len());
        for (i, planes) in stretch.iter().enumerate() {
            if stop.load(Ordering::Relaxed) || !i.is_multiple_of(self.every) {
                sights.push(None);
                continue;
            }
            if blind > 0 {
                blind -= 1;
                sights.push(None);
                continue;
            }
            let picture = planes.to_picture();
            sights.push(tracker.next(&picture)?.map(|(landmarks, score)| {
                let face = Face::plain(landmarks, score);
                let skin = skin_level(&picture, &face.landmarks, face.fit.scale as f32);
                let inside = tones(&picture, &face.landmarks);
                unlooked += 1;
                if unlooked > GLANCE {
                    (unlooked, free) = (1, mouth_is_free(&picture, &face));
                }
                let state = match obstacle(&picture, &face) {
                    Some(Kind::FaceTurned) => State::Turned,
                    Some(_) => State::Outside,
                    None if free => State::Free,
                    None => State::Covered,
                };
                Sight::new(&self.in_video(&face.landmarks), skin, inside, state, small(planes))
            }));
            if sights.last().is_some_and(Option::is_none) {
                blind = BLIND;
            }
        }
        Ok((sights, stretch))
    }

    /// Half a pixel further right and down than the nets' answer, as for photos (see `show::scaled`).
    fn in_video(&self, landmarks: &Landmarks) -> Landmarks {
        let (x, y) = self.scale;
        landmarks.map(|p| [(p[0] + 0.5) * x, (p[1] + 0.5) * y, p[2] * (x + y) / 2.0])
    }
}
