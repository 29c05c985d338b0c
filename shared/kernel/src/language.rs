//! Language tags: one spelling for each language.
//!
//! People type `EN`, `pt-br` and `deu`; files state `ger`, `eng` and `und`. All become the shortest BCP 47 tag in its usual case: `en`,
//! `pt-BR`, `de`.

mod table;

use table::LANGUAGES;

/// The tag in its canonical form: language with optional script, region and variants, such as `en`, `zh-Hant-TW` or
/// `ca-valencia`. `None` if the text is not such a tag.
#[must_use]
pub fn canonical(text: &str) -> Option<String> {
    let mut parts = text.split('-').peekable();
    let language = parts
        .next()
        .filter(|part| matches!(part.len(), 2 | 3) && is_alphabetic(part))?;
    let mut tag = shortest(&language.to_ascii_lowercase()).to_owned();

    if let Some(script) = parts.next_if(|part| part.len() == 4 && is_alphabetic(part)) {
        let (first, rest) = script.split_at(1);
        tag = format!("{tag}-{}{}", first.to_ascii_uppercase(), rest.to_ascii_lowercase());
    }
    if let Some(region) = parts.next_if(|part| is_region(part)) {
        tag = format!("{tag}-{}", region.to_ascii_uppercase());
    }
    let mut variants: Vec<String> = Vec::new();
    for part in parts {
        let variant = part.to_ascii_lowercase();
        if !is_variant(&variant) || variants.contains(&variant) || variants.len() == MAX_VARIANTS {
            return None;
        }
        variants.push(variant);
    }

    Some(variants.iter().fold(tag, |tag, variant| format!("{tag}-{variant}")))
}

/// Registered tags have at most two; the limit keeps a tag short.
const MAX_VARIANTS: usize = 4;

/// The tag for the language that a file states for a track (`eng`, `ger`, `en-US`). `None` for codes that name no language (`und`,
/// `mul`, `zxx`, `mis`) and for invalid tags.
#[must_use]
pub fn from_track(stated: &str) -> Option<String> {
    let tag = canonical(&stated.replace('_', "-"))?;
    let language = tag.split('-').next().unwrap_or_default();
    let is_named = !matches!(language, "und" | "mul" | "mis" | "zxx" | "qaa");

    is_named.then_some(tag)
}

/// The English name of a tag's language in ASCII; `None` if the table does not have the language.
#[must_use]
pub fn english_name(tag: &str) -> Option<&'static str> {
    let language = tag.split('-').next()?;
    LANGUAGES
        .iter()
        .find(|(short, ..)| *short == language)
        .map(|(.., name)| *name)
}

fn shortest(code: &str) -> &str {
    LANGUAGES
        .iter()
        .find(|(_, terminology, bibliography, _)| *terminology == code || *bibliography == code)
        .map_or(code, |(short, ..)| short)
}

fn is_alphabetic(part: &str) -> bool {
    part.bytes().all(|byte| byte.is_ascii_alphabetic())
}

fn is_region(part: &str) -> bool {
    (part.len() == 2 && is_alphabetic(part)) || (part.len() == 3 && part.bytes().all(|byte| byte.is_ascii_digit()))
}

/// A variant has five to eight letters and digits, or four that begin with a digit.
fn is_variant(part: &str) -> bool {
    let long = (5..=8).contains(&part.len());
    let dated = part.len() == 4 && part.starts_with(|first: char| first.is_ascii_digit());

    (long || dated) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_language_has_one_spelling() {
        for (written, right) in [
            ("EN", "en"),
            ("pt-br", "pt-BR"),
            ("deu", "de"),
            ("ger", "de"),
            ("FRE", "fr"),
            ("zh-hant-tw", "zh-Hant-TW"),
            ("ca-valencia", "ca-valencia"),
            ("sl-IT-nedis", "sl-IT-nedis"),
            ("de-1996", "de-1996"),
            ("ES-419", "es-419"),
            ("gsw", "gsw"),
            ("tgl", "fil"),
        ] {
            assert_eq!(canonical(written).as_deref(), Some(right), "{written}");
            assert_eq!(canonical(right).as_deref(), Some(right), "{right}");
        }
    }

    #[test]
    fn invalid_tags_are_refused() {
        for bad in [
            "",
            "e",
            "english",
            "en-",
            "-en",
            "en_US",
            "pt-BR-BR",
            "en--US",
            "en-valencia-valencia",
            "en-US-toolongvariant",
            "e1",
        ] {
            assert_eq!(canonical(bad), None, "{bad}");
        }
    }

    #[test]
    fn tracks_without_a_language_have_no_tag() {
        assert_eq!(from_track("eng").as_deref(), Some("en"));
        assert_eq!(from_track("en_US").as_deref(), Some("en-US"));
        for none in ["und", "mul", "zxx", "mis", "", "english"] {
            assert_eq!(from_track(none), None, "{none}");
        }
    }

    #[test]
    fn names_are_valid_for_tracks() {
        assert_eq!(english_name("pt-BR"), Some("Portuguese"));
        assert_eq!(english_name("xyz"), None);
        for (short, terminology, _, name) in LANGUAGES {
            assert_eq!(canonical(terminology).as_deref(), Some(short));
            assert!(
                name.bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b" -()'".contains(&byte)),
                "{name}"
            );
        }
    }
}
