//! `GET /admin/audit`: lists the audit log.

use std::collections::{HashMap, HashSet};

use adapters::dynamodb::{ListAudit, PageRequest, StoreError};
use axum::{Json, extract::State};
use domain::audit::{Action, AuditEntry, Target};
use futures::try_join;
use kernel::{
    Timestamp, day,
    id::{AccountId, AuditId, TitleId},
};
use runtime::http::{Admin, Limit, Now, Problem, Query, Sample, sample};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::Context;

/// Mounts this route: in its Lambda function, in the OpenAPI document, in tests.
pub fn route() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(list_audit))
}

/// Which entries, and how many.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListAuditQuery {
    /// Only entries of this day, in UTC: `2026-11-28`. Without any filter: today.
    day: Option<String>,
    /// Only actions of this account.
    actor: Option<AccountId>,
    /// Only actions on this target: `account:`, `title:`, `retraining:` or `experiment:` and an id.
    target: Option<String>,
    #[serde(default)]
    #[param(value_type = Option<u8>, minimum = 1, maximum = 100, default = 20)]
    limit: Limit,
    /// The `next_cursor` of the previous page.
    cursor: Option<String>,
}

/// A page of the audit log, newest first.
#[derive(Serialize, ToSchema)]
struct AuditPage {
    items: Vec<AuditEntryView>,
    /// The `cursor` of the next page; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// An entry of the audit log.
#[derive(Serialize, ToSchema)]
#[schema(as = AuditEntry)]
pub struct AuditEntryView {
    entry_id: AuditId,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// The account that acted.
    actor_id: AccountId,
    /// Its name today.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(examples("Ada Lovelace"))]
    actor_name: Option<String>,
    action: Action,
    /// The target of the action: a kind and an id.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(examples("title:0192f7a4-6f0e-7cc2-b3a1-5a1f0f6f9d11"))]
    target: Option<String>,
    /// The name of this account or title today, if it still exists.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(examples("Sintel"))]
    target_name: Option<String>,
    /// More about the action, such as the role.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    /// The route that was called.
    #[schema(examples("POST /api/titles/{title_id}/redrive"))]
    route: String,
    /// The request's id in the logs.
    request_id: String,
    /// The client's address.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(examples("192.0.2.44"))]
    address: Option<String>,
}

/// The names of accounts and titles.
struct Names {
    accounts: HashMap<AccountId, String>,
    titles: HashMap<TitleId, String>,
}

impl Names {
    /// Reads the names in these entries.
    async fn read(cx: &Context, entries: &[AuditEntry]) -> Result<Self, StoreError> {
        let (mut accounts, mut titles) = (HashSet::new(), HashSet::new());
        for entry in entries {
            accounts.insert(entry.actor);
            match entry.target {
                Some(Target::Account(id)) => drop(accounts.insert(id)),
                Some(Target::Title(id)) => drop(titles.insert(id)),
                Some(Target::Retraining(_) | Target::Experiment(_)) | None => {}
            }
        }
        let (accounts, titles): (Vec<_>, Vec<_>) = (accounts.into_iter().collect(), titles.into_iter().collect());
        let (accounts, titles) = try_join!(cx.accounts.find_many(&accounts), cx.titles.find_many(&titles))?;
        let accounts = accounts
            .into_iter()
            .map(|account| (account.id, account.display_name.as_str().to_owned()));
        let titles = titles
            .into_iter()
            .map(|title| (title.id, title.details.name.as_str().to_owned()));

        Ok(Self {
            accounts: accounts.collect(),
            titles: titles.collect(),
        })
    }

    fn target_name(&self, target: &Target) -> Option<String> {
        match target {
            Target::Account(id) => self.accounts.get(id).cloned(),
            Target::Title(id) => self.titles.get(id).cloned(),
            Target::Retraining(_) | Target::Experiment(_) => None,
        }
    }
}

impl AuditEntryView {
    fn new(entry: AuditEntry, names: &Names) -> Self {
        Self {
            entry_id: entry.id,
            at: entry.at,
            actor_id: entry.actor,
            actor_name: names.accounts.get(&entry.actor).cloned(),
            action: entry.action,
            target_name: entry.target.as_ref().and_then(|target| names.target_name(target)),
            target: entry.target.map(|target| target.to_string()),
            detail: entry.detail,
            route: entry.origin.route,
            request_id: entry.origin.request_id,
            address: entry.origin.address,
        }
    }
}

impl ListAuditQuery {
    fn filter(&self, now: Timestamp) -> Result<ListAudit, Problem> {
        let invalid = |reason: &str| Problem::invalid_request(format!("the query is not valid: {reason}"));

        match (&self.day, self.actor, &self.target) {
            (None, None, None) => Ok(ListAudit::Day(day::from_timestamp(now))),
            (Some(text), None, None) => {
                // Only the form in which the log writes days: the parser accepts others.
                let midnight: Option<Timestamp> = format!("{text}T00:00:00Z").parse().ok();
                midnight
                    .filter(|midnight| day::from_timestamp(*midnight) == *text)
                    .map(|_| ListAudit::Day(text.clone()))
                    .ok_or_else(|| invalid("`day` must be a day such as 2026-11-28"))
            }
            (None, Some(actor), None) => Ok(ListAudit::By(actor)),
            (None, None, Some(target)) => {
                let target: Result<Target, _> = target.parse();
                target
                    .map(ListAudit::To)
                    .map_err(|error| invalid(&format!("`target` {error}")))
            }
            _ => Err(invalid("choose one of `day`, `actor` and `target`")),
        }
    }
}

#[utoipa::path(
    get, path = "/admin/audit", operation_id = "list_audit", tag = "admin",
    summary = "Read the audit log",
    description = "What admins did, and what others tried to do: of a day, by an account or on a target; newest first. Entries are \
                   kept for 400 days. For admins.",
    params(ListAuditQuery),
    responses(
        (status = 200, description = "A page of entries", body = AuditPage),
        (status = 400, description = "The query is not valid"),
        (status = 403, description = "Only admins may do this"),
    ),
    security(("account" = [])),
)]
async fn list_audit(
    _admin: Admin,
    Now(now): Now,
    State(cx): State<Context>,
    Query(query): Query<ListAuditQuery>,
) -> Result<Json<AuditPage>, Problem> {
    let filter = query.filter(now)?;
    let page = PageRequest::new(query.limit.get(), query.cursor.as_deref());
    let page = page.map_err(|error| Problem::invalid_request(error.to_string()))?;
    let page = cx.audit.list(&filter, &page).await?;
    let names = Names::read(&cx, &page.items).await?;
    let items = page.items.into_iter();

    Ok(Json(AuditPage {
        items: items.map(|entry| AuditEntryView::new(entry, &names)).collect(),
        next_cursor: page.next_cursor,
    }))
}

impl Sample for AuditEntryView {
    fn samples() -> Vec<Self> {
        let id = sample::uuid();

        vec![Self {
            entry_id: AuditId::from_uuid(id),
            at: sample::time(),
            actor_id: AccountId::from_uuid(id),
            actor_name: Some("Grace Hopper".to_owned()),
            action: Action::RoleGranted,
            target: Some(Target::Account(AccountId::from_uuid(id)).to_string()),
            target_name: Some("Ada Lovelace".to_owned()),
            detail: Some("creator".to_owned()),
            route: "PUT /api/admin/accounts/{account_id}/roles/{role}".to_owned(),
            request_id: "6f1c0d3e-2f3b-4f43-9a35-9a4a0d1d9f0e".to_owned(),
            address: Some("192.0.2.44".to_owned()),
        }]
    }
}

#[cfg(test)]
mod tests {
    use domain::audit::Origin;

    use super::*;

    #[test]
    fn an_entry_has_the_names_of_what_still_exists() {
        let (actor, title) = (AccountId::from_uuid(sample::uuid()), TitleId::from_uuid(sample::uuid()));
        let entry = AuditEntry::new(
            actor,
            Action::TitleArchived,
            Target::Title(title),
            Origin {
                route: "DELETE /api/titles/{title_id}".to_owned(),
                request_id: "r".to_owned(),
                address: None,
            },
            sample::time(),
        );
        let all = Names {
            accounts: HashMap::from([(actor, "Grace".to_owned())]),
            titles: HashMap::from([(title, "Sintel".to_owned())]),
        };
        let none = Names {
            accounts: HashMap::new(),
            titles: HashMap::new(),
        };
        let names = |names: &Names| {
            let view = AuditEntryView::new(entry.clone(), names);
            (view.actor_name, view.target_name)
        };

        assert_eq!(names(&all), (Some("Grace".to_owned()), Some("Sintel".to_owned())));
        assert_eq!(names(&none), (None, None));
    }

    #[test]
    fn a_query_has_one_filter_and_a_day_has_one_form() {
        let filter = |query: &str| {
            let query: ListAuditQuery = serde_json::from_str(query).unwrap();
            query.filter(Timestamp::UNIX_EPOCH)
        };
        let day = |day: &str| ListAudit::Day(day.to_owned());

        assert_eq!(filter("{}").unwrap(), day("1970-01-01"));
        assert_eq!(filter(r#"{"day":"2026-02-28"}"#).unwrap(), day("2026-02-28"));
        for bad in [
            r#"{"day":"2026-02-30"}"#,
            r#"{"day":"today"}"#,
            r#"{"day":"+2026-02-28"}"#,
            r#"{"target":"title"}"#,
            r#"{"day":"2026-02-28","target":"title:0192f7a4-6f0e-7cc2-b3a1-5a1f0f6f9d11"}"#,
        ] {
            assert!(filter(bad).is_err(), "{bad}");
        }
    }
}
