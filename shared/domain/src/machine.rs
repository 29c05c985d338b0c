//! What the state machines share: closed lists of error names, because `Retry` and `Catch` match on names, and the parts of their
//! documents.

mod caught_error;

use serde::{Deserialize, Serialize};

pub use self::caught_error::CaughtError;

/// How an error can be handled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorClass {
    /// The input is at fault: the same input fails again.
    Refused,
    /// The run failed, but another run may succeed.
    Failed,
    /// The machine retries the step by itself.
    Transient,
}

/// An execution of a state machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Execution {
    /// It is in progress.
    Running,
    /// It succeeded.
    Succeeded,
    /// It failed, with this error and cause.
    Failed {
        /// The error's name.
        error: String,
        /// The error's message.
        cause: String,
    },
    /// An operator aborted it.
    Aborted,
}

/// The input of an execution. It decides the execution's name, so that a second start of the same run starts nothing.
pub trait ExecutionInput: Serialize {
    /// The name.
    fn execution_name(&self) -> String;
}

/// The input of a step that waits until its task token is returned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting<T> {
    /// The rest of the input.
    #[serde(flatten)]
    pub input: T,
    /// The token.
    pub task_token: String,
}

/// No error has this name.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
#[error("not a name of this machine's error list")]
pub struct UnknownError;

/// Declares a machine's error names, each with its class. Every list has the five names of failed calls to a service: `Superseded`,
/// `Throttled`, `Unavailable`, `Denied` and `Internal`.
macro_rules! error_names {
    ($(#[doc = $about:literal])+ $list:ident: $($(#[doc = $doc:literal])+ $name:ident $class:ident),+ $(,)?) => {
        $(#[doc = $about])+
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize, utoipa::ToSchema,
        )]
        pub enum $list {
            $($(#[doc = $doc])+ $name),+
        }

        impl $list {
            /// All names.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The name on the wire, in the table and in the state machine.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name)),+ }
            }

            /// How it can be handled.
            #[must_use]
            pub const fn class(self) -> $crate::machine::ErrorClass {
                match self { $(Self::$name => $crate::machine::ErrorClass::$class),+ }
            }
        }

        impl From<kernel::error_kind::ErrorKind> for $list {
            /// Steps write on the condition that their run is the newest one, so a conflict means that a newer run exists.
            fn from(kind: kernel::error_kind::ErrorKind) -> Self {
                use kernel::error_kind::ErrorKind;

                match kind {
                    ErrorKind::Conflict => Self::Superseded,
                    ErrorKind::Throttled => Self::Throttled,
                    ErrorKind::Unavailable => Self::Unavailable,
                    ErrorKind::Denied => Self::Denied,
                    ErrorKind::Internal | ErrorKind::Invalid => Self::Internal,
                }
            }
        }

        impl std::fmt::Display for $list {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.name())
            }
        }

        impl std::str::FromStr for $list {
            type Err = $crate::machine::UnknownError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::ALL
                    .iter()
                    .copied()
                    .find(|error| error.name() == text)
                    .ok_or($crate::machine::UnknownError)
            }
        }
    };
}

pub(crate) use error_names;
