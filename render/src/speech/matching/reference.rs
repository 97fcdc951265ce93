//! The recording that a voice is to be like: heard, and refused with a reason where nothing good can come of it.

use std::path::Path;

use nnnoiseless::DenoiseState;

use super::embedding::{self, Embedding, Encoder};
use super::recipe::{Recipe, Timbre, VERSION};
use super::{resample, spectrum};
use crate::error::{Error, Kind, Result};
use crate::media::sound::{self, Limits};
use crate::media::tools::Tools;
use crate::progress;
use crate::speech::{Gender, Language};

/// Seconds that a reference may last.
pub const SHORTEST: f64 = 5.0;
pub const LONGEST: f64 = 300.0;

/// Bytes: five minutes of 24-bit stereo at 96 kHz.
const MOST_BYTES: u64 = 192 << 20;
/// Seconds of speech that a voice can be told by.
const LEAST_SPEECH: f64 = 3.0;
/// Mean level of the speech, dB of full scale.
const LEAST_LEVEL: f64 = -50.0;
/// Speech over what is there between words, dB.
const LEAST_CLEAN: f64 = 10.0;
/// The share of samples at full scale.
const MOST_CLIPPED: f64 = 0.01;
/// Seconds of speech that are looked at: enough to know a voice, spread over the whole recording.
const ENOUGH: usize = 60;

/// A recording that will do.
pub struct Heard {
    /// Speech without its pauses, mono, 24 kHz, at most a minute.
    pub speech: Vec<f32>,
    pub speaker: Embedding,
    /// The middle pitch, Hz.
    pub pitch: f32,
    pub colour: [f32; spectrum::BANDS_HZ.len()],
}

impl Heard {
    /// Samples a second of `speech`.
    pub fn rate(&self) -> u32 {
        spectrum::RATE
    }

    /// A recipe for a voice whose gender only the pitch tells.
    pub fn recipe(&self, language: Language, similarity: f32, timbre: Timbre) -> Recipe {
        /// Women mostly speak above it.
        const FEMALE_HZ: f32 = 160.0;
        Recipe {
            version: VERSION,
            language,
            gender: if self.pitch >= FEMALE_HZ { Gender::Female } else { Gender::Male },
            similarity,
            timbre,
        }
    }
}

fn unfit(sentence: String) -> Error {
    Error::new(Kind::ReferenceUnfit, format!("the reference recording {sentence}"))
}

/// Decodes, denoises if asked, and checks a recording. `ReferenceUnfit`, and the errors of files that cannot be read.
pub fn listen(path: &Path, denoise: bool, encoder: &Encoder, tools: &Tools) -> Result<Heard> {
    let sound = decode(path, denoise, tools)?;
    check(&sound, encoder)
}

/// 24 kHz mono.
fn decode(path: &Path, denoise: bool, tools: &Tools) -> Result<Vec<f32>> {
    let limits = Limits {
        bytes: MOST_BYTES,
        seconds: LONGEST + 0.5,
    };
    let rate = if denoise { NOISELESS_RATE } else { spectrum::RATE };
    let read = || -> Result<(Vec<f32>, f64)> {
        let facts = sound::probe(path, &limits, tools)?;
        let mut samples = sound::decode_mono(path, &facts, rate, &limits, tools)?;
        let mut all = Vec::new();
        for block in &mut samples {
            all.extend(block?);
        }
        Ok((all, samples.peak_dbfs()))
    };
    let (all, peak) = read().map_err(in_our_words)?;
    let seconds = all.len() as f64 / f64::from(rate);
    if seconds < SHORTEST {
        return Err(unfit(format!(
            "lasts {seconds:.1} s; send {SHORTEST:.0} s to 5 minutes of one person speaking"
        )));
    }
    if peak < sound::SILENCE_DBFS {
        return Err(unfit("is silent; send one in which somebody speaks".into()));
    }
    if denoise {
        return Ok(resample(&without_noise(&all)?, NOISELESS_RATE, spectrum::RATE));
    }
    Ok(all)
}

/// The limits of sound in general, said as what they mean here.
fn in_our_words(error: Error) -> Error {
    let sentence = match error.kind {
        Kind::AudioTooLong => format!("is too long; send {SHORTEST:.0} s to 5 minutes of one person speaking"),
        Kind::AudioEmpty => format!("is empty (0 s); send {SHORTEST:.0} s to 5 minutes of one person speaking"),
        _ => return error,
    };
    unfit(sentence).because(error)
}

/// What RNNoise hears.
const NOISELESS_RATE: u32 = 48_000;

/// RNNoise (Valin, "A hybrid DSP/deep learning approach to real-time full-band speech enhancement", 2018); 48 kHz.
fn without_noise(sound: &[f32]) -> Result<Vec<f32>> {
    const SCALE: f32 = 32_768.0;
    let mut state = DenoiseState::new();
    let mut out = Vec::with_capacity(sound.len() + DenoiseState::FRAME_SIZE);
    let (mut input, mut output) = ([0.0; DenoiseState::FRAME_SIZE], [0.0; DenoiseState::FRAME_SIZE]);
    // The first frame that comes out lies before the sound.
    for (i, frame) in sound.chunks(DenoiseState::FRAME_SIZE).chain([&[][..]]).enumerate() {
        if i % 100 == 0 {
            progress::go_on()?;
        }
        input.fill(0.0);
        input.iter_mut().zip(frame).for_each(|(to, from)| *to = from * SCALE);
        state.process_frame(&mut output, &input);
        if i > 0 {
            out.extend(output.iter().map(|v| v / SCALE));
        }
    }
    out.truncate(sound.len());
    Ok(out)
}

fn check(sound: &[f32], encoder: &Encoder) -> Result<Heard> {
    let low = resample(sound, spectrum::RATE, embedding::RATE);
    let speaks = speaking(&low)?;
    let seconds = speaks.iter().filter(|s| **s).count() as f64 * FRAME_SECONDS;
    if seconds < LEAST_SPEECH {
        return Err(unfit(if seconds < 0.5 {
            "has no speech in it that can be told from noise or music; send one in which one person speaks".into()
        } else {
            format!("has only {seconds:.1} s of speech; send one with at least {LEAST_SPEECH:.0} s of it")
        }));
    }
    levels(&low, &speaks)?;
    let speech = spread(&kept(sound, spectrum::RATE, &speaks), spectrum::RATE);
    let windows = encoder.windows(&resample(&speech, spectrum::RATE, embedding::RATE))?;
    one_speaker(&windows)?;
    let speaker = Embedding::mean(&windows).ok_or_else(|| unfit("is silent; send one in which somebody speaks".into()))?;
    let pitch = spectrum::pitch(&speech)
        .ok_or_else(|| unfit("holds no voiced speech, only whispering or noise; send one in which one person speaks aloud".into()))?;
    Ok(Heard {
        colour: spectrum::colour(&speech),
        speech,
        speaker,
        pitch,
    })
}

/// Samples of one frame of the detector at 16 kHz, and its seconds.
const FRAME: usize = 256;
const FRAME_SECONDS: f64 = 0.016;

/// Whether somebody speaks, for each 16 ms of 16 kHz sound; the detector is brought to a usual level first.
fn speaking(low: &[f32]) -> Result<Vec<bool>> {
    const SURE: f32 = 0.5;
    let peak = low.iter().fold(0.0f32, |p, v| p.max(v.abs())).max(1e-4);
    let mut detector = earshot::Detector::default();
    let mut out = Vec::with_capacity(low.len() / FRAME);
    for (i, frame) in low.chunks_exact(FRAME).enumerate() {
        if i % 1000 == 0 {
            progress::go_on()?;
        }
        let frame: Vec<f32> = frame.iter().map(|v| v / peak * 0.5).collect();
        out.push(detector.predict_f32(&frame) >= SURE);
    }
    Ok(out)
}

/// Loud, clean and undistorted enough?
fn levels(low: &[f32], speaks: &[bool]) -> Result<()> {
    let mut power: Vec<(f64, bool)> = low
        .chunks_exact(FRAME)
        .zip(speaks)
        .map(|(frame, s)| (frame.iter().map(|v| f64::from(*v).powi(2)).sum::<f64>() / FRAME as f64, *s))
        .collect();
    let mean = |of: &[f64]| of.iter().sum::<f64>() / of.len().max(1) as f64;
    let db = |power: f64| 10.0 * (power + 1e-12).log10();
    let speech = mean(&power.iter().filter(|p| p.1).map(|p| p.0).collect::<Vec<_>>());
    if db(speech) < LEAST_LEVEL {
        return Err(unfit(format!(
            "is too quiet: its speech has {:.0} dB of full scale, and {LEAST_LEVEL:.0} dB are needed; record nearer to the microphone",
            db(speech)
        )));
    }
    let full = low.iter().filter(|v| v.abs() > 0.999).count() as f64 / low.len().max(1) as f64;
    if full > MOST_CLIPPED {
        return Err(unfit(format!(
            "is distorted: {:.0} % of it is at full scale; record it less loudly",
            full * 100.0
        )));
    }
    // What is there between words: the quietest tenth.
    power.sort_by(|a, b| a.0.total_cmp(&b.0));
    let quiet: Vec<f64> = power.iter().take((power.len() / 10).max(1)).map(|p| p.0).collect();
    let clean = db((speech - mean(&quiet)).max(1e-12)) - db(mean(&quiet));
    if clean < LEAST_CLEAN {
        return Err(unfit(format!(
            "is too noisy: its speech is only {clean:.0} dB over what is heard between words (music, noise or echo), and {LEAST_CLEAN:.0} dB are needed; \
             have the noise removed (remove_background_noise), or record in a quieter room"
        )));
    }
    Ok(())
}

/// The sound where somebody speaks, and a tenth of a second around.
fn kept(sound: &[f32], rate: u32, speaks: &[bool]) -> Vec<f32> {
    const AROUND: usize = 6;
    let frame = (FRAME_SECONDS * f64::from(rate)) as usize;
    let near = |i: usize| speaks[i.saturating_sub(AROUND)..(i + AROUND + 1).min(speaks.len())].contains(&true);
    let frames = sound.chunks_exact(frame).take(speaks.len()).enumerate();
    frames.filter(|(i, _)| near(*i)).flat_map(|(_, f)| f.iter().copied()).collect()
}

/// At most a minute, in pieces of five seconds from all over.
fn spread(speech: &[f32], rate: u32) -> Vec<f32> {
    const PIECES: usize = 12;
    let most = ENOUGH * rate as usize;
    if speech.len() <= most {
        return speech.to_vec();
    }
    let (piece, room) = (most / PIECES, speech.len() - most / PIECES);
    (0..PIECES)
        .flat_map(|k| &speech[room * k / (PIECES - 1)..][..piece])
        .copied()
        .collect()
}

/// Windows of two people fall into two heaps that lie far apart.
fn one_speaker(windows: &[Embedding]) -> Result<()> {
    /// The smaller heap's share of the windows, and their number.
    const LEAST_SHARE: f64 = 0.15;
    const LEAST_WINDOWS: usize = 3;
    /// Heaps of one person are nearer to each other than this.
    const APART: f32 = 0.76;
    let Some((a, b)) = heaps(windows) else { return Ok(()) };
    let smaller = a.len().min(b.len());
    if smaller < LEAST_WINDOWS || (smaller as f64) < LEAST_SHARE * windows.len() as f64 {
        return Ok(());
    }
    let middle = |of: &[usize]| Embedding::mean(of.iter().map(|i| &windows[*i]));
    match (middle(&a), middle(&b)) {
        (Some(a), Some(b)) if a.similarity(&b) < APART => Err(unfit(
            "holds more than one voice; send one in which only the person to be imitated speaks, without music".into(),
        )),
        _ => Ok(()),
    }
}

/// Two means, from the two windows that are farthest apart.
fn heaps(windows: &[Embedding]) -> Option<(Vec<usize>, Vec<usize>)> {
    let pairs = (0..windows.len()).flat_map(|i| (0..i).map(move |j| (i, j)));
    let (i, j) = pairs.min_by(|x, y| {
        let near = |p: &(usize, usize)| windows[p.0].similarity(&windows[p.1]);
        near(x).total_cmp(&near(y))
    })?;
    let mut middles = (windows[i].clone(), windows[j].clone());
    let mut parts = (Vec::new(), Vec::new());
    for _ in 0..8 {
        parts = (0..windows.len()).partition(|i| windows[*i].similarity(&middles.0) >= windows[*i].similarity(&middles.1));
        middles = (
            Embedding::mean(parts.0.iter().map(|i: &usize| &windows[*i]))?,
            Embedding::mean(parts.1.iter().map(|i: &usize| &windows[*i]))?,
        );
    }
    Some(parts)
}
