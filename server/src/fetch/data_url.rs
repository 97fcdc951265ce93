//! Images written into the url itself (RFC 2397).

use std::path::Path;

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use percent_encoding::percent_decode_str;

use super::Fetched;
use super::error::{FetchError, Refused};
use super::new_file::NewFile;

/// As browsers read it: with or without padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

const SCHEME: &str = "data:";

pub(super) fn is_one(text: &str) -> bool {
    text.get(..SCHEME.len()).is_some_and(|s| s.eq_ignore_ascii_case(SCHEME))
}

/// Its form and its size; whether the data are damaged is seen when they are read.
pub(super) fn check(text: &str, limit: u64) -> Result<(), Refused> {
    let parts = Parts::of(text)?;
    // What is longer need not be counted: a byte takes three characters at most.
    if parts.data.len() as u64 > limit.saturating_mul(4) || parts.bytes() > limit {
        return Err(Refused::DataTooLarge { limit });
    }
    Ok(())
}

pub(super) async fn save(text: &str, limit: u64, to: &Path) -> Result<Fetched, FetchError> {
    let parts = Parts::of(text)?;
    let bytes = parts.decode()?;
    if bytes.len() as u64 > limit {
        return Err(Refused::DataTooLarge { limit }.into());
    }
    let mut file = NewFile::create(to)?;
    file.write(&bytes).await?;
    file.keep().await?;
    Ok(Fetched {
        bytes: bytes.len() as u64,
        content_type: Some(parts.kind.to_ascii_lowercase()),
    })
}

struct Parts<'a> {
    kind: &'a str,
    base64: bool,
    data: &'a str,
}

impl<'a> Parts<'a> {
    fn of(text: &'a str) -> Result<Self, Refused> {
        let rest = text.get(SCHEME.len()..).unwrap_or_default();
        let (head, data) = rest.split_once(',').ok_or(Refused::DataKind)?;
        let mut fields = head.split(';').map(str::trim);
        let kind = fields.next().unwrap_or_default();
        let image = kind.get(..6).is_some_and(|k| k.eq_ignore_ascii_case("image/"));
        if !image {
            return Err(Refused::DataKind);
        }
        Ok(Self {
            kind,
            base64: fields.next_back().is_some_and(|f| f.eq_ignore_ascii_case("base64")),
            // Behind # is no data.
            data: data.split('#').next().unwrap_or_default(),
        })
    }

    /// Of how many bytes it is, if it is not damaged.
    fn bytes(&self) -> u64 {
        let plain = percent_decode_str(self.data);
        match self.base64 {
            true => (plain.filter(|b| !b.is_ascii_whitespace() && *b != b'=').count() as u64) * 3 / 4,
            false => plain.count() as u64,
        }
    }

    fn decode(&self) -> Result<Vec<u8>, Refused> {
        let mut bytes: Vec<u8> = percent_decode_str(self.data).collect();
        if !self.base64 {
            return Ok(bytes);
        }
        bytes.retain(|b| !b.is_ascii_whitespace());
        BASE64.decode(bytes).map_err(|_| Refused::DataDamaged)
    }
}

#[cfg(test)]
mod tests;
