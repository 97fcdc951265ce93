//! Urls, e-mail addresses, hashtags, telephone numbers, versions.

use super::{Readings, Sentence, one, word, words};
use crate::speech::reading::Sayable;
use crate::speech::reading::tongue::{digits, in_groups};

/// Last labels of names that people write without `www`.
const ENDINGS: [&str; 34] = [
    "com", "org", "net", "edu", "gov", "io", "co", "uk", "de", "fr", "es", "it", "pt", "br", "mx", "ar", "info", "biz", "us", "ca", "au",
    "tv", "me", "ly", "ai", "dev", "app", "eu", "ch", "nl", "jp", "cn", "in", "gg",
];

/// "https://example.com/path", "www.example.com", "name@example.com", "#Topic", "@name".
pub fn address(sentence: &Sentence, at: usize) -> Option<Readings> {
    let core = sentence.core(at);
    let tongue = sentence.tongue;
    let name = |rest: &str| {
        rest.chars().next().is_some_and(char::is_alphabetic) && rest.chars().all(|c| c.is_alphanumeric() || "_.'’-".contains(c))
    };
    if let Some(topic) = core.strip_prefix('#').filter(|t| name(t)) {
        let mut said = vec![Sayable::Word("hashtag".into())];
        said.extend(label(sentence, topic));
        return Some(vec![said]);
    }
    if let Some(user) = core.strip_prefix('@').filter(|t| name(t)) {
        let mut said = words(tongue.address_sign('@').unwrap_or_default());
        said.extend(label(sentence, user));
        return Some(vec![said]);
    }
    let bare = core.split_once("://").map_or(core, |(_, rest)| rest);
    let is_url = bare.len() < core.len() || bare.to_lowercase().starts_with("www.");
    let mail = bare
        .split_once('@')
        .is_some_and(|(user, host)| !user.is_empty() && host.contains('.') && !host.contains('@'));
    (is_url || mail || is_host(bare)).then(|| vec![parts(sentence, bare.trim_end_matches('/'))])
}

/// Whether it reads as a name of a host, perhaps with a path.
fn is_host(text: &str) -> bool {
    let host = text.split(['/', '?']).next().unwrap_or_default();
    let Some((rest, last)) = host.rsplit_once('.') else { return false };
    let label = |l: &str| l.chars().count() > 1 && l.chars().all(|c| c.is_alphanumeric() || c == '-');
    let file = FILES.contains(&last);
    (file || (ENDINGS.contains(&last) && rest.chars().any(char::is_alphabetic))) && rest.split('.').all(label)
}

/// Endings of files.
const FILES: [&str; 24] = [
    "txt", "pdf", "doc", "docx", "xls", "xlsx", "png", "jpg", "jpeg", "gif", "mp3", "mp4", "wav", "zip", "html", "css", "js", "py", "rs",
    "json", "csv", "exe", "md", "xml",
];

/// Labels and the signs between them.
fn parts(sentence: &Sentence, text: &str) -> Vec<Sayable> {
    let mut said = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len());
        said.extend(label(sentence, &rest[..end]));
        rest = &rest[end..];
        if let Some(sign) = rest.chars().next() {
            said.extend(words(sentence.tongue.address_sign(sign).unwrap_or_default()));
            rest = &rest[sign.len_utf8()..];
        }
    }
    said
}

/// Words of two letters, which other labels of two letters are not.
const SHORT: [&str; 21] = [
    "my", "go", "we", "on", "to", "up", "be", "by", "at", "so", "do", "no", "or", "an", "of", "as", "is", "if", "he", "hi", "oh",
];

/// A name in an address: humps and digits apart, what cannot be pronounced spelled.
fn label(sentence: &Sentence, text: &str) -> Vec<Sayable> {
    word::runs(text)
        .into_iter()
        .flat_map(|run| {
            if run.starts_with(|c: char| c.is_ascii_digit()) {
                return word::digit_run(sentence, run);
            }
            let count = run.chars().count();
            let known = matches!(
                run,
                "com" | "org" | "net" | "edu" | "gov" | "info" | "biz" | "me" | "co" | "app" | "dev" | "in"
            );
            let spelled = !known && (count == 1 || !word::pronounceable(run) || (count <= 2 && text == run && !SHORT.contains(&run)));
            if spelled {
                word::letters(sentence, run)
            } else {
                vec![Sayable::Word(run.into())]
            }
        })
        .collect()
}

/// "555-123-4567", "(555) 123-4567", "+44 20 7946 0958", "06 12 34 56 78".
pub fn telephone(sentence: &Sentence, at: usize) -> Option<Readings> {
    let tongue = sentence.tongue;
    let token = sentence.tokens.get(at)?;
    let core = token.core.as_str();
    let is_digits = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
    let national = |text: &str| -> bool {
        let groups: Vec<&str> = text.split(['-', '.', ' ', '\u{a0}']).collect();
        let lengths: Vec<usize> = groups.iter().map(|g| g.len()).collect();
        groups.iter().all(|g| is_digits(g))
            && matches!(
                lengths[..],
                [3, 4] | [3, 3, 4] | [1, 3, 3, 4] | [2, 2, 2, 2, 2] | [3, 3, 3] | [3, 2, 2, 2] | [2, 4, 4] | [2, 5, 4] | [3, 4, 4]
            )
            && (text.contains(['-', '.', '\u{a0}', ' ']))
            && !(lengths == [3, 3, 3] && text.contains('.'))
    };
    let plus = |text: &str| {
        if text.starts_with('+') {
            format!("{} ", tongue.sign('+').unwrap_or_default())
        } else {
            String::new()
        }
    };
    let international = core.strip_prefix('+').is_some_and(|rest| {
        let count = rest.chars().filter(char::is_ascii_digit).count();
        (8..=15).contains(&count) && rest.chars().all(|c| c.is_ascii_digit() || "-. \u{a0}()".contains(c))
    });
    if international || national(core) {
        return one(&format!("{}{}", plus(core), in_groups(core, tongue)));
    }
    // Groups that are tokens of their own.
    let mut groups = Vec::new();
    let mut i = at;
    while let Some(token) = sentence.tokens.get(i) {
        let text = token.core.strip_prefix('+').filter(|_| i == at).unwrap_or(&token.core);
        let inside = text.split('-').all(is_digits) && token.said.is_none() && token.text.chars().count() < 16;
        if !inside {
            break;
        }
        groups.push(text);
        i += 1;
        if !matches!(token.trail.as_str(), "" | ")") {
            break;
        }
    }
    let lengths: Vec<usize> = groups.iter().map(|g| g.len()).collect();
    let bracketed = token.lead.ends_with('(') && token.trail.starts_with(')') && core.len() == 3;
    let joined = groups.join(" ").replace('-', " ");
    let count: usize = joined.chars().filter(char::is_ascii_digit).count();
    let fits = if core.starts_with('+') {
        groups.len() > 1 && (8..=15).contains(&count)
    } else {
        (bracketed && count == 10)
            || (groups.len() > 2
                && (core.starts_with('0')
                    || lengths == [3, 3, 4]
                    || (!sentence.language.is_english() && matches!(lengths[..], [3, 3, 3] | [3, 2, 2, 2])))
                && national(&joined))
    };
    fits.then(|| {
        let mut said: Readings = groups.iter().map(|g| words(&format!("{},", in_groups(g, tongue)))).collect();
        if let Some(last) = said.last_mut() {
            last.pop();
        }
        if core.starts_with('+') {
            said[0].splice(0..0, words(&plus(core)));
        }
        said
    })
}

/// "v2", "1.2.3", "192.168.0.1".
pub fn version(sentence: &Sentence, at: usize) -> Option<Readings> {
    let core = sentence.core(at);
    let (core, suffix) = core
        .split_once('-')
        .filter(|(n, s)| n.contains('.') && s.starts_with(char::is_alphabetic))
        .unwrap_or((core, ""));
    let (marked, numbers) = match core.strip_prefix('v') {
        Some(rest) => (true, rest),
        None => (false, core),
    };
    let parts: Vec<&str> = numbers.split('.').collect();
    let number = |p: &&str| !p.is_empty() && p.len() <= 4 && p.bytes().all(|b| b.is_ascii_digit());
    if !parts.iter().all(number) || (!marked && parts.len() < 3) || (parts.len() == 3 && !marked && grouped(sentence, &parts)) {
        return None;
    }
    let tongue = sentence.tongue;
    let sign = if parts.len() == 4 {
        tongue.address_sign('.')
    } else {
        tongue.sign('.')
    }
    .unwrap_or_default();
    let say = |p: &&str| match p.parse() {
        Ok(n) if p.len() < 3 && !(p.len() > 1 && p.starts_with('0')) => tongue.cardinal(n, false),
        _ => digits(p, tongue),
    };
    let said = parts.iter().map(say).collect::<Vec<_>>().join(&format!(" {sign} "));
    let named = sentence.before(at).eq_ignore_ascii_case("version");
    let name = if marked && !named && sentence.language.is_english() {
        "version "
    } else {
        ""
    };
    let mut said = words(&format!("{name}{said}"));
    said.extend(word::text(sentence, suffix));
    Some(vec![said])
}

/// Whether dots set thousands apart: "1.234.567".
fn grouped(sentence: &Sentence, parts: &[&str]) -> bool {
    sentence.tongue.decimal_sign() == ',' && parts[1..].iter().all(|p| p.len() == 3)
}
