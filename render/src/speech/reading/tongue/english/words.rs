//! Lists of English words.

use super::super::Money;

/// A unit's name for one and for many.
pub fn unit(sign: &str) -> Option<(&'static str, &'static str)> {
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

/// An abbreviation in full.
pub fn abbreviation(word: &str) -> Option<&'static str> {
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

/// Whether a name follows.
pub fn is_title(word: &str) -> bool {
    let titles = [
        "Mr", "Mrs", "Ms", "Mx", "Dr", "Prof", "St", "Mt", "Ft", "Gen", "Gov", "Sen", "Rep", "Capt", "Lt", "Col", "Sgt", "Cmdr", "Rev",
        "Hon", "Pres", "Fr", "Maj", "Adm", "vs", "e.g", "i.e", "cf", "approx",
    ];
    titles.contains(&word)
}

/// Whether a number follows.
pub fn counts(word: &str) -> bool {
    let counted = [
        "no", "nos", "No", "Nos", "p", "pp", "vol", "Vol", "fig", "Fig", "ch", "Ch", "sec", "Sec", "ext", "Ext", "tel", "Tel", "Apt",
        "Ste", "Jan", "Feb", "Mar", "Apr", "Jun", "Jul", "Aug", "Sep", "Sept", "Oct", "Nov", "Dec", "Hwy",
    ];
    counted.contains(&word)
}

/// Whether a capital may follow though no sentence has ended.
pub fn is_name_part(word: &str) -> bool {
    matches!(
        word,
        "Jr" | "Sr" | "Co" | "Bros" | "Univ" | "Dept" | "al" | "St" | "Ave" | "Mon" | "Tue" | "Wed" | "Thu" | "Fri" | "Sat"
    )
}

/// Whether a word often begins a sentence.
pub fn starts_sentence(word: &str) -> bool {
    let starters = [
        "The", "A", "An", "It", "He", "She", "We", "They", "You", "I", "This", "That", "These", "Those", "There", "Then", "But", "And",
        "So", "Or", "If", "When", "While", "What", "Who", "Where", "Why", "How", "In", "On", "At", "For", "From", "To", "With", "After",
        "Before", "However", "My", "Our", "Your", "His", "Her", "Their", "Its", "It's", "I'm", "No", "Yes", "Not", "As", "By", "Is", "Are",
        "Was", "Do", "Does", "Did", "Can", "Could", "Will", "Would", "Let", "Let's", "Please", "Now", "Here", "All", "Some", "Most",
        "Each", "Every", "One", "We're", "They're", "You're", "He's", "She's", "That's", "There's", "Once", "Since", "Although", "Because",
        "Both", "Even", "Just",
    ];
    starters.contains(&word.replace('’', "'").as_str())
}

/// Whether capitals are spelled, where the usual rule would be wrong.
pub fn spells(word: &str) -> Option<bool> {
    let words = [
        "NASA", "NATO", "OPEC", "UNICEF", "UNESCO", "AIDS", "SARS", "COVID", "LASER", "RADAR", "SCUBA", "SWAT", "NASDAQ", "FIFA", "UEFA",
        "PIN", "GIF", "RAM", "ROM", "SIM", "LAN", "WAN", "NIMBY", "YOLO", "FEMA", "OSHA", "NAFTA", "ASCII", "JSON", "CRISPR", "MIDI",
        "POTUS", "SCOTUS", "FLOTUS", "ZIP", "CAPTCHA", "BASIC", "COBOL", "NAND", "TED", "IKEA", "GIMP", "WASP", "DARPA", "CERN", "ICANN",
        "SAT", "ASAP", "TESOL",
    ];
    let letters = [
        "US", "UK", "EU", "UN", "IT", "AI", "TV", "PC", "CD", "DVD", "USA", "FBI", "CIA", "IRS", "CEO", "CFO", "CTO", "COO", "HR", "PR",
        "ID", "IQ", "API", "URL", "HTML", "CSS", "PDF", "USB", "GPS", "DNA", "RNA", "HIV", "MIT", "UCLA", "BBC", "CNN", "NBC", "ABC",
        "CBS", "HBO", "NBA", "NFL", "NHL", "MLB", "UFO", "VIP", "ATM", "FAQ", "DIY", "GDP", "MRI", "CT", "ER", "AM", "PM", "AD", "BC",
        "BCE", "CE", "LA", "NY", "NYC", "DC", "SUV", "LED", "LCD", "IP", "VPN", "SQL", "AWS", "IBM", "HP", "LG", "GM", "BMW", "KFC", "UPS",
        "USPS", "OK", "DJ", "MC", "RV", "PS", "RSVP", "SOS", "TBD", "BTW", "FYI", "LOL", "OMG", "IMO", "EST", "PST", "GMT", "UTC", "IPO",
        "ETF", "ROI", "SEO", "UI", "UX", "OS", "AC", "EV", "SSN", "GPU", "CPU", "SSD", "XML", "PHP", "HTTP", "HTTPS", "FTP", "SSH", "TSA",
        "EPA", "FDA", "CDC", "NSA", "DOJ", "WHO", "IMF", "LLC", "LGBT", "LGBTQ",
    ];
    if words.contains(&word) {
        Some(false)
    } else if letters.contains(&word) {
        Some(true)
    } else {
        None
    }
}

/// Whether a Roman numeral behind it is an ordinal.
pub fn roman_behind(word: &str) -> Option<bool> {
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
        "Figure", "Table", "Annex", "Saturn", "vol", "Vol", "No",
    ];
    if names.contains(&word) {
        Some(true)
    } else {
        things.contains(&word).then_some(false)
    }
}

/// A unit of money by its sign.
pub fn money(sign: &str) -> Option<Money> {
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

/// Whether an abbreviation without its dot is a word as well.
pub fn is_word_too(word: &str) -> bool {
    let words = [
        "no", "No", "sat", "Sat", "sun", "Sun", "wed", "Wed", "mar", "Mar", "fig", "Fig", "temp", "gen", "Rep", "ed", "max", "min", "al",
        "sec", "est", "Pres", "Mon", "Hon", "Rev", "Gen", "Jan", "Ave", "ext", "misc", "v", "p", "Col",
    ];
    words.contains(&word)
}
