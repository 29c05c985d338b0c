//! `GET /admin/audit`: who did what, when and from where.

use adapters::dynamodb::{ListAudit, PageRequest};
use axum::{Json, extract::State};
use domain::audit::{Action, AuditEntry, Target};
use kernel::{
    Timestamp, day,
    id::{AccountId, AuditId},
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

/// Which lines, and how many.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListAuditQuery {
    /// Only of this day, in UTC: `2026-11-28`. Without any filter: today.
    day: Option<String>,
    /// Only what this account did.
    actor: Option<AccountId>,
    /// Only what was done to this: `account:`, `title:`, `retraining:` or `experiment:` with an id behind it.
    target: Option<String>,
    #[serde(default)]
    #[param(value_type = Option<u8>, minimum = 1, maximum = 100, default = 20)]
    limit: Limit,
    /// Where an earlier page said that the list goes on.
    cursor: Option<String>,
}

/// A page of the audit log, newest first.
#[derive(Serialize, ToSchema)]
struct AuditPage {
    items: Vec<AuditEntryView>,
    /// Where the list goes on; missing on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// A line of the audit log.
#[derive(Serialize, ToSchema)]
#[schema(as = AuditEntry)]
pub struct AuditEntryView {
    entry_id: AuditId,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// Who.
    actor_id: AccountId,
    action: Action,
    /// To what: a kind and an id.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(examples("title:0192f7a4-6f0e-7cc2-b3a1-5a1f0f6f9d11"))]
    target: Option<String>,
    /// More about it: which role.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    /// By which route.
    #[schema(examples("POST /api/titles/{title_id}/redrive"))]
    route: String,
    /// What the logs call the request.
    request_id: String,
    /// The client's address.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(examples("192.0.2.44"))]
    address: Option<String>,
}

impl From<AuditEntry> for AuditEntryView {
    fn from(entry: AuditEntry) -> Self {
        Self {
            entry_id: entry.id,
            at: entry.at,
            actor_id: entry.actor,
            action: entry.action,
            target: entry.target.map(|target| target.to_string()),
            detail: entry.detail,
            route: entry.origin.route,
            request_id: entry.origin.request_id,
            address: entry.origin.address,
        }
    }
}

impl ListAuditQuery {
    fn which(&self, now: Timestamp) -> Result<ListAudit, Problem> {
        let invalid = |reason: &str| Problem::invalid_request(format!("the query is not valid: {reason}"));

        match (&self.day, self.actor, &self.target) {
            (None, None, None) => Ok(ListAudit::Day(day::of(now))),
            (Some(text), None, None) => {
                // As we would write it, or it is none.
                let midnight: Option<Timestamp> = format!("{text}T00:00:00Z").parse().ok();
                midnight
                    .filter(|midnight| day::of(*midnight) == *text)
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
    description = "What admins did, and what somebody tried who is none: of a day, by an account or to something; newest first. \
                   A line is kept for 400 days. For admins.",
    params(ListAuditQuery),
    responses(
        (status = 200, description = "A page of lines", body = AuditPage),
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
    let which = query.which(now)?;
    let page = PageRequest::new(query.limit.get(), query.cursor.as_deref());
    let page = page.map_err(|error| Problem::invalid_request(error.to_string()))?;
    let page = cx.audit.list(&which, &page).await?;

    Ok(Json(AuditPage {
        items: page.items.into_iter().map(AuditEntryView::from).collect(),
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
            action: Action::RoleGranted,
            target: Some(Target::Account(AccountId::from_uuid(id)).to_string()),
            detail: Some("creator".to_owned()),
            route: "PUT /api/admin/accounts/{account_id}/roles/{role}".to_owned(),
            request_id: "6f1c0d3e-2f3b-4f43-9a35-9a4a0d1d9f0e".to_owned(),
            address: Some("192.0.2.44".to_owned()),
        }]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_filter_at_a_time_and_a_day_as_it_is_written() {
        let which = |query: &str| {
            let query: ListAuditQuery = serde_json::from_str(query).unwrap();
            query.which(Timestamp::UNIX_EPOCH)
        };
        let day = |day: &str| ListAudit::Day(day.to_owned());

        assert_eq!(which("{}").unwrap(), day("1970-01-01"));
        assert_eq!(which(r#"{"day":"2026-02-28"}"#).unwrap(), day("2026-02-28"));
        for bad in [
            r#"{"day":"2026-02-30"}"#,
            r#"{"day":"today"}"#,
            r#"{"day":"+2026-02-28"}"#,
            r#"{"target":"title"}"#,
            r#"{"day":"2026-02-28","target":"title:0192f7a4-6f0e-7cc2-b3a1-5a1f0f6f9d11"}"#,
        ] {
            assert!(which(bad).is_err(), "{bad}");
        }
    }
}
