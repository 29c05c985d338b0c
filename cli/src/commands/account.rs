//! `sign-up`, `confirm`, `resend`, `forgot`, `reset`, `password`, `sign-in`, `sign-out`, `whoami`.

use std::io::{self, BufRead as _, Write as _};

use serde_json::{Value, json};

use crate::api::types::{Me, Tokens};
use crate::api::{Api, Repeat};
use crate::arguments::{Address, ChangePassword, Confirm, Password, Reset, Role, SignIn};
use crate::clock;
use crate::credentials::Credentials;
use crate::failure::{Exit, Failure};
use crate::output::{Output, can_ask, note, understood};

pub(super) async fn sign_up(api: &Api, address: Address, output: Output) -> Result<(), Failure> {
    let email = email(address)?;
    ask_for_code(api, "api/auth/sign-up", &email).await?;
    code_asked(&email, output, "confirm --name NAME")
}

pub(super) async fn resend(api: &Api, address: Address, output: Output) -> Result<(), Failure> {
    let email = email(address)?;
    ask_for_code(api, "api/auth/resend-code", &email).await?;
    code_asked(&email, output, "confirm --name NAME")
}

pub(super) async fn forgot(api: &Api, address: Address, output: Output) -> Result<(), Failure> {
    let email = email(address)?;
    ask_for_code(api, "api/auth/forgot-password", &email).await?;
    code_asked(&email, output, "reset")
}

async fn ask_for_code(api: &Api, path: &str, email: &str) -> Result<(), Failure> {
    let body = json!({ "email": email });
    api.post_openly(path, &body, Repeat::OnlyUnsent).await.map(drop)
}

/// The service does not say whether it mailed anything: that would tell who has an account.
fn code_asked(email: &str, output: Output, next: &str) -> Result<(), Failure> {
    output.document(&json!({ "email": email, "code_asked": true }), |_: Value| {
        format!("a code is on its way to {email}; now: marquee {next} --email {email} --code CODE")
    })
}

pub(super) async fn confirm(api: &Api, options: Confirm, output: Output) -> Result<(), Failure> {
    let email = email(options.address)?;
    let code = code(options.code)?;
    let password = password(options.password, "new password")?;
    let body = json!({
        "email": email,
        "code": code,
        "password": password,
        "display_name": options.name,
        "role": match options.role {
            Role::Viewer => "viewer",
            Role::Creator => "creator",
        },
    });
    api.post_openly("api/auth/confirm", &body, Repeat::OnlyUnsent)
        .await
        .map_err(another_code)?;
    begin_session(api, &email, &password, output).await
}

pub(super) async fn reset(api: &Api, options: Reset, output: Output) -> Result<(), Failure> {
    let email = email(options.address)?;
    let code = code(options.code)?;
    let password = password(options.password, "new password")?;
    let body = json!({ "email": email, "code": code, "password": password });
    api.post_openly("api/auth/reset-password", &body, Repeat::OnlyUnsent)
        .await
        .map_err(another_code)?;
    begin_session(api, &email, &password, output).await
}

pub(super) async fn change_password(api: &Api, options: ChangePassword, output: Output) -> Result<(), Failure> {
    let Some(credentials) = api.session() else {
        return Err(api.not_signed_in());
    };
    let from_input = options.current.password_stdin;
    let current = password(options.current, "current password")?;
    let chosen = Password {
        password_stdin: from_input,
        password: options.new_password,
    };
    let new = password(chosen, "new password")?;
    let body = json!({ "current_password": current, "new_password": new });
    api.put("api/me/password", &body).await?;
    // The service has ended all sessions, this one too.
    begin_session(api, &credentials.email, &new, output).await
}

pub(super) async fn sign_in(api: &Api, options: SignIn, output: Output) -> Result<(), Failure> {
    let email = email(options.address)?;
    let password = password(options.password, "password")?;
    begin_session(api, &email, &password, output).await
}

async fn begin_session(api: &Api, email: &str, password: &str, output: Output) -> Result<(), Failure> {
    let body = json!({ "email": email, "password": password });
    let answer = api
        .post_openly("api/auth/sign-in", &body, Repeat::OnlyUnsent)
        .await
        .map_err(|failure| match failure.exit {
            Exit::Forbidden => failure.advising(
                "check the e-mail address and the password; `marquee forgot` sets another one, and confirms an address too",
            ),
            _ => failure,
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
        email: email.to_owned(),
        expires_at: tokens.expires_at(clock::now()),
        access_token: tokens.access_token,
        refresh_token,
    })?;
    let url = api.config().url.as_str();
    output.document(&json!({ "email": email, "url": url, "signed_in": true }), |_: Value| {
        format!("signed in to {url} as {email}")
    })
}

pub(super) async fn sign_out_everywhere(api: &Api, output: Output) -> Result<(), Failure> {
    api.post("api/me/sign-out-everywhere", &json!({}), Repeat::Freely)
        .await?;
    api.forget()?;
    output.document(&json!({ "signed_in": false }), |_: Value| {
        "signed out on every device".into()
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

/// Only the command knows what helps when a code is refused.
fn another_code(failure: Failure) -> Failure {
    match failure.status {
        Some(422) => failure.advising("`marquee resend` mails another code"),
        _ => failure,
    }
}

fn email(given: Address) -> Result<String, Failure> {
    given.email.map_or_else(|| ask("e-mail", "--email"), Ok)
}

fn code(given: Option<String>) -> Result<String, Failure> {
    let code = given.map_or_else(|| ask("code from the e-mail", "--code"), Ok)?;
    Ok(code.trim().to_owned())
}

fn password(given: Password, what: &str) -> Result<String, Failure> {
    let unreadable = |error: io::Error| Failure::usage(format!("the {what} cannot be read: {error}"), "");
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
            format!("a {what} is needed and there is no terminal to ask for it"),
            "use --password-stdin or set MARQUEE_PASSWORD",
        ));
    }
    rpassword::prompt_password(format!("{what}: ")).map_err(unreadable)
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
