//! The fonts that ship, and which of them writes what.

use rustybuzz::Face;
use rustybuzz::ttf_parser::GlyphId;

/// In the order in which they are asked for a sign.
static FILES: [&[u8]; 6] = [
    include_bytes!("../../fonts/NotoSans-Bold.ttf"),
    include_bytes!("../../fonts/NotoSansHebrew-Bold.ttf"),
    include_bytes!("../../fonts/NotoSansArabic-Bold.ttf"),
    include_bytes!("../../fonts/NotoSansDevanagari-Bold.ttf"),
    include_bytes!("../../fonts/NotoSansThai-Bold.ttf"),
    include_bytes!("../../fonts/NotoSansCJK-Bold.otf"),
];

/// All of them.
pub struct Fonts(Vec<Face<'static>>);

impl Fonts {
    /// Reads only their tables of contents.
    pub fn load() -> Self {
        Self(FILES.iter().filter_map(|data| Face::from_slice(data, 0)).collect())
    }

    pub fn face(&self, font: usize) -> &Face<'static> {
        &self.0[font]
    }

    /// The font for a sign: the one of the sign before it for what belongs to many scripts, else the first that has it.
    pub fn writing(&self, sign: char, before: Option<usize>) -> Option<usize> {
        let has = |font: &usize| self.glyph(*font, sign).is_some();
        let shared = !sign.is_alphanumeric();
        before.filter(|font| shared && has(font)).or_else(|| (0..self.0.len()).find(has))
    }

    fn glyph(&self, font: usize, sign: char) -> Option<GlyphId> {
        self.0[font].glyph_index(sign)
    }
}

/// Signs that are not drawn but tell how others are: joiners, direction marks, variants.
pub fn is_hint(sign: char) -> bool {
    matches!(sign, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_font_loads_and_scripts_have_theirs() {
        let fonts = Fonts::load();
        assert_eq!(fonts.0.len(), FILES.len());
        for (sign, font) in [
            ('é', 0),
            ('Ω', 0),
            ('ж', 0),
            ('ש', 1),
            ('ع', 2),
            ('ह', 3),
            ('ไ', 4),
            ('你', 5),
            ('あ', 5),
            ('한', 5),
            ('★', 5),
        ] {
            assert_eq!(fonts.writing(sign, None), Some(font), "{sign}");
        }
        assert_eq!(fonts.writing('。', Some(5)), Some(5));
        assert_eq!(fonts.writing('😀', Some(0)), None);
    }
}
