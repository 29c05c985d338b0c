//! The rules for passwords: long and not common. There are no rules about kinds of characters.

use std::{collections::HashSet, fmt, sync::LazyLock};

use crate::account::Email;

/// One password a line, in byte order; lines that start with `#` name the source.
const COMMON: &str = include_str!("password/common.txt");

static COMMON_PASSWORDS: LazyLock<HashSet<&str>> =
    LazyLock::new(|| COMMON.lines().filter(|line| !line.starts_with('#')).collect());

/// A valid password. It is never shown and never logged.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

/// Why a password was refused, as the form shows it.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
pub enum WeakPassword {
    /// Too few characters.
    #[error("must have at least 12 characters")]
    TooShort,
    /// More characters than Cognito accepts.
    #[error("must have at most 256 characters")]
    TooLong,
    /// A control character, which cannot be typed into every form.
    #[error("must not contain control characters")]
    ControlCharacter,
    /// A space at the beginning or end, which forms and people drop.
    #[error("must not begin or end with a space")]
    OuterSpace,
    /// On the list of common passwords, with or without digits and signs around it.
    #[error("is too common: others try it first")]
    Common,
    /// A few characters that are repeated.
    #[error("repeats itself: choose one with more variety")]
    Repetitive,
    /// It contains the owner's address or name.
    #[error("must not contain your address or your name")]
    AboutOwner,
}

/// The owner of a password, whose address and name it must not contain.
#[derive(Clone, Copy, Debug)]
pub struct Owner<'a> {
    /// The email address, if it is valid.
    pub email: Option<&'a Email>,
    /// The display name, if it is known.
    pub name: Option<&'a str>,
}

impl Password {
    /// Minimum length in characters.
    pub const MIN: usize = 12;
    /// Maximum length in characters; Cognito's limit.
    pub const MAX: usize = 256;
    /// Shorter parts of an address or a name are ignored: they occur in many words.
    const MIN_PART_LENGTH: usize = 4;
    /// Minimum number of distinct characters.
    const MIN_DISTINCT: usize = 5;

    /// Validates a password that its owner chooses.
    pub fn choose(text: String, owner: Owner<'_>) -> Result<Self, WeakPassword> {
        match text.chars().count() {
            0..Self::MIN => return Err(WeakPassword::TooShort),
            Self::MIN..=Self::MAX => {}
            _ => return Err(WeakPassword::TooLong),
        }
        if text.chars().any(char::is_control) {
            return Err(WeakPassword::ControlCharacter);
        }
        if text.trim() != text {
            return Err(WeakPassword::OuterSpace);
        }

        let lower = text.to_lowercase();
        if is_common(&lower) {
            return Err(WeakPassword::Common);
        }
        if is_repetitive(&lower) {
            return Err(WeakPassword::Repetitive);
        }
        if owner.parts().any(|part| lower.contains(&part)) {
            return Err(WeakPassword::AboutOwner);
        }

        Ok(Self(text))
    }

    /// The text, for the call that stores it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(hidden)")
    }
}

impl Owner<'_> {
    fn parts(self) -> impl Iterator<Item = String> {
        let address = self.email.map(Email::as_str);
        let mailbox = address.and_then(|address| address.split('@').next());

        [address, mailbox, self.name]
            .into_iter()
            .flatten()
            .map(str::to_lowercase)
            .filter(|part| part.chars().count() >= Password::MIN_PART_LENGTH)
    }
}

/// Whether the text is on the list, as it is or without the digits and signs at both ends: `Password2026!`.
fn is_common(lower: &str) -> bool {
    let word = lower.trim_matches(|c: char| !c.is_alphabetic());

    COMMON_PASSWORDS.contains(lower) || COMMON_PASSWORDS.contains(word)
}

/// Whether the text has few distinct characters or repeats a shorter text: `aaaaaaaaaaaa`, `passwordpassword`.
fn is_repetitive(lower: &str) -> bool {
    let characters: Vec<char> = lower.chars().collect();
    let distinct: HashSet<&char> = characters.iter().collect();
    let is_period = |period: usize| {
        characters
            .iter()
            .zip(&characters[period..])
            .all(|(one, next)| one == next)
    };

    distinct.len() < Password::MIN_DISTINCT || (1..=characters.len() / 2).any(is_period)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn choose(text: &str) -> Result<(), WeakPassword> {
        let email = "ada.lovelace@example.org".parse().unwrap();
        let owner = Owner {
            email: Some(&email),
            name: Some("Countess Ada"),
        };

        Password::choose(text.to_owned(), owner).map(|_| ())
    }

    #[test]
    fn long_passwords_of_any_letters_are_accepted() {
        for good in [
            "correct horse battery staple",
            "Пароль-из-букв-7",
            "no digits, no capitals",
        ] {
            assert_eq!(choose(good), Ok(()), "{good}");
        }
    }

    #[test]
    fn short_overlong_and_untypable_passwords_are_refused() {
        assert_eq!(choose("elevenchars"), Err(WeakPassword::TooShort));
        assert_eq!(choose(&"aé7-b".repeat(52)), Err(WeakPassword::TooLong));
        assert_eq!(choose("tab\tin the middle"), Err(WeakPassword::ControlCharacter));
        assert_eq!(choose(" a space before it"), Err(WeakPassword::OuterSpace));
    }

    #[test]
    fn common_passwords_are_refused() {
        for common in [
            "passwordpassword",
            "Password12345",
            "PASSWORD!!!!!",
            "2026dragon2026!",
            "qwertyuiop12",
            "1q2w3e4r5t6y",
        ] {
            assert!(
                matches!(choose(common), Err(WeakPassword::Common | WeakPassword::Repetitive)),
                "{common}"
            );
        }
    }

    #[test]
    fn patterns_are_refused() {
        for pattern in ["aaaaaaaaaaaa", "abcabcabcabc", "112211221122", "xyzzy-xyzzy-xyzzy-"] {
            assert_eq!(choose(pattern), Err(WeakPassword::Repetitive), "{pattern}");
        }
    }

    #[test]
    fn the_address_and_the_name_are_refused() {
        for own in [
            "ada.lovelace@example.org",
            "my-Ada.Lovelace-films",
            "the countess ada 7",
        ] {
            assert_eq!(choose(own), Err(WeakPassword::AboutOwner), "{own}");
        }
    }

    #[test]
    fn a_password_is_never_printed_for_debugging() {
        let email = "ada@example.org".parse().unwrap();
        let owner = Owner {
            email: Some(&email),
            name: None,
        };
        let password = Password::choose("correct horse battery staple".to_owned(), owner).unwrap();

        assert!(!format!("{password:?}").contains("horse"));
    }

    proptest! {
        #[test]
        fn an_accepted_password_has_a_valid_length(text in any::<String>()) {
            if let Ok(()) = choose(&text) {
                prop_assert!((Password::MIN..=Password::MAX).contains(&text.chars().count()));
            }
        }
    }
}
