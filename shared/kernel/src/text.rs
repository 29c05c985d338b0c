//! Text that people type: trimmed, bounded, without control characters.

/// Why a text was refused.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum InvalidText {
    /// Nothing but white space.
    #[error("must not be empty")]
    Empty,
    /// More characters than allowed.
    #[error("must have at most {max} characters, this has {actual}")]
    TooLong {
        /// How many are allowed.
        max: usize,
        /// How many there are.
        actual: usize,
    },
    /// A control character other than a line break.
    #[error("must not contain control characters")]
    ControlCharacter,
}

/// One line of at most `max` characters, not empty; surrounding white space is dropped.
pub fn line(text: &str, max: usize) -> Result<String, InvalidText> {
    let text = text.trim();
    if text.is_empty() {
        return Err(InvalidText::Empty);
    }
    bounded(text, max)?;
    if text.chars().any(char::is_control) {
        return Err(InvalidText::ControlCharacter);
    }

    Ok(text.to_owned())
}

/// Several lines of at most `max` characters together; may be empty.
pub fn paragraphs(text: &str, max: usize) -> Result<String, InvalidText> {
    let text = text.trim();
    bounded(text, max)?;
    if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
        return Err(InvalidText::ControlCharacter);
    }

    Ok(text.to_owned())
}

fn bounded(text: &str, max: usize) -> Result<(), InvalidText> {
    let actual = text.chars().count();
    if actual > max {
        Err(InvalidText::TooLong { max, actual })
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_trimmed_and_bounded() {
        assert_eq!(line("  Big Buck Bunny ", 14).as_deref(), Ok("Big Buck Bunny"));
        assert_eq!(line(" \t", 14), Err(InvalidText::Empty));
        assert_eq!(line("éééé", 3), Err(InvalidText::TooLong { max: 3, actual: 4 }));
        assert_eq!(line("a\nb", 9), Err(InvalidText::ControlCharacter));
    }

    #[test]
    fn paragraphs_keep_line_breaks() {
        assert_eq!(paragraphs("a\nb", 9).as_deref(), Ok("a\nb"));
        assert_eq!(paragraphs("", 9).as_deref(), Ok(""));
        assert_eq!(paragraphs("a\u{7}b", 9), Err(InvalidText::ControlCharacter));
    }
}
