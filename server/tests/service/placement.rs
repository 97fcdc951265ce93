//! Where things land, in both readings: the picture decides.

use mouthpiece_render::media::{Picture, image};
use mouthpiece_server::config::Compat;
use serde_json::{Value, json};

use crate::client::Client;
use crate::house::House;
use crate::media::World;

const SIDE: usize = 256;

/// A body with an avatar in the lower right corner, whatever the reading, and other elements.
fn body(world: &World, others: Vec<Value>) -> Value {
    let mut elements = others;
    elements.push(json!({"type": "audio", "url": world.url("voice.wav")}));
    json!({"width": SIDE, "height": SIDE, "avatar_from": 3, "elements": elements})
}

fn colour(hex: &str, (x, y): (i32, i32), side: u32) -> Value {
    json!({"type": "image", "url": hex, "width": side, "height": side, "scale_x": 1, "scale_y": 1, "offset_x": x, "offset_y": y})
}

fn avatar(world: &World, (x, y): (i32, i32), side: u32) -> Value {
    json!({"type": "avatar", "url": world.url("face.png"), "width": side, "height": side, "scale_x": 1, "scale_y": 1,
           "offset_x": x, "offset_y": y})
}

/// Renders, and gives the reading that was told and the first frame.
async fn shown(house: &House, world: &World, compat: Compat, body: &Value) -> (String, Picture) {
    let account = house.account(Some(compat), 1000).await;
    let client = Client::with_key(&house.base, &account.client_secret);
    let info = client.ended(client.create(body).await["_id"].as_str().unwrap()).await;
    assert_eq!(info["video_status"], 3, "{info}");
    let file = client.download(info["video"].as_str().unwrap(), &[]).await;
    let name = account.uid.to_string();
    std::fs::write(world.path(&format!("{name}.mp4")), file.body).unwrap();
    world.ffmpeg(&format!("-i {name}.mp4 -frames:v 1 {name}.png"));
    let picture = image::open(&world.path(&format!("{name}.png")), &image::Limits::default()).unwrap();
    (info["offset_anchor"].as_str().unwrap().to_owned(), picture)
}

/// The colour of a pixel is about this.
fn assert_is(picture: &Picture, (x, y): (usize, usize), expected: [u8; 3]) {
    let at = (y * picture.width + x) * 4;
    let seen = &picture.rgba[at..at + 3];
    let off = seen.iter().zip(expected).map(|(a, b)| a.abs_diff(b)).max().unwrap();
    assert!(off < 24, "at {x},{y}: {seen:?} instead of {expected:?}");
}

const RED: [u8; 3] = [255, 0, 0];
const BLUE: [u8; 3] = [0, 0, 255];
const WHITE: [u8; 3] = [255; 3];

#[tokio::test(flavor = "multi_thread")]
async fn offsets_are_corners_in_one_reading_and_centres_in_the_other() {
    let (house, world) = (House::open().await, World::open().await);
    let asked = body(&world, vec![avatar(&world, (100, 100), 140), colour("#f00", (60, 60), 40)]);
    let (reading, picture) = shown(&house, &world, Compat::Documented, &asked).await;
    assert_eq!(reading, "top_left");
    assert_is(&picture, (80, 80), RED);
    assert_is(&picture, (96, 96), RED);
    assert_is(&picture, (50, 50), WHITE);
    let (reading, picture) = shown(&house, &world, Compat::Live, &asked).await;
    assert_eq!(reading, "center");
    assert_is(&picture, (44, 44), RED);
    assert_is(&picture, (60, 60), RED);
    assert_is(&picture, (200, 200), WHITE);
    // The field overrides both.
    let mut told = asked;
    told["offset_anchor"] = json!("center");
    let (reading, picture) = shown(&house, &world, Compat::Documented, &told).await;
    assert_eq!(reading, "center");
    assert_is(&picture, (44, 44), RED);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_background_about_the_centre_shows_that_centres_are_meant() {
    let (house, world) = (House::open().await, World::open().await);
    let background = colour("0000ff", (128, 128), 256);
    let asked = body(
        &world,
        vec![background, avatar(&world, (128, 190), 120), colour("#ff0000", (40, 40), 40)],
    );
    let (reading, picture) = shown(&house, &world, Compat::Documented, &asked).await;
    assert_eq!(reading, "center");
    assert_is(&picture, (4, 4), BLUE);
    assert_is(&picture, (250, 10), BLUE);
    assert_is(&picture, (24, 24), RED);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn layers_colours_and_fits_are_as_agreed() {
    let (house, world) = (House::open().await, World::open().await);
    world.ffmpeg("-f lavfi -i color=c=lime:s=64x64 -frames:v 1 left.png");
    world.ffmpeg("-f lavfi -i color=c=blue:s=64x64 -frames:v 1 right.png");
    world.ffmpeg("-i left.png -i right.png -filter_complex hstack wide.png");
    let wide = |fit: &str, y: i32| {
        json!({"type": "image", "url": world.url("wide.png"), "width": 40, "height": 40, "scale_x": 1, "scale_y": 1,
               "offset_x": 10, "offset_y": y, "object_fit": fit})
    };
    let mut first = colour("#ff0000ff", (200, 10), 40);
    first["layer_number"] = json!(9);
    let asked = body(
        &world,
        vec![
            first,
            avatar(&world, (120, 120), 136),
            // On top by its place in the sequence, but below by number.
            json!({"type": "image", "url": "#0000ff", "width": 40, "height": 40, "scale_x": "1", "scale_y": "1", "offset_x": 200,
                   "offset_y": 10, "layer_number": "8"}),
            json!({"type": "image", "url": "#00ff0000", "scale_x": 1, "scale_y": 1, "offset_x": 0, "offset_y": 0, "layer_number": 99}),
            wide("cover", 10),
            wide("contain", 60),
            wide("fill", 110),
        ],
    );
    let (_, picture) = shown(&house, &world, Compat::Documented, &asked).await;
    assert_is(&picture, (220, 30), RED);
    let lime = [0, 255, 0];
    // Cut to the middle, whole with white above and below, squeezed: in each the halves meet in the middle.
    for y in [30, 80, 130] {
        assert_is(&picture, (20, y), lime);
        assert_is(&picture, (40, y), BLUE);
    }
    assert_is(&picture, (20, 14), lime);
    assert_is(&picture, (20, 64), WHITE);
    assert_is(&picture, (20, 114), lime);
    house.close().await;
}
