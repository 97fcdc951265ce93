//! Spanish as it is read.

use super::latin::{Latin, money};
use super::{Clock, Money};

const ONES: [&str; 30] = [
    "cero",
    "uno",
    "dos",
    "tres",
    "cuatro",
    "cinco",
    "seis",
    "siete",
    "ocho",
    "nueve",
    "diez",
    "once",
    "doce",
    "trece",
    "catorce",
    "quince",
    "dieciséis",
    "diecisiete",
    "dieciocho",
    "diecinueve",
    "veinte",
    "veintiuno",
    "veintidós",
    "veintitrés",
    "veinticuatro",
    "veinticinco",
    "veintiséis",
    "veintisiete",
    "veintiocho",
    "veintinueve",
];
const TENS: [&str; 10] = [
    "",
    "",
    "",
    "treinta",
    "cuarenta",
    "cincuenta",
    "sesenta",
    "setenta",
    "ochenta",
    "noventa",
];
const HUNDREDS: [&str; 10] = [
    "",
    "ciento",
    "doscientos",
    "trescientos",
    "cuatrocientos",
    "quinientos",
    "seiscientos",
    "setecientos",
    "ochocientos",
    "novecientos",
];

/// `short`: before a noun, "un" and "veintiún".
fn below_thousand(n: u64, feminine: bool, short: bool) -> String {
    let mut words: Vec<String> = Vec::new();
    if n == 100 {
        return "cien".into();
    }
    if n > 100 {
        let hundreds = HUNDREDS[(n / 100) as usize];
        words.push(match hundreds.strip_suffix("os").filter(|_| feminine) {
            Some(stem) => format!("{stem}as"),
            None => hundreds.into(),
        });
    }
    let rest = n % 100;
    let one = |n: u64| -> String {
        match (n, feminine, short) {
            (1, true, _) => "una".into(),
            (21, true, _) => "veintiuna".into(),
            (1, _, true) => "un".into(),
            (21, _, true) => "veintiún".into(),
            _ => ONES[n as usize].into(),
        }
    };
    match rest {
        0 if n == 0 => words.push("cero".into()),
        0 => {}
        1..=29 => words.push(one(rest)),
        _ if rest.is_multiple_of(10) => words.push(TENS[(rest / 10) as usize].into()),
        _ => words.push(format!("{} y {}", TENS[(rest / 10) as usize], one(rest % 10))),
    }
    words.join(" ")
}

fn cardinal(n: u64, feminine: bool) -> String {
    said(n, feminine, false)
}

fn said(n: u64, feminine: bool, short: bool) -> String {
    let mut words = Vec::new();
    let (billions, millions, thousands, rest) = (n / 1_000_000_000_000, n / 1_000_000 % 1_000_000, n / 1000 % 1000, n % 1000);
    let large = |count: u64, one: &str, many: &str| {
        if count == 1 {
            format!("un {one}")
        } else {
            format!("{} {many}", said(count, false, true))
        }
    };
    if billions > 0 {
        words.push(large(billions, "billón", "billones"));
    }
    if millions > 0 {
        words.push(large(millions, "millón", "millones"));
    }
    match thousands {
        0 => {}
        1 => words.push("mil".into()),
        _ => words.push(format!("{} mil", below_thousand(thousands, feminine, true))),
    }
    if rest > 0 || n == 0 {
        words.push(below_thousand(rest, feminine, short));
    }
    words.join(" ")
}

fn counting(n: u64, feminine: bool) -> String {
    said(n, feminine, true)
}

fn ordinal(n: u64, feminine: bool) -> String {
    const ONES: [&str; 10] = [
        "", "primero", "segundo", "tercero", "cuarto", "quinto", "sexto", "séptimo", "octavo", "noveno",
    ];
    const TENS: [&str; 10] = [
        "",
        "décimo",
        "vigésimo",
        "trigésimo",
        "cuadragésimo",
        "quincuagésimo",
        "sexagésimo",
        "septuagésimo",
        "octogésimo",
        "nonagésimo",
    ];
    let word = match n {
        1..=9 => ONES[n as usize].into(),
        11 => "undécimo".into(),
        12 => "duodécimo".into(),
        10..=99 => format!("{} {}", TENS[(n / 10) as usize], ONES[(n % 10) as usize])
            .trim_end()
            .to_owned(),
        100 => "centésimo".into(),
        1000 => "milésimo".into(),
        _ => return cardinal(n, feminine),
    };
    if !feminine {
        return word;
    }
    let words: Vec<String> = word
        .split(' ')
        .map(|w| w.strip_suffix('o').map_or(w.into(), |stem| format!("{stem}a")))
        .collect();
    words.join(" ")
}

fn clock(clock: Clock, _words: &Latin) -> String {
    let hour = if clock.hour == 1 {
        "una".into()
    } else {
        cardinal(clock.hour.into(), true)
    };
    let mut said = match clock.minute {
        0 => format!("{hour} en punto"),
        15 => format!("{hour} y cuarto"),
        30 => format!("{hour} y media"),
        minute => format!("{hour} y {}", cardinal(minute.into(), false)),
    };
    if clock.minute == 0 && (clock.halves || clock.second.is_some()) {
        said = hour;
    }
    if let Some(second) = clock.second {
        said = format!("{said} y {} segundos", cardinal(second.into(), false));
    }
    said
}

const fn feminine(one: &'static str, many: &'static str, cent: &'static str, cents: &'static str) -> Money {
    Money {
        one,
        many,
        cent,
        cents,
        feminine: true,
    }
}

pub static SPANISH: Latin = Latin {
    cardinal,
    counting,
    feminine: &["hora", "hectárea", "tonelada", "kilocaloría", "libra"],
    ordinal,
    endings: &[
        ("º", false),
        ("ª", true),
        ("°", false),
        ("er", false),
        ("ro", false),
        ("ra", true),
        ("do", false),
        ("da", true),
        ("to", false),
        ("ta", true),
    ],
    point: "coma",
    halves: [("medio", "medios"), ("tercio", "tercios"), ("cuarto", "cuartos")],
    minus: "menos",
    to: "a",
    and: "y",
    of: "de",
    of_month: "de",
    of_year: "de",
    first: "uno",
    months: [
        "enero",
        "febrero",
        "marzo",
        "abril",
        "mayo",
        "junio",
        "julio",
        "agosto",
        "septiembre",
        "octubre",
        "noviembre",
        "diciembre",
    ],
    clock,
    halves_of_day: ["de la mañana", "de la tarde"],
    money: &[
        ("€", money("euro", "euros", "céntimo", "céntimos")),
        ("EUR", money("euro", "euros", "céntimo", "céntimos")),
        ("$", money("dólar", "dólares", "centavo", "centavos")),
        ("US$", money("dólar", "dólares", "centavo", "centavos")),
        ("USD", money("dólar", "dólares", "centavo", "centavos")),
        ("£", feminine("libra", "libras", "penique", "peniques")),
        ("GBP", feminine("libra", "libras", "penique", "peniques")),
        ("¥", money("yen", "yenes", "", "")),
        ("MXN", money("peso", "pesos", "centavo", "centavos")),
        ("R$", money("real", "reales", "centavo", "centavos")),
    ],
    scales: &["mil", "millón", "millones", "billón", "billones", "docenas"],
    short_scales: [("mil", "mil"), ("millón", "millones"), ("mil millones", "mil millones")],
    units: &[
        ("mm", "milímetro", "milímetros"),
        ("cm", "centímetro", "centímetros"),
        ("m", "metro", "metros"),
        ("km", "kilómetro", "kilómetros"),
        ("m²", "metro cuadrado", "metros cuadrados"),
        ("km²", "kilómetro cuadrado", "kilómetros cuadrados"),
        ("m³", "metro cúbico", "metros cúbicos"),
        ("ha", "hectárea", "hectáreas"),
        ("mg", "miligramo", "miligramos"),
        ("g", "gramo", "gramos"),
        ("kg", "kilogramo", "kilogramos"),
        ("t", "tonelada", "toneladas"),
        ("ml", "mililitro", "mililitros"),
        ("cl", "centilitro", "centilitros"),
        ("l", "litro", "litros"),
        ("L", "litro", "litros"),
        ("ms", "milisegundo", "milisegundos"),
        ("s", "segundo", "segundos"),
        ("seg", "segundo", "segundos"),
        ("min", "minuto", "minutos"),
        ("h", "hora", "horas"),
        ("km/h", "kilómetro por hora", "kilómetros por hora"),
        ("m/s", "metro por segundo", "metros por segundo"),
        ("Hz", "hercio", "hercios"),
        ("kHz", "kilohercio", "kilohercios"),
        ("MHz", "megahercio", "megahercios"),
        ("GHz", "gigahercio", "gigahercios"),
        ("KB", "kilobyte", "kilobytes"),
        ("kB", "kilobyte", "kilobytes"),
        ("MB", "megabyte", "megabytes"),
        ("GB", "gigabyte", "gigabytes"),
        ("TB", "terabyte", "terabytes"),
        ("W", "vatio", "vatios"),
        ("kW", "kilovatio", "kilovatios"),
        ("kWh", "kilovatio hora", "kilovatios hora"),
        ("V", "voltio", "voltios"),
        ("kcal", "kilocaloría", "kilocalorías"),
        ("%", "por ciento", "por ciento"),
        ("‰", "por mil", "por mil"),
        ("°", "grado", "grados"),
        ("°C", "grado Celsius", "grados Celsius"),
        ("ºC", "grado Celsius", "grados Celsius"),
        ("°F", "grado Fahrenheit", "grados Fahrenheit"),
    ],
    letters: [
        "a",
        "be",
        "ce",
        "de",
        "e",
        "efe",
        "ge",
        "hache",
        "i",
        "jota",
        "ka",
        "ele",
        "eme",
        "ene",
        "o",
        "pe",
        "cu",
        "erre",
        "ese",
        "te",
        "u",
        "uve",
        "uve doble",
        "equis",
        "i griega",
        "zeta",
    ],
    signs: &[
        ('&', "y"),
        ('+', "más"),
        ('=', "igual a"),
        ('<', "menor que"),
        ('>', "mayor que"),
        ('²', "al cuadrado"),
        ('³', "al cubo"),
        ('±', "más menos"),
        ('×', "por"),
        ('*', "por"),
        ('÷', "dividido por"),
        ('-', "menos"),
        ('\u{2212}', "menos"),
        ('–', "menos"),
        ('/', "entre"),
        ('%', "por ciento"),
        ('@', "arroba"),
        ('#', "número"),
        ('$', "dólares"),
        ('€', "euros"),
        ('£', "libras"),
        ('§', "sección"),
        ('°', "grados"),
        ('~', "aproximadamente"),
        ('.', "punto"),
        (',', "coma"),
        ('_', "guion bajo"),
    ],
    address: &[
        ('.', "punto"),
        ('@', "arroba"),
        ('/', "barra"),
        ('-', "guion"),
        ('_', "guion bajo"),
        (':', "dos puntos"),
        ('?', "interrogación"),
        ('&', "y"),
        ('=', "igual"),
        ('#', "almohadilla"),
        ('+', "más"),
    ],
    abbreviations: &[
        ("Sr.", "señor"),
        ("Sra.", "señora"),
        ("Srta.", "señorita"),
        ("Sres.", "señores"),
        ("Dr.", "doctor"),
        ("Dra.", "doctora"),
        ("D.", "don"),
        ("Dña.", "doña"),
        ("Prof.", "profesor"),
        ("Ing.", "ingeniero"),
        ("Lic.", "licenciado"),
        ("Sto.", "santo"),
        ("Sta.", "santa"),
        ("Ud.", "usted"),
        ("Uds.", "ustedes"),
        ("Vd.", "usted"),
        ("Vds.", "ustedes"),
        ("EE.UU.", "Estados Unidos"),
        ("EE.UU", "Estados Unidos"),
        ("etc.", "etcétera"),
        ("etc", "etcétera"),
        ("p.ej.", "por ejemplo"),
        ("p.ej", "por ejemplo"),
        ("ej.", "ejemplo"),
        ("Ej.", "ejemplo"),
        ("Avda.", "avenida"),
        ("Av.", "avenida"),
        ("pág.", "página"),
        ("págs.", "páginas"),
        ("núm.", "número"),
        ("n.º", "número"),
        ("nº", "número"),
        ("Nº", "número"),
        ("tel.", "teléfono"),
        ("Tel.", "teléfono"),
        ("aprox.", "aproximadamente"),
        ("máx.", "máximo"),
        ("mín.", "mínimo"),
        ("vol.", "volumen"),
        ("cap.", "capítulo"),
        ("art.", "artículo"),
        ("fig.", "figura"),
        ("a.C.", "antes de Cristo"),
        ("a.C", "antes de Cristo"),
        ("d.C.", "después de Cristo"),
        ("d.C", "después de Cristo"),
        ("S.A.", "sociedad anónima"),
        ("S.A", "sociedad anónima"),
        ("vs.", "contra"),
    ],
    titles: &[
        "Sr", "Sra", "Srta", "Sres", "Dr", "Dra", "D", "Dña", "Prof", "Ing", "Lic", "Sto", "Sta", "Avda", "Av", "ej", "Ej", "p.ej",
    ],
    counts: &["pág", "págs", "núm", "n.º", "nº", "Nº", "tel", "Tel", "vol", "cap", "art", "fig"],
    starters: &[
        "El", "La", "Los", "Las", "Un", "Una", "Y", "Pero", "En", "De", "Es", "Se", "No", "Si", "Sí", "Yo", "Él", "Ella", "Que", "Qué",
        "Cuando", "Como", "Por", "Para", "Con", "Esto", "Este", "Esta", "Así", "Entonces", "Luego", "Además", "También", "Hay", "Al", "Su",
        "Lo",
    ],
    word_letters: "aeouyAEOUY",
    common: &[
        "el", "la", "los", "las", "un", "de", "en", "y", "no", "sí", "si", "que", "es", "se", "al", "por", "con", "tu", "mi", "su", "ya",
        "yo",
    ],
    numbered: &[
        "siglo",
        "capítulo",
        "tomo",
        "volumen",
        "parte",
        "acto",
        "título",
        "artículo",
        "fase",
        "guerra",
        "mundial",
        "tipo",
    ],
    kings: &[
        "Felipe",
        "Carlos",
        "Alfonso",
        "Fernando",
        "Isabel",
        "Juan",
        "Pablo",
        "Enrique",
        "Luis",
        "Pío",
        "Benedicto",
        "Francisco",
        "Papa",
        "Pedro",
    ],
    below_two: false,
};
