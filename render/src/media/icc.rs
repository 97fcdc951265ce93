//! A picture's own colours to sRGB: telephones store Display P3.

use moxcms::{ColorProfile, DataColorSpace, Layout, TransformOptions};

use super::Picture;

/// Converts in place; a profile that makes no sense, or is no RGB, leaves the picture as it is.
pub(super) fn to_srgb(picture: &mut Picture, profile: &[u8]) {
    let Ok(profile) = ColorProfile::new_from_slice(profile) else {
        return;
    };
    if profile.color_space != DataColorSpace::Rgb {
        return;
    }
    let srgb = ColorProfile::new_srgb();
    let Ok(transform) = profile.create_transform_8bit(Layout::Rgba, &srgb, Layout::Rgba, TransformOptions::default()) else {
        return;
    };
    let mut converted = vec![0; picture.width * 4];
    for row in picture.rgba.chunks_exact_mut(picture.width * 4) {
        if transform.transform(row, &mut converted).is_err() {
            return;
        }
        // The many profiles that are sRGB under another name must not cost a code by rounding.
        for (own, new) in row.chunks_exact_mut(4).zip(converted.chunks_exact(4)) {
            if own.iter().zip(new).any(|(a, b)| a.abs_diff(*b) > 1) {
                own[..3].copy_from_slice(&new[..3]);
            }
        }
    }
}
