//! What has been created, kept in one file that is replaced whole.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use serde::{Deserialize, Serialize};

use super::api::{Endpoint, EndpointConfig, Model};

/// All models, configurations and endpoints, by name.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(super) struct State {
    pub(super) models: BTreeMap<String, Model>,
    pub(super) configs: BTreeMap<String, EndpointConfig>,
    pub(super) endpoints: BTreeMap<String, Endpoint>,
}

/// The file that holds the state.
#[derive(Clone, Debug)]
pub(super) struct StateFile(PathBuf);

impl StateFile {
    pub(super) fn in_folder(folder: &Path) -> Self {
        Self(folder.join("state.json"))
    }

    /// The kept state, or none yet.
    pub(super) fn read(&self) -> anyhow::Result<Option<State>> {
        match fs::read(&self.0) {
            Ok(bytes) => {
                let state = serde_json::from_slice(&bytes);
                state
                    .map(Some)
                    .with_context(|| format!("{} is not readable: remove it to begin anew", self.0.display()))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).with_context(|| format!("{} cannot be read", self.0.display())),
        }
    }

    pub(super) fn write(&self, state: &State) -> anyhow::Result<()> {
        let draft = self.0.with_extension("json.new");
        fs::write(&draft, serde_json::to_vec_pretty(state)?)?;
        fs::rename(&draft, &self.0).with_context(|| format!("{} cannot be written", self.0.display()))
    }
}
