//! `ingest`.

use serde_json::{Map, Value, json};

use super::catalogue::visibility_word;
use super::play::watch_url;
use crate::api::Api;
use crate::arguments::Ingest;
use crate::failure::Failure;
use crate::ingest::{Manner, NewTitle, Remembering, Source, progress_bar, upload};
use crate::output::{Output, note};
use crate::watch;

pub(super) async fn run(api: &Api, options: Ingest, output: Output) -> Result<(), Failure> {
    let source = Source::of(&options.file)?;
    source.check_content()?;
    let manner = Manner {
        content_type: options
            .content_type
            .clone()
            .unwrap_or_else(|| source.content_type().to_owned()),
        parallel: usize::from(options.parallel),
        memory: if options.restart {
            Remembering::Restart
        } else {
            Remembering::Resume
        },
    };
    let title = NewTitle {
        name: options.title.clone(),
        body: body(&options),
    };

    let bar = progress_bar();
    let arrived = upload(api, &source, &title, &manner, &bar).await;
    bar.finish_and_clear();
    let arrived = arrived?;
    note(&format!("  uploaded {} as title {}", source.name, arrived.title));

    let mut result = json!({
        "title_id": arrived.title,
        "upload_id": arrived.upload,
        "asset_id": arrived.asset,
        "state": "processing",
    });
    if !options.watch {
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
