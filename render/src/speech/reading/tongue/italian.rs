//! Italian as it is read.

use super::latin::{Latin, money};
use super::{Clock, Money};

const ONES: [&str; 20] = [
    "zero",
    "uno",
    "due",
    "tre",
    "quattro",
    "cinque",
    "sei",
    "sette",
    "otto",
    "nove",
    "dieci",
    "undici",
    "dodici",
    "tredici",
    "quattordici",
    "quindici",
    "sedici",
    "diciassette",
    "diciotto",
    "diciannove",
];
const TENS: [&str; 10] = [
    "",
    "",
    "venti",
    "trenta",
    "quaranta",
    "cinquanta",
    "sessanta",
    "settanta",
    "ottanta",
    "novanta",
];

fn below_thousand(n: u64) -> String {
    let mut said = match n / 100 {
        0 => String::new(),
        1 => "cento".into(),
        hundreds => format!("{}cento", ONES[hundreds as usize]),
    };
    let rest = n % 100;
    let part = match rest {
        0 if n == 0 => "zero".into(),
        0 => String::new(),
        1..=19 => ONES[rest as usize].into(),
        _ => {
            let (tens, one) = (TENS[(rest / 10) as usize], rest % 10);
            // Ventuno, ventotto: without the vowel; ventitré with an accent.
            match one {
                0 => tens.into(),
                1 | 8 => format!("{}{}", &tens[..tens.len() - 1], ONES[one as usize]),
                3 => format!("{tens}tré"),
                _ => format!("{tens}{}", ONES[one as usize]),
            }
        }
    };
    said.push_str(&part);
    said
}

fn cardinal(n: u64, _feminine: bool) -> String {
    let mut words = Vec::new();
    let mut rest = n;
    for (scale, one, many) in [
        (1_000_000_000_000, "bilione", "bilioni"),
        (1_000_000_000, "miliardo", "miliardi"),
        (1_000_000, "milione", "milioni"),
    ] {
        let count = rest / scale;
        if count > 0 {
            words.push(if count == 1 {
                format!("un {one}")
            } else {
                format!("{} {many}", below_thousand(count))
            });
            rest %= scale;
        }
    }
    match rest / 1000 {
        0 => {}
        1 => words.push("mille".into()),
        count => words.push(format!("{}mila", below_thousand(count).replace('é', "e"))),
    }
    rest %= 1000;
    if rest > 0 || n == 0 {
        words.push(below_thousand(rest));
    }
    words.join(" ")
}

fn counting(n: u64, feminine: bool) -> String {
    match n {
        1 if feminine => "una".into(),
        1 => "un".into(),
        _ => cardinal(n, feminine),
    }
}

fn ordinal(n: u64, feminine: bool) -> String {
    const ONES: [&str; 11] = [
        "", "primo", "secondo", "terzo", "quarto", "quinto", "sesto", "settimo", "ottavo", "nono", "decimo",
    ];
    let word = match n {
        1..=10 => ONES[n as usize].into(),
        0 => "zero".into(),
        _ => {
            let cardinal = cardinal(n, false).replace(' ', "");
            match cardinal.strip_suffix("tré") {
                Some(stem) => format!("{stem}treesimo"),
                None if cardinal.ends_with("sei") => format!("{cardinal}esimo"),
                None if cardinal.ends_with("mila") => format!("{}millesimo", cardinal.strip_suffix("mila").unwrap_or_default()),
                None => {
                    let mut stem = cardinal;
                    stem.pop();
                    format!("{stem}esimo")
                }
            }
        }
    };
    match word.strip_suffix('o').filter(|_| feminine) {
        Some(stem) => format!("{stem}a"),
        None => word,
    }
}

fn clock(clock: Clock, _words: &Latin) -> String {
    let hour = if clock.hour == 1 {
        "una".into()
    } else {
        cardinal(clock.hour.into(), false)
    };
    let mut said = match clock.minute {
        0 => hour,
        15 => format!("{hour} e un quarto"),
        30 => format!("{hour} e mezza"),
        minute => format!("{hour} e {}", cardinal(minute.into(), false)),
    };
    if let Some(second) = clock.second {
        said = format!("{said} e {} secondi", cardinal(second.into(), false));
    }
    said
}

const fn pounds() -> Money {
    Money {
        one: "sterlina",
        many: "sterline",
        cent: "penny",
        cents: "pence",
        feminine: true,
    }
}

pub static ITALIAN: Latin = Latin {
    cardinal,
    counting,
    feminine: &["ora", "tonnellata", "chilocaloria", "sterlina"],
    ordinal,
    endings: &[("º", false), ("ª", true), ("°", false), ("o", false), ("a", true)],
    point: "virgola",
    halves: [("mezzo", "mezzi"), ("terzo", "terzi"), ("quarto", "quarti")],
    minus: "meno",
    to: "a",
    and: "e",
    of: "di",
    of_month: "",
    of_year: "",
    first: "primo",
    months: [
        "gennaio",
        "febbraio",
        "marzo",
        "aprile",
        "maggio",
        "giugno",
        "luglio",
        "agosto",
        "settembre",
        "ottobre",
        "novembre",
        "dicembre",
    ],
    clock,
    halves_of_day: ["di mattina", "del pomeriggio"],
    money: &[
        ("€", money("euro", "euro", "centesimo", "centesimi")),
        ("EUR", money("euro", "euro", "centesimo", "centesimi")),
        ("$", money("dollaro", "dollari", "centesimo", "centesimi")),
        ("US$", money("dollaro", "dollari", "centesimo", "centesimi")),
        ("USD", money("dollaro", "dollari", "centesimo", "centesimi")),
        ("£", pounds()),
        ("GBP", pounds()),
        ("¥", money("yen", "yen", "", "")),
        ("CHF", money("franco svizzero", "franchi svizzeri", "centesimo", "centesimi")),
    ],
    scales: &["mila", "milione", "milioni", "miliardo", "miliardi", "bilioni"],
    short_scales: [("mila", "mila"), ("milione", "milioni"), ("miliardo", "miliardi")],
    units: &[
        ("mm", "millimetro", "millimetri"),
        ("cm", "centimetro", "centimetri"),
        ("m", "metro", "metri"),
        ("km", "chilometro", "chilometri"),
        ("m²", "metro quadrato", "metri quadrati"),
        ("mq", "metro quadrato", "metri quadrati"),
        ("km²", "chilometro quadrato", "chilometri quadrati"),
        ("m³", "metro cubo", "metri cubi"),
        ("ha", "ettaro", "ettari"),
        ("mg", "milligrammo", "milligrammi"),
        ("g", "grammo", "grammi"),
        ("kg", "chilogrammo", "chilogrammi"),
        ("t", "tonnellata", "tonnellate"),
        ("ml", "millilitro", "millilitri"),
        ("cl", "centilitro", "centilitri"),
        ("l", "litro", "litri"),
        ("L", "litro", "litri"),
        ("ms", "millisecondo", "millisecondi"),
        ("s", "secondo", "secondi"),
        ("sec", "secondo", "secondi"),
        ("min", "minuto", "minuti"),
        ("h", "ora", "ore"),
        ("km/h", "chilometro orario", "chilometri orari"),
        ("m/s", "metro al secondo", "metri al secondo"),
        ("Hz", "hertz", "hertz"),
        ("kHz", "chilohertz", "chilohertz"),
        ("MHz", "megahertz", "megahertz"),
        ("GHz", "gigahertz", "gigahertz"),
        ("KB", "kilobyte", "kilobyte"),
        ("kB", "kilobyte", "kilobyte"),
        ("MB", "megabyte", "megabyte"),
        ("GB", "gigabyte", "gigabyte"),
        ("TB", "terabyte", "terabyte"),
        ("W", "watt", "watt"),
        ("kW", "chilowatt", "chilowatt"),
        ("kWh", "chilowattora", "chilowattora"),
        ("V", "volt", "volt"),
        ("kcal", "chilocaloria", "chilocalorie"),
        ("%", "per cento", "per cento"),
        ("‰", "per mille", "per mille"),
        ("°", "grado", "gradi"),
        ("°C", "grado Celsius", "gradi Celsius"),
        ("°F", "grado Fahrenheit", "gradi Fahrenheit"),
    ],
    letters: [
        "a",
        "bi",
        "ci",
        "di",
        "e",
        "effe",
        "gi",
        "acca",
        "i",
        "i lunga",
        "cappa",
        "elle",
        "emme",
        "enne",
        "o",
        "pi",
        "cu",
        "erre",
        "esse",
        "ti",
        "u",
        "vu",
        "doppia vu",
        "ics",
        "ipsilon",
        "zeta",
    ],
    signs: &[
        ('&', "e"),
        ('+', "più"),
        ('=', "uguale"),
        ('<', "minore di"),
        ('>', "maggiore di"),
        ('²', "al quadrato"),
        ('³', "al cubo"),
        ('±', "più o meno"),
        ('×', "per"),
        ('*', "per"),
        ('÷', "diviso"),
        ('-', "meno"),
        ('\u{2212}', "meno"),
        ('–', "meno"),
        ('/', "su"),
        ('%', "per cento"),
        ('@', "chiocciola"),
        ('#', "numero"),
        ('$', "dollari"),
        ('€', "euro"),
        ('£', "sterline"),
        ('§', "paragrafo"),
        ('°', "gradi"),
        ('~', "circa"),
        ('.', "punto"),
        (',', "virgola"),
        ('_', "trattino basso"),
    ],
    address: &[
        ('.', "punto"),
        ('@', "chiocciola"),
        ('/', "barra"),
        ('-', "trattino"),
        ('_', "trattino basso"),
        (':', "due punti"),
        ('?', "punto interrogativo"),
        ('&', "e"),
        ('=', "uguale"),
        ('#', "cancelletto"),
        ('+', "più"),
    ],
    abbreviations: &[
        ("Sig.", "signor"),
        ("sig.", "signor"),
        ("Sig.ra", "signora"),
        ("sig.ra", "signora"),
        ("Sigg.", "signori"),
        ("Dott.", "dottor"),
        ("dott.", "dottor"),
        ("Dr.", "dottor"),
        ("Dott.ssa", "dottoressa"),
        ("dott.ssa", "dottoressa"),
        ("Prof.", "professor"),
        ("prof.", "professor"),
        ("Prof.ssa", "professoressa"),
        ("Ing.", "ingegner"),
        ("ing.", "ingegner"),
        ("Avv.", "avvocato"),
        ("avv.", "avvocato"),
        ("Geom.", "geometra"),
        ("S.", "San"),
        ("ecc.", "eccetera"),
        ("ecc", "eccetera"),
        ("es.", "esempio"),
        ("p.es.", "per esempio"),
        ("pag.", "pagina"),
        ("pagg.", "pagine"),
        ("p.", "pagina"),
        ("n.", "numero"),
        ("N.", "numero"),
        ("nº", "numero"),
        ("n°", "numero"),
        ("tel.", "telefono"),
        ("Tel.", "telefono"),
        ("art.", "articolo"),
        ("cap.", "capitolo"),
        ("vol.", "volume"),
        ("fig.", "figura"),
        ("a.C.", "avanti Cristo"),
        ("a.C", "avanti Cristo"),
        ("d.C.", "dopo Cristo"),
        ("d.C", "dopo Cristo"),
        ("ca.", "circa"),
        ("max.", "massimo"),
        ("min.", "minimo"),
        ("S.p.A.", "società per azioni"),
        ("S.p.A", "società per azioni"),
        ("cfr.", "confronta"),
    ],
    titles: &[
        "Sig", "sig", "Sigg", "Dott", "dott", "Dr", "Prof", "prof", "Ing", "ing", "Avv", "avv", "Geom", "S", "es", "p.es", "ca", "cfr",
    ],
    counts: &["pag", "pagg", "p", "n", "N", "nº", "n°", "tel", "Tel", "art", "cap", "vol", "fig"],
    starters: &[
        "Il", "Lo", "La", "I", "Gli", "Le", "Un", "Una", "E", "Ma", "In", "Di", "Da", "È", "Non", "Se", "Io", "Lui", "Lei", "Noi", "Che",
        "Chi", "Quando", "Come", "Per", "Con", "Questo", "Questa", "Poi", "Così", "Anche", "Ci", "Si", "Al", "Nel", "Sì", "No",
    ],
    word_letters: "aeioèEIOÈA",
    common: &[
        "il", "lo", "la", "i", "gli", "le", "un", "di", "da", "in", "e", "ma", "che", "chi", "non", "se", "si", "no", "ci", "per", "con",
        "su", "io", "tu",
    ],
    numbered: &[
        "capitolo", "tomo", "volume", "parte", "atto", "titolo", "articolo", "fase", "guerra", "tipo",
    ],
    kings: &[
        "secolo",
        "Papa",
        "papa",
        "re",
        "Carlo",
        "Enrico",
        "Luigi",
        "Pio",
        "Benedetto",
        "Francesco",
        "Emanuele",
        "Umberto",
        "Federico",
        "Filippo",
        "Leone",
        "Giovanni",
        "Paolo",
        "Elisabetta",
    ],
    below_two: false,
};
