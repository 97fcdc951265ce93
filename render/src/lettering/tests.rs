use super::*;
use crate::scene::Fps;

fn words(text: &str) -> Vec<TimedWord> {
    let word = |(i, text): (usize, &str)| TimedWord {
        text: text.into(),
        start: 1.0 + 0.3 * i as f64,
        end: 1.25 + 0.3 * i as f64,
    };
    text.split(' ').enumerate().map(word).collect()
}

fn canvas(width: u32, height: u32) -> Canvas {
    Canvas::new(width, height, Fps::DEFAULT).expect("a canvas")
}

fn lettering(text: &str, canvas: Canvas, size: CaptionSize) -> (Lettering, Option<String>) {
    Lettering::new(&words(text), 1e5, canvas, size, Language::AmericanEnglish)
}

/// Pixels of luma that a caption changed, as (left, top, right, bottom); none if it changed nothing.
fn changed(plain: &Planes, seen: &Planes) -> Option<(usize, usize, usize, usize)> {
    let width = plain.width;
    let touched = plain.y.iter().zip(&seen.y).enumerate().filter(|(_, (a, b))| a != b);
    touched.map(|(i, _)| (i % width, i / width)).fold(None, |all, (x, y)| match all {
        None => Some((x, y, x, y)),
        Some((l, t, r, b)) => Some((l.min(x), t.min(y), r.max(x), b.max(y))),
    })
}

#[test]
fn a_caption_is_seen_while_it_is_said_and_leaves_no_trace() {
    for (width, height) in [(1280, 720), (540, 960), (128, 128), (4096, 128)] {
        for size in [CaptionSize::Small, CaptionSize::Medium, CaptionSize::Large] {
            let (mut lettering, warning) = lettering(
                "Déjà vu, все хорошо, and more words than one line has.",
                canvas(width, height),
                size,
            );
            assert_eq!(warning, None);
            let plain = Planes::filled(width as usize, height as usize, [40, 160, 90]).expect("planes");
            let mut frame = plain.clone();
            // Before the first word, and long after the last.
            for index in [0, 24, 500] {
                let seen = lettering.over(index, &mut frame, |f| Ok(f.clone())).expect("shown");
                assert!(seen == plain, "frame {index}");
            }
            let seen = lettering.over(27, &mut frame, |f| Ok(f.clone())).expect("shown");
            assert!(frame == plain, "the frame is as it was");
            let (left, top, right, bottom) = changed(&plain, &seen).expect("a caption");
            let (w, h) = (width as usize, height as usize);
            assert!(left >= w / 20 - 2 && right <= w - w / 20 + 2, "{left} to {right} of {w}");
            assert!(top > 0 && bottom <= h - h / 20, "{top} to {bottom} of {h}");
            let region = lettering.region().expect("captions have a place");
            assert!(region.x <= left && right < region.x + region.width, "{region:?}");
            assert!(region.y <= top && bottom < region.y + region.height, "{region:?}");
            // White letters on something darker than what was there.
            assert!(
                seen.y.iter().any(|y| *y > 200) && seen.y.iter().any(|y| *y < 60),
                "{width}x{height}"
            );
        }
    }
}

#[test]
fn a_frame_depends_on_its_index_alone() {
    let text = "One sentence is here. Another one comes. A third ends it.";
    let draw = |order: &[usize]| -> Vec<Planes> {
        let (mut lettering, _) = lettering(text, canvas(640, 360), CaptionSize::Medium);
        let mut frame = Planes::filled(640, 360, [200; 3]).expect("planes");
        let mut seen: Vec<(usize, Planes)> = order
            .iter()
            .map(|&i| (i, lettering.over(i, &mut frame, |f| Ok(f.clone())).expect("shown")))
            .collect();
        seen.sort_by_key(|(i, _)| *i);
        seen.into_iter().map(|(_, f)| f).collect()
    };
    assert!(draw(&[26, 60, 90, 110]) == draw(&[110, 60, 26, 90]));
}

#[test]
fn what_no_font_has_is_told() {
    let (_, warning) = lettering("Hello 😀 world", canvas(640, 360), CaptionSize::Medium);
    let warning = warning.expect("a warning");
    assert!(warning.contains("😀 (U+1F600)"), "{warning}");
}

#[test]
fn chinese_signs_take_the_shapes_of_the_language() {
    let shape = |text: &str, language| shapes(&words(text), language);
    assert_eq!(shape("直", Language::Japanese), "ja");
    assert_eq!(shape("直 は", Language::AmericanEnglish), "ja");
    assert_eq!(shape("直", Language::AmericanEnglish), "zh-hans");
    assert_eq!(shape("x", Language::AmericanEnglish), "en");
}
