//! The requests of `POST /invocations`, and their validation.

use std::collections::HashSet;

use recommender_protocol::{
    Document, MAX_CANDIDATES, MAX_LIMIT, MAX_ROWS, PopularRequest, Refusal, RowKind, RowsRequest, SimilarRequest,
    VERSION, Variant,
};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_path_to_error::Segment;

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
    Rows(RowsRequest),
}

/// Read first, so that a request of another version is reported as such.
#[derive(Deserialize)]
struct Head {
    version: u32,
    kind: String,
}

impl Invocation {
    /// The requested model.
    pub(crate) fn variant(&self) -> Variant {
        match self {
            Self::Rows(rows) => rows.variant.unwrap_or_default(),
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
                let mut request: RowsRequest = read(body)?;
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
        assert!(matches!(parsed, Invocation::Similar { limit: 12, .. }));
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
