//! Lists in pages.

use serde::Deserialize;
use utoipa::IntoParams;

use super::request::{Number, whole};
use super::schema;
use crate::problem::Result;

/// The last page that can be asked for, and the most records on one: their product is far from overflowing.
const LAST: u32 = 1_000_000;
const LONGEST: u32 = 1000;

/// Which part of a list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// The first page is 1.
    #[param(schema_with = schema::page)]
    page: Option<Number>,
    /// Records on a page.
    #[param(schema_with = schema::size)]
    size: Option<Number>,
}

/// As `PageQuery`, ten at a time unless it is said.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ShortPageQuery {
    /// The first page is 1.
    #[param(schema_with = schema::page)]
    page: Option<Number>,
    /// Records on a page.
    #[param(schema_with = schema::short_size)]
    size: Option<Number>,
}

/// A part of a list, in range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    pub page: u32,
    pub size: u32,
}

impl TryFrom<PageQuery> for Page {
    type Error = crate::problem::Problem;

    fn try_from(PageQuery { page, size }: PageQuery) -> Result<Self> {
        Ok(Self {
            page: whole("page", page, 1..=LAST, 1)?,
            size: whole("size", size, 1..=LONGEST, 100)?,
        })
    }
}

impl TryFrom<ShortPageQuery> for Page {
    type Error = crate::problem::Problem;

    fn try_from(ShortPageQuery { page, size }: ShortPageQuery) -> Result<Self> {
        Ok(Self {
            page: whole("page", page, 1..=LAST, 1)?,
            size: whole("size", size, 1..=LONGEST, 10)?,
        })
    }
}

impl Page {
    /// Records before it.
    pub fn start(self) -> u32 {
        (self.page - 1) * self.size
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_page_begins_where_it_can_be_counted() {
        let last = Page { page: LAST, size: LONGEST };
        assert_eq!(u64::from(last.start()), u64::from(LAST - 1) * u64::from(LONGEST));
    }
}
