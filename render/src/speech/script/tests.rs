use super::*;

fn refused(text: &str) -> String {
    let error = Script::parse(text).expect_err(text);
    assert_eq!(error.kind, Kind::TextInvalid, "{text}");
    error.message
}

fn text(text: &str, said: Said) -> Part {
    Part::Text {
        text: text.into(),
        said,
        manner: Manner::default(),
    }
}

#[test]
fn a_lone_sign_is_text() {
    for written in [
        "5 < 6",
        "a<3",
        "I <3 you",
        "x<y",
        "R&D & AT&T; ok",
        "a -> b",
        "2<3 and 4>3",
        "1 <",
        "<- this",
    ] {
        let script = Script::parse(written).unwrap();
        assert_eq!(script.parts(), [text(written, Said::Read)], "{written}");
        assert_eq!(script.characters(), written.chars().count());
    }
    let decoded = Script::parse("5 &lt; 6 &amp; &#65;&#x42; &quot;x&quot;").unwrap();
    assert_eq!(decoded.parts(), [text("5 < 6 & AB \"x\"", Said::Read)]);
    assert_eq!(Script::plain("<b>&lt;</b>").unwrap().parts(), [text("<b>&lt;</b>", Said::Read)]);
}

#[test]
fn markup_is_not_charged() {
    let script = Script::parse("<speak>Hé <break time=\"1s\"/><prosody rate='slow'>you</prosody></speak>").unwrap();
    assert_eq!(script.characters(), 6);
}

#[test]
fn elements_say_how() {
    let script = Script::parse(
        "<?xml version=\"1.0\"?><speak version=\"1.1\" xml:lang='en'>Hi <break time=\"250ms\"/><break strength='strong'/><break/>\
         <sub alias=\"a &gt; b\">c</sub><phoneme alphabet=\"ipa\" ph=\"həˈloʊ\">hello</phoneme>\
         <say-as interpret-as=\"date\" format=\"dmy\">1/2/2024</say-as></speak>",
    )
    .unwrap();
    let phonemes = Said::Phonemes {
        phonemes: "həˈloʊ".into(),
        kokoro: false,
    };
    assert_eq!(
        script.parts(),
        [
            text("Hi ", Said::Read),
            Part::Break(0.25),
            Part::Break(0.8),
            Part::Break(0.5),
            text("c", Said::Alias("a > b".into())),
            text("hello", phonemes),
            text("1/2/2024", Said::As(SayAs::Date(DateOrder::DayFirst))),
        ]
    );
}

#[test]
fn prosody_adds_up_within_bounds() {
    let manner = |text: &str| match Script::parse(text).unwrap().parts() {
        [Part::Text { manner, .. }] => *manner,
        parts => panic!("{parts:?}"),
    };
    let near = |a: f32, b: f32| (a - b).abs() < 1e-3;
    for (attributes, speed, pitch, volume) in [
        ("rate='slow'", 0.8, 0.0, 0.0),
        ("rate='120%'", 1.2, 0.0, 0.0),
        ("rate='-20%'", 0.8, 0.0, 0.0),
        ("rate='1.5'", 1.5, 0.0, 0.0),
        ("pitch='+2st'", 1.0, 2.0, 0.0),
        ("pitch='high'", 1.0, 3.0, 0.0),
        ("pitch='+100%'", 1.0, 12.0, 0.0),
        ("volume='-6dB'", 1.0, 0.0, -6.0),
        ("volume='50'", 1.0, 0.0, -6.0206),
        ("volume='silent' rate='fast' pitch='-1st'", 1.25, -1.0, -40.0),
    ] {
        let m = manner(&format!("<prosody {attributes}>a</prosody>"));
        assert!(
            near(m.speed, speed) && near(m.pitch, pitch) && near(m.volume, volume),
            "{attributes}: {m:?}"
        );
    }
    let deep = manner("<prosody rate='200%' pitch='10st'><prosody rate='200%' pitch='10st'>a</prosody></prosody>");
    assert!(near(deep.speed, 2.0) && near(deep.pitch, 12.0), "{deep:?}");
}

#[test]
fn what_cannot_be_used_is_named_with_its_place() {
    for (written, names) in [
        ("Hi <audio src='x'/>", "`<audio>` at character 4"),
        ("é<emphasis>x</emphasis>", "`<emphasis>` at character 2"),
        ("a <!-- b --> c", "a comment or declaration at character 3"),
        ("a <?php x ?> c", "a processing instruction at character 3"),
        ("<break time='11s'/>a", "time \"11s\""),
        ("<break time='-1s'/>a", "time \"-1s\""),
        ("<break time='5'/>a", "time \"5\""),
        ("<break size='5'/>a", "attribute `size`"),
        ("<break strength='huge'/>a", "strength \"huge\""),
        ("<prosody rate='9'>a</prosody>", "rate \"9\""),
        ("<prosody pitch='+40st'>a</prosody>", "pitch \"+40st\""),
        ("<prosody volume='+60dB'>a</prosody>", "volume \"+60dB\""),
        ("<prosody rate=slow>a</prosody>", "without quotes"),
        ("<prosody rate='slow' rate='slow'>a</prosody>", "`rate` twice"),
        ("<prosody rate>a</prosody>", "without a value"),
        ("<phoneme>a</phoneme>", "needs the attribute `ph`"),
        ("<phoneme ph='...'>a</phoneme>", "ph \"...\""),
        ("<phoneme ph='a' alphabet='x-sampa'>a</phoneme>", "alphabet \"x-sampa\""),
        ("<say-as interpret-as='poem'>a</say-as>", "interpret-as \"poem\""),
        ("<say-as>a</say-as>", "needs the attribute `interpret-as`"),
        ("<sub>a</sub>", "needs the attribute `alias`"),
        ("b<sub alias='x'></sub>", "`<sub>` at character 2 has no text"),
        ("b<sub alias='x'/>", "`<sub>` at character 2 has no text"),
        ("<sub alias='x'>a<break/></sub>", "inside `<sub>`"),
        ("<prosody rate='slow'>a", "`<prosody>` at character 1 is never closed"),
        ("a</prosody>", "`</prosody>` at character 2 closes nothing"),
        (
            "<prosody rate='slow'><sub alias='b'>a</prosody></sub>",
            "`</prosody>` at character 38 closes nothing",
        ),
        ("<speak>a</speak> b", "text after `</speak>`"),
        ("<speak>a</speak><break/>", "comes after `</speak>`"),
        ("a <speak>b</speak>", "around the whole text"),
        ("</speak a='b'>", "closes an element"),
    ] {
        let message = refused(written);
        assert!(message.contains(names), "{written}: {message}");
    }
    let deep = "<prosody rate='slow'>".repeat(17) + "a";
    assert!(refused(&deep).contains("16 elements deep"));
    let silent = "<break time='10s'/>".repeat(61) + "a";
    assert!(refused(&silent).contains("600 s"));
}

#[test]
fn what_cannot_be_spoken_is_refused() {
    for (written, names) in [
        ("", "is empty"),
        (" \n\t ", "is empty"),
        ("😀🎉 … !", "nothing that can be spoken"),
        ("<break time='1s'/>", "nothing that can be spoken"),
        ("a\u{0}b", "U+0000 at character 2"),
        ("a&#7;b", "U+0007 at character 2"),
        ("ok \u{1b}[31m", "U+001B at character 4"),
    ] {
        let message = refused(written);
        assert!(message.contains(names), "{written:?}: {message}");
    }
    assert!(Script::plain("tab\tand\r\nline").is_ok());
    assert!(Script::plain("\u{7f}x").is_err());
}

#[test]
fn length_is_counted_in_characters() {
    let most = "é".repeat(Script::MAX_CHARACTERS);
    assert_eq!(Script::plain(&most).unwrap().characters(), 50_000);
    assert_eq!(Script::parse(&most).unwrap().characters(), 50_000);
    assert!(refused(&"a ".repeat(30_000)).contains("60000 characters, more than 50000"));
    assert!(Script::plain(&"a".repeat(60_000)).unwrap_err().message.contains("60000"));
    assert!(refused(&"é".repeat(1_000_000)).contains("1000000"));
}
