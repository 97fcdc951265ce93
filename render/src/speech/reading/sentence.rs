//! Where sentences end.

use super::token::Token;
use super::tongue::Tongue;

/// Most tokens of a sentence; a longer one is cut, at punctuation if there is any.
const LONGEST: usize = 80;

/// How many of the tokens are the first sentence; at least 1 of at least 1.
pub fn length(tokens: &[Token], tongue: &dyn Tongue) -> usize {
    for (i, token) in tokens.iter().take(LONGEST).enumerate() {
        if i + 1 == tokens.len() || token.paragraph || ends(tokens, i, tongue) {
            return i + 1;
        }
    }
    let comma = |t: &Token| t.trail.contains([',', ';', ':', '—', ')', '，', '、', '；', '：']);
    let pause = tokens[LONGEST / 2..LONGEST].iter().rposition(comma);
    pause.map_or(LONGEST, |at| LONGEST / 2 + at + 1)
}

fn ends(tokens: &[Token], i: usize, tongue: &dyn Tongue) -> bool {
    let (token, next) = (&tokens[i], &tokens[i + 1]);
    let trail = token.trail.as_str();
    if trail.contains(['。', '！', '？', '।', '．']) {
        return true;
    }
    let goes_on = next.lead.is_empty() && next.core.chars().next().is_some_and(char::is_lowercase);
    if goes_on || token.joined && trail.ends_with('.') {
        return false;
    }
    if trail.contains(['!', '?']) {
        return true;
    }
    if trail.contains('…') || trail.contains("..") {
        return true;
    }
    if !trail.starts_with('.') && !trail.contains('.') {
        return false;
    }
    let core = token.core.as_str();
    if token.said.is_some() {
        return true;
    }
    let starts = tongue.starts_sentence(&next.core);
    let letters = core.chars().filter(|c| c.is_alphabetic()).count();
    let initials = letters > 0
        && core
            .split('.')
            .all(|part| part.chars().count() == 1 && part.chars().all(char::is_alphabetic));
    if initials {
        // "J. Smith", "U.S. Army" go on; "plan B. Then", "in the U.S. The" do not.
        let time = matches!(core.to_lowercase().as_str(), "a.m" | "p.m");
        // A zone of time may follow.
        let zone = next.core.len() <= 4 && next.core.chars().all(char::is_uppercase) && next.core != "I" && next.core != "A";
        return starts || core == "I" || (time && !zone);
    }
    if core.chars().all(|c| c.is_ascii_digit()) {
        // "1. First", but "in 1990. Then".
        return !(i == 0 && core.len() <= 2);
    }
    let roman = !next.core.is_empty() && next.core.chars().all(|c| "IVXLC".contains(c)) && next.core != "I";
    let digit_follows = roman || next.core.starts_with(|c: char| c.is_ascii_digit());
    if tongue.is_title(core) || (digit_follows && tongue.counts(core)) {
        return false;
    }
    match tongue.abbreviation(&format!("{core}.")) {
        Some(_) => starts || !digit_follows && next.core.chars().next().is_some_and(char::is_uppercase) && !tongue.is_name_part(core),
        None => true,
    }
}
