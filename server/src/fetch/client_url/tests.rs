use super::*;

fn parse(text: &str) -> Result<ClientUrl, Refused> {
    ClientUrl::parse(text, Wanted::Image, &Limits::default())
}

fn address(text: &str) -> Option<String> {
    parse(text).unwrap().literal_address().map(|ip| ip.to_string())
}

#[test]
fn every_form_of_an_address_is_seen() {
    let forms = [
        "127.0.0.1",
        "127.0.0.1.",
        "127.1",
        "127.0.1",
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "0X7F.0.0.1",
        "017700000001",
        "0177.0.0.1",
        "0177.0x0.0.1",
        "１２７.０.０.１",
        "127。0。0。1",
        "%31%32%37.0.0.1",
        "①②⑦.0.0.1",
    ];
    for form in forms {
        assert_eq!(address(&format!("http://{form}/x.png")).as_deref(), Some("127.0.0.1"), "{form}");
        assert_eq!(address(&format!("https://{form}:8443")).as_deref(), Some("127.0.0.1"), "{form}");
    }
    assert_eq!(address("http://0/").as_deref(), Some("0.0.0.0"));
    assert_eq!(address("http://[::1]:80/").as_deref(), Some("::1"));
    assert_eq!(address("http://[0:0:0:0:0:0:0:1]/").as_deref(), Some("::1"));
    assert_eq!(address("http://[::ffff:127.0.0.1]/").as_deref(), Some("::ffff:127.0.0.1"));
    assert_eq!(address(r"http:\\127.0.0.1\x").as_deref(), Some("127.0.0.1"));
    assert_eq!(address("http:127.0.0.1").as_deref(), Some("127.0.0.1"));
    assert_eq!(address("ht\ntp://127.0.\t0.1/").as_deref(), Some("127.0.0.1"));
    assert_eq!(address(r"http://127.0.0.1\@example.com/").as_deref(), Some("127.0.0.1"));
}

#[test]
fn names_are_normal() {
    for (text, normal) in [
        (" HTTPS://EXAMPLE.com/A b ", "https://example.com/A%20b"),
        ("http://bücher.example", "http://xn--bcher-kva.example/"),
        ("http://example.com.:8080/x?y=1", "http://example.com.:8080/x?y=1"),
    ] {
        let url = parse(text).unwrap();
        assert_eq!(url.as_str(), normal);
        assert_eq!(url.literal_address(), None);
    }
}

#[test]
fn other_things_are_refused() {
    let cases = [
        ("", Refused::Empty),
        ("  ", Refused::Empty),
        ("photo.png", Refused::Scheme),
        ("//example.com/x", Refused::Scheme),
        ("ftp://example.com/x", Refused::Scheme),
        ("file:///etc/passwd", Refused::Scheme),
        ("gopher://example.com/x", Refused::Scheme),
        ("javascript:alert(1)", Refused::Scheme),
        ("blob:https://example.com/x", Refused::Scheme),
        ("http://", Refused::Invalid),
        ("http://256.1.1.1/", Refused::Invalid),
        ("http://a b/", Refused::Invalid),
        ("http://example.com:99999/", Refused::Invalid),
        ("http://[fe80::1%25eth0]/", Refused::Invalid),
        ("http://[::1/", Refused::Invalid),
        ("http://user@example.com/", Refused::Credentials),
        ("http://user:secret@example.com/", Refused::Credentials),
        ("http://:secret@example.com/", Refused::Credentials),
        ("http://example.com@127.0.0.1/", Refused::Credentials),
    ];
    for (text, reason) in cases {
        assert_eq!(parse(text).unwrap_err(), reason, "{text}");
    }
}

#[test]
fn long_urls_are_refused() {
    let of = |length: usize| format!("http://example.com/{}", "x".repeat(length - 19));
    assert!(parse(&of(8192)).is_ok());
    assert_eq!(parse(&of(8193)).unwrap_err(), Refused::TooLong { limit: 8192 });
}

#[test]
fn data_urls_are_for_images() {
    let text = "data:image/png;base64,AAAA";
    let of = |wanted| ClientUrl::parse(text, wanted, &Limits::default());
    assert_eq!(of(Wanted::Image).unwrap().as_str(), text);
    assert!(of(Wanted::ImageOrVideo).is_ok());
    assert_eq!(of(Wanted::Video).unwrap_err(), Refused::Scheme);
    assert_eq!(of(Wanted::Sound).unwrap_err(), Refused::Scheme);
    assert_eq!(ClientUrl::parse_web(text).unwrap_err(), Refused::Scheme);
}

#[test]
fn redirects_may_be_relative_but_lead_nowhere_else() {
    let from = Url::parse("https://example.com/a/b").unwrap();
    let to = |location: &str| ClientUrl::parse_location(location.as_bytes(), &from).map(|u| u.as_str().to_owned());
    assert_eq!(to("c?d").unwrap(), "https://example.com/a/c?d");
    assert_eq!(to("//other.example/c").unwrap(), "https://other.example/c");
    assert_eq!(to("http://other.example").unwrap(), "http://other.example/");
    assert_eq!(to("file:///etc/passwd"), Err(Refused::Scheme));
    assert_eq!(to("data:image/png;base64,AAAA"), Err(Refused::Scheme));
    assert_eq!(to("//user@other.example/c"), Err(Refused::Credentials));
    assert_eq!(ClientUrl::parse_location(b"\xff\xfe", &from), Err(Refused::Invalid));
}

#[test]
fn logs_see_no_signatures() {
    let url = parse("https://bucket.example:444/key?X-Signature=secret").unwrap();
    assert_eq!(format!("{url:?}"), "https://bucket.example:444/…");
    assert_eq!(format!("{:?}", parse("data:image/png,x").unwrap()), "data:…");
}
