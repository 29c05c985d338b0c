//! The checkout of Marquee that is deployed, and the tools that `make setup` installed in it.

use std::{
    env,
    path::{Path, PathBuf},
};

/// A checkout, by its folder.
#[derive(Clone, Debug)]
pub struct Project(PathBuf);

impl Project {
    /// The checkout in a folder, which is an absolute path.
    #[must_use]
    pub fn new(folder: PathBuf) -> Self {
        Self(folder)
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.0
    }

    /// The path of a file or folder of the project.
    pub fn join(&self, path: impl AsRef<Path>) -> PathBuf {
        self.0.join(path)
    }

    /// A program that `make setup` installed.
    #[must_use]
    pub fn tool(&self, name: &str) -> PathBuf {
        self.join(".venv/bin").join(name)
    }

    /// `PATH` with the project's tools (FFmpeg, ffprobe, sam) first.
    #[must_use]
    pub fn path_variable(&self) -> String {
        let inherited = env::var_os("PATH").unwrap_or_default();
        format!("{}:{}", self.join(".venv/bin").display(), inherited.to_string_lossy())
    }

    /// Fails unless the folder is a checkout in which `make setup` has run.
    pub fn require_installed(&self) -> anyhow::Result<()> {
        anyhow::ensure!(
            self.join("template.yaml").is_file(),
            "there is no template.yaml in {}: run this in Marquee's folder",
            self.0.display()
        );
        anyhow::ensure!(
            self.tool("sam").is_file(),
            "the tools are not installed: run `make setup`"
        );
        Ok(())
    }
}
