//! The command line.

mod ids;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::output::Output;

const EXIT_CODES: &str = "\
Exit codes:
  0  done
  1  the service refused the operation, or the pipeline failed the title
  2  the command line, a value in it, or a local file is wrong
  3  not signed in, or not allowed
  4  not found
  5  the service, or the connection to it, does not work now";

/// The heading of the options that every command has.
const GLOBAL_OPTIONS: &str = "Global options";

/// Marquee on the command line: upload films, follow their processing, administer the service
#[derive(Debug, Parser)]
#[command(name = "marquee", version, after_help = EXIT_CODES)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The options of every command: which service, and how results are printed.
#[derive(Debug, Args)]
pub struct Global {
    /// Address of Marquee
    #[arg(
        long,
        global = true,
        env = "MARQUEE_URL",
        default_value = "http://localhost:8080",
        help_heading = GLOBAL_OPTIONS
    )]
    pub(crate) url: String,
    /// Folder for sign-ins and interrupted uploads [default: $XDG_CONFIG_HOME/marquee]
    #[arg(
        long,
        global = true,
        env = "MARQUEE_CONFIG_DIR",
        hide_env_values = true,
        value_name = "FOLDER",
        help_heading = GLOBAL_OPTIONS
    )]
    pub(crate) config_dir: Option<PathBuf>,
    /// Print results as JSON: one document, or one line for each item
    #[arg(long, global = true, help_heading = GLOBAL_OPTIONS)]
    json: bool,
}

impl Global {
    /// How results are printed.
    #[must_use]
    pub fn output(&self) -> Output {
        Output::new(self.json)
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Request an account; a code is sent by email
    SignUp(Address),
    /// Create the account with the code from the email, and sign in
    Confirm(Confirm),
    /// Request another code for `confirm`
    Resend(Address),
    /// Request a code for `reset`
    Forgot(Address),
    /// Set a new password with the code from the email, and sign in
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
    /// Upload a film for a title without one: a draft, or one that failed or was canceled
    Upload(Upload),
    /// Abort the open upload of a title and delete its parts; the title is a draft again
    AbortUpload(OneTitle),
    /// List titles, newest first
    Titles(Titles),
    /// List the genres
    Genres,
    /// Show a title
    Title(OneTitle),
    /// Show the pipeline steps of a title
    Timeline(Timeline),
    /// Print the addresses of a title for people and players
    Play(Play),
    /// Show similar titles, and why they are similar
    Similar(OneTitle),
    /// Run the pipeline of a failed title again (admins)
    Redrive(Redrive),
    /// Cancel the processing of a title (its owner, admins)
    Cancel(OneTitle),
    /// Change the name, description, genres, language or visibility of a title; give at least one of them
    Edit(Edit),
    /// Remove a published title from the catalogue; it can be restored for a while
    Archive(OneTitle),
    /// Restore an archived title
    Restore(OneTitle),
    /// Delete a draft or a failed upload for good
    Delete(OneTitle),
    /// Show the mails of a local installation, such as those with codes
    Mail(Mail),
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
    /// Email address of the account
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
    /// Code from the email [default: asks for it]
    #[arg(long)]
    pub(crate) code: Option<String>,
    /// Display name
    #[arg(long)]
    pub(crate) name: String,
    /// Role of the account; creators upload films
    #[arg(long, value_enum, default_value_t = Role::Viewer)]
    pub(crate) role: Role,
    #[command(flatten)]
    pub(crate) password: Password,
}

#[derive(Debug, Args)]
pub(crate) struct Reset {
    #[command(flatten)]
    pub(crate) address: Address,
    /// Code from the email [default: asks for it]
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
    /// Video file to upload
    pub(crate) file: PathBuf,
    /// Name of the title
    #[arg(long, value_name = "NAME")]
    pub(crate) title: String,
    /// What the film is about
    #[arg(long, value_name = "TEXT")]
    pub(crate) description: Option<String>,
    /// A genre that `marquee genres` lists; may be given several times
    #[arg(long = "genre", value_name = "GENRE")]
    pub(crate) genres: Vec<String>,
    /// A language tag such as `en` or `pt-BR`
    #[arg(long, value_name = "TAG")]
    pub(crate) language: Option<String>,
    /// Who can watch it: everyone, everyone with its address, or only its owner
    #[arg(long, value_enum, default_value_t = Visibility::Public)]
    pub(crate) visibility: Visibility,
    #[command(flatten)]
    pub(crate) sending: Sending,
}

#[derive(Debug, Args)]
pub(crate) struct Upload {
    #[command(flatten)]
    pub(crate) title: OneTitle,
    /// Video file to upload
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) sending: Sending,
}

/// How a file is sent, and whether its processing is followed.
#[derive(Debug, Args)]
pub(crate) struct Sending {
    /// Media type of the file [default: by its extension]
    #[arg(long)]
    pub(crate) content_type: Option<String>,
    /// Number of parts sent at the same time
    #[arg(long, default_value_t = 4, allow_negative_numbers = true, value_parser = clap::value_parser!(u8).range(1..=16))]
    pub(crate) parallel: u8,
    /// Start over instead of resuming an interrupted upload
    #[arg(long)]
    pub(crate) restart: bool,
    /// Wait until the title is published or has failed
    #[arg(long)]
    pub(crate) watch: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Titles {
    /// Own titles, in any state
    #[arg(long)]
    pub(crate) mine: bool,
    /// Only titles in this state (with --mine, or for admins)
    #[arg(long, value_parser = ["draft", "uploading", "processing", "ready", "published", "failed", "archived"])]
    pub(crate) state: Option<String>,
    /// Only published titles of this genre; `marquee genres` lists the genres
    #[arg(long, conflicts_with_all = ["mine", "state"])]
    pub(crate) genre: Option<String>,
    /// How many titles to list at most
    #[arg(long, default_value_t = 20, allow_negative_numbers = true, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) limit: u32,
    /// List all titles
    #[arg(long, conflicts_with = "limit")]
    pub(crate) all: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Admin {
    /// List accounts
    Accounts(ListAccounts),
    /// Show an account
    Account(OneAccount),
    /// Give an account a role
    Grant {
        #[command(flatten)]
        account: OneAccount,
        /// Role to grant
        #[arg(value_enum)]
        role: GrantedRole,
    },
    /// Take a role from an account; it ends within ten seconds
    Take {
        #[command(flatten)]
        account: OneAccount,
        /// Role to take
        #[arg(value_enum)]
        role: GrantedRole,
    },
    /// Disable an account and end all its sessions
    Disable(OneAccount),
    /// Enable a disabled account
    Enable(OneAccount),
    /// List requests to become a creator
    Requests,
    /// Approve or decline a request to become a creator
    Decide {
        #[command(flatten)]
        account: OneAccount,
        /// Decision about the request
        #[arg(value_enum)]
        decision: Decision,
    },
    /// Show the audit log of today, or by one filter
    Audit(Audit),
}

#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("which").multiple(false))]
pub(crate) struct ListAccounts {
    /// Only accounts whose address begins with this text
    #[arg(long, group = "which", value_name = "TEXT")]
    pub(crate) email: Option<String>,
    /// Only accounts with this role
    #[arg(long, group = "which", value_enum)]
    pub(crate) role: Option<GrantedRole>,
    /// Only disabled accounts
    #[arg(long, group = "which")]
    pub(crate) disabled: bool,
}

#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("lines").multiple(false))]
pub(crate) struct Audit {
    /// Entries of this day, in UTC
    #[arg(long, group = "lines", value_name = "YYYY-MM-DD")]
    pub(crate) day: Option<String>,
    /// Actions of this account
    #[arg(long, group = "lines", value_name = "ACCOUNT_ID", value_parser = ids::account)]
    pub(crate) actor: Option<String>,
    /// Actions on this target: `account:ID`, `title:ID`, `retraining:ID` or `experiment:ID`
    #[arg(long, group = "lines", value_name = "KIND:ID")]
    pub(crate) target: Option<String>,
}

/// A role that admins can grant and take.
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
pub(crate) struct OneAccount {
    /// Id of the account; `marquee admin accounts` lists them
    #[arg(value_name = "ACCOUNT_ID", value_parser = ids::account)]
    pub(crate) id: String,
}

#[derive(Debug, Args)]
pub(crate) struct OneTitle {
    /// Id of the title; `marquee titles` lists them
    #[arg(value_name = "TITLE_ID", value_parser = ids::title)]
    pub(crate) id: String,
}

#[derive(Debug, Args)]
pub(crate) struct Timeline {
    #[command(flatten)]
    pub(crate) title: OneTitle,
    /// Wait until the title is published or has failed
    #[arg(long)]
    pub(crate) watch: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Play {
    #[command(flatten)]
    pub(crate) title: OneTitle,
    /// Download every playlist and segment, and check that none is missing
    #[arg(long)]
    pub(crate) check: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Redrive {
    #[command(flatten)]
    pub(crate) title: OneTitle,
    /// First step to run [default: the failed one]
    #[arg(long, value_name = "STEP", value_parser = ["validate", "plan", "transcode", "verify", "publish"])]
    pub(crate) from: Option<String>,
    /// Wait until the title is published or has failed
    #[arg(long)]
    pub(crate) watch: bool,
}

#[derive(Debug, Args)]
#[command(
    group = clap::ArgGroup::new("change").required(true).multiple(true),
    override_usage = "marquee edit <TITLE_ID> [--title <NAME>] [--description <TEXT>] [--genre <GENRE>]... [--language <TAG>] \
                      [--visibility <VISIBILITY>]"
)]
pub(crate) struct Edit {
    #[command(flatten)]
    pub(crate) title_id: OneTitle,
    /// Another name
    #[arg(long, group = "change", value_name = "NAME")]
    pub(crate) title: Option<String>,
    /// Another description; an empty text removes it
    #[arg(long, group = "change", value_name = "TEXT")]
    pub(crate) description: Option<String>,
    /// A genre that `marquee genres` lists, in place of all that it has; may be given several times
    #[arg(long = "genre", group = "change", value_name = "GENRE")]
    pub(crate) genres: Vec<String>,
    /// A language tag such as `en` or `pt-BR`; an empty one removes the language
    #[arg(long, group = "change", value_name = "TAG")]
    pub(crate) language: Option<String>,
    /// Who can watch it: everyone, everyone with its address, or only its owner
    #[arg(long, value_enum, group = "change")]
    pub(crate) visibility: Option<Visibility>,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;
    use crate::failure::Exit;

    const ID: &str = "0192f7a4-6f0e-7cc2-b3a1-5a1f0f6f9d11";

    #[test]
    fn the_command_line_is_well_formed() {
        Arguments::command().debug_assert();
    }

    /// The same command line with help of a fixed width, and without the values of variables on this machine.
    fn fixed(command: clap::Command) -> clap::Command {
        command
            .term_width(100)
            .mut_args(|argument| argument.hide_env_values(true))
            .mut_subcommands(fixed)
    }

    /// The command whose options are not set by the environment of the test.
    fn without_environment(command: clap::Command) -> clap::Command {
        command
            .mut_args(|argument| argument.env(clap::builder::Resettable::Reset))
            .mut_subcommands(without_environment)
    }

    /// What `--help` prints of the command at `path`, and of all commands below it.
    fn help_of(root: &clap::Command, command: &clap::Command, path: &[&str]) -> String {
        let printed = root
            .clone()
            .try_get_matches_from(path.iter().chain(&["--help"]))
            .unwrap_err();
        let mut help = format!("$ {} --help\n{printed}\n", path.join(" "));
        for below in command.get_subcommands() {
            help += &help_of(root, below, &[path, &[below.get_name()]].concat());
        }
        help
    }

    #[test]
    fn the_help_is_that_of_the_snapshot() {
        let root = fixed(Arguments::command());
        let help = help_of(&root, &root, &["marquee"]);
        let lines: Vec<_> = help.lines().map(str::trim_end).collect();
        insta::assert_snapshot!("help", lines.join("\n"));
    }

    #[test]
    fn everything_has_a_help() {
        let mut without = Vec::new();
        collect_without_help(&Arguments::command(), &mut without);
        assert_eq!(without, [""; 0]);
    }

    /// Adds the commands, arguments and options that do not say what they are for.
    fn collect_without_help(command: &clap::Command, without: &mut Vec<String>) {
        let says_nothing =
            |text: Option<&clap::builder::StyledStr>| text.is_none_or(|text| text.to_string().trim().is_empty());
        if says_nothing(command.get_about()) {
            without.push(command.get_name().to_owned());
        }
        let arguments = command
            .get_arguments()
            .filter(|argument| says_nothing(argument.get_help()));
        without.extend(arguments.map(|argument| format!("{} {}", command.get_name(), argument.get_id())));
        for below in command.get_subcommands() {
            collect_without_help(below, without);
        }
    }

    #[test]
    fn wrong_command_lines_are_answered_as_in_the_snapshot() {
        let root = without_environment(fixed(Arguments::command()));
        let lines = [
            "title xyz",
            "abort-upload xyz",
            "upload xyz film.mp4",
            "admin grant nope creator",
            "admin grant ada@example.org creator",
            "admin audit --actor nope",
            "titles --limit -1",
            "titles --limit 0",
            "titles --state broken",
            "titles --mine --genre drama",
            "ingest film.mp4 --title Film --parallel -1",
            &format!("edit {ID}"),
        ];
        let answers = lines.map(|line| {
            let answer = root
                .clone()
                .try_get_matches_from(["marquee"].into_iter().chain(line.split(' ')))
                .unwrap_err();
            assert_eq!(answer.exit_code(), Exit::Usage as i32, "{line}");
            format!("$ marquee {line}\n{answer}")
        });
        let lines: Vec<_> = answers
            .iter()
            .flat_map(|answer| answer.lines())
            .map(str::trim_end)
            .collect();
        insta::assert_snapshot!("wrong_command_lines", lines.join("\n"));
    }

    #[test]
    fn help_lists_the_exit_codes() {
        let help = Arguments::command().render_help().to_string();
        for code in 0..=5 {
            assert!(help.contains(&format!("\n  {code}  ")), "{code}");
        }
    }

    #[test]
    fn an_upload_for_an_existing_title_needs_no_name() {
        let parsed = Arguments::try_parse_from(["marquee", "upload", ID, "film.mp4", "--restart"]).unwrap();
        let Command::Upload(upload) = parsed.command else {
            panic!("{:?}", parsed.command)
        };
        assert_eq!((upload.title.id.as_str(), upload.file.to_str()), (ID, Some("film.mp4")));
        assert!(upload.sending.restart && !upload.sending.watch);
        assert!(Arguments::try_parse_from(["marquee", "upload", "film.mp4"]).is_err());
    }

    #[test]
    fn an_edit_that_changes_nothing_is_refused() {
        assert!(Arguments::try_parse_from(["marquee", "edit", ID]).is_err());
        assert!(Arguments::try_parse_from(["marquee", "edit", ID, "--description", ""]).is_ok());
    }
}
