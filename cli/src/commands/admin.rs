//! `admin …`: accounts, requests to become a creator and the audit log; and `start-publishing`.

use serde::Deserialize;
use serde_json::{Value, json};
use url::form_urlencoded;

use crate::api::types::Page;
use crate::api::{Api, Retry};
use crate::arguments::{Admin, Audit, Decision, GrantedRole, ListAccounts, OneAccount};
use crate::failure::Failure;
use crate::output::{Output, note, parsed, print, table};

#[derive(Debug, Deserialize)]
struct Account {
    #[serde(rename = "account_id")]
    id: String,
    email: String,
    display_name: String,
    roles: Vec<String>,
    state: String,
}

#[derive(Debug, Deserialize)]
struct Request {
    account_id: String,
    asked_at: String,
    #[serde(default)]
    account: Option<Account>,
}

#[derive(Debug, Deserialize)]
struct Entry {
    at: String,
    actor_id: String,
    #[serde(default)]
    actor_name: Option<String>,
    action: String,
    #[serde(default)]
    target: Option<String>,
    #[serde(default)]
    target_name: Option<String>,
    #[serde(default)]
    detail: Option<String>,
    #[serde(default)]
    address: Option<String>,
}

#[derive(Debug, Deserialize)]
struct CreatorRequest {
    state: String,
}

pub(super) async fn run(api: &Api, command: Admin, output: Output) -> Result<(), Failure> {
    let advice = match command {
        Admin::Decide { .. } => "`marquee admin requests` lists the open requests",
        _ => "`marquee admin accounts` lists the accounts with their ids and states",
    };

    act(api, command, output).await.map_err(|failure| match failure.status {
        // The account is not found, or its state does not allow the change.
        Some(404 | 409) => failure.with_advice(advice),
        _ => failure,
    })
}

async fn act(api: &Api, command: Admin, output: Output) -> Result<(), Failure> {
    match command {
        Admin::Accounts(options) => accounts(api, &options, output).await,
        Admin::Account(OneAccount { id }) => {
            let document = api.get(&account_path(&id, "")).await?;
            output.document(&document, |account: Account| table(&[row(&account)]))
        }
        Admin::Grant {
            account: OneAccount { id },
            role,
        } => {
            api.put(&role_path(&id, role), &json!({}), Retry::OnlyUnsent).await?;
            done(&id, &format!("has the role {}", role.name()), output)
        }
        Admin::Take {
            account: OneAccount { id },
            role,
        } => {
            api.delete(&role_path(&id, role)).await?;
            done(&id, &format!("does not have the role {}", role.name()), output)
        }
        Admin::Disable(OneAccount { id }) => {
            api.post(&account_path(&id, "/disable"), &json!({}), Retry::Always)
                .await?;
            done(&id, "is disabled", output)
        }
        Admin::Enable(OneAccount { id }) => {
            api.post(&account_path(&id, "/enable"), &json!({}), Retry::Always)
                .await?;
            done(&id, "is enabled", output)
        }
        Admin::Requests => requests(api, output).await,
        Admin::Decide {
            account: OneAccount { id },
            decision,
        } => {
            let (verb, outcome) = match decision {
                Decision::Approve => ("approve", "is a creator"),
                Decision::Decline => ("decline", "stays a viewer"),
            };
            let path = format!("api/admin/creator-requests/{}/{verb}", encoded(&id));
            api.post(&path, &json!({}), Retry::Always).await?;
            done(&id, outcome, output)
        }
        Admin::Audit(options) => audit(api, &options, output).await,
    }
}

/// Asks to become a creator.
pub(super) async fn start_publishing(api: &Api, output: Output) -> Result<(), Failure> {
    let asked = api.post("api/me/creator-request", &json!({}), Retry::Always).await;
    let document = asked.map_err(|failure| match failure.status {
        Some(409) => failure.with_advice("an admin can grant the role at any time: ask the people who run this site"),
        _ => failure,
    })?;
    output.document(&document, |request: CreatorRequest| {
        if request.state == "approved" {
            "you are a creator; next: marquee ingest FILE --title NAME".to_owned()
        } else {
            "an admin will decide; `marquee whoami` shows your roles".to_owned()
        }
    })
}

async fn accounts(api: &Api, options: &ListAccounts, output: Output) -> Result<(), Failure> {
    let filters = [
        ("email", options.email.clone()),
        ("role", options.role.map(|role| role.name().to_owned())),
        ("state", options.disabled.then(|| "disabled".to_owned())),
    ];
    let heading = ["ID", "STATE", "ROLES", "EMAIL", "NAME"];

    list(
        api,
        "api/admin/accounts",
        &filters,
        &heading,
        output,
        |account: &Account| row(account),
    )
    .await
}

async fn requests(api: &Api, output: Output) -> Result<(), Failure> {
    let heading = ["ID", "ASKED", "EMAIL", "NAME"];
    let cells = |request: &Request| {
        let account = request.account.as_ref();
        vec![
            request.account_id.clone(),
            request.asked_at.clone(),
            account.map_or_else(String::new, |account| account.email.clone()),
            account.map_or_else(String::new, |account| account.display_name.clone()),
        ]
    };

    list(api, "api/admin/creator-requests", &[], &heading, output, cells).await
}

async fn audit(api: &Api, options: &Audit, output: Output) -> Result<(), Failure> {
    let filters = [
        ("day", options.day.clone()),
        ("actor", options.actor.clone()),
        ("target", options.target.clone()),
    ];
    let heading = ["AT", "ACTOR", "ACTION", "TARGET", "FROM"];
    let cells = |entry: &Entry| {
        let action = match &entry.detail {
            Some(detail) => format!("{} ({detail})", entry.action),
            None => entry.action.clone(),
        };
        vec![
            entry.at.clone(),
            named(entry.actor_name.as_deref(), &entry.actor_id),
            action,
            named(
                entry.target_name.as_deref(),
                entry.target.as_deref().unwrap_or_default(),
            ),
            entry.address.clone().unwrap_or_default(),
        ]
    };

    list(api, "api/admin/audit", &filters, &heading, output, cells).await
}

/// The name of an account or a title, if it has one, and its id.
fn named(name: Option<&str>, id: &str) -> String {
    name.map_or_else(|| id.to_owned(), |name| format!("{name} ({id})"))
}

/// All pages of a list: a table, or one document a line.
async fn list<T: serde::de::DeserializeOwned>(
    api: &Api,
    path: &str,
    filters: &[(&str, Option<String>)],
    heading: &[&str],
    output: Output,
    cells: impl Fn(&T) -> Vec<String>,
) -> Result<(), Failure> {
    let mut rows = vec![heading.iter().map(|&cell| cell.to_owned()).collect()];
    let mut cursor: Option<String> = None;
    loop {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("limit", "50");
        query.extend_pairs(
            filters
                .iter()
                .filter_map(|(name, value)| Some((*name, value.as_ref()?))),
        );
        query.extend_pairs(cursor.as_ref().map(|cursor| ("cursor", cursor)));
        let page: Page = parsed(&api.get(&format!("{path}?{}", query.finish())).await?)?;
        for item in &page.items {
            if output.is_json() {
                print(&item.to_string())?;
            } else {
                rows.push(cells(&parsed(item)?));
            }
        }
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }

    if output.is_json() {
        return Ok(());
    }
    if rows.len() == 1 {
        note("no entries");
        return Ok(());
    }
    print(&table(&rows))
}

fn row(account: &Account) -> Vec<String> {
    vec![
        account.id.clone(),
        account.state.clone(),
        account.roles.join(" "),
        account.email.clone(),
        account.display_name.clone(),
    ]
}

fn done(id: &str, outcome: &str, output: Output) -> Result<(), Failure> {
    output.document(&json!({ "account_id": id }), |_: Value| format!("{id} {outcome}"))
}

fn role_path(id: &str, role: GrantedRole) -> String {
    account_path(id, &format!("/roles/{}", role.name()))
}

fn account_path(id: &str, suffix: &str) -> String {
    format!("api/admin/accounts/{}{suffix}", encoded(id))
}

/// Escapes an id, so that it cannot change the path.
fn encoded(id: &str) -> String {
    form_urlencoded::byte_serialize(id.as_bytes()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_cannot_change_the_path() {
        assert_eq!(
            account_path("../me?x", "/disable"),
            "api/admin/accounts/..%2Fme%3Fx/disable"
        );
        assert_eq!(role_path("a", GrantedRole::Admin), "api/admin/accounts/a/roles/admin");
    }

    #[test]
    fn an_account_is_a_row() {
        let account: Account = serde_json::from_value(json!({
            "account_id": "a", "creator_id": "c", "email": "ada@example.org", "display_name": "Ada",
            "roles": ["creator", "admin"], "state": "active", "created_at": "2026-11-20T10:00:00Z",
        }))
        .unwrap();

        assert_eq!(
            row(&account),
            ["a", "active", "creator admin", "ada@example.org", "Ada"]
        );
    }
}
