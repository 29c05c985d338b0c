//! Arguments of FFmpeg, written as lines.

/// The words of a line, then `more` as they are.
pub(super) fn args(line: &str, more: &[&str]) -> Vec<String> {
    line.split_whitespace()
        .chain(more.iter().copied())
        .map(str::to_owned)
        .collect()
}
