//! Rows as the API shows them.

use domain::recommendation::{Pick, Row, RowKind};
use runtime::{http::Sample, view::TitleView};
use serde::Serialize;
use utoipa::ToSchema;

use crate::visit::Visit;

/// A row of titles.
#[derive(Serialize, ToSchema)]
#[schema(as = RecommendedRow)]
pub(crate) struct RowView {
    pub(crate) kind: RowKind,
    /// What stands above it.
    #[schema(examples("Because you watched Sintel"))]
    pub(crate) heading: String,
    /// Best first.
    pub(crate) items: Vec<ItemView>,
}

/// A title, and why it is here.
#[derive(Serialize, ToSchema)]
#[schema(as = RecommendedTitle)]
pub(crate) struct ItemView {
    title: TitleView,
    /// A few words for people.
    #[schema(examples("Popular in drama"))]
    reason: String,
    /// How far I am in it, where it is to be continued.
    #[serde(skip_serializing_if = "Option::is_none")]
    progress: Option<ProgressView>,
}

/// How far somebody is in a title.
#[derive(Serialize, ToSchema)]
#[schema(as = Progress)]
struct ProgressView {
    /// Where to go on.
    #[schema(examples(254_000))]
    position_ms: u64,
    /// The same as a share of the whole.
    #[schema(examples(0.43), minimum = 0, maximum = 1)]
    share: f64,
}

impl RowView {
    /// A row of titles that the visit knows.
    pub(crate) fn of(row: Row, visit: &Visit<'_>) -> Self {
        let Row { kind, heading, picks } = row;
        let items = picks.into_iter().filter_map(|pick| item(kind, pick, visit)).collect();

        Self { kind, heading, items }
    }
}

fn item(kind: RowKind, Pick { title_id, reason }: Pick, visit: &Visit<'_>) -> Option<ItemView> {
    let begun = visit
        .dealings
        .with(title_id)
        .filter(|_| kind == RowKind::ContinueWatching);
    let progress = begun.and_then(|dealing| {
        Some(ProgressView {
            position_ms: dealing.resume_ms()?,
            share: dealing.progress(),
        })
    });

    Some(ItemView {
        title: TitleView::for_viewer(visit.titles.get(&title_id)?),
        reason,
        progress,
    })
}

/// Whoever a sample is for: somebody who has begun a film, and is recommended another one.
pub(crate) fn sample_rows() -> Vec<RowView> {
    let items = |reason: &str, progress: Option<ProgressView>| {
        let reason = reason.to_owned();
        let title = TitleView::samples().into_iter().next();
        let item = title.map(|title| ItemView {
            title,
            reason,
            progress,
        });

        item.into_iter().collect()
    };
    let begun = ProgressView {
        position_ms: 254_000,
        share: 0.425_847,
    };

    vec![
        RowView {
            kind: RowKind::ContinueWatching,
            heading: "Continue watching".to_owned(),
            items: items("6 min left", Some(begun)),
        },
        RowView {
            kind: RowKind::Personal,
            heading: "For you".to_owned(),
            items: items("Popular in animation", None),
        },
    ]
}
