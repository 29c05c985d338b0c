//! The step `plan`: chooses the ladder and quotes it.

use adapters::dynamodb::{Assets, StepOutput, Table};
use domain::ingest::{Run, Step};
use kernel::money::MicroDollars;
use media::{
    ladder::LadderPolicy,
    plan::Plan,
    quote::{PriceTable, within_budget},
    source::SourceFacts,
};
use runtime::{
    clock,
    config::{self, ConfigError},
};

use crate::step::{RunningStep, StepFailure};

/// What this function needs.
#[derive(Clone, Debug)]
pub struct Context {
    assets: Assets,
    prices: PriceTable,
    budget: MicroDollars,
}

impl Context {
    /// Reads the environment.
    pub async fn from_env() -> Result<Self, runtime::Error> {
        let aws = adapters::aws::config().await;

        Ok(Self {
            assets: Table::new(&aws, config::text("TABLE_NAME")?).assets(),
            prices: PriceTable::shipped()?,
            budget: budget()?,
        })
    }
}

fn budget() -> Result<MicroDollars, ConfigError> {
    config::value("INGEST_BUDGET_MICROS").map(MicroDollars)
}

/// Plans the renditions, quotes them, and refuses a quote over the budget. The quote is stored in either case.
pub async fn handle(cx: Context, run: Run) -> Result<(), StepFailure> {
    let step = RunningStep::begin(&cx.assets, run, Step::Plan, clock::now()).await?;
    let facts: SourceFacts = step.document()?;
    let plan = Plan::new(&facts, LadderPolicy::default());
    let quote = cx.prices.quote(&plan);
    let verdict = within_budget(&quote, cx.budget);

    let output = StepOutput::none().with_document(&plan)?.with_quote(quote);
    match verdict {
        Ok(()) => step.done(output, clock::now()).await,
        Err(reason) => {
            step.save(output, clock::now()).await?;
            Err(reason.into())
        }
    }
}
