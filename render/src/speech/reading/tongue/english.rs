//! English as it is read.

use super::{Clock, Date, Money, Tongue};

pub struct English {
    pub british: bool,
}

const ONES: [&str; 20] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];
const TENS: [&str; 10] = ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
const SCALES: [(u64, &str); 4] = [
    (1_000_000_000_000, "trillion"),
    (1_000_000_000, "billion"),
    (1_000_000, "million"),
    (1_000, "thousand"),
];
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

impl English {
    fn below_thousand(&self, n: u64) -> String {
        let mut words = Vec::new();
        if n >= 100 {
            words.push(format!("{} hundred", ONES[(n / 100) as usize]));
        }
        let rest = n % 100;
        if rest > 0 && n >= 100 && self.british {
            words.push("and".into());
        }
        if rest >= 20 {
            let (tens, one) = (TENS[(rest / 10) as usize], rest % 10);
            words.push(if one == 0 {
                tens.into()
            } else {
                format!("{tens}-{}", ONES[one as usize])
            });
        } else if rest > 0 || n == 0 {
            words.push(ONES[rest as usize].into());
        }
        words.join(" ")
    }
}

impl Tongue for English {
    fn decimal_sign(&self) -> char {
        '.'
    }

    fn cardinal(&self, n: u64, _feminine: bool) -> String {
        let mut words = Vec::new();
        let mut rest = n;
        for (scale, name) in SCALES {
            if rest >= scale {
                words.push(format!("{} {name}", self.cardinal(rest / scale, false)));
                rest %= scale;
            }
        }
        if rest > 0 || n == 0 {
            if self.british && !words.is_empty() && rest < 100 {
                words.push("and".into());
            }
            words.push(self.below_thousand(rest));
        }
        words.join(" ")
    }

    fn ordinal(&self, n: u64, _feminine: bool) -> String {
        let cardinal = self.cardinal(n, false);
        let (head, last) = match cardinal.rfind([' ', '-']) {
            Some(at) => cardinal.split_at(at + 1),
            None => ("", cardinal.as_str()),
        };
        let last = match last {
            "one" => "first".into(),
            "two" => "second".into(),
            "three" => "third".into(),
            "five" => "fifth".into(),
            "eight" => "eighth".into(),
            "nine" => "ninth".into(),
            "twelve" => "twelfth".into(),
            _ => match last.strip_suffix('y') {
                Some(stem) => format!("{stem}ieth"),
                None => format!("{last}th"),
            },
        };
        format!("{head}{last}")
    }

    fn ordinal_ending(&self, ending: &str) -> Option<bool> {
        matches!(ending.to_ascii_lowercase().as_str(), "st" | "nd" | "rd" | "th").then_some(false)
    }

    fn year(&self, n: u32) -> String {
        let (high, low) = (u64::from(n / 100), u64::from(n % 100));
        if !(1000..=9999).contains(&n) || (high % 10 == 0 && low < 10) {
            return self.cardinal(n.into(), false);
        }
        let low = match low {
            0 => "hundred".into(),
            1..=9 => format!("oh {}", ONES[low as usize]),
            _ => self.cardinal(low, false),
        };
        format!("{} {low}", self.cardinal(high, false))
    }

    fn decade(&self, n: u32) -> Option<String> {
        let (high, low) = (u64::from(n / 100), n % 100);
        let tens = match low {
            0 if high % 10 == 0 && high > 0 => return Some(format!("{}s", self.cardinal(n.into(), false))),
            0 => "hundreds".into(),
            10 => "tens".into(),
            _ if low % 10 == 0 => TENS[(low / 10) as usize].strip_suffix('y').map(|t| format!("{t}ies"))?,
            _ => return None,
        };
        Some(if high == 0 {
            tens
        } else {
            format!("{} {tens}", self.cardinal(high, false))
        })
    }

    fn decimals(&self, digits: &str) -> String {
        format!("point {}", super::number::digits(digits, self))
    }

    fn fraction(&self, numerator: u64, denominator: u64) -> String {
        let top = self.cardinal(numerator, false);
        let (one, many) = match denominator {
            2 => ("half".into(), "halves".into()),
            4 => ("quarter".into(), "quarters".into()),
            100.. => return format!("{top} over {}", self.cardinal(denominator, false)),
            _ => {
                let one = self.ordinal(denominator, false);
                (one.clone(), format!("{one}s"))
            }
        };
        format!("{top} {}", if numerator == 1 { one } else { many })
    }

    fn minus(&self) -> &'static str {
        "minus"
    }

    fn to(&self) -> &'static str {
        "to"
    }

    fn and(&self) -> &'static str {
        "and"
    }

    fn by(&self) -> &'static str {
        "by"
    }

    fn money(&self, sign: &str) -> Option<Money> {
        let (one, many, cent, cents) = match sign {
            "$" | "US$" | "USD" => ("dollar", "dollars", "cent", "cents"),
            "C$" | "CA$" | "CAD" => ("Canadian dollar", "Canadian dollars", "cent", "cents"),
            "A$" | "AU$" | "AUD" => ("Australian dollar", "Australian dollars", "cent", "cents"),
            "£" | "GBP" => ("pound", "pounds", "penny", "pence"),
            "€" | "EUR" => ("euro", "euros", "cent", "cents"),
            "¥" | "JPY" => ("yen", "yen", "", ""),
            "₹" | "Rs" | "INR" => ("rupee", "rupees", "paisa", "paise"),
            "₩" | "KRW" => ("won", "won", "", ""),
            "₽" | "RUB" => ("ruble", "rubles", "kopeck", "kopecks"),
            "CHF" => ("Swiss franc", "Swiss francs", "centime", "centimes"),
            "R$" | "BRL" => ("real", "reals", "centavo", "centavos"),
            "CNY" | "RMB" => ("yuan", "yuan", "", ""),
            "₿" | "BTC" => ("bitcoin", "bitcoins", "", ""),
            _ => return None,
        };
        Some(Money {
            one,
            many,
            cent,
            cents,
            feminine: false,
        })
    }

    fn scale(&self, word: &str) -> Option<&'static str> {
        let known = ["hundred", "thousand", "million", "billion", "trillion", "quadrillion", "dozen"];
        known.into_iter().find(|k| word.eq_ignore_ascii_case(k)).or(match word {
            "bn" => Some("billion"),
            "mn" => Some("million"),
            "tn" => Some("trillion"),
            _ => None,
        })
    }

    fn short_scale(&self, sign: &str) -> Option<(&'static str, &'static str)> {
        let name = match sign {
            "k" | "K" => "thousand",
            "m" | "M" | "mn" | "MM" => "million",
            "b" | "B" | "bn" => "billion",
            "t" | "T" | "tn" => "trillion",
            _ => return None,
        };
        Some((name, name))
    }

    fn unit(&self, sign: &str) -> Option<(&'static str, &'static str)> {
        Some(match sign {
            "mm" => ("millimeter", "millimeters"),
            "cm" => ("centimeter", "centimeters"),
            "m" => ("meter", "meters"),
            "km" => ("kilometer", "kilometers"),
            "nm" => ("nanometer", "nanometers"),
            "µm" | "μm" => ("micrometer", "micrometers"),
            "in" | "″" => ("inch", "inches"),
            "ft" | "′" => ("foot", "feet"),
            "yd" | "yds" => ("yard", "yards"),
            "mi" => ("mile", "miles"),
            "m²" | "m2" | "sqm" => ("square meter", "square meters"),
            "km²" | "km2" => ("square kilometer", "square kilometers"),
            "cm²" => ("square centimeter", "square centimeters"),
            "m³" | "m3" => ("cubic meter", "cubic meters"),
            "cm³" | "cc" => ("cubic centimeter", "cubic centimeters"),
            "ha" => ("hectare", "hectares"),
            "mg" => ("milligram", "milligrams"),
            "µg" | "μg" | "mcg" => ("microgram", "micrograms"),
            "g" => ("gram", "grams"),
            "kg" | "kgs" => ("kilogram", "kilograms"),
            "lb" | "lbs" => ("pound", "pounds"),
            "oz" => ("ounce", "ounces"),
            "ml" | "mL" => ("milliliter", "milliliters"),
            "cl" | "cL" => ("centiliter", "centiliters"),
            "l" | "L" => ("liter", "liters"),
            "gal" => ("gallon", "gallons"),
            "tsp" => ("teaspoon", "teaspoons"),
            "tbsp" => ("tablespoon", "tablespoons"),
            "ms" => ("millisecond", "milliseconds"),
            "µs" | "μs" => ("microsecond", "microseconds"),
            "ns" => ("nanosecond", "nanoseconds"),
            "s" | "sec" | "secs" => ("second", "seconds"),
            "min" | "mins" => ("minute", "minutes"),
            "h" | "hr" | "hrs" => ("hour", "hours"),
            "mph" => ("mile per hour", "miles per hour"),
            "km/h" | "kph" | "kmh" => ("kilometer per hour", "kilometers per hour"),
            "m/s" => ("meter per second", "meters per second"),
            "mpg" => ("mile per gallon", "miles per gallon"),
            "rpm" => ("revolution per minute", "revolutions per minute"),
            "bpm" => ("beat per minute", "beats per minute"),
            "fps" => ("frame per second", "frames per second"),
            "Hz" => ("hertz", "hertz"),
            "kHz" => ("kilohertz", "kilohertz"),
            "MHz" => ("megahertz", "megahertz"),
            "GHz" => ("gigahertz", "gigahertz"),
            "kB" | "KB" => ("kilobyte", "kilobytes"),
            "MB" => ("megabyte", "megabytes"),
            "GB" => ("gigabyte", "gigabytes"),
            "TB" => ("terabyte", "terabytes"),
            "kbps" => ("kilobit per second", "kilobits per second"),
            "Mbps" => ("megabit per second", "megabits per second"),
            "Gbps" => ("gigabit per second", "gigabits per second"),
            "MB/s" => ("megabyte per second", "megabytes per second"),
            "W" => ("watt", "watts"),
            "kW" => ("kilowatt", "kilowatts"),
            "MW" => ("megawatt", "megawatts"),
            "GW" => ("gigawatt", "gigawatts"),
            "kWh" => ("kilowatt hour", "kilowatt hours"),
            "V" => ("volt", "volts"),
            "mAh" => ("milliamp hour", "milliamp hours"),
            "dB" => ("decibel", "decibels"),
            "Pa" => ("pascal", "pascals"),
            "hPa" => ("hectopascal", "hectopascals"),
            "kPa" => ("kilopascal", "kilopascals"),
            "psi" => ("pound per square inch", "pounds per square inch"),
            "cal" => ("calorie", "calories"),
            "kcal" => ("kilocalorie", "kilocalories"),
            "kJ" => ("kilojoule", "kilojoules"),
            "px" => ("pixel", "pixels"),
            "MP" => ("megapixel", "megapixels"),
            "pt" => ("point", "points"),
            "ppm" => ("part per million", "parts per million"),
            "%" => ("percent", "percent"),
            "‰" => ("per mille", "per mille"),
            "°" => ("degree", "degrees"),
            "°C" | "℃" | "ºC" => ("degree Celsius", "degrees Celsius"),
            "°F" | "℉" | "ºF" => ("degree Fahrenheit", "degrees Fahrenheit"),
            "¢" => ("cent", "cents"),
            "x" | "×" => ("times", "times"),
            "p" => ("P", "P"),
            _ => return None,
        })
    }

    fn month(&self, name: &str) -> Option<u32> {
        let name = name.trim_end_matches('.');
        let short = |m: &str| name.len() == 3 && m.starts_with(name) || (name == "Sept" && m == "September");
        MONTHS.iter().position(|m| *m == name || short(m)).map(|i| i as u32 + 1)
    }

    fn date(&self, date: Date) -> String {
        let month = MONTHS[(date.month as usize + 11) % 12];
        let mut said = match date.day {
            Some(day) if self.british => format!("the {} of {month}", self.ordinal(day.into(), false)),
            Some(day) => format!("{month} {}", self.ordinal(day.into(), false)),
            None => month.into(),
        };
        if let Some(year) = date.year {
            let pause = if date.day.is_some() { "," } else { "" };
            said = format!("{said}{pause} {}", self.year(year));
        }
        said
    }

    fn month_first(&self) -> bool {
        !self.british
    }

    fn clock(&self, clock: Clock) -> String {
        let mut said = self.cardinal(clock.hour.into(), false);
        match clock.minute {
            0 if clock.halves || clock.second.is_some() => {}
            0 if (1..=12).contains(&clock.hour) => said += " o'clock",
            0 => said += " hundred",
            minute @ 1..=9 => said += &format!(" oh {}", ONES[minute as usize]),
            minute => said = format!("{said} {}", self.cardinal(minute.into(), false)),
        }
        if let Some(second) = clock.second {
            let unit = if second == 1 { "second" } else { "seconds" };
            said = format!("{said} and {} {unit}", self.cardinal(second.into(), false));
        }
        said
    }

    fn half(&self, afternoon: bool) -> &'static str {
        if afternoon { "PM" } else { "AM" }
    }

    fn letter(&self, _letter: char) -> Option<&'static str> {
        None
    }

    fn sign(&self, sign: char) -> Option<&'static str> {
        Some(match sign {
            '&' => "and",
            '+' => "plus",
            '=' => "equals",
            '<' => "is less than",
            '>' => "is greater than",
            '≤' => "is at most",
            '≥' => "is at least",
            '≠' => "is not equal to",
            '≈' => "is about",
            '~' => "about",
            '±' => "plus or minus",
            '×' | '*' => "times",
            '÷' => "divided by",
            '-' | '\u{2212}' | '–' => "minus",
            '/' => "slash",
            '%' => "percent",
            '@' => "at",
            '#' => "number",
            '$' => "dollar",
            '€' => "euro",
            '£' => "pound",
            '§' => "section",
            '°' => "degrees",
            '√' => "the square root of",
            '∞' => "infinity",
            '^' => "to the power of",
            '→' => "to",
            '.' => "point",
            '_' => "underscore",
            ':' => "colon",
            ',' => "comma",
            ';' => "semicolon",
            '!' => "exclamation mark",
            '?' => "question mark",
            '(' => "open parenthesis",
            ')' => "close parenthesis",
            '"' => "quote",
            '\'' => "apostrophe",
            '\\' => "backslash",
            '|' => "pipe",
            _ => return None,
        })
    }

    fn address_sign(&self, sign: char) -> Option<&'static str> {
        Some(match sign {
            '.' => "dot",
            '@' => "at",
            '/' => "slash",
            '-' => "dash",
            '_' => "underscore",
            ':' => "colon",
            '?' => "question mark",
            '&' => "and",
            '=' => "equals",
            '#' => "hash",
            '+' => "plus",
            '~' => "tilde",
            '%' => "percent",
            _ => return None,
        })
    }

    fn abbreviation(&self, word: &str) -> Option<&'static str> {
        Some(match word {
            "Mr." | "Mr" => "Mister",
            "Mrs." | "Mrs" => "Missus",
            "Ms." | "Ms" => "Miz",
            "Mx." => "Mix",
            "Dr." | "Dr" => "Doctor",
            "Prof." => "Professor",
            "St." => "Saint",
            "Ste." => "Suite",
            "Mt." => "Mount",
            "Ft." => "Fort",
            "Gen." => "General",
            "Gov." => "Governor",
            "Sen." => "Senator",
            "Rep." => "Representative",
            "Capt." => "Captain",
            "Lt." => "Lieutenant",
            "Col." => "Colonel",
            "Sgt." => "Sergeant",
            "Cmdr." => "Commander",
            "Rev." => "Reverend",
            "Hon." => "Honorable",
            "Pres." => "President",
            "Fr." => "Father",
            "Maj." => "Major",
            "Adm." => "Admiral",
            "Jr." | "Jr" => "Junior",
            "Sr." | "Sr" => "Senior",
            "Esq." => "Esquire",
            "Ave." | "Ave" => "Avenue",
            "Blvd." | "Blvd" => "Boulevard",
            "Rd." | "Rd" => "Road",
            "Ln." => "Lane",
            "Hwy." | "Hwy" => "Highway",
            "Pkwy." => "Parkway",
            "Apt." => "Apartment",
            "Bldg." => "Building",
            "Ltd." | "Ltd" => "Limited",
            "Inc." | "Inc" => "Incorporated",
            "Corp." | "Corp" => "Corporation",
            "Co." => "Company",
            "Bros." => "Brothers",
            "Dept." | "dept." => "Department",
            "Univ." => "University",
            "Assn." => "Association",
            "Govt." | "govt." => "government",
            "approx." => "approximately",
            "est." => "established",
            "vs." | "vs" => "versus",
            "vol." | "Vol." => "volume",
            "fig." | "Fig." => "figure",
            "ch." | "Ch." => "chapter",
            "sec." | "Sec." => "section",
            "p." => "page",
            "pp." => "pages",
            "ed." => "edition",
            "eds." => "editors",
            "no." | "No." => "number",
            "nos." | "Nos." => "numbers",
            "cf." => "compare",
            "etc." | "etc" => "et cetera",
            "e.g." | "e.g" | "eg." => "for example",
            "i.e." | "i.e" | "ie." => "that is",
            "al." => "al",
            "a.k.a." | "aka" | "AKA" => "also known as",
            "misc." => "miscellaneous",
            "max." => "maximum",
            "min." => "minimum",
            "avg." => "average",
            "temp." => "temperature",
            "tel." | "Tel." => "telephone",
            "ext." | "Ext." => "extension",
            "mfg." => "manufacturing",
            "intl." => "international",
            "w/" => "with",
            "w/o" => "without",
            "Jan." => "January",
            "Feb." => "February",
            "Mar." => "March",
            "Apr." => "April",
            "Jun." => "June",
            "Jul." => "July",
            "Aug." => "August",
            "Sep." | "Sept." => "September",
            "Oct." => "October",
            "Nov." => "November",
            "Dec." => "December",
            "Mon." => "Monday",
            "Tue." | "Tues." => "Tuesday",
            "Wed." => "Wednesday",
            "Thu." | "Thurs." => "Thursday",
            "Fri." => "Friday",
            "Sat." => "Saturday",
            "Sun." => "Sunday",
            "St" => "Saint",
            _ => return None,
        })
    }

    fn is_word_too(&self, word: &str) -> bool {
        let words = [
            "no", "No", "sat", "Sat", "sun", "Sun", "wed", "Wed", "mar", "Mar", "fig", "Fig", "temp", "gen", "Rep", "ed", "max", "min",
            "al", "sec", "est", "Pres", "Mon", "Hon", "Rev", "Gen", "Jan", "Ave", "ext", "misc", "v", "p", "Col",
        ];
        words.contains(&word)
    }

    fn ambiguous(&self, word: &str, before: bool, behind: bool) -> Option<&'static str> {
        match (word, before, behind) {
            ("v.", true, true) => Some("versus"),
            ("St." | "St", _, true) => Some("Saint"),
            ("St." | "St", true, false) => Some("Street"),
            ("Dr." | "Dr", true, false) => Some("Drive"),
            ("Ft." | "Ft", _, false) => Some("feet"),
            _ => None,
        }
    }

    fn is_title(&self, word: &str) -> bool {
        let titles = [
            "Mr", "Mrs", "Ms", "Mx", "Dr", "Prof", "St", "Mt", "Ft", "Gen", "Gov", "Sen", "Rep", "Capt", "Lt", "Col", "Sgt", "Cmdr", "Rev",
            "Hon", "Pres", "Fr", "Maj", "Adm", "vs", "e.g", "i.e", "cf", "approx",
        ];
        titles.contains(&word)
    }

    fn counts(&self, word: &str) -> bool {
        let counted = [
            "no", "nos", "No", "Nos", "p", "pp", "vol", "Vol", "fig", "Fig", "ch", "Ch", "sec", "Sec", "ext", "Ext", "tel", "Tel", "Apt",
            "Ste", "Jan", "Feb", "Mar", "Apr", "Jun", "Jul", "Aug", "Sep", "Sept", "Oct", "Nov", "Dec", "Hwy",
        ];
        counted.contains(&word)
    }

    fn is_name_part(&self, word: &str) -> bool {
        matches!(
            word,
            "Jr" | "Sr" | "Co" | "Bros" | "Univ" | "Dept" | "al" | "St" | "Ave" | "Mon" | "Tue" | "Wed" | "Thu" | "Fri" | "Sat"
        )
    }

    fn starts_sentence(&self, word: &str) -> bool {
        let starters = [
            "The", "A", "An", "It", "He", "She", "We", "They", "You", "I", "This", "That", "These", "Those", "There", "Then", "But", "And",
            "So", "Or", "If", "When", "While", "What", "Who", "Where", "Why", "How", "In", "On", "At", "For", "From", "To", "With",
            "After", "Before", "However", "My", "Our", "Your", "His", "Her", "Their", "Its", "It's", "I'm", "No", "Yes", "Not", "As", "By",
            "Is", "Are", "Was", "Do", "Does", "Did", "Can", "Could", "Will", "Would", "Let", "Let's", "Please", "Now", "Here", "All",
            "Some", "Most", "Each", "Every", "One", "We're", "They're", "You're", "He's", "She's", "That's", "There's", "Once", "Since",
            "Although", "Because", "Both", "Even", "Just",
        ];
        starters.contains(&word.replace('’', "'").as_str())
    }

    fn spells(&self, word: &str) -> Option<bool> {
        let words = [
            "NASA", "NATO", "OPEC", "UNICEF", "UNESCO", "AIDS", "SARS", "COVID", "LASER", "RADAR", "SCUBA", "SWAT", "NASDAQ", "FIFA",
            "UEFA", "PIN", "GIF", "RAM", "ROM", "SIM", "LAN", "WAN", "NIMBY", "YOLO", "FEMA", "OSHA", "NAFTA", "ASCII", "JSON", "CRISPR",
            "MIDI", "POTUS", "SCOTUS", "FLOTUS", "ZIP", "CAPTCHA", "BASIC", "COBOL", "NAND", "TED", "IKEA", "GIMP", "WASP", "DARPA",
            "CERN", "ICANN", "SAT", "ASAP", "TESOL",
        ];
        let letters = [
            "US", "UK", "EU", "UN", "IT", "AI", "TV", "PC", "CD", "DVD", "USA", "FBI", "CIA", "IRS", "CEO", "CFO", "CTO", "COO", "HR",
            "PR", "ID", "IQ", "API", "URL", "HTML", "CSS", "PDF", "USB", "GPS", "DNA", "RNA", "HIV", "MIT", "UCLA", "BBC", "CNN", "NBC",
            "ABC", "CBS", "HBO", "NBA", "NFL", "NHL", "MLB", "UFO", "VIP", "ATM", "FAQ", "DIY", "GDP", "MRI", "CT", "ER", "AM", "PM", "AD",
            "BC", "BCE", "CE", "LA", "NY", "NYC", "DC", "SUV", "LED", "LCD", "IP", "VPN", "SQL", "AWS", "IBM", "HP", "LG", "GM", "BMW",
            "KFC", "UPS", "USPS", "OK", "DJ", "MC", "RV", "PS", "RSVP", "SOS", "TBD", "BTW", "FYI", "LOL", "OMG", "IMO", "EST", "PST",
            "GMT", "UTC", "IPO", "ETF", "ROI", "SEO", "UI", "UX", "OS", "AC", "EV", "SSN", "GPU", "CPU", "SSD", "XML", "PHP", "HTTP",
            "HTTPS", "FTP", "SSH", "TSA", "EPA", "FDA", "CDC", "NSA", "DOJ", "WHO", "IMF", "LLC", "LGBT", "LGBTQ",
        ];
        if words.contains(&word) {
            Some(false)
        } else if letters.contains(&word) {
            Some(true)
        } else {
            None
        }
    }

    fn roman_behind(&self, word: &str) -> Option<bool> {
        let names = [
            "Pope",
            "King",
            "Queen",
            "Henry",
            "Louis",
            "Edward",
            "George",
            "William",
            "Charles",
            "James",
            "Richard",
            "Elizabeth",
            "Napoleon",
            "Pius",
            "Benedict",
            "Leo",
            "Paul",
            "Ramses",
            "Frederick",
            "Philip",
            "Alexander",
            "Nicholas",
            "Peter",
            "Catherine",
            "Ivan",
            "Umberto",
            "Gustav",
            "Christian",
            "Ferdinand",
            "Francis",
            "Mary",
            "Innocent",
            "Clement",
            "Gregory",
            "Urban",
            "Constantine",
            "Otto",
            "Wilhelm",
        ];
        let things = [
            "Chapter", "chapter", "Part", "part", "Act", "act", "Scene", "scene", "Section", "section", "Volume", "volume", "Book", "book",
            "Phase", "phase", "Article", "article", "War", "Mark", "Type", "type", "Level", "level", "Stage", "stage", "Class", "class",
            "Grade", "grade", "Bowl", "Apollo", "Gemini", "Fantasy", "Episode", "Round", "round", "Rocky", "Title", "Schedule", "Appendix",
            "Figure", "Table", "Annex", "Saturn",
        ];
        if names.contains(&word) {
            Some(true)
        } else {
            things.contains(&word).then_some(false)
        }
    }

    fn roman_ordinal(&self, n: u64) -> String {
        format!("the {}", self.ordinal(n, false))
    }
}
