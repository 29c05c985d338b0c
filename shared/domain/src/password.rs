//! Passwords that people choose: long, and not one that everybody tries first. There are no rules about kinds of characters.

use std::{collections::HashSet, fmt, sync::LazyLock};

use crate::account::Email;

/// One line each, in byte order; lines that start with `#` say where it is from.
const COMMON: &str = include_str!("password/common.txt");

static COMMON_PASSWORDS: LazyLock<HashSet<&str>> =
    LazyLock::new(|| COMMON.lines().filter(|line| !line.starts_with('#')).collect());

/// A password that somebody may choose: never shown, never logged.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

/// Why a password was refused, as the form shows it.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
pub enum WeakPassword {
    /// Too few characters.
    #[error("must have at least 12 characters")]
    TooShort,
    /// More characters than Cognito takes.
    #[error("must have at most 256 characters")]
    TooLong,
    /// A character that cannot be typed into every form.
    #[error("must not contain control characters")]
    ControlCharacter,
    /// Forms and people drop such a space.
    #[error("must not begin or end with a space")]
    OuterSpace,
    /// On the list of common passwords, perhaps with digits or signs around it.
    #[error("is too common: others try it first")]
    Common,
    /// A few characters over and over.
    #[error("repeats itself: choose one with more variety")]
    Repetitive,
    /// It contains the address or the name.
    #[error("must not contain your address or your name")]
    AboutOwner,
}

/// Who chooses a password: what it must not contain.
#[derive(Clone, Copy, Debug)]
pub struct Owner<'a> {
    /// The address, if it is one.
    pub email: Option<&'a Email>,
    /// The name that others see, where it is known.
    pub name: Option<&'a str>,
}

impl Password {
    /// The fewest characters.
    pub const MIN: usize = 12;
    /// The most characters.
    pub const MAX: usize = 256;
    /// Shorter parts of an address or a name are in many words.
    const MIN_PART_LENGTH: usize = 4;
    /// Fewer different characters are a pattern.
    const MIN_DISTINCT: usize = 5;

    /// The password, if its owner may choose it.
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

    /// The text, for the one who stores it.
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

/// Whether it is on the list as it is, or when what is not a letter is taken off both ends: `Password2026!`.
fn is_common(lower: &str) -> bool {
    let word = lower.trim_matches(|c: char| !c.is_alphabetic());

    COMMON_PASSWORDS.contains(lower) || COMMON_PASSWORDS.contains(word)
}

/// Whether it is a few characters, or a shorter text over and over: `aaaaaaaaaaaa`, `passwordpassword`.
fn is_repetitive(lower: &str) -> bool {
    let characters: Vec<char> = lower.chars().collect();
    let different: HashSet<&char> = characters.iter().collect();
    let is_period = |period: usize| {
        characters
            .iter()
            .zip(&characters[period..])
            .all(|(one, next)| one == next)
    };

    different.len() < Password::MIN_DISTINCT || (1..=characters.len() / 2).any(is_period)
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
    fn long_ones_of_any_letters_are_good() {
        for good in [
            "correct horse battery staple",
            "Пароль-из-букв-7",
            "no digits, no capitals",
        ] {
            assert_eq!(choose(good), Ok(()), "{good}");
        }
    }

    #[test]
    fn short_long_and_untypable_ones_are_refused() {
        assert_eq!(choose("elevenchars"), Err(WeakPassword::TooShort));
        assert_eq!(choose(&"aé7-b".repeat(52)), Err(WeakPassword::TooLong));
        assert_eq!(choose("tab\tin the middle"), Err(WeakPassword::ControlCharacter));
        assert_eq!(choose(" a space before it"), Err(WeakPassword::OuterSpace));
    }

    #[test]
    fn what_many_people_use_is_refused() {
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
        fn whatever_is_typed_gets_an_answer(text in any::<String>()) {
            if let Ok(()) = choose(&text) {
                prop_assert!((Password::MIN..=Password::MAX).contains(&text.chars().count()));
            }
        }
    }
}
