//! Application services: what several areas do in the same way with more than one adapter, or with an adapter and a cache.

mod account_registry;
mod account_statuses;
pub mod outbox;

pub use account_registry::AccountRegistry;
pub use account_statuses::AccountStatuses;
