use super::{testing::details, *};
use crate::ingest::{IngestError, Reason, Step};

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

pub(crate) fn person(roles: &[Role]) -> Person {
    Person {
        id: AccountId::mint(NOW),
        roles: roles.to_vec(),
    }
}

pub(crate) fn draft(owner: &Person) -> Title {
    let details = details("Big Buck Bunny", &[]);

    Title::draft(TitleId::mint(NOW), testing::owner(owner.id), details, NOW)
}

fn failure() -> Failure {
    let reason = Reason {
        error: IngestError::Encrypted,
        sentence: "This file is encrypted.".to_owned(),
    };

    Failure {
        reason,
        step: Step::Validate,
        at: NOW,
    }
}

/// A published title, and the asset that it plays.
pub(crate) fn published(now: Timestamp) -> (Title, AssetId) {
    let asset = AssetId::mint(now);
    let mut title = draft(&person(&[Role::Creator]));
    title.start_upload(asset, UploadId::mint(now), now).unwrap();
    title.start_processing(now).unwrap();
    title.publish(testing::publication(asset, NOW), now).unwrap();

    (title, asset)
}

/// The owner of a title, with these roles.
fn owner(title: &Title, roles: &[Role]) -> Person {
    Person {
        id: title.owner.account_id,
        roles: roles.to_vec(),
    }
}

#[test]
fn a_restored_title_is_in_its_former_state() {
    let (mut title, _) = published(NOW);
    let owner = owner(&title, &[Role::Creator]);
    title.archive(&owner, NOW).unwrap();
    title.keep_until(NOW);
    assert!(!title.is_shown());
    title.restore(&owner, NOW).unwrap();
    assert!(title.is_shown() && title.restorable_until.is_none());
    assert!(title.restore(&owner, NOW).is_err(), "it is not archived");

    let mut draft = draft(&owner);
    draft.archive(&owner, NOW).unwrap();
    draft.restore(&owner, NOW).unwrap();
    assert_eq!(draft.state, TitleState::Draft);

    let mut failed = draft.clone();
    failed
        .start_upload(AssetId::mint(NOW), UploadId::mint(NOW), NOW)
        .unwrap();
    failed.fail(failure(), NOW).unwrap();
    failed.archive(&owner, NOW).unwrap();
    failed.restore(&owner, NOW).unwrap();
    assert_eq!(failed.state, TitleState::Failed);
}

#[test]
fn only_an_admin_restores_a_title_that_an_admin_archived() {
    let (mut title, _) = published(NOW);
    let (owner, admin) = (owner(&title, &[Role::Creator]), person(&[Role::Admin]));

    title.archive(&admin, NOW).unwrap();
    let before = title.clone();
    assert_eq!(title.restore(&owner, NOW), Err(ChangeRefused::ArchivedByAdmin));
    assert_eq!(title, before);
    title.restore(&admin, NOW).unwrap();
    assert!(title.is_shown() && !title.archived_by_admin);

    // The owner may be faster than the admin.
    title.archive(&owner, NOW).unwrap();
    assert!(!title.archive_again(&owner, NOW), "it is archived");
    assert!(title.archive_again(&admin, NOW) && !title.archive_again(&admin, NOW));
    assert_eq!(title.restore(&owner, NOW), Err(ChangeRefused::ArchivedByAdmin));
}

#[test]
fn an_admin_archives_and_restores_an_own_title_like_any_owner() {
    let (mut title, _) = published(NOW);
    let owner = owner(&title, &[Role::Admin]);
    assert!(!title.archive_again(&person(&[Role::Admin]), NOW));

    title.archive(&owner, NOW).unwrap();

    assert!(!title.archived_by_admin);
    title.restore(&owner, NOW).unwrap();
}

#[test]
fn only_a_person_who_may_publish_shows_a_title_to_more_people() {
    let (mut title, _) = published(NOW);
    let (creator, former) = (owner(&title, &[Role::Creator]), owner(&title, &[]));
    let with = |title: &Title, visibility| Details {
        visibility,
        ..title.details.clone()
    };

    // A former creator may hide the title and change its details.
    for visibility in [Visibility::Public, Visibility::Unlisted, Visibility::Private] {
        title.update_details(with(&title, visibility), &former, NOW).unwrap();
    }
    let refused = title.update_details(with(&title, Visibility::Unlisted), &former, NOW);
    assert_eq!(refused, Err(ChangeRefused::NotCreator));
    title
        .update_details(with(&title, Visibility::Unlisted), &creator, NOW)
        .unwrap();
    let refused = title.update_details(with(&title, Visibility::Public), &former, NOW);
    assert_eq!(refused, Err(ChangeRefused::NotCreator));

    title.archive(&former, NOW).unwrap();
    assert_eq!(title.restore(&former, NOW), Err(ChangeRefused::NotCreator));
    title.restore(&person(&[Role::Admin]), NOW).unwrap();
}

#[test]
fn access_depends_on_state_and_visibility_only() {
    let (title, _) = published(NOW);
    let name: TitleName = "Sintel".to_owned().try_into().unwrap();
    let admin = person(&[Role::Admin]);
    let changed = |change: &dyn Fn(&mut Title)| {
        let mut changed = title.clone();
        change(&mut changed);
        changed.same_access_as(&title)
    };

    assert!(changed(&|title| title.details.name = name.clone()));
    assert!(changed(&|title| title.details.visibility = Visibility::Unlisted));
    assert!(!changed(&|title| title.details.visibility = Visibility::Private));
    assert!(!changed(&|title| title.archive(&admin, NOW).unwrap()));
}

#[test]
fn a_title_without_files_is_neither_restored_nor_run_again() {
    let (mut archived, _) = published(NOW);
    let owner = owner(&archived, &[Role::Creator]);
    archived.archive(&owner, NOW).unwrap();
    archived.mark_files_deleted(NOW);
    let refusal = archived.restore(&owner, NOW).unwrap_err().to_string();
    assert!(refusal.contains("its files are deleted"), "{refusal}");

    let mut failed = draft(&person(&[Role::Creator]));
    failed
        .start_upload(AssetId::mint(NOW), UploadId::mint(NOW), NOW)
        .unwrap();
    failed.fail(failure(), NOW).unwrap();
    failed.mark_files_deleted(NOW);
    let refusal = failed.start_processing(NOW).unwrap_err().to_string();
    assert!(refusal.contains("upload it again"), "{refusal}");
    failed
        .start_upload(AssetId::mint(NOW), UploadId::mint(NOW), NOW)
        .unwrap();
    assert!(failed.files_deleted_at.is_none());
}

#[test]
fn only_a_title_that_was_never_published_is_deleted_at_once() {
    let (mut title, _) = published(NOW);
    assert!(!title.is_unpublished());
    title.archive(&person(&[Role::Admin]), NOW).unwrap();
    assert!(!title.is_unpublished());
    assert!(draft(&person(&[Role::Creator])).is_unpublished());
}

#[test]
fn a_title_that_was_withdrawn_is_not_published_by_restoring_it() {
    let (mut title, _) = published(NOW);
    let owner = owner(&title, &[Role::Creator]);
    title.withdraw(failure(), NOW).unwrap();
    assert_eq!(title.publication, None);

    title.archive(&owner, NOW).unwrap();
    title.restore(&owner, NOW).unwrap();

    assert_eq!(title.state, TitleState::Failed);
    assert!(!title.is_shown());
}

#[test]
fn a_film_goes_from_draft_to_published() {
    let owner = person(&[Role::Creator]);
    let asset = AssetId::mint(NOW);
    let mut title = draft(&owner);

    title.start_upload(asset, UploadId::mint(NOW), NOW).unwrap();
    title.start_processing(NOW).unwrap();
    title.publish(testing::publication(asset, NOW), NOW).unwrap();

    assert_eq!(title.state, TitleState::Published);
    assert!(title.is_listed());
}

#[test]
fn a_failed_title_can_be_processed_again_or_take_another_file() {
    let owner = person(&[Role::Creator]);
    let mut title = draft(&owner);
    title
        .start_upload(AssetId::mint(NOW), UploadId::mint(NOW), NOW)
        .unwrap();
    title.start_processing(NOW).unwrap();
    title.fail(failure(), NOW).unwrap();

    assert!(title.clone().start_processing(NOW).is_ok());
    assert!(
        title
            .clone()
            .start_upload(AssetId::mint(NOW), UploadId::mint(NOW), NOW)
            .is_ok()
    );
}

#[test]
fn processing_can_be_canceled_and_the_title_takes_another_file_then() {
    let mut title = draft(&person(&[Role::Creator]));
    let refusal = title.cancel(Step::Validate, NOW).unwrap_err().to_string();
    assert!(refusal.contains("only processing can be canceled"), "{refusal}");
    title
        .start_upload(AssetId::mint(NOW), UploadId::mint(NOW), NOW)
        .unwrap();
    assert!(title.upload_id.is_some());
    assert!(title.cancel(Step::Upload, NOW).is_err(), "an upload is aborted instead");
    title.start_processing(NOW).unwrap();
    assert_eq!(title.upload_id, None, "it is complete");

    let failure = title.cancel(Step::Transcode, NOW).unwrap();

    assert_eq!(
        (failure.reason.error, failure.step),
        (IngestError::Canceled, Step::Transcode)
    );
    assert!(title.is_canceled() && title.is_unpublished());
    assert!(
        title
            .publish(testing::publication(AssetId::mint(NOW), NOW), NOW)
            .is_err(),
        "a run that continues changes nothing"
    );
    assert!(title.cancel(Step::Transcode, NOW).is_err());
    title
        .start_upload(AssetId::mint(NOW), UploadId::mint(NOW), NOW)
        .unwrap();
    assert!(!title.is_canceled());
}

#[test]
fn a_state_that_does_not_allow_an_action_says_what_to_do() {
    let mut title = draft(&person(&[Role::Creator]));
    let before = title.clone();

    let refusal = title
        .publish(testing::publication(AssetId::mint(NOW), NOW), NOW)
        .unwrap_err();

    assert_eq!(
        refusal.to_string(),
        "a title that is draft cannot be published; it must be processed first"
    );
    assert_eq!(title, before);
}

#[test]
fn only_its_owner_and_admins_see_a_title_that_is_not_published() {
    let owner = person(&[Role::Creator]);
    let title = draft(&owner);

    assert!(title.visible_to(&owner));
    assert!(title.visible_to(&person(&[Role::Admin])));
    assert!(!title.visible_to(&person(&[Role::Creator])));
    assert!(!title.visible_to(&person(&[])));
}

#[test]
fn visibility_decides_who_sees_a_published_title() {
    let owner = person(&[Role::Creator]);
    let viewer = person(&[]);
    let mut title = draft(&owner);
    title.state = TitleState::Published;

    let seen = |visibility| {
        let mut title = title.clone();
        title.details.visibility = visibility;
        (title.visible_to(&viewer), title.is_listed())
    };

    assert_eq!(seen(Visibility::Public), (true, true));
    assert_eq!(seen(Visibility::Unlisted), (true, false));
    assert_eq!(seen(Visibility::Private), (false, false));
}

#[test]
fn genres_and_languages_have_a_fixed_form() {
    for good in ["drama", "science-fiction", "日本", "80s"] {
        assert!(Genre::try_from(good.to_owned()).is_ok(), "{good}");
    }
    for bad in ["", "Drama", "-drama", "a b", "drama-", "d#"] {
        assert_eq!(Genre::try_from(bad.to_owned()), Err(InvalidGenre), "{bad}");
    }
    for good in ["en", "pt-BR", "zh-Hant-TW", "es-419", "gsw"] {
        assert!(Language::try_from(good.to_owned()).is_ok(), "{good}");
    }
    for (written, kept) in [
        ("EN", "en"),
        ("pt-br", "pt-BR"),
        ("deu", "de"),
        ("ca-valencia", "ca-valencia"),
    ] {
        let language = Language::try_from(written.to_owned()).map(String::from);
        assert_eq!(language.as_deref(), Ok(kept), "{written}");
    }
    for bad in ["", "e", "english", "en-", "en_US", "pt-BR-BR"] {
        assert_eq!(Language::try_from(bad.to_owned()), Err(InvalidLanguage), "{bad}");
    }
}

#[test]
fn the_opening_is_the_first_characters_of_a_description() {
    let description = |text: String| Description::try_from(text).unwrap();

    assert_eq!(description("A dragon.".to_owned()).opening(), "A dragon.");
    assert_eq!(
        description("é".repeat(Description::OPENING)).opening().chars().count(),
        500
    );
    assert_eq!(description("🎬".repeat(Description::MAX)).opening(), "🎬".repeat(500));
}

#[test]
fn a_title_that_is_uploaded_or_processed_is_not_archived() {
    let owner = person(&[Role::Creator]);
    let mut title = draft(&owner);
    title
        .start_upload(AssetId::mint(NOW), UploadId::mint(NOW), NOW)
        .unwrap();
    assert!(title.archive(&owner, NOW).is_err());

    title.start_processing(NOW).unwrap();
    let refusal = title.archive(&owner, NOW).unwrap_err().to_string();

    assert!(refusal.contains("cancel its processing"), "{refusal}");
    assert_eq!(title.state, TitleState::Processing);
}
