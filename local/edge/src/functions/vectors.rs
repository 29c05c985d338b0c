//! Tests of the functions with the vectors of `edge/vectors/`, on QuickJS and on Node.

use std::{collections::BTreeMap, path::Path, process::Command, sync::Arc};

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    engine::{Call, Engine, FunctionError, Run},
    kvs::Store,
};

const MEDIA_TOKEN: &str = include_str!("../../../../edge/media-token.js");
const POSTER: &str = include_str!("../../../../edge/poster.js");
const SPA_REWRITE: &str = include_str!("../../../../edge/spa-rewrite.js");

const ARN: &str = "arn:aws:cloudfront::000000000000:key-value-store/mine";

#[derive(Deserialize)]
struct Vectors {
    #[serde(default)]
    now: i64,
    #[serde(default)]
    keys: BTreeMap<String, String>,
    requests: Vec<Vector>,
}

#[derive(Deserialize)]
struct Vector {
    name: String,
    #[serde(default)]
    method: Option<String>,
    uri: String,
    #[serde(default)]
    keys: Option<BTreeMap<String, String>>,
    expect: Value,
}

async fn run(engine: &Engine, store: Store, now_ms: i64, request: Value) -> Run {
    let event = json!({ "version": "1.0", "viewer": { "ip": "127.0.0.1" }, "request": request }).to_string();
    engine
        .run(Call {
            event,
            store: Arc::new(store),
            now_ms,
        })
        .await
}

async fn answer(source: &str) -> Result<Value, FunctionError> {
    let engine = Engine::start(source, Some(ARN)).unwrap();
    let store = Store {
        pairs: [("a".to_owned(), r#"{"b":[1]}"#.to_owned())].into(),
        ..Store::default()
    };
    let run = run(&engine, store, 1_800_000_000_000, json!({ "uri": "/" })).await;
    run.answer.map(|answer| serde_json::from_str(&answer).unwrap())
}

async fn check(source: &str, vectors: &str) {
    let vectors: Vectors = serde_json::from_str(vectors).unwrap();
    let engine = Engine::start(source, Some(ARN)).unwrap();
    for vector in vectors.requests {
        let pairs = vector.keys.unwrap_or_else(|| vectors.keys.clone());
        let store = Store {
            pairs,
            ..Store::default()
        };
        let request = json!({
            "method": vector.method.as_deref().unwrap_or("GET"), "uri": vector.uri,
            "querystring": {}, "headers": {}, "cookies": {},
        });
        let run = run(&engine, store, vectors.now * 1000, request).await;
        let answer: Value = serde_json::from_str(&run.answer.expect(&vector.name)).unwrap();
        if let Some(uri) = vector.expect.get("uri") {
            assert_eq!(&answer["uri"], uri, "{}", vector.name);
        } else {
            assert_eq!(answer["statusCode"], vector.expect["status"], "{}", vector.name);
            assert_eq!(answer["body"]["data"], vector.expect["text"], "{}", vector.name);
            assert_eq!(
                answer["headers"]["cache-control"]["value"], "no-store",
                "{}",
                vector.name
            );
        }
    }
}

#[tokio::test]
async fn media_tokens_are_checked_as_in_the_vectors() {
    check(MEDIA_TOKEN, include_str!("../../../../edge/vectors/media-token.json")).await;
}

#[tokio::test]
async fn posters_are_served_as_in_the_vectors() {
    check(POSTER, include_str!("../../../../edge/vectors/poster.json")).await;
}

#[tokio::test]
async fn pages_are_rewritten_as_in_the_vectors() {
    check(SPA_REWRITE, include_str!("../../../../edge/vectors/spa-rewrite.json")).await;
}

/// If two engines agree, AWS's probably agrees, too. Node must be installed.
#[test]
fn node_agrees_with_the_vectors() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../edge");
    let output = Command::new("node")
        .args(["--test", "."])
        .current_dir(folder)
        .output()
        .expect("node runs");

    let report = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{report}");
    assert!(report.contains("# fail 0") && !report.contains("# pass 0"), "{report}");
}

#[tokio::test]
async fn the_runtime_has_what_the_documentation_lists() {
    let script = |expression: &str| {
        format!(
            "import cf from 'cloudfront'; const crypto = require('crypto'); const querystring = require('querystring');
             const kvs = cf.kvs(); async function handler(event) {{ return [{expression}]; }}"
        )
    };
    let cases = [
        (
            "crypto.createHash('md5').update('a').update('b').digest('hex')",
            json!("187ef4436122d1cc2f40dc2b92f0eba0"),
        ),
        (
            "crypto.createHash('sha1').update('ab').digest('base64')",
            json!("2iNhTgJGmg18e9G9q1ycR0sZBNw="),
        ),
        (
            "crypto.createHmac('sha256', 'key').update(Buffer.from('data')).digest('base64url')",
            json!("UDH-PZicbRU3oBP6bnOdojRj_a7DtwE32Cjjas4iG9A"),
        ),
        (
            "crypto.createHmac('md5', Buffer.from('6b6579', 'hex')).update('data').digest().toString('hex')",
            json!("9d5c73ef85594d34ec4438b7c97e51d8"),
        ),
        ("Buffer.from('4pyT', 'base64').toString()", json!("✓")),
        (
            "Buffer.from('w-_', 'base64url').equals(Buffer.from('c3ef', 'hex'))",
            json!(true),
        ),
        (
            "Buffer.concat([Buffer.from('ab'), Buffer.from([99, 100])], 3).toString()",
            json!("abc"),
        ),
        (
            "Buffer.from('abcabc').indexOf('ca') + ':' + Buffer.from('abc').includes('d')",
            json!("2:false"),
        ),
        ("Buffer.from('abcdef').subarray(1, -2).toString()", json!("bcd")),
        (
            "Buffer.from([1, 2, 3, 4]).readUInt16BE(1) + ':' + Buffer.byteLength('é')",
            json!("515:2"),
        ),
        ("new TextDecoder().decode(new TextEncoder().encode('é✓'))", json!("é✓")),
        ("atob(btoa('\\u00ff!'))", json!("ÿ!")),
        (
            "querystring.parse('a=1&b=x%20y&a=2')",
            json!({ "a": ["1", "2"], "b": "x y" }),
        ),
        ("querystring.stringify({ a: ['1', '2'], b: '' })", json!("a=1&a=2&b=")),
        (
            "Date.now() + ':' + new Date().toISOString()",
            json!("1800000000000:2027-01-15T08:00:00.000Z"),
        ),
        ("await kvs.get('a')", json!(r#"{"b":[1]}"#)),
        ("(await kvs.get('a', { format: 'json' })).b", json!([1])),
        ("Buffer.isBuffer(await kvs.get('a', { format: 'bytes' }))", json!(true)),
        (
            "await kvs.exists('a') + ':' + await kvs.exists('z')",
            json!("true:false"),
        ),
        ("(await kvs.meta()).keyCount", json!(1)),
    ];
    for (expression, expected) in cases {
        assert_eq!(answer(&script(expression)).await, Ok(json!([expected])), "{expression}");
    }
}

#[tokio::test]
async fn what_aws_lacks_is_missing() {
    for expression in [
        "eval('1')",
        "new Function('return 1')()",
        "(async () => {}).constructor('return 1')()",
        "setTimeout(() => 1, 1)",
        "new Map()",
        "[1].flat()",
        "'a'.at(0)",
        "Array.from('ab')",
        "Object.fromEntries([])",
        "process.env",
        "require('fs')",
        "console.log('a', 'b')",
        "globalThis.__exported.default",
    ] {
        let got = answer(&format!("function handler(event) {{ return [{expression}]; }}")).await;
        assert!(matches!(got, Err(FunctionError::Failed(_))), "{expression}: {got:?}");
    }
}

#[tokio::test]
async fn runs_are_limited_and_share_no_state() {
    let endless = answer("function handler() { for (;;) {} }").await;
    assert_eq!(endless, Err(FunctionError::TooLong));
    let greedy = answer("function handler() { let s = 'x'; for (;;) s += s; }").await;
    assert!(matches!(greedy, Err(FunctionError::Failed(_))), "{greedy:?}");
    let deep = answer("function handler() { return handler(); }").await;
    assert!(matches!(deep, Err(FunctionError::Failed(_))), "{deep:?}");
    let silent = answer("function handler() { return new Promise(() => {}); }").await;
    assert_eq!(silent, Err(FunctionError::NoAnswer));
    for source in [
        "function handler( {",
        "const a = 1;",
        "import x from 'fs'; function handler() {}",
    ] {
        assert!(
            matches!(answer(source).await, Err(FunctionError::Broken(_))),
            "{source}"
        );
    }

    let source = "let n = 0; function handler() { n++; globalThis.m = (globalThis.m || 0) + 1; return [n, m]; }";
    let engine = Engine::start(source, None).unwrap();
    for _ in 0..5 {
        assert_eq!(
            run(&engine, Store::default(), 0, json!({})).await.answer.unwrap(),
            "[1,1]"
        );
    }
}

#[tokio::test]
async fn a_function_without_its_store_fails() {
    let source = "import cf from 'cloudfront'; const kvs = cf.kvs('other'); function handler() { return {}; }";
    let result = async |arn| {
        let engine = Engine::start(source, arn).unwrap();
        run(&engine, Store::default(), 0, json!({}))
            .await
            .answer
            .map_err(|error| error.to_string())
    };

    assert!(
        result(None)
            .await
            .unwrap_err()
            .contains("no key value store is associated")
    );
    assert!(
        result(Some(ARN))
            .await
            .unwrap_err()
            .contains("key value store other is not associated")
    );
    assert_eq!(
        result(Some("arn:aws:cloudfront::000000000000:key-value-store/other")).await,
        Ok("{}".to_owned())
    );
}

#[tokio::test]
async fn lines_of_the_function_reach_the_log() {
    let engine = Engine::start(
        "function handler() { console.log('one'); console.log({ a: 2 }); return {}; }",
        None,
    )
    .unwrap();

    assert_eq!(
        run(&engine, Store::default(), 0, json!({})).await.log,
        ["one", r#"{"a":2}"#]
    );
}
