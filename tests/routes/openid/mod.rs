//! Log-in through an identity provider: who comes in, and what is not believed.

mod provider;

use std::collections::{BTreeMap, HashMap};

use http::{StatusCode, header};
use nephoscope_model::{
    audit::{AuditQuery, AuditRecord, Outcome},
    identity::{Role, User, UserName},
};
use nephoscope_ops::{Caller, ProviderSettings};
use serde_json::json;

use self::provider::{Make, PUBLIC_URL, TestProvider, providers_of};
use crate::world::{Answered, Settings, World};

/// A server that trusts a provider, and the operator's address there.
struct Scene {
    world: World,
    provider: TestProvider,
}

/// A log-in that was begun: what the provider was told, and what the browser keeps.
struct Begun {
    query: HashMap<String, String>,
    ticket: String,
}

impl Scene {
    async fn new() -> Self {
        Self::with(|_| ()).await
    }

    async fn with(change: impl FnOnce(&mut ProviderSettings)) -> Self {
        let provider = TestProvider::start().await;
        let mut settings = provider.settings();
        change(&mut settings);
        let world = World::with(Settings { providers: providers_of(settings), ..Settings::default() }).await;
        let scene = Self { world, provider };
        scene.approve("operator", Some("ada@example.com")).await;
        scene
    }

    async fn approve(&self, name: &str, email: Option<&str>) {
        let email = email.map(|email| email.parse().expect("an address"));
        let name = name.parse().expect("a name");
        self.world.app.ops().set_email(&Caller::system(), &name, email.as_ref()).await.expect("approved");
    }

    async fn begin(&self, next: &str) -> Begun {
        let path = format!("/login/openid/test?next={next}");
        let answer = self.world.page(&path, "").await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{answer:?}");
        let location = answer.headers[header::LOCATION].to_str().expect("text");
        let (to, query) = location.split_once('?').expect("a query");
        assert_eq!(to, format!("{}/auth", self.provider.issuer()));
        let cookie = answer.headers[header::SET_COOKIE].to_str().expect("text");
        for part in ["HttpOnly", "SameSite=Lax", "Path=/login/openid", "Max-Age=600"] {
            assert!(cookie.contains(part), "{cookie}");
        }
        let ticket = cookie.split(';').next().expect("a pair").to_owned();
        let pairs = form_urlencoded::parse(query.as_bytes());
        Begun { query: pairs.map(|(name, value)| (name.into_owned(), value.into_owned())).collect(), ticket }
    }

    async fn come_back(&self, begun: &Begun, code: &str) -> Answered {
        self.come_back_with(&begun.ticket, &[("code", code), ("state", &begun.query["state"])]).await
    }

    async fn come_back_with(&self, cookies: &str, query: &[(&str, &str)]) -> Answered {
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
        self.world.page(&format!("/login/openid/test/callback?{query}"), cookies).await
    }

    /// The whole way.
    async fn log_in(&self) -> Answered {
        let begun = self.begin("/logs").await;
        let code = self.provider.give_code(&begun.query);
        self.come_back(&begun, &code).await
    }

    async fn user(&self, name: &str) -> User {
        let name: UserName = name.parse().expect("a name");
        self.world.app.ops().get_user(&Caller::system(), &name).await.expect("a user")
    }

    async fn log_ins(&self) -> Vec<AuditRecord> {
        let operation = Some("session.login".parse().expect("an operation"));
        self.world.records(AuditQuery { operation, ..AuditQuery::default() }).await
    }
}

/// The cookies of a session, if one was begun.
fn session_of(answer: &Answered) -> Option<String> {
    let cookies: Vec<&str> = answer
        .headers
        .get_all(header::SET_COOKIE)
        .iter()
        .filter_map(|cookie| cookie.to_str().ok()?.split(';').next())
        .filter(|pair| pair.starts_with("nephoscope_token=") || pair.starts_with("nephoscope_refresh="))
        .collect();
    (cookies.len() == 2).then(|| cookies.join("; "))
}

/// Nobody was logged in, a page says so in words, and the ticket is gone.
fn assert_refused(answer: &Answered, status: StatusCode, words: &str) {
    assert_eq!(answer.status, status, "{words}: {answer:?}");
    assert!(answer.text.contains(words), "{words:?} is not in {}", answer.text);
    assert!(answer.text.contains("href=\"/login\""), "there is no way on: {}", answer.text);
    assert_eq!(session_of(answer), None);
    let forgotten = answer
        .headers
        .get_all(header::SET_COOKIE)
        .iter()
        .any(|cookie| cookie.to_str().is_ok_and(|cookie| cookie.starts_with("nephoscope_openid=;")));
    assert!(forgotten, "the ticket stays: {answer:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_whose_address_is_approved_comes_in() {
    let scene = Scene::new().await;
    let page = scene.world.page("/login?next=/logs", "").await;
    assert!(page.text.contains("Continue with ") && page.text.contains("Test &amp; Co"), "{}", page.text);
    assert!(page.text.contains("href=\"/login/openid/test?next=/logs\""), "{}", page.text);

    let begun = scene.begin("/logs").await;
    let expected = [
        ("response_type", "code"),
        ("client_id", provider::CLIENT),
        ("scope", "openid email groups"),
        ("code_challenge_method", "S256"),
    ];
    for (name, value) in expected {
        assert_eq!(begun.query[name], value);
    }
    assert_eq!(begun.query["redirect_uri"], format!("{PUBLIC_URL}/login/openid/test/callback"));
    for secret in ["state", "nonce", "code_challenge"] {
        assert!(begun.query[secret].len() >= 20, "{secret}");
    }
    let code = scene.provider.give_code(&begun.query);
    let answer = scene.come_back(&begun, &code).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    assert!(answer.text.contains("url=/logs"), "{}", answer.text);
    let cookies = session_of(&answer).expect("a session");
    let me = scene.world.page("/settings/me", &cookies).await;
    assert!(me.status == StatusCode::OK && me.text.contains("ada@example.com"), "{}", me.text);

    let record = &scene.log_ins().await[0];
    assert_eq!((record.actor.as_str(), record.outcome), ("operator", Outcome::Succeeded));
    assert_eq!((record.resource.as_str(), record.detail.as_str()), ("ada@example.com", "by test"));
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_that_are_not_the_providers_for_us_and_now_are_refused() {
    let scene = Scene::new().await;
    let with = |name: &'static str, value: serde_json::Value| {
        Make::Signed(Box::new(move |claims| claims[name] = value.clone()))
    };
    let cases = [
        ("another nonce", with("nonce", json!("another"))),
        ("no nonce", with("nonce", json!(null))),
        ("another audience", with("aud", json!("another-client"))),
        ("one more audience", with("aud", json!([provider::CLIENT, "another-client"]))),
        ("no audience", with("aud", json!([]))),
        ("another issuer", with("iss", json!("https://elsewhere.example"))),
        ("expired", with("exp", json!(1_000))),
        ("from the future", with("iat", json!(33_000_000_000_i64))),
        ("of another access token", with("at_hash", json!("AAAAAAAAAAAAAAAAAAAAAA"))),
        ("signed with another key", Make::WithAnotherKey),
        ("signed with the client's secret", Make::WithTheSecret),
        ("not signed", Make::Unsigned),
        ("missing", Make::Missing),
    ];
    for (what, make) in cases {
        scene.provider.make(make);
        let answer = scene.log_in().await;
        assert_eq!(session_of(&answer), None, "{what}");
        assert_refused(&answer, StatusCode::UNAUTHORIZED, "The answer of Test &amp; Co was not accepted.");
        let record = &scene.log_ins().await[0];
        assert_eq!((record.actor.as_str(), record.outcome), ("(unknown)", Outcome::Failed), "{what}");
    }
    scene.provider.change(|_| ());
    assert!(session_of(&scene.log_in().await).is_some(), "an honest one is accepted");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_good_once_and_only_in_the_log_in_it_was_given_for() {
    let scene = Scene::new().await;
    let (mine, theirs) = (scene.begin("").await, scene.begin("").await);
    let code = scene.provider.give_code(&theirs.query);
    let injected = scene.come_back(&mine, &code).await;
    assert_refused(&injected, StatusCode::UNAUTHORIZED, "was not accepted");

    let code = scene.provider.give_code(&mine.query);
    assert!(session_of(&scene.come_back(&mine, &code).await).is_some());
    let replayed = scene.come_back(&mine, &code).await;
    assert_refused(&replayed, StatusCode::UNAUTHORIZED, "was not accepted");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_begun_in_this_browser_does_not_reach_the_provider() {
    let scene = Scene::new().await;
    let (mine, theirs) = (scene.begin("").await, scene.begin("").await);
    let code = scene.provider.give_code(&theirs.query);
    let state = theirs.query["state"].as_str();
    let good = [("code", code.as_str()), ("state", state)];
    let forged = mine.ticket.replace('.', "x");
    let session = format!("nephoscope_openid={}", scene.world.token(Role::Admin).await);
    for cookie in ["", "nephoscope_openid=", &mine.ticket, &forged, &session] {
        let answer = scene.come_back_with(cookie, &good).await;
        assert_refused(&answer, StatusCode::UNAUTHORIZED, "not begun in this browser");
    }
    for query in [
        &[("code", code.as_str())][..],
        &[("code", &code), ("state", "")],
        &[("code", &code), ("state", &mine.query["state"])],
        &[("code", &code), ("state", state), ("iss", "https://elsewhere.example")],
    ] {
        let answer = scene.come_back_with(&theirs.ticket, query).await;
        assert_refused(&answer, StatusCode::UNAUTHORIZED, "not begun in this browser");
    }
    assert_eq!(scene.provider.tokens_asked(), 0);
    assert!(scene.log_ins().await.iter().all(|record| record.actor != "(unknown)"), "it fills the audit");

    let refused = [("error", "access_denied"), ("state", state)];
    let answer = scene.come_back_with(&theirs.ticket, &refused).await;
    assert_refused(&answer, StatusCode::UNAUTHORIZED, "did not log you in");
    let issuer = scene.provider.issuer();
    let answer = scene.come_back_with(&theirs.ticket, &[good[0], good[1], ("iss", &issuer)]).await;
    assert!(session_of(&answer).is_some(), "the good one is still good: {answer:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_comes_in_whom_nobody_approved() {
    let scene = Scene::new().await;
    let refusals = [
        ("email", json!("mallory@example.com"), "You are not approved"),
        ("email", json!("no address at all"), "You are not approved"),
        ("email_verified", json!(false), "does not vouch for your e-mail address"),
        ("email_verified", json!(null), "does not vouch for your e-mail address"),
    ];
    for (claim, value, words) in refusals {
        scene.provider.change(move |claims| claims[claim] = value.clone());
        assert_refused(&scene.log_in().await, StatusCode::FORBIDDEN, words);
    }
    let record = &scene.world.records(AuditQuery::default()).await[0];
    assert_eq!((record.actor.as_str(), record.outcome), ("(unknown)", Outcome::Failed));

    scene.provider.change(|_| ());
    let name = "operator".parse().expect("a name");
    scene.world.app.ops().set_disabled(&Caller::system(), &name, true).await.expect("disabled");
    assert_refused(&scene.log_in().await, StatusCode::FORBIDDEN, "You are not approved");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_another_person_got_opens_nothing_until_it_is_approved_anew() {
    let scene = Scene::new().await;
    assert!(session_of(&scene.log_in().await).is_some());
    scene.provider.change(|claims| claims["sub"] = "subject-2".into());
    assert_refused(&scene.log_in().await, StatusCode::FORBIDDEN, "knows you as somebody else");
    scene.approve("operator", Some("ada@example.com")).await;
    assert!(session_of(&scene.log_in().await).is_some());
    scene.provider.change(|_| ());
    assert_refused(&scene.log_in().await, StatusCode::FORBIDDEN, "knows you as somebody else");
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_decide_the_role_where_they_are_mapped() {
    let roles = [("engineers", Role::Operator), ("root", Role::Admin), ("guests", Role::Viewer)];
    let roles: BTreeMap<_, _> = roles.map(|(group, role)| (group.to_owned(), role)).into();
    let scene = Scene::with(|settings| settings.roles = roles).await;
    for (groups, role) in [
        (json!(["guests", "other"]), Role::Viewer),
        (json!(["engineers", "root"]), Role::Admin),
        (json!("engineers"), Role::Operator),
    ] {
        scene.provider.change(move |claims| claims["groups"] = groups.clone());
        let answer = scene.log_in().await;
        let cookies = session_of(&answer).expect("a session");
        assert_eq!(scene.user("operator").await.role, role);
        let people = scene.world.page("/api/users", &cookies).await;
        assert_eq!(people.status == StatusCode::OK, role == Role::Admin, "{role}");
    }
    let operation = Some("user.role".parse().expect("an operation"));
    let changes = scene.world.records(AuditQuery { operation, ..AuditQuery::default() }).await;
    let ended = changes.iter().filter(|record| record.outcome == Outcome::Succeeded);
    let details: Vec<&str> = ended.map(|record| record.detail.as_str()).collect();
    assert_eq!(details, ["admin → operator", "viewer → admin", "operator → viewer"]);

    // The ID token may leave them out, and then the provider is asked.
    scene.provider.change(|_| ());
    scene.provider.set_user_info(json!({"sub": "subject-1", "groups": ["root"]}));
    assert!(session_of(&scene.log_in().await).is_some());
    assert_eq!(scene.user("operator").await.role, Role::Admin);
    scene.provider.set_user_info(json!({"sub": "subject-2", "groups": ["root"]}));
    assert_refused(&scene.log_in().await, StatusCode::UNAUTHORIZED, "was not accepted");

    for groups in [json!([]), json!(["ENGINEERS"]), json!(7)] {
        scene.provider.set_user_info(json!({"sub": "subject-1", "groups": groups}));
        scene.provider.change(move |claims| claims["groups"] = groups.clone());
        assert_refused(&scene.log_in().await, StatusCode::FORBIDDEN, "None of your groups");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_the_token_leaves_out_is_asked_for() {
    let scene = Scene::new().await;
    scene.provider.change(|claims| {
        claims.as_object_mut().expect("an object").retain(|name, _| !name.starts_with("email"));
    });
    scene.provider.set_user_info(json!({"sub": "subject-1"}));
    assert_refused(&scene.log_in().await, StatusCode::FORBIDDEN, "did not say your e-mail address");
    scene.provider.set_user_info(
        json!({"sub": "subject-1", "email": "ada@example.com", "email_verified": true, "name": "Ada"}),
    );
    assert!(session_of(&scene.log_in().await).is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_may_change_its_key_and_may_be_away() {
    let scene = Scene::new().await;
    assert!(session_of(&scene.log_in().await).is_some());
    scene.provider.rotate_key();
    assert!(session_of(&scene.log_in().await).is_some(), "the new key is not looked up");

    let nobody = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let issuer = format!("http://{}", nobody.local_addr().expect("an address"));
    drop(nobody);
    let scene = Scene::with(|settings| settings.issuer = issuer).await;
    let answer = scene.world.page("/login/openid/test", "").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(answer.text.contains("Test &amp; Co cannot be reached"), "{}", answer.text);
    assert_eq!(scene.world.page("/login/openid/other", "").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn logging_in_never_leads_to_another_site() {
    let scene = Scene::new().await;
    for next in ["https://evil.example", "//evil.example", "/\\evil.example", "/login", ""] {
        let begun = scene.begin(next).await;
        let code = scene.provider.give_code(&begun.query);
        let answer = scene.come_back(&begun, &code).await;
        assert!(answer.text.contains("url=/dashboard"), "{next}: {}", answer.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_who_comes_through_a_provider_counts_as_one() {
    let scene = Scene::new().await;
    let (ops, system) = (scene.world.app.ops(), Caller::system());
    let name = |text: &str| text.parse::<UserName>().expect("a name");
    let email = "grace@example.com".parse().expect("an address");
    ops.invite_user(&system, &name("grace"), Some(&email), Role::Admin).await.expect("invited");
    scene.provider.change(|claims| claims["email"] = "grace@example.com".into());
    let admin = ops.get_user(&system, &name("grace")).await.expect("a user");
    assert!(!admin.is_active_admin());
    let grace = session_of(&scene.log_in().await).expect("a session");
    let token =
        grace.split("nephoscope_token=").nth(1).and_then(|rest| rest.split(';').next()).expect("a token");
    let answer =
        scene.world.send_json("PATCH", "/api/users/admin", Some(token), r#"{"role": "viewer"}"#).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    // Now she is the last one, and her address is her only way in.
    for body in [r#"{"email": null}"#, r#"{"email": "other@example.com"}"#] {
        let answer = scene.world.send_json("PUT", "/api/users/grace/email", Some(token), body).await;
        assert_eq!(answer.problem(), (409, "conflict".to_owned()), "{body}");
    }
}
