use super::*;

/// The outermost boxes: name, first byte, bytes.
fn boxes(file: &[u8]) -> Vec<(&[u8], u64, u64)> {
    let number = |at: usize, bytes: usize| file[at..at + bytes].iter().fold(0, |sum, &b| sum << 8 | u64::from(b));
    let (mut at, mut found) = (0, Vec::new());
    while at < file.len() {
        let size = match number(at, 4) {
            1 => number(at + 8, 8),
            size => size,
        };
        found.push((&file[at + 4..at + 8], at as u64, size));
        at += size as usize;
    }
    found
}

fn written_room() -> Room {
    Room {
        pictures: 3,
        keys: 1,
        packets: 4,
        chunks: 3,
    }
}

fn written(gap: u64) -> File {
    let file = tempfile::tempfile().unwrap();
    let mut writer = Writer::begin(file.try_clone().unwrap(), &written_room()).unwrap();
    writer.chunk(Track::Picture);
    for sample in [&b"one"[..], b"two more"] {
        writer.sample(if sample.len() == 3 { Role::Key } else { Role::Next });
        writer.write(sample).unwrap();
    }
    // As if so much had been written in between.
    writer.out.flush().unwrap();
    writer.at += gap;
    writer.out.seek(SeekFrom::Start(writer.at)).unwrap();
    writer.chunk(Track::Sound);
    for _ in 0..4 {
        writer.sample(Role::Next);
        writer.write(b"aac").unwrap();
    }
    writer.chunk(Track::Picture);
    writer.sample(Role::Next);
    writer.write(b"end").unwrap();
    ended(writer).unwrap();
    file
}

/// With what is said of three pictures and their sound.
fn ended(writer: Writer) -> io::Result<()> {
    let picture = Picture {
        size: (64, 48),
        timescale: 12_800,
        frame: 512,
        sps: &[0x67, 100, 0, 30, 1],
        pps: &[0x68, 1],
    };
    let sound = Sound {
        rate: 48_000,
        channels: 1,
        samples: 3 * 1920,
        priming: 1024,
        config: [0x11, 0x88, 0x56, 0xe5, 0],
    };
    writer.finish(&picture, &sound)
}

fn head(file: &File, bytes: usize) -> Vec<u8> {
    use std::os::unix::fs::FileExt;
    let mut head = vec![0; bytes];
    file.read_exact_at(&mut head, 0).unwrap();
    head
}

#[test]
fn boxes_fill_the_file_to_its_last_byte() {
    let file = written(0);
    let length = file.metadata().unwrap().len();
    let all = head(&file, length as usize);
    let found = boxes(&all);
    let names: Vec<&[u8]> = found.iter().map(|b| b.0).collect();
    assert_eq!(names, [b"ftyp", b"moov", b"free", b"mdat"]);
    let (_, at, size) = found[3];
    assert_eq!((size, at + size), (8 + 11 + 12 + 3, length));
    assert_eq!(&all[at as usize + 8..], b"onetwo moreaacaacaacaacend");
}

#[test]
fn beyond_four_gigabytes_places_and_sizes_are_wider() {
    let gap = 5 << 30;
    let file = written(gap);
    let length = file.metadata().unwrap().len();
    let all = head(&file, 8192.min(length as usize));
    let mdat = all.windows(4).position(|w| w == b"mdat").unwrap();
    assert_eq!(all[mdat - 4..mdat], [0, 0, 0, 1]);
    let size = u64::from_be_bytes(all[mdat + 4..mdat + 12].try_into().unwrap());
    assert_eq!(mdat as u64 - 4 + size, length);
    let places: Vec<usize> = all
        .windows(4)
        .enumerate()
        .filter(|(_, w)| *w == b"co64")
        .map(|(at, _)| at)
        .collect();
    let data = mdat as u64 + 12;
    let place = |at: usize, n: usize| u64::from_be_bytes(all[at + 12 + 8 * n..][..8].try_into().unwrap());
    assert_eq!((place(places[0], 0), place(places[0], 1)), (data, data + gap + 11 + 12));
    assert_eq!(place(places[1], 0), data + gap + 11);
}

#[test]
fn ten_hours_and_more_have_durations() {
    let mut short = Vec::new();
    timed(&mut short, b"mvhd", 0, 7, |out, duration| duration(out));
    assert_eq!(short, [&[0, 0, 0, 24], &b"mvhd"[..], &[0; 4], &[0; 8], &[0, 0, 0, 7]].concat());
    let mut long = Vec::new();
    let hours = 10 * 3600 * u64::from(MOVIE_TIMESCALE);
    timed(&mut long, b"mvhd", 0, hours, |out, duration| duration(out));
    assert_eq!(
        long,
        [&[0, 0, 0, 36], &b"mvhd"[..], &[1, 0, 0, 0], &[0; 16], &hours.to_be_bytes()].concat()
    );
    let mut edited = Vec::new();
    edit(&mut edited, hours, 1024);
    assert_eq!(edited.len(), 8 + 12 + 4 + 20);
}

#[test]
fn equal_durations_are_one_run() {
    let mut out = Vec::new();
    durations(&mut out, &[(3, 1024), (1, 1024)]);
    assert_eq!(out[12..], [0, 0, 0, 1, 0, 0, 0, 4, 0, 0, 4, 0]);
    out.clear();
    durations(&mut out, &[(0, 1024), (1, 7)]);
    assert_eq!(out[12..], [0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 7]);
}

/// Pictures that are shown before one that is decoded earlier; and files without such, which say nothing of it.
#[test]
fn pictures_between_others_are_shown_before_them() {
    let index = |roles: &[Role]| {
        let mut writer = Writer::begin(tempfile::tempfile().unwrap(), &written_room()).unwrap();
        writer.chunk(Track::Picture);
        roles.iter().for_each(|&role| writer.sample(role));
        let mut out = Vec::new();
        writer.picture.shifts(512, &mut out);
        (writer.picture.delay(), out)
    };
    let (delay, table) = index(&[Role::Key, Role::Next, Role::Between, Role::Between, Role::Next, Role::Key]);
    assert_eq!(delay, 1);
    let words: Vec<u32> = table[16..].as_chunks().0.iter().map(|b| u32::from_be_bytes(*b)).collect();
    // Shown as 0, 3, 1, 2, 4 and 5, and all a frame later.
    assert_eq!(words, [1, 512, 1, 3 * 512, 2, 0, 2, 512]);
    assert_eq!(index(&[Role::Key, Role::Next, Role::Next]), (0, Vec::new()));
}

#[test]
fn an_index_that_outgrows_its_room_is_an_error() {
    let room = Room {
        pictures: 1,
        keys: 1,
        packets: 1,
        chunks: 2,
    };
    let mut writer = Writer::begin(tempfile::tempfile().unwrap(), &room).unwrap();
    writer.chunk(Track::Picture);
    (0..2000).for_each(|_| writer.sample(Role::Key));
    assert!(ended(writer).is_err());
}
