//! The face tracked again on drawn frames: the mouth does what was asked for, and nothing else.

#![expect(clippy::print_stdout, reason = "a test tells what it measured")]

mod show_common;

use mouthpiece_render::Show;
use mouthpiece_render::mouth::{MouthTrack, TimedPhoneme};
use mouthpiece_render::scene::{Fit, Placement};
use show_common::{FPS, RATE, Seen, avatar, canvas, correlation, heard, scene, speech, tracked};

/// A portrait 700 pixels high.
fn show(name: &str, track: MouthTrack) -> Show {
    let canvas = canvas(if name == "astronaut.png" { 700 } else { 596 }, 700);
    Show::new(
        &scene(canvas, Placement::filling(canvas, Fit::Contain), Vec::new()),
        avatar(name),
        track,
    )
    .expect("a good scene")
}

fn parts(seen: &[Seen]) -> (Vec<f32>, Vec<f32>) {
    seen.iter().map(|s| (s.gap, s.width)).unzip()
}

/// Opening and width follow what the driver was asked for.
///
/// The goal is 0.9 for both. The opening reaches .97 on one portrait and .90, give or take .003, on the other; the width reached .86 to .90 on
/// either with every change to the driver. The bars are what catches a fault in the drawing.
fn follows(name: &str) {
    let show = show(name, heard(&speech(0.0, 6.0), None));
    let seen = tracked(&show);
    let (gap, width) = parts(&seen);
    let (asked_gap, asked_width): (Vec<f32>, Vec<f32>) = (0..show.frames()).map(|i| show.driver().requested(i)).unzip();
    let (of_gap, of_width) = (correlation(&gap, &asked_gap), correlation(&width, &asked_width));
    let off = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a - b).sum::<f32>() / a.len() as f32;
    println!(
        "{name}: {} frames; gap r {of_gap:.3}, seen less asked {:+.3} cm; width r {of_width:.3}, {:+.3} cm",
        seen.len(),
        off(&gap, &asked_gap),
        off(&width, &asked_width)
    );
    assert!(of_gap >= 0.89, "{name}: the opening follows with {of_gap:.3}");
    assert!(of_width >= 0.83, "{name}: the width follows with {of_width:.3}");
}

#[test]
fn the_astronauts_mouth_follows() {
    follows("astronaut.png");
}

#[test]
fn the_admirals_mouth_follows() {
    follows("grace_hopper.jpg");
}

/// A second and more of nothing between two sentences: lips together, and at rest.
fn rests(name: &str) {
    let mut sound = speech(0.0, 1.6);
    let pause = (sound.len(), sound.len() + RATE * 7 / 4);
    sound.resize(pause.1, 0.0);
    sound.extend(speech(3.0, 1.0));
    let seen = tracked(&show(name, heard(&sound, None)));
    let frame = |sample: usize| FPS.frames(sample as f64 / RATE as f64);
    // What was said needs a moment to end, and what will be said one to begin.
    let still: Vec<f32> = seen[frame(pause.0) + 7..frame(pause.1) - 5].iter().map(|s| s.gap).collect();
    let mean = still.iter().sum::<f32>() / still.len() as f32;
    let (low, high) = still
        .iter()
        .fold((f32::MAX, f32::MIN), |(low, high), g| (low.min(*g), high.max(*g)));
    let spoken = seen[..frame(pause.0)].iter().map(|s| s.gap).fold(0.0, f32::max);
    println!(
        "{name}: {} frames of pause, gap {low:.3} to {high:.3} cm, mean {mean:.3}; in speech up to {spoken:.3}",
        still.len()
    );
    assert!(still.len() >= 25);
    assert!(high < 0.06, "{name}: open by {high:.3} cm in a pause");
    assert!(high - low < 0.04, "{name}: moves by {:.3} cm in a pause", high - low);
    assert!(spoken > 0.3, "{name}: says nothing either");
}

#[test]
fn the_astronaut_rests_in_a_pause() {
    rests("astronaut.png");
}

#[test]
fn the_admiral_rests_in_a_pause() {
    rests("grace_hopper.jpg");
}

/// Something that buzzes all the time.
fn buzz(seconds: f64) -> Vec<f32> {
    let at = |i: usize| {
        let t = i as f64 / RATE as f64;
        let sum: f64 = (1..25)
            .map(|h| (std::f64::consts::TAU * 120.0 * f64::from(h) * t).sin() / f64::from(h))
            .sum();
        (0.2 * sum) as f32
    };
    (0..(seconds * RATE as f64) as usize).map(at).collect()
}

/// Known p, b and m shut the lips, at talking speed and between wide open vowels; `absolute` is what is shut in cm.
fn shuts(name: &str, absolute: f32) {
    let vowels = ["ɑ", "i", "u", "æ", "ə", "ɔ"];
    let mut said = Vec::new();
    let mut clock = 0.15;
    for k in 0..24 {
        for (symbol, length) in [
            (["p", "b", "m"][k % 3], [0.07, 0.06, 0.08][k % 3]),
            (vowels[k % 6], 0.11 + 0.01 * (k % 5) as f64),
        ] {
            said.push(TimedPhoneme {
                symbol: symbol.into(),
                start: clock,
                end: clock + length,
            });
            clock += length;
        }
    }
    let show = show(name, heard(&buzz(clock + 0.2), Some(&said)));
    let seen = tracked(&show);
    let middles: Vec<usize> = said
        .iter()
        .filter(|p| "pbm".contains(&p.symbol))
        .map(|p| (f64::midpoint(p.start, p.end) * FPS.as_f64()) as usize)
        .collect();
    let asked = middles.iter().map(|&i| show.driver().requested(i).0).fold(0.0, f32::max);
    assert!(asked < 0.01, "{name}: {asked} cm is asked for");
    let mut gaps = parts(&seen).0;
    let near: Vec<f32> = middles
        .iter()
        .map(|&i| gaps[i - 1..=i + 1].iter().copied().fold(f32::MAX, f32::min))
        .collect();
    let exact: Vec<f32> = middles.iter().map(|&i| gaps[i]).collect();
    gaps.sort_by(f32::total_cmp);
    let (shut, open) = (gaps[gaps.len() / 50], gaps[gaps.len() - 1]);
    let count = |gaps: &[f32], limit: f32| gaps.iter().filter(|g| **g <= limit).count();
    println!(
        "{name}: of {}, {} within 0.06 cm in their own frame and {} within one frame of it; {} as lipeval.py counts; vowels up to {open:.3} cm",
        near.len(),
        count(&exact, 0.06),
        count(&near, 0.06),
        count(&near, shut + 0.09),
    );
    // As lipeval.py counts: within a hundredth of the eyes' distance of this face's shut lips, within one frame.
    assert!(count(&near, shut + 0.09) * 100 >= near.len() * 95, "{name}: {near:.3?}");
    assert!(count(&exact, absolute) * 100 >= exact.len() * 95, "{name}: {exact:.3?}");
    assert!(open > 0.4, "{name}: the vowels are not open either");
}

#[test]
fn the_astronaut_shuts_for_bilabials() {
    // Half a pixel of this photo is 0.06 cm, and its lips are seen to be shut in the frames that measure more.
    shuts("astronaut.png", 0.1);
}

#[test]
fn the_admiral_shuts_for_bilabials() {
    shuts("grace_hopper.jpg", 0.06);
}
