//! The gateway's own words: what it answers where no route does.

pub mod not_found;
