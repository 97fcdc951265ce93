//! The byte patterns by which files are told apart.

use super::sniff::{Audio, Image, Kind, PACK_MAGIC, Video};

/// What the first bytes look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Guess {
    Known(Kind),
    Empty,
    /// Something that we do not read, as it is said in a sentence.
    Other(&'static str),
}

/// Patterns at the very beginning, of kinds that need no second look.
const PREFIXES: &[(&[u8], Guess)] = &[
    (&PACK_MAGIC, Guess::Known(Kind::Pack)),
    (b"\x89PNG\r\n\x1a\n", Guess::Known(Kind::Image(Image::Png))),
    (b"\xff\xd8\xff", Guess::Known(Kind::Image(Image::Jpeg))),
    (b"fLaC", Guess::Known(Kind::Audio(Audio::Flac))),
    (b"\x1a\x45\xdf\xa3", Guess::Known(Kind::Video(Video::Matroska))),
    (b"\x00\x00\x01\xba", Guess::Known(Kind::Video(Video::MpegPs))),
    (b"GIF8", Guess::Other("a GIF picture")),
    (b"BM", Guess::Other("a BMP picture")),
    (b"II*\0", Guess::Other("a TIFF picture")),
    (b"MM\0*", Guess::Other("a TIFF picture")),
    (b"\xff\x0a", Guess::Other("a JPEG XL picture")),
    (b"\0\0\0\x0cJXL ", Guess::Other("a JPEG XL picture")),
    (b"\0\0\x01\0", Guess::Other("an icon")),
    (b"FORM", Guess::Other("an AIFF recording")),
    (b"caff", Guess::Other("a CAF recording")),
    (b"#!AMR", Guess::Other("an AMR recording")),
    (b"\x30\x26\xb2\x75", Guess::Other("a Windows Media file")),
    (b"FLV\x01", Guess::Other("a Flash video")),
    (b"MThd", Guess::Other("a MIDI file")),
    (b"%PDF", Guess::Other("a PDF document")),
    (b"PK\x03\x04", Guess::Other("a ZIP archive or office document")),
    (b"\x1f\x8b", Guess::Other("a gzip archive")),
    (b"\x7fELF", Guess::Other("a program")),
    (b"\x00\x00\x01\xb3", Guess::Other("an MPEG picture stream without sound")),
];

pub(super) fn guess(head: &[u8]) -> Guess {
    if head.is_empty() {
        return Guess::Empty;
    }
    if let Some((_, guess)) = PREFIXES.iter().find(|(magic, _)| head.starts_with(magic)) {
        return *guess;
    }
    riff(head)
        .or_else(|| ogg(head))
        .or_else(|| mp4(head))
        .or_else(|| transport_stream(head))
        .or_else(|| text(head))
        .or_else(|| frames(head))
        .unwrap_or(Guess::Other("of an unknown type"))
}

/// Where an ID3v2 tag at the beginning ends, in bytes.
pub(super) fn id3_end(head: &[u8]) -> Option<u64> {
    let size = head.get(..10).filter(|h| h.starts_with(b"ID3"))?;
    let body = size[6..10].iter().fold(0u64, |sum, b| sum << 7 | u64::from(b & 0x7f));
    let footer = if size[5] & 0x10 != 0 { 10 } else { 0 };
    Some(10 + body + footer)
}

/// What follows an ID3 tag: MP3 as a rule, ADTS or FLAC now and then.
pub(super) fn after_id3(rest: &[u8]) -> Guess {
    let start = rest.iter().position(|&b| b != 0).unwrap_or(rest.len());
    let rest = &rest[start..];
    if rest.starts_with(b"fLaC") {
        return Guess::Known(Kind::Audio(Audio::Flac));
    }
    frames(rest).unwrap_or(Guess::Other("an ID3 tag with no sound behind it"))
}

fn riff(head: &[u8]) -> Option<Guess> {
    let riff = [&b"RIFF"[..], b"RF64", b"BW64"].iter().any(|m| head.starts_with(m));
    Some(match (riff, head.get(8..12)?) {
        (true, b"WAVE") => Guess::Known(Kind::Audio(Audio::Wav)),
        (true, b"WEBP") => Guess::Known(Kind::Image(Image::Webp)),
        (true, b"AVI ") => Guess::Known(Kind::Video(Video::Avi)),
        (true, _) => Guess::Other("a RIFF file of an unknown type"),
        (false, _) => return None,
    })
}

fn ogg(head: &[u8]) -> Option<Guess> {
    head.starts_with(b"OggS").then(|| {
        let picture = head.windows(7).any(|w| w == b"\x80theora");
        Guess::Known(if picture {
            Kind::Video(Video::Ogg)
        } else {
            Kind::Audio(Audio::Ogg)
        })
    })
}

fn mp4(head: &[u8]) -> Option<Guess> {
    let kind = head.get(4..8)?;
    if kind != b"ftyp" {
        let quicktime = [&b"moov"[..], b"mdat", b"wide", b"skip", b"free", b"pnot"].contains(&kind);
        return quicktime.then_some(Guess::Known(Kind::Video(Video::Mp4)));
    }
    Some(match head.get(8..12)? {
        b"M4A " | b"M4B " | b"M4P " => Guess::Known(Kind::Audio(Audio::Mp4)),
        b"heic" | b"heix" | b"hevc" | b"heim" | b"heis" | b"mif1" | b"msf1" => Guess::Other("a HEIC picture"),
        b"avif" | b"avis" => Guess::Other("an AVIF picture"),
        b"crx " => Guess::Other("a camera's raw picture"),
        _ => Guess::Known(Kind::Video(Video::Mp4)),
    })
}

fn transport_stream(head: &[u8]) -> Option<Guess> {
    let synced = [(188, 0), (192, 4)]
        .iter()
        .any(|&(packet, offset)| (0..4).all(|i| head.get(offset + i * packet) == Some(&0x47)));
    synced.then_some(Guess::Known(Kind::Video(Video::MpegTs)))
}

fn text(head: &[u8]) -> Option<Guess> {
    if head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff") {
        return Some(Guess::Other("a text file"));
    }
    let words = match std::str::from_utf8(head) {
        Ok(words) => words,
        // Cut in the middle of a letter by the length that we read.
        Err(e) if e.error_len().is_none() => std::str::from_utf8(&head[..e.valid_up_to()]).unwrap_or_default(),
        Err(_) => return None,
    };
    let printable = |c: char| !c.is_control() || matches!(c, '\t' | '\n' | '\r' | '\x0c');
    if words.is_empty() || !words.chars().all(printable) {
        return None;
    }
    let words = words.trim_start_matches('\u{feff}').trim_start().to_ascii_lowercase();
    let playlist = ["#extm3u", "[playlist]", "ffconcat"].iter().any(|m| words.starts_with(m)) || words.contains("<mpd");
    Some(Guess::Other(if playlist {
        "a playlist"
    } else if words.contains("<svg") {
        "an SVG drawing"
    } else if words.contains("<html") || words.starts_with("<!doctype html") {
        "a web page"
    } else {
        "a text file"
    }))
}

/// MPEG audio and ADTS have no magic number, only chains of frame headers.
fn frames(head: &[u8]) -> Option<Guess> {
    /// A recorder may begin in the middle of a frame, so one that starts late must show a longer chain.
    const SURE: usize = 4;
    for start in 0..head.len().saturating_sub(4) {
        let wanted = if start == 0 { 2 } else { SURE };
        for (kind, length) in [(Audio::Mp3, mpeg_frame as fn(&[u8]) -> Option<usize>), (Audio::Aac, adts_frame)] {
            if chain(&head[start..], length, wanted, start == 0) {
                return Some(Guess::Known(Kind::Audio(kind)));
            }
        }
    }
    None
}

/// Whether `wanted` frames follow each other; one alone is enough if the file ends within it.
fn chain(mut rest: &[u8], length: fn(&[u8]) -> Option<usize>, wanted: usize, may_end: bool) -> bool {
    for seen in 0..wanted {
        match length(rest) {
            Some(n) if n <= rest.len() => rest = &rest[n..],
            Some(_) => return may_end,
            None => return may_end && seen > 0 && rest.len() < 4,
        }
    }
    true
}

/// The length in bytes of an MPEG audio frame (layers I to III) that begins here.
fn mpeg_frame(h: &[u8]) -> Option<usize> {
    const HIGH: [[usize; 15]; 3] = [
        [0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448],
        [0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
        [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
    ];
    const LOW: [[usize; 15]; 2] = [
        [0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256],
        [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
    ];
    let h = h.get(..4)?;
    let (version, layer) = ((h[1] >> 3) & 3, 3 - usize::from((h[1] >> 1) & 3).min(3));
    let (bitrate, rate) = (usize::from(h[2] >> 4), usize::from((h[2] >> 2) & 3));
    // The last test keeps UTF-16 and fills of 0xff apart from sound: reserved emphasis never occurs.
    if h[0] != 0xff || h[1] & 0xe0 != 0xe0 || version == 1 || layer == 3 || h[3] & 3 == 2 {
        return None;
    }
    if bitrate == 0 || bitrate == 15 || rate == 3 {
        return None;
    }
    let full = version == 3;
    let kilobits = if full { HIGH[layer][bitrate] } else { LOW[layer.min(1)][bitrate] };
    let hertz = [44_100, 48_000, 32_000][rate] >> [2, 0, 1, 0][usize::from(version)];
    let padding = usize::from((h[2] >> 1) & 1);
    Some(match layer {
        0 => (12 * kilobits * 1000 / hertz + padding) * 4,
        2 if !full => 72 * kilobits * 1000 / hertz + padding,
        _ => 144 * kilobits * 1000 / hertz + padding,
    })
}

/// The length in bytes of an ADTS frame that begins here.
fn adts_frame(h: &[u8]) -> Option<usize> {
    let h = h.get(..7)?;
    let length = usize::from(h[3] & 3) << 11 | usize::from(h[4]) << 3 | usize::from(h[5] >> 5);
    let known_rate = (h[2] >> 2) & 15 < 13;
    (h[0] == 0xff && h[1] & 0xf6 == 0xf0 && known_rate && length > 7).then_some(length)
}
