//! From posteriors and lips at 100 Hz to one shape a frame.

use crate::mouth::MouthShape;
use crate::mouth::events::{Event, Kind};
use crate::mouth::mel::percentile;
use crate::mouth::nets::{CH, DD, FF, Lips, NN, O, PP, Posteriors, SIL, TH, U};
use crate::mouth::smooth::{self, gaussian, step};
use crate::mouth::voice::Voice;
use crate::scene::Fps;

/// Deviations of the low-pass, in 10 ms frames: about 8 Hz for jaw and lips, quicker for what must be seen at all.
const SLOW: f32 = 1.8;
const QUICK: f32 = 1.0;
/// Regression shrinks what it predicts: openings are brought back so that, tracked again on the rendered
/// face, they spread as real ones do (the tracker sees a fifth less than was drawn), but
/// within these limits, so that a quiet talker stays a quiet talker.
const USUAL_GAP: f32 = 1.45;
const RESTORE: (f32, f32) = (1.0, 1.5);
/// Real lips seldom open further, in cm: beyond this it saturates.
const WIDE_GAP: f32 = 1.8;
/// Loud speech opens the mouth further than the nets, taught by one even talker, let it: the opening grows by this part for each
/// unit of strength (22 dB) above the middle of speech, within limits.
pub struct Effort {
    part: f32,
    range: (f32, f32),
}

impl Effort {
    pub const HEARD: Self = Self {
        part: 0.4,
        range: (0.6, 1.1),
    };
    /// Where phonemes are known, their table opens vowels evenly; loudness gives them back their differences.
    pub const KNOWN: Self = Self {
        part: 0.8,
        range: (0.2, 1.1),
    };
}

const MIDDLE_LEVEL: f32 = -0.3;
/// Deviation of the level's low-pass, in 10 ms frames: quicker, and the jaw trembles.
const BREATH: f32 = 3.5;
/// Opening under the teeth in f and v, and in full rounding, in cm.
const TUCKED_GAP: f32 = 0.18;
/// How far rounded lips come in, in cm; a viseme of its own (oo) would be -1.0, running speech reaches most of it.
const ROUND: f32 = -0.75;

/// The mouth as it would move without the certain moments: 100 Hz, smooth.
pub struct Fluent {
    gap: Vec<f32>,
    width: Vec<f32>,
    upper: Vec<f32>,
    chin: Vec<f32>,
    closure: Vec<f32>,
    tuck: Vec<f32>,
    tongue: Vec<f32>,
    pucker: Vec<f32>,
}

impl Fluent {
    pub fn new(posteriors: &[Posteriors], lips: &[Lips], voice: &Voice, effort: &Effort) -> Self {
        let lip = |value: usize| gaussian(&lips.iter().map(|l| l[value]).collect::<Vec<_>>(), SLOW);
        let weigh =
            |deviation: f32, weight: &dyn Fn(&Posteriors) -> f32| gaussian(&posteriors.iter().map(weight).collect::<Vec<_>>(), deviation);
        let mut gap = lip(0);
        for (g, l) in gap.iter_mut().zip(gaussian(voice.strength(), BREATH)) {
            *g *= (1.0 + effort.part * (l - MIDDLE_LEVEL)).clamp(effort.range.0, effort.range.1);
        }
        let mut open: Vec<f32> = gap.iter().enumerate().filter(|(t, _)| voice.is_on(*t)).map(|(_, g)| *g).collect();
        let usual = percentile(&mut open, 0.95);
        let restore = (USUAL_GAP / usual.max(0.1)).clamp(RESTORE.0, RESTORE.1);
        let pause = weigh(SLOW, &|p| (2.0 * (p[SIL] - 0.5)).clamp(0.0, 1.0));
        for (g, pause) in gap.iter_mut().zip(&pause) {
            *g = saturate((*g * restore).max(0.0)) * (1.0 - pause);
        }
        let mut width = lip(1);
        let pucker = weigh(SLOW, &|p| (1.15 * p[U] + 0.5 * p[O] + 0.4 * p[CH]).min(1.0));
        for (w, round) in width.iter_mut().zip(&pucker) {
            *w = restored_width(*w, restore, *round);
        }
        Self {
            gap,
            width,
            upper: lip(2).into_iter().map(|v| v * restore).collect(),
            chin: lip(4).into_iter().map(|v| -v * restore).collect(),
            closure: weigh(QUICK, &|p| step(0.2, 0.6, p[PP])),
            tuck: weigh(QUICK, &|p| step(0.15, 0.6, p[FF])),
            tongue: weigh(QUICK, &|p| (p[TH] + 0.5 * (p[NN] + p[DD])).min(1.0)),
            pucker,
        }
    }

    fn at(&self, seconds: f64) -> MouthShape {
        MouthShape {
            gap: smooth::at(&self.gap, seconds),
            width: smooth::at(&self.width, seconds),
            upper: smooth::at(&self.upper, seconds),
            chin: smooth::at(&self.chin, seconds),
            closure: smooth::at(&self.closure, seconds),
            tuck: smooth::at(&self.tuck, seconds),
            tongue: smooth::at(&self.tongue, seconds),
            pucker: smooth::at(&self.pucker, seconds),
        }
    }
}

/// Up to 1.25 cm as it is, then gently towards the widest that speech opens.
fn saturate(gap: f32) -> f32 {
    const KNEE: f32 = 1.25;
    let room = WIDE_GAP - KNEE;
    if gap <= KNEE {
        gap
    } else {
        KNEE + room * (1.0 - (-(gap - KNEE) / room).exp())
    }
}

/// Rounding pulls the corners in, if the talker's lips as predicted do not already come in so far.
fn restored_width(width: f32, restore: f32, round: f32) -> f32 {
    let own = width * restore;
    own + (ROUND - own).min(0.0) * 0.6 * round
}

/// A shape for every frame; nothing moves where nobody speaks.
pub fn frames(fluent: &Fluent, events: &[Event], voice: &Voice, count: usize, fps: Fps) -> Vec<MouthShape> {
    let mut moments = vec![(0.0f32, 0.0f32); count];
    for event in events {
        pin(event, &mut moments, fps);
    }
    moments
        .into_iter()
        .enumerate()
        .map(|(i, (shut, tuck))| {
            let time = fps.middle(i);
            gated(pressed(fluent.at(time), shut, tuck), voice.gate_at(time))
        })
        .collect()
}

/// Writes an event's weight into the frames it touches. The frame nearest its middle has all of it, however short the event.
fn pin(event: &Event, moments: &mut [(f32, f32)], fps: Fps) {
    let rate = fps.as_f64();
    let first = ((event.start * rate) as isize - rate as isize / 8 - 2).max(0) as usize;
    let nearest = (event.middle() * rate - 0.5).round().max(0.0) as usize;
    for (i, (shut, tuck)) in moments.iter_mut().enumerate().skip(first) {
        let time = fps.middle(i);
        if i > nearest && !event.near(time) {
            break;
        }
        let weight = if i == nearest { 1.0 } else { event.weight(time) };
        let slot = if event.kind == Kind::Shut { shut } else { tuck };
        *slot = slot.max(weight);
    }
}

/// Lips shut or tucked on top of what they were doing; the jaw goes on below.
fn pressed(mut s: MouthShape, shut: f32, tuck: f32) -> MouthShape {
    s.tuck = s.tuck.max(tuck) * (1.0 - shut);
    s.closure = s.closure.max(shut);
    s.gap += (s.gap.min(TUCKED_GAP) - s.gap) * s.tuck;
    s.gap *= 1.0 - s.closure;
    s.upper *= 1.0 - s.closure;
    s.tongue *= 1.0 - s.closure;
    s
}

fn gated(s: MouthShape, gate: f32) -> MouthShape {
    MouthShape {
        gap: s.gap * gate,
        width: s.width * gate,
        upper: s.upper * gate,
        chin: s.chin * gate,
        closure: s.closure * gate,
        tuck: s.tuck * gate,
        tongue: s.tongue * gate,
        pucker: s.pucker * gate,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shortest_event_still_shuts_one_frame() {
        let event = Event {
            kind: Kind::Shut,
            start: 0.501,
            end: 0.509,
        };
        for rate in [24, 25, 30, 50, 60] {
            let fps = Fps { num: rate, den: 1 };
            let mut moments = vec![(0.0, 0.0); 2 * rate as usize];
            pin(&event, &mut moments, fps);
            assert!(moments.iter().any(|(shut, _)| *shut == 1.0), "open at {rate} fps");
            assert!(moments.iter().all(|(_, tuck)| *tuck == 0.0));
        }
    }

    #[test]
    fn wide_mouths_saturate_and_small_ones_stay() {
        assert_eq!(saturate(0.7), 0.7);
        assert!(saturate(1.5) > 1.2 && saturate(9.0) <= WIDE_GAP);
    }

    #[test]
    fn shut_lips_have_no_gap_and_tucked_ones_little() {
        let open = MouthShape {
            gap: 1.2,
            ..MouthShape::default()
        };
        assert_eq!(pressed(open, 1.0, 1.0).gap, 0.0);
        assert!(pressed(open, 0.0, 1.0).gap <= 0.25);
    }
}
