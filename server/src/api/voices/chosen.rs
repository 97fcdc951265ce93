//! Which voice speaks: the official or matched one that a request names.

use mouthpiece_render::speech::Language;

use super::record::Row;
use crate::api::request::shown;
use crate::db::Tx;
use crate::id::RecordId;
use crate::job::Status;
use crate::problem::{Code, Problem, Result};
use crate::spec::speech::VoiceSource;
use crate::voices::{Cast, Official, gender};

/// A voice that can speak.
#[derive(Clone, Debug, PartialEq)]
pub struct Chosen {
    pub source: VoiceSource,
    pub id: RecordId,
    pub voice_id: String,
    pub name: String,
    pub gender: String,
    pub language: Language,
}

/// Finds the voice that `field` names, by its `voice_id` or its `_id`: 1014 when there is none, 1009 when it is another account's, 1112
/// when it is not ready.
pub async fn choose(cast: &Cast, tx: &mut Tx, uid: i64, field: &str, name: &str) -> Result<Chosen> {
    if let Some(official) = cast.find(name) {
        return Ok(Chosen::from(official));
    }
    let problem = |code, rest: &str| Problem::new(code, format!("{field}: the voice {:?} {rest}", shown(name)));
    let Some(row) = Row::find(&mut **tx, name).await? else {
        let rest = "is unknown: /api/open/v3/voice/list says which there are";
        return Err(problem(Code::UnknownResource, rest));
    };
    if row.uid != uid {
        return Err(problem(Code::Forbidden, "belongs to another account"));
    }
    match row.status {
        Status::Completed => Ok(Chosen {
            source: VoiceSource::Own(row.id.clone()),
            id: row.id,
            voice_id: row.voice_id,
            name: row.name,
            gender: row.gender,
            language: Language::from_code(&row.language).unwrap_or(Language::AmericanEnglish),
        }),
        Status::Queueing | Status::Processing => {
            let rest = format!("is not ready yet (status {}): try again at status 3", row.status.number());
            Err(problem(Code::VoiceProcessing, &rest))
        }
        Status::Failed => {
            let rest = format!("has failed and cannot be used: {}", row.error_reason);
            Err(problem(Code::VoiceProcessing, &rest))
        }
    }
}

impl From<&Official> for Chosen {
    fn from(official: &Official) -> Self {
        Self {
            source: VoiceSource::Official(official.info.id.clone()),
            id: official.id.clone(),
            voice_id: official.info.id.clone(),
            name: official.info.name.clone(),
            gender: gender(official.info.gender).to_owned(),
            language: official.info.language,
        }
    }
}
