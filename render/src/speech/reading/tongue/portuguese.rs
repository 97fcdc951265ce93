//! Portuguese as it is read in Brazil.

use super::latin::{Latin, money};
use super::{Clock, Money};

const ONES: [&str; 20] = [
    "zero",
    "um",
    "dois",
    "três",
    "quatro",
    "cinco",
    "seis",
    "sete",
    "oito",
    "nove",
    "dez",
    "onze",
    "doze",
    "treze",
    "catorze",
    "quinze",
    "dezesseis",
    "dezessete",
    "dezoito",
    "dezenove",
];
const TENS: [&str; 10] = [
    "",
    "",
    "vinte",
    "trinta",
    "quarenta",
    "cinquenta",
    "sessenta",
    "setenta",
    "oitenta",
    "noventa",
];
const HUNDREDS: [&str; 10] = [
    "",
    "cento",
    "duzentos",
    "trezentos",
    "quatrocentos",
    "quinhentos",
    "seiscentos",
    "setecentos",
    "oitocentos",
    "novecentos",
];

fn below_thousand(n: u64, feminine: bool) -> String {
    if n == 100 {
        return "cem".into();
    }
    let one = |n: u64| match (n, feminine) {
        (1, true) => "uma",
        (2, true) => "duas",
        _ => ONES[n as usize],
    };
    let mut words: Vec<String> = Vec::new();
    if n > 100 {
        let hundreds = HUNDREDS[(n / 100) as usize];
        words.push(match hundreds.strip_suffix("os").filter(|_| feminine) {
            Some(stem) => format!("{stem}as"),
            None => hundreds.into(),
        });
    }
    match n % 100 {
        0 if n == 0 => words.push("zero".into()),
        0 => {}
        rest @ 1..=19 => words.push(one(rest).into()),
        rest => {
            words.push(TENS[(rest / 10) as usize].into());
            if rest % 10 > 0 {
                words.push(one(rest % 10).into());
            }
        }
    }
    words.join(" e ")
}

fn cardinal(n: u64, feminine: bool) -> String {
    let mut words: Vec<String> = Vec::new();
    let mut rest = n;
    for (scale, one, many) in [
        (1_000_000_000_000, "trilhão", "trilhões"),
        (1_000_000_000, "bilhão", "bilhões"),
        (1_000_000, "milhão", "milhões"),
    ] {
        let count = rest / scale;
        if count > 0 {
            words.push(format!("{} {}", below_thousand(count, false), if count == 1 { one } else { many }));
            rest %= scale;
        }
    }
    match rest / 1000 {
        0 => {}
        1 => words.push("mil".into()),
        count => words.push(format!("{} mil", below_thousand(count, feminine))),
    }
    rest %= 1000;
    if rest > 0 || n == 0 {
        // "mil e um", "mil e duzentos", but "mil duzentos e um".
        let joined = !words.is_empty() && (rest < 100 || rest.is_multiple_of(100));
        let last = below_thousand(rest, feminine);
        words.push(if joined { format!("e {last}") } else { last });
    }
    words.join(" ")
}

fn ordinal(n: u64, feminine: bool) -> String {
    const ONES: [&str; 10] = [
        "", "primeiro", "segundo", "terceiro", "quarto", "quinto", "sexto", "sétimo", "oitavo", "nono",
    ];
    const TENS: [&str; 10] = [
        "",
        "décimo",
        "vigésimo",
        "trigésimo",
        "quadragésimo",
        "quinquagésimo",
        "sexagésimo",
        "septuagésimo",
        "octogésimo",
        "nonagésimo",
    ];
    let word = match n {
        1..=9 => ONES[n as usize].into(),
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
    let hours = |n: u32| format!("{} {}", cardinal(n.into(), true), if n == 1 { "hora" } else { "horas" });
    let mut said = match clock.minute {
        0 => hours(clock.hour),
        30 => format!("{} e meia", hours(clock.hour)),
        minute => format!("{} e {}", hours(clock.hour), cardinal(minute.into(), false)),
    };
    if let Some(second) = clock.second {
        said = format!("{said} e {} segundos", cardinal(second.into(), false));
    }
    said
}

const fn pounds() -> Money {
    Money {
        one: "libra",
        many: "libras",
        cent: "centavo",
        cents: "centavos",
        feminine: true,
    }
}

pub static PORTUGUESE: Latin = Latin {
    cardinal,
    counting: cardinal,
    feminine: &["hora", "tonelada", "quilocaloria", "libra"],
    ordinal,
    endings: &[("º", false), ("ª", true), ("°", false), ("o", false), ("a", true)],
    point: "vírgula",
    halves: [("meio", "meios"), ("terço", "terços"), ("quarto", "quartos")],
    minus: "menos",
    to: "a",
    and: "e",
    of: "de",
    of_month: "de",
    of_year: "de",
    first: "primeiro",
    months: [
        "janeiro",
        "fevereiro",
        "março",
        "abril",
        "maio",
        "junho",
        "julho",
        "agosto",
        "setembro",
        "outubro",
        "novembro",
        "dezembro",
    ],
    clock,
    halves_of_day: ["da manhã", "da tarde"],
    money: &[
        ("R$", money("real", "reais", "centavo", "centavos")),
        ("BRL", money("real", "reais", "centavo", "centavos")),
        ("€", money("euro", "euros", "centavo", "centavos")),
        ("EUR", money("euro", "euros", "centavo", "centavos")),
        ("$", money("dólar", "dólares", "centavo", "centavos")),
        ("US$", money("dólar", "dólares", "centavo", "centavos")),
        ("USD", money("dólar", "dólares", "centavo", "centavos")),
        ("£", pounds()),
        ("GBP", pounds()),
        ("¥", money("iene", "ienes", "", "")),
    ],
    scales: &["mil", "milhão", "milhões", "bilhão", "bilhões", "trilhão", "trilhões"],
    short_scales: [("mil", "mil"), ("milhão", "milhões"), ("bilhão", "bilhões")],
    units: &[
        ("mm", "milímetro", "milímetros"),
        ("cm", "centímetro", "centímetros"),
        ("m", "metro", "metros"),
        ("km", "quilômetro", "quilômetros"),
        ("m²", "metro quadrado", "metros quadrados"),
        ("km²", "quilômetro quadrado", "quilômetros quadrados"),
        ("m³", "metro cúbico", "metros cúbicos"),
        ("ha", "hectare", "hectares"),
        ("mg", "miligrama", "miligramas"),
        ("g", "grama", "gramas"),
        ("kg", "quilograma", "quilogramas"),
        ("t", "tonelada", "toneladas"),
        ("ml", "mililitro", "mililitros"),
        ("l", "litro", "litros"),
        ("L", "litro", "litros"),
        ("ms", "milissegundo", "milissegundos"),
        ("s", "segundo", "segundos"),
        ("min", "minuto", "minutos"),
        ("h", "hora", "horas"),
        ("km/h", "quilômetro por hora", "quilômetros por hora"),
        ("m/s", "metro por segundo", "metros por segundo"),
        ("Hz", "hertz", "hertz"),
        ("kHz", "quilohertz", "quilohertz"),
        ("MHz", "megahertz", "megahertz"),
        ("GHz", "gigahertz", "gigahertz"),
        ("KB", "quilobyte", "quilobytes"),
        ("kB", "quilobyte", "quilobytes"),
        ("MB", "megabyte", "megabytes"),
        ("GB", "gigabyte", "gigabytes"),
        ("TB", "terabyte", "terabytes"),
        ("W", "watt", "watts"),
        ("kW", "quilowatt", "quilowatts"),
        ("kWh", "quilowatt hora", "quilowatts hora"),
        ("V", "volt", "volts"),
        ("kcal", "quilocaloria", "quilocalorias"),
        ("%", "por cento", "por cento"),
        ("‰", "por mil", "por mil"),
        ("°", "grau", "graus"),
        ("°C", "grau Celsius", "graus Celsius"),
        ("ºC", "grau Celsius", "graus Celsius"),
        ("°F", "grau Fahrenheit", "graus Fahrenheit"),
    ],
    letters: [
        "a", "bê", "cê", "dê", "e", "efe", "gê", "agá", "i", "jota", "cá", "ele", "eme", "ene", "o", "pê", "quê", "erre", "esse", "tê",
        "u", "vê", "dáblio", "xis", "ípsilon", "zê",
    ],
    signs: &[
        ('&', "e"),
        ('+', "mais"),
        ('=', "igual a"),
        ('<', "menor que"),
        ('>', "maior que"),
        ('²', "ao quadrado"),
        ('³', "ao cubo"),
        ('±', "mais ou menos"),
        ('×', "vezes"),
        ('*', "vezes"),
        ('÷', "dividido por"),
        ('-', "menos"),
        ('\u{2212}', "menos"),
        ('–', "menos"),
        ('/', "sobre"),
        ('%', "por cento"),
        ('@', "arroba"),
        ('#', "número"),
        ('$', "dólares"),
        ('€', "euros"),
        ('£', "libras"),
        ('§', "parágrafo"),
        ('°', "graus"),
        ('~', "cerca de"),
        ('.', "ponto"),
        (',', "vírgula"),
        ('_', "sublinhado"),
    ],
    address: &[
        ('.', "ponto"),
        ('@', "arroba"),
        ('/', "barra"),
        ('-', "hífen"),
        ('_', "sublinhado"),
        (':', "dois pontos"),
        ('?', "interrogação"),
        ('&', "e"),
        ('=', "igual"),
        ('#', "cerquilha"),
        ('+', "mais"),
    ],
    abbreviations: &[
        ("Sr.", "senhor"),
        ("Sra.", "senhora"),
        ("Srta.", "senhorita"),
        ("Srs.", "senhores"),
        ("Dr.", "doutor"),
        ("Dra.", "doutora"),
        ("Prof.", "professor"),
        ("Profa.", "professora"),
        ("Eng.", "engenheiro"),
        ("D.", "dom"),
        ("Sto.", "santo"),
        ("Sta.", "santa"),
        ("S.", "são"),
        ("etc.", "etcétera"),
        ("etc", "etcétera"),
        ("ex.", "exemplo"),
        ("p.ex.", "por exemplo"),
        ("Av.", "avenida"),
        ("R.", "rua"),
        ("pág.", "página"),
        ("págs.", "páginas"),
        ("p.", "página"),
        ("nº", "número"),
        ("n.º", "número"),
        ("n°", "número"),
        ("núm.", "número"),
        ("tel.", "telefone"),
        ("Tel.", "telefone"),
        ("art.", "artigo"),
        ("cap.", "capítulo"),
        ("vol.", "volume"),
        ("fig.", "figura"),
        ("a.C.", "antes de Cristo"),
        ("a.C", "antes de Cristo"),
        ("d.C.", "depois de Cristo"),
        ("d.C", "depois de Cristo"),
        ("aprox.", "aproximadamente"),
        ("máx.", "máximo"),
        ("mín.", "mínimo"),
        ("Ltda.", "limitada"),
        ("S.A.", "sociedade anônima"),
        ("S.A", "sociedade anônima"),
        ("EUA", "Estados Unidos"),
        ("vs.", "contra"),
        ("cf.", "confira"),
    ],
    titles: &[
        "Sr", "Sra", "Srta", "Srs", "Dr", "Dra", "Prof", "Profa", "Eng", "D", "Sto", "Sta", "S", "Av", "R", "ex", "p.ex", "cf", "aprox",
    ],
    counts: &[
        "pág", "págs", "p", "nº", "n.º", "n°", "núm", "tel", "Tel", "art", "cap", "vol", "fig",
    ],
    starters: &[
        "O", "A", "Os", "As", "Um", "Uma", "E", "Mas", "Em", "No", "Na", "De", "É", "Não", "Se", "Eu", "Ele", "Ela", "Nós", "Que", "Quem",
        "Quando", "Como", "Por", "Para", "Com", "Isso", "Este", "Esta", "Assim", "Então", "Depois", "Também", "Há", "Ao", "Seu", "Sua",
        "Sim",
    ],
    word_letters: "aàeéoAEO",
    common: &[
        "o", "a", "os", "as", "um", "uma", "de", "do", "da", "em", "no", "na", "e", "é", "não", "que", "se", "eu", "por", "com", "meu",
        "seu", "já",
    ],
    numbered: &[
        "século",
        "capítulo",
        "tomo",
        "volume",
        "parte",
        "ato",
        "título",
        "artigo",
        "fase",
        "guerra",
        "mundial",
        "tipo",
    ],
    kings: &[
        "Papa",
        "Pedro",
        "João",
        "Carlos",
        "Henrique",
        "Luís",
        "Pio",
        "Bento",
        "Francisco",
        "Filipe",
        "Manuel",
        "José",
        "Elizabeth",
        "Paulo",
    ],
    below_two: true,
};
