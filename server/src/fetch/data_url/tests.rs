use super::*;

const LIMIT: u64 = 6;

fn decode(text: &str) -> Result<Vec<u8>, Refused> {
    check(text, LIMIT)?;
    Parts::of(text)?.decode()
}

#[test]
fn base64_is_read_as_browsers_do() {
    for text in [
        "data:image/png;base64,aGVsbG8=",
        "data:image/png;base64,aGVsbG8",
        "DATA:IMAGE/PNG;BASE64,aGVsbG8=",
        "data:image/png; charset=x; base64 ,aGVs bG8=",
        "data:image/png;base64,aGVs%0AbG8%3D",
        "data:image/png;base64,aGVsbG8=#x",
    ] {
        assert_eq!(decode(text).unwrap(), b"hello", "{text}");
    }
}

#[test]
fn percent_encoding_is_read() {
    assert_eq!(decode("data:image/png,%89PNG%0D%0A").unwrap(), b"\x89PNG\r\n");
    assert_eq!(decode("data:image/webp;x=y,a,b").unwrap(), b"a,b");
}

#[test]
fn only_images_are_taken() {
    for text in [
        "data:",
        "data:,x",
        "data:text/html,x",
        "data:;base64,AAAA",
        "data:image/png;base64",
        "data:imag/png,x",
        "data:audio/wav,x",
    ] {
        assert_eq!(decode(text).unwrap_err(), Refused::DataKind, "{text}");
    }
}

#[test]
fn damaged_data_are_told() {
    for text in [
        "data:image/png;base64,a",
        "data:image/png;base64,!!!!",
        "data:image/png;base64,aGVs-_8=",
    ] {
        assert_eq!(decode(text).unwrap_err(), Refused::DataDamaged, "{text}");
    }
}

#[test]
fn the_limit_is_for_the_decoded_bytes() {
    assert_eq!(decode("data:image/png,%00%00%00%00%00%00").unwrap(), [0; 6]);
    assert_eq!(decode("data:image/png;base64,AAAAAAAA").unwrap(), [0; 6]);
    for text in [
        "data:image/png,1234567",
        "data:image/png;base64,AAAAAAAAAA==",
        "data:image/png,%00%00%00%00%00%00%00%00%00%00",
    ] {
        assert_eq!(decode(text).unwrap_err(), Refused::DataTooLarge { limit: LIMIT }, "{text}");
    }
}
