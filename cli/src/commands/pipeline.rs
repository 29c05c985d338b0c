//! `timeline`, `redrive` and `cancel`.

use serde_json::{Value, json};

use crate::api::types::{Timeline as Steps, Title};
use crate::api::{Api, Retry};
use crate::arguments::{Redrive, Timeline};
use crate::failure::Failure;
use crate::output::{Output, print};
use crate::{paths, watch};

pub(super) async fn timeline(api: &Api, options: &Timeline, output: Output) -> Result<(), Failure> {
    if options.watch {
        return follow(api, &options.title.id, output).await;
    }
    let document = api.get(&paths::timeline(&options.title.id)).await?;
    output.document(&document, |timeline: Steps| watch::steps(&timeline))
}

pub(super) async fn redrive(api: &Api, options: &Redrive, output: Output) -> Result<(), Failure> {
    let body = match &options.from {
        Some(step) => json!({ "resume_from": step }),
        None => json!({}),
    };
    let path = format!("{}/redrive", paths::title(&options.title.id));
    let document = api.post(&path, &body, Retry::OnlyUnsent).await?;
    if options.watch {
        return follow(api, &options.title.id, output).await;
    }
    output.document(&document, |timeline: Steps| watch::steps(&timeline))
}

pub(super) async fn cancel(api: &Api, id: &str, output: Output) -> Result<(), Failure> {
    let path = format!("{}/cancel", paths::title(id));
    // Canceling twice is harmless, so a lost answer is requested again.
    let document = api.post(&path, &json!({}), Retry::Always).await?;
    output.document(&document, |title: Title| match title.failure {
        Some(reason) => format!("{id}: {}", reason.sentence),
        None => format!("{id} is {}", title.state),
    })
}

async fn follow(api: &Api, id: &str, output: Output) -> Result<(), Failure> {
    let report = |document: &Value| {
        if output.is_json() {
            print(&document.to_string())
        } else {
            Ok(())
        }
    };
    let timeline = watch::follow(api, id, report).await?;
    watch::verdict(&timeline)?;
    // With --json the last document is printed already.
    if output.is_json() {
        Ok(())
    } else {
        print(&watch::summary(&timeline))
    }
}
