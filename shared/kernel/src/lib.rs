//! Values that every part of Marquee shares: ids, money, languages, countries, cursors, texts. No AWS, no clock, no async.

pub mod cursor;
pub mod day;
pub mod error_kind;
pub mod id;
pub mod language;
pub mod money;
pub mod territory;
pub mod text;

pub use jiff::Timestamp;
