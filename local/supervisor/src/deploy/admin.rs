//! The first admin: somebody has to be able to sign in and look after the pipeline.

use std::{
    fs,
    path::{Path, PathBuf},
};

use marquee_standin::secret;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Target, aws_cli};
use crate::config::Config;

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
    /// The password, if it is known here: another checkout may have made the admin, and on AWS the person chooses it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) password: Option<String>,
}

impl Admin {
    /// The one that is known in this home.
    pub(crate) fn of(home: &Path) -> Option<Self> {
        serde_json::from_slice(&fs::read(Self::file(home)).ok()?).ok()
    }

    fn file(home: &Path) -> PathBuf {
        home.join("admin.json")
    }

    /// Only this person may read it.
    fn save(&self, home: &Path) -> anyhow::Result<()> {
        secret::save(&Self::file(home), &serde_json::to_vec_pretty(self)?)
    }
}

/// The account of the address in the user pool.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Account {
    /// There is none.
    Missing,
    /// It was made and has no password that anyone could sign in with or reset.
    Unfinished,
    /// It has a password.
    Usable,
}

/// What happens to the password.
#[derive(Clone, Debug, Eq, PartialEq)]
enum Password {
    /// It stays as it is.
    Keep,
    /// It becomes this one.
    Set(String),
    /// It becomes one that is not kept anywhere: the person sets one of their own by a mailed code.
    Unknown,
}

impl Password {
    /// A password that exists is replaced only by one that the operator gave: another checkout, or the person, may have chosen it.
    fn of(account: Account, config: &Config, known: Option<&Admin>, cloud: Cloud) -> anyhow::Result<Self> {
        let known = known.and_then(|known| known.password.clone());
        Ok(match (&config.admin_password, account) {
            (Some(given), Account::Usable) if known.as_ref() == Some(given) => Self::Keep,
            (Some(given), _) => Self::Set(given.clone()),
            (None, Account::Usable) => Self::Keep,
            (None, Account::Missing | Account::Unfinished) => match cloud {
                Cloud::Local => Self::Set(known.map_or_else(random_password, Ok)?),
                Cloud::Aws => Self::Unknown,
            },
        })
    }
}

/// Where the admin is made.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Cloud {
    /// A password on this machine protects nothing but this machine.
    Local,
    /// No password is kept where deployments run.
    Aws,
}

/// Makes the admin, or makes sure that the one that is there is in the admins' groups. Does nothing when that was done.
pub(super) async fn ensure(target: &Target<'_>, user_pool: &str) -> anyhow::Result<()> {
    let (config, home) = (target.config, target.home());
    let known = Admin::of(&home);
    let cloud = if target.environment().is_some() {
        Cloud::Aws
    } else {
        Cloud::Local
    };
    let email = config
        .admin_email
        .clone()
        .or_else(|| Some(known.as_ref()?.email.clone()));
    let email = match (email, cloud) {
        (Some(email), _) => email,
        (None, Cloud::Local) => DEFAULT_EMAIL.to_owned(),
        (None, Cloud::Aws) => {
            anyhow::ensure!(
                has_admin(target, user_pool).await?,
                "who is the first admin? Set MARQUEE_ADMIN_EMAIL"
            );
            return Ok(());
        }
    };
    let known = known.filter(|known| known.email == email);
    let note = target.notes()?.join("admin");
    let done = format!("{user_pool} {email}");
    let as_configured = |known: &Admin| config.admin_password.is_none() || known.password == config.admin_password;
    if known.as_ref().is_some_and(as_configured) && fs::read_to_string(&note).is_ok_and(|noted| noted == done) {
        return Ok(());
    }

    let person = json!({ "UserPoolId": user_pool, "Username": email });
    let account = account(target, &person).await?;
    if account == Account::Missing {
        create(target, &person, &email).await?;
    }
    let password = match Password::of(account, config, known.as_ref(), cloud)? {
        Password::Keep => known.and_then(|known| known.password),
        Password::Set(password) => {
            set_password(target, &person, &password).await?;
            Some(password)
        }
        Password::Unknown => {
            set_password(target, &person, &random_password()?).await?;
            eprintln!(
                "the first admin is {email}: set a password by \"Forgot your password?\" on the site's sign-in page"
            );
            None
        }
    };
    for group in GROUPS {
        let member = with(&person, json!({ "GroupName": group }));
        aws_cli::call(target, ["cognito-idp", "admin-add-user-to-group"], &member).await?;
    }
    Admin { email, password }.save(&home)?;
    fs::write(note, done)?;
    Ok(())
}

/// Whether the pool has an admin, whoever it is.
async fn has_admin(target: &Target<'_>, user_pool: &str) -> anyhow::Result<bool> {
    let question = json!({ "UserPoolId": user_pool, "GroupName": GROUPS[0], "Limit": 1 });
    let answer = aws_cli::call(target, ["cognito-idp", "list-users-in-group"], &question).await?;
    Ok(answer["Users"].as_array().is_some_and(|users| !users.is_empty()))
}

async fn account(target: &Target<'_>, person: &Value) -> anyhow::Result<Account> {
    match aws_cli::call(target, ["cognito-idp", "admin-get-user"], person).await {
        Ok(user) if user["UserStatus"] == "FORCE_CHANGE_PASSWORD" => Ok(Account::Unfinished),
        Ok(_) => Ok(Account::Usable),
        Err(error) if format!("{error:#}").contains("UserNotFoundException") => Ok(Account::Missing),
        Err(error) => Err(error),
    }
}

async fn create(target: &Target<'_>, person: &Value, email: &str) -> anyhow::Result<()> {
    let attributes = json!([
        { "Name": "email", "Value": email },
        // Else a code to reset the password with would not be mailed.
        { "Name": "email_verified", "Value": "true" },
        { "Name": "name", "Value": "Admin" },
    ]);
    let new = with(
        person,
        json!({ "MessageAction": "SUPPRESS", "UserAttributes": attributes }),
    );
    aws_cli::call(target, ["cognito-idp", "admin-create-user"], &new).await?;
    Ok(())
}

async fn set_password(target: &Target<'_>, person: &Value, password: &str) -> anyhow::Result<()> {
    let input = with(person, json!({ "Password": password, "Permanent": true }));
    aws_cli::call(target, ["cognito-idp", "admin-set-user-password"], &input).await?;
    Ok(())
}

fn with(person: &Value, more: Value) -> Value {
    let mut input = person.clone();
    if let (Some(input), Value::Object(more)) = (input.as_object_mut(), more) {
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
            admin_password: None,
            ..Config::from_env().unwrap()
        };
        (home, config)
    }

    fn known(password: &str) -> Admin {
        Admin {
            email: DEFAULT_EMAIL.to_owned(),
            password: Some(password.to_owned()),
        }
    }

    #[test]
    fn a_password_that_exists_is_replaced_by_a_given_one_only() {
        let (_home, mut config) = installation();
        for cloud in [Cloud::Local, Cloud::Aws] {
            for known in [None, Some(&known("Known-1"))] {
                let kept = Password::of(Account::Usable, &config, known, cloud).unwrap();
                assert_eq!(kept, Password::Keep);
            }
        }

        config.admin_password = Some("Given-1".to_owned());
        let set = Password::Set("Given-1".to_owned());
        for account in [Account::Missing, Account::Unfinished, Account::Usable] {
            assert_eq!(Password::of(account, &config, None, Cloud::Aws).unwrap(), set);
        }
        let same = Password::of(Account::Usable, &config, Some(&known("Given-1")), Cloud::Local).unwrap();
        assert_eq!(same, Password::Keep);
    }

    #[test]
    fn a_new_admin_has_a_password_here_on_the_local_cloud_only() {
        let (_home, config) = installation();
        for account in [Account::Missing, Account::Unfinished] {
            assert_eq!(
                Password::of(account, &config, None, Cloud::Aws).unwrap(),
                Password::Unknown
            );
            let set = Password::of(account, &config, Some(&known("Known-1")), Cloud::Local).unwrap();
            assert_eq!(set, Password::Set("Known-1".to_owned()));
            let random = |_| Password::of(account, &config, None, Cloud::Local).unwrap();
            assert_ne!(random(1), random(2));
        }
    }

    #[test]
    fn nobody_else_may_read_the_password() {
        let (_home, config) = installation();
        let admin = known("Known-1");
        admin.save(&config.home).unwrap();

        assert!(Admin::of(&config.home).unwrap() == admin);
        let mode = fs::metadata(Admin::file(&config.home)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
