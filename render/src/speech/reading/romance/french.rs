//! French of France.

use super::rules::is_vowel_sound;
use super::{Heard, Ways};

pub struct French;

impl Ways for French {
    fn table(&self) -> &'static str {
        "(aient)# ɛ
        (aî) ɛ
        (aill) aj
        (ail)# aj
        (ails)# aj
        (ain)[C#] ɛ\u{303}
        (aim)[C#] ɛ\u{303}
        er(ai)# e
        ir(ai)# e
        dr(ai)# e
        (ai)# ɛ
        (ai) ɛ
        (aï) ai
        (aën) ɑ\u{303}
        (aou) au
        (au) o
        (ay)V ɛj
        (ay) ɛ
        (aa) a
        (a)nn a
        (an)[C#] ɑ\u{303}
        (a)mm a
        (am)[bp] ɑ\u{303}
        (a) a
        (à) a
        (â) a
        (æ) e
        (eau) o
        (eaux) o
        (ei)ll ɛ
        (eil)# ɛj
        (eils)# ɛj
        (ein)[C#] ɛ\u{303}
        (eim)[C#] ɛ\u{303}
        (ei) ɛ
        (eun)# œ\u{303}
        (eû) ø
        #(eu)# y
        (euill) œj
        (euil) œj
        (eu)# ø
        (eu)[xdst]# ø
        (eu)[xd]# ø
        (eu)s[ea] ø
        (eu)t ø
        (eu)vent ø
        (eu)[rlfvnpbgj] œ
        (eu) ø
        (ey) ɛ
        (emment)# amɑ\u{303}
        #(emm) ɑ\u{303}m
        #(em)[bp] ɑ\u{303}
        (em)[bp] ɑ\u{303}
        #(enn) ɑ\u{303}n
        #(en)V ɑ\u{303}n
        (e)nn ɛ
        (e)mm ɛ
        i(en)# ɛ\u{303}
        i(ens)# ɛ\u{303}
        i(ent)# ɛ\u{303}
        i(en)[dt] ɛ\u{303}
        é(en)# ɛ\u{303}
        é(ens)# ɛ\u{303}
        y(en)# ɛ\u{303}
        y(ens)# ɛ\u{303}
        am(en)# ɛ\u{303}
        m(ent)# ɑ\u{303}
        (ent)#
        (en)[C#] ɑ\u{303}
        #C(er)# ɛʁ
        #CC(er)# ɛʁ
        (er)# e
        (ers)# ɛʁ
        (ez)# e
        (et)# ɛ
        (ets)# ɛ
        #C(es)# e
        (es)#
        (ef)# ɛf
        (el)# ɛl
        (els)# ɛl
        (ec)# ɛk
        (ecs)# ɛk
        (ed)# ɛ
        #r(e)ss ə
        #d(e)ss ə
        #(ex)[Vh] ɛɡz
        (e)x ɛ
        #(e)ff e
        (e)cc ɛ
        (e)lle ɛ
        (e)ll e
        (e)tte ɛ
        (e)tt ɛ
        (e)rr ɛ
        (e)ss ɛ
        (e)ff ɛ
        (e)pp ɛ
        (e)mm ɛ
        (e)# 
        C(e)[bcdfgkptv][lr] ə
        C(e)ch ə
        C(e)gn ɛ
        C(e)ph ə
        C(e)th ə
        #C(e)qu ə
        C(e)qu ɛ
        (e)CC ɛ
        #C(e)C ə
        #CC(e)C ə
        g(e)[aoâôu]
        V(e)
        (e)C# ɛ
        pp(e)CV
        nn(e)CV
        mm(e)CV
        tt(e)CV
        ll(e)CV
        ss(e)CV
        ff(e)CV
        n[tdsc](e)CV
        CC(e)CV ə
        VC(e)CV
        (e)CV ə
        (e) ə
        (é) e
        (è) ɛ
        (ê) ɛ
        (ë) ɛ
        (ient)# jɛ\u{303}
        (ier)# je
        (iers)# je
        (ill)# il
        #(ill) il
        #m(ill) il
        #v(ill) il
        [aeou](ill) j
        u(i) i
        (ill)[eao] ij
        (illi) iji
        [ptckbdgfv][lr](i)V i
        (in)# ɛ\u{303}
        (i)nn i
        (i)mm i
        (in)C ɛ\u{303}
        (im)[bp] ɛ\u{303}
        (i)ent i
        (ie)# i
        (ies)# i
        (ied) je
        (i)[aoeéèêuœô] j
        (i) i
        (î) i
        (ï) i
        (oeu) œ
        (oê) wa
        (oin)[C#] wɛ\u{303}
        (oî) wa
        (oi) wa
        (oï) ɔi
        (oy)V waj
        (oy) wa
        (oueu) wø
        (ou)[aeiéèêo]X w
        (oui)# wi
        (ouill) uj
        (ouil)# uj
        (oui) wi
        (oû) u
        (où) u
        (ou) u
        (ooo) o
        (oo) u
        (o)nn ɔ
        (on)[C#] ɔ\u{303}
        (o)mm ɔ
        (om)[bpt] ɔ\u{303}
        (om)# ɔ\u{303}
        (oms)# ɔ\u{303}
        (o)ts# o
        (ot)# o
        (os)# o
        (op)# o
        (oc)# ɔk
        (o)# o
        (o)se o
        (o)sition o
        (o)tion o
        (o)[bdfgklmnprtcv]es# ɔ
        (o)[bdfgklmnprtcv]e# ɔ
        (o)ch ɔ
        (o)gn ɔ
        (o)rr o
        (o)ll o
        (o)ss ɔ
        (o)mm o
        (o)ff o
        (o)tt o
        (o)cc o
        (o)pp o
        (o)[bcdfgpt][rl] ɔ
        (o)CC ɔ
        (o)C# ɔ
        (o) o
        (ô) o
        (ö) ø
        (œu)[dx#] ø
        (œuf)s# ø
        (œu) œ
        (œ) e
        #(un)# œ\u{303}
        (u)nn y
        (un)[C#] œ\u{303}
        (um)# ɔm
        (um)[bp] œ\u{303}
        g(u)E
        q(u)
        (ue)# y
        (ues)# y
        (u) y
        (û) y
        (ù) u
        (ü) y
        (yn)C ɛ\u{303}
        (ym)[bp] ɛ\u{303}
        (y)V j
        (y) i
        (ÿ) i
        (bb) b
        m(b)#
        m(bs)#
        (b)s p
        (b)t p
        (b) b
        (ç) s
        (cc)E ks
        (cch) k
        (cc) k
        (cqu) k
        (ck) k
        (chr) kʁ
        (chn) kn
        (ch) ʃ
        n(c)#
        n(cs)#
        (ct)# kt
        (cts)# kt
        (c)[eiéèêyîœ] s
        (cs)# k
        (c) k
        (dd) d
        (ds)#
        (d)#
        (d) d
        (ff) f
        (fs)# f
        (f) f
        (gge) ɡʒ
        (gg) ɡ
        #(gn) ɡn
        (gn) nj
        (gu)[eiéèêyî] ɡ
        (gt)#
        (gts)#
        (gs)#
        n(g)#
        (ge)[aoâôu] ʒ
        (g)[eiéèêyî] ʒ
        (g)# ɡ
        (g) ɡ
        (h)
        (j) ʒ
        (k) k
        (ks)# ks
        (lls)# l
        (ll) l
        (ls)# l
        au(lt)#
        (l) l
        (mm) m
        (ms)# m
        (mn)e n
        (m) m
        (nn) n
        (ns)# n
        (nts)#
        (nt)#
        (n) n
        (ph) f
        (pp) p
        (pt)# pt
        om(pt) t
        (ps)#
        (p)#
        (p) p
        (qu) k
        (q) k
        (rr) ʁ
        (rh) ʁ
        (rds)# ʁ
        (rts)# ʁ
        (rs)# ʁ
        (r) ʁ
        (sch) ʃ
        (sc)[eiéèêy] s
        (sh) ʃ
        (ss) s
        (sth) st
        tran(s)[aio] z
        (s)m[ea]# s
        V(s)V z
        (s)#
        (s) s
        (tt) t
        (th) t
        s(ti)[oe] tj
        x(ti)[oe] tj
        (ti)on sj
        (ti)onn sj
        (ti)el sj
        (ti)en sj
        (ti)aux sj
        (ti)al sj
        a(ti)e# si
        a(ti)es# si
        (ts)#
        (t)#
        (t) t
        (v) v
        (w) w
        #(ex)[Vh] ɛɡz
        #(ex)c[eiéè] ɛk
        (xc)[eiéè] ks
        #(x) ɡz
        (x)#
        (x) ks
        (zz) dz
        (z)#
        (z) z
        (ñ) ɲ"
    }

    fn exceptions(&self) -> &'static str {
        include_str!("french_exceptions.txt")
    }

    fn weak(&self) -> &'static str {
        "le la les un une des de du l' d' j' m' t' s' n' c' qu' je tu il elle on nous vous ils elles me te se ce cet cette ces ne et ou où à au aux en y \
         que qui dans sur pour par avec est mais si ma mon mes ta ton tes sa son ses notre nos votre vos leur leurs lui ni car comme sans chez vers sous \
         dont donc quand très plus moins lorsqu' puisqu' jusqu' faut sont ont était être été pas deux"
    }

    /// The last vowel that is said, found in [`Ways::finish`]: letters do not tell.
    fn stress(&self, _word: &[char]) -> Option<usize> {
        None
    }

    fn finish(&self, word: &str, sounds: &mut String) {
        // A mute e at the end of a short word is said.
        if !sounds.chars().any(is_vowel_sound) && word.ends_with('e') {
            sounds.push('ə');
        }
        let last = |full: &dyn Fn(char) -> bool| {
            sounds
                .char_indices()
                .filter(|(_, c)| is_vowel_sound(*c) && full(*c))
                .map(|(at, _)| at)
                .last()
        };
        if let Some(at) = last(&|c| c != 'ə').or_else(|| last(&|_| true)) {
            sounds.insert(at, 'ˈ');
        }
    }

    /// Liaison, and elided words without a vowel of their own.
    fn link(&self, words: &mut [Heard]) {
        for i in 0..words.len() {
            let Some(next) = words.get(i + 1).filter(|w| w.follows) else {
                continue;
            };
            let opens = next
                .sounds
                .chars()
                .find(|c| *c != 'ˈ' && *c != 'ˌ')
                .is_some_and(|c| is_vowel_sound(c) || "jwɥ".contains(c));
            let aspirated = ASPIRATED.iter().any(|h| next.text.starts_with(h));
            let vowel = opens
                && !aspirated
                && !next.text.starts_with(['y', 'w'])
                && !matches!(next.text.as_str(), "oui" | "onze" | "et" | "ou" | "où" | "à");
            let word = &mut words[i];
            if word.text.ends_with('\'') {
                // "l'homme": only the consonant.
                word.sounds.retain(|c| !is_vowel_sound(c) && c != 'ˈ');
                continue;
            }
            if !vowel || !LINKING.contains(&word.text.as_str()) {
                continue;
            }
            let link = match word.text.chars().next_back() {
                Some('s' | 'x' | 'z') => 'z',
                Some('n') => 'n',
                Some('t' | 'd') => 't',
                Some('r') => 'ʁ',
                _ => continue,
            };
            word.sounds.push(link);
        }
    }
}

/// Words whose last consonant is heard before a vowel.
const LINKING: [&str; 64] = [
    "les",
    "des",
    "mes",
    "tes",
    "ses",
    "ces",
    "nos",
    "vos",
    "leurs",
    "aux",
    "un",
    "on",
    "en",
    "mon",
    "ton",
    "son",
    "nous",
    "vous",
    "ils",
    "elles",
    "dans",
    "sans",
    "chez",
    "sous",
    "très",
    "plus",
    "moins",
    "deux",
    "trois",
    "six",
    "dix",
    "est",
    "sont",
    "ont",
    "était",
    "avait",
    "petit",
    "petits",
    "grand",
    "grands",
    "bon",
    "bons",
    "premier",
    "dernier",
    "autres",
    "quelques",
    "plusieurs",
    "certains",
    "tout",
    "quand",
    "aucun",
    "bien",
    "pas",
    "fois",
    "peut",
    "doit",
    "faut",
    "fait",
    "vont",
    "peuvent",
    "doivent",
    "avez",
    "avons",
    "êtes",
];

/// Beginnings with an h that forbids liaison.
const ASPIRATED: [&str; 40] = [
    "hach",
    "hain",
    "haï",
    "hall",
    "halt",
    "hamac",
    "hameau",
    "hamster",
    "hanche",
    "hand",
    "hangar",
    "hant",
    "harc",
    "hard",
    "harem",
    "hareng",
    "haricot",
    "harnais",
    "harp",
    "hasard",
    "hât",
    "hauss",
    "haut",
    "havre",
    "hérisson",
    "hernie",
    "héron",
    "héros",
    "hêtre",
    "heurt",
    "hibou",
    "hiérarch",
    "hoch",
    "hockey",
    "holland",
    "homard",
    "hongr",
    "hont",
    "hors",
    "hurl",
];
