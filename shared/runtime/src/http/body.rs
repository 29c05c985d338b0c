//! Bodies: JSON that is parsed into a valid value, or a problem that names every invalid field.

use axum::extract::FromRequest;
use lambda_http::http::header;
use serde::de::DeserializeOwned;
use serde_path_to_error::{Path, Segment};

use super::{FieldErrors, Problem, ProblemKind, serde_message};

/// The body of a request on the wire. Types that implement it refuse unknown fields.
pub trait Request: DeserializeOwned {
    /// The validated value, which is all that a handler sees.
    type Valid;

    /// The largest body that is read.
    const MAX_BYTES: usize = 64 * 1024;

    /// Checks every field and collects all errors.
    fn parse(self) -> Result<Self::Valid, FieldErrors>;
}

/// The valid value in a JSON body.
#[derive(Debug)]
pub struct Body<R: Request>(pub R::Valid);

impl<S: Sync, R: Request> FromRequest<S> for Body<R> {
    type Rejection = Problem;

    async fn from_request(request: axum::extract::Request, _context: &S) -> Result<Self, Problem> {
        let media_type = request
            .headers()
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok());
        if !media_type.is_some_and(is_json) {
            return Err(Problem::invalid_request(
                "send the body as JSON, with `content-type: application/json`",
            ));
        }

        let bytes = axum::body::to_bytes(request.into_body(), R::MAX_BYTES)
            .await
            .map_err(|_| {
                let detail = format!("this body may have at most {} bytes", R::MAX_BYTES);
                Problem::new(ProblemKind::PayloadTooLarge, detail)
            })?;

        Ok(Self(read::<R>(&bytes)?.parse()?))
    }
}

fn is_json(media_type: &str) -> bool {
    let essence = media_type.split(';').next().unwrap_or_default().trim();

    essence.eq_ignore_ascii_case("application/json")
}

fn read<R: DeserializeOwned>(bytes: &[u8]) -> Result<R, Problem> {
    if bytes.is_empty() {
        return Err(Problem::invalid_request("the body is empty: a JSON object is expected"));
    }

    // Serde would also parse an array as a struct.
    if matches!(
        bytes.trim_ascii_start().first(),
        Some(b'[' | b'"' | b'0'..=b'9' | b'-' | b't' | b'f' | b'n')
    ) {
        return Err(Problem::invalid_request("the body is JSON, but not an object"));
    }

    let mut json = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| problem_of(&error))?;
    json.end()
        .map_err(|error| Problem::invalid_request(format!("the body is not valid JSON: {error}")))?;

    Ok(value)
}

/// How serde's messages about a named field begin, and our reason.
const FIELD_MESSAGES: [(&str, &str); 3] = [
    ("missing field `", "is required"),
    ("duplicate field `", "is given twice"),
    ("unknown field `", "is not a field of this request"),
];

fn problem_of(error: &serde_path_to_error::Error<serde_json::Error>) -> Problem {
    let sentence = error.inner().to_string();
    if !error.inner().is_data() {
        return Problem::invalid_request(format!("the body is not valid JSON: {sentence}"));
    }

    let named = FIELD_MESSAGES
        .iter()
        .find_map(|(opening, reason)| Some((quoted(&sentence, opening)?, *reason)));
    let mut errors = FieldErrors::default();
    match named {
        Some((field, reason)) => errors.refuse(join(&parent(error.path(), field), field), reason),
        // "… at line 1 column 9" helps with broken JSON; for a wrong value the pointer is better.
        None => errors.refuse(
            pointer(error.path()),
            serde_message::translate_value(sentence.split(" at line ").next().unwrap_or_default()),
        ),
    }

    errors.into()
}

/// The field's name in a message of serde.
fn quoted<'a>(sentence: &'a str, opening: &str) -> Option<&'a str> {
    sentence.strip_prefix(opening)?.split('`').next()
}

/// A path as a JSON pointer; the empty one is the whole body.
fn pointer(path: &Path) -> String {
    path.iter().fold(String::new(), |pointer, segment| match segment {
        Segment::Seq { index } => join(&pointer, &index.to_string()),
        Segment::Map { key } => join(&pointer, key),
        Segment::Enum { variant } => join(&pointer, variant),
        Segment::Unknown => pointer,
    })
}

/// The pointer of the object whose field is missing or unknown. The path that serde reports may end with this field.
fn parent(path: &Path, field: &str) -> String {
    let pointer = pointer(path);
    let last = join("", field);

    pointer.strip_suffix(&last).map_or(pointer.clone(), str::to_owned)
}

fn join(pointer: &str, part: &str) -> String {
    format!("{pointer}/{}", part.replace('~', "~0").replace('/', "~1"))
}
