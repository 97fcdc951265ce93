//! A private folder to work in, and the program run in it.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use mouthpiece_render::media::{Picture, image};
use serde_json::Value;
use tempfile::TempDir;
use wait4::Wait4;

/// A folder with a place for outputs (`out`) and one for temporary files (`tmp`); it goes with the test.
pub struct Studio(TempDir);

/// How a run of the program ended.
pub struct Ran {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
    /// Resident memory at its highest.
    pub peak_bytes: u64,
    pub wall: Duration,
}

impl Studio {
    pub fn new() -> Self {
        let folder = tempfile::Builder::new().prefix("studio-").tempdir().unwrap();
        for name in ["out", "tmp"] {
            std::fs::create_dir(folder.path().join(name)).unwrap();
        }
        Self(folder)
    }

    /// One with the contained portrait (`face.png`, 512×512) and a second of speech (`voice.wav`).
    pub fn furnished() -> Self {
        let studio = Self::new();
        studio.bring("face.png", "media/demo/astronaut.png");
        studio.speech("voice.wav", 1.0);
        studio
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn write(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.path(name), bytes).unwrap();
    }

    /// Copies a file of the repository.
    pub fn bring(&self, name: &str, from: &str) {
        std::fs::copy(repository(from), self.path(name)).unwrap();
    }

    /// So many seconds of the contained speech, encoded as the name says.
    pub fn speech(&self, name: &str, seconds: f64) {
        let speech = repository("media/demo/speech.flac");
        self.ffmpeg(&format!("-i {} -t {seconds} {name}", speech.display()));
    }

    pub fn save(&self, name: &str, picture: &Picture) {
        picture.save_png(&self.path(name)).unwrap();
    }

    pub fn picture(&self, name: &str) -> Picture {
        image::open(&self.path(name), &image::Limits::default()).unwrap()
    }

    /// Runs the real ffmpeg here, with arguments separated by spaces; gives what it prints.
    pub fn ffmpeg(&self, args: &str) -> Vec<u8> {
        let mut command = Command::new("ffmpeg");
        command.args("-nostdin -hide_banner -v error -y".split(' '));
        self.tool(command.args(args.split_whitespace()))
    }

    /// What the real ffprobe says.
    pub fn ffprobe(&self, args: &str) -> Value {
        let mut command = Command::new("ffprobe");
        command.args("-v error -of json".split(' '));
        serde_json::from_slice(&self.tool(command.args(args.split_whitespace()))).unwrap()
    }

    fn tool(&self, command: &mut Command) -> Vec<u8> {
        let done = command.current_dir(self.0.path()).output().unwrap();
        assert!(done.status.success(), "{command:?}: {}", String::from_utf8_lossy(&done.stderr));
        done.stdout
    }

    /// The program, to be run here with arguments separated by spaces.
    pub fn command(&self, args: &str) -> Command {
        let mut command = self.there(Path::new(env!("CARGO_BIN_EXE_mouthpiece")));
        command.args(args.split_whitespace());
        command
    }

    /// Another program, to be run here as ours would be.
    pub fn there(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(self.0.path())
            .env("TMPDIR", self.path("tmp"))
            .env("MOUTHPIECE_CACHE", self.path("cache"))
            .env("LC_ALL", "C.UTF-8");
        for name in ["MOUTHPIECE_FFMPEG", "MOUTHPIECE_FFPROBE", "MOUTHPIECE_H264", "RUST_BACKTRACE"] {
            command.env_remove(name);
        }
        command
    }

    pub fn run(&self, args: &str) -> Ran {
        ran(self.command(args))
    }

    /// Runs what must succeed, for machines; gives its last line.
    pub fn report(&self, args: &str) -> Value {
        let ran = self.run(&format!("{args} --json"));
        assert_eq!(ran.code, Some(0), "{args}: {} {}", ran.out, ran.err);
        let report = ran.report();
        assert_eq!(report["ok"], true, "{report}");
        report
    }

    /// Runs what must be refused, once for machines and once for people; gives how the first of them ended.
    ///
    /// Either way it ends with this status and this kind, tells in a sentence with all of these words what is wrong and
    /// what to do, names no folder that its user did not name, and leaves nothing behind.
    pub fn refuses(&self, args: &str, code: i32, kind: &str, words: &[&str]) -> Ran {
        let before = self.files();
        let machine = self.run(&format!("{args} --json"));
        let error = machine.report()["error"].clone();
        assert_eq!(
            (error["kind"].as_str(), machine.code),
            (Some(kind), Some(code)),
            "{args}: {error} {}",
            machine.err
        );
        let message = error["message"].as_str().unwrap();
        let sentence = format!("{message} ({})", error["help"].as_str().unwrap_or_default());
        println!("{sentence}");
        for word in words {
            assert!(sentence.contains(word), "{word:?} is not in: {sentence}");
        }
        let fault = if code == 2 { "input" } else { "machine" };
        assert_eq!(error["fault"], fault, "{error}");
        let person = self.run(args);
        assert_eq!((person.code, person.out.as_str()), (Some(code), ""));
        assert!(person.err.contains(&format!("error: {message}")), "{}", person.err);
        for told in [&machine.out, &machine.err, &person.err] {
            assert!(!told.contains("studio-"), "it tells of our folders: {told}");
        }
        assert_eq!(self.files(), before, "something was left behind");
        machine
    }

    /// All files and folders here, hidden ones too, with their sizes.
    pub fn files(&self) -> Vec<(String, u64)> {
        let mut found = Vec::new();
        let mut folders = vec![self.0.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let entry = entry.unwrap();
                let (path, meta) = (entry.path(), entry.metadata().unwrap());
                let name = path.strip_prefix(self.0.path()).unwrap().display().to_string();
                found.push((name, if meta.is_dir() { 0 } else { meta.len() }));
                if meta.is_dir() {
                    folders.push(path);
                }
            }
        }
        found.sort();
        found
    }

    /// The names of what is in the folder for outputs.
    pub fn outputs(&self) -> Vec<String> {
        let files = self.files().into_iter();
        files.filter_map(|(name, _)| name.strip_prefix("out/").map(str::to_owned)).collect()
    }

    /// Frames of a video as sRGB, one after the other.
    pub fn frames(&self, video: &str, which: &str) -> Vec<u8> {
        let convert = "scale=in_color_matrix=bt709:in_range=tv:out_range=pc:flags=accurate_rnd+full_chroma_int,format=rgb24";
        self.ffmpeg(&format!(
            "-i {video} -vf {which},{convert} -fps_mode passthrough -f rawvideo pipe:1"
        ))
    }
}

impl Ran {
    /// The last line for machines.
    pub fn report(&self) -> Value {
        let last = self.out.lines().last().unwrap_or_default();
        serde_json::from_str(last).unwrap_or_else(|e| panic!("{e}: {last:?}; {}", self.err))
    }
}

/// Runs a command to its end.
pub fn ran(mut command: Command) -> Ran {
    let begun = Instant::now();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let (out, err) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
    let err = std::thread::spawn(move || std::io::read_to_string(err).unwrap());
    let out = std::io::read_to_string(out).unwrap();
    let used = child.wait4().unwrap();
    Ran {
        code: used.status.code(),
        out,
        err: err.join().unwrap(),
        peak_bytes: used.rusage.maxrss,
        wall: begun.elapsed(),
    }
}

/// A file of the repository.
pub fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}
