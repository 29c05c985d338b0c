//! Writes on the condition that nothing has changed since the item was read, and rules that decide again after a conflict.

use std::{cell::Cell, collections::BTreeSet};

use adapters::dynamodb::{Decision, StoreError, Titles};
use domain::{
    creators::{CreatorPolicy, CreatorRequest},
    engagement::{Engagement, Feedback},
    genres::CustomGenres,
    popularity::PopularityScore,
    similar::SimilarTitle,
    title::{Genre, Title},
};
use futures::future::{join_all, try_join_all};
use kernel::{
    error_kind::ErrorKind,
    id::{AccountId, TitleId},
};

use crate::{
    fixtures::{account, after, draft, kind, new_account, now, rename},
    table::TestTable,
};

/// How many writers change one item at the same moment. Each may lose to every other one, and decides at most twelve times.
const WRITERS: usize = 8;

/// A table with one title.
async fn table_with_title() -> Option<(TestTable, Title)> {
    let table = TestTable::create().await?;
    let title = draft(new_account(), "Film", now());
    table.titles().create(&title).await.expect("a new title");

    Some((table, title))
}

async fn read(titles: &Titles, id: TitleId) -> Title {
    titles.find(id).await.expect("an answer").expect("a title")
}

async fn append(titles: &Titles, id: TitleId, text: &str) -> Option<()> {
    let appended = titles.update_with(id, async |title| {
        let name = format!("{}{text}", title.details.name.as_str());
        rename(title, &name);
        Ok::<_, StoreError>(Decision::Write(()))
    });

    appended.await.expect("no error but conflicts")
}

#[tokio::test]
async fn of_two_writers_with_the_same_version_one_gets_a_conflict() {
    let Some((table, title)) = table_with_title().await else {
        return;
    };
    let titles = table.titles();
    let (mut first, mut second) = (read(&titles, title.id).await, read(&titles, title.id).await);
    rename(&mut first, "First");
    rename(&mut second, "Second");

    titles.save(&mut first).await.expect("the first write");

    assert_eq!(kind(titles.save(&mut second).await), ErrorKind::Conflict);
    assert_eq!(read(&titles, title.id).await, first);
}

#[tokio::test]
async fn a_version_is_raised_by_a_write_and_not_by_a_conflict() {
    let Some((table, mut title)) = table_with_title().await else {
        return;
    };
    let titles = table.titles();
    let mut late = title.clone();

    titles.save(&mut title).await.expect("a write");
    assert_eq!(title.version, 2);
    titles.save(&mut title).await.expect("another write of the same value");
    assert_eq!((title.version, read(&titles, title.id).await.version), (3, 3));

    kind(titles.save(&mut late).await);
    assert_eq!(late.version, 1);
}

#[tokio::test]
async fn a_create_over_an_existing_item_is_a_conflict() {
    let Some((table, title)) = table_with_title().await else {
        return;
    };
    let mut other = title.clone();
    rename(&mut other, "Another film");

    assert_eq!(kind(table.titles().create(&other).await), ErrorKind::Conflict);
    assert_eq!(read(&table.titles(), title.id).await, title);
}

#[tokio::test]
async fn a_save_does_not_bring_back_a_deleted_item() {
    let Some((table, mut title)) = table_with_title().await else {
        return;
    };
    table.titles().remove(&title).await.expect("a removal");

    assert_eq!(kind(table.titles().save(&mut title).await), ErrorKind::Conflict);
    assert_eq!(table.titles().find(title.id).await.expect("an answer"), None);
}

#[tokio::test]
async fn a_changed_title_is_not_removed() {
    let Some((table, title)) = table_with_title().await else {
        return;
    };
    let mut changed = title.clone();
    table.titles().save(&mut changed).await.expect("a write");

    assert_eq!(kind(table.titles().remove(&title).await), ErrorKind::Conflict);
    assert_eq!(read(&table.titles(), title.id).await, changed);
}

#[tokio::test]
async fn a_rule_decides_again_after_a_conflict_and_both_changes_remain() {
    let Some((table, title)) = table_with_title().await else {
        return;
    };
    let titles = table.titles();
    let decisions = Cell::new(0);

    let seen = titles.update_with(title.id, async |title| {
        decisions.set(decisions.get() + 1);
        if decisions.get() == 1 {
            append(&titles, title.id, " of another writer").await;
        }
        let name = format!("{}, renamed", title.details.name.as_str());
        rename(title, &name);
        Ok::<_, StoreError>(Decision::Write(title.version))
    });

    assert_eq!(seen.await.expect("a write"), Some(2));
    assert_eq!(decisions.get(), 2);
    let written = read(&titles, title.id).await;
    assert_eq!(written.details.name.as_str(), "Film of another writer, renamed");
    assert_eq!(written.version, 3);
}

#[tokio::test]
async fn no_change_of_many_writers_at_the_same_moment_is_lost() {
    let Some((table, title)) = table_with_title().await else {
        return;
    };
    let titles = table.titles();

    join_all((0..WRITERS).map(|_| append(&titles, title.id, "+"))).await;

    let written = read(&titles, title.id).await;
    assert_eq!(written.details.name.as_str(), format!("Film{}", "+".repeat(WRITERS)));
    assert_eq!(written.version, 1 + WRITERS as u64);
}

#[tokio::test]
async fn a_rule_that_leaves_the_title_writes_nothing() {
    let Some((table, title)) = table_with_title().await else {
        return;
    };

    let titles = table.titles();

    let left = titles.update_with(title.id, async |title| {
        rename(title, "Never written");
        Ok::<_, StoreError>(Decision::Leave("left"))
    });

    assert_eq!(left.await.expect("an answer"), Some("left"));
    assert_eq!(read(&titles, title.id).await, title);
}

#[tokio::test]
async fn a_rule_is_not_asked_about_a_title_that_does_not_exist() {
    let Some(table) = TestTable::create().await else { return };

    let titles = table.titles();

    let written = titles.update_with(TitleId::mint(now()), async |_| {
        panic!("there is nothing to decide");
        #[expect(unreachable_code, reason = "it is the closure's type")]
        Ok::<Decision<()>, StoreError>(Decision::Leave(()))
    });

    assert_eq!(written.await.expect("an answer"), None);
    assert!(table.contents().await.is_empty());
}

#[tokio::test]
async fn many_accounts_that_are_created_at_the_same_moment_are_one() {
    let Some(table) = TestTable::create().await else { return };
    let (accounts, id) = (table.accounts(), new_account());
    let named = ["ada", "grace", "alan"].map(|name| account(id, name));

    let created = join_all(named.iter().map(|account| accounts.ensure(account))).await;

    assert!(created.iter().all(Result::is_ok), "{created:?}");
    let found = accounts.find(id).await.expect("an answer").expect("an account");
    assert!(named.contains(&found));
    accounts.ensure(&account(id, "late")).await.expect("harmless");
    assert_eq!(accounts.find(id).await.expect("an answer"), Some(found));
}

#[tokio::test]
async fn an_engagement_keeps_every_change_of_the_same_moment() {
    let Some(table) = TestTable::create().await else { return };
    let engagements = table.engagements();
    let nothing = Engagement::new(new_account(), TitleId::mint(now()), 60_000, now());

    let (liked, territory) = tokio::join!(
        engagements.change(&nothing, |engagement| engagement.like(now())),
        engagements.change(&nothing, |engagement| {
            engagement.note_territory("DE".parse().ok());
            engagement.duration_ms = 61_000;
            true
        }),
    );

    assert!(liked.expect("a write").is_some() && territory.expect("a write").is_some());
    let found = engagements.find(nothing.account_id, nothing.title_id).await;
    let found = found.expect("an answer").expect("an engagement");
    assert_eq!(
        (found.liked_at, found.duration_ms, found.version),
        (Some(now()), 61_000, 2)
    );
}

#[tokio::test]
async fn an_engagement_is_read_as_it_was_written() {
    let Some(table) = TestTable::create().await else { return };
    let engagements = table.engagements();
    let nothing = Engagement::new(new_account(), TitleId::mint(now()), 60_000, now());

    let written = engagements.change(&nothing, |engagement| {
        engagement.counted_at = Some(after(1));
        engagement.note_territory("DE".parse().ok());
        engagement.like(after(2))
    });

    let written = written.await.expect("a write");
    assert_eq!(written.as_ref().and_then(|written| written.counted_at), Some(after(1)));
    let found = engagements.find(nothing.account_id, nothing.title_id).await;
    assert_eq!(found.expect("an answer"), written);
}

#[tokio::test]
async fn an_engagement_that_a_rule_does_not_change_is_not_written() {
    let Some(table) = TestTable::create().await else { return };
    let engagements = table.engagements();
    let nothing = Engagement::new(new_account(), TitleId::mint(now()), 60_000, now());
    let said = |engagement: &mut Engagement| engagement.give_feedback(Some(Feedback::LessOfThis), now());

    assert_eq!(
        engagements
            .change(&nothing, |e| e.unlike(now()))
            .await
            .expect("an answer"),
        None
    );
    assert!(table.contents().await.is_empty());

    let first = engagements.change(&nothing, said).await.expect("a write");
    assert_eq!(first.map(|engagement| engagement.version), Some(1));
    assert_eq!(engagements.change(&nothing, said).await.expect("an answer"), None);
}

#[tokio::test]
async fn genres_that_admins_add_at_the_same_moment_are_all_kept() {
    let Some(table) = TestTable::create().await else { return };
    let genres = table.genres();
    let new: Vec<Genre> = (0..WRITERS)
        .map(|number| format!("genre-{number}").try_into().expect("a genre"))
        .collect();

    try_join_all(new.iter().map(|genre| genres.add(std::slice::from_ref(genre))))
        .await
        .expect("no error but conflicts");

    let custom = genres.custom().await.expect("an answer");
    assert_ne!(custom, CustomGenres::default());
    assert!(new.iter().all(|genre| custom.allows(genre)), "{custom:?}");
}

#[tokio::test]
async fn every_viewer_counts_for_the_popularity_of_a_title() {
    let Some(table) = TestTable::create().await else { return };
    let popularity = table.popularity();
    let [rare, popular] = [(); 2].map(|()| TitleId::mint(now()));

    let counts = (0..WRITERS).map(|_| popularity.count(popular, now()));
    try_join_all(counts).await.expect("no error but conflicts");
    popularity.count(rare, now()).await.expect("a write");

    assert_eq!(popularity.most_popular(10).await.expect("a list"), [popular, rare]);
    let one = PopularityScore::from_one_person(now());
    let all = (1..WRITERS).fold(one, |sum, _| sum.plus(one));
    let places: BTreeSet<_> = table
        .contents()
        .await
        .iter()
        .filter_map(|item| crate::table::text(item, "lists_sk"))
        .collect();
    assert_eq!(
        places,
        BTreeSet::from([
            format!("{}#{popular}", all.sort_key()),
            format!("{}#{rare}", one.sort_key())
        ])
    );
}

#[tokio::test]
async fn similar_titles_that_arrive_at_the_same_moment_are_all_kept() {
    let Some(table) = TestTable::create().await else { return };
    let (similar, title) = (table.similar(), TitleId::mint(now()));
    let newcomers: Vec<SimilarTitle> = (1..=WRITERS)
        .map(|place| SimilarTitle {
            title_id: TitleId::mint(now()),
            reason: "Also drama".to_owned(),
            #[expect(clippy::cast_precision_loss, reason = "small numbers")]
            score: 1.0 / place as f64,
        })
        .collect();

    assert_eq!(similar.find(title).await.expect("an answer"), None);
    try_join_all(newcomers.iter().map(|newcomer| similar.add(title, newcomer, now())))
        .await
        .expect("no error but conflicts");
    assert_eq!(similar.find(title).await.expect("an answer"), Some(newcomers.clone()));

    let answer = [SimilarTitle {
        score: 2.0,
        ..newcomers[0].clone()
    }];
    similar
        .put(title, &answer, &newcomers[..WRITERS - 1], now())
        .await
        .expect("a write");
    let kept = similar.find(title).await.expect("an answer");
    assert_eq!(kept, Some(vec![answer[0].clone(), newcomers[WRITERS - 1].clone()]));
}

#[tokio::test]
async fn a_request_to_become_a_creator_is_written_once_for_each_version() {
    let Some(table) = TestTable::create().await else { return };
    let (requests, id) = (table.creator_requests(), new_account());
    let new = |id: AccountId| CreatorRequest::ask(CreatorPolicy::Approval, None, id, now()).expect("a request");

    requests.save(&new(id)).await.expect("the first request");
    assert_eq!(kind(requests.save(&new(id)).await), ErrorKind::Conflict);

    let stored = requests.find(id).await.expect("an answer").expect("a request");
    let (mut approved, mut declined) = (stored.clone(), stored);
    approved.approve(after(1)).expect("a pending request");
    declined.decline(after(1)).expect("a pending request");
    requests.save(&approved).await.expect("the first decision");
    assert_eq!(kind(requests.save(&declined).await), ErrorKind::Conflict);
    let decided = requests.find(id).await.expect("an answer").expect("a request");
    assert_eq!(decided.state, approved.state);
}
