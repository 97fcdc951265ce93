//! Tests of the bed.

use super::*;

/// A head that nods slowly and turns a little, filmed in takes of these lengths.
fn footage(takes: &[usize]) -> Vec<Moment> {
    let mut moments = Vec::new();
    for (take, &length) in takes.iter().enumerate() {
        for i in 0..length {
            let t = i as f32 / 25.0 + take as f32 * 0.7;
            let places = std::array::from_fn(|k| 0.5 * (0.9 * t + k as f32 * 0.1).sin() + 0.2 * (2.3 * t).sin());
            moments.push(Moment {
                signs: signs(places, [0.9, 0.9], [3.0, 3.0], 1.0),
                small: Vec::new(),
                usable: true,
                restless: if i % 200 < 100 { 1.0 } else { 0.0 },
                cut: i == 0 && take > 0,
            });
        }
    }
    moments
}

/// How far the picture jumps into each step, in steps that are just seen.
fn jumps(moments: &[Moment], shown: &[Shown]) -> Vec<f32> {
    let place = |s: &Shown| -> [f32; SIGNS] {
        let (with, weight) = s.with.unwrap_or((s.frame, 0.0));
        std::array::from_fn(|k| moments[s.frame].signs[k] * (1.0 - weight) + moments[with].signs[k] * weight)
    };
    let pairs = shown.array_windows::<2>().map(|[a, b]| {
        let (a, b) = (place(a), place(b));
        sum((0..SIGNS).map(|k| a[k] - b[k])).sqrt()
    });
    pairs.collect()
}

#[test]
fn ten_minutes_of_sound_over_half_a_minute_never_jump() {
    let moments = footage(&[400, 250, 100]);
    let filmed = (1..750)
        .filter(|&i| !moments[i].cut)
        .map(|i| sum((0..SIGNS).map(|k| moments[i].signs[k] - moments[i - 1].signs[k])).sqrt());
    let most = filmed.fold(0.0, f32::max);
    for steps in [250, 1500, 15_000] {
        let shown = plan(&moments, &vec![1.0; steps], 25.0, 3);
        assert_eq!(shown.len(), steps);
        let worst = jumps(&moments, &shown).into_iter().fold(0.0, f32::max);
        assert!(worst < 1.5 * most, "{worst} in {steps} steps; filmed {most}");
    }
    let shown = plan(&moments, &vec![1.0; 15_000], 25.0, 3);
    let seen = (0..750).filter(|f| shown.iter().any(|s| s.frame == *f)).count();
    assert!(seen > 600, "only {seen} of 750 frames are ever shown");
}

#[test]
fn a_sound_that_is_shorter_is_played_through() {
    let shown = plan(&footage(&[400]), &vec![1.0; 300], 25.0, 3);
    assert!(shown.array_windows::<2>().all(|[a, b]| b.frame == a.frame + 1 && b.with.is_none()));
}

#[test]
fn the_same_seed_plays_the_same() {
    let moments = footage(&[300, 200]);
    let play = |seed| plan(&moments, &vec![1.0; 3000], 25.0, seed);
    assert_eq!(play(5), play(5));
    assert_ne!(play(5), play(6));
}

#[test]
fn frames_of_no_use_are_passed_by_and_silence_is_still() {
    let mut moments = footage(&[700]);
    for m in &mut moments[330..420] {
        m.usable = false;
    }
    let mut voice = vec![1.0; 3000];
    voice[1000..2000].fill(0.0);
    let shown = plan(&moments, &voice, 25.0, 1);
    let lost = (0..3000).filter(|&s| voice[s] > 0.0 && !moments[shown[s].frame].usable).count();
    assert!(lost < 20, "{lost} frames of speech are lost");
    let chewing = |range: std::ops::Range<usize>| range.map(|s| moments[shown[s].frame].restless).sum::<f32>() / 1000.0;
    assert!(
        chewing(1000..2000) < 0.8 * chewing(2000..3000),
        "{} {}",
        chewing(1000..2000),
        chewing(2000..3000)
    );
}

#[test]
fn play_never_begins_where_nothing_is_of_use() {
    for useless in [0..25, 25..50] {
        let mut moments = footage(&[50]);
        // A quick pan.
        for (i, m) in moments.iter_mut().enumerate() {
            m.signs[0] += 10.0 * i as f32;
        }
        for m in &mut moments[useless] {
            m.usable = false;
        }
        let shown = plan(&moments, &[1.0; 90], 25.0, 1);
        assert!(shown.iter().all(|s| moments[s.frame].usable), "{:?}", shown[0]);
    }
}

#[test]
fn the_smallest_films_are_played() {
    for takes in [&[1][..], &[2], &[1, 1, 1], &[3, 40]] {
        let shown = plan(&footage(takes), &[1.0; 200], 25.0, 1);
        assert_eq!(shown.len(), 200, "{takes:?}");
    }
    assert!(plan(&[], &[1.0; 5], 25.0, 1).is_empty());
}
