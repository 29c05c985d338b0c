//! The installation that is deployed: its checkout, its first admin, and its local cloud.

use std::path::PathBuf;

use marquee_standin::emulator::Emulator;

use crate::Project;

/// A checkout with a local cloud. A deployment to AWS uses the checkout and the first admin only.
#[derive(Clone, Debug)]
pub struct Installation {
    /// The checkout.
    pub project: Project,
    /// The first admin's email address, if the operator gave one.
    pub admin_email: Option<String>,
    /// The first admin's password, if the operator gave one.
    pub admin_password: Option<String>,
    /// State of the local cloud, as an absolute path.
    pub home: PathBuf,
    /// The name of the core stack in the local cloud.
    pub stack: String,
    /// The emulator of the local cloud, in the region of the stacks.
    pub emulator: Emulator,
    /// The address of the local edge.
    pub edge_url: String,
    /// The `source` of the MediaConvert stand-in's events.
    pub mediaconvert_event_source: String,
    /// The `source` of the SageMaker stand-in's events.
    pub sagemaker_event_source: String,
}

#[cfg(test)]
impl Installation {
    /// An installation whose checkout and state are in one folder.
    pub(crate) fn in_folder(folder: &std::path::Path) -> Self {
        Self {
            project: Project::new(folder.to_owned()),
            admin_email: None,
            admin_password: None,
            home: folder.to_owned(),
            stack: "m".to_owned(),
            emulator: Emulator::new(4600, "root".to_owned()),
            edge_url: "http://localhost:8080".to_owned(),
            mediaconvert_event_source: "marquee.mediaconvert".to_owned(),
            sagemaker_event_source: "marquee.sagemaker".to_owned(),
        }
    }
}
