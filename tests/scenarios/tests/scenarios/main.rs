//! The whole product from outside, one file for each subject. It is one program, because linking one for each file would take minutes, and
//! because tests that wait leave the processor to others.

#![expect(clippy::expect_used, reason = "tests fail by panicking")]

use tokio::sync::RwLock;

mod accounts;
mod admin;
mod bad_input;
mod cancel;
mod cli;
mod edge;
mod engagement;
mod events_twice;
mod experiments;
mod genres;
mod iam;
mod main_job;
mod permissions;
mod quotas;
mod recommendations;
mod retraining;
mod training_data;

/// The serving model and the experiment, of which there is one each. Tests that change them write, tests that read recommendations read.
static MODEL: RwLock<()> = RwLock::const_new(());
