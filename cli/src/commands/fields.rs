//! Names a field that the service refuses as the option or argument that gives it.

use crate::failure::{Exit, Failure};

/// The fields of the bodies that commands send, and what a person gives for them.
const GIVEN_AS: [(&str, &str); 16] = [
    ("name", "`--title`"),
    ("description", "`--description`"),
    ("genres", "`--genre`"),
    ("language", "`--language`"),
    ("visibility", "`--visibility`"),
    ("file_name", "`FILE`"),
    ("size_bytes", "`FILE`"),
    ("content_type", "`--content-type`"),
    ("email", "`--email`"),
    ("code", "`--code`"),
    ("display_name", "`--name`"),
    ("role", "`--role`"),
    ("password", "the password"),
    ("current_password", "the current password"),
    ("new_password", "the new password"),
    ("resume_from", "`--from`"),
];

/// The parameters of queries that are options of the same name.
const QUERY_OPTIONS: [&str; 6] = ["genre", "state", "email", "day", "actor", "target"];

const GENRE_ADVICE: &str = "choose a genre that `marquee genres` lists";

/// The failure in the terms of the command line. A value that the service refuses is an error of the command line.
pub(super) fn in_terms_of_options(mut failure: Failure) -> Failure {
    if failure.status == Some(400) {
        failure.exit = Exit::Usage;
        for name in QUERY_OPTIONS {
            failure.message = failure.message.replace(&format!("`{name}`"), &format!("`--{name}`"));
        }
        if failure.message.contains("`--genre`") {
            failure = failure.with_advice(GENRE_ADVICE);
        }
    }
    let refused = failure.refused_fields();
    let only_one = refused.len() == 1;
    for pointer in refused {
        let Some(given_as) = given_as(&pointer) else { continue };
        let bare = given_as.trim_matches('`');
        failure.exit = Exit::Usage;
        failure.message = failure
            .message
            .replace(&format!("`{pointer}`"), given_as)
            .replace(&format!("\n  {pointer}: "), &format!("\n  {bare}: "))
            .replace("GET /api/genres lists", "`marquee genres` lists");
        if only_one && failure.message.contains("`marquee genres` lists") {
            failure = failure.with_advice(GENRE_ADVICE);
        }
    }

    failure
}

/// What gives the field at a JSON pointer, such as `/genres/1`.
fn given_as(pointer: &str) -> Option<&'static str> {
    let field = pointer.strip_prefix('/')?.split('/').next()?;

    GIVEN_AS
        .iter()
        .find(|(name, _)| *name == field)
        .map(|&(_, given_as)| given_as)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;
    use crate::arguments::Arguments;

    /// The long options and the arguments of a command and of those below it.
    fn given(command: &clap::Command) -> Vec<String> {
        let own = command.get_arguments().map(|argument| match argument.get_long() {
            Some(long) => format!("`--{long}`"),
            None => format!("`{}`", argument.get_id().as_str().to_uppercase()),
        });

        own.chain(command.get_subcommands().flat_map(given)).collect()
    }

    #[test]
    fn each_option_exists() {
        let given = given(&Arguments::command());
        for name in QUERY_OPTIONS {
            assert!(given.contains(&format!("`--{name}`")), "{name}");
        }
        for (field, given_as) in GIVEN_AS.iter().filter(|(_, given_as)| given_as.starts_with('`')) {
            assert!(given.iter().any(|option| option == given_as), "{field}: {given_as}");
        }
    }

    #[test]
    fn an_entry_of_a_list_is_a_part_of_its_field() {
        assert_eq!(given_as("/genres/1"), Some("`--genre`"));
        assert_eq!(given_as("/parts/1/etag"), None);
        assert_eq!(given_as(""), None);
    }
}
