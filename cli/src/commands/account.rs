//! `sign-up`, `confirm`, `sign-in`, `sign-out`, `whoami`.

use std::io::{self, BufRead as _, Write as _};

use serde_json::{Value, json};

use crate::api::types::{Me, Tokens};
use crate::api::{Api, Repeat};
use crate::arguments::{Confirm, Password, Role, SignIn, SignUp};
use crate::clock;
use crate::credentials::Credentials;
use crate::failure::{Exit, Failure};
use crate::output::{Output, can_ask, note, understood};

pub(super) async fn sign_up(api: &Api, options: SignUp, output: Output) -> Result<(), Failure> {
    let email = email(options.email)?;
    let body = json!({
        "email": email,
        "password": password(options.password)?,
        "display_name": options.name,
        "role": match options.role {
            Role::Viewer => "viewer",
            Role::Creator => "creator",
        },
    });
    let answer = api
        .post_openly("api/auth/sign-up", &body, Repeat::OnlyUnsent)
        .await
        .map_err(|failure| advising(failure, "sign in with `marquee sign-in`, or use another address"))?;
    output.document(&answer, |answer: Value| {
        let to = answer["delivery"]["destination"].as_str().unwrap_or("your address");
        format!("a code was sent to {to}; now: marquee confirm --email {email} --code CODE")
    })
}

pub(super) async fn confirm(api: &Api, options: Confirm, output: Output) -> Result<(), Failure> {
    let email = email(options.email)?;
    let code = match options.code {
        Some(code) => code,
        None => ask("code from the e-mail", "--code")?,
    };
    api.post_openly(
        "api/auth/confirm",
        &json!({ "email": email, "code": code.trim() }),
        Repeat::OnlyUnsent,
    )
    .await
    .map_err(|failure| advising(failure, "sign in with `marquee sign-in`"))?;
    output.document(&json!({ "email": email, "confirmed": true }), |_: Value| {
        format!("{email} is confirmed; now: marquee sign-in --email {email}")
    })
}

pub(super) async fn sign_in(api: &Api, options: SignIn, output: Output) -> Result<(), Failure> {
    let email = email(options.email)?;
    let body = json!({ "email": email, "password": password(options.password)? });
    let answer = api
        .post_openly("api/auth/sign-in", &body, Repeat::Freely)
        .await
        .map_err(|failure| match failure.exit {
            Exit::Forbidden => failure.advising("check the e-mail address and the password"),
            _ => advising(
                failure,
                "confirm the address with `marquee confirm` and the mailed code",
            ),
        })?;
    let tokens: Tokens = understood(&answer)?;
    let Some(refresh_token) = tokens.refresh_token.clone() else {
        return Err(Failure::new(
            Exit::Unavailable,
            "the service gave no refresh token",
            "tell the operator",
        ));
    };
    api.remember(Credentials {
        email: email.clone(),
        expires_at: tokens.expires_at(clock::now()),
        access_token: tokens.access_token,
        refresh_token,
    })?;
    let url = api.config().url.as_str();
    output.document(&json!({ "email": email, "url": url, "signed_in": true }), |_: Value| {
        format!("signed in to {url} as {email}")
    })
}

pub(super) async fn sign_out(api: &Api, output: Output) -> Result<(), Failure> {
    if let Some(credentials) = api.session() {
        let body = json!({ "refresh_token": credentials.refresh_token });
        let answer = api.post_openly("api/auth/sign-out", &body, Repeat::Freely).await;
        // The sign-in is forgotten here even when the service cannot be told.
        api.forget()?;
        if let Err(failure) = answer {
            note(&format!("note: the service was not told: {}", failure.message));
        }
    }
    output.document(&json!({ "signed_in": false }), |_: Value| "signed out".into())
}

pub(super) async fn whoami(api: &Api, output: Output) -> Result<(), Failure> {
    let me = api.get("api/me").await?;
    output.document(&me, |me: Me| {
        let roles = if me.roles.is_empty() {
            "viewer".into()
        } else {
            me.roles.join(", ")
        };
        format!("{} <{}>, {roles}, account {}", me.display_name, me.email, me.account_id)
    })
}

/// What helps in a conflict is known to the command only: there is no title to look at.
fn advising(failure: Failure, advice: &str) -> Failure {
    match failure.status {
        Some(409) => failure.advising(advice),
        _ => failure,
    }
}

fn email(given: Option<String>) -> Result<String, Failure> {
    given.map_or_else(|| ask("e-mail", "--email"), Ok)
}

fn password(given: Password) -> Result<String, Failure> {
    let unreadable = |error: io::Error| Failure::usage(format!("the password cannot be read: {error}"), "");
    if given.password_stdin {
        let mut line = String::new();
        io::stdin().lock().read_line(&mut line).map_err(unreadable)?;
        return Ok(line.trim_end_matches(['\r', '\n']).to_owned());
    }
    if let Some(password) = given.password {
        return Ok(password);
    }
    if !can_ask() {
        return Err(Failure::usage(
            "a password is needed and there is no terminal to ask for it",
            "use --password-stdin or set MARQUEE_PASSWORD",
        ));
    }
    rpassword::prompt_password("password: ").map_err(unreadable)
}

/// Asks on the terminal; a script gets told which option it forgot.
fn ask(what: &str, option: &str) -> Result<String, Failure> {
    if !can_ask() {
        return Err(Failure::usage(
            format!("the {what} is missing"),
            format!("give {option}"),
        ));
    }
    let unreadable = |error: io::Error| Failure::usage(format!("the {what} cannot be read: {error}"), "");
    write!(io::stderr(), "{what}: ")
        .and_then(|()| io::stderr().flush())
        .map_err(unreadable)?;
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line).map_err(unreadable)?;
    Ok(line.trim().to_owned())
}
