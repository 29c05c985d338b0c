//! Where a deployment goes, and what it is made of. The steps are the same everywhere.

use std::{
    collections::BTreeSet,
    fmt, fs,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use tokio::process::Command;

use super::settings::Settings;
use crate::config::Config;

/// Where to, and made of what.
#[derive(Debug)]
pub(crate) struct Target<'a> {
    pub(super) config: &'a Config,
    cloud: Cloud,
    build: Build,
    /// The areas whose functions are built that way, if not all: the others are built quickly.
    only: BTreeSet<String>,
}

#[derive(Debug)]
enum Cloud {
    /// The emulator of this installation.
    Local,
    /// AWS, as an environment of `samconfig.toml` says.
    Aws { environment: String, settings: Settings },
}

/// How the function binaries are built.
#[derive(Clone, Copy, Debug)]
pub(super) enum Build {
    /// Quickly, for this machine.
    Fast,
    /// By cargo-lambda, for Lambda's own system.
    Release(Architecture),
}

/// A processor that Lambda has.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Architecture {
    Arm64,
    X86,
}

impl<'a> Target<'a> {
    /// The local cloud, with functions built in the fast profile.
    pub(crate) fn local(config: &'a Config) -> Self {
        Self {
            config,
            cloud: Cloud::Local,
            build: Build::Fast,
            only: BTreeSet::new(),
        }
    }

    /// The local cloud, with functions built as for AWS: those of these areas, or all if there are none.
    pub(crate) fn local_release(config: &'a Config, only: &[String]) -> Self {
        Self {
            build: Build::Release(Architecture::of_this_machine()),
            only: only.iter().cloned().collect(),
            ..Self::local(config)
        }
    }

    /// AWS, as `samconfig.toml` says for an environment.
    pub(crate) fn aws(config: &'a Config, environment: &str) -> anyhow::Result<Self> {
        let file = config.project.join("samconfig.toml");
        let settings = fs::read_to_string(&file).with_context(|| format!("{} cannot be read", file.display()))?;
        let settings = Settings::of(&settings, environment)?;
        Ok(Self {
            config,
            build: Build::Release(settings.architecture()?),
            only: BTreeSet::new(),
            cloud: Cloud::Aws {
                environment: environment.to_owned(),
                settings,
            },
        })
    }

    pub(super) fn build(&self) -> Build {
        self.build
    }

    /// The areas among `all` that are built as for AWS.
    pub(super) fn released(&self, all: &BTreeSet<String>) -> anyhow::Result<BTreeSet<String>> {
        for name in &self.only {
            anyhow::ensure!(all.contains(name), "there is no folder functions/{name}");
        }
        Ok(match self.build {
            Build::Fast => BTreeSet::new(),
            Build::Release(_) if self.only.is_empty() => all.clone(),
            Build::Release(_) => self.only.clone(),
        })
    }

    /// The stack that the application is.
    pub(super) fn stack(&self) -> &str {
        match &self.cloud {
            Cloud::Local => &self.config.stack,
            Cloud::Aws { settings, .. } => &settings.stack_name,
        }
    }

    /// The environment of `samconfig.toml`, if it goes to AWS.
    pub(super) fn environment(&self) -> Option<&str> {
        match &self.cloud {
            Cloud::Local => None,
            Cloud::Aws { environment, .. } => Some(environment),
        }
    }

    /// What `samconfig.toml` says of the environment, if it goes to AWS.
    pub(super) fn settings(&self) -> Option<&Settings> {
        match &self.cloud {
            Cloud::Local => None,
            Cloud::Aws { settings, .. } => Some(settings),
        }
    }

    /// Fails unless the person said the name of what is removed from AWS.
    pub(super) fn require_confirmed(&self, confirmed: Option<&str>) -> anyhow::Result<()> {
        let stack = self.stack();
        anyhow::ensure!(
            self.environment().is_none() || confirmed == Some(stack),
            "this removes the stacks of {stack} from {}: to do so, say CONFIRM={stack}",
            self.region()
        );
        Ok(())
    }

    /// What is remembered about the deployment: the stack's outputs, the first admin.
    pub(super) fn home(&self) -> PathBuf {
        match &self.cloud {
            Cloud::Local => self.config.home.clone(),
            Cloud::Aws { environment, .. } => self.config.project.join(".marquee-aws").join(environment),
        }
    }

    /// Notes for the next deployment.
    pub(crate) fn notes(&self) -> anyhow::Result<PathBuf> {
        let folder = self.home().join("run");
        fs::create_dir_all(&folder).with_context(|| format!("{} cannot be made", folder.display()))?;
        Ok(folder)
    }

    /// The folder in which `sam deploy` finds the template and what that names.
    pub(super) fn staging(&self) -> PathBuf {
        match self.build {
            Build::Fast => self.config.project.clone(),
            Build::Release(architecture) => self.config.project.join(format!("build/{architecture}")),
        }
    }

    /// The program with an area's functions.
    pub(super) fn binary(&self, area: &str) -> PathBuf {
        let target = self.config.project.join("target");
        match self.build {
            Build::Release(architecture) if self.only.is_empty() || self.only.contains(area) => {
                lambda_folder(&target, architecture)
                    .join(program(area))
                    .join("bootstrap")
            }
            _ => target.join("debug").join(program(area)),
        }
    }

    /// A program of AWS (`aws`, `sam`) that acts there. Locally it sees nothing of the person's own settings.
    pub(crate) fn program(&self, name: &str) -> anyhow::Result<Command> {
        let mut command = Command::new(self.config.tool(name));
        if matches!(self.cloud, Cloud::Local) {
            command
                .env_clear()
                .env("HOME", self.config.folder("aws")?)
                .env("AWS_ENDPOINT_URL", self.config.emulator_url())
                .env("AWS_ACCESS_KEY_ID", self.config.root_key())
                .env("AWS_SECRET_ACCESS_KEY", self.config.root_key());
        }
        command
            .current_dir(self.staging())
            .env("PATH", self.config.path_variable())
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("AWS_DEFAULT_REGION", self.region())
            .env("AWS_REGION", self.region());
        // `sam` reads the profile from samconfig.toml. `aws` is told on its command line, where it outweighs keys in the
        // environment as it does in `sam`: both have to act in the same account.
        if name == "aws"
            && let Some(profile) = self.settings().and_then(|settings| settings.profile.as_ref())
        {
            command.args(["--profile", profile]);
        }
        Ok(command)
    }

    /// The region that it is in.
    pub(super) fn region(&self) -> &str {
        match &self.cloud {
            Cloud::Local => &self.config.region,
            Cloud::Aws { settings, .. } => &settings.region,
        }
    }

    /// The template's parameters where `samconfig.toml` does not give them: all that differs from AWS on one machine.
    pub(super) fn parameters(&self) -> Vec<(&'static str, String)> {
        if matches!(self.cloud, Cloud::Aws { .. }) {
            return Vec::new();
        }
        vec![
            ("FunctionArchitecture", Architecture::of_this_machine().to_string()),
            // Nobody but AWS may put events whose source starts with `aws.`; the stand-in's have this one.
            ("MediaConvertEventSource", self.config.transcoding.event_source.clone()),
            ("SageMakerEventSource", self.config.sagemaker_event_source.clone()),
            // The only image that the stand-in knows. Nights are for sleeping: a laptop retrains by hand.
            ("RecommenderImage", "marquee-recommender:latest".to_owned()),
            ("RetrainScheduleState", "DISABLED".to_owned()),
            ("PublicOrigin", self.config.edge_url()),
            // `reset` wipes everything, and old versions of files would stay in the emulator's memory.
            ("DeletionProtection", "off".to_owned()),
            ("ApiOriginDomain", "127.0.0.1".to_owned()),
            ("ApiOriginPort", self.config.emulator_port.to_string()),
            ("ApiOriginPathPrefix", "/_aws/execute-api".to_owned()),
            ("UploadOrigin", self.config.emulator_url()),
            // Who installs Marquee on a laptop tries both sides of it, and nobody else gets in.
            ("CreatorPolicy", "open".to_owned()),
            // Everybody who uses a laptop's Marquee, and every test, comes from one address.
            ("CallerLimitFactor", "1000".to_owned()),
            // What a laptop loses by going to sleep should be mended soon after.
            ("SweepSchedule", "rate(1 minute)".to_owned()),
            // One person tries everything on a laptop, and a folder of media is many titles.
            ("TitlesPerAccountDay", "10000".to_owned()),
            ("OpenUploadsPerAccount", "20".to_owned()),
            ("UploadsPerAccountDay", "10000".to_owned()),
            ("UploadBytesPerAccountDay", "10000000000000".to_owned()),
            ("DailyBudgetMicros", "1000000000000".to_owned()),
            ("DailyBudgetPerAccountMicros", "100000000000".to_owned()),
            // Whoever looks after what they just did should find it.
            ("ExportWindowSeconds", "1".to_owned()),
        ]
    }
}

/// The name of an area's crate and of its program: with a suffix, because `marquee-recommender` is the program that trains and serves.
pub(super) fn program(area: &str) -> String {
    format!("marquee-{area}-functions")
}

/// Where cargo-lambda puts binaries: one folder for each processor, or they would replace one another.
pub(super) fn lambda_folder(target: &Path, architecture: Architecture) -> PathBuf {
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
mod tests {
    use std::ffi::OsStr;

    use super::*;

    #[test]
    fn the_profile_of_an_environment_is_that_of_every_call() {
        let project = tempfile::tempdir().unwrap();
        let settings = "[e.deploy.parameters]\nregion = \"eu-west-1\"\nstack_name = \"marquee\"\nprofile = \"work\"";
        fs::write(project.path().join("samconfig.toml"), settings).unwrap();
        let config = Config {
            project: project.path().to_owned(),
            ..Config::from_env().unwrap()
        };
        let target = Target::aws(&config, "e").unwrap();

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
            Target::local(&config)
                .program("aws")
                .unwrap()
                .as_std()
                .get_args()
                .count(),
            0
        );
    }
}
