//! Which frame of the footage lends its mouth at every moment: the cheapest way through the wanted mouth (Viterbi, as in Video Rewrite,
//! Bregler 1997). Costs are those of a mouth that is not the wanted one, of a head that is turned differently, and of joins.

use super::features::Features;

/// One frame of the footage, as a mouth to take.
#[derive(Clone)]
pub struct Unit {
    /// cm on the canonical head.
    pub features: Features,
    /// Turn, nod and tilt of the head, radians.
    pub turn: [f32; 3],
    /// Brightness of the skin, 1 is usual.
    pub light: f32,
    /// Its mouth may be taken.
    pub usable: bool,
    /// The film was cut before this frame.
    pub cut: bool,
}

/// What is wanted at one step.
#[derive(Clone)]
pub struct Wanted {
    /// cm on the canonical head.
    pub features: Features,
    /// Lips must be shut.
    pub shut: bool,
    /// Nobody speaks.
    pub silent: bool,
    /// Of the head that will wear the mouth.
    pub turn: [f32; 3],
    pub light: f32,
}

/// The footage's mouths, ready to be searched.
pub struct Units {
    /// Value by value, each divided by what a step of it costs.
    values: [Vec<f32>; 6],
    turns: [Vec<f32>; 3],
    light: Vec<f32>,
    usable: Vec<bool>,
    /// Lips touch.
    shut: Vec<bool>,
    cut: Vec<bool>,
    /// From cm to steps.
    steps: [f32; 6],
    /// What a step of the footage's rate counts: costs are told for 25 a second.
    pace: f32,
}

/// How much each value counts: gap, width, upper lip, lower lip, chin, thickness of the lower lip.
const WEIGHTS: [f32; 6] = [1.6, 1.2, 0.6, 1.0, 0.6, 0.5];
/// Least deviations of the values in talk, cm: somebody who never moves his corners does not make a hundredth of a centimetre dear.
const LEAST: [f32; 6] = [0.15, 0.12, 0.06, 0.15, 0.15, 0.05];
/// For each squared radian between heads, and beyond the angle from which the perspective of a mouth is seen.
const TURNED: f32 = 8.0;
const FAR: (f32, f32) = (0.14, 60.0);
/// For each squared part of brightness.
const LIT: f32 = 6.0;
/// A join, its difference in values, and the most that they can cost.
const JOIN: f32 = 0.9;
const JUMP: (f32, f32) = (0.35, 6.0);
/// The same frame once more, and the one before: somebody talks backwards.
const STAY: f32 = 0.25;
const BACK: f32 = 0.12;
/// Stays and ways back in silence.
const RESTING: f32 = 0.02;
/// Frames a second for which costs are told.
const USUAL: f64 = 25.0;
/// Units that fit best and are always looked at, and the best ways from which joins are tried.
const FITTING: usize = 56;
const SOURCES: usize = 16;
/// Ways that are kept.
const WAYS: usize = 160;
const BEAM: f32 = 14.0;
/// Steps that are decided together, and how many more are looked at for it.
const BLOCK: usize = 192;
const OVERLAP: usize = 48;

#[derive(Clone, Copy)]
struct Way {
    unit: u32,
    cost: f32,
    /// Place in the list of the step before.
    from: u32,
}

impl Units {
    /// `shut`: gap up to which lips touch, cm. `spread`: deviation of each value in this person's talk, cm.
    pub fn new(units: &[Unit], fps: f64, shut: f32, spread: &Features) -> Self {
        let steps: [f32; 6] = std::array::from_fn(|k| WEIGHTS[k] / spread[k].max(LEAST[k]));
        Self {
            values: std::array::from_fn(|k| units.iter().map(|u| u.features[k] * steps[k]).collect()),
            turns: std::array::from_fn(|k| units.iter().map(|u| u.turn[k]).collect()),
            light: units.iter().map(|u| u.light).collect(),
            usable: units.iter().map(|u| u.usable).collect(),
            shut: units.iter().map(|u| u.features[0] <= shut).collect(),
            cut: units.iter().map(|u| u.cut).collect(),
            steps,
            pace: (USUAL / fps) as f32,
        }
    }

    fn len(&self) -> usize {
        self.light.len()
    }

    /// The unit of each step; nothing if no frame is usable. Decided block by block: memory does not grow with the sound, but for the answer.
    pub fn choose(&self, wanted: impl Iterator<Item = Wanted>) -> Vec<u32> {
        let mut chosen = Vec::new();
        if !self.usable.iter().any(|u| *u) {
            return chosen;
        }
        let closes = (0..self.len()).any(|u| self.usable[u] && self.shut[u]);
        let mut costs = vec![0.0; self.len()];
        let mut order: Vec<u32> = Vec::new();
        let mut lattice: Vec<Vec<Way>> = Vec::new();
        let mut spare: Vec<Vec<Way>> = Vec::new();
        let mut places = vec![u32::MAX; self.len()];
        for want in wanted {
            self.fit(&want, closes, &mut costs);
            let mut ways = spare.pop().unwrap_or_default();
            ways.clear();
            self.step(&want, lattice.last().map(Vec::as_slice), &costs, &mut order, &mut places, &mut ways);
            lattice.push(ways);
            if lattice.len() == BLOCK + OVERLAP {
                self.decide(&mut lattice, BLOCK, &mut chosen, &mut spare);
            }
        }
        let rest = lattice.len();
        if rest > 0 {
            self.decide(&mut lattice, rest, &mut chosen, &mut spare);
        }
        chosen
    }

    /// The cost of each unit for what is wanted; infinite where it cannot serve.
    fn fit(&self, want: &Wanted, closes: bool, costs: &mut [f32]) {
        costs.fill(0.0);
        for ((column, step), want) in self.values.iter().zip(self.steps).zip(want.features) {
            let want = want * step;
            for (c, v) in costs.iter_mut().zip(column) {
                *c += 0.5 * self.pace * (v - want) * (v - want);
            }
        }
        let mut angles = [0.0f32; 256];
        for start in (0..costs.len()).step_by(angles.len()) {
            let end = (start + angles.len()).min(costs.len());
            let angles = &mut angles[..end - start];
            angles.fill(0.0);
            for (column, want) in self.turns.iter().zip(want.turn) {
                for (a, v) in angles.iter_mut().zip(&column[start..end]) {
                    *a += (v - want) * (v - want);
                }
            }
            for ((c, a), l) in costs[start..end].iter_mut().zip(angles).zip(&self.light[start..end]) {
                let beyond = (a.sqrt() - FAR.0).max(0.0);
                *c += self.pace * (TURNED * *a + FAR.1 * beyond * beyond + LIT * (l - want.light) * (l - want.light));
            }
        }
        let must = want.shut && closes;
        for ((c, usable), shut) in costs.iter_mut().zip(&self.usable).zip(&self.shut) {
            if !usable || must && !shut {
                *c = f32::INFINITY;
            }
        }
    }

    /// All ways that are worth to be kept after one more step.
    fn step(&self, want: &Wanted, before: Option<&[Way]>, costs: &[f32], order: &mut Vec<u32>, places: &mut [u32], ways: &mut Vec<Way>) {
        order.clear();
        order.extend((0..costs.len() as u32).filter(|&u| costs[u as usize].is_finite()));
        let by_cost = |a: &u32, b: &u32| costs[*a as usize].total_cmp(&costs[*b as usize]).then(a.cmp(b));
        if order.len() > FITTING {
            order.select_nth_unstable_by(FITTING, by_cost);
            order.truncate(FITTING);
        }
        let Some(before) = before else {
            ways.extend(order.iter().map(|&unit| Way {
                unit,
                cost: costs[unit as usize],
                from: 0,
            }));
            return prune(ways);
        };
        let mut arrive = |unit: u32, cost: f32, from: usize, ways: &mut Vec<Way>| {
            let cost = cost + costs[unit as usize];
            if !cost.is_finite() {
                return;
            }
            let place = places[unit as usize];
            if place == u32::MAX {
                places[unit as usize] = ways.len() as u32;
                ways.push(Way {
                    unit,
                    cost,
                    from: from as u32,
                });
            } else if cost < ways[place as usize].cost {
                ways[place as usize] = Way {
                    unit,
                    cost,
                    from: from as u32,
                };
            }
        };
        // Ways are sorted: the first are the best.
        for &unit in order.iter() {
            let mut best = (f32::INFINITY, 0);
            for (i, way) in before.iter().enumerate().take(SOURCES) {
                let cost = way.cost + self.join(way.unit as usize, unit as usize);
                if cost < best.0 {
                    best = (cost, i);
                }
            }
            arrive(unit, best.0, best.1, ways);
        }
        let (stay, back) = if want.silent { (RESTING, RESTING) } else { (STAY, BACK) };
        let (stay, back) = (stay * self.pace, back * self.pace);
        for (i, way) in before.iter().enumerate() {
            let u = way.unit as usize;
            if u + 1 < self.len() && !self.cut[u + 1] {
                arrive(way.unit + 1, way.cost, i, ways);
            }
            if u > 0 && !self.cut[u] {
                arrive(way.unit - 1, way.cost + back, i, ways);
            }
            arrive(way.unit, way.cost + stay, i, ways);
        }
        for way in ways.iter() {
            places[way.unit as usize] = u32::MAX;
        }
        prune(ways);
    }

    /// What it costs to go on with another take, or another place of it.
    fn join(&self, from: usize, to: usize) -> f32 {
        // What would have come next is what the eye expects.
        let from = if from + 1 < self.len() && !self.cut[from + 1] {
            from + 1
        } else {
            from
        };
        let jump: f32 = self.values.iter().map(|v| (v[to] - v[from]) * (v[to] - v[from])).sum();
        let turn: f32 = self.turns.iter().map(|t| (t[to] - t[from]) * (t[to] - t[from])).sum();
        let light = self.light[to] - self.light[from];
        JOIN + JUMP.0 * jump.min(JUMP.1) + TURNED * turn + LIT * light * light
    }

    /// Commits the first `count` steps of the best way and forgets what does not follow from them.
    fn decide(&self, lattice: &mut Vec<Vec<Way>>, count: usize, chosen: &mut Vec<u32>, spare: &mut Vec<Vec<Way>>) {
        let end = lattice.len();
        let mut at = 0;
        let mut way = Vec::with_capacity(end);
        for ways in lattice.iter().rev() {
            way.push(at);
            at = ways[at].from as usize;
        }
        way.reverse();
        chosen.extend(lattice[..count].iter().zip(&way).map(|(ways, &at)| ways[at].unit));
        // Of what goes on, only what follows from the last decided state.
        let mut moved: Vec<Option<u32>> = vec![None; lattice[count - 1].len()];
        moved[way[count - 1]] = Some(0);
        for ways in &mut lattice[count..] {
            let mut next = vec![None; ways.len()];
            let mut kept = 0;
            let mut i = 0;
            ways.retain_mut(|w| {
                let lives = moved[w.from as usize];
                if let Some(from) = lives {
                    w.from = from;
                    next[i] = Some(kept);
                    kept += 1;
                }
                i += 1;
                lives.is_some()
            });
            moved = next;
        }
        spare.extend(lattice.drain(..count));
    }
}

/// Sorts ways and keeps the best.
fn prune(ways: &mut Vec<Way>) {
    ways.sort_unstable_by(|a, b| a.cost.total_cmp(&b.cost).then(a.unit.cmp(&b.unit)));
    ways.truncate(WAYS);
    let Some(best) = ways.first().map(|w| w.cost) else { return };
    ways.retain(|w| w.cost <= best + BEAM);
    // Costs stay small however long the sound is.
    for w in ways.iter_mut() {
        w.cost -= best;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPREAD: Features = [0.45, 0.2, 0.15, 0.3, 0.25, 0.06];

    /// Talk in takes of ten seconds, every take another.
    fn footage(frames: usize) -> Vec<Unit> {
        (0..frames)
            .map(|i| {
                let (take, t) = ((i / 250) as f32, (i % 250) as f32 / 25.0);
                let gap = (0.6 * (9.0 * t + take).sin() + 0.5 * (3.1 * t + 2.0 * take).sin()).max(0.0);
                Unit {
                    features: [gap, 4.8 + 0.2 * (2.2 * t + take).cos(), -4.0, -4.0 - gap, -9.4 - 0.5 * gap, 1.1],
                    turn: [0.05 * (0.7 * t + take).sin(), 0.0, 0.0],
                    light: 1.0,
                    usable: i % 250 > 3,
                    cut: i % 250 == 0,
                }
            })
            .collect()
    }

    fn wanted(unit: &Unit) -> Wanted {
        Wanted {
            features: unit.features,
            shut: false,
            silent: false,
            turn: unit.turn,
            light: unit.light,
        }
    }

    #[test]
    fn what_was_filmed_is_found_whole() {
        let units = footage(1500);
        let library = Units::new(&units, 25.0, 0.05, &SPREAD);
        let chosen = library.choose(units[600..740].iter().map(wanted));
        assert_eq!(chosen, (600..740).collect::<Vec<u32>>());
    }

    #[test]
    fn shut_lips_are_shut_and_frames_of_no_use_are_not_taken() {
        let units = footage(1500);
        let library = Units::new(&units, 25.0, 0.05, &SPREAD);
        let talk = |i: usize| Wanted {
            features: [0.8 + 0.4 * (i as f32 * 0.9).sin(), 4.8, -4.0, -4.8, -9.8, 1.1],
            shut: i % 17 < 2,
            ..wanted(&units[10])
        };
        let chosen = library.choose((0..3000).map(talk));
        assert_eq!(chosen.len(), 3000);
        for (i, &u) in chosen.iter().enumerate() {
            let unit = &units[u as usize];
            assert!(unit.usable && (i % 17 >= 2 || unit.features[0] <= 0.05), "step {i} takes {u}");
        }
    }

    /// Blocks that are decided on their own lose next to nothing.
    #[test]
    fn a_long_sound_is_as_well_served_as_its_parts() {
        let units = footage(1000);
        let library = Units::new(&units, 25.0, 0.05, &SPREAD);
        let talk = |i: usize| Wanted {
            features: [
                (0.7 + 0.6 * (i as f32 * 0.31).sin()).max(0.0),
                4.8 + 0.2 * (i as f32 * 0.07).sin(),
                -4.0,
                -4.7,
                -9.7,
                1.1,
            ],
            ..wanted(&units[10])
        };
        let cost = |chosen: &[u32], start: usize| {
            let mut costs = vec![0.0; units.len()];
            let mut total = 0.0;
            for (i, &u) in chosen.iter().enumerate() {
                library.fit(&talk(start + i), true, &mut costs);
                total += costs[u as usize];
                if i > 0 {
                    let before = chosen[i - 1] as usize;
                    total += match u as usize {
                        u if u == before + 1 => 0.0,
                        u if u == before => STAY,
                        u if u + 1 == before => BACK,
                        u => library.join(before, u),
                    };
                }
            }
            total
        };
        let whole = library.choose((0..1200).map(talk));
        let part = library.choose((500..700).map(talk));
        let (long, short) = (cost(&whole[500..700], 500), cost(&part, 500));
        assert!(long < 1.1 * short + 2.0, "{long} against {short}");
    }

    #[test]
    fn where_nothing_can_be_taken_nothing_is() {
        let mut units = footage(20);
        units.iter_mut().for_each(|u| u.usable = false);
        assert!(
            Units::new(&units, 25.0, 0.05, &SPREAD)
                .choose(footage(5).iter().map(wanted))
                .is_empty()
        );
        // Lips that never shut are taken as they are.
        let units = footage(200);
        let shut = Wanted {
            shut: true,
            ..wanted(&units[9])
        };
        assert_eq!(
            Units::new(&units, 25.0, -1.0, &SPREAD).choose(std::iter::repeat_n(shut, 4)).len(),
            4
        );
    }
}
