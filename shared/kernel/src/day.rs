//! Days in UTC, as dates and as texts that sort by time.

use jiff::{Timestamp, civil::Date, tz::Offset};

/// The day of a timestamp: `2026-11-21`.
#[must_use]
pub fn from_timestamp(timestamp: Timestamp) -> String {
    timestamp.strftime("%F").to_string()
}

/// The date of a timestamp.
#[must_use]
pub fn date(timestamp: Timestamp) -> Date {
    Offset::UTC.to_datetime(timestamp).date()
}

/// All days from the day of `first` to the day of `last`.
#[must_use]
pub fn between(first: Timestamp, last: Timestamp) -> Vec<String> {
    let day_number = |timestamp: Timestamp| timestamp.as_second().div_euclid(DAY_SECONDS);
    let days = (day_number(first)..=day_number(last)).filter_map(|day| Timestamp::from_second(day * DAY_SECONDS).ok());

    days.map(from_timestamp).collect()
}

const DAY_SECONDS: i64 = 86_400;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_from_midnight_to_midnight() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();

        let days = between(at("2026-02-27T23:59:59Z"), at("2026-03-01T00:00:00Z"));
        assert_eq!(days, ["2026-02-27", "2026-02-28", "2026-03-01"]);
        assert_eq!(
            between(at("2026-03-02T00:00:00Z"), at("2026-03-01T00:00:00Z")),
            Vec::<String>::new()
        );
        assert_eq!(from_timestamp(at("2026-03-01T12:00:00Z")), "2026-03-01");
        assert_eq!(date(at("2026-03-01T23:59:59Z")).to_string(), "2026-03-01");
    }
}
