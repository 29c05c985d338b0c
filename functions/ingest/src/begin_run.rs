//! The step `Begin`, for executions that an administrator starts by hand: makes a run of an upload or a title.
//!
//! `events/states/ingest-manual.json` is the input to paste into the console. An execution that says which attempt it is
//! (those of `start-ingest` and of a redrive) skips this step.

use adapters::dynamodb::{Assets, StoreError, Table, Titles, Uploads};
use domain::{
    asset::Asset,
    ingest::{IngestError, Reason, RunInput, Step},
    title::Title,
};
use kernel::{
    Timestamp,
    id::{TitleId, UploadId},
};
use runtime::{
    clock,
    config::{self, ConfigError},
};
use serde::Deserialize;

use crate::step::StepFailure;

/// What this function needs.
#[derive(Clone, Debug)]
pub struct Context {
    uploads: Uploads,
    titles: Titles,
    assets: Assets,
}

impl Context {
    /// Reads the environment.
    pub async fn from_env() -> Result<Self, ConfigError> {
        let aws = adapters::aws::config().await;
        let table = Table::new(&aws, config::text("TABLE_NAME")?);

        Ok(Self {
            uploads: table.uploads(),
            titles: table.titles(),
            assets: table.assets(),
        })
    }
}

/// What the machine hands over: the execution's own input, and its name.
#[derive(Debug, Deserialize)]
pub struct Manual {
    input: Wanted,
    execution: String,
}

/// What is to be run: a title's newest upload, or the title of an upload.
#[derive(Debug, Deserialize)]
struct Wanted {
    #[serde(default)]
    title_id: Option<TitleId>,
    #[serde(default)]
    upload_id: Option<UploadId>,
    #[serde(default)]
    resume_from: Option<Step>,
}

/// Makes a run and answers with the machine's ordinary input.
pub async fn handle(cx: Context, Manual { input, execution }: Manual) -> Result<RunInput, StepFailure> {
    let title_id = match (input.title_id, input.upload_id) {
        (Some(id), _) => id,
        (None, Some(id)) => {
            cx.uploads
                .find(id)
                .await?
                .ok_or_else(|| cannot("there is no such upload"))?
                .title_id
        }
        (None, None) => return Err(cannot("the input names neither a title_id nor an upload_id")),
    };
    let mut title = cx
        .titles
        .find(title_id)
        .await?
        .ok_or_else(|| cannot("there is no such title"))?;
    let asset_id = title.asset_id.ok_or_else(|| cannot("the title has no upload"))?;
    let mut asset = cx
        .assets
        .find(title_id, asset_id)
        .await?
        .ok_or_else(|| cannot("the title has no upload"))?;

    // The machine tries the step again after a lost answer.
    if let (Some(run), Some(begun)) = (asset.run(), &asset.execution)
        && *begun == execution
    {
        let from = asset.resume_from();
        let resume_from = (from != Step::Validate).then_some(from);
        return Ok(RunInput { run, resume_from });
    }

    let run = begin(&mut title, &mut asset, input.resume_from, execution, clock::now())?;
    match cx.titles.begin_run(&mut title, &mut asset).await {
        Err(StoreError::Changed) => Err(cannot("the title changed at the same moment: start again")),
        written => Ok(written.map(|()| run)?),
    }
}

fn begin(
    title: &mut Title,
    asset: &mut Asset,
    from: Option<Step>,
    execution: String,
    now: Timestamp,
) -> Result<RunInput, StepFailure> {
    title.start_processing(now).map_err(|error| cannot(error.to_string()))?;
    asset.mark_uploaded(now);
    let from = from.unwrap_or_else(|| asset.resume_from());
    let input = asset.begin_run(from, now).map_err(|error| cannot(error.to_string()))?;
    asset.execution = Some(execution);

    Ok(input)
}

fn cannot(why: impl Into<String>) -> StepFailure {
    Reason::new(IngestError::CannotStart, why).into()
}

#[cfg(test)]
mod tests {
    use runtime::{task::StepError as _, testing::Log};

    use super::*;

    #[test]
    fn the_documented_input_is_enough() {
        let sample = include_str!("../../../events/states/ingest-manual.json");
        let input: serde_json::Value = serde_json::from_str(sample).unwrap();
        let manual = serde_json::json!({ "input": input, "execution": "by-hand" });

        let manual: Manual = runtime::event::parse(manual).unwrap();

        assert!(manual.input.title_id.is_some());
        assert!(
            input.get("attempt").is_none(),
            "an input with an attempt is not begun here"
        );
    }

    #[test]
    fn the_sample_of_the_state_is_read() {
        let sample = include_str!("../../../events/states/begin-run.json");

        runtime::event::parse::<Manual>(serde_json::from_str(sample).unwrap()).unwrap();
    }

    /// What a step fails with when the table answers like this, and how often the table is asked.
    async fn failing_with(code: &'static str, status: u16) -> (&'static str, Vec<String>) {
        let said = serde_json::json!({ "__type": code, "message": "no" }).to_string();
        let table = Table::new(&adapters::aws::answered(move |_| (status, said.clone())), "marquee");
        let cx = Context {
            uploads: table.uploads(),
            titles: table.titles(),
            assets: table.assets(),
        };
        let input = serde_json::from_str(include_str!("../../../events/states/ingest-manual.json")).unwrap();
        let execution = "by-hand".to_owned();
        let log = Log::begin();

        let failure = handle(cx, Manual { input, execution }).await.unwrap_err();

        (failure.name(), log.levels())
    }

    #[tokio::test]
    async fn a_step_that_is_denied_fails_with_a_name_that_no_state_tries_again() {
        for (code, status, name, level) in [
            ("AccessDeniedException", 400, "Denied", "ERROR"),
            ("UnrecognizedClientException", 400, "Denied", "ERROR"),
            ("ResourceNotFoundException", 400, "Internal", "ERROR"),
            ("ThrottlingException", 400, "Throttled", "WARN"),
            ("InternalServerError", 500, "Unavailable", "WARN"),
        ] {
            assert_eq!(failing_with(code, status).await, (name, vec![level.to_owned()]), "{code}");
        }
    }
}
