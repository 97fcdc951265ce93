//! The OpenAPI document: what handlers say of themselves, and what holds for all of them.

use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::schema::{ObjectBuilder, OneOfBuilder, Schema, Type};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityRequirement, SecurityScheme};
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{ContentBuilder, Info, InfoBuilder, License, OpenApi, Ref, RefOr, ResponseBuilder, Server};

use super::answer::Failure;

const DESCRIPTION: &str = "Talking-avatar videos on your own machine, compatible with the Akool Open API.

Every answer is an envelope `{code, msg, data}`; success is `code` 1000 and nothing else, and `data` is null in failures. Failures \
with a business code have the HTTP status 200; 404 is for unknown paths and links, 405, 413, 429 and 503 come from the layers before \
the handlers, in the same envelope. Unknown fields are ignored, numbers may be sent as text, and the content type of bodies does not \
matter.";

const TAGS: [(&str, &str); 8] = [
    ("account", "Tokens and the balance."),
    ("avatars", "Official faces, and faces that you upload."),
    ("videos", "Videos: how far they are, cancelling, deleting."),
    ("talking avatar", "Asking for a video."),
    ("voices", "Official voices, and voices that are matched to your recordings."),
    ("speech", "Spoken texts."),
    ("files", "Results and photos."),
    ("operation", "For whoever runs the service."),
];

/// Calls that need no account although they are in the API.
const OPEN: &str = "/api/open/v3/getToken";

/// What the document begins with.
pub fn begin() -> OpenApi {
    let info: Info = InfoBuilder::new()
        .title("Mouthpiece")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(DESCRIPTION))
        .license(Some(License::new(env!("CARGO_PKG_LICENSE"))))
        .build();
    let mut document = OpenApi::new(info, utoipa::openapi::Paths::new());
    document.servers = Some(vec![Server::new("/")]);
    let tag = |(name, about): (&str, &str)| TagBuilder::new().name(name).description(Some(about)).build();
    document.tags = Some(TAGS.into_iter().map(tag).collect());
    document
}

/// Adds what holds for every call.
pub fn finish(mut document: OpenApi) -> OpenApi {
    for (path, item) in &mut document.paths.paths {
        for (method, operation) in operations(item) {
            complete(path, method, operation);
        }
    }
    let components = document.components.get_or_insert_default();
    components
        .schemas
        .iter_mut()
        .filter(|(name, _)| name.starts_with("Envelope_"))
        .for_each(|(_, envelope)| make_nullable(envelope));
    components.add_security_scheme("token", SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)));
    let key = ApiKeyValue::with_description("x-api-key", "The clientSecret; Authorization decides if both come.");
    components.add_security_scheme("key", SecurityScheme::ApiKey(ApiKey::Header(key)));
    document
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = (&'static str, &mut Operation)> {
    let all = [
        ("get", &mut item.get),
        ("head", &mut item.head),
        ("post", &mut item.post),
        ("delete", &mut item.delete),
    ];
    all.into_iter()
        .filter_map(|(method, operation)| Some((method, operation.as_mut()?)))
}

fn complete(path: &str, method: &str, operation: &mut Operation) {
    operation.operation_id = Some(name(path, method));
    for response in operation.responses.responses.values_mut() {
        if let RefOr::T(response) = response
            && response.description.is_empty()
        {
            response.description = "The envelope; success is `code` 1000".into();
        }
    }
    if !path.starts_with("/api/") {
        return;
    }
    if path != OPEN {
        let scopes = [""; 0];
        operation.security = Some(vec![
            SecurityRequirement::new("token", scopes),
            SecurityRequirement::new("key", scopes),
        ]);
    }
    let mut add = |status: &str, about: &str| {
        let failure = ContentBuilder::new().schema(Some(Ref::from_schema_name(schema_name()))).build();
        let response = ResponseBuilder::new()
            .description(about)
            .content("application/json", failure)
            .build();
        operation.responses.responses.insert(status.to_owned(), response.into());
    };
    add(
        "429",
        "1005: too often, or too many jobs are open; Retry-After says how long to wait",
    );
    add("503", "2001: the service is too busy; Retry-After says how long to wait");
    if operation.request_body.is_some() {
        add("413", "1003: the body is too large");
    }
}

fn schema_name() -> std::borrow::Cow<'static, str> {
    <Failure as utoipa::ToSchema>::name()
}

/// An envelope always has `data`, which is null in failures; the derive loses that of a type that it puts in place.
fn make_nullable(envelope: &mut RefOr<Schema>) {
    let RefOr::T(Schema::Object(envelope)) = envelope else { return };
    if let Some(data) = envelope.properties.remove("data") {
        let null = ObjectBuilder::new().schema_type(Type::Null);
        let data = OneOfBuilder::new().item(null).item(data).into();
        envelope.properties.insert("data".into(), data);
        envelope.required.push("data".into());
    }
}

/// A name for generated clients: the method and the words of the path.
fn name(path: &str, method: &str) -> String {
    let words = path
        .split(['/', '_', '-', '.', '{', '}'])
        .filter(|word| !word.is_empty() && *word != "api" && *word != "open");
    std::iter::once(method).chain(words).collect::<Vec<_>>().join("_")
}
