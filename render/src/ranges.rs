//! Some frames of a video by themselves: which ones, and what stands for all that the video is made of.

use std::ops::Range;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use sha2::{Digest, Sha256};

use crate::Output;
use crate::error::{Error, Kind, Result};
use crate::footage::hash;
use crate::media::encode::{self, KEY_SECONDS};
use crate::media::kept::{self, Shelf};
use crate::media::{Tools, tools};
use crate::scene::{Fps, Scene};

/// Frames from one key frame to the next.
pub(crate) fn gop(fps: Fps) -> usize {
    encode::gop(fps, KEY_SECONDS)
}

/// Which frames of a video are wanted, before it is known how many it has.
///
/// A range can only begin where the video has a key frame: every two seconds. Borders in between are moved back to the key frame before, both of
/// them, so that ranges that adjoin still do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Frames {
    /// Half open; without an end, to the last frame.
    Between(usize, Option<usize>),
    /// One of so many ranges that are about as long as each other, counted from 1.
    Share(usize, usize),
}

impl Frames {
    /// The frames that are drawn, of so many.
    pub(crate) fn within(&self, frames: usize, gop: usize) -> Result<Range<usize>> {
        let keys = frames.div_ceil(gop);
        let range = match *self {
            Self::Between(from, to) => {
                let at = |border: usize| if border >= frames { frames } else { border / gop * gop };
                at(from)..to.map_or(frames, at)
            }
            Self::Share(number, of) if of > keys => {
                let message =
                    format!("frames {number}/{of} cannot be made: the video has {keys} key frames, and each piece needs one of them");
                return Err(Error::new(Kind::SceneInvalid, message));
            }
            Self::Share(number, of) => {
                let at = |n: usize| (keys * n / of * gop).min(frames);
                at(number.saturating_sub(1))..at(number)
            }
        };
        if range.is_empty() {
            let message =
                format!("no key frame lies in the frames {self}: the video has {frames} frames, and a key frame is every {gop} of them");
            return Err(Error::new(Kind::SceneInvalid, message));
        }
        Ok(range)
    }
}

impl std::fmt::Display for Frames {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Between(from, Some(to)) => write!(f, "{from}..{to}"),
            Self::Between(from, None) => write!(f, "{from}.."),
            Self::Share(number, of) => write!(f, "{number}/{of}"),
        }
    }
}

impl FromStr for Frames {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const HOW: &str = "write it like 100..250, 100.., ..250, or 2/7 for the second of seven pieces";
        let number = |text: &str| text.parse::<u32>().map(|n| n as usize).map_err(|_| HOW);
        if let Some((number_of, of)) = text.split_once('/') {
            let (number_of, of) = (number(number_of)?, number(of)?);
            return match number_of {
                0 => Err("pieces are counted from 1"),
                n if n > of => Err("there are not so many pieces"),
                n => Ok(Self::Share(n, of)),
            };
        }
        let (from, to) = text.split_once("..").ok_or(HOW)?;
        let from = if from.is_empty() { 0 } else { number(from)? };
        let to = if to.is_empty() { None } else { Some(number(to)?) };
        match to {
            Some(to) if to <= from => Err("the range ends before it begins"),
            to => Ok(Self::Between(from, to)),
        }
    }
}

/// What a render is to make.
pub(crate) enum Wish<'a> {
    Video,
    /// The video, of which finished ranges are kept here.
    Kept(&'a Shelf),
    Piece(&'a Frames),
}

/// Stands for everything that a video's pixels and sound depend on: what is in its files, not where they lie, and what encodes it. Asks
/// whether to go on.
pub(crate) fn film(scenes: &[Scene], output: &Output, frames: usize, tools: &Tools) -> Result<String> {
    let mut known: Vec<(PathBuf, PathBuf)> = Vec::new();
    let mut sum = Sha256::new();
    let version = env!("CARGO_PKG_VERSION");
    let Output { quality, encode, .. } = output;
    let encoder = tools.h264()?;
    sum.update(format!("{version} {quality:?} {encode:?} {encoder:?} {KEY_SECONDS} {frames}\n"));
    for scene in scenes {
        let scene = scene.with_paths(&mut |path: &Path| {
            if let Some((_, hash)) = known.iter().find(|(known, _)| known == path) {
                return Ok(hash.clone());
            }
            let hash = PathBuf::from(hash(path)?);
            known.push((path.to_owned(), hash.clone()));
            Ok(hash)
        })?;
        sum.update(format!("{scene:?}\n"));
    }
    Ok(kept::hex(&sum))
}

/// A film as this very program and this ffmpeg make it: what another build has left is not taken over.
pub(crate) fn build(film: &str, tools: &Tools) -> Result<String> {
    let mut sum = Sha256::new();
    sum.update(film);
    // Itself, also after its file has been replaced by a newer one.
    for program in [Some(PathBuf::from("/proc/self/exe")), tools::find(&tools.ffmpeg)]
        .into_iter()
        .flatten()
    {
        let unknown = |e| Error::new(Kind::ToolFailed, "a program that is used cannot be looked at").because(e);
        let file = program.metadata().map_err(unknown)?;
        // No file changes without its time of change (ctime), which nobody can set. To read it would cost more: it has all the nets.
        let times = [file.mtime(), file.mtime_nsec(), file.ctime(), file.ctime_nsec()];
        sum.update(format!(" {} {} {} {times:?}", file.dev(), file.ino(), file.size()));
    }
    Ok(kept::hex(&sum))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_that_adjoin_still_do() {
        let cut = |text: &str| text.parse::<Frames>().unwrap().within(333, 50).unwrap();
        assert_eq!((cut("0..120"), cut("120..260"), cut("260..")), (0..100, 100..250, 250..333));
        assert_eq!((cut("..100"), cut("100..9000")), (0..100, 100..333));
        assert_eq!(cut("1/1"), 0..333);
        let sevenths: Vec<Range<usize>> = (1..=7).map(|n| cut(&format!("{n}/7"))).collect();
        assert!(sevenths.iter().all(|r| !r.is_empty()) && sevenths.windows(2).all(|w| w[0].end == w[1].start));
        assert_eq!((sevenths[0].start, sevenths[6].end), (0, 333));
    }

    #[test]
    fn what_is_no_range_is_told() {
        for text in ["", "5", "..x", "-1..5", "7..7", "9..3", "0/3", "4/3", "1/", "1/0", "99999999999.."] {
            assert!(text.parse::<Frames>().is_err(), "{text}");
        }
        let refused = |text: &str| text.parse::<Frames>().unwrap().within(333, 50).unwrap_err().message;
        assert!(refused("110..130").contains("every 50"));
        assert!(refused("400..").contains("333 frames"));
        assert!(refused("1/8").contains("7 key frames"));
    }
}
