//! The target of a deployment: a cloud, and how the functions are built for it. The steps of a deployment are the same for every target.

use std::{
    collections::BTreeSet,
    fmt, fs,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use tokio::process::Command;

use crate::{Installation, Project, environment::Environment};

/// The cloud to deploy to, and the build to deploy.
#[derive(Debug)]
pub struct Target {
    pub(crate) installation: Installation,
    cloud: Cloud,
    build: Build,
    /// The areas that are built in this way; empty means all. The others are built quickly.
    only: BTreeSet<String>,
}

#[derive(Debug)]
enum Cloud {
    /// The emulator of this installation.
    Local,
    /// AWS, in an environment of `samconfig.toml`.
    Aws(Environment),
}

/// How the programs of the functions are built.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Build {
    /// Quickly, for this machine.
    Fast,
    /// By cargo-lambda, for Lambda's own system.
    Release(Architecture),
}

/// A processor architecture that Lambda offers.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Architecture {
    Arm64,
    X86,
}

impl Target {
    /// The local cloud, with functions built in the fast profile.
    #[must_use]
    pub fn local(installation: Installation) -> Self {
        Self {
            installation,
            cloud: Cloud::Local,
            build: Build::Fast,
            only: BTreeSet::new(),
        }
    }

    /// The local cloud, with functions built as for AWS: those of these areas, or all if the list is empty.
    #[must_use]
    pub fn local_release(installation: Installation, only: &[String]) -> Self {
        Self {
            build: Build::Release(Architecture::of_this_machine()),
            only: only.iter().cloned().collect(),
            ..Self::local(installation)
        }
    }

    /// An environment of `samconfig.toml`, on AWS.
    pub fn aws(installation: Installation, name: &str) -> anyhow::Result<Self> {
        let file = installation.project.join("samconfig.toml");
        let samconfig = fs::read_to_string(&file).with_context(|| format!("{} cannot be read", file.display()))?;
        let environment = Environment::read(&samconfig, name, &crate::stack::suffixes(&installation.project)?)?;
        Ok(Self {
            installation,
            build: Build::Release(environment.architecture()?),
            only: BTreeSet::new(),
            cloud: Cloud::Aws(environment),
        })
    }

    pub(crate) fn build(&self) -> Build {
        self.build
    }

    /// The checkout.
    pub(crate) fn project(&self) -> &Project {
        &self.installation.project
    }

    /// The areas of `all` that are built as for AWS.
    pub(crate) fn released(&self, all: &BTreeSet<String>) -> anyhow::Result<BTreeSet<String>> {
        for name in &self.only {
            anyhow::ensure!(all.contains(name), "there is no folder functions/{name}");
        }
        Ok(match self.build {
            Build::Fast => BTreeSet::new(),
            Build::Release(_) if self.only.is_empty() => all.clone(),
            Build::Release(_) => self.only.clone(),
        })
    }

    /// The name of the core stack.
    pub(crate) fn stack(&self) -> &str {
        match &self.cloud {
            Cloud::Local => &self.installation.stack,
            Cloud::Aws(environment) => &environment.stack_name,
        }
    }

    /// The environment; none for the local cloud.
    pub(crate) fn environment(&self) -> Option<&Environment> {
        match &self.cloud {
            Cloud::Local => None,
            Cloud::Aws(environment) => Some(environment),
        }
    }

    pub(crate) fn is_local(&self) -> bool {
        matches!(self.cloud, Cloud::Local)
    }

    /// Fails unless the target is local or the operator gave the stack's name.
    pub(crate) fn require_confirmed(&self, confirmed: Option<&str>) -> anyhow::Result<()> {
        let stack = self.stack();
        anyhow::ensure!(
            self.is_local() || confirmed == Some(stack),
            "this removes the stacks of {stack} from {}: to confirm, add CONFIRM={stack}",
            self.region()
        );
        Ok(())
    }

    /// The folder with the deployment's results: the stacks' outputs, the first admin.
    pub(crate) fn home(&self) -> PathBuf {
        match &self.cloud {
            Cloud::Local => self.installation.home.clone(),
            Cloud::Aws(environment) => self.project().join(".marquee-aws").join(&environment.name),
        }
    }

    /// The folder with records of this deployment, which the next one reads. It is created if it is missing.
    pub(crate) fn records(&self) -> anyhow::Result<PathBuf> {
        create(self.home().join("run"))
    }

    /// The folder with the templates and the files that they name.
    pub(crate) fn staging(&self) -> PathBuf {
        match self.build {
            Build::Fast => self.project().folder().to_owned(),
            Build::Release(architecture) => self.project().join(format!("build/{architecture}")),
        }
    }

    /// The program with an area's functions.
    pub(crate) fn binary(&self, area: &str) -> PathBuf {
        let target = self.project().join("target");
        match self.build {
            Build::Release(architecture) if self.only.is_empty() || self.only.contains(area) => {
                lambda_folder(&target, architecture)
                    .join(program(area))
                    .join("bootstrap")
            }
            _ => target.join("debug").join(program(area)),
        }
    }

    /// A program of AWS (`aws`, `sam`) that acts on the target. For the local cloud it sees none of the operator's own settings.
    pub(crate) fn program(&self, name: &str) -> anyhow::Result<Command> {
        let mut command = Command::new(self.project().tool(name));
        if self.is_local() {
            let Installation { home, emulator, .. } = &self.installation;
            command
                .env_clear()
                .env("HOME", create(home.join("aws"))?)
                .env("AWS_ENDPOINT_URL", emulator.url())
                .env("AWS_ACCESS_KEY_ID", emulator.root_key())
                .env("AWS_SECRET_ACCESS_KEY", emulator.root_key());
        }
        command
            .current_dir(self.staging())
            .env("PATH", self.project().path_variable())
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("AWS_DEFAULT_REGION", self.region())
            .env("AWS_REGION", self.region());
        // `sam` reads the profile from samconfig.toml. `aws` gets it as an argument, which overrides keys of the environment as
        // `sam` does: both must act in the same account.
        if name == "aws"
            && let Some(profile) = self.environment().and_then(|environment| environment.profile.as_ref())
        {
            command.args(["--profile", profile]);
        }
        Ok(command)
    }

    /// The region.
    pub(crate) fn region(&self) -> &str {
        match &self.cloud {
            Cloud::Local => self.installation.emulator.region(),
            Cloud::Aws(environment) => &environment.region,
        }
    }

    /// The templates' parameters for the local cloud: every difference from AWS, whose values are the defaults and `samconfig.toml`.
    pub(crate) fn parameters(&self) -> Vec<(&'static str, String)> {
        if !self.is_local() {
            return Vec::new();
        }
        let Installation {
            emulator,
            edge_url,
            mediaconvert_event_source,
            sagemaker_event_source,
            ..
        } = &self.installation;
        vec![
            ("FunctionArchitecture", Architecture::of_this_machine().to_string()),
            // Only AWS may put events whose source starts with `aws.`: the stand-ins use sources of their own.
            ("MediaConvertEventSource", mediaconvert_event_source.clone()),
            ("SageMakerEventSource", sagemaker_event_source.clone()),
            // The only image that the stand-in accepts.
            ("RecommenderImage", "marquee-recommender:latest".to_owned()),
            // A laptop sleeps at night: its owner starts retrainings by hand.
            ("RetrainScheduleState", "DISABLED".to_owned()),
            ("PublicOrigin", edge_url.clone()),
            // `reset` deletes everything.
            ("DeletionProtection", "off".to_owned()),
            ("ApiOriginDomain", "127.0.0.1".to_owned()),
            ("ApiOriginPort", emulator.port().to_string()),
            ("ApiOriginPathPrefix", "/_aws/execute-api".to_owned()),
            ("UploadOrigin", emulator.url()),
            // Everyone who reaches a laptop's Marquee may try both sides of it.
            ("CreatorPolicy", "open".to_owned()),
            // All callers of a laptop's Marquee, tests among them, share one address.
            ("CallerLimitFactor", "1000".to_owned()),
            // A laptop that slept has missed events: the sweeper recovers them soon after it wakes.
            ("SweepSchedule", "rate(1 minute)".to_owned()),
            // One person tries everything on a laptop, and a folder of media becomes many titles.
            ("TitlesPerAccountDay", "10000".to_owned()),
            ("OpenUploadsPerAccount", "20".to_owned()),
            ("UploadsPerAccountDay", "10000".to_owned()),
            ("UploadBytesPerAccountDay", "10000000000000".to_owned()),
            ("DailyBudgetMicros", "1000000000000".to_owned()),
            ("DailyBudgetPerAccountMicros", "100000000000".to_owned()),
            // A person who looks for the event of their last click finds it.
            ("ExportWindowSeconds", "1".to_owned()),
        ]
    }
}

/// Creates a folder if it is missing.
fn create(folder: PathBuf) -> anyhow::Result<PathBuf> {
    fs::create_dir_all(&folder).with_context(|| format!("{} cannot be created", folder.display()))?;
    Ok(folder)
}

/// The name of an area's crate and of its program: with a suffix, because `marquee-recommender` is the program that trains and serves.
pub(crate) fn program(area: &str) -> String {
    format!("marquee-{area}-functions")
}

/// The folder of cargo-lambda's binaries: one per architecture, or one would replace the other.
pub(crate) fn lambda_folder(target: &Path, architecture: Architecture) -> PathBuf {
    target.join(format!("lambda-{architecture}"))
}

impl Architecture {
    fn of_this_machine() -> Self {
        if cfg!(target_arch = "aarch64") {
            Self::Arm64
        } else {
            Self::X86
        }
    }
}

impl fmt::Display for Architecture {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Arm64 => "arm64",
            Self::X86 => "x86_64",
        })
    }
}

#[cfg(test)]
impl Target {
    /// An environment of AWS whose checkout is in this folder.
    pub(crate) fn aws_in_folder(folder: &Path) -> Self {
        let settings = "[e.deploy.parameters]\nregion = \"eu-west-1\"\nstack_name = \"marquee\"\nprofile = \"work\"";
        fs::write(folder.join("samconfig.toml"), settings).unwrap();
        fs::create_dir(folder.join("stacks")).unwrap();
        Self::aws(Installation::in_folder(folder), "e").unwrap()
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;

    use super::*;

    #[test]
    fn every_call_uses_the_profile_of_the_environment() {
        let project = tempfile::tempdir().unwrap();
        let target = Target::aws_in_folder(project.path());

        let aws = target.program("aws").unwrap();
        let arguments: Vec<_> = aws.as_std().get_args().collect();
        assert_eq!(arguments, ["--profile", "work"]);
        let region = aws.as_std().get_envs().find(|(name, _)| *name == "AWS_REGION");
        assert_eq!(region.unwrap().1, Some(OsStr::new("eu-west-1")));
        assert_eq!(target.program("sam").unwrap().as_std().get_args().count(), 0);
        assert!(target.require_confirmed(None).is_err());
        assert!(target.require_confirmed(Some("other")).is_err());
        assert!(target.require_confirmed(Some("marquee")).is_ok());
        assert_eq!(
            Target::local(Installation::in_folder(project.path()))
                .program("aws")
                .unwrap()
                .as_std()
                .get_args()
                .count(),
            0
        );
    }
}
