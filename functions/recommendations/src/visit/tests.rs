//! Answers of the recommender, good and otherwise.

use std::{collections::HashMap, time::Duration};

use adapters::{
    aws,
    cognito::UserPool,
    dynamodb::Table,
    sagemaker::{
        Endpoint,
        recommender::{AskRow, RowsAnswer},
    },
};
use domain::{
    account::{DisplayName, Person},
    engagement::{Engagement, Feedback, Heartbeat},
    experiment::{self, Arm, Design, Experiment, Exposure, Metric, StopRule},
    recommendation::{Dealings, Row, RowKind},
    title::{Description, Details, Owner, Publication, Title, TitleName, TitleState, Visibility},
};
use kernel::{
    Timestamp,
    id::{AccountId, AssetId, Attempt, PlaybackId, TitleId},
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use super::{Visit, experiment::Answerers, recommender::picks, wanted, with};
use crate::Context;

const FILM_MS: u64 = 600_000;

fn now() -> Timestamp {
    Timestamp::from_second(1_795_000_000).unwrap()
}

fn id(number: u8) -> TitleId {
    format!("0192f7a4-6f0e-7cc2-b3a1-5a1f0f6f9d{number:02x}")
        .parse()
        .unwrap()
}

fn title(number: u8) -> Title {
    let owner = Owner {
        account_id: AccountId::mint(now()),
        display_name: DisplayName::try_from("Ada".to_owned()).unwrap(),
    };
    let details = Details {
        name: TitleName::try_from(format!("Film {number}")).unwrap(),
        description: Description::try_from(String::new()).unwrap(),
        genres: vec![],
        language: None,
        visibility: Visibility::Public,
    };
    let mut title = Title::draft(id(number), owner, details, now());
    title.state = TitleState::Published;
    title.publication = Some(Publication {
        asset_id: AssetId::mint(now()),
        attempt: Attempt::FIRST,
        manifest: "master.m3u8".to_owned(),
        poster: None,
        duration_ms: FILM_MS,
        renditions: vec![],
        sounds: Vec::new(),
        published_at: now(),
    });

    title
}

/// A recommender that says `answer` to everybody, once it has heard them out; silence takes for ever.
async fn recommender(answer: Option<(u16, Value)>) -> Context {
    async fn hear(stream: &mut TcpStream) {
        let mut request = Vec::new();
        let whole = |request: &[u8]| {
            let text = String::from_utf8_lossy(request).to_lowercase();
            let (head, body) = text.split_once("\r\n\r\n")?;
            let length: usize = head
                .split("content-length: ")
                .nth(1)?
                .split("\r\n")
                .next()?
                .parse()
                .ok()?;

            (body.len() >= length).then_some(())
        };
        while whole(&request).is_none() {
            let mut buffer = [0; 4_096];
            let read = stream.read(&mut buffer).await.unwrap();
            request.extend_from_slice(&buffer[..read]);
        }
    }

    // Only silence is waited out; an answer may come late on a busy machine.
    let patience = match answer {
        Some(_) => Duration::from_secs(30),
        None => Duration::from_millis(300),
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            hear(&mut stream).await;
            let Some((status, body)) = &answer else {
                std::future::pending::<()>().await;
                return;
            };
            let body = body.to_string();
            let length = body.len();
            let head =
                format!("HTTP/1.1 {status} OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n");
            stream.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
        }
    });

    let endpoint = Endpoint::tried_once(&aws::at(url), "marquee-recommendations", patience);

    let aws = aws::offline();
    let pool = UserPool::new(&aws, "us-east-1_EXAMPLE01");

    Context::of(&Table::new(&aws, "marquee"), pool, Some(endpoint))
}

fn person() -> Person {
    Person {
        id: AccountId::mint(now()),
        roles: vec![],
    }
}

fn watched(number: u8, percent: u64) -> Engagement {
    let mut engagement = Engagement::new(AccountId::mint(now()), id(number), FILM_MS, now());
    let ms = FILM_MS / 100 * percent;
    let beat = Heartbeat {
        playback_id: PlaybackId::mint(now()),
        position_ms: ms,
        watched_ms: ms,
        number: 0,
    };
    engagement.record(&beat, Timestamp::UNIX_EPOCH, FILM_MS, now());

    engagement
}

fn visit<'a>(cx: &'a Context, person: &'a Person, dealings: Vec<Engagement>) -> Visit<'a> {
    let titles: HashMap<TitleId, Title> = (1..=9).map(|number| (id(number), title(number))).collect();

    Visit {
        cx,
        person,
        territory: None,
        now: now(),
        dealings: Dealings::new(dealings),
        newest: titles.keys().copied().collect(),
        titles,
        experiment: None,
    }
}

fn row(kind: &str, items: &[(u8, &str)]) -> Value {
    let items = items
        .iter()
        .map(|(number, reason)| json!({ "title_id": id(*number), "score": 0.5, "reason": reason }));

    json!({ "kind": kind, "items": items.collect::<Vec<_>>() })
}

fn answer(rows: &[Value]) -> Value {
    json!({ "version": 1, "kind": "rows", "model": { "version": "m7", "titles": 9 }, "rows": rows })
}

fn told(rows: &[Row]) -> Vec<(&str, Vec<(TitleId, &str)>)> {
    rows.iter()
        .map(|row| {
            let picks = row.picks.iter().map(|pick| (pick.title_id, pick.reason.as_str()));
            (row.heading.as_str(), picks.collect())
        })
        .collect()
}

#[tokio::test]
async fn an_answer_becomes_rows_without_what_may_not_be_shown() {
    let rows = [
        row(
            "personal",
            &[
                (3, "Because you watched Film 1"),
                (4, " "),
                (5, "Never again"),
                (20, "Gone"),
            ],
        ),
        row("because", &[(3, "Twice"), (6, "Also drama"), (7, "Unlisted")]),
        row("new", &[]),
        row("popular", &[(2, "Begun"), (1, "Popular now")]),
    ];
    let cx = recommender(Some((200, answer(&rows)))).await;
    let person = person();
    let mut unwanted = Engagement::new(person.id, id(5), FILM_MS, now());
    unwanted.give_feedback(Some(Feedback::NotInterested), now());
    let mut visit = visit(&cx, &person, vec![watched(1, 95), watched(2, 40), unwanted]);
    visit.titles.get_mut(&id(7)).unwrap().details.visibility = Visibility::Unlisted;
    let causes = visit.dealings.causes();
    let asked = wanted(&visit.dealings, &causes);

    let answer = visit.ask(&asked).await.expect("a good answer");
    assert_eq!(answer.model, "m7");
    let begun = visit.begun();
    let rows = asked
        .iter()
        .zip(answer.rows)
        .filter_map(|(asked, row)| visit.answered(asked, &causes, row))
        .collect();
    let rows = visit.tidy(begun.as_ref(), rows);

    assert_eq!(
        told(&with(begun, rows)),
        [
            ("Continue watching", vec![(id(2), "6 min left")]),
            (
                "For you",
                vec![(id(3), "Because you watched Film 1"), (id(4), "Like what you watched")]
            ),
            ("Because you watched Film 1", vec![(id(6), "Also drama")]),
            ("Popular now", vec![(id(1), "Popular now")]),
        ]
    );
}

#[tokio::test]
async fn the_recommender_is_told_where_somebody_is() {
    let (cx, person) = (recommender(None).await, person());
    let mut visit = visit(&cx, &person, vec![]);
    visit.territory = "DE".parse().ok();

    let question = serde_json::to_value(visit.question(&[])).unwrap();

    assert_eq!(question["person"]["territory"], "DE");
}

#[tokio::test]
async fn nothing_comes_of_a_recommender_that_is_out_of_its_mind_or_silent() {
    let asked = [AskRow::Personal {
        limit: RowKind::Personal.most(),
    }];
    let good = answer(&[row("personal", &[(1, "Also drama")])]);
    for (said, helps) in [
        (Some((200, good.clone())), true),
        (Some((500, good.clone())), false),
        (Some((400, json!({ "message": "what is a row?" }))), false),
        (Some((200, json!("I do not know"))), false),
        (Some((200, json!({ "rows": [] }))), false),
        (Some((200, answer(&[row("popular", &[(1, "Also drama")])]))), false),
        (Some((200, answer(&[]))), false),
        (None, false),
    ] {
        let cx = recommender(said.clone()).await;
        let person = person();

        let answer = visit(&cx, &person, vec![]).ask(&asked).await;
        assert_eq!(answer.is_some(), helps, "{said:?}");
    }
}

#[tokio::test]
async fn an_installation_without_a_recommender_asks_none() {
    let aws = aws::offline();
    let pool = UserPool::new(&aws, "us-east-1_EXAMPLE01");
    let cx = Context::of(&Table::new(&aws, "marquee"), pool, None);
    let person = person();

    let answer = visit(&cx, &person, vec![]).ask(&[]).await;

    assert!(answer.is_none());
}

fn experiment(design: Design) -> Experiment {
    Experiment {
        experiment_id: "0192f7a4-6f0e-7cc2-b3a1-5a1f0f6f9d11".parse().unwrap(),
        name: "More dimensions".to_owned(),
        design,
        metric: Metric::Watched,
        share_percent: 100,
        stop: StopRule {
            people: 100,
            days: 28,
            window_days: 7,
        },
        current: "m7".to_owned(),
        challenger: "m8".to_owned(),
        started_at: now(),
    }
}

/// What is kept of a page whose personal row has a pick of each model, of which the challenger's is not shown.
async fn kept(change: impl FnOnce(&mut Value, &mut Experiment)) -> Option<Exposure> {
    let cx = recommender(None).await;
    let person = Person {
        id: "0192f7a0-3333-7000-8000-000000000003".parse().unwrap(),
        ..person()
    };
    let mut experiment = experiment(Design::Interleaving);
    let mut answer = json!({
        "version": 1, "kind": "rows", "variant": "interleaved",
        "model": { "version": "m7", "titles": 9 }, "challenger": { "version": "m8", "titles": 9 },
        "rows": [{ "kind": "personal", "items": [
            { "title_id": id(2), "reason": "Popular now", "variant": "current" },
            { "title_id": id(3), "reason": "Popular now", "variant": "challenger" },
        ] }],
    });
    change(&mut answer, &mut experiment);
    let mut visit = visit(&cx, &person, vec![]);
    visit.experiment = Some(experiment);
    let answer: RowsAnswer = serde_json::from_value(answer).unwrap();
    let answerers = Answerers::of(&answer);
    let suggested = answer.answering(&[AskRow::Personal { limit: 9 }]).unwrap().concat();
    let shown = Row::new(RowKind::Personal, picks(suggested[..1].to_vec()));

    visit.exposure(&answerers, &[shown])
}

#[tokio::test]
async fn of_an_experiment_what_stood_there_is_kept() {
    let exposure = kept(|_, _| ()).await.unwrap();

    let pick = experiment::Pick {
        title_id: id(2),
        arm: Arm::Current,
    };
    assert_eq!((exposure.arm, exposure.titles), (None, vec![pick]));
    assert_eq!(exposure.day, "2026-11-18");
}

#[tokio::test]
async fn what_other_models_showed_is_not_kept() {
    assert_eq!(kept(|answer, _| answer["variant"] = json!("current")).await, None);
    assert_eq!(kept(|answer, _| answer["model"]["version"] = json!("m6")).await, None);
    assert_eq!(
        kept(|answer, _| answer["challenger"]["version"] = json!("m9")).await,
        None
    );
    let ended = |_: &mut Value, experiment: &mut Experiment| experiment.started_at = Timestamp::UNIX_EPOCH;
    assert_eq!(kept(ended).await, None, "its days are over");
    let none = |_: &mut Value, experiment: &mut Experiment| experiment.share_percent = 0;
    assert_eq!(kept(none).await, None, "nobody takes part");
}

#[tokio::test]
async fn in_a_split_the_person_s_own_model_is_kept() {
    let design = |_: &mut Value, experiment: &mut Experiment| experiment.design = Design::Split;
    assert_eq!(kept(design).await, None, "both answered where one was asked");

    let arms = [("current", "m7"), ("challenger", "m8")].map(|(variant, model)| {
        kept(move |answer, experiment| {
            experiment.design = Design::Split;
            answer["variant"] = json!(variant);
            answer["model"]["version"] = json!(model);
            answer["challenger"] = Value::Null;
        })
    });
    let kept: Vec<Exposure> = futures::future::join_all(arms).await.into_iter().flatten().collect();
    assert_eq!(kept.len(), 1, "chance gave this person one of them: {kept:?}");
    assert!(kept[0].arm.is_some() && kept[0].titles.is_empty());
}
