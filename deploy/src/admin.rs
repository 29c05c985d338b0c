//! The first admin of an installation, who can sign in and give roles to others.

use std::{
    fs,
    path::{Path, PathBuf},
};

use marquee_standin::{files, secret};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{Target, aws_cli};

/// The email address when the operator gave none.
const DEFAULT_EMAIL: &str = "admin@marquee.local";
/// The first admin is in all of these groups.
const GROUPS: [&str; 2] = ["admin", "creator"];
/// A suffix with a character of every kind that password policies require.
const PASSWORD_SUFFIX: &str = "-Aa1";

/// How the first admin signs in.
#[derive(Clone, Deserialize, Eq, PartialEq, Serialize)]
pub struct Admin {
    /// The email address.
    pub email: String,
    /// The password, if this checkout knows it: another one may have created the admin, and on AWS the admin chooses it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
}

impl Admin {
    /// The admin that is saved in this home.
    #[must_use]
    pub fn read(home: &Path) -> Option<Self> {
        serde_json::from_slice(&fs::read(Self::file(home)).ok()?).ok()
    }

    fn file(home: &Path) -> PathBuf {
        home.join("admin.json")
    }

    /// Only the file's owner may read it.
    fn save(&self, home: &Path) -> anyhow::Result<()> {
        files::replace(&Self::file(home), &serde_json::to_vec_pretty(self)?)
    }
}

/// The account of the address in the user pool.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Account {
    /// It does not exist.
    Missing,
    /// It has no password that the admin could sign in with or reset.
    Unfinished,
    /// It has a password.
    Usable,
}

/// The change of the password.
#[derive(Clone, Debug, Eq, PartialEq)]
enum Password {
    /// It remains.
    Keep,
    /// It becomes this one.
    Set(String),
    /// It becomes one that is not stored anywhere: the admin sets one of their own by a mailed code.
    Unknown,
}

impl Password {
    /// Only a password that the operator gave replaces an existing one, which another checkout or the admin may have chosen.
    fn choose(account: Account, given: Option<&str>, known: Option<&Admin>, target: &Target) -> anyhow::Result<Self> {
        let known = known.and_then(|known| known.password.clone());
        Ok(match (given, account) {
            (Some(given), Account::Usable) if known.as_deref() == Some(given) => Self::Keep,
            (Some(given), _) => Self::Set(given.to_owned()),
            (None, Account::Usable) => Self::Keep,
            // It protects this machine only, and may be stored on it.
            (None, Account::Missing | Account::Unfinished) if target.is_local() => {
                Self::Set(known.map_or_else(random_password, Ok)?)
            }
            (None, Account::Missing | Account::Unfinished) => Self::Unknown,
        })
    }
}

/// Creates the admin if it does not exist, and adds it to its groups. Skipped when the record says that this was done.
pub(crate) async fn ensure(target: &Target, user_pool: &str) -> anyhow::Result<()> {
    let (installation, home) = (&target.installation, target.home());
    let known = Admin::read(&home);
    let email = installation
        .admin_email
        .clone()
        .or_else(|| Some(known.as_ref()?.email.clone()));
    let email = match email {
        Some(email) => email,
        None if target.is_local() => DEFAULT_EMAIL.to_owned(),
        None => {
            anyhow::ensure!(
                has_admin(target, user_pool).await?,
                "there is no admin yet: set MARQUEE_ADMIN_EMAIL to the first admin's address"
            );
            return Ok(());
        }
    };
    let known = known.filter(|known| known.email == email);
    let record = target.records()?.join("admin");
    let done = format!("{user_pool} {email}");
    let given = &installation.admin_password;
    let is_current = |known: &Admin| given.is_none() || known.password == *given;
    if known.as_ref().is_some_and(is_current) && fs::read_to_string(&record).is_ok_and(|recorded| recorded == done) {
        return Ok(());
    }

    let person = json!({ "UserPoolId": user_pool, "Username": email });
    let account = account(target, &person).await?;
    if account == Account::Missing {
        create(target, &person, &email).await?;
    }
    let password = match Password::choose(account, given.as_deref(), known.as_ref(), target)? {
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
    fs::write(record, done)?;
    Ok(())
}

/// Whether the pool has any admin.
async fn has_admin(target: &Target, user_pool: &str) -> anyhow::Result<bool> {
    let request = json!({ "UserPoolId": user_pool, "GroupName": GROUPS[0], "Limit": 1 });
    let answer = aws_cli::call(target, ["cognito-idp", "list-users-in-group"], &request).await?;
    Ok(answer["Users"].as_array().is_some_and(|users| !users.is_empty()))
}

async fn account(target: &Target, person: &Value) -> anyhow::Result<Account> {
    let operation = ["cognito-idp", "admin-get-user"];
    let user = aws_cli::find(target, operation, person, "UserNotFoundException").await?;
    Ok(match user {
        Some(user) if user["UserStatus"] == "FORCE_CHANGE_PASSWORD" => Account::Unfinished,
        Some(_) => Account::Usable,
        None => Account::Missing,
    })
}

async fn create(target: &Target, person: &Value, email: &str) -> anyhow::Result<()> {
    let attributes = json!([
        { "Name": "email", "Value": email },
        // Cognito mails codes to verified addresses only.
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

async fn set_password(target: &Target, person: &Value, password: &str) -> anyhow::Result<()> {
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
    Ok(secret::random()? + PASSWORD_SUFFIX)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;
    use crate::Installation;

    fn targets(folder: &Path) -> [Target; 2] {
        [
            Target::local(Installation::in_folder(folder)),
            Target::aws_in_folder(folder),
        ]
    }

    fn known(password: &str) -> Admin {
        Admin {
            email: DEFAULT_EMAIL.to_owned(),
            password: Some(password.to_owned()),
        }
    }

    #[test]
    fn only_a_given_password_replaces_an_existing_one() {
        let folder = tempfile::tempdir().unwrap();
        let [local, aws] = targets(folder.path());
        for target in [&local, &aws] {
            for known in [None, Some(&known("Known-1"))] {
                let kept = Password::choose(Account::Usable, None, known, target).unwrap();
                assert_eq!(kept, Password::Keep);
            }
        }

        let given = Some("Given-1");
        let set = Password::Set("Given-1".to_owned());
        for account in [Account::Missing, Account::Unfinished, Account::Usable] {
            assert_eq!(Password::choose(account, given, None, &aws).unwrap(), set);
        }
        let same = Password::choose(Account::Usable, given, Some(&known("Given-1")), &local).unwrap();
        assert_eq!(same, Password::Keep);
    }

    #[test]
    fn only_the_local_cloud_stores_the_password_of_a_new_admin() {
        let folder = tempfile::tempdir().unwrap();
        let [local, aws] = targets(folder.path());
        for account in [Account::Missing, Account::Unfinished] {
            assert_eq!(Password::choose(account, None, None, &aws).unwrap(), Password::Unknown);
            let set = Password::choose(account, None, Some(&known("Known-1")), &local).unwrap();
            assert_eq!(set, Password::Set("Known-1".to_owned()));
            let random = |_| Password::choose(account, None, None, &local).unwrap();
            assert_ne!(random(1), random(2));
        }
    }

    #[test]
    fn only_the_owner_may_read_the_password() {
        let home = tempfile::tempdir().unwrap();
        let admin = known("Known-1");
        admin.save(home.path()).unwrap();

        assert!(Admin::read(home.path()).unwrap() == admin);
        let mode = fs::metadata(Admin::file(home.path())).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
