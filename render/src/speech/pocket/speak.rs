//! The five nets at work: a recording becomes a prompt, text and prompt become latents, one each 80 ms, and latents become sound.
//!
//! Kyutai's Pocket TTS ("Continuous Audio Language Models", Rouard et al., 2025): a transformer reads the prompt, the text and the latents
//! so far; a small flow net turns its last output and noise into the next latent; the Mimi codec's decoder turns latents into sound.

use super::graph::{Port, Ports};
use super::layout::{Facts, Filled, Layout, Part, net_bytes};
use super::tokens::Tokenizer;
use crate::error::{Error, Kind, Result};
use crate::model::{Net, Runtime, Tensor};
use crate::speech::matching::Chance;

/// The logit from which on the model has said everything.
const END: f32 = -4.0;
/// Variance of the noise that each latent begins as.
const TEMPERATURE: f32 = 0.7;
/// Latents that are decoded together.
const CHUNK: usize = 15;
/// Slowest speech, and what is added to it: how long a text may take.
const TOKENS_A_SECOND: f64 = 3.0;
const EXTRA_SECONDS: f64 = 2.0;

/// A bundle's nets, loaded.
pub struct Nets {
    text: Net,
    main: Stateful,
    flow: Net,
    encoder: Net,
    decoder: Stateful,
    facts: Facts,
    tokenizer: Tokenizer,
    bos: Vec<f32>,
}

/// A net that remembers: its states go in and come out.
struct Stateful {
    net: Net,
    /// For each input of the graph, the state's number, or none for what is fed.
    order: Vec<Option<usize>>,
    start: Vec<Tensor>,
    outputs: usize,
}

impl Stateful {
    fn new(net: Net, ports: &Ports, fed: &[&str], outputs: usize, filled: &[Filled]) -> Self {
        let mut start = Vec::new();
        let order = ports
            .inputs
            .iter()
            .map(|port| {
                (!fed.contains(&port.name.as_str())).then(|| {
                    start.push(initial(port, filled));
                    start.len() - 1
                })
            })
            .collect();
        Self {
            net,
            order,
            start,
            outputs,
        }
    }

    /// Runs once; states are replaced by those that come out.
    fn step(&self, fed: Vec<Tensor>, states: &mut Vec<Tensor>) -> Result<Vec<Tensor>> {
        let mut fed = fed.into_iter();
        let mut old = std::mem::take(states).into_iter();
        let inputs: Option<Vec<Tensor>> = self
            .order
            .iter()
            .map(|state| if state.is_some() { old.next() } else { fed.next() })
            .collect();
        let inputs = inputs.ok_or_else(|| Error::new(Kind::Internal, "a Pocket TTS net was fed too little"))?;
        let mut made = self.net.run(&inputs)?;
        if made.len() != self.outputs + self.start.len() {
            return Err(Error::new(
                Kind::Internal,
                "a Pocket TTS net gave another number of outputs than its file says",
            ));
        }
        *states = made.split_off(self.outputs);
        Ok(made)
    }

    /// Positions of the smallest cache; none where nothing says so.
    fn capacity(&self) -> usize {
        let caches = self
            .start
            .iter()
            .filter(|t| t.shape.len() == 5)
            .filter_map(|t| t.shape.get(2).copied());
        caches.min().unwrap_or(usize::MAX)
    }
}

/// A state before anything was said: as the bundle says, else nothing.
fn initial(port: &Port, filled: &[Filled]) -> Tensor {
    let said = filled.iter().find(|f| f.input_name == port.name);
    let shape: Vec<usize> = match said {
        Some(filled) if filled.shape.len() == port.shape.len() => filled.shape.clone(),
        _ => port.shape.iter().map(|side| side.unwrap_or(1)).collect(),
    };
    let value = match said.map(|f| f.fill.as_str()) {
        Some("nan") => f32::NAN,
        Some("ones") => 1.0,
        _ => 0.0,
    };
    let count = shape.iter().product();
    Tensor::new(&shape, vec![value; count])
}

/// What a bundle's encoder heard: rows of `conditioning_dim`.
#[derive(Clone, Debug, PartialEq)]
pub struct Prompt(pub Vec<f32>);

/// The transformer after it has read a prompt: where every phrase begins.
#[derive(Clone)]
pub struct Primed {
    states: Vec<Tensor>,
    used: usize,
}

impl Nets {
    pub fn load(layout: Layout, runtime: &Runtime) -> Result<Self> {
        let load = |part| -> Result<(Net, Ports)> {
            let (path, ports) = layout.net(part)?;
            let net = runtime.load(net_bytes(path)?).map_err(|e| {
                Error::new(
                    Kind::ToolMissing,
                    format!(
                        "{} does not load in the runtime that is chosen; if it is rten, choose ONNX Runtime, which knows every operator",
                        path.file_name().unwrap_or_default().to_string_lossy()
                    ),
                )
                .because(e)
            })?;
            Ok((net, ports.clone()))
        };
        let ((text, _), (main, main_ports), (flow, _)) = (load(Part::Text)?, load(Part::Main)?, load(Part::Flow)?);
        let ((encoder, _), (decoder, decoder_ports)) = (load(Part::Encoder)?, load(Part::Decoder)?);
        let facts = layout.facts;
        Ok(Self {
            text,
            main: Stateful::new(
                main,
                &main_ports,
                &["sequence", "text_embeddings"],
                2,
                &facts.flow_lm_state_manifest,
            ),
            flow,
            encoder,
            decoder: Stateful::new(decoder, &decoder_ports, &["latent"], 1, &facts.mimi_state_manifest),
            facts,
            tokenizer: layout.tokenizer,
            bos: layout.bos,
        })
    }

    pub fn rate(&self) -> u32 {
        self.facts.sample_rate
    }

    pub fn conditioning(&self) -> usize {
        self.facts.conditioning_dim
    }

    /// Hears mono sound at the bundle's rate.
    pub fn hear(&self, sound: Vec<f32>) -> Result<Prompt> {
        let made = self.encoder.run(&[Tensor::new(&[1, 1, sound.len()], sound)])?;
        let rows = made.into_iter().next().map(|t| t.data).unwrap_or_default();
        if rows.is_empty() || rows.len() % self.facts.conditioning_dim != 0 || rows.iter().any(|v| !v.is_finite()) {
            return Err(Error::new(
                Kind::Internal,
                "the bundle's encoder made no rows of the model's conditioning",
            ));
        }
        Ok(Prompt(rows))
    }

    /// Lets the transformer read a prompt.
    pub fn prime(&self, prompt: &Prompt) -> Result<Primed> {
        let rows: Vec<f32> = self.bos.iter().chain(&prompt.0).copied().collect();
        let used = rows.len() / self.facts.conditioning_dim;
        if used + self.facts.max_token_per_chunk >= self.main.capacity() {
            return Err(Error::new(Kind::Internal, "a prompt that is longer than the model's memory"));
        }
        let mut states = self.main.start.clone();
        self.read(rows, &mut states)?;
        Ok(Primed { states, used })
    }

    fn read(&self, rows: Vec<f32>, states: &mut Vec<Tensor>) -> Result<()> {
        let count = rows.len() / self.facts.conditioning_dim;
        let nothing = Tensor::new(&[1, 0, self.facts.latent_dim], Vec::new());
        self.main
            .step(vec![nothing, Tensor::new(&[1, count, self.facts.conditioning_dim], rows)], states)?;
        Ok(())
    }

    /// How many tokens a text has.
    pub fn tokens(&self, text: &str) -> usize {
        self.tokenizer.encode(text, false).len()
    }

    pub fn longest(&self) -> usize {
        self.facts.max_token_per_chunk
    }

    /// Says a text of at most `longest` tokens; the same text sounds the same each time.
    pub fn say(&self, text: &str, voice: &Primed) -> Result<Vec<f32>> {
        let (text, padded) = self.prepared(text);
        let tokens = self.tokenizer.encode(&text, padded);
        if tokens.is_empty() {
            return Ok(Vec::new());
        }
        let numbers: Vec<f32> = tokens.iter().map(|t| *t as f32).collect();
        let rows = self.text.run(&[Tensor::new(&[1, tokens.len()], numbers)])?;
        let rows = rows.into_iter().next().map(|t| t.data).unwrap_or_default();
        if rows.len() != tokens.len() * self.facts.conditioning_dim {
            return Err(Error::new(
                Kind::Internal,
                "the bundle's text net made no rows of the model's conditioning",
            ));
        }
        let mut states = voice.states.clone();
        self.read(rows, &mut states)?;
        let seconds = tokens.len() as f64 / TOKENS_A_SECOND + EXTRA_SECONDS;
        let room = self.main.capacity().saturating_sub(voice.used + tokens.len() + 1);
        let most = ((seconds * self.facts.frame_rate).ceil() as usize).min(room);
        let after = self.facts.model_recommended_frames_after_eos;
        let after = after.unwrap_or(if text.split_whitespace().count() <= 4 { 5 } else { 3 });
        let latents = self.latents(states, most, after, seed(&text))?;
        self.decoded(&latents)
    }

    /// As the model was taught text: a capital in front, a full stop at the end, short ones behind spaces.
    fn prepared(&self, text: &str) -> (String, bool) {
        let mut text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if self.facts.remove_semicolons {
            text = text.replace(';', ",");
        }
        let mut signs = text.chars();
        if let Some(first) = signs.next() {
            text = first.to_uppercase().chain(signs).collect();
        }
        if text.ends_with(char::is_alphanumeric) {
            text.push('.');
        }
        let pad = self.facts.pad_with_spaces_for_short_inputs && text.split(' ').count() < 5;
        if pad {
            text.insert_str(0, "        ");
        }
        (text, pad)
    }

    fn latents(&self, mut states: Vec<Tensor>, most: usize, after: usize, seed: u64) -> Result<Vec<f32>> {
        let size = self.facts.latent_dim;
        let mut chance = Chance(seed);
        // The model takes what is no number for the beginning.
        let mut current = vec![f32::NAN; size];
        let mut out = Vec::new();
        let mut end = None;
        for step in 0..most {
            let nothing = Tensor::new(&[1, 0, self.facts.conditioning_dim], Vec::new());
            let made = self.main.step(vec![Tensor::new(&[1, 1, size], current), nothing], &mut states)?;
            let [condition, logit] = <[Tensor; 2]>::try_from(made).map_err(|_| Error::new(Kind::Internal, "a net without its outputs"))?;
            if end.is_none() && logit.data.first().is_some_and(|v| *v > END) {
                end = Some(step);
            }
            if end.is_some_and(|end| step >= end + after) {
                break;
            }
            let noise: Vec<f32> = (0..size).map(|_| TEMPERATURE.sqrt() * chance.normal()).collect();
            let (from, to) = (Tensor::new(&[1, 1], vec![0.0]), Tensor::new(&[1, 1], vec![1.0]));
            let condition = Tensor::new(&[1, condition.data.len()], condition.data);
            let flow = self.flow.run(&[condition, from, to, Tensor::new(&[1, size], noise.clone())])?;
            let flow = flow.into_iter().next().map(|t| t.data).unwrap_or_default();
            current = noise.iter().zip(&flow).map(|(a, b)| a + b).collect();
            if current.len() != size || current.iter().any(|v| !v.is_finite()) {
                return Err(Error::new(Kind::Internal, "the bundle's flow net made no latent"));
            }
            out.extend(&current);
        }
        Ok(out)
    }

    fn decoded(&self, latents: &[f32]) -> Result<Vec<f32>> {
        let size = self.facts.latent_dim;
        let mut states = self.decoder.start.clone();
        let mut sound = Vec::new();
        for chunk in latents.chunks(CHUNK * size) {
            let made = self
                .decoder
                .step(vec![Tensor::new(&[1, chunk.len() / size, size], chunk.to_vec())], &mut states)?;
            sound.extend(made.into_iter().next().map(|t| t.data).unwrap_or_default());
        }
        sound
            .iter_mut()
            .for_each(|v| *v = if v.is_finite() { v.clamp(-1.0, 1.0) } else { 0.0 });
        Ok(sound)
    }
}

/// FNV-1a; never zero.
fn seed(text: &str) -> u64 {
    text.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |h: u64, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3))
        | 1
}
