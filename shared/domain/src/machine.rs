//! What the state machines have in common: errors have names out of a closed list, because `Retry` and `Catch` match on them.

/// What may be done about an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorClass {
    /// What was handed in is at fault: with the same again it would end the same.
    Refused,
    /// The run ended, but another run may go through.
    Failed,
    /// The machine tries the step again by itself.
    Transient,
}

/// An execution of a state machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Execution {
    /// It runs.
    Running,
    /// It reached its end.
    Succeeded,
    /// It failed, with this error and cause.
    Failed {
        /// The error's name.
        error: String,
        /// What it says about it.
        cause: String,
    },
    /// An operator stopped it.
    Aborted,
}

/// No error has this name.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
#[error("not a name of this machine's error list")]
pub struct UnknownError;

/// Declares a machine's error names, each with its class. Every list has the five names of what a service may answer: `Superseded`,
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

            /// What may be done about it.
            #[must_use]
            pub const fn class(self) -> $crate::machine::ErrorClass {
                match self { $(Self::$name => $crate::machine::ErrorClass::$class),+ }
            }
        }

        impl From<kernel::error_kind::ErrorKind> for $list {
            /// Steps write on the condition that their run is the newest one: a conflict means that it is not.
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
