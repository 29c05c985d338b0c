//! `sign-up`, `confirm`, `resend`, `forgot`, `reset`, `password`, `sign-in`, `sign-out`, `whoami`.

use std::io::{self, BufRead as _, Write as _};

use serde_json::{Value, json};

use crate::api::types::{Me, Tokens};
use crate::api::{Api, Retry};
use crate::arguments::{Address, ChangePassword, Confirm, Password, Reset, Role, SignIn};
use crate::clock;
use crate::credentials::Credentials;
use crate::failure::{Exit, Failure};
use crate::output::{Output, can_ask, note, parsed};

pub(super) async fn sign_up(api: &Api, address: Address, output: Output) -> Result<(), Failure> {
    let email = email(address)?;
    ask_for_code(api, "api/auth/sign-up", &email).await?;
    code_requested(&email, output, "confirm --name NAME")
}

pub(super) async fn resend(api: &Api, address: Address, output: Output) -> Result<(), Failure> {
    let email = email(address)?;
    ask_for_code(api, "api/auth/resend-code", &email).await?;
    code_requested(&email, output, "confirm --name NAME")
}

pub(super) async fn forgot(api: &Api, address: Address, output: Output) -> Result<(), Failure> {
    let email = email(address)?;
    ask_for_code(api, "api/auth/forgot-password", &email).await?;
    code_requested(&email, output, "reset")
}

async fn ask_for_code(api: &Api, path: &str, email: &str) -> Result<(), Failure> {
    let body = json!({ "email": email });
    api.post_unauthenticated(path, &body, Retry::OnlyUnsent).await.map(drop)
}

/// The service does not say whether it sent a mail, because that would reveal who has an account.
fn code_requested(email: &str, output: Output, next: &str) -> Result<(), Failure> {
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
    api.post_unauthenticated("api/auth/confirm", &body, Retry::Never)
        .await
        .map_err(|failure| advise_another_code(failure, "resend"))?;
    begin_session(api, &email, &password, output).await
}

pub(super) async fn reset(api: &Api, options: Reset, output: Output) -> Result<(), Failure> {
    let email = email(options.address)?;
    let code = code(options.code)?;
    let password = password(options.password, "new password")?;
    let body = json!({ "email": email, "code": code, "password": password });
    api.post_unauthenticated("api/auth/reset-password", &body, Retry::Never)
        .await
        .map_err(|failure| advise_another_code(failure, "forgot"))?;
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
    api.put("api/me/password", &body, Retry::Never).await?;
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
        .post_unauthenticated("api/auth/sign-in", &body, Retry::Never)
        .await
        .map_err(|failure| match failure.exit {
            Exit::Forbidden => failure.with_advice(
                "check the email address and the password; `marquee forgot` sets a new password and confirms the address, and only an \
                 admin can enable a disabled account",
            ),
            _ => failure,
        })?;
    let tokens: Tokens = parsed(&answer)?;
    let Some(refresh_token) = tokens.refresh_token.clone() else {
        return Err(Failure::new(
            Exit::Unavailable,
            "the service answered without a refresh token",
            "contact the operator",
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
    api.post("api/me/sign-out-everywhere", &json!({}), Retry::Always)
        .await?;
    api.forget()?;
    output.document(&json!({ "signed_in": false }), |_: Value| {
        "signed out on every device".into()
    })
}

pub(super) async fn sign_out(api: &Api, output: Output) -> Result<(), Failure> {
    if let Some(credentials) = api.session() {
        let body = json!({ "refresh_token": credentials.refresh_token });
        let answer = api
            .post_unauthenticated("api/auth/sign-out", &body, Retry::Always)
            .await;
        // The sign-in is removed here even if the service cannot be reached.
        api.forget()?;
        if let Err(failure) = answer {
            note(&format!(
                "note: the session could not be ended on the service: {}",
                failure.message
            ));
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

/// Adds advice for a refused code.
fn advise_another_code(failure: Failure, command: &str) -> Failure {
    if failure.refused_fields().iter().any(|field| field == "/code") {
        return failure.with_advice(format!("request another code with `marquee {command}`"));
    }
    failure
}

fn email(given: Address) -> Result<String, Failure> {
    given.email.map_or_else(|| ask("email", "--email"), Ok)
}

fn code(given: Option<String>) -> Result<String, Failure> {
    let code = given.map_or_else(|| ask("code from the email", "--code"), Ok)?;
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
            format!("the {what} is missing, and there is no terminal to ask for it"),
            "use --password-stdin or set MARQUEE_PASSWORD",
        ));
    }
    rpassword::prompt_password(format!("{what}: ")).map_err(unreadable)
}

/// Asks on the terminal; without one the failure names the missing option.
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
