//! Checks the lengths of a model's arrays against each other.

use crate::artefact::{Loaded, NEIGHBOURS, TOWER_BUCKETS};

/// Refuses arrays whose lengths do not fit together.
pub(super) fn check(artefact: &Loaded, titles: usize, dimensions: usize) -> Result<(), String> {
    let tensors = &artefact.tensors;
    let lengths = [
        ("id_starts", tensors.id_starts().len(), titles + 1),
        ("line_starts", tensors.line_starts().len(), titles + 1),
        ("by_popularity", tensors.by_popularity().len(), titles),
        ("published", tensors.published().len(), titles),
        ("by_age", tensors.by_age().len(), titles),
        ("creators", tensors.creators().len(), titles),
        (
            "maker_popularity",
            tensors.maker_popularity().len(),
            tensors.makers().len(),
        ),
        ("maturity", tensors.maturity().len(), titles),
        ("territory_starts", tensors.territory_starts().len(), titles + 1),
        ("series", tensors.series().len(), titles),
        ("episodes", tensors.episodes().len(), titles),
        (
            "audience_starts",
            tensors.audience_starts().len(),
            tensors.audiences().len() + 1,
        ),
        (
            "audience_popularity",
            tensors.audience_popularity().len(),
            tensors.audience_titles().len(),
        ),
        ("content_starts", tensors.content_starts().len(), titles * 3 + 1),
        (
            "content_values",
            tensors.content_values().len(),
            tensors.content_features().len(),
        ),
        ("factors", tensors.factors().len(), titles * dimensions),
        ("codes", tensors.codes().len(), titles * dimensions),
        ("code_scales", tensors.code_scales().len(), titles),
        ("code_errors", tensors.code_errors().len(), titles),
        ("code_lengths", tensors.code_lengths().len(), titles),
        ("gramian", tensors.gramian().len(), dimensions * dimensions),
        ("neighbours", tensors.neighbours().len(), titles * NEIGHBOURS),
        ("tower", tensors.tower().len(), TOWER_BUCKETS * dimensions),
    ];
    match lengths.into_iter().find(|(_, is, should)| is != should) {
        Some((name, is, should)) => Err(format!("the array `{name}` has {is} numbers and should have {should}")),
        None => Ok(()),
    }
}
