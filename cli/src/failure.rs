//! Why a command failed, what to do about it, and the exit code for scripts.

use std::process::ExitCode;
use std::time::Duration;

use serde_json::{Value, json};

/// The exit codes, documented in README.md and `--help`. They never change meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Done.
    Done = 0,
    /// The service refused the operation, or the pipeline failed the title.
    Refused = 1,
    /// The command line was not parsed (clap's own code too), the service refused a value in it, or a local file cannot be used.
    Usage = 2,
    /// Not signed in, or without permission.
    Forbidden = 3,
    /// No such title, account or other document.
    NotFound = 4,
    /// The service, or the connection to it, does not work now.
    Unavailable = 5,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// A command that failed.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    /// The exit code of the command.
    pub exit: Exit,
    /// What happened.
    pub message: String,
    /// What to do.
    pub(crate) advice: String,
    /// The problem document of the service, if there is one.
    pub(crate) problem: Option<Value>,
    /// Set if the same request may succeed later.
    pub(crate) transient: Option<Transient>,
    /// The HTTP status, when there was an answer.
    pub(crate) status: Option<u16>,
}

/// A transient failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Transient {
    /// Whether the request was certainly not executed, so that even one that must not run twice may be repeated.
    pub(crate) unsent: bool,
    pub(crate) retry_after: Option<Duration>,
}

impl Failure {
    pub(crate) fn new(exit: Exit, message: impl Into<String>, advice: impl Into<String>) -> Self {
        Self {
            exit,
            message: message.into(),
            advice: advice.into(),
            problem: None,
            transient: None,
            status: None,
        }
    }

    /// The command line is wrong, or a local file cannot be used.
    #[must_use]
    pub fn usage(message: impl Into<String>, advice: impl Into<String>) -> Self {
        Self::new(Exit::Usage, message, advice)
    }

    /// A failure on this machine that the user has to fix.
    pub(crate) fn local(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, message, "")
    }

    /// `elsewhere` are the services with a sign-in: the address may be mistyped.
    pub(crate) fn not_signed_in(url: &str, elsewhere: &[String]) -> Self {
        let advice = match elsewhere {
            [] => "run `marquee sign-in` first".to_owned(),
            hosts => format!(
                "run `marquee sign-in` first, or check --url and MARQUEE_URL: you are signed in to {}",
                hosts.join(", ")
            ),
        };

        Self::new(Exit::Forbidden, format!("you are not signed in to {url}"), advice)
    }

    /// The reader of the output closed it (`marquee titles | head`), which is no error.
    pub(crate) fn output_closed() -> Self {
        Self::new(Exit::Done, "", "")
    }

    /// Whether the service will give the same answer next time.
    pub(crate) fn is_final(&self) -> bool {
        self.transient.is_none() && self.status.is_some_and(|status| (400..500).contains(&status))
    }

    /// JSON pointers to the fields that the service refused.
    pub(crate) fn refused_fields(&self) -> Vec<String> {
        let errors = self.problem.as_ref().and_then(|problem| problem["errors"].as_array());
        let pointers = errors
            .into_iter()
            .flatten()
            .filter_map(|error| error["pointer"].as_str());

        pointers.map(str::to_owned).collect()
    }

    /// The same failure with other advice.
    pub(crate) fn with_advice(mut self, advice: impl Into<String>) -> Self {
        self.advice = advice.into();
        self
    }

    /// For people: what happened, and what to do.
    pub(crate) fn to_text(&self) -> String {
        if self.advice.is_empty() {
            return format!("error: {}", self.message);
        }
        format!("error: {}\n  try: {}", self.message, self.advice)
    }

    /// For scripts.
    pub(crate) fn to_json(&self) -> Value {
        json!({
            "error": {
                "exit_code": self.exit as u8,
                "message": self.message,
                "advice": self.advice,
                "problem": self.problem,
            }
        })
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// One entry of a snapshot.
    pub(crate) fn entry(name: &str, failure: &Failure) -> String {
        format!("# {name}\n{}\nexit code {}\n", failure.to_text(), failure.exit as u8)
    }

    #[test]
    fn failures_read_as_in_the_snapshot() {
        let url = "http://localhost:8080/";
        let elsewhere = ["films.example".to_owned(), "localhost:9999".to_owned()];
        let failures = [
            ("not signed in", Failure::not_signed_in(url, &[])),
            ("signed in to others", Failure::not_signed_in(url, &elsewhere)),
            ("the command line", Failure::usage("what is wrong", "what to do")),
            ("this machine", Failure::local("what is wrong")),
        ];
        let texts = failures.iter().map(|(name, failure)| entry(name, failure));
        insta::assert_snapshot!("failures", texts.collect::<Vec<_>>().join("\n"));
    }
}
