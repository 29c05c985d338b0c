//! The step `plan`: which renditions, at which price.

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

use crate::step::{StepAtWork, StepFailure, documents};

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

/// Plans the renditions, quotes them, and refuses what is over budget. The quote is kept in either case.
pub async fn handle(cx: Context, run: Run) -> Result<(), StepFailure> {
    let step = StepAtWork::begin(&cx.assets, run, Step::Plan, clock::now()).await?;
    let facts: SourceFacts = step.document(documents::FACTS)?;
    let plan = Plan::new(&facts, LadderPolicy::default());
    let quote = cx.prices.quote(&plan);
    let verdict = within_budget(&quote, cx.budget);

    let legacy = StepOutput::none().with_document(documents::PLAN, &plan)?.with_quote(quote);
    match verdict {
        Ok(()) => step.done(legacy, clock::now()).await,
        Err(reason) => {
            step.keep(legacy, clock::now()).await?;
            Err(reason.into())
        }
    }
}
