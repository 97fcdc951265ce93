//! Parts out of OpenH264, on a thread of their own.
//!
//! Each group of pictures has an encoder that knows of no other, so that it depends on its frames alone. What OpenH264 has not: slices for
//! all rows of a high tile ([`can_cut`]), transforms of 8×8, and a bound of vectors that we could set, so that the ring is wider.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use super::layout::{BLOCK, Part};
use super::part::{AHEAD, Coding, Picture, Pictures, internal, unusable};
use crate::driver::Region;
use crate::error::{Error, Kind, Result};
use crate::media::Planes;
use crate::media::openh264::{Encoder, Inlet, Outlet, REACH, fill, inlet};

pub(crate) use crate::media::openh264::{Settings, can_cut};

/// Macroblocks of the ring: vectors reach so far, and three pixels of interpolation and three of deblocking come on top.
pub const RING: u32 = (REACH + 3 + 3).div_ceil(BLOCK as u32);

/// Starts encoding a part in which something moves.
pub fn live(coding: &Coding, index: usize, part: Part) -> Result<(Inlet, Receiver<Picture>)> {
    let settings = coding.settings(part, Quantisers::of(coding).key);
    let (inlet, frames) = inlet(settings.size);
    let (give, pictures) = sync_channel(AHEAD);
    let thread = Thread {
        part,
        settings,
        group: coding.gop,
        quantiser: Quantisers::of(coding).other,
        frames,
        give,
    };
    std::thread::Builder::new()
        .name(format!("encode-{index}"))
        .spawn(move || thread.run())
        .map_err(|e| internal("a thread could not be started").because(e))?;
    Ok((inlet, pictures))
}

/// How a part that stands still is encoded.
pub fn still(coding: &Coding, part: Part) -> Settings {
    coding.settings(part, Quantisers::of(coding).still)
}

/// Encodes the one picture of a part that stands still.
pub fn picture(part: Part, settings: &Settings, pixels: &Planes) -> Picture {
    let mut planes = Planes::blank(settings.size.0, settings.size.1);
    let whole = Region {
        x: 0,
        y: 0,
        width: pixels.width,
        height: pixels.height,
    };
    fill(&mut planes, pixels, whole);
    encode(&mut Encoder::new(settings)?, &mut Pictures::whole(part), &planes)
}

/// The thread that encodes a part.
struct Thread {
    part: Part,
    settings: Settings,
    /// Frames from one key frame to the next.
    group: usize,
    /// Of what is no key frame.
    quantiser: u8,
    frames: Outlet,
    give: SyncSender<Picture>,
}

impl Thread {
    fn run(self) {
        if let Err(e) = self.encode() {
            // Nobody listens if the render is over.
            let _ = self.give.send(Err(e));
        }
    }

    /// Until no frames come, or nobody takes the pictures.
    fn encode(&self) -> Result<()> {
        let mut group = None;
        let mut since = 0;
        while let Some(frame) = self.frames.next() {
            let (encoder, pictures) = match &mut group {
                Some(group) if since < self.group => group,
                _ => {
                    since = 0;
                    group.insert((Encoder::new(&self.settings)?, Pictures::whole(self.part)))
                }
            };
            if since == 1 {
                encoder.quantise(self.quantiser)?;
            }
            since += 1;
            let picture = encode(encoder, pictures, &frame)?;
            if self.give.send(Ok(picture)).is_err() {
                return Ok(());
            }
            self.frames.give_back(frame);
        }
        Ok(())
    }
}

fn encode(encoder: &mut Encoder, pictures: &mut Pictures, frame: &Planes) -> Picture {
    let mut complete = None;
    encoder.encode(frame, &mut |unit| {
        complete = pictures.unit(unit).map_err(unusable)?.or(complete.take());
        Ok(())
    })?;
    complete.ok_or_else(|| Error::new(Kind::ToolFailed, "OpenH264 gave a picture that is not whole"))
}

/// Quantisers of luma.
struct Quantisers {
    /// Of key frames, where something moves.
    key: u8,
    /// Of all others.
    other: u8,
    /// Of what stands still.
    still: u8,
}

impl Coding<'_> {
    fn settings(&self, part: Part, quantiser: u8) -> Settings {
        let side = |blocks: u32| blocks as usize * BLOCK;
        Settings {
            size: (side(part.blocks.width()), side(part.blocks.height())),
            slice: part.slice as usize,
            group: None,
            quantiser,
            cabac: self.cabac,
            filter: true,
            threads: 1,
        }
    }
}

impl Quantisers {
    /// Those of x264 here, and better key frames for the same reason: where something stands still it is a copy of them for two seconds.
    fn of(coding: &Coding) -> Self {
        let other = coding.quantiser();
        let better = if coding.layout.is_plain() { 3 } else { 7 };
        Self {
            key: other - better,
            other,
            still: other - 5,
        }
    }
}
