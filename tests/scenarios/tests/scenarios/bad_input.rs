//! Every route of `openapi.json`, with each field of its body and each part of its path replaced in turn by an invalid value: the
//! answer is a success or a problem that says what is wrong, never a 500 and never an empty refusal.

use marquee_scenario_tests::{Marquee, answer::Answer, people::Actor};
use reqwest::Method;
use serde_json::{Value, json};

const DOCUMENT: &str = include_str!("../../../../openapi.json");

struct Operation {
    method: Method,
    path: String,
    /// An example of the body, where there is one.
    body: Option<Value>,
}

fn operations() -> Vec<Operation> {
    let document: Value = serde_json::from_str(DOCUMENT).expect("JSON");
    let example = |operation: &Value| {
        let schema = operation
            .pointer("/requestBody/content/application~1json/schema/$ref")?
            .as_str()?;

        document
            .pointer(schema.strip_prefix('#')?)?
            .pointer("/examples/0")
            .cloned()
    };

    document["paths"]
        .as_object()
        .expect("paths")
        .iter()
        .flat_map(|(path, methods)| {
            methods
                .as_object()
                .expect("methods")
                .iter()
                .map(move |(method, operation)| Operation {
                    method: method.to_uppercase().parse().expect("a method"),
                    path: path.clone(),
                    body: example(operation),
                })
        })
        .collect()
}

/// Values that no client should send.
fn odd_values() -> Vec<Value> {
    vec![
        Value::Null,
        json!(true),
        json!(-1),
        json!(0),
        json!(1.5),
        json!(u64::MAX),
        json!(1e300),
        json!(""),
        json!(" \t"),
        json!("\u{0}"),
        json!("\u{202e}\u{feff}"),
        json!("x".repeat(20_000)),
        json!("'; DROP TABLE titles; --"),
        json!("../../etc/passwd"),
        json!([]),
        json!({}),
        json!([null]),
        json!([[[[[]]]]]),
    ]
}

/// The body with each of its members, at any depth, replaced by each odd value, or replaced by an unknown member.
fn invalid_bodies(body: &Value) -> Vec<Value> {
    let mut bodies = odd_values();

    for pointer in members(body, "") {
        for odd in odd_values() {
            let mut body = body.clone();
            *body.pointer_mut(&pointer).expect("a member") = odd;
            bodies.push(body);
        }
        let (parent, name) = pointer.rsplit_once('/').expect("a pointer");
        let mut body = body.clone();
        if let Some(object) = body.pointer_mut(parent).and_then(Value::as_object_mut) {
            object.remove(name);
            object.insert("a/b~c".to_owned(), json!(1));
        }
        bodies.push(body);
    }

    bodies
}

fn members(value: &Value, pointer: &str) -> Vec<String> {
    let children: Vec<(String, &Value)> = match value {
        Value::Object(object) => object
            .iter()
            .map(|(name, child)| (format!("{pointer}/{name}"), child))
            .collect(),
        Value::Array(array) => array
            .iter()
            .enumerate()
            .map(|(index, child)| (format!("{pointer}/{index}"), child))
            .collect(),
        _ => vec![],
    };

    children
        .into_iter()
        .flat_map(|(pointer, child)| {
            let below = members(child, &pointer);
            [vec![pointer], below].concat()
        })
        .collect()
}

/// Adds an answer to `wrong` unless it is a success or a problem with a detail.
fn check(answer: &Answer, sent: &str, wrong: &mut Vec<String>) {
    let status = answer.status.as_u16();
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let has_detail = body["detail"].as_str().is_some_and(|detail| !detail.is_empty()) || body["message"].is_string();

    if status >= 500 || (status >= 400 && !has_detail) || status < 200 {
        let sent: String = sent.chars().take(200).collect();
        wrong.push(format!("{sent}: {status} {}", answer.text()));
    }
    if status == 422 && body["errors"].as_array().is_none_or(Vec::is_empty) {
        wrong.push(format!("{sent}: 422 without pointers"));
    }
}

async fn a_title_with_an_upload(creator: &Actor) -> (String, String) {
    let title = creator.create_title("Bad input").await;
    let announcement = json!({"file_name": "film.mp4", "size_bytes": 1_000, "content_type": "video/mp4"});
    let upload = creator
        .post(&format!("/api/titles/{title}/uploads"), &announcement)
        .await
        .json();

    (title, upload["upload_id"].as_str().expect("an id").to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invalid_body_is_answered_by_a_problem_with_a_detail() {
    let marquee = Marquee::running();
    let creator = marquee.creator().await;
    let (title, upload) = a_title_with_an_upload(&creator).await;
    let mut wrong = Vec::new();

    for Operation { method, path, body } in operations() {
        let Some(body) = body else { continue };
        let path = path.replace("{title_id}", &title).replace("{upload_id}", &upload);

        for body in invalid_bodies(&body) {
            let answer = creator.send(method.clone(), &path, Some(&body)).await;
            check(&answer, &format!("{method} {path} {body}"), &mut wrong);
        }
    }

    assert!(wrong.is_empty(), "{} answers:\n{}", wrong.len(), wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_not_json_is_answered_by_a_problem_with_a_detail() {
    let marquee = Marquee::running();
    let (creator, admin) = tokio::join!(marquee.creator(), marquee.admin());
    let mut wrong = Vec::new();
    let bodies: [&[u8]; 7] = [b"", b"{", b"{}{}", b"\xff\xfe", b"\0", b"[[[[", b"{\"a\":1e99999}"];

    for Operation { method, path, body } in operations() {
        if method != Method::POST || body.is_none() || path.contains('{') {
            continue;
        }
        // A caller without permission is refused before the body is read.
        let person = if path.contains("/admin/") { &admin } else { &creator };
        for body in bodies
            .into_iter()
            .map(<[u8]>::to_vec)
            .chain([b"[".repeat(60_000), b" ".repeat(3_000_000)])
        {
            let answer = person.post_raw(&path, "application/json", body.clone()).await;
            check(
                &answer,
                &format!("{path} {}", String::from_utf8_lossy(&body)),
                &mut wrong,
            );
            assert!(answer.status.is_client_error(), "{path}: {}", answer.status);
        }
        person.post_raw(&path, "text/plain", b"{}".to_vec()).await.refused(400);
    }

    assert!(wrong.is_empty(), "{} answers:\n{}", wrong.len(), wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_odd_path_is_answered_by_a_problem_with_a_detail() {
    let marquee = Marquee::running();
    let creator = marquee.creator().await;
    let mut wrong = Vec::new();
    let odd_parts = [
        "film",
        "0192f7a4-6f0e-7cc2-b3a1-5a1f0f6f9d11",
        "0192f7a46f0e7cc2b3a15a1f0f6f9d11",
        "%00",
        "%2e%2e%2fme",
        "%F0%9F%8E%AC",
        "%ff",
        "a%20b",
        "{title_id}",
        "'%22%3Cscript%3E",
        &"9".repeat(3_000),
    ];

    for Operation { method, path, body } in operations() {
        for odd in odd_parts.iter().filter(|_| path.contains('{')) {
            let path = path.replace("{title_id}", odd).replace("{upload_id}", odd);
            let answer = creator.send(method.clone(), &path, body.as_ref()).await;
            check(&answer, &format!("{method} {path}"), &mut wrong);
            assert!(answer.status.is_client_error(), "{method} {path}: {}", answer.status);
        }
    }
    for query in [
        "limit=x",
        "limit=%00",
        "limit=1&limit=2",
        "=",
        "%ff=%ff",
        "cursor=",
        "cursor=e30",
        "genre=%F0%9F%8E%AC",
        "owner=me%00",
    ] {
        let answer = creator.get(&format!("/api/titles?{query}")).await;
        check(&answer, query, &mut wrong);
    }

    assert!(wrong.is_empty(), "{} answers:\n{}", wrong.len(), wrong.join("\n"));
}
