//! Where a deployment goes, and what it is made of. The steps are the same everywhere.

use std::{
    collections::BTreeSet,
    fmt, fs,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use serde::Deserialize;
use tokio::process::Command;

use crate::{
    aws_cli::{REGION, ROOT_KEY},
    config::Config,
};

/// The stack's name where nobody gave another.
const STACK: &str = "marquee";

/// Where to, and made of what.
#[derive(Debug)]
pub(crate) struct Target<'a> {
    pub(super) config: &'a Config,
    cloud: Cloud,
    build: Build,
    /// The functions that are built that way, if not all: the others are built quickly.
    only: BTreeSet<String>,
}

#[derive(Debug)]
enum Cloud {
    /// The emulator of this installation.
    Local,
    /// AWS, with the person's own credentials.
    Aws(Environment),
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

/// An environment of `samconfig.toml`.
#[derive(Debug)]
struct Environment {
    name: String,
    stack: String,
    region: String,
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

    /// The local cloud, with functions built as for AWS: these, or all if there are none.
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
            cloud: Cloud::Aws(Environment {
                name: environment.to_owned(),
                stack: settings.stack_name,
                region: settings.region,
            }),
        })
    }

    pub(super) fn build(&self) -> Build {
        self.build
    }

    /// The functions among `all` that are built as for AWS.
    pub(super) fn released(&self, all: &BTreeSet<String>) -> anyhow::Result<BTreeSet<String>> {
        for name in &self.only {
            anyhow::ensure!(all.contains(name), "there is no function `{name}`");
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
            Cloud::Local => STACK,
            Cloud::Aws(environment) => &environment.stack,
        }
    }

    /// The environment of `samconfig.toml`, if it goes to AWS.
    pub(super) fn environment(&self) -> Option<&str> {
        match &self.cloud {
            Cloud::Local => None,
            Cloud::Aws(environment) => Some(&environment.name),
        }
    }

    /// What is remembered about the deployment: the stack's outputs, the first admin.
    pub(super) fn home(&self) -> PathBuf {
        match &self.cloud {
            Cloud::Local => self.config.home.clone(),
            Cloud::Aws(environment) => self.config.project.join(".marquee-aws").join(&environment.name),
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

    /// A function's binary.
    pub(super) fn binary(&self, function: &str) -> PathBuf {
        let target = self.config.project.join("target");
        match self.build {
            Build::Release(architecture) if self.only.is_empty() || self.only.contains(function) => {
                lambda_folder(&target, architecture).join(function).join("bootstrap")
            }
            _ => target.join("debug").join(function),
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
                .env("AWS_ACCESS_KEY_ID", ROOT_KEY)
                .env("AWS_SECRET_ACCESS_KEY", ROOT_KEY);
        }
        command
            .current_dir(self.staging())
            .env("PATH", self.config.path_variable())
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("AWS_DEFAULT_REGION", self.region())
            .env("AWS_REGION", self.region());
        Ok(command)
    }

    fn region(&self) -> &str {
        match &self.cloud {
            Cloud::Local => REGION,
            Cloud::Aws(environment) => &environment.region,
        }
    }

    /// The template's parameters where `samconfig.toml` does not give them: all that differs from AWS on one machine.
    pub(super) fn parameters(&self) -> Vec<(&'static str, String)> {
        if matches!(self.cloud, Cloud::Aws(_)) {
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
            ("ApiOriginDomain", "127.0.0.1".to_owned()),
            ("ApiOriginPort", self.config.emulator_port.to_string()),
            ("ApiOriginPathPrefix", "/_aws/execute-api".to_owned()),
            ("UploadOrigin", self.config.emulator_url()),
            // What a laptop loses by going to sleep should be mended soon after.
            ("SweepSchedule", "rate(1 minute)".to_owned()),
            // Whoever looks after what they just did should find it.
            ("ExportWindowSeconds", "1".to_owned()),
        ]
    }
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

/// `[<environment>.deploy.parameters]` of `samconfig.toml`: what we have to know of it.
#[derive(Deserialize)]
struct Settings {
    #[serde(default = "default_stack")]
    stack_name: String,
    region: String,
    #[serde(default)]
    parameter_overrides: Vec<String>,
}

fn default_stack() -> String {
    STACK.to_owned()
}

impl Settings {
    fn of(file: &str, environment: &str) -> anyhow::Result<Self> {
        let file: toml::Table = file.parse().context("samconfig.toml is not TOML")?;
        let settings = file
            .get(environment)
            .and_then(|table| table.get("deploy")?.get("parameters"))
            .with_context(|| format!("samconfig.toml has no [{environment}.deploy.parameters]"))?;
        settings.clone().try_into().context("samconfig.toml")
    }

    /// The template's default is arm64.
    fn architecture(&self) -> anyhow::Result<Architecture> {
        let chosen = self
            .parameter_overrides
            .iter()
            .find_map(|text| text.strip_prefix("FunctionArchitecture="));
        match chosen {
            None | Some("arm64") => Ok(Architecture::Arm64),
            Some("x86_64") => Ok(Architecture::X86),
            Some(other) => anyhow::bail!("Lambda has no processor `{other}`: choose arm64 or x86_64"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r#"
        [production.deploy.parameters]
        region = "eu-west-1"
        resolve_s3 = true
        [small.deploy.parameters]
        region = "us-east-1"
        stack_name = "marquee-small"
        parameter_overrides = ["LogRetentionDays=3", "FunctionArchitecture=x86_64"]
    "#;

    #[test]
    fn an_environment_says_where_and_for_which_processor() {
        let production = Settings::of(FILE, "production").unwrap();
        assert_eq!(
            (production.stack_name.as_str(), production.region.as_str()),
            ("marquee", "eu-west-1")
        );
        assert_eq!(production.architecture().unwrap(), Architecture::Arm64);

        let small = Settings::of(FILE, "small").unwrap();
        assert_eq!(small.stack_name, "marquee-small");
        assert_eq!(small.architecture().unwrap(), Architecture::X86);
    }

    #[test]
    fn an_unknown_environment_is_named() {
        let message = format!("{:#}", Settings::of(FILE, "staging").err().unwrap());
        assert!(message.contains("[staging.deploy.parameters]"), "{message}");
    }
}
