//! Serde's messages about invalid values, translated for callers: they know texts and numbers, not `u64` and variants.

/// Translates a message about a value of a body. A sentence of our own types is returned unchanged.
pub(super) fn translate_value(sentence: &str) -> String {
    if let Some(rest) = sentence.strip_prefix("unknown variant `") {
        return one_of(rest);
    }
    let expected = ["invalid type: ", "invalid value: ", "invalid length "]
        .iter()
        .find_map(|opening| sentence.strip_prefix(opening))
        .and_then(|rest| rest.rsplit_once(", expected "));

    match expected {
        Some((_, expected)) => format!("must be {}", kind(expected)),
        None => sentence.to_owned(),
    }
}

/// Translates a message about a query: `limit: invalid digit found in string`.
pub(super) fn translate_query(sentence: &str) -> String {
    for (opening, reason) in [
        ("unknown field `", "is not a parameter of this list"),
        ("missing field `", "is required"),
        ("duplicate field `", "is given twice"),
    ] {
        // The message may begin with the parameter's name.
        if let Some((_, rest)) = sentence.split_once(opening) {
            return format!("`{}` {reason}", rest.split('`').next().unwrap_or_default());
        }
    }

    match sentence.split_once(": ") {
        Some((name, reason)) => format!(
            "`{name}` {}",
            translate_number(reason).unwrap_or_else(|| translate_value(reason))
        ),
        None => translate_value(sentence),
    }
}

/// Translates the messages of Rust's parsers about a text that is not a number, or too large.
fn translate_number(reason: &str) -> Option<String> {
    let number = ["digit", "number too", "cannot parse integer", "invalid float"]
        .iter()
        .any(|word| reason.contains(word));

    number.then(|| "must be a number in the range of this parameter".to_owned())
}

fn one_of(rest: &str) -> String {
    let variants: Vec<&str> = rest.split('`').skip(2).step_by(2).collect();

    match variants.as_slice() {
        [] => "is not a value of this field".to_owned(),
        [only] => format!("must be {only}"),
        several => format!("must be one of {}", several.join(", ")),
    }
}

fn kind(expected: &str) -> &str {
    match expected {
        "a string" | "string" | "str" | "a borrowed string" => "a text",
        "a boolean" | "bool" => "true or false",
        "u8" => "a whole number from 0 to 255",
        "u16" => "a whole number from 0 to 65535",
        "u32" => "a whole number from 0 to 4294967295",
        "u64" | "usize" => "a whole number from 0 to 18446744073709551615",
        "i8" | "i16" | "i32" | "i64" | "isize" => "a whole number",
        "f32" | "f64" => "a number",
        "a sequence" => "a list",
        "a map" => "an object",
        "unit" | "null" => "null",
        "option" => "a value or null",
        other if other.starts_with("struct ") => "an object",
        other if other.starts_with("enum ") || other.starts_with("variant ") => "one of the values of this field",
        other if other.starts_with("tuple ") || other.starts_with("an array") => "a list",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_term_of_a_programming_language_is_left() {
        for (sentence, translated) in [
            ("invalid type: integer `7`, expected a string", "must be a text"),
            (
                "invalid type: string \"a, expected b\", expected u64",
                "must be a whole number from 0 to 18446744073709551615",
            ),
            (
                "invalid value: integer `999`, expected u8",
                "must be a whole number from 0 to 255",
            ),
            ("invalid type: null, expected a sequence", "must be a list"),
            ("invalid type: string \"x\", expected struct Part", "must be an object"),
            (
                "unknown variant `secret`, expected one of `public`, `unlisted`, `private`",
                "must be one of public, unlisted, private",
            ),
            ("unknown variant `x`, expected `me`", "must be me"),
            ("unknown variant `x`, expected `a` or `b`", "must be one of a, b"),
            (
                "must have at least one visible character",
                "must have at least one visible character",
            ),
        ] {
            assert_eq!(translate_value(sentence), translated, "{sentence}");
        }
    }

    #[test]
    fn an_error_about_a_query_names_the_parameter() {
        for (sentence, translated) in [
            (
                "limit: invalid digit found in string",
                "`limit` must be a number in the range of this parameter",
            ),
            (
                "limit: must be a whole number from 1 to 100",
                "`limit` must be a whole number from 1 to 100",
            ),
            (
                "state: unknown variant `happy`, expected one of `draft`, `ready`",
                "`state` must be one of draft, ready",
            ),
            (
                "colour: unknown field `colour`, expected `owner` or `state`",
                "`colour` is not a parameter of this list",
            ),
            ("duplicate field `limit`", "`limit` is given twice"),
        ] {
            assert_eq!(translate_query(sentence), translated, "{sentence}");
        }
    }
}
