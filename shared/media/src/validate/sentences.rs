//! Refusals, and numbers in readable form.

use domain::{
    ingest::{IngestError, Reason},
    storage::Bytes,
};

pub(super) fn refuse<T>(error: IngestError, sentence: impl Into<String>) -> Result<T, Reason> {
    Err(Reason::new(error, sentence))
}

/// `35,389,440`
pub(super) fn count(number: u64) -> String {
    let digits = number.to_string();
    let groups: Vec<&str> = digits
        .as_bytes()
        .rchunks(3)
        .rev()
        .filter_map(|group| std::str::from_utf8(group).ok())
        .collect();
    groups.join(",")
}

/// `1.5 GB`
pub(super) fn size(bytes: u64) -> String {
    Bytes(bytes).to_string()
}

/// `2 h 05 min`, `12 min 30 s`, `4.2 s`
pub(super) fn length(millis: u64) -> String {
    let seconds = millis / 1000;
    match seconds {
        0..60 => format!("{}.{} s", seconds, millis % 1000 / 100),
        60..3600 => format!("{} min {:02} s", seconds / 60, seconds % 60),
        _ => format!("{} h {:02} min", seconds / 3600, seconds % 3600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_readable() {
        assert_eq!([count(7), count(1234), count(35_389_440)], ["7", "1,234", "35,389,440"]);
        assert_eq!(
            [size(999), size(50_000_000_000), size(1_560_000)],
            ["999 bytes", "50 GB", "1.5 MB"]
        );
        assert_eq!(
            [length(4200), length(750_000), length(7_500_000)],
            ["4.2 s", "12 min 30 s", "2 h 05 min"]
        );
    }
}
