//! Text that people type: one rule for names, titles and descriptions. What is kept is composed (NFC), bounded, readable in
//! one way, and visible.

mod characters;
#[cfg(test)]
mod tests;

/// The most combining marks on one character: the scripts of the world need four or five.
pub const MAX_MARKS: usize = 8;

/// Why a text was refused.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum InvalidText {
    /// Nothing but white space.
    #[error("must not be empty")]
    Empty,
    /// Only characters that show nothing.
    #[error("must have at least one visible character")]
    Invisible,
    /// More characters than allowed.
    #[error("must have at most {max} characters, this has {actual}")]
    TooLong {
        /// How many are allowed.
        max: usize,
        /// How many there are.
        actual: usize,
    },
    /// A control character, or a line break where only one line is allowed.
    #[error("must not contain control characters")]
    ControlCharacter,
    /// A private or unassigned character: each font shows something else, or nothing.
    #[error("must not contain the character U+{:04X}, which has no agreed meaning", u32::from(*.0))]
    UnknownCharacter(char),
    /// Marks that are stacked over the lines around them.
    #[error("must have at most {MAX_MARKS} combining marks on one character")]
    TooManyMarks,
}

/// One line of at most `max` characters with something to see; surrounding white space is dropped.
pub fn line(text: &str, max: usize) -> Result<String, InvalidText> {
    if text.trim().is_empty() {
        return Err(InvalidText::Empty);
    }
    let text = characters::tidy(text);
    let text = text.trim();

    check(text, max, |c| c.is_control() || characters::is_line_break(c))?;
    if !text.chars().any(characters::is_visible) {
        return Err(InvalidText::Invisible);
    }

    Ok(text.to_owned())
}

/// Several lines of at most `max` characters together; may be empty.
pub fn paragraphs(text: &str, max: usize) -> Result<String, InvalidText> {
    let text = characters::tidy(text);
    let text = text.trim();

    check(text, max, |c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'))?;
    if !text.chars().any(characters::is_visible) {
        return Ok(String::new());
    }

    Ok(text.to_owned())
}

/// How a text looks to somebody who reads quickly: lower case Latin letters and digits, look-alikes of other scripts mapped
/// to them, everything else dropped. For comparing with names that are reserved, never for storing.
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
    if characters::most_marks(text) > MAX_MARKS {
        return Err(InvalidText::TooManyMarks);
    }

    Ok(())
}
