//! Numbers as they are written.

use super::Tongue;

/// Most digits that are read as one number; more are read one by one.
const LONGEST: usize = 15;

/// A number as written: its digits, and how they were grouped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Number {
    pub negative: bool,
    /// Whole part without separators; may be empty as in ".5".
    pub whole: String,
    /// Decimal digits, if there was a sign for them.
    pub decimals: Option<String>,
    /// Whether thousands were set apart.
    pub grouped: bool,
}

impl Number {
    /// The whole text as a number in the language's way.
    pub fn read(text: &str, tongue: &dyn Tongue) -> Option<Self> {
        let (negative, text) = match text.strip_prefix(['-', '\u{2212}', '–']) {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let decimal = tongue.decimal_sign();
        let group = if decimal == '.' { ',' } else { '.' };
        if text.is_empty() || !text.chars().any(|c| c.is_ascii_digit()) {
            return None;
        }
        let separators = |c: char| c == '\u{a0}' || c == '\u{202f}' || c == '\'' || c == '’' || c == ' ';
        let (whole, decimals) = match text.split_once(decimal) {
            Some((whole, decimals)) => (whole, Some(decimals)),
            None => (text, None),
        };
        let grouped = whole.contains(group) || whole.contains(separators);
        let groups: Vec<&str> = whole.split(|c| c == group || separators(c)).collect();
        let digits = |s: &str| s.chars().all(|c| c.is_ascii_digit());
        let shaped = !grouped || (matches!(groups[0].len(), 1..=3) && groups[1..].iter().all(|g| g.len() == 3));
        if shaped && groups.iter().all(|g| digits(g)) && decimals.is_none_or(|d| !d.is_empty() && digits(d)) {
            return Some(Self {
                negative,
                whole: groups.concat(),
                decimals: decimals.map(String::from),
                grouped,
            });
        }
        // The other half of the world's decimals: "3.5" in Spanish, "3,5" in English; and Indian groups.
        if let Some((whole, decimals)) = text.split_once(group)
            && digits(whole)
            && digits(decimals)
            && !decimals.is_empty()
            && (decimals.len() != 3 || whole.is_empty())
        {
            return Some(Self {
                negative,
                whole: whole.into(),
                decimals: Some(decimals.into()),
                grouped: false,
            });
        }
        let indian =
            decimals.is_none() && grouped && groups.iter().all(|g| digits(g) && matches!(g.len(), 1..=3)) && groups.last()?.len() == 3;
        indian.then(|| Self {
            negative,
            whole: groups.concat(),
            decimals: None,
            grouped: true,
        })
    }

    pub fn of(n: u64) -> Self {
        Self {
            negative: false,
            whole: n.to_string(),
            decimals: None,
            grouped: false,
        }
    }

    pub fn value(&self) -> Option<u64> {
        if self.whole.is_empty() {
            return Some(0);
        }
        (self.whole.len() <= LONGEST).then(|| self.whole.parse().ok()).flatten()
    }

    pub fn is_one(&self) -> bool {
        self.value() == Some(1) && self.decimals.is_none()
    }

    /// As it is read.
    pub fn say(&self, tongue: &dyn Tongue, feminine: bool) -> String {
        self.said(tongue, &|n| tongue.cardinal(n, feminine))
    }

    /// As it is read in front of what it counts.
    pub fn counting(&self, tongue: &dyn Tongue, feminine: bool) -> String {
        match self.decimals {
            None => self.said(tongue, &|n| tongue.counting(n, feminine)),
            Some(_) => self.say(tongue, feminine),
        }
    }

    fn said(&self, tongue: &dyn Tongue, cardinal: &dyn Fn(u64) -> String) -> String {
        let mut said = Vec::new();
        if self.negative {
            said.push(tongue.minus().into());
        }
        let zeros = self.whole.len() > 1 && self.whole.starts_with('0') && self.decimals.is_none();
        match self.value() {
            Some(_) if zeros => said.push(digits(&self.whole, tongue)),
            // ".5" is "point five".
            Some(_) if self.whole.is_empty() && tongue.decimal_sign() == '.' => {}
            Some(n) => said.push(cardinal(n)),
            None => said.push(digits(&self.whole, tongue)),
        }
        if let Some(decimals) = &self.decimals {
            said.push(tongue.decimals(decimals));
        }
        said.join(" ")
    }
}

/// Digits one by one.
pub fn digits(text: &str, tongue: &dyn Tongue) -> String {
    let digits = text.chars().filter_map(|c| c.to_digit(10));
    digits.map(|d| tongue.cardinal(d.into(), false)).collect::<Vec<_>>().join(" ")
}

/// Digits in groups with pauses between, as telephone numbers are said.
pub fn in_groups(text: &str, tongue: &dyn Tongue) -> String {
    let groups = text.split(|c: char| !c.is_ascii_digit()).filter(|g| !g.is_empty());
    groups.map(|g| digits(g, tongue)).collect::<Vec<_>>().join(", ")
}
