//! French as it is read.

use super::Clock;
use super::latin::{Latin, money};

const ONES: [&str; 20] = [
    "zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix", "onze", "douze", "treize", "quatorze", "quinze",
    "seize", "dix-sept", "dix-huit", "dix-neuf",
];
const TENS: [&str; 7] = ["", "", "vingt", "trente", "quarante", "cinquante", "soixante"];

/// `last`: nothing follows, so that hundreds and eighties take their s.
fn below_thousand(n: u64, feminine: bool, last: bool) -> String {
    let mut words: Vec<String> = Vec::new();
    let (hundreds, rest) = (n / 100, n % 100);
    if hundreds > 0 {
        let many = if hundreds > 1 && rest == 0 && last { "cents" } else { "cent" };
        words.push(if hundreds == 1 {
            many.into()
        } else {
            format!("{} {many}", ONES[hundreds as usize])
        });
    }
    let one = if feminine { "une" } else { "un" };
    match rest {
        0 if n == 0 => words.push("zéro".into()),
        0 => {}
        1 => words.push(one.into()),
        2..=19 => words.push(ONES[rest as usize].into()),
        80 => words.push(if last { "quatre-vingts" } else { "quatre-vingt" }.into()),
        71 => words.push("soixante et onze".into()),
        _ => {
            let (base, unit) = match rest {
                20..=69 => (TENS[(rest / 10) as usize], rest % 10),
                70..=79 => ("soixante", rest - 60),
                _ => ("quatre-vingt", rest - 80),
            };
            words.push(match unit {
                0 => base.into(),
                1 if rest < 80 => format!("{base} et {one}"),
                1 => format!("{base}-{one}"),
                _ => format!("{base}-{}", ONES[unit as usize]),
            });
        }
    }
    words.join(" ")
}

fn cardinal(n: u64, feminine: bool) -> String {
    let mut words = Vec::new();
    let mut rest = n;
    for (scale, one, many) in [
        (1_000_000_000_000, "billion", "billions"),
        (1_000_000_000, "milliard", "milliards"),
        (1_000_000, "million", "millions"),
    ] {
        let count = rest / scale;
        if count > 0 {
            words.push(format!(
                "{} {}",
                below_thousand(count, false, true),
                if count == 1 { one } else { many }
            ));
            rest %= scale;
        }
    }
    match rest / 1000 {
        0 => {}
        1 => words.push("mille".into()),
        count => words.push(format!("{} mille", below_thousand(count, false, false))),
    }
    rest %= 1000;
    if rest > 0 || n == 0 {
        words.push(below_thousand(rest, feminine, true));
    }
    words.join(" ")
}

fn ordinal(n: u64, feminine: bool) -> String {
    if n == 1 {
        return if feminine { "première" } else { "premier" }.into();
    }
    let cardinal = cardinal(n, false);
    let cardinal = cardinal
        .strip_suffix("cents")
        .map_or(cardinal.clone(), |stem| format!("{stem}cent"));
    let cardinal = cardinal
        .strip_suffix("vingts")
        .map_or(cardinal.clone(), |stem| format!("{stem}vingt"));
    let stem = match cardinal.strip_suffix('e') {
        Some(stem) => stem.to_owned(),
        None if cardinal.ends_with("cinq") => format!("{cardinal}u"),
        None => match cardinal.strip_suffix("neuf") {
            Some(stem) => format!("{stem}neuv"),
            None => cardinal,
        },
    };
    format!("{stem}ième")
}

fn clock(clock: Clock, _words: &Latin) -> String {
    let hours = |n: u32| format!("{} {}", cardinal(n.into(), true), if n < 2 { "heure" } else { "heures" });
    let mut said = match clock.hour {
        0 if clock.minute == 0 => "minuit".into(),
        12 if clock.minute == 0 => "midi".into(),
        hour => hours(hour),
    };
    if clock.minute > 0 {
        said = format!("{said} {}", cardinal(clock.minute.into(), true));
    }
    if let Some(second) = clock.second {
        said = format!("{said} et {} secondes", cardinal(second.into(), true));
    }
    said
}

pub static FRENCH: Latin = Latin {
    cardinal,
    counting: cardinal,
    feminine: &["heure", "minute", "seconde", "milliseconde", "tonne", "livre", "kilocalorie"],
    ordinal,
    endings: &[
        ("er", false),
        ("re", true),
        ("ère", true),
        ("e", false),
        ("è", false),
        ("ème", false),
        ("eme", false),
        ("ième", false),
        ("nd", false),
        ("nde", true),
    ],
    point: "virgule",
    halves: [("demi", "demis"), ("tiers", "tiers"), ("quart", "quarts")],
    minus: "moins",
    to: "à",
    and: "et",
    of: "de",
    of_month: "",
    of_year: "",
    first: "premier",
    months: [
        "janvier",
        "février",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
    ],
    clock,
    halves_of_day: ["du matin", "de l'après-midi"],
    money: &[
        ("€", money("euro", "euros", "centime", "centimes")),
        ("EUR", money("euro", "euros", "centime", "centimes")),
        ("$", money("dollar", "dollars", "cent", "cents")),
        ("US$", money("dollar", "dollars", "cent", "cents")),
        ("USD", money("dollar", "dollars", "cent", "cents")),
        (
            "£",
            super::Money {
                one: "livre",
                many: "livres",
                cent: "penny",
                cents: "pence",
                feminine: true,
            },
        ),
        (
            "GBP",
            super::Money {
                one: "livre",
                many: "livres",
                cent: "penny",
                cents: "pence",
                feminine: true,
            },
        ),
        ("¥", money("yen", "yens", "", "")),
        ("CHF", money("franc suisse", "francs suisses", "centime", "centimes")),
    ],
    scales: &["mille", "million", "millions", "milliard", "milliards", "billion", "billions"],
    short_scales: [("mille", "mille"), ("million", "millions"), ("milliard", "milliards")],
    units: &[
        ("mm", "millimètre", "millimètres"),
        ("cm", "centimètre", "centimètres"),
        ("m", "mètre", "mètres"),
        ("km", "kilomètre", "kilomètres"),
        ("m²", "mètre carré", "mètres carrés"),
        ("km²", "kilomètre carré", "kilomètres carrés"),
        ("m³", "mètre cube", "mètres cubes"),
        ("ha", "hectare", "hectares"),
        ("mg", "milligramme", "milligrammes"),
        ("g", "gramme", "grammes"),
        ("kg", "kilogramme", "kilogrammes"),
        ("t", "tonne", "tonnes"),
        ("ml", "millilitre", "millilitres"),
        ("cl", "centilitre", "centilitres"),
        ("l", "litre", "litres"),
        ("L", "litre", "litres"),
        ("ms", "milliseconde", "millisecondes"),
        ("s", "seconde", "secondes"),
        ("min", "minute", "minutes"),
        ("mn", "minute", "minutes"),
        ("h", "heure", "heures"),
        ("km/h", "kilomètre heure", "kilomètres heure"),
        ("m/s", "mètre par seconde", "mètres par seconde"),
        ("Hz", "hertz", "hertz"),
        ("kHz", "kilohertz", "kilohertz"),
        ("MHz", "mégahertz", "mégahertz"),
        ("GHz", "gigahertz", "gigahertz"),
        ("ko", "kilooctet", "kilooctets"),
        ("Mo", "mégaoctet", "mégaoctets"),
        ("Go", "gigaoctet", "gigaoctets"),
        ("To", "téraoctet", "téraoctets"),
        ("W", "watt", "watts"),
        ("kW", "kilowatt", "kilowatts"),
        ("kWh", "kilowattheure", "kilowattheures"),
        ("V", "volt", "volts"),
        ("kcal", "kilocalorie", "kilocalories"),
        ("%", "pour cent", "pour cent"),
        ("‰", "pour mille", "pour mille"),
        ("°", "degré", "degrés"),
        ("°C", "degré Celsius", "degrés Celsius"),
        ("°F", "degré Fahrenheit", "degrés Fahrenheit"),
    ],
    letters: [
        "a",
        "bé",
        "cé",
        "dé",
        "e",
        "effe",
        "gé",
        "hache",
        "i",
        "ji",
        "ka",
        "elle",
        "emme",
        "enne",
        "o",
        "pé",
        "ku",
        "erre",
        "esse",
        "té",
        "u",
        "vé",
        "double vé",
        "ixe",
        "i grec",
        "zède",
    ],
    signs: &[
        ('&', "et"),
        ('+', "plus"),
        ('=', "égale"),
        ('<', "inférieur à"),
        ('>', "supérieur à"),
        ('²', "au carré"),
        ('³', "au cube"),
        ('±', "plus ou moins"),
        ('×', "fois"),
        ('*', "fois"),
        ('÷', "divisé par"),
        ('-', "moins"),
        ('\u{2212}', "moins"),
        ('–', "moins"),
        ('/', "sur"),
        ('%', "pour cent"),
        ('@', "arobase"),
        ('#', "numéro"),
        ('$', "dollars"),
        ('€', "euros"),
        ('£', "livres"),
        ('§', "paragraphe"),
        ('°', "degrés"),
        ('~', "environ"),
        ('.', "point"),
        (',', "virgule"),
        ('_', "tiret bas"),
    ],
    address: &[
        ('.', "point"),
        ('@', "arobase"),
        ('/', "barre oblique"),
        ('-', "tiret"),
        ('_', "tiret bas"),
        (':', "deux points"),
        ('?', "point d'interrogation"),
        ('&', "et"),
        ('=', "égal"),
        ('#', "dièse"),
        ('+', "plus"),
    ],
    abbreviations: &[
        ("M.", "monsieur"),
        ("MM.", "messieurs"),
        ("Mme", "madame"),
        ("Mme.", "madame"),
        ("Mmes", "mesdames"),
        ("Mlle", "mademoiselle"),
        ("Mlle.", "mademoiselle"),
        ("Mr", "monsieur"),
        ("Mr.", "monsieur"),
        ("Dr", "docteur"),
        ("Dr.", "docteur"),
        ("Pr", "professeur"),
        ("Pr.", "professeur"),
        ("Me", "maître"),
        ("St", "saint"),
        ("Ste", "sainte"),
        ("etc.", "et cetera"),
        ("etc", "et cetera"),
        ("p.", "page"),
        ("pp.", "pages"),
        ("n°", "numéro"),
        ("N°", "numéro"),
        ("nº", "numéro"),
        ("no.", "numéro"),
        ("av.", "avant"),
        ("apr.", "après"),
        ("J.-C.", "Jésus-Christ"),
        ("J.-C", "Jésus-Christ"),
        ("c.-à-d.", "c'est-à-dire"),
        ("c.-à-d", "c'est-à-dire"),
        ("ex.", "exemple"),
        ("env.", "environ"),
        ("tél.", "téléphone"),
        ("Tél.", "téléphone"),
        ("bd", "boulevard"),
        ("Bd", "boulevard"),
        ("boul.", "boulevard"),
        ("art.", "article"),
        ("chap.", "chapitre"),
        ("vol.", "volume"),
        ("fig.", "figure"),
        ("max.", "maximum"),
        ("min.", "minimum"),
        ("cf.", "confère"),
        ("vs", "contre"),
        ("svp", "s'il vous plaît"),
    ],
    titles: &[
        "M", "MM", "Mme", "Mlle", "Mr", "Dr", "Pr", "Me", "St", "Ste", "cf", "av", "ex", "env",
    ],
    counts: &["p", "pp", "n°", "N°", "nº", "no", "tél", "Tél", "art", "chap", "vol", "fig"],
    starters: &[
        "Le", "La", "Les", "L'", "Un", "Une", "Des", "Et", "Mais", "Ou", "Il", "Elle", "On", "Nous", "Vous", "Ils", "Elles", "Je", "Tu",
        "Ce", "C'est", "Cela", "Ça", "Dans", "En", "À", "Au", "Pour", "Par", "Avec", "Sans", "Si", "Quand", "Comme", "Donc", "Alors",
        "Puis", "Ensuite", "Cette", "Ces", "Son", "Sa", "Ses", "Qui", "Que", "Où", "Oui", "Non",
    ],
    word_letters: "aàyAÀ",
    common: &[
        "le", "la", "les", "un", "une", "de", "des", "en", "et", "ou", "je", "tu", "il", "on", "au", "du", "ce", "ne", "pas", "que", "qui",
        "sur", "par", "est", "non", "oui", "si", "ma", "mon", "mes", "sa", "son", "ses",
    ],
    numbered: &[
        "chapitre", "tome", "volume", "partie", "acte", "titre", "article", "phase", "guerre", "mondiale", "scène", "type",
    ],
    kings: &[],
    below_two: true,
};
