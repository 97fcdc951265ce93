//! The medians of what was run, as JSON and as tables.

use std::fmt::Write;

use serde::Serialize;
use serde_json::Value;

use super::{Run, Way};
use crate::cli::usage::readable;

/// Ways beside each other at one size.
#[derive(Serialize)]
pub struct Comparison {
    width: u32,
    height: u32,
    rows: Vec<Row>,
}

/// Medians over the rounds.
#[derive(Serialize)]
struct Row {
    way: Way,
    #[serde(flatten)]
    middle: Middle,
    /// The first row's time over this one's: below 1 the first is faster.
    ours_to_this: Ratio,
    /// By stage; ours only.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    stages: Vec<StageTime>,
}

#[derive(Clone, Copy, Serialize)]
struct Middle {
    wall_seconds: f64,
    cpu_seconds: f64,
    /// Of all programs at one time.
    peak_bytes: u64,
    video_bytes: u64,
}

#[derive(Serialize)]
struct StageTime {
    name: String,
    wall_seconds: f64,
    cpu_seconds: f64,
}

#[derive(Serialize)]
struct Ratio {
    wall: f64,
    cpu: f64,
}

impl Comparison {
    pub(super) fn of((width, height): (u32, u32), ways: &[Way], runs: &[(Way, Run)]) -> Self {
        let mut rows: Vec<Row> = ways.iter().map(|&way| row(way, runs)).collect();
        let first = rows.first().map(|row| row.middle);
        for row in &mut rows {
            if let Some(first) = first {
                row.ours_to_this = Ratio {
                    wall: first.wall_seconds / row.middle.wall_seconds,
                    cpu: first.cpu_seconds / row.middle.cpu_seconds,
                };
            }
        }
        Self { width, height, rows }
    }

    pub(super) fn text(&self, seconds: f64, rounds: u16) -> String {
        let Self { width, height, rows } = self;
        let mut text = format!("{width}x{height}, {seconds} s of speech at 25 frames a second, median of {rounds}\n");
        heads(&mut text, &["video", "first/this wall", "CPU"]);
        for row in rows {
            row.middle.write(&mut text, row.way.name(), seconds);
            let Ratio { wall, cpu } = row.ours_to_this;
            let _ = write!(text, "{:>15}{wall:>17.2}{cpu:>10.2}", readable(row.middle.video_bytes));
            for stage in &row.stages {
                let _ = write!(
                    text,
                    "\n  {:<27}{:>10.2}{:>25.2}",
                    stage.name, stage.wall_seconds, stage.cpu_seconds
                );
            }
        }
        text.push('\n');
        text
    }
}

/// How one way's cost grows with the length.
#[derive(Serialize)]
pub struct Growth {
    way: Way,
    width: u32,
    height: u32,
    rows: Vec<Length>,
}

#[derive(Serialize)]
struct Length {
    seconds: f64,
    #[serde(flatten)]
    middle: Middle,
}

impl Growth {
    pub(super) fn of(way: Way, (width, height): (u32, u32), lengths: &[f64], runs: &[(f64, Run)]) -> Self {
        let row = |&seconds: &f64| Length {
            seconds,
            middle: Middle::of(&picked(runs, &seconds)),
        };
        let rows = lengths.iter().map(row).collect();
        Self { way, width, height, rows }
    }

    pub(super) fn text(&self) -> String {
        let Self { way, width, height, rows } = self;
        let mut text = format!("{} at {width}x{height}, by the length of the speech\n", way.name());
        heads(&mut text, &["CPU s per s", "video"]);
        for Length { seconds, middle } in rows {
            middle.write(&mut text, &format!("{seconds} s"), *seconds);
            let _ = write!(text, "{:>15.3}{:>17}", middle.cpu_seconds / seconds, readable(middle.video_bytes));
        }
        text.push('\n');
        text
    }
}

/// Renders side by side.
#[derive(Serialize)]
pub struct Side {
    way: Way,
    width: u32,
    height: u32,
    /// Of each video.
    seconds: f64,
    rows: Vec<Jobs>,
}

#[derive(Serialize)]
struct Jobs {
    jobs: u16,
    #[serde(flatten)]
    middle: Middle,
}

impl Side {
    pub(super) fn of(way: Way, (width, height): (u32, u32), seconds: f64, jobs: &[u16], runs: &[(u16, Run)]) -> Self {
        let row = |&jobs: &u16| Jobs {
            jobs,
            middle: Middle::of(&picked(runs, &jobs)),
        };
        let rows = jobs.iter().map(row).collect();
        Self {
            way,
            width,
            height,
            seconds,
            rows,
        }
    }

    pub(super) fn text(&self) -> String {
        let Self {
            way,
            width,
            height,
            seconds,
            rows,
        } = self;
        let mut text = format!("{} at {width}x{height}, {seconds} s each, side by side\n", way.name());
        heads(&mut text, &["CPU s per s"]);
        for Jobs { jobs, middle } in rows {
            let made = seconds * f64::from(*jobs);
            let name = if *jobs == 1 { "1 job".to_owned() } else { format!("{jobs} jobs") };
            middle.write(&mut text, &name, made);
            let _ = write!(text, "{:>15.3}", middle.cpu_seconds / made);
        }
        text.push('\n');
        text
    }
}

fn heads(text: &mut String, more: &[&str]) {
    let _ = write!(
        text,
        "{:<29}{:>10}{:>15}{:>10}{:>15}",
        "", "wall s", "x real time", "CPU s", "peak memory"
    );
    for (head, width) in more.iter().zip([15, 17, 10]) {
        let _ = write!(text, "{head:>width$}");
    }
}

impl Middle {
    fn of(runs: &[&Run]) -> Self {
        let middle = |value: &dyn Fn(&Run) -> f64| median(runs.iter().map(|run| value(run)).collect());
        Self {
            wall_seconds: middle(&|r| r.cost.wall.as_secs_f64()),
            cpu_seconds: middle(&|r| r.cost.cpu.as_secs_f64()),
            peak_bytes: middle(&|r| r.peak_bytes as f64) as u64,
            video_bytes: middle(&|r| r.size as f64) as u64,
        }
    }

    /// The first columns of a row, for so many seconds of video.
    fn write(&self, text: &mut String, name: &str, seconds: f64) {
        let _ = write!(
            text,
            "\n{name:<29}{:>10.2}{:>15.2}{:>10.2}{:>15}",
            self.wall_seconds,
            seconds / self.wall_seconds,
            self.cpu_seconds,
            readable(self.peak_bytes),
        );
    }
}

fn picked<'a, K: PartialEq>(runs: &'a [(K, Run)], key: &K) -> Vec<&'a Run> {
    runs.iter().filter(|(k, _)| k == key).map(|(_, run)| run).collect()
}

fn row(way: Way, runs: &[(Way, Run)]) -> Row {
    let runs = picked(runs, &way);
    Row {
        way,
        middle: Middle::of(&runs),
        ours_to_this: Ratio { wall: 1.0, cpu: 1.0 },
        stages: stages(&runs),
    }
}

fn stages(runs: &[&Run]) -> Vec<StageTime> {
    let told: Vec<&Value> = runs.iter().filter_map(|r| r.told.as_ref()).collect();
    let Some(first) = told.first().and_then(|t| t["stages"].as_object()) else {
        return Vec::new();
    };
    let middle = |of: &str, name: &str| {
        let seconds = told.iter().filter_map(|t| t[of].get(name)?.as_f64());
        median(seconds.collect())
    };
    let time = |name: &String| StageTime {
        name: name.clone(),
        wall_seconds: middle("stages", name),
        cpu_seconds: middle("stages_cpu", name),
    };
    first.keys().map(time).collect()
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let n = values.len();
    match n {
        0 => f64::NAN,
        _ if n % 2 == 1 => values[n / 2],
        _ => f64::midpoint(values[n / 2 - 1], values[n / 2]),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use super::*;
    use crate::cli::tool::Cost;

    const HD: (u32, u32) = (1920, 1080);

    fn run(seconds: u64, told: Option<Value>) -> Run {
        Run {
            cost: Cost {
                wall: Duration::from_secs(seconds),
                cpu: Duration::from_secs(seconds * 2),
                peak_bytes: 5_000_000,
            },
            peak_bytes: 7_000_000,
            size: 1000,
            told,
        }
    }

    #[test]
    fn medians_and_ratios() {
        let told = json!({"stages": {"drawing": 1.5}, "stages_cpu": {"drawing": 2.75}});
        let ours = |s| (Way::MouthpieceBand, run(s, Some(told.clone())));
        let theirs = |s| (Way::FfmpegVeryfast, run(s, None));
        let ways = [Way::MouthpieceBand, Way::FfmpegVeryfast];
        let compared = Comparison::of(HD, &ways, &[ours(2), theirs(4), ours(1), theirs(9), ours(9), theirs(4)]);
        let shown = serde_json::to_value(&compared).unwrap();
        assert_eq!(
            (&shown["rows"][0]["wall_seconds"], &shown["rows"][0]["peak_bytes"]),
            (&json!(2.0), &json!(7_000_000))
        );
        assert_eq!(shown["rows"][1]["ours_to_this"], json!({"wall": 0.5, "cpu": 0.5}));
        let text = compared.text(10.0, 3);
        assert!(text.contains("drawing") && text.contains("2.75") && text.contains("5.00"), "{text}");
    }

    #[test]
    fn growth_and_side_by_side() {
        let growth = Growth::of(
            Way::MouthpieceBand,
            HD,
            &[10.0, 60.0],
            &[(10.0, run(2, None)), (60.0, run(9, None))],
        );
        let text = growth.text();
        assert!(text.contains("\n60 s") && text.contains("6.67") && text.contains("0.300"), "{text}");
        let side = Side::of(Way::MouthpieceBand, HD, 10.0, &[1, 2], &[(1, run(2, None)), (2, run(4, None))]);
        let text = side.text();
        assert!(
            text.contains("\n1 job ") && text.contains("\n2 jobs") && text.contains("0.400"),
            "{text}"
        );
    }

    #[test]
    fn the_middle_of_nothing_is_no_number() {
        assert!(median(Vec::new()).is_nan());
        assert_eq!(median(vec![3.0, 1.0]), 2.0);
    }
}
