//! Which voices a list shows.

use serde::Deserialize;
use utoipa::IntoParams;

use super::record::{CLONED, OFFICIAL, Voice};
use crate::api::request::{Number, choice};
use crate::api::schema;
use crate::problem::{Problem, Result};

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct FilterQuery {
    /// 1: the caller's, 2: official ones.
    #[param(required, nullable = false, schema_with = schema::query_one_or_two)]
    r#type: Option<Number>,
    /// Any of these, with commas between; upper and lower case are the same.
    style: Option<String>,
    /// `Female`, `Male` or both.
    gender: Option<String>,
    age: Option<String>,
    scenario: Option<String>,
    /// Parts of names, with commas between.
    name: Option<String>,
}

/// The same, found good; an empty list is no wish.
#[derive(Debug, PartialEq, Eq)]
pub struct Filter {
    pub kind: u8,
    style: Vec<String>,
    gender: Vec<String>,
    age: Vec<String>,
    scenario: Vec<String>,
    name: Vec<String>,
}

impl TryFrom<FilterQuery> for Filter {
    type Error = Problem;

    fn try_from(query: FilterQuery) -> Result<Self> {
        let FilterQuery {
            r#type,
            style,
            gender,
            age,
            scenario,
            name,
        } = query;
        let kind = choice("type", r#type, &[(CLONED, "cloned"), (OFFICIAL, "official")])?;
        Ok(Self {
            kind: kind.ok_or_else(|| Problem::field("type", "is required: 1 (cloned) or 2 (official)"))?,
            style: wishes(style),
            gender: wishes(gender),
            age: wishes(age),
            scenario: wishes(scenario),
            name: wishes(name),
        })
    }
}

fn wishes(list: Option<String>) -> Vec<String> {
    let list = list.unwrap_or_default().to_lowercase();
    list.split(',')
        .map(|item| item.trim().to_owned())
        .filter(|item| !item.is_empty())
        .collect()
}

impl Filter {
    pub fn passes(&self, voice: &Voice) -> bool {
        let any = |wishes: &[String], has: &[String]| wishes.is_empty() || has.iter().any(|h| wishes.contains(&plain(h)));
        let name = voice.name.to_lowercase();
        any(&self.style, &voice.style)
            && any(&self.gender, std::slice::from_ref(&voice.gender))
            && any(&self.age, &voice.age)
            && any(&self.scenario, &voice.scenario)
            && (self.name.is_empty() || self.name.iter().any(|part| name.contains(part)))
    }
}

fn plain(text: &str) -> String {
    text.trim().to_lowercase()
}
