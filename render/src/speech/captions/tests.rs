use super::*;

/// Longer than what is said in any test.
const LONG: f64 = 1e5;

/// Words of three tenths of a second each, with half a second after sentences.
fn timed(text: &str) -> Vec<TimedWord> {
    let mut at = 0.2;
    text.split(' ')
        .map(|word| {
            let start = at;
            at += 0.3;
            let end = at;
            at += if word.ends_with('.') { 0.5 } else { 0.02 };
            TimedWord {
                text: word.into(),
                start,
                end,
            }
        })
        .collect()
}

fn texts(cues: &[Cue]) -> Vec<Vec<&str>> {
    cues.iter().map(|c| c.lines.iter().map(|l| l.text.as_str()).collect()).collect()
}

fn columns(text: &str) -> usize {
    unicode_width::UnicodeWidthStr::width(text)
}

/// What must hold for any words.
fn check(words: &[TimedWord], cues: &[Cue]) {
    for cue in cues {
        assert!(
            (1..=2).contains(&cue.lines.len()) && cue.lines.iter().all(|l| columns(&l.text) <= 42),
            "{cue:?}"
        );
        assert!(cue.start < cue.end && cue.end - cue.start < 8.0, "{cue:?}");
    }
    assert!(cues.windows(2).all(|c| c[0].end <= c[1].start));
    let plain = |text: String| text.replace(char::is_whitespace, "");
    let shown: String = cues.iter().flat_map(|c| &c.lines).map(|l| l.text.clone()).collect();
    assert_eq!(plain(shown), plain(words.iter().map(|w| w.text.as_str()).collect()));
}

#[test]
fn sentences_are_cues_and_lines_end_at_commas() {
    let words = timed("A short one. Then comes a sentence that is rather longer, and which therefore needs two lines. The end.");
    let cues = cues(&words, LONG);
    check(&words, &cues);
    assert_eq!(
        texts(&cues),
        [
            vec!["A short one."],
            vec!["Then comes a sentence", "that is rather longer,"],
            vec!["and which therefore needs two lines."],
            vec!["The end."]
        ]
    );
    // The gap of half a second would flicker.
    assert_eq!(cues[0].end, cues[1].start);
    let last = &words[words.len() - 1];
    assert!(cues[3].end >= last.end + 0.49);
}

#[test]
fn nothing_is_shown_after_the_end() {
    let words = timed("One sentence. And another one that ends late.");
    let last = &words[words.len() - 1];
    for seconds in [last.end + 0.1, last.end - 0.1, last.start] {
        let cues = cues(&words, seconds);
        assert!(
            cues.iter().all(|c| c.start < c.end && c.end <= seconds),
            "{cues:?} within {seconds}"
        );
        let shown = cues.last().is_some_and(|c| c.lines.iter().any(|l| l.text.contains("late.")));
        assert_eq!(shown, seconds > last.start, "{cues:?} within {seconds}");
    }
    // What would be shown nearly to the end stays until it: a picture without it for a moment would flicker.
    assert_eq!(cues(&words, last.end + 1.0).last().unwrap().end, last.end + 1.0);
    assert_eq!(cues(&words, last.end + 1.2).last().unwrap().end, last.end + 0.5);
    assert!(cues(&words, 0.0).is_empty());
}

#[test]
fn scripts_without_spaces_are_cut_between_signs() {
    let text = "今天天气很好，我们去公园散步。他喜欢喝茶，也喜欢学习中文，因为这门语言非常有趣。";
    let words = [TimedWord {
        text: text.into(),
        start: 1.0,
        end: 9.0,
    }];
    let cues = cues(&words, LONG);
    check(&words, &cues);
    assert!(cues.len() >= 2);
    assert!(
        cues.iter()
            .flat_map(|c| &c.lines)
            .all(|l| !l.text.starts_with(['，', '。']) && !l.text.contains(' '))
    );
}

#[test]
fn odd_words_do_no_harm() {
    let word = |text: &str, start, end| TimedWord {
        text: text.into(),
        start,
        end,
    };
    let words = [
        word(&"long".repeat(60), 0.0, 3.0),
        word(" ", 3.0, 3.0),
        word("new\nline", 2.0, f64::NAN),
        word("—", 3.0, 3.0),
        word("a", 90.0, 91.0),
    ];
    check(&words, &cues(&words, LONG));
    assert!(cues(&[], LONG).is_empty());
    assert!(cues(&[word("", 0.0, 1.0)], LONG).is_empty());
}

#[test]
fn a_long_text_takes_no_time() {
    let words = timed(&"It was a bright cold day in April, and the clocks were striking thirteen. ".repeat(700));
    let cues = cues(&words, LONG);
    check(&words, &cues);
    let short = cues.iter().filter(|c| c.end - c.start < 1.0).count();
    assert!(short * 50 < cues.len(), "{short} of {} are too short", cues.len());
}

#[test]
fn files_are_what_players_read() {
    let words = [
        TimedWord {
            text: "Tom".into(),
            start: 0.5,
            end: 0.8,
        },
        TimedWord {
            text: "&".into(),
            start: 0.9,
            end: 1.0,
        },
        TimedWord {
            text: "<Jerry>.".into(),
            start: 3661.25,
            end: 3661.75,
        },
    ];
    let cues = cues(&words, LONG);
    assert_eq!(
        srt(&cues),
        "1\n00:00:00,500 --> 00:00:01,500\nTom &\n\n2\n01:01:01,250 --> 01:01:02,250\n‹Jerry›.\n\n"
    );
    assert_eq!(
        vtt(&cues),
        "WEBVTT\n\n00:00:00.500 --> 00:00:01.500\nTom <00:00:00.900>&amp;\n\n01:01:01.250 --> 01:01:02.250\n&lt;Jerry&gt;.\n\n"
    );
}
