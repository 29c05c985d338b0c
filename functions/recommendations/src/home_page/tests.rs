//! Valid and invalid answers of the recommender.

use std::{collections::HashMap, time::Duration};

use adapters::{
    aws,
    cognito::UserPool,
    dynamodb::Table,
    sagemaker::{
        Endpoint,
        recommender::{RowKind as RequestedKind, RowsAnswer},
    },
};
use domain::{
    account::Person,
    engagement::{Engagement, Feedback, Heartbeat},
    experiment::{self, Arm, Design, Experiment, Exposure, Metric, StopRule},
    recommendation::{Row, RowKind, WatchHistory},
    title::{
        Publication, Title, TitleState, Visibility,
        testing::{details, owner, publication},
    },
};
use kernel::{
    Timestamp,
    id::{AccountId, AssetId, PlaybackId, TitleId},
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use super::{HomePage, concat, experiment::AnsweringModels, rows_to_ask};
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
    let details = details(&format!("Film {number}"), &[]);
    let mut title = Title::draft(id(number), owner(AccountId::mint(now())), details, now());
    title.state = TitleState::Published;
    title.publication = Some(Publication {
        duration_ms: FILM_MS,
        ..publication(AssetId::mint(now()), now())
    });

    title
}

/// A recommender that gives `answer` to every complete request, or never answers.
async fn recommender(answer: Option<(u16, Value)>) -> Context {
    async fn read_request(stream: &mut TcpStream) {
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

    // Without an answer the test waits for the whole timeout; an answer may come late on a busy machine.
    let timeout = match answer {
        Some(_) => Duration::from_secs(30),
        None => Duration::from_millis(300),
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            read_request(&mut stream).await;
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

    let endpoint = Endpoint::without_retries(&aws::at(url), "marquee-recommendations", timeout);

    let aws = aws::offline();
    let pool = UserPool::new(&aws, "us-east-1_EXAMPLE01");

    Context::new(&Table::new(&aws, "marquee"), pool, Some(endpoint))
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

fn home_page<'a>(cx: &'a Context, person: &'a Person, history: Vec<Engagement>) -> HomePage<'a> {
    let titles: HashMap<TitleId, Title> = (1..=9).map(|number| (id(number), title(number))).collect();

    HomePage {
        cx,
        person,
        territory: None,
        now: now(),
        history: WatchHistory::new(history),
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

fn headings_and_picks(rows: &[Row]) -> Vec<(&str, Vec<(TitleId, &str)>)> {
    rows.iter()
        .map(|row| {
            let picks = row.picks.iter().map(|pick| (pick.title_id, pick.reason.as_str()));
            (row.heading.as_str(), picks.collect())
        })
        .collect()
}

#[tokio::test]
async fn an_answer_becomes_rows_without_titles_that_may_not_be_shown() {
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
    let mut page = home_page(&cx, &person, vec![watched(1, 95), watched(2, 40), unwanted]);
    page.titles.get_mut(&id(7)).unwrap().details.visibility = Visibility::Unlisted;
    let seeds = page.history.seeds();
    let asked = rows_to_ask(&page.history, &seeds);

    let answer = page.ask(&asked).await.expect("a good answer");
    assert_eq!(answer.model, "m7");
    let continued = page.continue_watching();
    let rows = asked
        .iter()
        .zip(answer.rows)
        .filter_map(|(asked, suggestions)| page.row(asked, &seeds, suggestions))
        .collect();
    let rows = page.dedupe_and_filter(continued.as_ref(), rows);

    assert_eq!(
        headings_and_picks(&concat(continued, rows)),
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
async fn a_reason_names_a_watched_title_as_it_is_called_now_while_the_viewer_may_watch_it() {
    let item = |number: u8, reason: &str, of: u8| {
        let because = json!([{ "kind": "titles", "values": [id(of)] }]);
        json!({ "title_id": id(number), "score": 0.5, "reason": reason, "because": because })
    };
    let rows = [
        json!({ "kind": "personal", "items": [item(3, "Like what you watched", 1), item(4, "Like what you watched", 2)] }),
        json!({ "kind": "new", "items": [item(5, "New", 1), item(6, "New", 2), item(7, "New", 99)] }),
    ];
    let cx = recommender(Some((200, answer(&rows)))).await;
    let person = person();
    let mut page = home_page(&cx, &person, vec![]);
    page.titles.get_mut(&id(2)).unwrap().details.visibility = Visibility::Private;
    let asked = [RequestedKind::Personal.up_to(9), RequestedKind::New.up_to(9)];

    let answer = page.ask(&asked).await.expect("a good answer");
    let answered = asked.iter().zip(answer.rows);
    let rows: Vec<Row> = answered
        .filter_map(|(asked, suggestions)| page.row(asked, &[], suggestions))
        .collect();

    assert_eq!(
        headings_and_picks(&rows),
        [
            ("For you", vec![(id(3), "Because you watched Film 1"), (id(4), "")]),
            (
                "New for you",
                vec![
                    (id(5), "New, because you watched Film 1"),
                    (id(6), "New"),
                    (id(7), "New")
                ]
            ),
        ]
    );
}

#[tokio::test]
async fn the_question_has_the_country_of_the_viewer() {
    let (cx, person) = (recommender(None).await, person());
    let mut page = home_page(&cx, &person, vec![]);
    page.territory = "DE".parse().ok();

    let question = serde_json::to_value(page.question(&[])).unwrap();

    assert_eq!(question["person"]["territory"], "DE");
}

#[tokio::test]
async fn invalid_and_missing_answers_are_dropped() {
    let asked = [RequestedKind::Personal.up_to(RowKind::Personal.max_titles())];
    let good = answer(&[row("personal", &[(1, "Also drama")])]);
    for (response, is_valid) in [
        (Some((200, good.clone())), true),
        (Some((500, good.clone())), false),
        (Some((400, json!({ "message": "what is a row?" }))), false),
        (Some((200, json!("I do not know"))), false),
        (Some((200, json!({ "rows": [] }))), false),
        (Some((200, answer(&[row("popular", &[(1, "Also drama")])]))), false),
        (Some((200, answer(&[]))), false),
        (None, false),
    ] {
        let cx = recommender(response.clone()).await;
        let person = person();

        let answer = home_page(&cx, &person, vec![]).ask(&asked).await;
        assert_eq!(answer.is_some(), is_valid, "{response:?}");
    }
}

#[tokio::test]
async fn an_installation_without_a_recommender_asks_none() {
    let aws = aws::offline();
    let pool = UserPool::new(&aws, "us-east-1_EXAMPLE01");
    let cx = Context::new(&Table::new(&aws, "marquee"), pool, None);
    let person = person();

    let answer = home_page(&cx, &person, vec![]).ask(&[]).await;

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

/// The exposure of a page whose answer has a pick of each model, of which only the one of the current model is shown.
async fn exposure(change: impl FnOnce(&mut Value, &mut Experiment)) -> Option<Exposure> {
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
    let mut page = home_page(&cx, &person, vec![]);
    page.experiment = Some(experiment);
    let answer: RowsAnswer = serde_json::from_value(answer).unwrap();
    let models = AnsweringModels::new(&answer);
    let suggested = answer.into_rows(&[RequestedKind::Personal.up_to(9)]).unwrap().concat();
    let shown = page.suggested(RowKind::Personal, suggested[..1].to_vec());

    page.exposure(&models, &[shown])
}

#[tokio::test]
async fn an_exposure_has_the_titles_that_were_shown() {
    let recorded = exposure(|_, _| ()).await.unwrap();

    let pick = experiment::Pick {
        title_id: id(2),
        arm: Arm::Current,
    };
    assert_eq!((recorded.arm, recorded.titles), (None, vec![pick]));
    assert_eq!(recorded.day, "2026-11-18");
}

#[tokio::test]
async fn answers_of_other_models_are_not_recorded() {
    assert_eq!(exposure(|answer, _| answer["variant"] = json!("current")).await, None);
    assert_eq!(
        exposure(|answer, _| answer["model"]["version"] = json!("m6")).await,
        None
    );
    assert_eq!(
        exposure(|answer, _| answer["challenger"]["version"] = json!("m9")).await,
        None
    );
    let ended = |_: &mut Value, experiment: &mut Experiment| experiment.started_at = Timestamp::UNIX_EPOCH;
    assert_eq!(exposure(ended).await, None, "its days are over");
    let none = |_: &mut Value, experiment: &mut Experiment| experiment.share_percent = 0;
    assert_eq!(exposure(none).await, None, "no one takes part");
}

#[tokio::test]
async fn a_split_records_the_model_of_the_viewer() {
    let design = |_: &mut Value, experiment: &mut Experiment| experiment.design = Design::Split;
    assert_eq!(exposure(design).await, None, "both models answered instead of one");

    let arms = [("current", "m7"), ("challenger", "m8")].map(|(variant, model)| {
        exposure(move |answer, experiment| {
            experiment.design = Design::Split;
            answer["variant"] = json!(variant);
            answer["model"]["version"] = json!(model);
            answer["challenger"] = Value::Null;
        })
    });
    let recorded: Vec<Exposure> = futures::future::join_all(arms).await.into_iter().flatten().collect();
    assert_eq!(recorded.len(), 1, "the viewer has one of the models: {recorded:?}");
    assert!(recorded[0].arm.is_some() && recorded[0].titles.is_empty());
}
