//! The encoder of a part that moves, as whoever writes frames sees it.

use super::part::{LAST_PATIENCE, internal};
use crate::composite::overlay;
use crate::driver::Region;
use crate::error::{Error, Kind, Result};
use crate::media::Planes;
use crate::media::openh264::Inlet;
use crate::media::process::{Child, Exit};

/// Takes the part `region` of each frame.
pub struct Feed {
    pub encoder: Encoder,
    pub region: Region,
}

pub enum Encoder {
    Child {
        child: Child,
        /// For its pixels, where they are not whole rows.
        cut: Planes,
    },
    Beside(Inlet),
}

/// How an encoder ended.
pub struct End {
    pub well: bool,
    /// What there is to say where it made too little.
    pub error: Error,
}

impl Encoder {
    /// A child for a part of frames that are `width` pixels wide.
    pub fn child(child: Child, region: Region, width: usize) -> Self {
        let cut = if region.width == width {
            Planes::blank(0, 0)
        } else {
            Planes::blank(region.width, region.height)
        };
        Self::Child { child, cut }
    }
}

impl Feed {
    pub fn write(&mut self, frame: &Planes) -> std::io::Result<()> {
        match &mut self.encoder {
            Encoder::Child { child, cut } => write(child, cut, frame, self.region),
            Encoder::Beside(inlet) => match inlet.write(frame, self.region) {
                true => Ok(()),
                false => Err(std::io::ErrorKind::BrokenPipe.into()),
            },
        }
    }

    /// No more frames come: waits for a child's end, and asks `alive` several times a second whether to go on.
    pub fn finish_while(&mut self, alive: &mut dyn FnMut() -> Result<()>) -> Result<End> {
        Ok(match &mut self.encoder {
            Encoder::Child { child, .. } => ended(&child.finish_while(LAST_PATIENCE, alive)?, "ffmpeg could not encode the video"),
            Encoder::Beside(inlet) => beside_ended(inlet),
        })
    }

    /// The same after a failure.
    pub fn finish(&mut self) -> Result<End> {
        Ok(match &mut self.encoder {
            Encoder::Child { child, .. } => ended(&child.finish(LAST_PATIENCE)?, "ffmpeg stopped before the video was complete"),
            Encoder::Beside(inlet) => beside_ended(inlet),
        })
    }
}

fn ended(exit: &Exit, otherwise: &str) -> End {
    End {
        well: exit.success(),
        error: exit.error(Error::new(Kind::ToolFailed, otherwise)),
    }
}

/// It says what it has to say where its pictures are taken.
fn beside_ended(inlet: &mut Inlet) -> End {
    inlet.end();
    End {
        well: true,
        error: internal("OpenH264 ended before the video was complete"),
    }
}

fn write(child: &mut Child, cut: &mut Planes, frame: &Planes, region: Region) -> std::io::Result<()> {
    let Region { y, width, height, .. } = region;
    if width != frame.width {
        overlay::cut_into(frame, region, cut);
        return child.write_all(&[&cut.y, &cut.u, &cut.v]);
    }
    let half = width / 2;
    let luma = y * width..(y + height) * width;
    let chroma = y / 2 * half..(y + height) / 2 * half;
    child.write_all(&[&frame.y[luma], &frame.u[chroma.clone()], &frame.v[chroma]])
}
