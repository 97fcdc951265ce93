//! The medians of a comparison, as JSON and as a table.

use std::fmt::Write;

use serde::Serialize;
use serde_json::Value;

use super::{Run, Way};
use crate::cli::usage::readable;

/// All ways at one size.
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
    wall_seconds: f64,
    cpu_seconds: f64,
    /// The whole of ours: this program and its largest child.
    peak_bytes: u64,
    video_bytes: u64,
    /// Our time over this one's: below 1 we are faster.
    ours_to_this: Ratio,
    /// Seconds by stage; ours only.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    stages: Vec<(String, f64)>,
}

#[derive(Serialize)]
struct Ratio {
    wall: f64,
    cpu: f64,
}

impl Comparison {
    pub(super) fn of(width: u32, height: u32, runs: &[(Way, Run)]) -> Self {
        let mut rows: Vec<Row> = Way::ALL.into_iter().map(|way| row(way, runs)).collect();
        let ours = rows.first().map_or((0.0, 0.0), |r| (r.wall_seconds, r.cpu_seconds));
        for row in &mut rows {
            row.ours_to_this = Ratio {
                wall: ours.0 / row.wall_seconds,
                cpu: ours.1 / row.cpu_seconds,
            };
        }
        Self { width, height, rows }
    }

    pub(super) fn text(&self, seconds: f64, rounds: u16) -> String {
        let Self { width, height, rows } = self;
        let mut text = format!("{width}x{height}, {seconds} s of speech at 25 frames a second, median of {rounds}\n");
        let heads = ["wall s", "x real time", "CPU s", "peak memory", "video", "ours/this wall", "CPU"];
        let _ = write!(text, "{:<27}", "");
        heads.iter().for_each(|head| {
            let _ = write!(text, "{head:>15}");
        });
        for row in rows {
            let _ = write!(
                text,
                "\n{:<27}{:>15.2}{:>15.2}{:>15.2}{:>15}{:>15}{:>15.2}{:>15.2}",
                row.way.name(),
                row.wall_seconds,
                seconds / row.wall_seconds,
                row.cpu_seconds,
                readable(row.peak_bytes),
                readable(row.video_bytes),
                row.ours_to_this.wall,
                row.ours_to_this.cpu,
            );
            for (stage, time) in &row.stages {
                let _ = write!(text, "\n  {stage:<25}{time:>15.2}");
            }
        }
        text.push('\n');
        text
    }
}

fn row(way: Way, runs: &[(Way, Run)]) -> Row {
    let runs: Vec<&Run> = runs.iter().filter(|(w, _)| *w == way).map(|(_, run)| run).collect();
    let middle = |value: &dyn Fn(&Run) -> f64| median(runs.iter().map(|run| value(run)).collect());
    Row {
        way,
        wall_seconds: middle(&|r| r.cost.wall.as_secs_f64()),
        cpu_seconds: middle(&|r| r.cost.cpu.as_secs_f64()),
        peak_bytes: middle(&|r| r.told.as_ref().and_then(told_peak).unwrap_or(r.cost.peak_bytes) as f64) as u64,
        video_bytes: middle(&|r| r.size as f64) as u64,
        ours_to_this: Ratio { wall: 1.0, cpu: 1.0 },
        stages: stages(&runs),
    }
}

/// The renderer counts its helpers too, which the kernel's figure for one process cannot.
fn told_peak(told: &Value) -> Option<u64> {
    let peak = &told["peak_memory"];
    Some(peak["own_bytes"].as_u64()? + peak["largest_child_bytes"].as_u64()?)
}

fn stages(runs: &[&Run]) -> Vec<(String, f64)> {
    let told: Vec<&serde_json::Map<String, Value>> = runs.iter().filter_map(|r| r.told.as_ref()?["stages"].as_object()).collect();
    let Some(first) = told.first() else {
        return Vec::new();
    };
    let times = |name: &str| told.iter().filter_map(|t| t.get(name)?.as_f64()).collect();
    first.keys().map(|name| (name.clone(), median(times(name)))).collect()
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

    fn run(seconds: u64, told: Option<Value>) -> Run {
        Run {
            cost: Cost {
                wall: Duration::from_secs(seconds),
                cpu: Duration::from_secs(seconds * 2),
                peak_bytes: 5_000_000,
            },
            size: 1000,
            told,
        }
    }

    #[test]
    fn medians_and_ratios() {
        let told = json!({"peak_memory": {"own_bytes": 7_000_000, "largest_child_bytes": 3_000_000}, "stages": {"drawing": 1.5}});
        let ours = |s| (Way::MouthpieceBand, run(s, Some(told.clone())));
        let theirs = |s| (Way::FfmpegVeryfast, run(s, None));
        let compared = Comparison::of(1920, 1080, &[ours(2), theirs(4), ours(1), theirs(9), ours(9), theirs(4)]);
        assert_eq!(compared.rows[0].wall_seconds, 2.0);
        assert_eq!(compared.rows[3].ours_to_this.wall, 0.5);
        assert_eq!(compared.rows[0].peak_bytes, 10_000_000);
        assert_eq!(compared.rows[3].peak_bytes, 5_000_000);
        let text = compared.text(10.0, 3);
        assert!(text.contains("drawing") && text.contains("5.00"), "{text}");
    }

    #[test]
    fn the_middle_of_nothing_is_no_number() {
        assert!(median(Vec::new()).is_nan());
        assert_eq!(median(vec![3.0, 1.0]), 2.0);
    }
}
