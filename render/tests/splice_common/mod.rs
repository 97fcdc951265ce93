//! A film of a still wall on which patches move, and what can be measured of it.

#![allow(dead_code, reason = "each test binary uses its own part")]

use std::path::PathBuf;

use mouthpiece_render::driver::Region;
use mouthpiece_render::media::encode::{EncodePath, EncodeSettings, Encoder, Quality};
use mouthpiece_render::media::sound::{Limits, probe};
use mouthpiece_render::media::tools::Wish;
use mouthpiece_render::media::{Planes, Tools};
use mouthpiece_render::scene::Fps;

use crate::common::{Folder, ffmpeg_output, ffprobe, noise, wav};

/// Frames from one key frame to the next.
const GOP: usize = 12;

pub struct Film {
    pub size: (usize, usize),
    pub fps: Fps,
    pub frames: usize,
    pub moving: Vec<Region>,
    folder: Folder,
    /// A photo, 512×512.
    photo: Planes,
}

impl Film {
    pub fn new(size: (usize, usize), fps: Fps, frames: usize, moving: &[Region]) -> Self {
        let photo = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/media/astronaut.png");
        let filter = "scale=512:512:out_color_matrix=bt709:out_range=tv";
        let bytes = ffmpeg_output(&photo, &format!("-vf {filter} -f rawvideo -pix_fmt yuv420p"));
        Self {
            size,
            fps,
            frames,
            moving: moving.to_vec(),
            folder: Folder::new(),
            photo: planes(&bytes, (512, 512)),
        }
    }

    /// The photo all over, mirrored at its edges; where it moves, another part of it in each frame.
    pub fn frame(&self, index: usize) -> Planes {
        let mut frame = Planes::blank(self.size.0, self.size.1);
        self.paint(
            &mut frame,
            Region {
                x: 0,
                y: 0,
                width: self.size.0,
                height: self.size.1,
            },
            (0, 0),
        );
        let t = index as f64;
        let sway = ((7.0 * (0.31 * t).sin()) as isize * 2, (6.0 * (0.23 * t).cos()) as isize * 2);
        for &moving in &self.moving {
            self.paint(&mut frame, moving, sway);
        }
        frame
    }

    fn paint(&self, frame: &mut Planes, at: Region, by: (isize, isize)) {
        let (width, half) = (frame.width, frame.width / 2);
        let mirrored = |v: isize, side: isize| {
            let v = v.rem_euclid(2 * side);
            (if v < side { v } else { 2 * side - 1 - v }) as usize
        };
        for y in at.y..at.y + at.height {
            for x in at.x..at.x + at.width {
                let (px, py) = (mirrored(x as isize + by.0, 512), mirrored(y as isize + by.1, 512));
                frame.y[y * width + x] = self.photo.y[py * 512 + px];
                if (x | y) % 2 == 0 {
                    let from = py / 2 * 256 + px / 2;
                    frame.u[y / 2 * half + x / 2] = self.photo.u[from];
                    frame.v[y / 2 * half + x / 2] = self.photo.v[from];
                }
            }
        }
    }

    /// Encodes all frames with a sound that is longer.
    pub fn encode(&self, path: EncodePath) -> PathBuf {
        self.encode_by(Wish::Best, path)
    }

    /// The same by an encoder of one's choice.
    pub fn encode_by(&self, wish: Wish, path: EncodePath) -> PathBuf {
        let tools = Tools { wish, ..Tools::default() };
        let sound = self.folder.write("sound.wav", &wav(48_000, 1, &noise(48_000 * 2)));
        let output = self.folder.join("out.mp4");
        let settings = EncodeSettings {
            width: self.size.0,
            height: self.size.1,
            fps: self.fps,
            frames: self.frames,
            sound: &sound,
            facts: &probe(&sound, &Limits::default(), &Tools::default()).unwrap(),
            output: &output,
            quality: Quality::Standard,
            path,
            moving: &self.moving,
            key_seconds: GOP as f64 / self.fps.as_f64(),
            tools: &tools,
        };
        let mut encoder = Encoder::start(&settings).unwrap();
        for index in 0..self.frames {
            encoder.write(&self.frame(index)).unwrap();
        }
        encoder.finish().unwrap();
        output
    }

    /// All frames of a file, decoded.
    pub fn pictures(&self, path: &std::path::Path) -> Vec<Planes> {
        let bytes = ffmpeg_output(path, "-map 0:v:0 -f rawvideo -pix_fmt yuv420p");
        let size = self.size.0 * self.size.1 * 3 / 2;
        bytes.chunks_exact(size).map(|b| planes(b, self.size)).collect()
    }

    /// The frame that a player shows which is asked for a time.
    pub fn sought(&self, path: &std::path::Path, seconds: &str) -> Planes {
        let output = self.folder.join("sought.yuv");
        let file = path.display();
        crate::common::ffmpeg(
            &format!("-ss {seconds} -i {file} -map 0:v:0 -frames:v 1 -f rawvideo -pix_fmt yuv420p"),
            &output,
        );
        planes(&std::fs::read(output).unwrap(), self.size)
    }

    /// Times, key frames and colours are what they must be.
    pub fn check_container(&self, path: &std::path::Path) {
        let said = ffprobe(path, "-show_streams -show_packets -count_frames");
        let (video, audio) = (&said["streams"][0], &said["streams"][1]);
        assert_eq!(video["nb_read_frames"], self.frames.to_string());
        let rate = format!("{}/{}", self.fps.num, self.fps.den);
        if self.frames > 1 {
            assert_eq!(
                (&video["r_frame_rate"], &video["avg_frame_rate"]),
                (&rate.as_str().into(), &rate.as_str().into())
            );
        }
        let number = |v: &serde_json::Value| v.as_str().unwrap().parse::<f64>().unwrap();
        let exact = self.frames as f64 / self.fps.as_f64();
        assert_eq!(number(&video["start_time"]), 0.0);
        assert!((number(&video["duration"]) - exact).abs() < 2e-6, "{video}");
        assert!((number(&audio["duration"]) - exact).abs() < 2.5e-5, "{audio}");
        let size = (self.size.0.to_string(), self.size.1.to_string());
        assert_eq!((video["width"].to_string(), video["height"].to_string()), size);
        for field in ["color_space", "color_primaries", "color_transfer"] {
            assert_eq!(video[field], "bt709");
        }
        assert_eq!((&video["color_range"], &video["chroma_location"]), (&"tv".into(), &"center".into()));
        let packets = said["packets"].as_array().unwrap().iter().filter(|p| p["codec_type"] == "video");
        let (mut shown, mut before) = (Vec::new(), i64::MIN);
        for (index, packet) in packets.enumerate() {
            let [pts, dts] = ["pts", "dts"].map(|time| packet[time].as_i64().unwrap());
            assert!(before < dts && dts <= pts, "packet {index}");
            before = dts;
            let key = packet["flags"].as_str().unwrap().starts_with('K');
            assert_eq!(key, index.is_multiple_of(GOP), "packet {index}");
            // All that is shown before a key frame is decoded before it.
            assert!(!key || shown.iter().all(|&earlier| earlier < pts), "packet {index}");
            shown.push(pts);
        }
        shown.sort_unstable();
        let step = shown.get(1).map_or(0, |second| second - shown[0]);
        assert!(shown.iter().enumerate().all(|(n, &pts)| pts == n as i64 * step), "{shown:?}");
    }

    /// Whether two pictures are the same to the bit at all pixels that `wanted` names.
    pub fn same_where(&self, a: &Planes, b: &Planes, wanted: &dyn Fn(usize, usize) -> bool) -> bool {
        let (width, half) = (a.width, a.width / 2);
        let luma = a.y.iter().zip(&b.y).enumerate();
        let chroma = |a: &[u8], b: &[u8]| {
            let pairs = a.iter().zip(b).enumerate();
            pairs.into_iter().all(|(i, (p, q))| p == q || !wanted(i % half * 2, i / half * 2))
        };
        luma.into_iter().all(|(i, (p, q))| p == q || !wanted(i % width, i / width)) && chroma(&a.u, &b.u) && chroma(&a.v, &b.v)
    }
}

pub fn planes(bytes: &[u8], (width, height): (usize, usize)) -> Planes {
    let (luma, chroma) = (width * height, width * height / 4);
    Planes {
        width,
        height,
        y: bytes[..luma].to_vec(),
        u: bytes[luma..luma + chroma].to_vec(),
        v: bytes[luma + chroma..luma + 2 * chroma].to_vec(),
    }
}

pub fn part(of: &Planes, at: Region) -> Planes {
    let rows = |plane: &[u8], stride: usize, by: usize| -> Vec<u8> {
        let (x, width) = (at.x / by, at.width / by);
        (at.y / by..(at.y + at.height) / by)
            .flat_map(|y| plane[y * stride + x..][..width].to_vec())
            .collect()
    };
    Planes {
        width: at.width,
        height: at.height,
        y: rows(&of.y, of.width, 1),
        u: rows(&of.u, of.width / 2, 2),
        v: rows(&of.v, of.width / 2, 2),
    }
}

/// Of luma and both chromas, in dB.
pub fn psnr(a: &Planes, b: &Planes) -> [f64; 3] {
    [(&a.y, &b.y), (&a.u, &b.u), (&a.v, &b.v)].map(|(p, q)| {
        let sum: f64 = p.iter().zip(q).map(|(x, y)| f64::from(x.abs_diff(*y)).powi(2)).sum();
        10.0 * (255.0 * 255.0 * p.len() as f64 / sum.max(1e-9)).log10()
    })
}

/// Blockiness: by how much luma steps more than it should from one side of an edge between blocks to the other, in codes, the mean over an
/// edge: at the worst border of a rectangle, and at the worst edge inside it.
pub fn steps(picture: &Planes, asked: &Planes, at: Region) -> (f64, f64) {
    let error = |i: usize, j: usize| {
        let step = |p: &Planes| f64::from(p.y[i]) - f64::from(p.y[j]);
        (step(picture) - step(asked)).abs()
    };
    let stride = picture.width;
    let column = |x: usize| {
        (at.y..at.y + at.height)
            .map(|y| error(y * stride + x, y * stride + x - 1))
            .sum::<f64>()
            / at.height as f64
    };
    let row = |y: usize| {
        (at.x..at.x + at.width)
            .map(|x| error(y * stride + x, (y - 1) * stride + x))
            .sum::<f64>()
            / at.width as f64
    };
    let (right, bottom) = (at.x + at.width, at.y + at.height);
    let columns = [at.x, right].into_iter().filter(|&x| x > 0 && x < picture.width).map(column);
    let rows = [at.y, bottom].into_iter().filter(|&y| y > 0 && y < picture.height).map(row);
    let border = columns.chain(rows).fold(0.0, f64::max);
    let inner = |from: usize, to: usize| (from / 16 + 1..to / 16).map(|i| i * 16);
    let inside = inner(at.x, right)
        .map(column)
        .chain(inner(at.y, bottom).map(row))
        .fold(0.0, f64::max);
    (border, inside)
}
