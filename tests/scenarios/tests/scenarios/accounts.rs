//! Accounts: the holder of the mailed code decides, lost codes and passwords can be replaced, and no answer reveals who has an account.

use std::time::{Duration, Instant};

use marquee_scenario_tests::{
    Marquee,
    answer::Answer,
    people::{Actor, PASSWORD},
    wait,
};
use reqwest::header::{CONTENT_LENGTH, DATE, HeaderMap, VIA};
use serde_json::{Value, json};

const ANOTHER_PASSWORD: &str = "another horse, another battery";

async fn sign_in(stranger: &Actor, email: &str, password: &str) -> Answer {
    let body = json!({"email": email, "password": password});
    stranger.post_unthrottled("/api/auth/sign-in", &body).await
}

async fn next_code(marquee: &Marquee, email: &str, mailed: usize) -> String {
    wait::until("another code is mailed", Duration::from_secs(20), async || {
        let codes = marquee.mailed_codes(email).await;
        codes.get(mailed).cloned()
    })
    .await
}

/// A code of six digits that is not this one.
fn wrong(code: &str) -> String {
    let number: u32 = code.parse().expect("digits");
    format!("{:06}", (number + 1) % 1_000_000)
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_up_with_the_address_of_another_person_gives_nothing() {
    let marquee = Marquee::running();
    let (attacker, victim) = (marquee.stranger(), marquee.stranger());
    let email = marquee.new_email();
    let address = json!({"email": email});

    attacker.post_unthrottled("/api/auth/sign-up", &address).await.done(202);
    let first = next_code(&marquee, &email, 0).await;
    // Without the code, nothing can be chosen.
    let mut chosen = marquee.confirmation(&email, "creator").await;
    chosen["display_name"] = json!("Attacker chosen");
    chosen["password"] = json!(ANOTHER_PASSWORD);
    chosen["code"] = json!(wrong(&first));
    attacker
        .post_unthrottled("/api/auth/confirm", &chosen)
        .await
        .refused(422);

    victim.post_unthrottled("/api/auth/sign-up", &address).await.done(202);
    let second = next_code(&marquee, &email, 1).await;
    assert_ne!(first, second, "codes are random");
    let confirmation = marquee.confirmation(&email, "viewer").await;
    victim
        .post_unthrottled("/api/auth/confirm", &confirmation)
        .await
        .done(204);

    sign_in(&attacker, &email, ANOTHER_PASSWORD).await.refused(401);
    let me = marquee.sign_in(&email, PASSWORD).await.get("/api/me").await.json();
    assert_eq!(
        (&me["email"], &me["display_name"]),
        (&json!(email), &json!("Ada Tester"))
    );
    assert_eq!(me["roles"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_up_of_today_does_not_expire() {
    let marquee = Marquee::running();
    let (stranger, email) = (marquee.stranger(), marquee.new_email());
    stranger
        .post_unthrottled("/api/auth/sign-up", &json!({"email": email}))
        .await
        .done(202);

    marquee.invoke("ExpireSignUpsFunction", &json!({})).await;

    let confirmation = marquee.confirmation(&email, "viewer").await;
    stranger
        .post_unthrottled("/api/auth/confirm", &confirmation)
        .await
        .done(204);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_code_and_a_forgotten_password_are_replaced() {
    let marquee = Marquee::running();
    let stranger = marquee.stranger();
    let email = marquee.new_email();
    let address = json!({"email": email});

    stranger.post_unthrottled("/api/auth/sign-up", &address).await.done(202);
    let lost = next_code(&marquee, &email, 0).await;
    stranger
        .post_unthrottled("/api/auth/resend-code", &address)
        .await
        .done(202);
    next_code(&marquee, &email, 1).await;
    let mut confirmation = marquee.confirmation(&email, "viewer").await;
    let code = confirmation["code"].clone();
    confirmation["code"] = json!(lost);
    stranger
        .post_unthrottled("/api/auth/confirm", &confirmation)
        .await
        .refused(422);
    confirmation["code"] = code;
    stranger
        .post_unthrottled("/api/auth/confirm", &confirmation)
        .await
        .done(204);
    let session = marquee.sign_in(&email, PASSWORD).await;

    stranger
        .post_unthrottled("/api/auth/forgot-password", &address)
        .await
        .done(202);
    let code = next_code(&marquee, &email, 2).await;
    let reset = json!({"email": email, "code": code, "password": ANOTHER_PASSWORD});
    stranger
        .post_unthrottled("/api/auth/reset-password", &reset)
        .await
        .done(204);
    stranger
        .post_unthrottled("/api/auth/reset-password", &reset)
        .await
        .refused(422);

    sign_in(&stranger, &email, PASSWORD).await.refused(401);
    refresh(&session).await.refused(401);
    let me = marquee
        .sign_in(&email, ANOTHER_PASSWORD)
        .await
        .get("/api/me")
        .await
        .json();
    assert_eq!(me["display_name"], "Ada Tester");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_code_of_a_forgotten_password_confirms_an_address_too() {
    let marquee = Marquee::running();
    let stranger = marquee.stranger();
    let email = marquee.new_email();
    let address = json!({"email": email});

    stranger.post_unthrottled("/api/auth/sign-up", &address).await.done(202);
    next_code(&marquee, &email, 0).await;
    stranger
        .post_unthrottled("/api/auth/forgot-password", &address)
        .await
        .done(202);
    let code = next_code(&marquee, &email, 1).await;
    let reset = json!({"email": email, "code": code, "password": PASSWORD});
    stranger
        .post_unthrottled("/api/auth/reset-password", &reset)
        .await
        .done(204);

    let me = marquee.sign_in(&email, PASSWORD).await.get("/api/me").await.json();
    assert_eq!(me["display_name"], "New member", "the name does not show the address");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invalid_address_is_refused_by_routes_that_send_a_code() {
    let marquee = Marquee::running();
    let stranger = marquee.stranger();

    for path in ["/api/auth/forgot-password", "/api/auth/resend-code"] {
        for email in ["a b@example.org", "ada@exam\tple.org", "ada\u{7}@example.org"] {
            let refused = stranger
                .post_unthrottled(path, &json!({"email": email}))
                .await
                .problem(422);
            assert_eq!(refused["errors"][0]["pointer"], "/email", "{path} {email:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_up_with_the_address_of_an_account_gives_its_owner_a_new_password() {
    let marquee = Marquee::running();
    let owner = marquee.creator().await;
    let address = json!({"email": owner.email});

    owner.post_unthrottled("/api/auth/sign-up", &address).await.done(202);
    let code = next_code(&marquee, &owner.email, 1).await;
    let confirmation = json!({
        "email": owner.email, "code": code, "password": ANOTHER_PASSWORD, "display_name": "Another name", "role": "viewer",
    });
    owner
        .post_unthrottled("/api/auth/confirm", &confirmation)
        .await
        .done(204);

    let me = marquee
        .sign_in(&owner.email, ANOTHER_PASSWORD)
        .await
        .get("/api/me")
        .await
        .json();
    assert_eq!(me["display_name"], "Ada Tester", "the account is unchanged");
    assert_eq!(me["roles"], json!(["creator"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_password_ends_all_sessions() {
    let marquee = Marquee::running();
    let person = marquee.viewer().await;
    let elsewhere = marquee.sign_in(&person.email, PASSWORD).await;
    let change = |current: &str, new: &str| json!({"current_password": current, "new_password": new});

    let refused = person
        .put_unthrottled("/api/me/password", &change("not my password", ANOTHER_PASSWORD))
        .await;
    assert_eq!(refused.problem(422)["errors"][0]["pointer"], "/current_password");
    let about_me = format!("{} is mine", person.email);
    let refused = person
        .put_unthrottled("/api/me/password", &change(PASSWORD, &about_me))
        .await;
    assert_eq!(refused.problem(422)["errors"][0]["pointer"], "/new_password");
    person
        .put_unthrottled("/api/me/password", &change(PASSWORD, ANOTHER_PASSWORD))
        .await
        .done(204);

    refresh(&person).await.refused(401);
    refresh(&elsewhere).await.refused(401);
    sign_in(&person, &person.email, PASSWORD).await.refused(401);
    sign_in(&person, &person.email, ANOTHER_PASSWORD).await.done(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_everywhere_ends_all_sessions_of_one_account() {
    let marquee = Marquee::running();
    let person = marquee.viewer().await;
    let elsewhere = marquee.sign_in(&person.email, PASSWORD).await;
    let other = marquee.viewer().await;

    person
        .send(reqwest::Method::POST, "/api/me/sign-out-everywhere", None)
        .await
        .done(204);

    refresh(&person).await.refused(401);
    refresh(&elsewhere).await.refused(401);
    refresh(&other).await.done(200);
    marquee
        .sign_in(&person.email, PASSWORD)
        .await
        .get("/api/me")
        .await
        .done(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_refresh_token_that_is_used_again_ends_its_session_and_no_other() {
    let marquee = Marquee::running();
    let thief = marquee.viewer().await;
    let other = marquee.sign_in(&thief.email, PASSWORD).await;
    let token_of = async |answer: Answer| answer.json()["refresh_token"].as_str().expect("a token").to_owned();
    let use_token = async |token: &str| {
        let body = json!({"refresh_token": token});
        thief.post("/api/auth/refresh", &body).await
    };

    let first = thief.refresh_token.clone().expect("a token");
    let second = token_of(use_token(&first).await).await;
    assert_ne!(first, second, "each can be used once");
    // The same one may be sent again for a few seconds, because an answer may be lost.
    let third = token_of(use_token(&second).await).await;
    wait::until("the first token is refused", Duration::from_secs(40), async || {
        (use_token(&first).await.status == 401).then_some(())
    })
    .await;

    use_token(&third).await.refused(401);
    use_token(&second).await.refused(401);
    refresh(&other).await.done(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_keeps_its_session_in_a_cookie() {
    let marquee = Marquee::running();
    let email = marquee.viewer().await.email;
    let page = marquee.stranger().with_header("sec-fetch-site", "same-origin");
    let cookie_of = |answer: &Answer| {
        let set = answer.headers["set-cookie"].to_str().expect("text").to_owned();
        for attribute in ["HttpOnly", "Secure", "SameSite=Strict", "Path=/api/auth"] {
            assert!(set.contains(attribute), "{set}");
        }
        set.split(';').next().expect("a cookie").to_owned()
    };

    let body = json!({"email": email, "password": PASSWORD, "session": "cookie"});
    marquee.stranger().post("/api/auth/sign-in", &body).await.refused(403);
    let signed_in = page.post_unthrottled("/api/auth/sign-in", &body).await;
    let cookie = cookie_of(&signed_in);
    assert_eq!(signed_in.json().get("refresh_token"), None);

    let with_cookie = page.clone().with_header("cookie", &cookie);
    let refreshed = with_cookie.post("/api/auth/refresh", &json!({})).await;
    let next = cookie_of(&refreshed);
    assert_ne!(next, cookie);
    assert!(refreshed.json()["access_token"].is_string());

    let elsewhere = marquee.stranger().with_header("sec-fetch-site", "same-site");
    let elsewhere = elsewhere.with_header("cookie", &next);
    elsewhere.post("/api/auth/refresh", &json!({})).await.refused(403);
    elsewhere.post("/api/auth/sign-out", &json!({})).await.refused(403);

    let with_next = page.clone().with_header("cookie", &next);
    with_next.post("/api/auth/sign-out", &json!({})).await.done(204);
    with_next.post("/api/auth/refresh", &json!({})).await.refused(401);
}

async fn refresh(session: &Actor) -> Answer {
    let body = json!({"refresh_token": session.refresh_token});
    session.post("/api/auth/refresh", &body).await
}

/// The number of answers with a status. Each 429 says when to try again.
fn count(answers: &[Answer], status: u16) -> usize {
    for answer in answers.iter().filter(|answer| answer.status == 429) {
        let wait: u64 = answer.headers["retry-after"]
            .to_str()
            .expect("text")
            .parse()
            .expect("seconds");
        assert!((1..=3600).contains(&wait), "{wait}");
        let detail = answer.problem(429)["detail"].to_string();
        assert!(detail.contains("too many attempts: try again in"), "{detail}");
    }

    answers.iter().filter(|answer| answer.status == status).count()
}

/// Guesses the password of an address many times: five guesses are tried, and one more a minute.
async fn guess_until_refused(person: &Actor, email: &str) {
    let begun = Instant::now();
    // All at once, so that several instances of the function handle them.
    let guesses = (0..40).map(async |guess| sign_in(person, email, &format!("guess number {guess}")).await);
    let answers = futures::future::join_all(guesses).await;
    let minutes = usize::try_from(begun.elapsed().as_secs() / 60).expect("a number");

    let (tried, refused) = (count(&answers, 401), count(&answers, 429));
    assert_eq!(tried + refused, 40);
    assert!((5..=5 + minutes).contains(&tried), "{tried} in {minutes} minutes");
}

#[tokio::test(flavor = "multi_thread")]
async fn password_guesses_are_refused_and_sessions_continue() {
    let marquee = Marquee::running();
    let person = marquee.viewer().await;

    guess_until_refused(&person, &person.email).await;

    // A minute may have passed since, and allowed one more guess.
    wait::until("guesses are refused for a while", Duration::from_mins(2), async || {
        let answer = sign_in(&person, &person.email, "one more guess").await;
        let pause = answer.retry_after()?;

        (pause >= Duration::from_secs(20)).then_some(())
    })
    .await;
    sign_in(&person, &person.email, PASSWORD).await.refused(429);
    refresh(&person).await.done(200);
    person.get("/api/me").await.done(200);

    // The same for an address without an account.
    guess_until_refused(&person, &marquee.new_email()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_wrong_codes_even_the_right_one_is_refused() {
    let marquee = Marquee::running();
    let stranger = marquee.stranger();
    let email = marquee.new_email();
    let address = json!({"email": email});
    stranger.post_unthrottled("/api/auth/sign-up", &address).await.done(202);
    let confirmation = marquee.confirmation(&email, "viewer").await;
    let right = confirmation["code"].as_str().expect("a code");

    let mut guess = confirmation.clone();
    guess["code"] = json!(wrong(right));
    let answers =
        futures::future::join_all((0..30).map(async |_| stranger.post_unthrottled("/api/auth/confirm", &guess).await))
            .await;
    assert_eq!((count(&answers, 422), count(&answers, 429)), (5, 25));
    stranger
        .post_unthrottled("/api/auth/confirm", &confirmation)
        .await
        .refused(429);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mailbox_gets_few_mails() {
    let marquee = Marquee::running();
    let stranger = marquee.stranger();
    let email = marquee.new_email();
    let tagged = |number: u32| email.replace('@', &format!("+{number}@"));

    let asked = (0..15).map(async |number| {
        let body = json!({"email": tagged(number)});
        stranger.post_unthrottled("/api/auth/sign-up", &body).await
    });
    let answers = futures::future::join_all(asked).await;
    assert_eq!((count(&answers, 202), count(&answers, 429)), (5, 10));
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_in_with_the_right_password_is_not_limited() {
    let marquee = Marquee::running();
    let person = marquee.viewer().await;

    for _ in 0..12 {
        sign_in(&person, &person.email, PASSWORD).await.done(200);
    }
}

/// An answer without the parts that differ between any two requests.
fn comparable(answer: &Answer) -> (u16, Value, Vec<(String, String)>) {
    let mut body: Value = serde_json::from_slice(&answer.body).unwrap_or(Value::Null);
    if let Some(problem) = body.as_object_mut() {
        problem.remove("request_id");
        problem.remove("trace_id");
    }

    (answer.status.as_u16(), body, comparable_headers(&answer.headers))
}

fn comparable_headers(headers: &HeaderMap) -> Vec<(String, String)> {
    let mut comparable: Vec<(String, String)> = headers
        .iter()
        .filter(|(name, _)| !name.as_str().starts_with("x-amz") && !name.as_str().contains("request"))
        // Each answer has its own date and server.
        .filter(|(name, _)| ![DATE, CONTENT_LENGTH, VIA].contains(*name))
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap_or_default().to_owned()))
        .collect();
    comparable.sort();

    comparable
}

/// The body of a request about an address.
type BodyFor = fn(&str) -> Value;

#[tokio::test(flavor = "multi_thread")]
async fn no_route_reveals_who_has_an_account() {
    let marquee = Marquee::running();
    let stranger = marquee.stranger();
    let known = marquee.viewer().await.email;
    let unconfirmed = marquee.new_email();
    let address = json!({"email": unconfirmed});
    stranger.post_unthrottled("/api/auth/sign-up", &address).await.done(202);

    let calls: [(&str, BodyFor); 6] = [
        (
            "/api/auth/sign-in",
            |email| json!({"email": email, "password": "not this password"}),
        ),
        (
            "/api/auth/confirm",
            |email| json!({"email": email, "code": "000000", "password": ANOTHER_PASSWORD, "display_name": "Ada"}),
        ),
        (
            "/api/auth/reset-password",
            |email| json!({"email": email, "code": "000000", "password": ANOTHER_PASSWORD}),
        ),
        ("/api/auth/resend-code", |email| json!({"email": email})),
        ("/api/auth/forgot-password", |email| json!({"email": email})),
        ("/api/auth/sign-up", |email| json!({"email": email})),
    ];
    for (path, body) in calls {
        let unknown = marquee.new_email();
        let expected = comparable(&stranger.post_unthrottled(path, &body(&unknown)).await);
        assert!(expected.0 < 500, "{path}: {expected:?}");
        for email in [&known, &unconfirmed] {
            assert_eq!(
                comparable(&stranger.post_unthrottled(path, &body(email)).await),
                expected,
                "{path}"
            );
        }
    }
}
