//! Italian.

use super::{Heard, Ways, stress};

pub struct Italian;

impl Ways for Italian {
    fn table(&self) -> &'static str {
        include_str!("italian.txt")
    }

    fn exceptions(&self) -> &'static str {
        include_str!("italian_exceptions.txt")
    }

    fn weak(&self) -> &'static str {
        "il lo la i gli le un uno una di a da in con su per tra fra e ed o od ma se che chi mi ti si ci vi ne non del dello della dei degli delle al \
         allo alla ai agli alle dal dallo dalla dai dagli dalle nel nello nella nei negli nelle sul sullo sulla sui sugli sulle col è l' un' d' \
         dell' all' nell' sull' dall' c' m' t' s' v' n' quest' quell' ad ho hai ha"
    }

    fn stress(&self, word: &[char]) -> Option<usize> {
        if let Some(at) = word.iter().position(|c| "àèéìòùáíóú".contains(*c)) {
            return Some(at);
        }
        let text: String = word.iter().collect();
        // "andai", "vorrei": the first person's ending.
        if word.len() > 4 && (text.ends_with("ai") || text.ends_with("ei")) && !text.ends_with("iei") {
            return Some(word.len() - 2);
        }
        let ends = |endings: &[&str]| endings.iter().any(|e| text.ends_with(e));
        let nuclei = nuclei(word);
        let last_is_vowel = word.last().is_some_and(|c| super::rules::is_vowel(*c));
        if !last_is_vowel {
            return stress::from_end(
                &nuclei,
                usize::from(text.ends_with('n') && text.len() > 5 || text.ends_with("er") || text.ends_with("us")),
            );
        }
        let three = THIRD.contains(&text.as_str()) || (ends(&THIRD_ENDINGS) && !SECOND.contains(&text.as_str())) || third_plural(&text);
        stress::from_end(&nuclei, if three && nuclei.len() > 2 { 2 } else { 1 })
    }

    /// A single r behind a is a tap where a or o behind it has the stress.
    fn finish(&self, _word: &str, sounds: &mut String) {
        let signs: Vec<char> = sounds.chars().collect();
        let tap = |i: usize| {
            let after = signs.get(i + 2).is_some_and(|c| "aoɔ".contains(*c));
            signs[i] == 'r' && signs.get(i + 1) == Some(&'ˈ') && after && i > 0 && signs[i - 1] == 'a'
        };
        *sounds = signs.iter().enumerate().map(|(i, c)| if tap(i) { 'ɾ' } else { *c }).collect();
    }

    /// No vowel is long, no r is a tap at the start; nothing passes from word to word.
    fn link(&self, words: &mut [Heard]) {
        for word in words {
            if word.elided && word.text.is_empty() {
                word.sounds.clear();
            }
        }
    }
}

/// Syllables: an i or u before a vowel carries none, nor behind one at the end, as in "mai".
fn nuclei(word: &[char]) -> Vec<usize> {
    let nuclei = stress::nuclei(word, "iu");
    // "zio", "mia", "tuo", "energia": two syllables at the end where the i carries the stress.
    let text: String = word.iter().collect();
    let hiatus = HIATUS.contains(&text.as_str()) || HIATUS_ENDINGS.iter().any(|e| text.ends_with(e));
    match (hiatus, nuclei.last()) {
        (true, Some(last)) if word.len() >= 2 && *last == word.len() - 1 => {
            let mut nuclei = nuclei.clone();
            nuclei.pop();
            nuclei.extend([word.len() - 2, word.len() - 1]);
            nuclei
        }
        _ => nuclei,
    }
}

const HIATUS: [&str; 34] = [
    "mio", "mia", "mie", "tuo", "tua", "tue", "suo", "sua", "sue", "due", "zio", "zia", "zii", "via", "vie", "dio", "io", "pio", "pia",
    "rio", "fruscio", "addio", "oblio", "spia", "scia", "follia", "magia", "bugia", "polizia", "farmacia", "pazzia", "allergia",
    "malattia", "gestio",
];

const HIATUS_ENDINGS: [&str; 12] = [
    "logia", "logie", "grafia", "grafie", "nomia", "nomie", "crazia", "fobia", "patia", "metria", "ergia", "ergie",
];

/// Endings before which the stress falls: "fantastico", "possibile", "ultimo".
const THIRD_ENDINGS: [&str; 62] = [
    "ico", "ica", "ici", "iche", "ichi", "ile", "ili", "abile", "ibile", "evole", "evoli", "issimo", "issima", "issimi", "issime", "esimo",
    "esima", "ologo", "ologa", "ografo", "ometro", "ofono", "efono", "ocrate", "ottero", "anime", "imo", "ima", "imi", "ime", "olo", "ola",
    "oli", "ole", "ulo", "ula", "uli", "ule", "edine", "udine", "agine", "igine", "aggine", "ido", "ida", "idi", "ide", "aneo", "anea",
    "uomini", "ero", "omini", "ettere", "endere", "ondere", "iudere", "ggere", "ncere", "dere", "vere", "rrere", "scere",
];

/// Words with such an ending that are stressed as others are.
const SECOND: [&str; 70] = [
    "amico",
    "amica",
    "amici",
    "amiche",
    "nemico",
    "nemica",
    "nemici",
    "antico",
    "antica",
    "antichi",
    "antiche",
    "fatica",
    "fatiche",
    "dico",
    "dici",
    "civile",
    "civili",
    "gentile",
    "gentili",
    "aprile",
    "fucile",
    "sottile",
    "stile",
    "stili",
    "simile",
    "febbrile",
    "infantile",
    "maschile",
    "femminile",
    "giovanile",
    "primo",
    "prima",
    "primi",
    "prime",
    "figliolo",
    "scuola",
    "scuole",
    "solo",
    "sola",
    "soli",
    "sole",
    "suolo",
    "volo",
    "parola",
    "parole",
    "spagnolo",
    "spagnola",
    "capriola",
    "ruolo",
    "intero",
    "vero",
    "nero",
    "sincero",
    "severo",
    "pensiero",
    "pensieri",
    "straniero",
    "davvero",
    "guida",
    "vedere",
    "avere",
    "dovere",
    "sapere",
    "potere",
    "volere",
    "piacere",
    "godere",
    "cadere",
    "possedere",
    "rimanere",
];

/// Words of three and more syllables that are stressed on the third from the end.
const THIRD: [&str; 117] = [
    "essere",
    "mettere",
    "prendere",
    "leggere",
    "scrivere",
    "vivere",
    "credere",
    "chiedere",
    "chiudere",
    "rispondere",
    "correre",
    "perdere",
    "vendere",
    "spendere",
    "rendere",
    "offrire",
    "vincere",
    "crescere",
    "conoscere",
    "nascere",
    "ridere",
    "decidere",
    "dividere",
    "uccidere",
    "piangere",
    "spingere",
    "giungere",
    "aggiungere",
    "raggiungere",
    "permettere",
    "promettere",
    "smettere",
    "comprendere",
    "dipendere",
    "difendere",
    "attendere",
    "accendere",
    "scendere",
    "muovere",
    "ricevere",
    "discutere",
    "esistere",
    "insistere",
    "assistere",
    "resistere",
    "cogliere",
    "scegliere",
    "togliere",
    "raccogliere",
    "sciogliere",
    "camera",
    "camere",
    "numero",
    "numeri",
    "lettera",
    "lettere",
    "opera",
    "opere",
    "popolo",
    "secolo",
    "secoli",
    "angolo",
    "articolo",
    "tavolo",
    "tavola",
    "favola",
    "isola",
    "isole",
    "regola",
    "regole",
    "piccolo",
    "piccola",
    "piccoli",
    "piccole",
    "giovane",
    "giovani",
    "ordine",
    "ordini",
    "termine",
    "termini",
    "immagine",
    "immagini",
    "origine",
    "pagina",
    "pagine",
    "macchina",
    "macchine",
    "anima",
    "anime",
    "ultimo",
    "ultima",
    "massimo",
    "massima",
    "minimo",
    "minima",
    "prossimo",
    "prossima",
    "ottimo",
    "ottima",
    "subito",
    "debito",
    "credito",
    "limite",
    "limiti",
    "semplice",
    "semplici",
    "codice",
    "indice",
    "giudice",
    "medico",
    "principe",
    "zucchero",
    "albero",
    "alberi",
    "povero",
    "povera",
    "carattere",
];

/// "parlano", "vedono", "andavano": third persons, but not "italiano", "lontano", "abbandono".
fn third_plural(text: &str) -> bool {
    const NOUNS: [&str; 40] = [
        "italiano",
        "umano",
        "mano",
        "piano",
        "romano",
        "lontano",
        "sano",
        "vano",
        "urbano",
        "villano",
        "americano",
        "africano",
        "messicano",
        "cristiano",
        "anziano",
        "sovrano",
        "strano",
        "invano",
        "pakistano",
        "uragano",
        "divano",
        "guardiano",
        "quotidiano",
        "mediano",
        "milano",
        "buono",
        "suono",
        "dono",
        "perdono",
        "abbandono",
        "trono",
        "tono",
        "nono",
        "sono",
        "fono",
        "vaticano",
        "napoletano",
        "siciliano",
        "veneziano",
        "repubblicano",
    ];
    let verb = [
        "avano", "evano", "ivano", "ano", "ono", "assero", "essero", "issero", "arono", "erono", "irono", "ebbero",
    ]
    .iter()
    .any(|e| text.ends_with(e));
    verb && text.chars().count() > 4 && !NOUNS.contains(&text)
}
