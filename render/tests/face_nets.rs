//! Runtimes, threads, and the cut-out of the person.

#[expect(dead_code, reason = "each test file uses its part")]
mod face_common;

use face_common::{NETS, contained, read, shared};
use mouthpiece_render::Kind;
use mouthpiece_render::face::{FaceNets, analyse};
use mouthpiece_render::matte::{MatteNet, cut_out, matte};
use mouthpiece_render::model::{Runtime, RuntimeChoice};

#[test]
fn a_runtime_is_chosen_by_configuration() {
    let parse = |text: &str| serde_json::from_str::<RuntimeChoice>(text);
    assert_eq!(parse(r#""rten""#).expect("a choice"), RuntimeChoice::Rten);
    let chosen = parse(r#"{"onnx_runtime": {"library": "/nowhere/libonnxruntime.so"}}"#).expect("a choice");
    assert!(
        parse(r#"{"onnx_runtime": {"libary": "x"}}"#).is_err(),
        "misspelt settings are refused"
    );
    assert!(Runtime::from_choice(&RuntimeChoice::default()).is_ok());

    let error = Runtime::from_choice(&chosen).err().expect("there is no such library");
    assert_eq!(error.kind, Kind::ToolMissing);
    assert!(error.message.contains("rten"), "says what to do: {error}");
}

#[test]
fn several_threads_run_one_net_and_agree() {
    let picture = contained("astronaut.png");
    let alone = analyse(&picture, &NETS).expect("the portrait is fit").face.landmarks;
    std::thread::scope(|scope| {
        let runs: Vec<_> = (0..3).map(|_| scope.spawn(|| analyse(&picture, &NETS))).collect();
        for run in runs {
            let together = run.join().expect("no panic").expect("the portrait is fit").face.landmarks;
            assert_eq!(alone, together);
        }
    });
}

#[test]
fn onnx_runtime_sees_the_same() {
    let Some(library) = std::env::var_os("MOUTHPIECE_ONNXRUNTIME") else {
        eprintln!("skipped: MOUTHPIECE_ONNXRUNTIME names no library of ONNX Runtime");
        return;
    };
    if !cfg!(feature = "onnxruntime") {
        eprintln!("skipped: this build does not know ONNX Runtime");
        return;
    }
    let runtime = Runtime::onnx_runtime(Some(library.into())).expect("the library loads");
    let nets = FaceNets::load(&runtime).expect("embedded nets load");
    let person = MatteNet::load(&runtime).expect("embedded nets load");
    let built_in = MatteNet::load(&Runtime::rten()).expect("embedded nets load");
    for name in ["astronaut.png", "grace_hopper.jpg"] {
        let picture = contained(name);
        let theirs = analyse(&picture, &nets).expect("the portrait is fit").face;
        let ours = analyse(&picture, &NETS).expect("the portrait is fit").face;
        for (a, b) in theirs.landmarks.iter().zip(ours.landmarks.iter()) {
            assert!((a[0] - b[0]).hypot(a[1] - b[1]) < 0.05, "{name}: {a:?} {b:?}");
        }
        for (a, b) in theirs.blendshapes.iter().zip(&ours.blendshapes) {
            assert!((a - b).abs() < 0.01);
        }
        let (a, b) = (matte(&picture, &ours, &person), matte(&picture, &ours, &built_in));
        let far = a
            .expect("runs")
            .iter()
            .zip(&b.expect("runs"))
            .filter(|(a, b)| a.abs_diff(**b) > 8)
            .count();
        assert!(far < picture.width * picture.height / 2000, "{name}: {far} pixels differ");
    }
}

#[test]
fn the_person_is_cut_out() {
    let net = MatteNet::load(&Runtime::rten()).expect("embedded nets load");
    let files = shared("portraits").unwrap_or_default();
    let more = files.iter().map(|path| read(path));
    for picture in [contained("astronaut.png"), contained("grace_hopper.jpg")].into_iter().chain(more) {
        let face = analyse(&picture, &NETS).expect("the portrait is fit").face;
        let alphas = matte(&picture, &face, &net).expect("nets run");
        let cut = cut_out(&picture, &face, &net).expect("nets run");
        assert_eq!((cut.width, cut.height), (picture.width, picture.height));
        assert!(cut.rgba.chunks_exact(4).map(|p| p[3]).eq(alphas.iter().copied()));

        let top_right = picture.width - 1;
        assert_eq!((alphas[0], alphas[top_right]), (0, 0), "the background is gone");
        for i in [4, 13, 50, 151, 199, 280] {
            let [x, y, _] = face.landmarks[i];
            let here = y as usize * picture.width + x as usize;
            assert_eq!(alphas[here], 255, "the face stays");
            assert_eq!(cut.rgba[here * 4..here * 4 + 3], picture.rgba[here * 4..here * 4 + 3]);
        }
        let share = alphas.iter().filter(|&&a| a > 127).count() as f64 / alphas.len() as f64;
        assert!((0.1..0.8).contains(&share), "{share}");
        let soft = alphas.iter().filter(|&&a| (8..248).contains(&a)).count() as f64 / alphas.len() as f64;
        assert!(soft < 0.08, "edges are narrow: {soft}");
    }
}

/// What is left of a wall in half-covered pixels would glow on another background.
#[test]
fn soft_edges_lose_the_old_background() {
    let net = MatteNet::load(&Runtime::rten()).expect("embedded nets load");
    let mut picture = contained("grace_hopper.jpg");
    let face = analyse(&picture, &NETS).expect("the portrait is fit").face;
    let alphas = matte(&picture, &face, &net).expect("nets run");
    // The same person before a green wall, mixed as a camera would.
    for (pixel, &alpha) in picture.rgba.chunks_exact_mut(4).zip(&alphas) {
        for (value, wall) in pixel.iter_mut().zip([20u8, 230, 20]) {
            let alpha = u32::from(alpha);
            *value = ((u32::from(*value) * alpha + u32::from(wall) * (255 - alpha)) / 255) as u8;
        }
    }
    let face = analyse(&picture, &NETS).expect("the portrait is fit").face;
    let cut = cut_out(&picture, &face, &net).expect("nets run");
    let green = |p: &[u8]| p[1] > 60 && u32::from(p[1]) > 2 * u32::from(p[0].max(p[2]));
    let soft = |p: &[u8]| (64..248).contains(&p[3]);
    let edge = || {
        cut.rgba
            .chunks_exact(4)
            .zip(picture.rgba.chunks_exact(4))
            .filter(|(cut, _)| soft(cut))
    };
    let left = edge().filter(|(cut, _)| green(cut)).count();
    let was = edge().filter(|(_, seen)| green(seen)).count();
    assert!(
        was > 200 && left * 4 < was,
        "{left} of {was} green edge pixels are left among {}",
        edge().count()
    );
}
