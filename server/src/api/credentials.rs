//! Tokens and the balance.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::answer::{Answer, Envelope};
use super::caller::{Caller, Stranger, banned};
use super::request::{Body, required};
use crate::account::Account;
use crate::problem::{Code, Problem, Result};
use crate::service::Service;

pub fn routes() -> OpenApiRouter<Service> {
    OpenApiRouter::new().routes(routes!(get_token)).routes(routes!(quota))
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct TokenBody {
    /// 16 characters.
    #[schema(required, nullable = false)]
    client_id: Option<String>,
    /// 32 characters.
    #[schema(required, nullable = false)]
    client_secret: Option<String>,
}

/// The token stands at top level, and in `data` too: clients of both kinds exist.
#[derive(Serialize, ToSchema)]
struct TokenAnswer {
    code: u16,
    msg: String,
    token: Option<String>,
    data: Option<TokenData>,
}

#[derive(Serialize, ToSchema)]
struct TokenData {
    token: String,
}

/// Exchange a pair of credentials for a token that is valid for 3600 days.
#[utoipa::path(post, path = "/api/open/v3/getToken", tag = "account", request_body = TokenBody,
    responses((status = 200, body = TokenAnswer)))]
async fn get_token(State(service): State<Service>, _: Stranger, body: Body<TokenBody>) -> Result<Response> {
    let TokenBody { client_id, client_secret } = body.value;
    let (id, secret) = (required("clientId", client_id)?, required("clientSecret", client_secret)?);
    let account = Account::by_pair(&service.db, &id, &secret).await?;
    let account = account.ok_or_else(|| Problem::new(Code::BadAuthorization, "unknown clientId or clientSecret"))?;
    if account.banned {
        return Err(banned());
    }
    let token = service.tokens.issue(&account, service.clock.now())?;
    Ok(Json(json!({"code": 1000, "msg": "OK", "token": token, "data": {"token": token}})).into_response())
}

#[derive(Serialize, ToSchema)]
struct Quota {
    credit: i64,
}

/// The account's balance.
#[utoipa::path(get, path = "/api/open/v3/faceswap/quota/info", tag = "account", responses((status = 200, body = Envelope<Quota>)))]
async fn quota(caller: Caller) -> Answer<Quota> {
    Answer::ok(Quota {
        credit: caller.account.credit,
    })
}
