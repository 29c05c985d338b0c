//! `titles`, `title`, `similar`, `edit`, `archive`, `restore`, `delete`.

use serde_json::{Map, Value, json};
use url::form_urlencoded;

use crate::api::types::{Page, Similar, Title};
use crate::api::{Api, Retry};
use crate::arguments::{Edit, Titles, Visibility};
use crate::failure::{Exit, Failure};
use crate::output::{Output, clock_time, note, parsed, print, table};
use crate::paths;

/// Titles of one page.
const PAGE_SIZE: u32 = 50;

pub(super) async fn titles(api: &Api, options: &Titles, output: Output) -> Result<(), Failure> {
    let mut left = if options.all { u32::MAX } else { options.limit };
    let mut cursor: Option<String> = None;
    let mut rows = vec![
        ["ID", "STATE", "LENGTH", "PUBLISHED", "NAME"]
            .map(str::to_owned)
            .to_vec(),
    ];
    loop {
        let path = query(options, left.min(PAGE_SIZE), cursor.as_deref());
        let page: Page = parsed(&api.get(&path).await?)?;
        for item in page.items.iter().take(usize::try_from(left).unwrap_or(usize::MAX)) {
            if output.is_json() {
                print(&item.to_string())?;
            } else {
                rows.push(row(&parsed(item)?));
            }
        }
        left = left.saturating_sub(u32::try_from(page.items.len()).unwrap_or(u32::MAX));
        cursor = page.next_cursor;
        if cursor.is_none() || left == 0 {
            break;
        }
    }
    if output.is_json() {
        return Ok(());
    }
    if rows.len() == 1 {
        note(match options.genre {
            Some(_) => "no titles; `marquee genres` lists the genres",
            None => "no titles",
        });
        return Ok(());
    }
    print(&table(&rows))
}

fn query(options: &Titles, limit: u32, cursor: Option<&str>) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("limit", &limit.to_string());
    let fields = [
        ("owner", options.mine.then_some("me")),
        ("state", options.state.as_deref()),
        ("genre", options.genre.as_deref()),
        ("cursor", cursor),
    ];
    query.extend_pairs(fields.into_iter().filter_map(|(name, value)| Some((name, value?))));
    format!("api/titles?{}", query.finish())
}

fn row(title: &Title) -> Vec<String> {
    vec![
        title.title_id.clone(),
        title.state.clone(),
        title.duration_ms.map(clock_time).unwrap_or_default(),
        title
            .published_at
            .map(|at| at.strftime("%Y-%m-%d").to_string())
            .unwrap_or_default(),
        title.name.clone(),
    ]
}

pub(super) async fn genres(api: &Api, output: Output) -> Result<(), Failure> {
    let answer = api.get("api/genres").await?;
    if output.is_json() {
        return print(&answer.to_string());
    }
    let genres = answer["items"].as_array().into_iter().flatten();

    genres.filter_map(Value::as_str).try_for_each(print)
}

pub(super) async fn title(api: &Api, id: &str, output: Output) -> Result<(), Failure> {
    output.document(&api.get(&paths::title(id)).await?, |title: Title| card(&title))
}

pub(super) async fn similar(api: &Api, id: &str, output: Output) -> Result<(), Failure> {
    let answer = api.get(&format!("{}/similar", paths::title(id))).await?;
    if output.is_json() {
        let items = answer["items"].as_array().cloned().unwrap_or_default();
        return items.iter().try_for_each(|item| print(&item.to_string()));
    }
    let similar: Similar = parsed(&answer)?;
    if similar.items.is_empty() {
        note("no similar titles yet");
        return Ok(());
    }
    let rows: Vec<_> = similar
        .items
        .into_iter()
        .map(|item| vec![item.title.title_id, item.title.name, item.reason])
        .collect();
    print(&table(&rows))
}

pub(super) async fn edit(api: &Api, options: Edit, output: Output) -> Result<(), Failure> {
    let path = paths::title(&options.title_id.id);
    let title: Title = parsed(&api.get(&path).await?)?;
    let changed =
        api.patch(&path, &changes(&options, title.version))
            .await
            .map_err(|failure| match failure.status {
                Some(409) => failure
                    .with_advice("the title changed meanwhile: check it with `marquee title ID`, then edit it again"),
                _ => failure,
            })?;
    output.document(&changed, |title: Title| card(&title))
}

/// The given fields, and the version on which the change is based.
fn changes(options: &Edit, version: u64) -> Value {
    let fields = [
        ("name", options.title.as_ref().map(|name| json!(name))),
        ("description", options.description.as_ref().map(|text| json!(text))),
        ("genres", (!options.genres.is_empty()).then(|| json!(options.genres))),
        ("language", options.language.as_ref().map(|tag| language(tag))),
        (
            "visibility",
            options.visibility.map(|visibility| json!(visibility_name(visibility))),
        ),
        ("version", Some(json!(version))),
    ];
    let given: Map<_, _> = fields
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)))
        .collect();
    Value::Object(given)
}

/// An empty tag removes the language.
fn language(tag: &str) -> Value {
    if tag.is_empty() { Value::Null } else { json!(tag) }
}

pub(super) async fn archive(api: &Api, id: &str, output: Output) -> Result<(), Failure> {
    check_history(api, id, Accepts::Published).await?;
    api.delete(&paths::title(id)).await?;
    let title: Value = api.get(&paths::title(id)).await?;
    output.document(&title, |title: Value| match title["restorable_until"].as_str() {
        Some(until) => format!("{id} is archived and can be restored until {until}"),
        None => format!("{id} is archived"),
    })
}

pub(super) async fn restore(api: &Api, id: &str, output: Output) -> Result<(), Failure> {
    let title: Value = api
        .post(&format!("{}/restore", paths::title(id)), &json!({}), Retry::OnlyUnsent)
        .await?;
    output.document(&title, |title: Value| {
        format!("{id} is {} again", title["state"].as_str().unwrap_or("restored"))
    })
}

pub(super) async fn delete(api: &Api, id: &str, output: Output) -> Result<(), Failure> {
    check_history(api, id, Accepts::NeverPublished).await?;
    api.delete(&paths::title(id)).await?;
    output.document(&json!({ "title_id": id, "deleted": true }), |_: Value| {
        format!("{id} is deleted")
    })
}

/// The titles that a command accepts: the API has one request for archiving and deleting.
#[derive(Clone, Copy, PartialEq)]
enum Accepts {
    Published,
    NeverPublished,
}

/// Prevents that `archive` deletes a title for good, and that `delete` archives one.
async fn check_history(api: &Api, id: &str, accepts: Accepts) -> Result<(), Failure> {
    let title: Value = api.get(&paths::title(id)).await?;
    let never = matches!(title["state"].as_str(), Some("draft" | "failed")) && title["published_at"].is_null();
    match (accepts, never) {
        (Accepts::Published, true) => Err(Failure::new(
            Exit::Refused,
            format!("{id} was never published"),
            format!("`marquee delete {id}` deletes it for good"),
        )),
        (Accepts::NeverPublished, false) => Err(Failure::new(
            Exit::Refused,
            format!("{id} is {}", title["state"].as_str().unwrap_or("published")),
            format!("`marquee archive {id}` removes a published title"),
        )),
        _ => Ok(()),
    }
}

pub(super) fn visibility_name(visibility: Visibility) -> &'static str {
    match visibility {
        Visibility::Public => "public",
        Visibility::Unlisted => "unlisted",
        Visibility::Private => "private",
    }
}

fn card(title: &Title) -> String {
    let mut rows = vec![
        ("title", format!("{} ({})", title.name, title.title_id)),
        ("state", title.state.clone()),
        ("by", title.owner.display_name.clone()),
        ("visibility", title.visibility.clone()),
    ];
    let sizes: Vec<_> = title
        .renditions
        .iter()
        .map(|rendition| format!("{}x{}", rendition.width, rendition.height))
        .collect();
    let more = [
        ("length", title.duration_ms.map(clock_time)),
        ("genres", (!title.genres.is_empty()).then(|| title.genres.join(", "))),
        ("language", title.language.clone()),
        ("published", title.published_at.map(|at| at.to_string())),
        ("renditions", (!sizes.is_empty()).then(|| sizes.join(", "))),
        (
            "failed",
            title
                .failure
                .as_ref()
                .map(|reason| format!("{} ({})", reason.sentence, reason.error)),
        ),
        ("description", title.description.clone().filter(|text| !text.is_empty())),
    ];
    rows.extend(more.into_iter().filter_map(|(name, value)| Some((name, value?))));
    table(
        &rows
            .into_iter()
            .map(|(name, value)| vec![name.to_owned(), value])
            .collect::<Vec<_>>(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arguments::OneTitle;

    fn listing() -> Titles {
        Titles {
            mine: true,
            state: Some("failed".into()),
            genre: Some("sci fi & more".into()),
            limit: 5,
            all: false,
        }
    }

    #[test]
    fn queries_are_encoded() {
        assert_eq!(
            query(&listing(), 5, Some("a+b=")),
            "api/titles?limit=5&owner=me&state=failed&genre=sci+fi+%26+more&cursor=a%2Bb%3D"
        );
    }

    #[test]
    fn an_edit_sends_only_changes() {
        let edit = Edit {
            title_id: OneTitle { id: "t".into() },
            title: None,
            description: Some(String::new()),
            genres: Vec::new(),
            language: Some(String::new()),
            visibility: Some(Visibility::Private),
        };
        assert_eq!(
            changes(&edit, 3),
            json!({ "description": "", "language": null, "visibility": "private", "version": 3 })
        );
    }

    #[test]
    fn a_card_shows_known_fields() {
        let title: Title = parsed(&json!({
            "title_id": "t", "name": "Bunny", "visibility": "public", "state": "published", "version": 1,
            "owner": { "creator_id": "a", "display_name": "Blender" }, "duration_ms": 596_000,
            "renditions": [{ "width": 1280, "height": 720 }], "genres": ["comedy"],
        }))
        .unwrap();
        let card = card(&title);
        assert!(card.contains("length      9:56"), "{card}");
        assert!(!card.contains("failed"));
    }
}
