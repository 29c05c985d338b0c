//! The rules of Marquee, one file per area. Pure: no AWS, no clock, no async. Handlers fetch, ask here, write, answer.

pub mod account;
pub mod admins;
pub mod asset;
pub mod audit;
pub mod creators;
pub mod engagement;
pub mod event;
pub mod experiment;
pub mod genres;
pub mod ingest;
pub mod machine;
pub mod password;
pub mod playback;
pub mod playback_keys;
pub mod popularity;
pub mod quota;
pub mod quote;
pub mod rate_limit;
pub mod recommendation;
pub mod retention;
pub mod retraining;
pub mod similar;
pub mod storage;
pub mod title;
pub mod upload;
