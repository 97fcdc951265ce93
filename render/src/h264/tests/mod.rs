use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::bits::last_one;
use super::level::Demand;
use super::*;

mod damaged;
mod known;
mod round;

/// Streams of x264: 64×48 pixels, slices of eight macroblocks (and four), a key frame every three.
const MOVING: [&[u8]; 2] = [include_bytes!("moving_cabac.h264"), include_bytes!("moving_cavlc.h264")];
/// A grey picture, and the same once more.
const STILL: [&[u8]; 2] = [include_bytes!("still_cabac.h264"), include_bytes!("still_cavlc.h264")];

/// A grey picture three times, the last one between the others.
const BETWEEN: [&[u8]; 2] = [include_bytes!("between_cabac.h264"), include_bytes!("between_cavlc.h264")];

fn units(stream: &[u8]) -> Vec<Vec<u8>> {
    let mut units = Vec::new();
    let mut cutter = AnnexB::new();
    cutter.push(stream, &mut |unit| units.push(unit.to_vec())).unwrap();
    cutter.finish(&mut |unit| units.push(unit.to_vec()));
    units
}

fn parameters(units: &[Vec<u8>]) -> (Sps, Pps) {
    let find = |kind| units.iter().find(|u| UnitType::from(u[0]) == kind).unwrap();
    (Sps::parse(find(UnitType::Sps)).unwrap(), Pps::parse(find(UnitType::Pps)).unwrap())
}

fn slices(units: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let is_slice = |u: &&Vec<u8>| matches!(u[0].into(), UnitType::Slice | UnitType::Idr);
    units.iter().filter(is_slice).map(|u| unescaped(u)).collect()
}

fn unescaped(unit: &[u8]) -> Vec<u8> {
    let mut rbsp = Vec::new();
    nal::unescape(unit, &mut rbsp);
    rbsp
}
