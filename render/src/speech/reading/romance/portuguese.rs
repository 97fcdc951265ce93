//! Portuguese of Brazil.

use super::rules::is_vowel;
use super::{Heard, Ways, stress};

pub struct Portuguese;

impl Ways for Portuguese {
    fn table(&self) -> &'static str {
        "(ch) ʃ
        (ç) s
        (cc)[eiéíê] ks
        (c)[eiéíêî] s
        (ck) k
        (c) k
        (dd) d
        (d)[ií] ʤ
        -(de)# ʤy
        -(des)# ʤys
        (d)# d
        (d) d
        (gu)[eiéíê] ɡ
        (gü) ɡw
        -(gu)[aoáóâôã] ɡw
        (g)[eiéíê] ʒ
        (g) ɡ
        (h)
        (j) ʒ
        (k) k
        (lh) lj
        (ll) l
        (l)# ʊ
        (l)C ʊ
        (l) l
        (nh) ɲ
        (nn) n
        (qu)[eiéíê] k
        -(qu)[aoáóâôã] kw
        (q) k
        (rr) x
        #(r) x
        [nls](r) x
        (r)# r
        (r)[bcdfgjklmnpqstvxz] ɾə
        [bcdfgkptv](r) r
        (r) ɾ
        (sch) ʃ
        (sc)[eiéíê] s
        (sç) s
        (ss) s
        V(s)V z
        (s)[bdgvmnlrjz] z
        (sh) ʃ
        (s) s
        (t)[ií] ʧ
        -(te)# ʧy
        -(tes)# ʧys
        (tch) ʧ
        (th) t
        (tt) t
        (t) t
        (b) b
        (f) f
        (ph) f
        (p) p
        (v) v
        (w) w
        #(ex)V ez
        #in(ex)V ez
        #(êx)V ez
        #(x) ʃ
        #en(x) ʃ
        [aeo]i(x) ʃ
        ou(x) ʃ
        (xc)[eiéíê] s
        fi(x) ks
        flu(x) ks
        fle(x) ks
        one(x) ks
        (x)[ctpç] s
        (x)# ks
        (xc)[eiéíê] s
        (x) ʃ
        (y)V j
        (y) i
        (z)# s
        (z) z
        (ã)e ɐ\u{303}
        ã(e) y
        (ão) ɐ\u{303}ʊ\u{303}
        (ãos) ɐ\u{303}ʊ\u{303}s
        (ãe) ɐ\u{303}y
        (õe) o\u{303}j
        -(am)# ɐ\u{303}ʊ\u{303}
        '(am)# ɐ\u{303}
        (am)[bp] ɐ\u{303}m
        (âm)[bp] ɐ\u{303}m
        (an)# ɐ\u{303}ŋ
        (an)[bcdfgjklpqrstvxzç] ɐ\u{303}ŋ
        (ân)[bcdfgjklpqrstvxzç] ɐ\u{303}ŋ
        '(a)[mn] ɐ\u{303}
        (ã)# ɐ\u{303}
        (ã) ɐ\u{303}
        (â) ɐ\u{303}
        (em)# Aŋ
        (ém)# Aŋ
        (êm)# Aŋ
        (ens)# Aŋs
        (éns)# Aŋs
        (em)[bp] Am
        (êm)[bp] Am
        (en)# Aŋ
        (en)[bcdfgjklpqrstvxzç] Aŋ
        (ên)[bcdfgjklpqrstvxzç] Aŋ
        (im)# iŋ
        (im)[bp] im
        (in)# iŋ
        (in)[bcdfgjklpqrstvxzç] iŋ
        (ím)[bp] im
        (ín)[bcdfgjklpqrstvxzç] iŋ
        (om)# oŋ
        (om)[bp] om
        (ôm)[bp] om
        (on)# oŋ
        (on)[bcdfgjklpqrstvxzç] oŋ
        (ôn)[bcdfgjklpqrstvxzç] oŋ
        (um)# u\u{303}ŋ
        (um)[bp] u\u{303}m
        (un)[bcdfgjklpqrstvxzç] u\u{303}ŋ
        (ún)[bcdfgjklpqrstvxzç] u\u{303}ŋ
        (n) n
        (m) m
        (ain)[dtcsz] aiŋ
        (oin)[dtcsz] oiŋ
        (uin)[dtcsz] uiŋ
        (air)# air
        (aiz)# ais
        a'(i) i
        (ai) I
        (ái) I
        (au) W
        (áu) W
        (al)# W
        (ál)[bcdfgjkmnpqrstvxzç] W
        (ul)# uw
        (ul)[bcdfgjkmnpqrstvxzç] uw
        (ol)# ɔl
        -(ol)[bcdfgjkmnpqrstvxzç] ow
        (al)[bcdfgjkmnpqrstvxzç] W
        (ei) A
        (éi) ɛɪ
        (eu)# eʊ
        (éu) ɛʊ
        (êu) eʊ
        (eu) eʊ
        (iu)# iʊ
        (oi) oɪ
        (ói) ɔɪ
        (ôi) oɪ
        '(ou) ow
        (ou) ow
        (ui) uɪ
        -(i)[aeo]# j
        -(i)[aeo]s# j
        -(a)# æ
        -(as)# æs
        #-(a)[mn]V æ
        -(a)[mn]V æ
        (a) a
        (á) a
        (à) a
        '(e)l# ɛ
        '(e)l ɛ
        '(e)rro e
        '(e)rr ɛ
        '(e)ss ɛ
        '(e)[bcgptvr]o ɛ
        '(e)[bcdgptvrl][ae] ɛ
        '(e)rc ɛ
        '(e)rd e
        '(e)rn ɛ
        '(e)rs ɛ
        '(e)rt ɛ
        '(e)st ɛ
        '(e)ct ɛ
        '(e)b ɛ
        '(e)C[iu]C ɛ
        -(e)# y
        -(es)# ys
        #(e)s e
        (e) e
        (é) ɛ
        (ê) e
        (è) ɛ
        (í) i
        (i) i
        (ï) i
        -(o)# ʊ
        -(os)# ʊs
        '(o)res# o
        '(o)[bcdgptvr][ae] ɔ
        '(o)do# ɔ
        '(o)rt ɔ
        '(o)sc ɔ
        '(o)st ɔ
        '(o)l ɔ
        '(o)rm ɔ
        '(o)rd ɔ
        '(o)[bdcgjptv]a# ɔ
        '(o)C[iu]C ɔ
        (o) o
        (ó) ɔ
        (ô) o
        (õ) o\u{303}
        (u) u
        (ú) u
        (ü) u"
    }

    fn exceptions(&self) -> &'static str {
        "e i
        é ɛ
        toda tˈodæ
        todas tˈodæs
        acordo akˈoɾədʊ
        neste nˈesʧy
        deste dˈesʧy
        aqueles akˈelys
        aquele akˈely
        modelo modˈelʊ
        modelos modˈelʊs
        a a
        as as
        na na
        nas nas
        muito mwˈiŋtʊ
        muita mwˈiŋtæ
        muitos mwˈiŋtʊs
        muitas mwˈiŋtæs
        não nɐ\u{303}ʊ\u{303}
        ele ˈely
        ela ˈɛlæ
        eles ˈelys
        elas ˈɛlæs
        esta ˈɛstæ
        este ˈesʧy
        essa ˈɛsæ
        esse ˈesy
        isso ˈisʊ
        hoje ˈoʒy
        agora aɡˈɔɾæ
        hora ˈɔɾæ
        horas ˈɔɾæs
        pode pˈɔʤy
        podem pˈɔdAŋ
        só sˈɔ
        próximo prˈɔsimʊ
        próxima prˈɔsimæ
        máximo mˈasimʊ
        máxima mˈasimæ
        táxi tˈaksi
        texto tˈestʊ
        sexo sˈɛksʊ
        fixo fˈiksʊ
        sintaxe siŋtˈasi
        trouxe trˈowsy
        melhor meljˈɔr
        maior ma ˈiɔr
        escola eskˈɔlæ
        nova nˈɔvæ
        novo nˈovʊ
        porta pˈɔɾətæ
        zero zˈɛɾʊ
        web wˈɛb
        internet ˌiŋteɾənˈɛʧy"
    }

    fn weak(&self) -> &'static str {
        "o a os as e de da do das dos em na no nas nos um uma que se me te lhe com por para pelo pela pelos pelas ao à aos às ou mas como não é está \
         seu sua meu minha te nos sem sob sobre eu ele vou são foi foram ser"
    }

    fn stress(&self, word: &[char]) -> Option<usize> {
        if let Some(at) = word.iter().position(|c| "áéíóúâêô".contains(*c)) {
            return Some(at);
        }
        let text: String = word.iter().collect();
        let nuclei = stress::nuclei(word, "iu");
        if let Some(at) = word.iter().rposition(|c| "ãõ".contains(*c)) {
            return Some(at);
        }
        if text.ends_with("iam") {
            return Some(word.len() - 3);
        }
        let plain = ["a", "e", "o", "as", "es", "os", "am", "em", "ens"]
            .iter()
            .any(|end| text.ends_with(end));
        let falls = word.len() > 1 && is_vowel(word[word.len() - 1]) && is_vowel(word[word.len() - 2]);
        // "dia", "rio", "energia": the i carries the stress unless the word is written otherwise.
        if falls && plain && matches!(word[word.len() - 2], 'i' | 'u') && !matches!(word.get(word.len().wrapping_sub(3)), Some('q' | 'g')) {
            return Some(word.len() - 2);
        }
        let ends_s = text.len() > 2 && (text.ends_with("as") || text.ends_with("os"));
        if ends_s && matches!(word[word.len() - 3], 'i' | 'u') {
            return Some(word.len() - 3);
        }
        stress::from_end(&nuclei, usize::from(plain))
    }

    /// s at a word's end is z before a voice, e before a vowel is j.
    fn link(&self, words: &mut [Heard]) {
        for i in 0..words.len() {
            let next = words.get(i + 1).filter(|w| w.follows);
            let next = next.and_then(|w| w.sounds.chars().find(|c| *c != 'ˈ' && *c != 'ˌ'));
            let word = &mut words[i];
            let vowel = next.is_some_and(super::rules::is_vowel_sound);
            let softer = match word.sounds.chars().next_back() {
                Some('y') if vowel && word.text.ends_with('e') => Some('j'),
                Some('ʊ') if vowel && word.text.ends_with('o') => Some('w'),
                Some('r') if vowel => Some('ɾ'),
                _ => None,
            };
            if let Some(softer) = softer {
                word.sounds.pop();
                word.sounds.push(softer);
            }
            if word.sounds.ends_with('s') && next.is_some_and(|c| super::rules::is_vowel_sound(c) || "bdɡvzʒʤmnlɾ".contains(c)) {
                word.sounds.pop();
                word.sounds.push('z');
            }
        }
    }
}
