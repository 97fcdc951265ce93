//! Where a film was cut.

use super::sight::Sight;

/// A cut moves the head further than this, cm, or changes the picture by more, levels, and so many times more than the frames beside it do.
const HOP: f64 = 0.12;
const CHANGE: f64 = 3.0;
const ALONE: f64 = 3.0;

/// Where the film was cut: somebody else's place, or a jump of head or picture out of all proportion to the frames beside it.
pub fn cuts(sights: &[Option<Sight>]) -> Vec<bool> {
    let pair = |i: usize| Some((sights.get(i.checked_sub(1)?)?.as_ref()?, sights.get(i)?.as_ref()?));
    let moved = |i: usize| {
        pair(i).map(|(a, b)| {
            (0..3)
                .map(|k| (b.pose[10 + k] - a.pose[10 + k]).powi(2))
                .take(2)
                .sum::<f64>()
                .sqrt()
                / b.pose[0]
        })
    };
    let changed = |i: usize| {
        pair(i).map(|(a, b)| {
            let sum: u32 = a.small.iter().zip(b.small.iter()).map(|(a, b)| u32::from(a.abs_diff(*b))).sum();
            f64::from(sum) / a.small.len() as f64
        })
    };
    let alone = |measure: &dyn Fn(usize) -> Option<f64>, i: usize, least: f64| {
        let beside = [i.checked_sub(1), Some(i + 1)]
            .into_iter()
            .flatten()
            .filter_map(measure)
            .fold(0.0, f64::max);
        measure(i).is_some_and(|m| m > least + ALONE * beside)
    };
    (0..sights.len())
        .map(|i| pair(i).is_some_and(|(a, b)| a.leaps_to(b)) || alone(&moved, i, HOP) || alone(&changed, i, CHANGE))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::face::head::Head;
    use crate::footage::trail::{SMALL, State};

    /// A head at `x` cm, in a picture of one grey.
    fn sight(x: f32, grey: u8) -> Option<Sight> {
        let mut landmarks = [[0.0; 3]; 478];
        for (to, v) in landmarks.iter_mut().zip(&Head::get().vertices) {
            let [px, py, pz] = v.map(|v| v as f32);
            *to = [20.0 * (px + x) + 300.0, 200.0 - 20.0 * py, -20.0 * pz];
        }
        Some(Sight::new(
            &landmarks,
            120.0,
            None,
            State::Free,
            Box::new([grey; SMALL.0 * SMALL.1]),
        ))
    }

    fn found(sights: &[Option<Sight>]) -> Vec<usize> {
        cuts(sights)
            .into_iter()
            .enumerate()
            .filter_map(|(i, cut)| cut.then_some(i))
            .collect()
    }

    #[test]
    fn jumps_of_head_or_picture_are_cuts_and_motion_is_not() {
        let mut sights: Vec<Option<Sight>> = (0..60).map(|i| sight((i as f32 * 0.4).sin(), 100)).collect();
        assert!(found(&sights).is_empty(), "{:?}", found(&sights));
        // The head is a little elsewhere, and later the room is another.
        for (i, s) in sights.iter_mut().enumerate().skip(20) {
            *s = sight(1.5 + 0.02 * i as f32, if i < 40 { 100 } else { 112 });
        }
        assert_eq!(found(&sights), [20, 40]);
        // A flash is none.
        sights[50] = sight(2.5, 200);
        assert_eq!(found(&sights), [20, 40]);
    }
}
