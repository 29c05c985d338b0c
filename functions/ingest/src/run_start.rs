//! Starting the first run over an upload: first the table, then the execution. A process that dies between the two leaves a run
//! without an execution, which a second event or the sweeper starts.

use adapters::{
    ServiceError,
    dynamodb::{Assets, Table, Titles, Uploads, retry_on_conflict},
    sfn::IngestMachine,
};
use domain::{
    asset::Asset,
    ingest::{Run, RunInput, Step},
    title::{Title, TitleState},
    upload::{Upload, UploadState},
};
use kernel::{
    Timestamp,
    id::{Attempt, UploadId},
};

/// Starts runs over uploaded files.
#[derive(Clone, Debug)]
pub(crate) struct RunStarter {
    uploads: Uploads,
    titles: Titles,
    assets: Assets,
    machine: IngestMachine,
}

/// What to do about the file of an upload in the bucket.
#[derive(Debug, PartialEq, Eq)]
enum Start {
    /// Begin the first run.
    Begin,
    /// Start the execution of the first run, which has begun, again.
    Again(RunInput),
    /// Nothing, for this reason.
    Ignore(&'static str),
}

impl Start {
    fn decide(upload: &Upload, title: &Title, asset: &Asset) -> Self {
        if upload.state == UploadState::Aborted {
            return Self::Ignore("its upload was aborted");
        }
        if title.asset_id != Some(asset.id) {
            return Self::Ignore("a newer upload replaced it");
        }

        match (asset.attempt, title.state) {
            (None, TitleState::Uploading) => Self::Begin,
            // The execution of a run that an operator started by hand has another name.
            (Some(Attempt::FIRST), TitleState::Processing) if asset.execution.is_none() => Self::Again(RunInput {
                run: Run {
                    title_id: title.id,
                    asset_id: asset.id,
                    attempt: Attempt::FIRST,
                },
                resume_from: None,
            }),
            _ => Self::Ignore("its run began before"),
        }
    }
}

impl RunStarter {
    pub(crate) fn new(table: &Table, machine: IngestMachine) -> Self {
        Self {
            uploads: table.uploads(),
            titles: table.titles(),
            assets: table.assets(),
            machine,
        }
    }

    /// Starts the first run over an upload whose file is in the bucket, if it has not begun.
    pub(crate) async fn start_uploaded(&self, upload_id: UploadId, now: Timestamp) -> Result<(), ServiceError> {
        retry_on_conflict(|| self.try_start(upload_id, now)).await
    }

    async fn try_start(&self, upload_id: UploadId, now: Timestamp) -> Result<(), ServiceError> {
        let ignore = |why: &str| {
            tracing::info!(upload.id = %upload_id, "the file of upload {upload_id} starts nothing: {why}");
            Ok(())
        };
        let Some(upload) = self.uploads.find(upload_id).await? else {
            return ignore("there is no such upload");
        };
        let (title, asset) = futures::try_join!(
            self.titles.find(upload.title_id),
            self.assets.find(upload.title_id, upload.asset_id)
        )?;
        let (Some(mut title), Some(mut asset)) = (title, asset) else {
            return ignore("its title is gone");
        };

        let input = match Start::decide(&upload, &title, &asset) {
            Start::Ignore(why) => return ignore(why),
            Start::Again(input) => input,
            Start::Begin => {
                asset.mark_uploaded(now);
                let begun = title
                    .start_processing(now)
                    .is_ok()
                    .then(|| asset.begin_run(Step::Validate, now));
                let Some(Ok(input)) = begun else {
                    return ignore("its title cannot be processed now");
                };
                self.titles.begin_run(&mut title, &mut asset).await?;
                input
            }
        };
        self.machine.start(&input).await?;
        tracing::info!(
            title.id = %input.run.title_id, asset.id = %input.run.asset_id,
            "the file of upload {upload_id} started {}", input.run.execution_name()
        );

        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use domain::{
        title::testing::{details, owner},
        upload::PartPlan,
    };
    use kernel::id::{AccountId, AssetId, TitleId};

    use super::*;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn uploaded() -> (Upload, Title, Asset) {
        let account_id = AccountId::from_uuid(uuid());
        let details = details("Film", &[]);
        let mut title = Title::draft(TitleId::mint(NOW), owner(account_id), details, NOW);
        let upload = Upload {
            id: UploadId::mint(NOW),
            title_id: title.id,
            asset_id: AssetId::mint(NOW),
            account_id,
            state: UploadState::Uploaded,
            parts: PartPlan::new(1_000, 1_000).unwrap(),
            content_type: "video/mp4".parse().unwrap(),
            multipart_id: "multipart".to_owned(),
            created_at: NOW,
            expires_at: NOW,
            version: 1,
        };
        title.start_upload(upload.asset_id, upload.id, NOW).unwrap();
        let asset = Asset::new(upload.asset_id, title.id, upload.id, 1_000, NOW);

        (upload, title, asset)
    }

    fn uuid() -> uuid::Uuid {
        uuid::Uuid::nil()
    }

    #[test]
    fn a_file_begins_its_first_run_in_any_state_of_its_upload() {
        let (mut upload, title, asset) = uploaded();

        for state in [UploadState::Open, UploadState::Completing, UploadState::Uploaded] {
            upload.state = state;
            assert_eq!(Start::decide(&upload, &title, &asset), Start::Begin, "{state}");
        }
    }

    #[test]
    fn a_second_event_begins_no_second_run() {
        let (upload, mut title, mut asset) = uploaded();
        title.start_processing(NOW).unwrap();
        let input = asset.begin_run(Step::Validate, NOW).unwrap();

        assert_eq!(Start::decide(&upload, &title, &asset), Start::Again(input));

        // Started by hand, it has an execution of another name, which a second one would supersede.
        let mut by_hand = asset.clone();
        by_hand.execution = Some("from-the-console".to_owned());
        assert!(matches!(Start::decide(&upload, &title, &by_hand), Start::Ignore(_)));

        // A redriven title has a second attempt: the first one's late event must not touch it.
        asset.begin_run(Step::Validate, NOW).unwrap();
        assert!(matches!(Start::decide(&upload, &title, &asset), Start::Ignore(_)));
    }

    #[test]
    fn the_file_of_an_upload_that_was_replaced_or_aborted_starts_nothing() {
        let (mut upload, mut title, asset) = uploaded();
        title.asset_id = Some(AssetId::mint(NOW));
        assert!(matches!(Start::decide(&upload, &title, &asset), Start::Ignore(_)));

        title.asset_id = Some(asset.id);
        upload.state = UploadState::Aborted;
        assert!(matches!(Start::decide(&upload, &title, &asset), Start::Ignore(_)));
    }
}
