//! `mouthpiece inspect`: what a file is, and whether it makes a good avatar or a good recording.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use mouthpiece_render::error::{Error, Kind, Result};
use mouthpiece_render::face::{self, Face, FaceNets, Inspection};
use mouthpiece_render::media::sniff::{self, Kind as Content};
use mouthpiece_render::media::sound::{self, SoundFacts};
use mouthpiece_render::media::{Picture, Tools, image};
use mouthpiece_render::model::Runtime;
use serde_json::{Value, json};

use crate::cli::avatar;
use crate::cli::outcome::{self, say};

/// Say what a photo, a recording or a prepared avatar is and whether it can be used.
///
/// Ends with 0 whenever the file could be looked at, also if it makes no good avatar.
#[derive(clap::Args)]
#[command(after_help = outcome::EXIT_STATUSES)]
pub struct Args {
    /// A photo, a recording, a video with sound, or a prepared avatar
    file: PathBuf,
    /// Draw what was seen in the photo, as a PNG
    #[arg(long, value_name = "FILE")]
    overlay: Option<PathBuf>,
    /// One JSON object
    #[arg(long)]
    json: bool,
}

pub fn run(args: Args) -> Result<ExitCode> {
    let told = match sniff::sniff(&args.file) {
        Ok(content @ Content::Image(_)) => look(&args, content),
        Ok(content) if args.overlay.is_some() => Err(Error::new(
            Kind::SceneInvalid,
            format!("--overlay draws on photos, but this is {}", content.phrase()),
        )),
        Ok(Content::Pack) => report(&args.file),
        Ok(content) => listen(&args.file, content),
        Err(e) => Err(e),
    };
    let told = told.map_err(|mut e| {
        e.message = format!("{}: {}", args.file.display(), e.message);
        e
    })?;
    if args.json {
        say(&told.json);
    } else {
        told.lines.iter().for_each(say);
    }
    Ok(ExitCode::SUCCESS)
}

/// The same findings twice.
struct Told {
    json: Value,
    lines: Vec<String>,
}

fn look(args: &Args, content: Content) -> Result<Told> {
    let picture = image::open(&args.file, &image::Limits::default())?;
    let seen = face::inspect(&picture, &FaceNets::load(&Runtime::rten())?)?;
    if let Some(path) = &args.overlay {
        face::overlay::overlay(&picture, &seen).save_png(path)?;
    }
    Ok(Told {
        json: picture_json(&args.file, content, &picture, &seen),
        lines: picture_lines(&args.file, content, &picture, &seen),
    })
}

fn report(file: &Path) -> Result<Told> {
    let facts = mouthpiece_render::pack_facts(file)?;
    let bytes = std::fs::metadata(file).map_or(0, |m| m.len());
    Ok(Told {
        json: avatar::told(file, bytes, &facts),
        lines: avatar::lines(file, bytes, &facts),
    })
}

fn picture_json(file: &Path, content: Content, picture: &Picture, seen: &Inspection) -> Value {
    let face = seen
        .face
        .as_ref()
        .map(|f| json!({"box": f.bbox, "score": f.score, "pose": f.pose, "eye_distance": f.eye_distance()}));
    json!({
        "ok": true, "file": file, "type": content, "width": picture.width, "height": picture.height,
        "face": face, "other_faces": seen.others, "verdict": seen.verdict,
    })
}

fn picture_lines(file: &Path, content: Content, picture: &Picture, seen: &Inspection) -> Vec<String> {
    let (width, height) = (picture.width, picture.height);
    let mut lines = vec![format!("{}: {}, {width}x{height} pixels", file.display(), content.phrase())];
    match &seen.face {
        Some(face) => lines.push(face_line(face)),
        None => lines.push("face: none".to_owned()),
    }
    if !seen.others.is_empty() {
        lines.push(format!("other faces: {}", seen.others.len()));
    }
    let verdict = &seen.verdict;
    let reasons: Vec<&str> = verdict.problems.iter().map(|p| p.sentence.as_str()).collect();
    lines.push(match reasons.as_slice() {
        [] => "good avatar: yes".to_owned(),
        reasons => format!("good avatar: no, because {}", reasons.join("; and ")),
    });
    lines.extend(verdict.warnings.iter().map(|w| format!("warning: {}", w.sentence)));
    lines
}

fn face_line(face: &Face) -> String {
    let [left, top, right, bottom] = face.bbox;
    let side = |degrees: f64, one: &str, other: &str| match degrees.round() {
        0.0 => format!("0° {one}"),
        d if d > 0.0 => format!("{d:.0}° {one}"),
        d => format!("{:.0}° {other}", -d),
    };
    format!(
        "face: {:.0}x{:.0} pixels at {left:.0},{top:.0}, {:.0} between the eyes; turned {}, {}, tilted {}",
        right - left,
        bottom - top,
        face.eye_distance(),
        side(face.pose.yaw, "right", "left"),
        side(face.pose.pitch, "up", "down"),
        side(face.pose.roll, "clockwise", "counter-clockwise"),
    )
}

fn listen(file: &Path, content: Content) -> Result<Told> {
    let (tools, limits) = (Tools::from_env(), sound::Limits::default());
    let facts = sound::probe(file, &limits, &tools)?;
    let mut samples = sound::decode_mono_16k(file, &facts, &limits, &tools)?;
    let (mut energy, mut count) = (0.0, 0);
    for block in &mut samples {
        let block = block?;
        energy += block.iter().map(|s| f64::from(*s).powi(2)).sum::<f64>();
        count += block.len();
    }
    let level = Level {
        peak: samples.peak_dbfs(),
        mean: 10.0 * (energy / count.max(1) as f64).log10(),
    };
    let unusable = samples.audible().err().map(|e| e.message);
    let seconds = samples.seconds();
    Ok(Told {
        json: sound_json(file, content, &facts, seconds, &level, unusable.as_deref()),
        lines: sound_lines(file, content, &facts, seconds, &level, unusable.as_deref()),
    })
}

/// How loud a recording is, in dB of full scale; minus infinity for digital silence.
struct Level {
    peak: f64,
    mean: f64,
}

fn sound_json(file: &Path, content: Content, facts: &SoundFacts, seconds: f64, level: &Level, unusable: Option<&str>) -> Value {
    // JSON has no infinity; null stands for digital silence.
    json!({
        "ok": true, "file": file, "type": content, "seconds": seconds, "rate": facts.rate, "channels": facts.channels,
        "codec": facts.codec, "peak_dbfs": level.peak, "mean_dbfs": level.mean,
        "verdict": {"good": unusable.is_none(), "problem": unusable},
    })
}

fn sound_lines(file: &Path, content: Content, facts: &SoundFacts, seconds: f64, level: &Level, unusable: Option<&str>) -> Vec<String> {
    let SoundFacts { rate, channels, codec, .. } = facts;
    let plural = if *channels == 1 { "" } else { "s" };
    vec![
        format!("{}: {}, {seconds:.2} s", file.display(), content.phrase()),
        format!("sound: {codec}, {rate} Hz, {channels} channel{plural}"),
        format!("level: peak {:.1} dBFS, mean {:.1} dBFS", level.peak, level.mean),
        match unusable {
            None => "good recording: yes".to_owned(),
            Some(why) => format!("good recording: no, because {why}"),
        },
    ]
}
