//! Talking avatars: a video of a face that speaks a recording or a text.

use axum::extract::State;
use serde_json::Value;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use self::into::Draft;
use self::wire::CreateBody;
use super::answer::{Answer, Envelope};
use super::caller::Caller;
use super::idempotency::{IdempotencyHeader, IdempotencyKey, Turn};
use super::new_video::Created;
use super::request::Body;
use crate::problem::Result;
use crate::service::Service;

mod avatar;
mod elements;
mod heard;
mod into;
mod range;
mod scenes;
mod schema;
mod wire;

pub fn routes() -> OpenApiRouter<Service> {
    OpenApiRouter::new().routes(routes!(create)).routes(routes!(scenes::create))
}

/// Make a video of a talking avatar.
///
/// It is made in the background, lasts as long as the sound, and has 25 frames a second on a white canvas. Poll
/// `/api/open/v3/content/video/infobymodelid`, or wait for the callback.
///
/// Codes in the answer: 1003 a parameter is wrong, and the message names it; 1005 too many jobs wait; 1006 not enough credits; 1009 the
/// avatar or the voice is another account's; 1014 there is no such avatar or voice; 1105 the avatar is not ready; 1112 the voice is not
/// ready; 1204 the text is too long; 1101, 1102, 1200 authorization. In the record of a failed video: 1201 the speech cannot be made.
#[utoipa::path(post, path = "/api/open/v3/talkingavatar/create", tag = "talking avatar",
    params(IdempotencyHeader),
    request_body(content = CreateBody, examples(("elements" = (summary = "Elements", value = json!(schema::elements_example()))),
        ("short" = (summary = "Short form", value = json!(schema::short_example()))))),
    responses((status = 200, body = Envelope<Created>), (status = 429, body = Envelope<Created>, description = "1005: too many jobs wait")))]

async fn create(
    State(service): State<Service>,
    caller: Caller,
    key: IdempotencyKey,
    Body { value, digest }: Body<CreateBody>,
) -> Result<Answer<Value>> {
    let uid = caller.uid();
    let draft = Draft::new(&service, caller.compat, value)?;
    draft.accept(&service, uid, key, digest).await.map(Answer::ok)
}

impl Draft {
    /// Records what it asks for once, with the avatars and voices that are found; the answer.
    async fn accept(self, service: &Service, uid: i64, key: IdempotencyKey, digest: String) -> Result<Value> {
        match key.begin(service, uid, digest).await? {
            Turn::Known(answer) => Ok(answer),
            Turn::New(mut turn) => {
                let video = self.agreed(service, &mut turn.tx, uid).await?;
                let created = video.record(service, &mut turn.tx, uid).await?;
                turn.finish(service, &created).await
            }
        }
    }
}

#[cfg(test)]
mod tests;
