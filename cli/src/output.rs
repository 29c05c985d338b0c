//! Output: results on standard output, everything else on standard error.

use std::io::{self, IsTerminal as _, Write as _};

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::failure::{Exit, Failure};

/// How results and failures are printed: as text, or as JSON.
#[derive(Debug, Clone, Copy)]
pub struct Output {
    json: bool,
}

impl Output {
    pub(crate) fn new(json: bool) -> Self {
        Self { json }
    }

    /// Whether results are printed as JSON.
    #[must_use]
    pub fn is_json(self) -> bool {
        self.json
    }

    /// Prints a result: the document of the service for scripts, a rendering for people.
    pub(crate) fn document<T: DeserializeOwned>(
        self,
        document: &Value,
        render: impl FnOnce(T) -> String,
    ) -> Result<(), Failure> {
        if self.json {
            return print(&document.to_string());
        }
        print(&render(parsed(document)?))
    }

    pub(crate) fn failure(self, failure: &Failure) {
        if failure.exit == Exit::Done {
            return;
        }
        if self.json {
            note(&failure.to_json().to_string());
            return;
        }
        note(&failure.to_text());
    }
}

/// A line on standard output.
pub fn print(text: &str) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{}", text.trim_end())
        .and_then(|()| stdout.flush())
        .map_err(|error| match error.kind() {
            io::ErrorKind::BrokenPipe => Failure::output_closed(),
            _ => Failure::local(format!("the result cannot be written: {error}")),
        })
}

/// A remark for people, on standard error.
pub fn note(text: &str) {
    _ = writeln!(io::stderr(), "{text}");
}

/// Whether there is a terminal to ask a person.
pub(crate) fn can_ask() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Parses a document of the service. An unexpected document is a failure of the service.
pub fn parsed<T: DeserializeOwned>(document: &Value) -> Result<T, Failure> {
    T::deserialize(document).map_err(|error| {
        Failure::new(
            Exit::Unavailable,
            format!("the service's answer was not parsed: {error}"),
            "check that this client and the service have the same version",
        )
    })
}

/// Columns as wide as their widest cell, two spaces apart.
#[must_use]
pub fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let widths: Vec<usize> = (0..columns)
        .map(|column| {
            rows.iter()
                .filter_map(|row| row.get(column))
                .map(|cell| cell.chars().count())
                .max()
                .unwrap_or(0)
        })
        .collect();

    let mut table = String::new();
    for row in rows {
        let cells = row.iter().zip(&widths).map(|(cell, &width)| format!("{cell:<width$}"));
        table.push_str(cells.collect::<Vec<_>>().join("  ").trim_end());
        table.push('\n');
    }
    table
}

/// `$0.0123`: four digits, because short films cost fractions of a cent.
pub(crate) fn dollars(micros: i64) -> String {
    let (sign, micros) = (if micros < 0 { "-" } else { "" }, micros.unsigned_abs());
    format!("{sign}${}.{:04}", micros / 1_000_000, micros % 1_000_000 / 100)
}

/// `1:02:03`, `2:03`.
pub(crate) fn clock_time(milliseconds: u64) -> String {
    let seconds = (milliseconds + 500) / 1000;
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{seconds:02}")
    } else {
        format!("{minutes}:{seconds:02}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_line_up() {
        let rows = [
            vec!["id".into(), "name".into()],
            vec!["1".into(), "Señor".into()],
            vec!["long".into(), "x".into()],
        ];
        assert_eq!(table(&rows), "id    name\n1     Señor\nlong  x\n");
    }

    #[test]
    fn money_and_time_read_well() {
        assert_eq!(dollars(12_345), "$0.0123");
        assert_eq!(dollars(7_500_000), "$7.5000");
        assert_eq!(clock_time(596_474), "9:56");
        assert_eq!(clock_time(3_723_000), "1:02:03");
    }

    #[test]
    fn an_unexpected_document_is_a_failure_of_the_service() {
        let failure = parsed::<Vec<u8>>(&serde_json::json!({})).unwrap_err();
        assert_eq!(failure.exit, Exit::Unavailable);
    }
}
