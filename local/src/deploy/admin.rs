//! The first admin: somebody has to be able to sign in and look after the pipeline.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::Target;
use crate::{aws_cli, config::Config, secret};

/// The e-mail address of an admin whose address nobody gave.
const DEFAULT_EMAIL: &str = "admin@marquee.local";
/// The first admin is in all of them.
const GROUPS: [&str; 2] = ["admin", "creator"];
/// What makes a random password one that every policy accepts.
const OF_EVERY_KIND: &str = "-Aa1";

/// How the first admin signs in.
#[derive(Clone, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct Admin {
    /// The e-mail address.
    pub(crate) email: String,
    /// The password.
    pub(crate) password: String,
}

impl Admin {
    /// The one that was made, if one was.
    pub(crate) fn of(home: &Path) -> Option<Self> {
        serde_json::from_slice(&fs::read(Self::file(home)).ok()?).ok()
    }

    fn file(home: &Path) -> PathBuf {
        home.join("admin.json")
    }

    /// The one that is wanted: as configured, else as before, else with a password of chance.
    fn wanted(config: &Config, known: Option<&Self>) -> anyhow::Result<Self> {
        let email = config.admin_email.clone();
        let email = email
            .or_else(|| Some(known?.email.clone()))
            .unwrap_or_else(|| DEFAULT_EMAIL.to_owned());
        let known = known.filter(|known| known.email == email);
        let password = match (&config.admin_password, known) {
            (Some(password), _) => password.clone(),
            (None, Some(known)) => known.password.clone(),
            (None, None) => random_password()?,
        };
        Ok(Self { email, password })
    }

    /// Only this person may read it.
    fn save(&self, home: &Path) -> anyhow::Result<()> {
        secret::save(&Self::file(home), &serde_json::to_vec_pretty(self)?)
    }
}

/// Makes the admin, or gives the one that is there the wanted password and groups. Does nothing when that was done.
pub(super) async fn ensure(target: &Target<'_>, user_pool: &str) -> anyhow::Result<()> {
    let (config, home) = (target.config, target.home());
    let known = Admin::of(&home);
    anyhow::ensure!(
        target.environment().is_none() || known.is_some() || config.admin_email.is_some(),
        "who is the first admin? Set MARQUEE_ADMIN_EMAIL"
    );
    let wanted = Admin::wanted(config, known.as_ref())?;
    let note = target.notes()?.join("admin");
    let done = format!("{user_pool} {}", wanted.email);
    if known.as_ref() == Some(&wanted) && fs::read_to_string(&note).is_ok_and(|noted| noted == done) {
        return Ok(());
    }
    let person = json!({ "UserPoolId": user_pool, "Username": wanted.email });
    if let Err(error) = aws_cli::call(target, ["cognito-idp", "admin-get-user"], &person).await {
        anyhow::ensure!(format!("{error:#}").contains("UserNotFoundException"), error);
        let attributes = json!([
            { "Name": "email", "Value": wanted.email },
            { "Name": "email_verified", "Value": "true" },
            { "Name": "name", "Value": "Admin" },
        ]);
        let new = with(
            &person,
            json!({ "MessageAction": "SUPPRESS", "UserAttributes": attributes }),
        );
        aws_cli::call(target, ["cognito-idp", "admin-create-user"], &new).await?;
    }
    let password = with(&person, json!({ "Password": wanted.password, "Permanent": true }));
    aws_cli::call(target, ["cognito-idp", "admin-set-user-password"], &password).await?;
    for group in GROUPS {
        let member = with(&person, json!({ "GroupName": group }));
        aws_cli::call(target, ["cognito-idp", "admin-add-user-to-group"], &member).await?;
    }
    wanted.save(&home)?;
    fs::write(note, done)?;
    Ok(())
}

fn with(person: &serde_json::Value, more: serde_json::Value) -> serde_json::Value {
    let mut input = person.clone();
    if let (Some(input), serde_json::Value::Object(more)) = (input.as_object_mut(), more) {
        input.extend(more);
    }
    input
}

fn random_password() -> anyhow::Result<String> {
    Ok(secret::random()? + OF_EVERY_KIND)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn installation() -> (tempfile::TempDir, Config) {
        let home = tempfile::tempdir().unwrap();
        let config = Config {
            home: home.path().to_owned(),
            ..Config::from_env().unwrap()
        };
        (home, config)
    }

    #[test]
    fn a_password_stays_until_another_is_configured() {
        let (_home, mut config) = installation();
        let first = Admin::wanted(&config, None).unwrap();
        assert_eq!(first.email, DEFAULT_EMAIL);
        assert!(Admin::wanted(&config, Some(&first)).unwrap() == first);

        config.admin_password = Some("Configured-1".to_owned());
        assert_eq!(Admin::wanted(&config, Some(&first)).unwrap().password, "Configured-1");
    }

    #[test]
    fn another_person_gets_another_password() {
        let (_home, mut config) = installation();
        let first = Admin::wanted(&config, None).unwrap();
        config.admin_email = Some("ada@example.com".to_owned());

        assert_ne!(Admin::wanted(&config, Some(&first)).unwrap().password, first.password);
    }

    #[test]
    fn nobody_else_may_read_the_password() {
        let (_home, config) = installation();
        let admin = Admin::wanted(&config, None).unwrap();
        admin.save(&config.home).unwrap();

        assert!(Admin::of(&config.home).unwrap() == admin);
        let mode = fs::metadata(Admin::file(&config.home)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
