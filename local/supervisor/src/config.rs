//! The settings of the local cloud, which are read from the environment here.

use std::{env, fs, path::PathBuf};

use anyhow::Context as _;
use marquee_deploy::{Installation, Project};
use marquee_local_edge as edge;
use marquee_local_mediaconvert::{self as mediaconvert, Transcoding};
use marquee_local_sagemaker as sagemaker;
use marquee_standin::{REGION, emulator::Emulator, secret};

/// The file of the root's access key.
const ROOT_KEY_FILE: &str = "root-key";

/// The settings of an installation. Installations with different homes and ports are independent.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    /// The checkout, where commands run.
    pub(crate) project: Project,
    /// State, logs and process ids (`MARQUEE_HOME`, default `.marquee` in the project folder), as an absolute path.
    pub(crate) home: PathBuf,
    /// The stack that `deploy` creates in the local cloud (`MARQUEE_STACK`, default `marquee`, which is the one that the edge serves).
    pub(crate) stack: String,
    /// The region of that stack (`MARQUEE_REGION`, default the region of the local cloud).
    pub(crate) region: String,
    /// The edge (`MARQUEE_EDGE_PORT`, default 8080).
    pub(crate) edge_port: u16,
    /// Host names of the edge, in addition to those of this machine (`MARQUEE_HOSTS`, separated by commas).
    pub(crate) hosts: Vec<String>,
    /// The country of the edge's viewers (`MARQUEE_VIEWER_COUNTRY`, ISO 3166-1; default none).
    pub(crate) viewer_country: Option<String>,
    /// The emulator (`MARQUEE_EMULATOR_PORT`, default 4600).
    pub(crate) emulator_port: u16,
    /// The MediaConvert stand-in (`MARQUEE_MEDIACONVERT_PORT`, default 4601).
    pub(crate) mediaconvert_port: u16,
    /// The SageMaker stand-in (`MARQUEE_SAGEMAKER_PORT`, default 4602).
    pub(crate) sagemaker_port: u16,
    /// The program of SageMaker endpoints and training jobs (`MARQUEE_RECOMMENDER`, default the one in the folder of this program).
    pub(crate) recommender: PathBuf,
    /// The `source` of the SageMaker stand-in's events (`MARQUEE_SAGEMAKER_EVENT_SOURCE`); as for MediaConvert's.
    pub(crate) sagemaker_event_source: String,
    /// How the MediaConvert stand-in transcodes (`MARQUEE_FFMPEG`, `MARQUEE_FFPROBE`, default those of `.venv/bin`;
    /// `MARQUEE_MEDIACONVERT_EVENT_SOURCE`; `MARQUEE_MEDIACONVERT_CONCURRENT_JOBS`, default half the cores).
    pub(crate) transcoding: Transcoding,
    /// The first admin's email address (`MARQUEE_ADMIN_EMAIL`).
    pub(crate) admin_email: Option<String>,
    /// The first admin's password (`MARQUEE_ADMIN_PASSWORD`, default a random one).
    pub(crate) admin_password: Option<String>,
}

impl Config {
    /// Reads the environment; a port that is not a number is an error that names the variable.
    pub(crate) fn from_env() -> anyhow::Result<Self> {
        let folder = env::current_dir().context("the current folder cannot be read")?;
        let home = env::var_os("MARQUEE_HOME").map_or_else(|| PathBuf::from(".marquee"), PathBuf::from);
        Ok(Self {
            home: folder.join(home),
            project: Project::new(folder),
            stack: text("MARQUEE_STACK").unwrap_or_else(|| "marquee".to_owned()),
            region: text("MARQUEE_REGION").unwrap_or_else(|| REGION.to_owned()),
            edge_port: number("MARQUEE_EDGE_PORT", 8080)?,
            hosts: text("MARQUEE_HOSTS")
                .unwrap_or_default()
                .split(',')
                .map(|name| name.trim().to_ascii_lowercase())
                .filter(|name| !name.is_empty())
                .collect(),
            viewer_country: text("MARQUEE_VIEWER_COUNTRY"),
            emulator_port: number("MARQUEE_EMULATOR_PORT", 4600)?,
            mediaconvert_port: number("MARQUEE_MEDIACONVERT_PORT", 4601)?,
            sagemaker_port: number("MARQUEE_SAGEMAKER_PORT", 4602)?,
            recommender: match env::var_os("MARQUEE_RECOMMENDER") {
                Some(program) => PathBuf::from(program),
                None => env::current_exe()?.with_file_name("marquee-recommender"),
            },
            sagemaker_event_source: text("MARQUEE_SAGEMAKER_EVENT_SOURCE")
                .unwrap_or_else(|| "marquee.sagemaker".to_owned()),
            transcoding: Transcoding {
                ffmpeg: program("MARQUEE_FFMPEG", ".venv/bin/ffmpeg")?,
                ffprobe: program("MARQUEE_FFPROBE", ".venv/bin/ffprobe")?,
                event_source: env::var_os("MARQUEE_MEDIACONVERT_EVENT_SOURCE").map_or_else(
                    || "marquee.mediaconvert".to_owned(),
                    |value| value.to_string_lossy().into_owned(),
                ),
                concurrent_jobs: number("MARQUEE_MEDIACONVERT_CONCURRENT_JOBS", half_the_cores())?.max(1),
            },
            admin_email: text("MARQUEE_ADMIN_EMAIL"),
            admin_password: text("MARQUEE_ADMIN_PASSWORD"),
        })
    }

    /// The emulator, as the services reach it.
    pub(crate) fn emulator(&self) -> Emulator {
        Emulator::new(self.emulator_port, self.root_key())
    }

    /// The emulator, in the region of the stack.
    pub(crate) fn emulator_of_stack(&self) -> Emulator {
        self.emulator().in_region(&self.region)
    }

    /// The settings of the MediaConvert stand-in.
    pub(crate) fn mediaconvert(&self) -> mediaconvert::Settings {
        mediaconvert::Settings {
            port: self.mediaconvert_port,
            folder: self.home.join("mediaconvert"),
            emulator: self.emulator(),
            // By the emulator's account.
            objects: self.home.join("s3/000000000000"),
            transcoding: self.transcoding.clone(),
        }
    }

    /// The settings of the SageMaker stand-in.
    pub(crate) fn sagemaker(&self) -> sagemaker::Settings {
        sagemaker::Settings {
            port: self.sagemaker_port,
            folder: self.home.join("sagemaker"),
            emulator: self.emulator(),
            recommender: self.recommender.clone(),
            event_source: self.sagemaker_event_source.clone(),
        }
    }

    /// The settings of the edge.
    pub(crate) fn edge(&self) -> edge::Settings {
        edge::Settings {
            port: self.edge_port,
            home: self.home.clone(),
            emulator: self.emulator(),
            hosts: self.hosts.clone(),
            viewer_country: self.viewer_country.clone(),
        }
    }

    /// The access key of the emulator's root, which is created with the installation. The emulator accepts any secret for it, so the
    /// key itself is the secret. Tests of single services have none: then it is the emulator's well-known key.
    pub(crate) fn root_key(&self) -> String {
        let own = fs::read_to_string(self.home.join(ROOT_KEY_FILE));
        own.map_or_else(|_| "test".to_owned(), |key| key.trim().to_owned())
    }

    /// Creates the root's key, unless there is one.
    pub(crate) fn ensure_root_key(&self) -> anyhow::Result<()> {
        secret::read_or_create(&self.home.join(ROOT_KEY_FILE), || {
            // Letters and digits only, as in keys of AWS.
            Ok(format!("MARQUEE{}", secret::random()?.replace(['-', '_'], "0")))
        })?;
        Ok(())
    }

    /// The address of the edge.
    pub(crate) fn edge_url(&self) -> String {
        format!("http://localhost:{}", self.edge_port)
    }

    /// A folder of the installation, which is created if it is missing.
    pub(crate) fn folder(&self, name: &str) -> anyhow::Result<PathBuf> {
        let folder = self.home.join(name);
        fs::create_dir_all(&folder).with_context(|| format!("{} cannot be created", folder.display()))?;
        Ok(folder)
    }

    /// The installation, as a deployment needs it.
    pub(crate) fn installation(&self) -> Installation {
        Installation {
            project: self.project.clone(),
            admin_email: self.admin_email.clone(),
            admin_password: self.admin_password.clone(),
            home: self.home.clone(),
            stack: self.stack.clone(),
            emulator: self.emulator_of_stack(),
            edge_url: self.edge_url(),
            mediaconvert_event_source: self.transcoding.event_source.clone(),
            sagemaker_event_source: self.sagemaker_event_source.clone(),
        }
    }
}

fn program(variable: &str, default: &str) -> anyhow::Result<PathBuf> {
    let path = env::var_os(variable).map_or_else(|| PathBuf::from(default), PathBuf::from);
    // Absolute, because it is started in another folder.
    std::path::absolute(&path).with_context(|| format!("{variable} must be a path, not `{}`", path.display()))
}

fn half_the_cores() -> u16 {
    std::thread::available_parallelism().map_or(1, |cores| u16::try_from(cores.get() / 2).unwrap_or(1))
}

fn number(variable: &str, default: u16) -> anyhow::Result<u16> {
    match text(variable) {
        Some(value) => value
            .parse()
            .with_context(|| format!("{variable} must be a number from 0 to 65535, not `{value}`")),
        None => Ok(default),
    }
}

/// A variable; an empty one counts as missing.
fn text(variable: &str) -> Option<String> {
    #[expect(clippy::disallowed_methods, reason = "nothing else reads the environment")]
    env::var(variable).ok().filter(|value| !value.is_empty())
}
