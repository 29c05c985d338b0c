//! Rows as the API shows them.

use api::TitleView;
use domain::recommendation::{Pick, Row, RowKind};
use runtime::http::Sample;
use serde::Serialize;
use utoipa::ToSchema;

use crate::home_page::HomePage;

/// A row of titles.
#[derive(Serialize, ToSchema)]
#[schema(as = RecommendedRow)]
pub(crate) struct RowView {
    pub(crate) kind: RowKind,
    /// The text above it.
    #[schema(examples("Because you watched Sintel"))]
    pub(crate) heading: String,
    /// Best first.
    pub(crate) items: Vec<ItemView>,
}

/// A title, and the reason for it.
#[derive(Serialize, ToSchema)]
#[schema(as = RecommendedTitle)]
pub(crate) struct ItemView {
    title: TitleView,
    /// A few words for people.
    #[schema(examples("Popular in drama"))]
    reason: String,
    /// My progress, if the row is for continuing.
    #[serde(skip_serializing_if = "Option::is_none")]
    progress: Option<ProgressView>,
}

/// How far a viewer has watched a title.
#[derive(Serialize, ToSchema)]
#[schema(as = Progress)]
struct ProgressView {
    /// Where to continue.
    #[schema(examples(254_000))]
    position_ms: u64,
    /// The position as a share of the length.
    #[schema(examples(0.43), minimum = 0, maximum = 1)]
    share: f64,
}

impl RowView {
    /// A row of titles that the page has read.
    pub(crate) fn new(row: Row, page: &HomePage<'_>) -> Self {
        let Row { kind, heading, picks } = row;
        let items = picks.into_iter().filter_map(|pick| item(kind, pick, page)).collect();

        Self { kind, heading, items }
    }
}

fn item(kind: RowKind, Pick { title_id, reason }: Pick, page: &HomePage<'_>) -> Option<ItemView> {
    let continued = page
        .history
        .engagement(title_id)
        .filter(|_| kind == RowKind::ContinueWatching);
    let progress = continued.and_then(|engagement| {
        Some(ProgressView {
            position_ms: engagement.resume_ms()?,
            share: engagement.progress(),
        })
    });

    Some(ItemView {
        title: TitleView::for_viewer(page.titles.get(&title_id)?),
        reason,
        progress,
    })
}

/// The rows of a viewer who started a film and gets a recommendation.
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
    let progress = ProgressView {
        position_ms: 254_000,
        share: 0.425_847,
    };

    vec![
        RowView {
            kind: RowKind::ContinueWatching,
            heading: "Continue watching".to_owned(),
            items: items("6 min left", Some(progress)),
        },
        RowView {
            kind: RowKind::Personal,
            heading: "For you".to_owned(),
            items: items("Popular in animation", None),
        },
    ]
}
