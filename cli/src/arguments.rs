//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

const EXIT_CODES: &str = "\
Exit codes:
  0  done
  1  the service refused the operation, or the pipeline failed the title
  2  the command line or a local file is wrong
  3  not signed in, or not allowed
  4  not found
  5  the service, or the way to it, does not work now";

/// Marquee's command line: upload films, follow them to the screen, watch over the service.
#[derive(Debug, Parser)]
#[command(name = "marquee", version, after_help = EXIT_CODES)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Args)]
pub(crate) struct Global {
    /// Marquee's address
    #[arg(long, global = true, env = "MARQUEE_URL", default_value = "http://localhost:8080")]
    pub(crate) url: String,
    /// Folder for the sign-in and for interrupted uploads [default: $XDG_CONFIG_HOME/marquee]
    #[arg(
        long,
        global = true,
        env = "MARQUEE_CONFIG_DIR",
        hide_env_values = true,
        value_name = "FOLDER"
    )]
    pub(crate) config_dir: Option<PathBuf>,
    /// Results as JSON on standard output: one document, or one line for each item
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make an account; a code is sent by e-mail
    SignUp(Address),
    /// Make the account with the code from the e-mail, and sign in
    Confirm(Confirm),
    /// Have another code mailed, to confirm with
    Resend(Address),
    /// Have a code mailed that sets a new password
    Forgot(Address),
    /// Set a new password with the code from the e-mail, and sign in
    Reset(Reset),
    /// Change the password; all other sessions end
    Password(ChangePassword),
    /// Sign in on this machine
    SignIn(SignIn),
    /// Sign out on this machine
    SignOut(SignOut),
    /// Show who is signed in
    Whoami,
    /// Ask to become a creator
    StartPublishing,
    /// Accounts, requests to become a creator, and the audit log (admins)
    Admin {
        #[command(subcommand)]
        command: Admin,
    },
    /// Upload a film as a new title; an interrupted upload of the same file continues where it stopped
    Ingest(Ingest),
    /// Upload a film for a title that has none: a draft, or one that failed or was canceled
    Upload(Upload),
    /// List titles, newest first
    Titles(Titles),
    /// List the genres that titles may have
    Genres,
    /// Show a title
    Title(OneTitle),
    /// Show a title's way through the pipeline
    Timeline(Timeline),
    /// Print the addresses at which a title can be watched
    Play(Play),
    /// Show titles like this one, and why
    Similar(OneTitle),
    /// Run the pipeline of a failed title again (admins)
    Redrive(Redrive),
    /// Cancel the processing of a title (its owner, admins)
    Cancel(OneTitle),
    /// Change what is said about a title
    Edit(Edit),
    /// Take a published title out of the catalogue; it can be restored for a while
    Archive(OneTitle),
    /// Bring an archived title back
    Restore(OneTitle),
    /// Delete a draft or a failed upload for good
    Delete(OneTitle),
    /// Show the mails that a local installation would have sent, such as those with codes
    Mail(Mail),
    /// Send a folder of media with a MANIFEST.tsv through the service and compare what happens with what should
    MediaCheck(MediaCheck),
}

#[derive(Debug, Args)]
pub(crate) struct Password {
    /// Read the password from standard input instead of asking
    #[arg(long)]
    pub(crate) password_stdin: bool,
    /// For scripts
    #[arg(long, env = "MARQUEE_PASSWORD", hide_env_values = true, hide = true)]
    pub(crate) password: Option<String>,
}

/// An address, for commands that need nothing else.
#[derive(Debug, Args)]
pub(crate) struct Address {
    #[arg(long, env = "MARQUEE_EMAIL")]
    pub(crate) email: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Role {
    Viewer,
    Creator,
}

#[derive(Debug, Args)]
pub(crate) struct Confirm {
    #[command(flatten)]
    pub(crate) address: Address,
    #[arg(long)]
    pub(crate) code: Option<String>,
    /// The name that others see
    #[arg(long)]
    pub(crate) name: String,
    #[arg(long, value_enum, default_value_t = Role::Viewer)]
    pub(crate) role: Role,
    #[command(flatten)]
    pub(crate) password: Password,
}

#[derive(Debug, Args)]
pub(crate) struct Reset {
    #[command(flatten)]
    pub(crate) address: Address,
    #[arg(long)]
    pub(crate) code: Option<String>,
    #[command(flatten)]
    pub(crate) password: Password,
}

#[derive(Debug, Args)]
pub(crate) struct ChangePassword {
    #[command(flatten)]
    pub(crate) current: Password,
    /// For scripts; with --password-stdin the second line is the new password
    #[arg(long, env = "MARQUEE_NEW_PASSWORD", hide_env_values = true, hide = true)]
    pub(crate) new_password: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct SignOut {
    /// End all sessions of the account, on every device
    #[arg(long)]
    pub(crate) everywhere: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Mail {
    /// Only mails to this address
    #[arg(long, value_name = "EMAIL")]
    pub(crate) to: Option<String>,
    /// Print only the newest code
    #[arg(long)]
    pub(crate) code: bool,
}

#[derive(Debug, Args)]
pub(crate) struct SignIn {
    #[command(flatten)]
    pub(crate) address: Address,
    #[command(flatten)]
    pub(crate) password: Password,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Visibility {
    Public,
    Unlisted,
    Private,
}

#[derive(Debug, Args)]
pub(crate) struct Ingest {
    pub(crate) file: PathBuf,
    /// The title's name
    #[arg(long)]
    pub(crate) title: String,
    #[arg(long)]
    pub(crate) description: Option<String>,
    /// May be given several times
    #[arg(long = "genre")]
    pub(crate) genres: Vec<String>,
    /// A language tag such as `en` or `pt-BR`
    #[arg(long)]
    pub(crate) language: Option<String>,
    #[arg(long, value_enum, default_value_t = Visibility::Public)]
    pub(crate) visibility: Visibility,
    #[command(flatten)]
    pub(crate) sending: Sending,
}

#[derive(Debug, Args)]
pub(crate) struct Upload {
    #[command(flatten)]
    pub(crate) title: OneTitle,
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) sending: Sending,
}

/// How a file is sent, and how long one looks.
#[derive(Debug, Args)]
pub(crate) struct Sending {
    /// The file's media type [default: by its extension]
    #[arg(long)]
    pub(crate) content_type: Option<String>,
    /// Parts on their way at the same time
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u8).range(1..=16))]
    pub(crate) parallel: u8,
    /// Start over even if an upload was interrupted
    #[arg(long)]
    pub(crate) restart: bool,
    /// Follow the pipeline until the title is published or failed
    #[arg(long)]
    pub(crate) watch: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Titles {
    /// My own, in any state
    #[arg(long)]
    pub(crate) mine: bool,
    /// Only those in this state (with --mine, or for admins)
    #[arg(long)]
    pub(crate) state: Option<String>,
    #[arg(long)]
    pub(crate) genre: Option<String>,
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) limit: u32,
    /// To the end, however many
    #[arg(long, conflicts_with = "limit")]
    pub(crate) all: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Admin {
    /// List accounts
    Accounts(ListAccounts),
    /// Show an account
    Account {
        #[arg(value_name = "ACCOUNT_ID")]
        id: String,
    },
    /// Give an account a role
    Grant {
        #[arg(value_name = "ACCOUNT_ID")]
        id: String,
        #[arg(value_enum)]
        role: GrantedRole,
    },
    /// Take a role away from an account; it is gone within ten seconds
    Take {
        #[arg(value_name = "ACCOUNT_ID")]
        id: String,
        #[arg(value_enum)]
        role: GrantedRole,
    },
    /// Disable an account and end all its sessions
    Disable {
        #[arg(value_name = "ACCOUNT_ID")]
        id: String,
    },
    /// Let a disabled account in again
    Enable {
        #[arg(value_name = "ACCOUNT_ID")]
        id: String,
    },
    /// List who asks to become a creator
    Requests,
    /// Approve or decline a request to become a creator
    Decide {
        #[arg(value_name = "ACCOUNT_ID")]
        id: String,
        #[arg(value_enum)]
        decision: Decision,
    },
    /// Read the audit log: of today, or by one filter
    Audit(Audit),
}

#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("which").multiple(false))]
pub(crate) struct ListAccounts {
    /// Only those whose address begins so
    #[arg(long, group = "which", value_name = "TEXT")]
    pub(crate) email: Option<String>,
    /// Only those with this role
    #[arg(long, group = "which", value_enum)]
    pub(crate) role: Option<GrantedRole>,
    /// Only those that are disabled
    #[arg(long, group = "which")]
    pub(crate) disabled: bool,
}

#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("lines").multiple(false))]
pub(crate) struct Audit {
    /// Of this day, in UTC
    #[arg(long, group = "lines", value_name = "YYYY-MM-DD")]
    pub(crate) day: Option<String>,
    /// What this account did
    #[arg(long, group = "lines", value_name = "ACCOUNT_ID")]
    pub(crate) actor: Option<String>,
    /// What was done to this: `account:ID`, `title:ID`, `retraining:ID` or `experiment:ID`
    #[arg(long, group = "lines", value_name = "KIND:ID")]
    pub(crate) target: Option<String>,
}

/// A role that admins grant and take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum GrantedRole {
    Creator,
    Admin,
}

impl GrantedRole {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Creator => "creator",
            Self::Admin => "admin",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Decision {
    Approve,
    Decline,
}

#[derive(Debug, Args)]
pub(crate) struct OneTitle {
    #[arg(value_name = "TITLE_ID")]
    pub(crate) id: String,
}

#[derive(Debug, Args)]
pub(crate) struct Timeline {
    #[command(flatten)]
    pub(crate) title: OneTitle,
    /// Follow it until the title is published or failed
    #[arg(long)]
    pub(crate) watch: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Play {
    #[command(flatten)]
    pub(crate) title: OneTitle,
    /// Download every playlist and segment and see that nothing is missing
    #[arg(long)]
    pub(crate) check: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Redrive {
    #[command(flatten)]
    pub(crate) title: OneTitle,
    /// The step to begin with [default: the one that failed]
    #[arg(long, value_name = "STEP", value_parser = ["validate", "plan", "transcode", "verify", "publish"])]
    pub(crate) from: Option<String>,
    /// Follow it until the title is published or failed
    #[arg(long)]
    pub(crate) watch: bool,
}

#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("change").required(true).multiple(true))]
pub(crate) struct Edit {
    #[arg(value_name = "TITLE_ID")]
    pub(crate) id: String,
    #[arg(long, group = "change")]
    pub(crate) title: Option<String>,
    #[arg(long, group = "change")]
    pub(crate) description: Option<String>,
    /// All its genres anew; may be given several times
    #[arg(long = "genre", group = "change")]
    pub(crate) genres: Vec<String>,
    #[arg(long, group = "change")]
    pub(crate) language: Option<String>,
    #[arg(long, value_enum, group = "change")]
    pub(crate) visibility: Option<Visibility>,
}

#[derive(Debug, Args)]
pub(crate) struct MediaCheck {
    /// A folder with a MANIFEST.tsv
    pub(crate) folder: PathBuf,
    /// Files on their way at the same time
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u8).range(1..=8))]
    pub(crate) parallel: u8,
    // Longer than the longest step that is silent while it runs, which is *convert*: its function may take 300 s, its state 330 s
    // (`statemachines/ingest.asl.yaml`), and it may be tried again.
    /// Seconds without any progress after which a file of kind `ok` counts as stuck (hostile ones have a minute in all)
    #[arg(long, default_value_t = 600, value_name = "SECONDS")]
    pub(crate) patience: u64,
    /// Only files whose path contains this
    #[arg(long, value_name = "TEXT")]
    pub(crate) only: Option<String>,
    /// Leave the titles in the catalogue instead of archiving those that ended as expected
    #[arg(long)]
    pub(crate) keep: bool,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn help_lists_the_exit_codes() {
        let help = Arguments::command().render_help().to_string();
        for code in 0..=5 {
            assert!(help.contains(&format!("\n  {code}  ")), "{code}");
        }
    }

    #[test]
    fn a_film_for_a_title_that_is_there_needs_no_name() {
        let parsed = Arguments::try_parse_from(["marquee", "upload", "id", "film.mp4", "--restart"]).unwrap();
        let Command::Upload(upload) = parsed.command else {
            panic!("{:?}", parsed.command)
        };
        assert_eq!(
            (upload.title.id.as_str(), upload.file.to_str()),
            ("id", Some("film.mp4"))
        );
        assert!(upload.sending.restart && !upload.sending.watch);
        assert!(Arguments::try_parse_from(["marquee", "upload", "film.mp4"]).is_err());
    }

    #[test]
    fn an_edit_that_changes_nothing_is_refused() {
        assert!(Arguments::try_parse_from(["marquee", "edit", "id"]).is_err());
        assert!(Arguments::try_parse_from(["marquee", "edit", "id", "--description", ""]).is_ok());
    }
}
