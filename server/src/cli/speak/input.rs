//! The text and the dictionary, from wherever they are.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use mouthpiece_render::error::{Error, Kind, Result};
use mouthpiece_render::speech::dictionary::Dictionary;

use super::{Args, captions_file};
use crate::cli::scene_file::must_exist;

/// More than any text that is spoken has, markup included; whether it is too long is said by `Script`.
const MOST_BYTES: u64 = 4 << 20;

/// The text of a file, or of standard input if it is called `-`.
pub fn text(file: &Path) -> Result<String> {
    if file == Path::new("-") {
        return read(io::stdin().lock(), "standard input");
    }
    must_exist("--file", file)?;
    read(open(file)?, &format!("--file {}", file.display()))
}

pub fn dictionary(file: &Path) -> Result<Dictionary> {
    must_exist("--dictionary", file)?;
    let about = format!("--dictionary {}", file.display());
    let text = read(open(file)?, &about)?;
    serde_json::from_str(&text).map_err(|e| {
        let message = format!("{about}: {e}; write it like {{\"word\": \"/phonemes/\", \"other\": \"respelling\"}}");
        Error::new(Kind::SceneInvalid, message)
    })
}

/// Refuses to write over what is to be read, or two things into one file.
pub fn spare(args: &Args) -> Result<()> {
    let captions = captions_file(args);
    let outputs: Vec<&Path> = [Some(&args.output), captions.as_ref(), args.phonemes.as_ref()]
        .into_iter()
        .flatten()
        .map(AsRef::as_ref)
        .collect();
    let inputs: Vec<_> = [&args.file, &args.dictionary]
        .into_iter()
        .flatten()
        .filter_map(|p| p.canonicalize().ok())
        .collect();
    for (n, output) in outputs.iter().enumerate() {
        let wrong = |rest: &str| {
            Err(Error::new(
                Kind::SceneInvalid,
                format!("{} {rest}; choose another output", output.display()),
            ))
        };
        if output.canonicalize().is_ok_and(|o| inputs.contains(&o)) {
            return wrong("is read by this command and would be overwritten");
        }
        if outputs[..n].contains(output) {
            return wrong("would be written twice");
        }
    }
    Ok(())
}

fn open(file: &Path) -> Result<File> {
    File::open(file).map_err(|e| Error::new(Kind::FileUnreadable, format!("{} cannot be read", file.display())).because(e))
}

fn read(from: impl Read, about: &str) -> Result<String> {
    let mut bytes = Vec::new();
    let unreadable = |e: io::Error| Error::new(Kind::FileUnreadable, format!("{about} cannot be read")).because(e);
    from.take(MOST_BYTES + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > MOST_BYTES {
        let message = format!("{about} has more than {} MiB; shorten it, or speak it in parts", MOST_BYTES >> 20);
        return Err(Error::new(Kind::TextInvalid, message));
    }
    let text = String::from_utf8(bytes).map_err(|e| {
        let at = e.utf8_error().valid_up_to();
        Error::new(Kind::TextInvalid, format!("{about} is no UTF-8 text (byte {at}); save it as UTF-8"))
    })?;
    // Editors of another world begin files with a mark that nobody says.
    Ok(text.strip_prefix('\u{feff}').map_or_else(|| text.clone(), str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_utf_8_of_a_bounded_size() {
        assert_eq!(read(&b"\xef\xbb\xbfhello"[..], "x").unwrap(), "hello");
        let error = read(&b"hell\xff"[..], "--file x.txt").unwrap_err();
        assert!(error.message.contains("--file x.txt is no UTF-8 text (byte 4)"), "{error}");
        let error = read(io::repeat(b'a'), "standard input").unwrap_err();
        assert_eq!(error.kind, Kind::TextInvalid);
        assert!(error.message.contains("more than 4 MiB"), "{error}");
    }
}
