//! Accounts: a person's sign-in, and what it may do.

use std::{fmt, str::FromStr};

use kernel::{
    Timestamp,
    id::{AccountId, CreatorId},
    text::{self, InvalidText},
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

/// What an account may do beyond watching. The wire names are those of the Cognito groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(examples("creator"))]
pub enum Role {
    /// Watches. Every signed-in account is a viewer; there is no group for it.
    Viewer,
    /// Uploads and manages titles of their own.
    Creator,
    /// Runs the installation.
    Admin,
}

impl Role {
    /// The name of the Cognito group, if there is one.
    #[must_use]
    pub const fn group(self) -> Option<&'static str> {
        match self {
            Self::Viewer => None,
            Self::Creator => Some("creator"),
            Self::Admin => Some("admin"),
        }
    }

    /// The role of a Cognito group; groups that are not ours give none.
    #[must_use]
    pub fn from_group(group: &str) -> Option<Self> {
        [Self::Creator, Self::Admin]
            .into_iter()
            .find(|role| role.group() == Some(group))
    }
}

/// The caller of a route: an account and its roles. The roles were looked up for this request, not taken from the access token, whose
/// claims may be fifteen minutes old.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The account.
    pub id: AccountId,
    /// Its roles beyond viewer.
    pub roles: Vec<Role>,
}

/// What an account may do at this moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccountStatus {
    /// It is in use, and has these roles.
    Active(Vec<Role>),
    /// An admin has disabled it.
    Disabled,
    /// There is no such account (any more).
    Deleted,
}

impl Person {
    /// Whether this person has `role`. Every person is a viewer.
    #[must_use]
    pub fn is(&self, role: Role) -> bool {
        role == Role::Viewer || self.roles.contains(&role)
    }

    /// Whether this person may create titles and upload films: creators and admins.
    #[must_use]
    pub fn may_publish(&self) -> bool {
        self.is(Role::Creator) || self.is(Role::Admin)
    }
}

/// The public id of the account that created a title. The account id is Cognito's user name, which only the account and admins may
/// see. It is random and never public, so this hash of it cannot be reversed.
#[must_use]
pub fn creator_id(account: AccountId) -> CreatorId {
    let digest = Sha256::new()
        .chain_update("marquee creator\n")
        .chain_update(account.as_bytes())
        .finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);

    CreatorId::from_digest(bytes)
}

/// An account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Its id, Cognito's `sub`.
    pub id: AccountId,
    /// The email address. Personal: never logged.
    pub email: Email,
    /// The name that others see.
    pub display_name: DisplayName,
    /// When the account was confirmed.
    pub created_at: Timestamp,
}

/// An email address in lower case. An address that a person types must be deliverable and ASCII: Amazon SES accepts no other mailbox
/// names, host names have an ASCII form, and ASCII has no invisible or look-alike characters.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Email(String);

/// The text is not an email address.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
#[error("must be an email address such as ada@example.org")]
pub struct InvalidEmail;

/// The signs that a mailbox name may contain (RFC 5322, `atext`).
const MAILBOX_SIGNS: &str = "!#$%&'*+/=?^_`{|}~-";

impl FromStr for Email {
    type Err = InvalidEmail;

    fn from_str(text: &str) -> Result<Self, InvalidEmail> {
        let text = text.trim().to_lowercase();
        let (mailbox, host) = text.split_once('@').ok_or(InvalidEmail)?;
        let (_, top_level) = host.rsplit_once('.').ok_or(InvalidEmail)?;

        let atom = |atom: &str| {
            let fits = |c: char| c.is_ascii_alphanumeric() || MAILBOX_SIGNS.contains(c);
            !atom.is_empty() && atom.chars().all(fits)
        };
        let label = |label: &str| {
            let fits = |c: char| c.is_ascii_alphanumeric() || c == '-';
            (1..=63).contains(&label.len())
                && label.chars().all(fits)
                && !label.starts_with('-')
                && !label.ends_with('-')
        };
        let is_name = top_level.len() > 1 && !top_level.starts_with(|c: char| c.is_ascii_digit());
        if text.len() > Self::MAX || !mailbox.split('.').all(atom) || !host.split('.').all(label) || !is_name {
            return Err(InvalidEmail);
        }

        Ok(Self(text))
    }
}

impl Email {
    /// Maximum length in characters; Cognito's limit.
    pub const MAX: usize = 128;

    /// The address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The address without a tag: many mail services ignore the part of the mailbox name after a `+`.
    #[must_use]
    pub fn mailbox(&self) -> String {
        match self.0.split_once('@') {
            Some((mailbox, host)) => format!("{}@{host}", mailbox.split('+').next().unwrap_or_default()),
            None => self.0.clone(),
        }
    }
}

impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Email(hidden)")
    }
}

impl TryFrom<String> for Email {
    type Error = InvalidEmail;

    /// Reads a stored address: one that was accepted under an older rule stays valid. No rule ever accepted white space or control
    /// characters, which Cognito refuses.
    fn try_from(text: String) -> Result<Self, InvalidEmail> {
        let text = text.trim().to_lowercase();
        if text.len() > Self::MAX || text.contains(|c: char| c.is_whitespace() || c.is_control()) {
            return Err(InvalidEmail);
        }

        match text.split_once('@') {
            Some((mailbox, host)) if !mailbox.is_empty() && !host.is_empty() => Ok(Self(text)),
            _ => Err(InvalidEmail),
        }
    }
}

impl From<Email> for String {
    fn from(email: Email) -> Self {
        email.0
    }
}

/// The name that others see: one line of at most 64 characters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DisplayName(
    // Stored names are not validated again: a stricter rule must not make an account unreadable.
    String,
);

/// Why a display name was refused.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum NameRefused {
    /// It is not a valid name.
    #[error(transparent)]
    Invalid(#[from] InvalidText),
    /// It looks like an official account of the installation.
    #[error("is reserved for the people who run this service: choose another name")]
    Reserved,
}

/// Reserved words. A name that consists only of these words looks official.
const RESERVED: [&str; 14] = [
    "marquee",
    "admin",
    "admins",
    "administrator",
    "administration",
    "moderator",
    "moderation",
    "support",
    "security",
    "staff",
    "team",
    "official",
    "system",
    "root",
];

impl DisplayName {
    /// Maximum length in characters.
    pub const MAX: usize = 64;

    /// Validates a name that a person chooses. Names that look official are refused.
    pub fn chosen(name: String) -> Result<Self, NameRefused> {
        let name = Self::try_from(name)?;

        if is_official(&text::skeleton(&name.0)) {
            Err(NameRefused::Reserved)
        } else {
            Ok(name)
        }
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether the skeleton of a name is one or several reserved words in a row (`marqueesupport`).
fn is_official(skeleton: &str) -> bool {
    !skeleton.is_empty()
        && RESERVED.iter().any(|word| {
            skeleton
                .strip_prefix(&text::skeleton(word))
                .is_some_and(|rest| rest.is_empty() || is_official(rest))
        })
}

impl TryFrom<String> for DisplayName {
    type Error = InvalidText;

    fn try_from(name: String) -> Result<Self, InvalidText> {
        text::line(&name, Self::MAX).map(Self)
    }
}

impl From<DisplayName> for String {
    fn from(name: DisplayName) -> Self {
        name.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_deliverable_addresses_are_accepted() {
        for good in [
            "ada@example.org",
            " Ada.Lovelace+films@mail.example.co.uk ",
            "o'hara@xn--bcher-kva.example",
        ] {
            assert!(good.parse::<Email>().is_ok(), "{good}");
        }
        for bad in [
            "",
            "ada",
            "@example.org",
            "ada@",
            "ada@localhost",
            "a b@example.org",
            "a@b@example.org",
            "a@.org",
            ".@x.y",
            ".ada@example.org",
            "ada.@example.org",
            "ada..l@example.org",
            "a@-.-",
            "ada@-example.org",
            "ada@example-.org",
            "ada@example.o",
            "ada@192.0.2.1",
            "ada\u{200b}@example.org",
            "ada@exam\u{3164}ple.org",
            "\u{430}da@example.org",
            "ada@example.org\u{202e}",
        ] {
            assert_eq!(bad.parse::<Email>(), Err(InvalidEmail), "{bad:?}");
        }
    }

    #[test]
    fn addresses_with_a_tag_share_a_mailbox() {
        let mailbox = |address: &str| address.parse::<Email>().unwrap().mailbox();

        assert_eq!(mailbox("ada+films+2@example.org"), "ada@example.org");
        assert_eq!(mailbox("ada@example.org"), "ada@example.org");
    }

    #[test]
    fn a_stored_address_stays_valid() {
        let old: Email = serde_json::from_str(r#"".Bücher@x.y""#).unwrap();

        assert_eq!(old.as_str(), ".bücher@x.y");
        assert!(serde_json::from_str::<Email>(r#""no address""#).is_err());
    }

    #[test]
    fn no_account_has_an_address_with_white_space_or_control_characters() {
        for bad in [
            "a b@example.org",
            "ada@exam\tple.org",
            "ada@example.org\nx",
            "ada\u{7}@example.org",
            "ada\u{a0}@example.org",
        ] {
            assert_eq!(Email::try_from(bad.to_owned()), Err(InvalidEmail), "{bad:?}");
        }
    }

    #[test]
    fn an_address_is_never_printed_for_debugging() {
        let email: Email = "ada@example.org".parse().unwrap();

        assert!(!format!("{email:?}").contains("ada"));
    }

    #[test]
    fn a_creator_id_is_stable_and_differs_from_the_account_id() {
        let account: AccountId = "0192f7a4-6f0e-7cc2-b3a1-5a1f0f6f9d11".parse().unwrap();

        // From Python: sha256(b"marquee creator\n" + account.bytes)[:16], with version 8.
        assert_eq!(creator_id(account).to_string(), "505f8a69-db3d-8d3b-b7d2-61c219bbbb7b");
        assert_ne!(creator_id(account), creator_id(AccountId::mint(Timestamp::UNIX_EPOCH)));
    }

    #[test]
    fn a_name_that_looks_official_is_refused() {
        for name in [
            "Admin",
            "  ADMIN ",
            "Аdmin",
            "Marquee",
            "Marquee Support",
            "The\u{200B}",
            "adm1n",
            "Sy-stem",
        ] {
            let chosen = DisplayName::chosen(name.to_owned());
            assert_eq!(chosen.is_err(), name != "The\u{200B}", "{name}");
        }
        for name in ["Ada Lovelace", "Admiral", "Marqueeline", "Supporter", "日本", "Rooth"] {
            assert!(DisplayName::chosen(name.to_owned()).is_ok(), "{name}");
        }
        assert_eq!(
            DisplayName::chosen("\u{3164}".to_owned()),
            Err(NameRefused::Invalid(InvalidText::Invisible))
        );
    }

    #[test]
    fn a_stored_name_stays_valid() {
        let stored: DisplayName = serde_json::from_str("\"\u{200B}\"").unwrap();

        assert_eq!(stored.as_str(), "\u{200B}");
    }

    #[test]
    fn every_person_is_a_viewer() {
        let person = Person {
            id: AccountId::mint(Timestamp::UNIX_EPOCH),
            roles: vec![Role::Creator],
        };

        assert!(person.is(Role::Viewer) && person.is(Role::Creator) && !person.is(Role::Admin));
    }
}
