//! What is left on disk, whole and damaged.

use std::path::PathBuf;

use super::*;

const FPS: Fps = Fps { num: 25, den: 1 };
const GOP: usize = 50;
/// Ten seconds.
const RANGE: usize = 250;
const FRAMES: usize = 1200;

/// A folder of folders; it goes with the test.
struct Place(tempfile::TempDir);

impl Place {
    fn shelf(&self, name: &str, former: &[&str]) -> Shelf {
        Shelf {
            folder: self.0.path().join(name),
            former: former.iter().map(|name| self.0.path().join(name)).collect(),
        }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Keeps the first so many frames; each has its number as three bytes.
    fn keep(&self, name: &str, key: &str, frames: usize) {
        let (mut kept, former) = self.shelf(name, &[]).open(key, FRAMES, GOP, FPS).unwrap();
        assert!(former.is_none());
        for index in 0..frames {
            kept.write(&bytes(index)).unwrap();
            kept.reached(index + 1).unwrap();
        }
    }

    /// The end of what is found, and what another keeps of it.
    fn found(&self, former: &[&str], key: &str) -> (usize, Vec<u8>) {
        let name = format!("next-{}", former.concat());
        let (kept, found) = self.shelf(&name, former).open(key, FRAMES, GOP, FPS).unwrap();
        let end = found.as_ref().map_or(0, Former::end);
        let (mut kept, mut stream) = (Some(kept), Vec::new());
        let mut take = |bytes: &[u8]| {
            stream.extend_from_slice(bytes);
            Ok(())
        };
        if let Some(found) = found {
            found.replay(&mut kept, &mut take).unwrap();
            // It can be taken over once more.
            let again = Former::open(&self.file(&name), key, RANGE, FRAMES).unwrap();
            assert_eq!(again.end(), end);
        }
        std::fs::remove_dir_all(self.file(&name)).unwrap();
        (end, stream)
    }
}

fn bytes(index: usize) -> [u8; 3] {
    [(index >> 8) as u8, index as u8, 7]
}

fn all(frames: usize) -> Vec<u8> {
    (0..frames).flat_map(bytes).collect()
}

#[test]
fn whole_ranges_are_taken_over() {
    let place = Place(tempfile::tempdir().unwrap());
    place.keep("one", "key", 600);
    place.keep("other", "key", 300);
    assert_eq!(place.found(&["other", "one", "none"], "key"), (500, all(500)));
    assert_eq!(place.found(&["one"], "another key"), (0, Vec::new()));
    // At least one range is left to be drawn.
    place.keep("full", "key", FRAMES);
    assert_eq!(place.found(&["full"], "key").0, 1000);
}

/// What it is, what does it, and the frames that are left.
type Damage<'a> = (&'a str, &'a dyn Fn(&Place), usize);

#[test]
fn what_is_damaged_is_made_again() {
    let place = Place(tempfile::tempdir().unwrap());
    let damages: [Damage; 5] = [
        (
            "a byte has changed",
            &|place| {
                let mut stream = all(800);
                stream[3 * 300] ^= 1;
                std::fs::write(place.file("one/stream.h264"), stream).unwrap();
            },
            250,
        ),
        (
            "the end is missing",
            &|place| std::fs::write(place.file("one/stream.h264"), all(700)).unwrap(),
            500,
        ),
        (
            "the last line is torn",
            &|place| {
                let journal = std::fs::read(place.file("one/journal")).unwrap();
                std::fs::write(place.file("one/journal"), &journal[..journal.len() - 20]).unwrap();
            },
            500,
        ),
        (
            "a line is missing",
            &|place| {
                let journal = std::fs::read_to_string(place.file("one/journal")).unwrap();
                let lines: Vec<&str> = journal.lines().enumerate().filter(|(i, _)| *i != 2).map(|(_, l)| l).collect();
                std::fs::write(place.file("one/journal"), lines.join("\n")).unwrap();
            },
            250,
        ),
        (
            "there is no sense in it",
            &|place| std::fs::write(place.file("one/journal"), b"key\n\xff\xfe 1 \n250 99999999999999999999 x").unwrap(),
            0,
        ),
    ];
    for (what, damage, left) in damages {
        place.keep("one", "key", 800);
        damage(&place);
        assert_eq!(place.found(&["one"], "key"), (left, all(left)), "{what}");
        std::fs::remove_dir_all(place.file("one")).unwrap();
    }
}

#[test]
fn short_videos_are_not_kept() {
    assert!(!Shelf::is_for(2 * RANGE - 1, GOP, FPS) && Shelf::is_for(2 * RANGE, GOP, FPS));
    assert!(!Shelf::is_for(1000, 600, FPS), "a range ends at a key frame");
}
