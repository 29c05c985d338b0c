//! The step `Begin`, for executions that an operator starts by hand: begins a run over an upload or a title.
//!
//! `events/states/ingest-manual.json` is the input to paste into the console. Executions with an attempt in their input
//! (those of `start-ingest` and of a redrive) skip this step.

use adapters::dynamodb::{Assets, StoreError, Table, Titles, Uploads};
use domain::{
    asset::Asset,
    ingest::{IngestError, Reason, RunInput, Step, document::ManualStart},
    title::Title,
};
use kernel::Timestamp;
use runtime::{
    clock,
    config::{self, ConfigError},
};

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

/// Begins a run and returns the machine's ordinary input.
pub async fn handle(cx: Context, ManualStart { input, execution }: ManualStart) -> Result<RunInput, StepFailure> {
    let title_id = match (input.title_id, input.upload_id) {
        (Some(id), _) => id,
        (None, Some(id)) => {
            cx.uploads
                .find(id)
                .await?
                .ok_or_else(|| cannot_start("there is no such upload"))?
                .title_id
        }
        (None, None) => return Err(cannot_start("the input names neither a title_id nor an upload_id")),
    };
    let mut title = cx
        .titles
        .find(title_id)
        .await?
        .ok_or_else(|| cannot_start("there is no such title"))?;
    let asset_id = title.asset_id.ok_or_else(|| cannot_start("the title has no upload"))?;
    let mut asset = cx
        .assets
        .find(title_id, asset_id)
        .await?
        .ok_or_else(|| cannot_start("the title has no upload"))?;

    // The machine retries the step after a lost answer.
    if let (Some(run), Some(begun)) = (asset.run(), &asset.execution)
        && *begun == execution
    {
        return Ok(RunInput::new(run, asset.resume_from()));
    }

    let run = begin(&mut title, &mut asset, input.resume_from, execution, clock::now())?;
    match cx.titles.begin_run(&mut title, &mut asset).await {
        Err(StoreError::Changed) => Err(cannot_start("the title changed at the same moment: start again")),
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
    title
        .start_processing(now)
        .map_err(|error| cannot_start(error.to_string()))?;
    asset.mark_uploaded(now);
    let from = from.unwrap_or_else(|| asset.resume_from());
    let input = asset
        .begin_run(from, now)
        .map_err(|error| cannot_start(error.to_string()))?;
    asset.execution = Some(execution);

    Ok(input)
}

fn cannot_start(why: impl Into<String>) -> StepFailure {
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

        let manual: ManualStart = runtime::event::parse(manual).unwrap();

        assert!(manual.input.title_id.is_some());
        assert!(
            input.get("attempt").is_none(),
            "an input with an attempt skips this step"
        );
    }

    /// The step's error and its log, if the table answers with this error.
    async fn failure_for(code: &'static str, status: u16) -> (&'static str, Vec<String>) {
        let error = serde_json::json!({ "__type": code, "message": "no" }).to_string();
        let table = Table::new(&adapters::aws::answered(move |_| (status, error.clone())), "marquee");
        let cx = Context {
            uploads: table.uploads(),
            titles: table.titles(),
            assets: table.assets(),
        };
        let input = serde_json::from_str(include_str!("../../../events/states/ingest-manual.json")).unwrap();
        let execution = "by-hand".to_owned();
        let log = Log::begin();

        let failure = handle(cx, ManualStart { input, execution }).await.unwrap_err();

        (failure.name(), log.levels())
    }

    #[tokio::test]
    async fn a_denied_step_fails_with_a_name_that_no_state_retries() {
        for (code, status, name, level) in [
            ("AccessDeniedException", 400, "Denied", "ERROR"),
            ("UnrecognizedClientException", 400, "Denied", "ERROR"),
            ("ResourceNotFoundException", 400, "Internal", "ERROR"),
            ("ThrottlingException", 400, "Throttled", "WARN"),
            ("InternalServerError", 500, "Unavailable", "WARN"),
        ] {
            assert_eq!(
                failure_for(code, status).await,
                (name, vec![level.to_owned()]),
                "{code}"
            );
        }
    }
}
