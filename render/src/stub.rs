//! Stands in for the pipeline until it is merged; to be dropped.

use std::path::{Path, PathBuf};

use crate::error::{Error, Kind, Result};
use crate::scene::Scene;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RuntimeChoice {
    Rten,
    OnnxRuntime(Option<PathBuf>),
}

pub struct Models;

impl Models {
    pub fn load(_: &RuntimeChoice) -> Result<Self> {
        Ok(Self)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    Reading,
    Face,
    Mouth,
    Drawing,
}

pub trait Progress {
    fn at(&mut self, stage: Stage, done: u64, total: u64) -> Flow;
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    Continue,
    Stop,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Quality {
    Draft,
    #[default]
    Standard,
    High,
}

pub struct Output {
    pub path: PathBuf,
    pub poster: Option<PathBuf>,
    pub quality: Quality,
    pub threads: usize,
}

pub struct Report {
    pub frames: u64,
    pub seconds: f64,
    pub warnings: Vec<String>,
    pub stages: Vec<(Stage, f64)>,
}

pub fn render(scene: &Scene, output: &Output, _: &Models, progress: &mut dyn Progress) -> Result<Report> {
    for done in 0..=100 {
        if progress.at(Stage::Drawing, done, 100) == Flow::Stop {
            return Err(Error::new(Kind::Cancelled, "stopped"));
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let _ = (scene, Path::new(&output.path));
    Ok(Report {
        frames: 100,
        seconds: 4.0,
        warnings: vec![],
        stages: vec![(Stage::Drawing, 2.0)],
    })
}
