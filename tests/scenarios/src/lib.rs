//! Shared by the scenario and fault tests: a running Marquee, its users, films, and waiting for a state.
//!
//! The tests act on the installation that `make test` starts (`MARQUEE_URL`, `MARQUEE_EMULATOR_URL`, `MARQUEE_HOME`).
//! They act as Cognito users, as a browser would; only actions that no user can do (reading mail, counting jobs) use the emulator.

#![expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    clippy::disallowed_methods,
    reason = "tests fail by panicking, and read their own environment"
)]

pub mod answer;
pub mod aws;
pub mod films;
pub mod listener;
pub mod log;
pub mod people;
pub mod retraining;
pub mod revocation;
pub mod tokens;
pub mod uploads;
pub mod wait;
pub mod watching;

use std::{env, fs, path::PathBuf, sync::Once};

use serde_json::Value;

/// The installation under test.
#[derive(Clone, Debug)]
pub struct Marquee {
    /// The site's address.
    pub edge: String,
    /// The emulator.
    pub emulator: String,
    /// The MediaConvert stand-in.
    pub mediaconvert: String,
    /// The SageMaker stand-in.
    pub sagemaker: String,
    /// State, logs and secrets of the installation.
    pub home: PathBuf,
    pub(crate) http: reqwest::Client,
}

impl Marquee {
    /// The installation that the environment names; the test installation of `make test` without one.
    #[must_use]
    pub fn running() -> Self {
        static PROVIDER: Once = Once::new();
        PROVIDER.call_once(|| {
            // It fails if the provider is installed already.
            let _ = rustls::crypto::ring::default_provider().install_default();
        });
        let address = |variable, default: &str| env::var(variable).unwrap_or_else(|_| default.to_owned());

        Self {
            edge: address("MARQUEE_URL", "http://localhost:18080"),
            emulator: address("MARQUEE_EMULATOR_URL", "http://127.0.0.1:14600"),
            mediaconvert: address("MARQUEE_MEDIACONVERT_URL", "http://127.0.0.1:14601"),
            sagemaker: format!("http://127.0.0.1:{}", address("MARQUEE_SAGEMAKER_PORT", "14602")),
            home: address(
                "MARQUEE_HOME",
                concat!(env!("CARGO_MANIFEST_DIR"), "/../../.marquee-test"),
            )
            .into(),
            http: reqwest::Client::builder().no_proxy().build().expect("an HTTP client"),
        }
    }

    /// The stack's outputs.
    #[must_use]
    pub fn outputs(&self) -> Value {
        self.document("outputs.json")
    }

    /// A JSON file of the installation.
    pub(crate) fn document(&self, name: &str) -> Value {
        let file = self.home.join(name);
        let text = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));

        serde_json::from_str(&text).expect("JSON")
    }

    /// The process of one of the installation's services.
    #[must_use]
    pub fn service(&self, name: &str) -> u32 {
        self.try_service(name).expect("a process id")
    }

    /// The process of one of the installation's services, unless the service is starting.
    #[must_use]
    pub fn try_service(&self, name: &str) -> Option<u32> {
        let note = fs::read_to_string(self.home.join(format!("run/{name}.json"))).ok()?;
        let process: Value = serde_json::from_str(&note).ok()?;

        process["pid"].as_u64().and_then(|pid| u32::try_from(pid).ok())
    }

    /// The processes of the installation's warm functions.
    #[must_use]
    pub fn warm_functions(&self) -> Vec<u32> {
        let home = self.home.canonicalize().expect("the installation's folder");
        let home = home.to_string_lossy();
        let processes = fs::read_dir("/proc").expect("/proc").flatten();

        processes
            .filter_map(|entry| {
                let pid: u32 = entry.file_name().to_str()?.parse().ok()?;
                let line = String::from_utf8_lossy(&fs::read(format!("/proc/{pid}/cmdline")).ok()?).into_owned();

                (line.contains(&*home) && line.trim_end_matches('\0').ends_with("/bootstrap")).then_some(pid)
            })
            .collect()
    }
}
