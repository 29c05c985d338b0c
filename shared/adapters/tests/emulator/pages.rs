//! Lists: merged from several partitions, in order, without gaps between their pages.

use std::collections::BTreeSet;

use adapters::dynamodb::{DueCursor, Files, ListAudit, ListTitles, Page, PageRequest, keys};
use domain::{
    audit::Target,
    title::{Genre, Title, TitleState},
    upload::UploadState,
};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use kernel::{error_kind::ErrorKind, id::AccountId};

use crate::{
    fixtures::{after, audit_entry, begun_upload, draft, kind, new_account, now, owner, published},
    table::TestTable,
};

/// More than there are partitions, so that some partition has several.
const TITLES: u64 = 23;

async fn create(table: &TestTable, titles: &[Title]) {
    let titles_of = table.titles();
    let created = stream::iter(titles.iter().map(|title| titles_of.create(title))).buffer_unordered(16);

    created.try_collect::<()>().await.expect("new titles");
}

/// Titles that were published one second after another, the newest first.
async fn create_published(table: &TestTable, account: AccountId, count: u64) -> Vec<Title> {
    let titles = (0..count).map(|second| published(account, "Film", &[], after(second)));
    let mut titles: Vec<Title> = titles.collect();
    create(table, &titles).await;
    titles.reverse();

    titles
}

async fn page(table: &TestTable, list: &ListTitles, limit: u8, cursor: Option<&str>) -> Page<Title> {
    let request = PageRequest::new(limit, cursor).expect("a cursor of the list");

    table.titles().list(list.clone(), &request).await.expect("a list")
}

/// The pages of a list to its end; no cursor comes twice.
async fn pages(table: &TestTable, list: &ListTitles, limit: u8) -> Vec<Vec<Title>> {
    let (mut pages, mut cursors) = (Vec::new(), BTreeSet::new());
    let mut cursor: Option<String> = None;
    loop {
        let found = page(table, list, limit, cursor.as_deref()).await;
        pages.push(found.items);
        let Some(next) = found.next_cursor else { return pages };
        assert!(cursors.insert(next.clone()), "the list goes round");
        cursor = Some(next);
    }
}

const fn published_list() -> ListTitles {
    ListTitles::Published { genre: None }
}

#[tokio::test]
async fn a_list_of_several_partitions_is_read_page_by_page_newest_first() {
    let Some(table) = TestTable::create().await else { return };
    let titles = create_published(&table, new_account(), TITLES).await;

    for limit in [1, 5, 22] {
        let pages = pages(&table, &published_list(), limit).await;
        assert!(pages.iter().all(|page| page.len() <= usize::from(limit)));
        assert_eq!(pages.concat(), titles, "{limit} at a time");
    }
}

#[tokio::test]
async fn a_list_that_ends_with_a_full_page_has_no_further_page() {
    let Some(table) = TestTable::create().await else { return };
    let titles = create_published(&table, new_account(), TITLES).await;
    let count = u8::try_from(TITLES).expect("a small number");

    let found = page(&table, &published_list(), count, None).await;

    assert_eq!((found.items, found.next_cursor), (titles, None));
    let empty = ListTitles::OwnedBy {
        account: new_account(),
        state: None,
    };
    let found = page(&table, &empty, count, None).await;
    assert_eq!((found.items, found.next_cursor), (vec![], None));
}

#[tokio::test]
async fn a_cursor_is_refused_by_every_other_list() {
    let Some(table) = TestTable::create().await else { return };
    let account = new_account();
    create_published(&table, account, 3).await;
    let cursor = page(&table, &published_list(), 1, None)
        .await
        .next_cursor
        .expect("a further page");
    let request = PageRequest::new(1, Some(&cursor)).expect("a cursor");

    for other in [
        ListTitles::OwnedBy { account, state: None },
        ListTitles::OwnedBy {
            account,
            state: Some(TitleState::Published),
        },
        ListTitles::InState(TitleState::Published),
    ] {
        let refused = table.titles().list(other.clone(), &request).await;
        assert_eq!(kind(refused), ErrorKind::Invalid, "{other:?}");
    }
    let refused = table.audit_log().list(&ListAudit::By(account), &request).await;
    assert_eq!(kind(refused), ErrorKind::Invalid);
}

#[tokio::test]
async fn a_cursor_of_one_account_is_refused_by_the_list_of_another() {
    let Some(table) = TestTable::create().await else { return };
    let [mine, other] = [new_account(), new_account()];
    create_published(&table, mine, 3).await;
    create_published(&table, other, 3).await;
    let list = ListTitles::OwnedBy {
        account: mine,
        state: None,
    };
    let cursor = page(&table, &list, 1, None).await.next_cursor.expect("a further page");

    let list = ListTitles::OwnedBy {
        account: other,
        state: None,
    };
    let request = PageRequest::new(1, Some(&cursor)).expect("a cursor");

    assert_eq!(kind(table.titles().list(list, &request).await), ErrorKind::Invalid);
}

#[tokio::test]
async fn a_list_continues_after_the_place_of_an_item_that_was_deleted() {
    let Some(table) = TestTable::create().await else { return };
    let titles = create_published(&table, new_account(), 6).await;
    let found = page(&table, &published_list(), 2, None).await;
    let cursor = found.next_cursor.expect("a further page");

    // The cursor names the second title, and the third would be the next.
    for title in &titles[1..3] {
        table.titles().remove(title).await.expect("a removal");
    }

    let found = page(&table, &published_list(), 10, Some(&cursor)).await;
    assert_eq!(found.items, titles[3..]);
}

#[tokio::test]
async fn a_title_that_is_archived_leaves_the_list_of_published_titles() {
    let Some(table) = TestTable::create().await else { return };
    let mut titles = create_published(&table, new_account(), 3).await;
    let owner = owner(&titles[1]);

    titles[1].archive(&owner, after(60)).expect("a published title");
    table.titles().save(&mut titles[1]).await.expect("a write");

    let found = page(&table, &published_list(), 10, None).await;
    assert_eq!(found.items, [titles[0].clone(), titles[2].clone()]);
    let list = ListTitles::OwnedBy {
        account: owner.id,
        state: None,
    };
    assert_eq!(page(&table, &list, 10, None).await.items, titles);
}

#[tokio::test]
async fn a_filtered_list_has_full_pages_of_what_the_filter_lets_through() {
    let Some(table) = TestTable::create().await else { return };
    let genres = |number| {
        if number % 4 == 0 {
            vec!["western"]
        } else {
            vec!["drama", "short"]
        }
    };
    let titles = (0..TITLES).map(|second| published(new_account(), "Film", &genres(second), after(second)));
    let titles: Vec<Title> = titles.collect();
    create(&table, &titles).await;
    let genre = Genre::try_from("western".to_owned()).expect("a genre");

    let pages = pages(
        &table,
        &ListTitles::Published {
            genre: Some(genre.clone()),
        },
        4,
    )
    .await;

    let westerns = titles
        .iter()
        .rev()
        .filter(|title| title.details.genres.contains(&genre));
    assert_eq!(pages.concat(), westerns.cloned().collect::<Vec<_>>());
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [4, 2]);
}

#[tokio::test]
async fn a_list_of_one_state_has_no_title_of_another() {
    let Some(table) = TestTable::create().await else { return };
    let account = new_account();
    let published = create_published(&table, account, 3).await;
    let drafts = [draft(account, "Draft", after(10)), draft(account, "Draft", after(11))];
    create(&table, &drafts).await;
    let list = |state| ListTitles::OwnedBy {
        account,
        state: Some(state),
    };

    assert_eq!(pages(&table, &list(TitleState::Published), 2).await.concat(), published);
    let found = pages(&table, &list(TitleState::Draft), 2).await.concat();
    assert_eq!(found, [drafts[1].clone(), drafts[0].clone()]);
}

/// A query reads at most 1 MB and a filter drops items afterwards: a page of a rare state ends before the whole list is read.
#[tokio::test]
async fn a_rare_item_at_the_end_of_a_long_filtered_list_is_found_on_a_later_page() {
    let Some(table) = TestTable::create().await else { return };
    let account = new_account();
    let rare = published(account, "Rare", &[], now());
    create(&table, std::slice::from_ref(&rare)).await;
    // Each has 20 KB: a query reads about 50 of them.
    let description = "𝄞".repeat(5_000);
    let drafts: Vec<Title> = (1..=200)
        .map(|second| {
            let mut title = draft(account, "Draft", after(second));
            title.details.description = description.clone().try_into().expect("a description");
            title
        })
        .collect();
    create(&table, &drafts).await;

    let list = ListTitles::OwnedBy {
        account,
        state: Some(TitleState::Published),
    };
    let pages = pages(&table, &list, 10).await;

    assert_eq!(pages[0], [], "three queries do not reach the rare item");
    assert_eq!(pages.concat(), [rare]);
}

#[tokio::test]
async fn a_title_that_changes_while_its_list_is_read_is_on_a_page() {
    let Some(table) = TestTable::create().await else { return };
    let list = ListTitles::InState(TitleState::Published);
    let mut titles = create_published(&table, new_account(), TITLES).await;
    let first = page(&table, &list, 10, None).await;
    assert_eq!(first.items, titles[..10]);

    // It moves from the end of the list to its beginning, which has been read.
    let changed = titles.last_mut().expect("a title");
    changed.updated_at = after(1_000);
    table.titles().save(changed).await.expect("a write");

    let mut seen = Vec::new();
    let mut cursor = first.next_cursor;
    while let Some(place) = cursor {
        let found = page(&table, &list, 10, Some(&place)).await;
        seen.extend(found.items);
        cursor = found.next_cursor;
    }
    assert_eq!(seen, titles[10..], "the changed title is last");
}

#[tokio::test]
async fn a_line_of_the_audit_log_is_found_by_its_day_its_actor_and_its_target() {
    let Some(table) = TestTable::create().await else { return };
    let (log, actor) = (table.audit_log(), new_account());
    let [title, other] = [(); 2].map(|()| draft(actor, "Film", now()));
    let first = audit_entry(actor, &title, now());
    let second = audit_entry(new_account(), &title, after(1));
    let third = audit_entry(actor, &other, after(24 * 60 * 60));
    for entry in [&first, &second, &third] {
        log.write(entry).await.expect("a new line");
    }

    for (which, expected) in [
        (ListAudit::Day("2026-11-28".to_owned()), vec![&second, &first]),
        (ListAudit::Day("2026-11-29".to_owned()), vec![&third]),
        (ListAudit::By(actor), vec![&third, &first]),
        (ListAudit::To(Target::Title(title.id)), vec![&second, &first]),
    ] {
        let page = log.list(&which, &PageRequest::first(10)).await.expect("a list");
        assert_eq!(page.items.iter().collect::<Vec<_>>(), expected, "{which:?}");
    }
}

#[tokio::test]
async fn files_that_are_due_are_read_page_by_page_the_longest_due_first() {
    let Some(table) = TestTable::create().await else { return };
    let retention = table.retention();
    let mut files = Vec::new();
    for second in 0..12 {
        let mut title = draft(new_account(), "Film", now());
        let due = Files::from(&begun_upload(&mut title, 1_000, now()).1);
        retention.schedule_check(due, after(second)).await.expect("a write");
        files.push(due);
    }
    let [late, gone] = [files.remove(11), files.remove(5)];
    retention.mark_deleted(gone, 1, now()).await.expect("a write");

    let (mut place, mut found) = (DueCursor::start(), Vec::new());
    while !place.is_end() {
        let due = retention.due(&mut place, 1, after(11)).await.expect("a list");
        assert!(due.len() <= usize::from(keys::BUCKETS));
        found.extend(due);
    }

    assert!(!found.contains(&late), "it is due later");
    assert_eq!(found.len(), files.len());
    for bucket in 0..keys::BUCKETS {
        let in_bucket = |files: &&Files| files.asset_id.bucket(keys::BUCKETS) == bucket;
        let expected: Vec<&Files> = files.iter().filter(in_bucket).collect();
        assert_eq!(found.iter().filter(in_bucket).collect::<Vec<_>>(), expected);
    }
}

#[tokio::test]
async fn files_are_due_at_the_time_that_was_set_last_and_never_after_they_were_deleted() {
    let Some(table) = TestTable::create().await else { return };
    let retention = table.retention();
    let mut title = draft(new_account(), "Film", now());
    let files = Files::from(&begun_upload(&mut title, 1_000, now()).1);
    let due = async |at| retention.due(&mut DueCursor::start(), 10, at).await.expect("a list");

    retention.schedule_check(files, after(60)).await.expect("a write");
    retention.schedule_check(files, after(10)).await.expect("a write");
    assert_eq!(due(after(10)).await, []);
    assert_eq!(due(after(11)).await, [files]);
    retention.mark_deleted(files, 1, after(11)).await.expect("a write");
    retention.schedule_check(files, after(12)).await.expect("harmless");
    assert_eq!(due(after(1_000)).await, []);
}

#[tokio::test]
async fn uploads_that_are_completing_are_listed_until_they_are_complete() {
    let Some(table) = TestTable::create().await else { return };
    let mut title = draft(new_account(), "Film", now());
    table.titles().create(&title).await.expect("a new title");
    let (asset, mut upload) = begun_upload(&mut title, 1_000, now());
    let begun = table
        .titles()
        .begin_upload(&mut title, &asset, &upload, None, 1_000)
        .await;
    begun.expect("a new upload");
    let completing = async || table.uploads().completing(10).await.expect("a list");

    assert_eq!(completing().await, []);
    upload.state = UploadState::Completing;
    table.uploads().save(&mut upload).await.expect("a write");
    assert_eq!(completing().await, [upload.clone()]);
    upload.state = UploadState::Uploaded;
    table.uploads().save(&mut upload).await.expect("a write");
    assert_eq!(completing().await, []);
}

/// One batch takes a hundred keys.
#[tokio::test]
async fn titles_of_more_than_one_batch_are_found_and_missing_ones_are_left_out() {
    let Some(table) = TestTable::create().await else { return };
    let account = new_account();
    let titles: Vec<Title> = (0..130).map(|second| draft(account, "Film", after(second))).collect();
    create(&table, &titles[..120]).await;
    let ids: Vec<_> = titles.iter().map(|title| title.id).collect();

    let mut found = table.titles().find_many(&ids).await.expect("an answer");

    found.sort_by_key(|title| title.created_at);
    assert_eq!(found, titles[..120]);
    let consistent = table.titles().find_many_consistent(&ids).await;
    assert_eq!(consistent.expect("an answer").len(), found.len());
    assert_eq!(table.titles().find_many(&[]).await.expect("an answer"), []);
}
