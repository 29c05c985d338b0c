//! The requests of `POST /invocations`, and their validation.

use std::collections::HashSet;

use jiff::civil::Date;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_path_to_error::Segment;

use super::person::Person;
use crate::document::{Document, Refusal};

const VERSION: u64 = 1;
const MAX_LIMIT: usize = 100;
const DEFAULT_LIMIT: usize = 12;
const MAX_CANDIDATES: usize = 2_000;
const MAX_ROWS: usize = 20;

/// A valid request.
#[derive(Debug)]
pub(crate) enum Invocation {
    /// Titles like the given one.
    Similar {
        title: Document,
        candidates: Vec<Document>,
        limit: usize,
    },
    /// The most watched titles, of one genre or of all.
    Popular {
        genre: Option<String>,
        candidates: Vec<Document>,
        limit: usize,
    },
    /// Rows for one person.
    Rows(PersonRequest),
}

/// Rows for one person.
#[derive(Debug, Deserialize)]
pub(crate) struct PersonRequest {
    /// Which of the two models of an experiment shall answer.
    #[serde(default)]
    pub(crate) variant: Variant,
    #[serde(default)]
    pub(crate) person: Person,
    /// Rows stay the same for a day.
    pub(crate) day: Date,
    #[serde(default)]
    pub(crate) candidates: Vec<Document>,
    /// Only these titles may appear.
    #[serde(default)]
    pub(crate) allowed: Option<Vec<String>>,
    pub(crate) rows: Vec<RowRequest>,
}

/// Which of the two models of an experiment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Variant {
    /// The promoted model.
    #[default]
    Current,
    /// The model that is compared with it.
    Challenger,
    /// Both, interleaved in the personal row.
    Interleaved,
}

/// A requested row.
#[derive(Debug, Deserialize)]
pub(crate) struct RowRequest {
    #[serde(flatten)]
    pub(crate) kind: RowKind,
    #[serde(default = "default_limit")]
    pub(crate) limit: usize,
}

/// The kind of a row.
#[derive(Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum RowKind {
    /// Titles that this person would like most.
    Personal,
    /// More like a title that the person watched.
    Because { title_id: String },
    /// Titles like one.
    Similar { title_id: String },
    /// The next episodes of the series that the person watches.
    Series,
    /// Titles that were published lately.
    New,
    /// The most watched titles.
    Popular {
        #[serde(default)]
        genre: Option<String>,
    },
}

impl RowKind {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Personal => "personal",
            Self::Because { .. } => "because",
            Self::Similar { .. } => "similar",
            Self::Series => "series",
            Self::New => "new",
            Self::Popular { .. } => "popular",
        }
    }
}

/// Read first, so that a request of another version is reported as such.
#[derive(Deserialize)]
struct Head {
    version: u64,
    kind: String,
}

#[derive(Deserialize)]
struct SimilarRequest {
    title: Document,
    #[serde(default)]
    candidates: Vec<Document>,
    #[serde(default = "default_limit")]
    limit: usize,
}

#[derive(Deserialize)]
struct PopularRequest {
    #[serde(default)]
    genre: Option<String>,
    #[serde(default)]
    candidates: Vec<Document>,
    #[serde(default = "default_limit")]
    limit: usize,
}

fn default_limit() -> usize {
    DEFAULT_LIMIT
}

impl Invocation {
    /// The requested model.
    pub(crate) fn variant(&self) -> Variant {
        match self {
            Self::Rows(rows) => rows.variant,
            Self::Similar { .. } | Self::Popular { .. } => Variant::Current,
        }
    }

    pub(crate) fn parse(body: &[u8]) -> Result<Self, Refusal> {
        let head: Head = read(body)?;
        if head.version != VERSION {
            return Err(Refusal::new(
                "/version",
                format!("must be {VERSION}: this container knows no other"),
            ));
        }
        match head.kind.as_str() {
            "similar" => {
                let SimilarRequest {
                    title,
                    candidates,
                    limit,
                } = read(body)?;
                title.check("/title")?;
                Ok(Self::Similar {
                    title,
                    candidates: check_candidates(candidates)?,
                    limit: check_limit(limit)?,
                })
            }
            "popular" => {
                let PopularRequest {
                    genre,
                    candidates,
                    limit,
                } = read(body)?;
                let genre = genre.map(|genre| genre.trim().to_lowercase());
                Ok(Self::Popular {
                    genre,
                    candidates: check_candidates(candidates)?,
                    limit: check_limit(limit)?,
                })
            }
            "rows" => {
                let mut request: PersonRequest = read(body)?;
                request.candidates = check_candidates(request.candidates)?;
                request.person.check("/person")?;
                if request.rows.len() > MAX_ROWS {
                    return Err(Refusal::new("/rows", format!("must have at most {MAX_ROWS} entries")));
                }
                for (index, row) in request.rows.iter_mut().enumerate() {
                    check_limit(row.limit).map_err(|refusal| Refusal {
                        pointer: format!("/rows/{index}{}", refusal.pointer),
                        ..refusal
                    })?;
                    if let RowKind::Popular { genre: Some(genre) } = &mut row.kind {
                        *genre = genre.trim().to_lowercase();
                    }
                }
                Ok(Self::Rows(request))
            }
            _ => Err(Refusal::new("/kind", "must be `similar`, `popular` or `rows`")),
        }
    }
}

fn check_limit(limit: usize) -> Result<usize, Refusal> {
    if !(1..=MAX_LIMIT).contains(&limit) {
        return Err(Refusal::new("/limit", format!("must be from 1 to {MAX_LIMIT}")));
    }
    Ok(limit)
}

fn check_candidates(candidates: Vec<Document>) -> Result<Vec<Document>, Refusal> {
    if candidates.len() > MAX_CANDIDATES {
        return Err(Refusal::new(
            "/candidates",
            format!("must have at most {MAX_CANDIDATES} entries"),
        ));
    }
    let mut seen = HashSet::new();
    for (index, candidate) in candidates.iter().enumerate() {
        candidate.check(&format!("/candidates/{index}"))?;
        if !seen.insert(&candidate.title_id) {
            return Err(Refusal::new(
                format!("/candidates/{index}/title_id"),
                "must not appear twice among the candidates",
            ));
        }
    }
    Ok(candidates)
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    serde_path_to_error::deserialize(&mut serde_json::Deserializer::from_slice(body))
        .map_err(|error| Refusal::new(pointer(error.path()), error.inner().to_string()))
}

/// `candidates[3].name` as a JSON pointer (RFC 6901), as all refusals of Marquee name fields.
fn pointer(path: &serde_path_to_error::Path) -> String {
    path.iter()
        .map(|segment| match segment {
            Segment::Seq { index } => format!("/{index}"),
            Segment::Map { key } => format!("/{}", key.replace('~', "~0").replace('/', "~1")),
            Segment::Enum { variant } => format!("/{variant}"),
            Segment::Unknown => String::new(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn refused(request: &Value) -> String {
        Invocation::parse(request.to_string().as_bytes()).unwrap_err().pointer
    }

    fn similar() -> Value {
        json!({ "version": 1, "kind": "similar", "title": { "title_id": "a", "name": "A film" } })
    }

    #[test]
    fn the_smallest_request_is_valid() {
        let parsed = Invocation::parse(similar().to_string().as_bytes()).unwrap();
        assert!(matches!(
            parsed,
            Invocation::Similar {
                limit: DEFAULT_LIMIT,
                ..
            }
        ));
    }

    #[test]
    fn null_means_absent() {
        let mut request = similar();
        request["title"]["description"] = Value::Null;
        request["title"]["language"] = Value::Null;
        request["title"]["published_at"] = Value::Null;
        assert!(Invocation::parse(request.to_string().as_bytes()).is_ok());
    }

    #[test]
    fn refusals_name_the_field() {
        let with = |field: &str, value: Value| {
            let mut request = similar();
            request[field] = value;
            refused(&request)
        };
        assert_eq!(with("version", json!(2)), "/version");
        assert_eq!(with("kind", json!("horoscope")), "/kind");
        assert_eq!(with("limit", json!(0)), "/limit");
        assert_eq!(with("limit", json!(-1)), "/limit");
        assert_eq!(with("title", json!({ "title_id": "a", "name": 7 })), "/title/name");
        assert_eq!(with("title", json!({ "title_id": "a", "name": "" })), "/title/name");
        assert_eq!(
            with("candidates", json!([{ "title_id": "b", "name": "B", "genres": [1] }])),
            "/candidates/0/genres/0"
        );
        let twice = json!({ "title_id": "b", "name": "B" });
        assert_eq!(with("candidates", json!([twice, twice])), "/candidates/1/title_id");
    }

    #[test]
    fn a_missing_field_is_named() {
        let refusal = Invocation::parse(br#"{"version":1,"kind":"similar"}"#).unwrap_err();
        assert!(refusal.message.contains("`title`"), "{refusal}");
    }

    #[test]
    fn other_input_than_json_is_refused() {
        assert!(Invocation::parse(b"\xff{").is_err());
        assert!(Invocation::parse(b"").is_err());
    }
}
