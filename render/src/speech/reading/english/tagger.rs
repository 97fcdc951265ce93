//! Parts of speech: an averaged perceptron with Penn Treebank tags, as hibari's `g2p/tagger.py` (Apache-2.0) runs it.

use super::table::{Table, damaged, inflate};
use crate::error::Result;

pub struct Tagger {
    tags: Vec<String>,
    /// Frequent words; others count by their shape.
    known: Table,
    /// Words with one dominant tag.
    sure: Table,
    sure_tags: Vec<u8>,
    features: Table,
    /// Where the weights of each feature begin; one more than features.
    starts: Vec<u32>,
    weights: Vec<(u8, i16)>,
}

impl Tagger {
    pub fn load(packed: &[u8]) -> Result<Self> {
        let data = inflate(packed)?;
        let mut rest = &data[..];
        let mut take = |n: usize| -> Result<&[u8]> {
            let (head, tail) = rest.split_at_checked(n).ok_or_else(|| damaged("the tagger's data end early"))?;
            rest = tail;
            Ok(head)
        };
        let mut text = || -> Result<Vec<u8>> {
            let length = take(4)?;
            let length = u32::from_le_bytes([length[0], length[1], length[2], length[3]]);
            Ok(take(length as usize)?.to_vec())
        };
        let tags: Vec<String> = String::from_utf8(text()?).map_err(damaged)?.lines().map(String::from).collect();
        let (known, sure, features) = (Table::new(text()?)?, Table::new(text()?)?, Table::new(text()?)?);
        let sure_tags = take(sure.len())?.to_vec();
        let mut starts = vec![0];
        let mut end = 0;
        for count in take(features.len())? {
            end += u32::from(*count);
            starts.push(end);
        }
        let of = take(end as usize)?.to_vec();
        let values = take(2 * end as usize)?;
        let values = values.chunks_exact(2).map(|b| i16::from_le_bytes([b[0], b[1]]));
        let weights = of.into_iter().zip(values).collect();
        Ok(Self {
            tags,
            known,
            sure,
            sure_tags,
            features,
            starts,
            weights,
        })
    }

    /// A tag for each of a sentence's tokens, which are not empty.
    pub fn tag(&self, words: &[&str]) -> Vec<&str> {
        let context: Vec<String> = ["-START2-", "-START-"]
            .into_iter()
            .map(String::from)
            .chain(words.iter().map(|w| self.normal(w)))
            .chain(["-END-", "-END2-"].into_iter().map(String::from))
            .collect();
        let (mut last, mut before) = ("-START-", "-START2-");
        let mut tags = Vec::with_capacity(words.len());
        for (i, word) in words.iter().enumerate() {
            let tag = match self.sure.find(word) {
                Some(line) => self.name(self.sure_tags[line]),
                None => self.predict(i, word, &context, last, before),
            };
            tags.push(tag);
            (before, last) = (last, tag);
        }
        tags
    }

    fn name(&self, tag: u8) -> &str {
        self.tags.get(usize::from(tag)).map_or("NN", String::as_str)
    }

    fn normal(&self, word: &str) -> String {
        let normal = if word.contains('-') && !word.starts_with('-') {
            "!HYPHEN".into()
        } else {
            word.to_lowercase()
        };
        if self.known.find(&normal).is_some() {
            normal
        } else {
            format!("<{}>", shape(word))
        }
    }

    fn predict(&self, i: usize, word: &str, context: &[String], last: &str, before: &str) -> &str {
        let around = |step: usize| context[i + step].as_str();
        let first = &word[..word.chars().next().map_or(0, char::len_utf8)];
        let mut scores = vec![0_i32; self.tags.len()];
        let mut any = false;
        let mut add = |feature: &str| {
            let Some(line) = self.features.find(feature) else { return };
            for (tag, weight) in &self.weights[self.starts[line] as usize..self.starts[line + 1] as usize] {
                any = true;
                if let Some(score) = scores.get_mut(usize::from(*tag)) {
                    *score += i32::from(*weight);
                }
            }
        };
        add("b");
        add(if i == 0 { "i0" } else { "i+" });
        add(&format!("s3={}", ending(word)));
        add(&format!("p1={first}"));
        add(&format!("sh={}", shape(word)));
        add(&format!("t-1={last}"));
        add(&format!("t-2={before}"));
        add(&format!("t-12={last},{before}"));
        for (name, step) in [("w-2=", 0), ("w-1=", 1), ("w=", 2), ("w+1=", 3), ("w+2=", 4)] {
            add(&format!("{name}{}", around(step)));
        }
        add(&format!("s3-1={}", ending(around(1))));
        add(&format!("s3+1={}", ending(around(3))));
        if !any {
            return "NN";
        }
        // Tags are sorted: of equal scores the last one wins, as where these weights were trained.
        let best = scores
            .iter()
            .enumerate()
            .max_by_key(|(i, score)| (**score, *i))
            .map_or(0, |(i, _)| i);
        self.name(best as u8)
    }
}

/// The last three characters.
fn ending(word: &str) -> &str {
    word.char_indices().rev().nth(2).map_or(word, |(at, _)| &word[at..])
}

fn shape(word: &str) -> String {
    let mut chars = word.chars();
    if !word.chars().all(char::is_alphabetic) {
        let kind = |c: char| {
            if c.is_ascii_digit() {
                'd'
            } else if c.is_alphabetic() {
                'x'
            } else {
                c
            }
        };
        return word.chars().take(4).map(kind).collect();
    }
    let upper = |c: char| c.is_uppercase();
    let first = chars.next().is_some_and(upper);
    let shape = match (first, chars.clone().any(upper), chars.clone().all(upper)) {
        (false, false, _) => "x",
        (true, _, true) if chars.next().is_none() => "X1",
        (true, _, true) => "XX",
        (true, false, _) => "Xx",
        _ => "xX",
    };
    shape.into()
}
