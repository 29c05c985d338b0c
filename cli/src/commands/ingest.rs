//! `ingest` and `upload`.

use std::path::Path;

use serde_json::{Map, Value, json};

use super::catalogue::visibility_word;
use super::play::watch_url;
use crate::api::Api;
use crate::arguments::{Ingest, Sending, Upload};
use crate::failure::Failure;
use crate::ingest::{self, Arrived, Manner, NewTitle, Remembering, Source, progress_bar};
use crate::output::{Output, note};
use crate::watch;

pub(super) async fn run(api: &Api, options: Ingest, output: Output) -> Result<(), Failure> {
    let source = film(&options.file)?;
    let title = NewTitle {
        name: options.title.clone(),
        body: body(&options),
    };

    let bar = progress_bar();
    let arrived = ingest::upload(api, &source, &title, &manner(&options.sending, &source), &bar).await;
    bar.finish_and_clear();
    report(api, &source, &arrived?, &options.sending, output).await
}

pub(super) async fn upload(api: &Api, options: Upload, output: Output) -> Result<(), Failure> {
    let source = film(&options.file)?;

    let bar = progress_bar();
    let manner = manner(&options.sending, &source);
    let arrived = ingest::upload_for(api, &source, &options.title.id, &manner, &bar).await;
    bar.finish_and_clear();
    report(api, &source, &arrived?, &options.sending, output).await
}

/// The file, as far as it can be checked before anything is made for it.
fn film(path: &Path) -> Result<Source, Failure> {
    let source = Source::of(path)?;
    source.check_content()?;
    Ok(source)
}

fn manner(sending: &Sending, source: &Source) -> Manner {
    let by_extension = || source.content_type().to_owned();
    Manner {
        content_type: sending.content_type.clone().unwrap_or_else(by_extension),
        parallel: usize::from(sending.parallel),
        memory: if sending.restart {
            Remembering::Restart
        } else {
            Remembering::Resume
        },
    }
}

/// Says what was uploaded, and with `--watch` what becomes of it.
async fn report(
    api: &Api,
    source: &Source,
    arrived: &Arrived,
    sending: &Sending,
    output: Output,
) -> Result<(), Failure> {
    note(&format!("  uploaded {} as title {}", source.name, arrived.title));

    let mut result = json!({
        "title_id": arrived.title,
        "upload_id": arrived.upload,
        "asset_id": arrived.asset,
        "state": "processing",
    });
    if !sending.watch {
        return output.document(&result, |_: Value| {
            format!("{id}\nfollow it: marquee timeline {id} --watch", id = arrived.title)
        });
    }

    let timeline = watch::follow(api, &arrived.title, |_| Ok(())).await?;
    watch::verdict(&timeline)?;
    result["state"] = json!(timeline.state);
    result["watch_url"] = json!(watch_url(api, &arrived.title)?.as_str());
    output.document(&result, |result: Value| {
        format!(
            "title: {}\nwatch: {}\n{}",
            arrived.title,
            result["watch_url"].as_str().unwrap_or_default(),
            watch::summary(&timeline)
        )
    })
}

fn body(options: &Ingest) -> Value {
    let fields = [
        ("name", Some(json!(options.title))),
        ("description", options.description.as_ref().map(|text| json!(text))),
        ("genres", (!options.genres.is_empty()).then(|| json!(options.genres))),
        ("language", options.language.as_ref().map(|language| json!(language))),
        ("visibility", Some(json!(visibility_word(options.visibility)))),
    ];
    let given: Map<_, _> = fields
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)))
        .collect();
    Value::Object(given)
}
