//! `ingest`, `upload` and `abort-upload`.

use std::path::Path;

use serde_json::{Map, Value, json};

use super::catalogue::visibility_name;
use super::play::watch_url;
use crate::api::Api;
use crate::api::types::Title;
use crate::arguments::{Ingest, Sending, Upload};
use crate::failure::{Exit, Failure};
use crate::ingest::{self, NewTitle, ResumeMode, Source, UploadOptions, Uploaded, progress_bar};
use crate::output::{Output, note, parsed};
use crate::{paths, watch};

pub(super) async fn run(api: &Api, options: Ingest, output: Output) -> Result<(), Failure> {
    let source = open(&options.file)?;
    let title = NewTitle {
        name: options.title.clone(),
        body: body(&options),
    };

    let bar = progress_bar();
    let uploaded = ingest::upload(api, &source, &title, &upload_options(&options.sending, &source), &bar).await;
    bar.finish_and_clear();
    report(api, &source, &uploaded?, &options.sending, output).await
}

pub(super) async fn upload(api: &Api, options: Upload, output: Output) -> Result<(), Failure> {
    let source = open(&options.file)?;

    let bar = progress_bar();
    let how = upload_options(&options.sending, &source);
    let uploaded = ingest::upload_for(api, &source, &options.title.id, &how, &bar).await;
    bar.finish_and_clear();
    report(api, &source, &uploaded?, &options.sending, output).await
}

/// Aborts the open upload of a title.
pub(super) async fn abort(api: &Api, title_id: &str, output: Output) -> Result<(), Failure> {
    let title: Title = parsed(&api.get(&paths::title(title_id)).await?)?;
    let Some(upload_id) = title.upload_id else {
        return Err(Failure::new(
            Exit::Refused,
            format!("{title_id} is {} and has no open upload", title.state),
            "`marquee titles --mine --state uploading` lists titles with an open upload",
        ));
    };
    api.delete(&paths::upload(&upload_id)).await?;

    output.document(&api.get(&paths::title(title_id)).await?, |title: Title| {
        format!("the upload is aborted: {title_id} is {}", title.state)
    })
}

/// Opens the file and checks it before a title is created for it.
fn open(path: &Path) -> Result<Source, Failure> {
    let source = Source::open(path)?;
    source.check_content()?;
    Ok(source)
}

fn upload_options(sending: &Sending, source: &Source) -> UploadOptions {
    let by_extension = || source.content_type().to_owned();
    UploadOptions {
        content_type: sending.content_type.clone().unwrap_or_else(by_extension),
        parallel: usize::from(sending.parallel),
        resume: if sending.restart {
            ResumeMode::Restart
        } else {
            ResumeMode::Resume
        },
    }
}

/// Reports the uploaded title, and with `--watch` its processing.
async fn report(
    api: &Api,
    source: &Source,
    uploaded: &Uploaded,
    sending: &Sending,
    output: Output,
) -> Result<(), Failure> {
    note(&format!(
        "  uploaded {} as \"{}\" ({})",
        source.name, uploaded.name, uploaded.title
    ));

    let mut result = json!({
        "title_id": uploaded.title,
        "upload_id": uploaded.upload,
        "asset_id": uploaded.asset,
        "state": "processing",
    });
    if !sending.watch {
        return output.document(&result, |_: Value| {
            format!("{id}\nnext: marquee timeline {id} --watch", id = uploaded.title)
        });
    }

    let timeline = watch::follow(api, &uploaded.title, |_| Ok(())).await?;
    watch::verdict(&timeline)?;
    result["state"] = json!(timeline.state);
    result["watch_url"] = json!(watch_url(api, &uploaded.title)?.as_str());
    output.document(&result, |result: Value| {
        format!(
            "title: {}\nwatch: {}\n{}",
            uploaded.title,
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
        ("visibility", Some(json!(visibility_name(options.visibility)))),
    ];
    let given: Map<_, _> = fields
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)))
        .collect();
    Value::Object(given)
}
