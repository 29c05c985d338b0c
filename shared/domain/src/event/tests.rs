use kernel::id::{AssetId, PlaybackId, UploadId};

use super::*;
use crate::{
    account::{Person, Role},
    engagement::{Feedback, Heartbeat},
    title::{
        Details,
        testing::{details, owner, publication},
    },
};

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

fn draft() -> Title {
    let details = Details {
        description: "A girl looks for her dragon.".to_owned().try_into().unwrap(),
        ..details("Sintel", &["fantasy"])
    };

    Title::draft(TitleId::mint(NOW), owner(AccountId::mint(NOW)), details, NOW)
}

/// The title after another write.
fn next(title: &Title, change: impl FnOnce(&mut Title)) -> Title {
    let mut title = title.clone();
    change(&mut title);
    title.version += 1;

    title
}

fn published(title: &Title) -> Title {
    let publication = publication(AssetId::mint(NOW), NOW);

    next(title, |title| {
        title
            .start_upload(publication.asset_id, UploadId::mint(NOW), NOW)
            .unwrap();
        title.start_processing(NOW).unwrap();
        title.publish(publication, NOW).unwrap();
    })
}

#[test]
fn a_title_that_is_not_published_makes_no_event() {
    let draft = draft();
    let processing = next(&draft, |title| {
        title
            .start_upload(AssetId::mint(NOW), UploadId::mint(NOW), NOW)
            .unwrap();
    });

    assert_eq!(DomainEvent::from_title_change(None, Some(&draft)), None);
    assert_eq!(DomainEvent::from_title_change(Some(&draft), Some(&processing)), None);
    assert_eq!(DomainEvent::from_title_change(Some(&draft), None), None);
}

#[test]
fn publishing_changing_and_archiving_make_events() {
    let draft = draft();
    let public = published(&draft);
    let renamed = next(&public, |title| {
        title.details.name = "Sintel II".to_owned().try_into().unwrap();
    });
    let owner = Person {
        id: draft.owner.account_id,
        roles: vec![Role::Creator],
    };
    let archived = next(&renamed, |title| title.archive(&owner, NOW).unwrap());
    let event_of = |before: &Title, after: &Title| DomainEvent::from_title_change(Some(before), Some(after)).unwrap();

    let event = event_of(&draft, &public);
    assert_eq!(event.id, format!("{}-2-title.published.v1", draft.id));
    assert_eq!(event.visibility(), Some(Visibility::Public));
    let Fact::TitleChanged { title } = event_of(&public, &renamed).fact else {
        panic!("a change")
    };
    assert_eq!((title.version, title.name.as_str()), (3, "Sintel II"));
    let title = RemovedTitle {
        title_id: draft.id,
        version: 4,
    };
    assert_eq!(event_of(&renamed, &archived).fact, Fact::TitleRemoved { title });
}

#[test]
fn a_write_that_changes_nothing_for_consumers_makes_no_event() {
    let public = published(&draft());
    let touched = next(&public, |title| title.updated_at = Timestamp::from_second(9).unwrap());

    assert_eq!(DomainEvent::from_title_change(Some(&public), Some(&touched)), None);
}

#[test]
fn a_change_of_visibility_makes_an_event() {
    let public = published(&draft());
    let private = next(&public, |title| title.details.visibility = Visibility::Private);
    let event = DomainEvent::from_title_change(Some(&public), Some(&private)).unwrap();

    assert_eq!(event.name(), "title.changed.v1");
    assert_eq!(event.visibility(), Some(Visibility::Private));
}

#[test]
fn a_deleted_title_is_removed() {
    let public = published(&draft());
    let event = DomainEvent::from_title_change(Some(&public), None).unwrap();

    assert_eq!(event.name(), "title.removed.v1");
}

#[test]
fn the_same_change_makes_the_same_event() {
    let (draft, public) = {
        let draft = draft();
        let public = published(&draft);
        (draft, public)
    };

    assert_eq!(
        DomainEvent::from_title_change(Some(&draft), Some(&public)),
        DomainEvent::from_title_change(Some(&draft), Some(&public))
    );
}

#[test]
fn an_event_has_no_display_name() {
    let draft = draft();
    let text = serde_json::to_string(&DomainEvent::from_title_change(Some(&draft), Some(&published(&draft)))).unwrap();

    assert!(!text.contains("Lovelace"), "{text}");
    assert!(text.contains(r#""type":"title.published.v1""#), "{text}");
}

/// The engagement with a title of one hour, of which this many minutes were watched.
fn engagement(minutes: u64, version: u64) -> Engagement {
    let mut engagement = Engagement::new(AccountId::mint(NOW), TitleId::mint(NOW), 3_600_000, NOW);
    let beat = Heartbeat {
        playback_id: PlaybackId::mint(NOW),
        watched_ms: minutes * 60_000,
        position_ms: minutes * 60_000,
        number: 0,
    };
    engagement.record(&beat, NOW, 3_600_000, Timestamp::from_second(7_200).unwrap());
    engagement.version = version;

    engagement
}

#[test]
fn every_watched_twentieth_makes_an_event() {
    let event_of =
        |before, after| DomainEvent::from_engagement_change(Some(&engagement(before, 1)), Some(&engagement(after, 2)));

    assert_eq!(event_of(3, 5), None, "both are a twentieth");
    assert!(event_of(5, 6).is_some(), "two twentieths");
    assert!(event_of(57, 60).is_some(), "all of it");
    assert!(
        DomainEvent::from_engagement_change(None, Some(&engagement(1, 1))).is_some(),
        "the first"
    );
}

#[test]
fn likes_dismissals_and_countries_make_events() {
    let seen = engagement(3, 1);
    let mut liked = seen.clone();
    liked.like(NOW);
    liked.version = 2;
    let mut hidden = liked.clone();
    hidden.give_feedback(Some(Feedback::NotInterested), NOW);
    hidden.version = 3;
    let event_of = |before: &Engagement, after: &Engagement| {
        DomainEvent::from_engagement_change(Some(before), Some(after)).unwrap()
    };

    let event = event_of(&seen, &liked);
    let (account, title) = (seen.account_id, seen.title_id);
    assert_eq!(event.id, format!("{account}-{title}-2-engagement.changed.v1"));
    assert_eq!(event.at, liked.updated_at);
    let mut abroad = liked.clone();
    abroad.note_territory("FR".parse().ok());
    assert!(
        DomainEvent::from_engagement_change(Some(&liked), Some(&abroad)).is_some(),
        "another country"
    );
    let interaction = hidden.interaction();
    assert_eq!(event_of(&liked, &hidden).fact, Fact::EngagementChanged { interaction });
    let mut dismissed = seen.clone();
    dismissed.give_feedback(Some(Feedback::NotInterested), NOW);
    assert!(
        DomainEvent::from_engagement_change(Some(&seen), Some(&dismissed)).is_some(),
        "a dismissal without a like before"
    );
}

#[test]
fn the_deletion_of_an_engagement_makes_no_event() {
    assert_eq!(DomainEvent::from_engagement_change(Some(&engagement(3, 1)), None), None);
}

#[test]
fn the_samples_round_trip() {
    for sample in [
        include_str!("../../../../events/domain/title.published.v1.json"),
        include_str!("../../../../events/domain/title.changed.v1.json"),
        include_str!("../../../../events/domain/title.removed.v1.json"),
        include_str!("../../../../events/domain/engagement.changed.v1.json"),
        include_str!("../../../../events/domain/recommendations.shown.v1.json"),
    ] {
        let json: serde_json::Value = serde_json::from_str(sample).unwrap();
        let event: DomainEvent = serde_json::from_str(sample).unwrap();

        assert_eq!(json["type"], event.name());
        assert_eq!(serde_json::to_value(&event).unwrap(), json);
    }
}
