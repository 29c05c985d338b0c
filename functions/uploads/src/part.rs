//! Checks of the parts that clients declare.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use runtime::http::FieldErrors;

/// A SHA-256 in base64: 32 bytes.
pub(crate) fn checksum(text: String) -> Result<String, &'static str> {
    match STANDARD.decode(&text) {
        Ok(bytes) if bytes.len() == 32 => Ok(text),
        _ => Err("must be the part's SHA-256 in base64, 44 characters"),
    }
}

/// A part's number; S3 counts from 1 to 10,000.
pub(crate) fn number(number: u32) -> Result<u32, &'static str> {
    if (1..=10_000).contains(&number) {
        Ok(number)
    } else {
        Err("must be between 1 and 10000")
    }
}

/// Checks every part of a list, and that their numbers are distinct.
pub(crate) fn all<R, T>(
    given: Vec<R>,
    max: usize,
    mut check: impl FnMut(R, &str, &mut FieldErrors) -> Option<(u32, T)>,
) -> Result<Vec<T>, FieldErrors> {
    let mut errors = FieldErrors::default();
    if given.is_empty() || given.len() > max {
        return Err(FieldErrors::one("/parts", format!("must have 1 to {max} parts")));
    }

    let mut seen = std::collections::BTreeSet::new();
    let mut parts = Vec::with_capacity(given.len());
    for (index, part) in given.into_iter().enumerate() {
        let pointer = format!("/parts/{index}");
        let Some((number, part)) = check(part, &pointer, &mut errors) else {
            continue;
        };
        if !seen.insert(number) {
            errors.refuse(format!("{pointer}/part_number"), "is used twice");
        }
        parts.push(part);
    }

    if errors.is_empty() { Ok(parts) } else { Err(errors) }
}
