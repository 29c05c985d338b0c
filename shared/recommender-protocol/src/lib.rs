//! The protocol of the recommender, version 1: JSON to and from `POST /invocations`. The functions that ask (`shared/adapters`) and the
//! container that answers (`recommender`) share these types and limits.

mod answer;
mod document;
mod request;

use serde::{Deserialize, Serialize};

pub use self::{
    answer::{Answer, Because, Content, Item, ModelFacts, RankedRow},
    document::{Document, Refusal},
    request::{Action, Ask, Person, PopularRequest, Request, RowKind, RowRequest, RowsRequest, SimilarRequest},
};
pub use kernel::territory::Territory;

/// The protocol's version.
pub const VERSION: u32 = 1;
/// The largest request, in bytes, that a serverless endpoint takes.
pub const MAX_BODY_BYTES: usize = 4 * 1024 * 1024;
/// How many titles a request may ask for, or a row.
pub const MAX_LIMIT: usize = 100;
/// How many titles a request may bring.
pub const MAX_CANDIDATES: usize = 2_000;
/// How many rows a request may ask for.
pub const MAX_ROWS: usize = 20;
/// How many actions a person may have.
pub const MAX_ACTIONS: usize = 500;
/// How many titles may be hidden from a person.
pub const MAX_HIDDEN: usize = 2_000;

/// Which of the two models of an experiment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Variant {
    /// The promoted model.
    #[default]
    Current,
    /// The model that is compared with it.
    Challenger,
    /// Both, interleaved in the personal row.
    Interleaved,
}
