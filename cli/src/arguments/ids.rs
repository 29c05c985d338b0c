//! Ids on the command line: UUIDs in lower case with hyphens, as the API spells them.

/// The id of a title.
pub(super) fn title(text: &str) -> Result<String, String> {
    parsed(text)
        .ok_or_else(|| "this is not the id of a title: `marquee titles` lists them, with --mine yours".to_owned())
}

/// The id of an account. An address is no id, but finds one.
pub(super) fn account(text: &str) -> Result<String, String> {
    parsed(text).ok_or_else(|| {
        if text.contains('@') {
            return format!(
                "this is an address, not the id of an account: `marquee admin accounts --email {text}` shows the id"
            );
        }
        "this is not the id of an account: `marquee admin accounts` lists them".to_owned()
    })
}

fn parsed(text: &str) -> Option<String> {
    let is_id = text.len() == 36
        && text.bytes().enumerate().all(|(index, byte)| match index {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte),
        });

    is_id.then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "0192f7a4-6f0e-7cc2-b3a1-5a1f0f6f9d11";

    #[test]
    fn only_the_spelling_of_the_api_is_an_id() {
        assert_eq!(title(ID).as_deref(), Ok(ID));
        assert_eq!(account(ID).as_deref(), Ok(ID));
        for text in [
            "",
            "xyz",
            &ID[1..],
            &ID.to_uppercase(),
            &ID.replace('-', "0"),
            &ID.replace('a', "g"),
        ] {
            assert!(title(text).is_err(), "{text}");
            assert!(account(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_address_finds_the_id_of_an_account() {
        assert!(
            account("ada@example.org")
                .unwrap_err()
                .contains("--email ada@example.org")
        );
        assert!(!account("nope").unwrap_err().contains("--email"));
    }
}
