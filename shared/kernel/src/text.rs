//! Texts that people type: one rule for names, titles and descriptions. An accepted text is composed (NFC), bounded, visible and has no
//! hidden characters.

mod characters;
#[cfg(test)]
mod tests;

/// Maximum number of combining marks on one character. The scripts of the world need four or five.
pub const MAX_MARKS: usize = 8;

/// Why a text was refused.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum InvalidText {
    /// The text has only white space.
    #[error("must not be empty")]
    Empty,
    /// The text has only invisible characters.
    #[error("must have at least one visible character")]
    Invisible,
    /// The text has more characters than allowed.
    #[error("must have at most {max} characters, this has {actual}")]
    TooLong {
        /// The limit.
        max: usize,
        /// The number of characters.
        actual: usize,
    },
    /// A control character, or a line break where only one line is allowed.
    #[error("must not contain control characters")]
    ControlCharacter,
    /// A private or unassigned character, which fonts show differently or not at all.
    #[error("must not contain the character U+{:04X}, which has no agreed meaning", u32::from(*.0))]
    UnknownCharacter(char),
    /// A stack of marks, which would cover the lines around it.
    #[error("must have at most {MAX_MARKS} combining marks on one character")]
    TooManyMarks,
}

/// Validates one visible line of at most `max` characters; surrounding white space is dropped.
pub fn line(text: &str, max: usize) -> Result<String, InvalidText> {
    if text.trim().is_empty() {
        return Err(InvalidText::Empty);
    }
    let text = characters::normalize(text);
    let text = text.trim();

    check(text, max, |c| c.is_control() || characters::is_line_break(c))?;
    if !text.chars().any(characters::is_visible) {
        return Err(InvalidText::Invisible);
    }

    Ok(text.to_owned())
}

/// Validates several lines of at most `max` characters in all; may be empty.
pub fn paragraphs(text: &str, max: usize) -> Result<String, InvalidText> {
    let text = characters::normalize(text);
    let text = text.trim();

    check(text, max, |c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'))?;
    if !text.chars().any(characters::is_visible) {
        return Ok(String::new());
    }

    Ok(text.to_owned())
}

/// The skeleton of a text: lower case Latin letters and digits, look-alikes of other scripts mapped to them, everything else dropped. For
/// the comparison with reserved names, never for storing.
#[must_use]
pub fn skeleton(text: &str) -> String {
    characters::skeleton(text)
}

fn check(text: &str, max: usize, refused: impl Fn(char) -> bool) -> Result<(), InvalidText> {
    let actual = text.chars().count();
    if actual > max {
        return Err(InvalidText::TooLong { max, actual });
    }
    if text.chars().any(refused) {
        return Err(InvalidText::ControlCharacter);
    }
    if let Some(unknown) = text.chars().find(|c| characters::is_unknown(*c)) {
        return Err(InvalidText::UnknownCharacter(unknown));
    }
    if characters::max_marks(text) > MAX_MARKS {
        return Err(InvalidText::TooManyMarks);
    }

    Ok(())
}
