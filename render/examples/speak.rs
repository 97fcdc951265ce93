//! Speaks a text with a voice and tells how long that took: `speak VOICE OUT.wav|OUT.mp3 TEXT [FOLDER_OF_PACKS]`.

#![expect(clippy::print_stdout, reason = "an example that people run by hand")]

use std::path::{Path, PathBuf};
use std::time::Instant;

use mouthpiece_render::media::Tools;
use mouthpiece_render::model::Runtime;
use mouthpiece_render::speech::{AudioFormat, Dictionary, Manner, Recording, Script, Speaker};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [voice, out, text, packs @ ..] = &args[..] else {
        return Err("usage: speak VOICE OUT TEXT [FOLDER_OF_PACKS]".into());
    };
    let begun = Instant::now();
    let speaker = Speaker::open(Path::new(packs.first().map_or("packs", String::as_str)), &Runtime::rten())?;
    let voice = speaker.voice(voice)?;
    let script = Script::parse(text)?;
    let (manner, dictionary) = (Manner::default(), Dictionary::default());
    println!("opened after {:.3} s", begun.elapsed().as_secs_f64());

    let begun = Instant::now();
    let mut first = None;
    let spoken = speaker.speak(&script, &*voice, &manner, &dictionary, &mut |_| {
        first.get_or_insert_with(|| begun.elapsed().as_secs_f64());
        Ok(())
    })?;
    let took = begun.elapsed().as_secs_f64();
    let times = spoken.seconds / took;
    println!(
        "{} characters, {:.1} s of speech in {took:.2} s: {times:.1} times real time; first sound after {:.3} s",
        script.characters(),
        spoken.seconds,
        first.unwrap_or_default()
    );

    let begun = Instant::now();
    let path = PathBuf::from(out);
    let wav = path.extension().is_some_and(|e| e == "wav");
    let to = Recording {
        path,
        format: if wav { AudioFormat::Wav } else { AudioFormat::Mp3 },
        rate: None,
        bitrate: None,
        channels: 1,
    };
    let spoken = speaker.record(&script, &*voice, &manner, &dictionary, &to, &Tools::from_env())?;
    println!("recorded in {:.2} s", begun.elapsed().as_secs_f64());
    for word in spoken.words.iter().take(12) {
        println!("{:7.3} {:7.3} {}", word.start, word.end, word.text);
    }
    for phoneme in spoken.phonemes.iter().take(40) {
        println!("        {:7.3} {:7.3} {}", phoneme.start, phoneme.end, phoneme.symbol);
    }
    Ok(())
}
