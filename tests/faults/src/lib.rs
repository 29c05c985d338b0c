//! Breaking a running Marquee: what is killed, and how its processes are found. The tests below `tests/` run one after the
//! other, for what they break is shared.

#![expect(clippy::expect_used, clippy::missing_panics_doc, reason = "tests fail by panicking")]

use marquee_scenario_tests::Marquee;
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

/// Ends one of the installation's services without a chance to say goodbye.
pub fn kill_service(marquee: &Marquee, service: &str) {
    assert!(end(marquee.service(service)), "{service} runs");
}

/// Ends every warm function of the installation without a chance to say goodbye; says how many there were.
#[must_use]
pub fn kill_functions(marquee: &Marquee) -> usize {
    marquee.warm_functions().into_iter().filter(|pid| end(*pid)).count()
}

fn end(pid: u32) -> bool {
    let pid = i32::try_from(pid).expect("a process id");

    kill(Pid::from_raw(pid), Signal::SIGKILL).is_ok()
}

/// A service that is stopped in the middle of whatever it does, until this is dropped: it takes calls and answers none.
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
        // It may be gone: then there is nothing to go on.
        let _ = kill(self.0, Signal::SIGCONT);
    }
}

/// A rule of the event bus that passes nothing on, until it is switched on again: what comes in between is lost.
pub struct DisabledRule {
    bus: aws_sdk_eventbridge::Client,
    name: String,
}

impl DisabledRule {
    /// Switches off the rule whose name has this in it.
    pub async fn named(marquee: &Marquee, part: &str) -> Self {
        let bus = aws_sdk_eventbridge::Client::new(&marquee.operator().await);
        let listed = bus.list_rules().send().await.expect("ListRules");
        let mut names = listed
            .rules
            .unwrap_or_default()
            .into_iter()
            .filter_map(|rule| rule.name);
        let name = names.find(|name| name.contains(part)).expect("a rule");
        bus.disable_rule().name(&name).send().await.expect("DisableRule");

        Self { bus, name }
    }

    /// Switches it on again.
    pub async fn enable(self) {
        let enabled = self.bus.enable_rule().name(self.name).send().await;

        enabled.expect("EnableRule");
    }
}
