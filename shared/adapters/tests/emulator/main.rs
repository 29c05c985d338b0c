//! The adapters against the emulator alone: what only a service can refuse, count or keep in order.
//!
//! The first test starts one emulator for all of them, and each test has a table, a bucket or a queue of its own. Without
//! the emulator (`make setup` installs it) every test reports that it is skipped, and passes; with
//! `MARQUEE_REQUIRE_EMULATOR=1` it fails.

#![expect(clippy::expect_used, reason = "tests fail by panicking")]

extern crate marquee_adapters as adapters;

mod assets;
mod aws;
mod claims;
mod conditional_writes;
mod emulator;
mod error_kinds;
mod expiry;
mod fixtures;
mod machines;
mod messages;
mod objects;
mod pages;
mod playback_keys;
mod quotas;
mod rate_limits;
mod streams;
mod table;
mod template;
mod transactions;
mod uploads;
mod user_pool;
