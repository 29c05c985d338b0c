//! Quantises factors to bytes: a quarter of the memory to read, so that few titles need exact products.

/// Quantised factors, as they are written into the artefact.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Codes {
    pub(super) bytes: Vec<i8>,
    pub(super) scales: Vec<f32>,
    pub(super) errors: Vec<f32>,
    pub(super) lengths: Vec<f32>,
}

/// The largest code.
const MAX_CODE: f32 = 127.0;

/// For each title the closest `code · scale` to its factors, its Euclidean distance from them, and its length.
pub(super) fn encode(factors: &[f32], dimensions: usize) -> Codes {
    let mut all = Codes::default();
    for title in factors.chunks_exact(dimensions.max(1)) {
        let largest = title.iter().fold(0.0, |max: f32, factor| max.max(factor.abs()));
        let scale = if largest > 0.0 { largest / MAX_CODE } else { 1.0 };
        let (mut error, mut length) = (0.0, 0.0);
        for &factor in title {
            let code = (factor / scale).round().clamp(-MAX_CODE, MAX_CODE);
            error += (factor - code * scale).powi(2);
            length += (code * scale).powi(2);
            all.bytes.push(byte(code));
        }
        all.scales.push(scale);
        all.errors.push(error.sqrt());
        all.lengths.push(length.sqrt());
    }
    all
}

#[expect(clippy::cast_possible_truncation, reason = "the code is whole and clamped")]
fn byte(code: f32) -> i8 {
    code as i8
}
