//! A look at the outermost boxes of an MP4 file.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

/// Whether the index stands before the data and no box is cut off.
pub(super) fn is_whole(path: &Path) -> bool {
    boxes(path).is_ok_and(|names| {
        let place = |name: &[u8; 4]| names.iter().position(|n| n == name);
        matches!((place(b"ftyp"), place(b"moov"), place(b"mdat")), (Some(0), Some(moov), Some(mdat)) if moov < mdat)
    })
}

fn boxes(path: &Path) -> std::io::Result<Vec<[u8; 4]>> {
    let mut file = File::open(path)?;
    let end = file.metadata()?.len();
    let (mut at, mut names) = (0, Vec::new());
    while at < end {
        file.seek(SeekFrom::Start(at))?;
        let mut head = [0; 16];
        file.read_exact(&mut head[..8])?;
        let mut size = u64::from(u32::from_be_bytes([head[0], head[1], head[2], head[3]]));
        if size == 1 {
            file.read_exact(&mut head[8..])?;
            size = head[8..].iter().fold(0, |sum, &b| sum << 8 | u64::from(b));
        }
        names.push([head[4], head[5], head[6], head[7]]);
        at = at
            .checked_add(size)
            .filter(|&next| size >= 8 && next <= end)
            .ok_or(std::io::ErrorKind::InvalidData)?;
    }
    Ok(names)
}
