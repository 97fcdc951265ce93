//! Lets a filmed person, or one on a photo, say recordings, for training/judge_footage.py.
//!
//!     cargo run --release --example speak_footage -- [--threads 2] [--size 720x576] [--packs FOLDER] AVATAR SOUND OUT.mp4 [SOUND OUT.mp4 …]

use std::path::{Path, PathBuf};

use mouthpiece_render::media::sound::Limits;
use mouthpiece_render::scene::{Canvas, Fps, Scene};
use mouthpiece_render::{EncodePath, Flow, Models, Output, PackCache, Progress, Quality, RuntimeChoice, Stage, natural_size, render};

struct Calm;

impl Progress for Calm {
    fn at(&mut self, _: Stage, _: u64, _: u64) -> Flow {
        Flow::Continue
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1).peekable();
    let mut option = |name: &str| -> Option<String> { arguments.next_if(|a| a == name).and_then(|_| arguments.next()) };
    let threads = option("--threads").map_or(Ok(2), |t| t.parse())?;
    let size = option("--size");
    let packs = option("--packs");
    let rest: Vec<PathBuf> = arguments.map(PathBuf::from).collect();
    let [avatar, pairs @ ..] = rest.as_slice() else {
        return Err("AVATAR SOUND OUT.mp4 …".into());
    };
    let models = Models::new(&RuntimeChoice::Rten)?;
    let (width, height) = match size.as_deref().and_then(|s| s.split_once('x')) {
        Some((w, h)) => (w.parse()?, h.parse()?),
        None => natural_size(avatar)?,
    };
    let own = tempfile::tempdir()?;
    let folder = packs.map_or_else(|| own.path().to_owned(), PathBuf::from);
    let cache = PackCache { folder, bytes: 4 << 30 };
    for pair in pairs.chunks_exact(2) {
        let scene = Scene::portrait(Canvas::new(width, height, Fps::DEFAULT)?, avatar, &pair[0])?;
        let output = Output {
            path: pair[1].clone(),
            poster: None,
            quality: Quality::High,
            encode: EncodePath::Auto,
            threads,
            sound: Limits::default(),
            packs: Some(cache.clone()),
        };
        let started = std::time::Instant::now();
        let report = render(&scene, &output, &models, &mut Calm)?;
        let name = |p: &Path| p.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        eprintln!(
            "{} {} frames in {:.1} s {:?} {:?}",
            name(&pair[1]),
            report.frames,
            started.elapsed().as_secs_f64(),
            report.stages,
            report.warnings
        );
    }
    Ok(())
}
