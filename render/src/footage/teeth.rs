//! The frame of a pack that shows the person's teeth best: where mouths are drawn, they get these.

use super::pack::Pack;
use crate::driver::photo::{Crowns, FrameDriver, Sitting};
use crate::error::Result;
use crate::media::Tools;
use crate::progress::go_on;

/// Frames that are looked at, and how far apart they are at least, seconds.
const LOOKED_AT: usize = 16;
const APART: f64 = 0.12;

/// Of the frames that may show teeth, as far as their faces tell, the one that does so best; `None` where none does. May be called off.
pub fn best(driver: &FrameDriver, pack: &Pack, tools: &Tools) -> Result<Option<Crowns>> {
    let trail = pack.trail();
    let mut promising: Vec<(f32, usize)> = (0..trail.frames())
        .filter(|&i| pack.mouth_place(i).is_some())
        .filter_map(|i| Some((trail.promise_of_teeth(i)?, i)))
        .collect();
    promising.sort_by(|a, b| b.0.total_cmp(&a.0));
    let apart = ((APART * pack.facts.fps.as_f64()) as usize).max(1);
    let mut chosen: Vec<usize> = Vec::with_capacity(LOOKED_AT);
    for (_, index) in promising {
        if chosen.len() < LOOKED_AT && chosen.iter().all(|c| c.abs_diff(index) >= apart) {
            chosen.push(index);
        }
    }
    if chosen.is_empty() {
        return Ok(None);
    }
    chosen.sort_unstable();
    let mut pictures = pack.mouths(chosen.iter().copied(), tools)?;
    let mut picture = pictures.blank();
    let mut best: Option<Crowns> = None;
    for index in chosen {
        let read = pictures.read(&mut picture, &mut || go_on())?;
        let (Some(mut placed), Some(place), true) = (trail.at(index), pack.mouth_place(index), read) else {
            continue;
        };
        for p in placed.landmarks.iter_mut() {
            (p[0], p[1]) = (p[0] - place.x as f32, p[1] - place.y as f32);
        }
        let sitting = Sitting {
            landmarks: &placed.landmarks,
            rest: placed.rest,
            light: placed.light,
            drive: placed.drive,
        };
        let better = |c: &Crowns| best.as_ref().is_none_or(|b| c.merit > b.merit);
        if let Some(crowns) = driver.crowns(&picture, &sitting).filter(better) {
            best = Some(crowns);
        }
    }
    Ok(best)
}
