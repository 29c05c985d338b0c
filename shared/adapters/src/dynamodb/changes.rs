//! Records of the table's stream, as Lambda passes them.

use domain::{engagement::Engagement, experiment::Exposure, title::Title};
use serde::Deserialize;

use super::{
    Engagements, Exposures, StoreError, Titles,
    engagement::EngagementItem,
    exposures::ExposureItem,
    item::{Item, Stored},
    titles::TitleItem,
};

/// A record of the stream.
#[derive(Debug, Deserialize)]
pub struct StreamRecord {
    dynamodb: Images,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Images {
    #[serde(default)]
    old_image: Option<serde_dynamo::Item>,
    #[serde(default)]
    new_image: Option<serde_dynamo::Item>,
}

/// A change: the value before, unless it is new, and after, unless it was deleted.
#[derive(Debug)]
pub enum Change {
    /// A title.
    Title(Option<Box<Title>>, Option<Box<Title>>),
    /// An engagement.
    Engagement(Option<Box<Engagement>>, Option<Box<Engagement>>),
    /// An exposure; `None` if it was deleted.
    Exposure(Option<Box<Exposure>>),
    /// A change of another kind of item, which no domain event reports.
    Other,
}

impl StreamRecord {
    /// The change.
    pub fn change(self) -> Result<Change, StoreError> {
        let [before, after] = [self.dynamodb.old_image, self.dynamodb.new_image].map(|image| image.map(Item::from));
        let image = after.as_ref().or(before.as_ref());
        let kind = image.and_then(|item| item.get("kind")?.as_s().ok()).cloned();

        match kind.as_deref() {
            Some(TitleItem::KIND) => Ok(Change::Title(read(before, Titles::read)?, read(after, Titles::read)?)),
            Some(EngagementItem::KIND) => Ok(Change::Engagement(
                read(before, Engagements::read)?,
                read(after, Engagements::read)?,
            )),
            Some(ExposureItem::KIND) => Ok(Change::Exposure(read(after, Exposures::read)?)),
            _ => Ok(Change::Other),
        }
    }
}

fn read<T>(image: Option<Item>, parse: fn(Item) -> Result<T, StoreError>) -> Result<Option<Box<T>>, StoreError> {
    Ok(image.map(parse).transpose()?.map(Box::new))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn record() -> Value {
        let event: Value = serde_json::from_str(include_str!("../../../../events/dynamodb/fan-out.json")).unwrap();

        event["Records"][0].clone()
    }

    fn change(record: Value) -> Result<Change, StoreError> {
        serde_json::from_value::<StreamRecord>(record).unwrap().change()
    }

    #[test]
    fn both_images_of_a_title_are_read() {
        let Ok(Change::Title(Some(before), Some(after))) = change(record()) else {
            panic!("a title")
        };

        assert_eq!((before.version, after.version), (3, 4));
        assert_eq!(after.details.name.as_str(), "Sintel");
    }

    #[test]
    fn both_images_of_an_engagement_are_read() {
        let event: Value = serde_json::from_str(include_str!("../../../../events/dynamodb/fan-out.json")).unwrap();
        let Ok(Change::Engagement(Some(before), Some(after))) = change(event["Records"][1].clone()) else {
            panic!("an engagement")
        };

        assert_eq!((before.version, after.version), (6, 7));
        assert!(before.liked_at.is_none() && after.liked_at.is_some());
    }

    #[test]
    fn a_new_exposure_is_read_and_a_deleted_one_is_not() {
        let event: Value = serde_json::from_str(include_str!("../../../../events/dynamodb/fan-out.json")).unwrap();
        let mut record = event["Records"][2].clone();
        let Ok(Change::Exposure(Some(exposure))) = change(record.clone()) else {
            panic!("an exposure")
        };
        assert_eq!(exposure.titles.len(), 1);

        let images = record["dynamodb"].as_object_mut().unwrap();
        let image = images.remove("NewImage").unwrap();
        images.insert("OldImage".to_owned(), image);
        assert!(matches!(change(record), Ok(Change::Exposure(None))));
    }

    #[test]
    fn a_new_item_and_a_deleted_one_have_one_image() {
        let without = |image: &str| {
            let mut record = record();
            record["dynamodb"].as_object_mut().unwrap().remove(image);
            change(record)
        };

        assert!(matches!(without("OldImage"), Ok(Change::Title(None, Some(_)))));
        assert!(matches!(without("NewImage"), Ok(Change::Title(Some(_), None))));
    }

    #[test]
    fn other_kinds_of_items_are_other_changes() {
        let mut other = record();
        other["dynamodb"]["NewImage"]["kind"] = json!({ "S": "account" });
        let mut broken = record();
        broken["dynamodb"]["NewImage"]["genres"] = json!({ "S": "drama" });

        assert!(matches!(change(other), Ok(Change::Other)));
        assert!(matches!(change(broken), Err(StoreError::Corrupt { kind: "title", .. })));
    }
}
