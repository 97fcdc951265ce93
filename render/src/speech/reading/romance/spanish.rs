//! Spanish of Castile.

use super::rules::is_vowel;
use super::{Heard, Ways, stress};

pub struct Spanish;

impl Ways for Spanish {
    fn table(&self) -> &'static str {
        "(ch) ʧ
        (ll)# l
        (ll) ʎ
        (l) l
        (rr) r
        #(r) r
        [nls](r) r
        (r) ɾ
        (qu)[eiéí] k
        (q) k
        (gu)[eiéí] ɡ
        (gü) ɡw
        (gu)[aoáó] ɡw
        (g)[eiéí] x
        (g) ɡ
        (j)# x
        (j) x
        (cc)[eiéí] kθ
        (c)[eiéí] θ
        (c) k
        (z) θ
        (ñ) ɲ
        #(x) s
        (x) ks
        #(hi)[eé] j
        #(hu)[eéiía] w
        (h)
        #(ps) s
        #(pn) n
        #(mn) n
        #(gn) n
        (b) b
        (v) b
        (w) w
        (d) d
        (f) f
        (k) k
        (m) m
        (nv) mb
        (n)[bpv] m
        (n)[gj] ŋ
        (n)f m
        (n) n
        (p)t pː
        (p) p
        (sh) ʃ
        (s) s
        (th) t
        (tz) ʦ
        (t) t
        (ç) s
        (y)V ʝ
        #(y)# i
        'u(y)# i
        (y) ɪ
        (ai) I
        (ái) I
        (ay)# I
        (áy)# I
        (ei) A
        (éi) A
        (ey)# A
        (oi) oɪ
        (ói) oɪ
        (oy)# oɪ
        (au) W
        (áu) au
        (eu) eʊ
        (éu) eʊ
        (ou) oʊ
        [bcdfgpt][lr]-(i)[aeouáéóú] i
        [bcdfgpt][lr]-(u)[aeioáéíó] u
        -(i)[aeouáéóú] j
        -(u)[aeioáéíó] w
        -(ü)[aeioáéíó] w
        (a) a
        (á) a
        (à) a
        (â) a
        (ã) a
        '(e)nC ɛ
        (e) e
        (é) e
        (è) e
        (ê) e
        (i) i
        (í) i
        (ï) i
        (o) o
        (ó) o
        (ò) o
        (ô) o
        (ö) o
        (u) u
        (ú) u
        (ü) u"
    }

    fn exceptions(&self) -> &'static str {
        "y i
        muy mˈuj
        méxico mˈexiko
        mexicano mexikˈano
        mexicana mexikˈana
        texas tˈexas
        oaxaca waxˈaka
        reloj relˈox
        internet ˌinteɾnˈet
        software sˈofweɾ
        web wˈeb
        online onlˈajn
        marketing mˈaɾketin
        whisky wˈiski"
    }

    fn weak(&self) -> &'static str {
        "el la los las lo le les me te se nos os de del al a en con por y e o u que mi tu su mis tus sus sin si ni pero como para cuando donde \
         porque aunque desde hasta entre sobre"
    }

    fn stress(&self, word: &[char]) -> Option<usize> {
        if let Some(at) = word.iter().position(|c| "áéíóú".contains(*c)) {
            return Some(at);
        }
        let nuclei = stress::nuclei(word, "iuüy");
        let last = word.last()?;
        let back = usize::from((is_vowel(*last) && *last != 'y') || matches!(last, 'n' | 's'));
        stress::from_end(&nuclei, back)
    }

    /// Adverbs are said as their adjectives are, and stressed at their end too.
    fn halves<'a>(&self, word: &'a str) -> Option<(&'a str, &'static str)> {
        word.strip_suffix("mente")
            .filter(|stem| stem.chars().count() > 3)
            .map(|stem| (stem, "mˈente"))
    }

    /// b, d and g are soft but at the start, behind a nasal, before some consonants and at an end.
    fn link(&self, words: &mut [Heard]) {
        let mut last: Option<char> = None;
        for i in 0..words.len() {
            let next = words
                .get(i + 1)
                .filter(|w| w.follows)
                .and_then(|w| w.sounds.chars().find(|c| *c != 'ˈ' && *c != 'ˌ'));
            let word = &mut words[i];
            if !word.follows {
                last = None;
            }
            let mut said = String::with_capacity(word.sounds.len());
            let signs: Vec<char> = word.sounds.chars().collect();
            for (n, c) in signs.iter().copied().enumerate() {
                let after = signs
                    .get(n + 1)
                    .copied()
                    .filter(|c| *c != 'ˈ')
                    .or_else(|| signs.get(n + 2).copied())
                    .or(next);
                let soft = |hard: &str| last.is_some_and(|l| !"mnŋɲ".contains(l)) && after.is_some_and(|a| !hard.contains(a));
                let sign = match c {
                    'b' if soft("tmnsdkpθxfʧ") => 'β',
                    'd' if soft("mnsktpθxfʧbβɡɣl") => 'ð',
                    'ɡ' if soft("nmtsdkpθxfʧ") => 'ɣ',
                    c => c,
                };
                said.push(sign);
                if !"ˈˌ ".contains(c) {
                    last = Some(c);
                }
            }
            if said.ends_with('n') && matches!(next, Some('ɡ' | 'x')) {
                said.pop();
                said.push('ŋ');
            }
            word.sounds = said;
        }
    }
}
