//! Breaking a running Marquee: killed and paused processes, and lost events. The tests in `tests/` run one at a time, because they
//! break shared services.

#![expect(clippy::expect_used, clippy::missing_panics_doc, reason = "tests fail by panicking")]

use std::thread;

use marquee_scenario_tests::Marquee;
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use serde_json::json;
use tokio::{runtime::Handle, task};

/// Kills one of the installation's services (`SIGKILL`).
pub fn kill_service(marquee: &Marquee, service: &str) {
    assert!(kill_process(marquee.service(service)), "{service} runs");
}

/// Kills every warm function of the installation (`SIGKILL`), and returns their number.
#[must_use]
pub fn kill_functions(marquee: &Marquee) -> usize {
    marquee
        .warm_functions()
        .into_iter()
        .filter(|pid| kill_process(*pid))
        .count()
}

fn kill_process(pid: u32) -> bool {
    let pid = i32::try_from(pid).expect("a process id");

    kill(Pid::from_raw(pid), Signal::SIGKILL).is_ok()
}

/// A service that is paused until this is dropped: it accepts connections and does not answer.
pub struct Paused(Pid);

impl Paused {
    /// Pauses one of the installation's services.
    #[must_use]
    pub fn service(marquee: &Marquee, service: &str) -> Self {
        let pid = Pid::from_raw(i32::try_from(marquee.service(service)).expect("a process id"));
        kill(pid, Signal::SIGSTOP).expect("it runs");

        Self(pid)
    }
}

impl Drop for Paused {
    fn drop(&mut self) {
        // Fails if the process has ended.
        let _ = kill(self.0, Signal::SIGCONT);
    }
}

/// A disabled rule of the event bus: events are lost until this is dropped. Only for tests on several threads.
pub struct DisabledRule {
    marquee: Marquee,
    name: String,
}

impl DisabledRule {
    /// Disables the rule whose name contains a text.
    pub async fn disable(marquee: &Marquee, part: &str) -> Self {
        let listed = marquee.call("events", "AWSEvents.ListRules", &json!({})).await;
        let rules = listed["Rules"].as_array().expect("rules").iter();
        let mut names = rules.filter_map(|rule| rule["Name"].as_str());
        let name = names.find(|name| name.contains(part)).expect("a rule");
        let rule = json!({ "Name": name });
        marquee.call("events", "AWSEvents.DisableRule", &rule).await;

        Self {
            marquee: marquee.clone(),
            name: name.to_owned(),
        }
    }
}

impl Drop for DisabledRule {
    fn drop(&mut self) {
        // Also when the test has panicked: the next one needs the rule. In a task, so that another panic does not end the process.
        let (marquee, rule) = (self.marquee.clone(), json!({ "Name": self.name }));
        let enable = tokio::spawn(async move { marquee.call("events", "AWSEvents.EnableRule", &rule).await });
        let enabled = task::block_in_place(|| Handle::current().block_on(enable));
        if !thread::panicking() {
            enabled.expect("EnableRule");
        }
    }
}
