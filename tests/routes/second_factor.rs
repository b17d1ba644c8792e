//! The second factor: setting it up, logging in with it, losing it.

use http::{StatusCode, header};
use nephoscope_model::{
    Operation,
    audit::{AuditQuery, Outcome},
    identity::Role,
};
use nephoscope_ops::Caller;
use serde_json::json;
use totp_rs::{Algorithm, Secret, TOTP};

use crate::{
    people::post_form,
    world::{Answered, PASSWORD, World},
};

/// A device that knows a secret.
struct Device(TOTP);

impl Device {
    fn new(secret: &str) -> Self {
        let bytes = Secret::Encoded(secret.to_owned()).to_bytes().expect("base32");
        Self(TOTP::new_unchecked(Algorithm::SHA1, 6, 0, 30, bytes))
    }

    /// The code that it shows so many steps from now.
    fn code(&self, steps: i64) -> String {
        let now = nephoscope_model::Timestamp::now().as_secs();
        self.0.generate(u64::try_from(now + steps * 30).expect("a time"))
    }
}

async fn log_in(world: &World, otp: Option<&str>) -> Answered {
    let mut body = json!({"username": "viewer", "password": PASSWORD});
    if let Some(otp) = otp {
        body["otp"] = otp.into();
    }
    world.post_json("/api/authenticate", None, &body.to_string()).await
}

/// Sets a second factor up for the viewer, with the code before the present one: so the present one is still to be used.
async fn set_up(world: &World, token: &str) -> (Device, Vec<String>) {
    let setup = world.call("POST", "/api/me/second-factor", Some(token)).await.json();
    assert!(setup["uri"].as_str().is_some_and(|uri| uri.starts_with("otpauth://totp/nephoscope:viewer?")));
    let device = Device::new(setup["secret"].as_str().expect("a secret"));
    let body = json!({"pending": setup["pending"], "code": device.code(-1)}).to_string();
    let done = world.send_json("PUT", "/api/me/second-factor", Some(token), &body).await;
    assert_eq!(done.status, StatusCode::OK, "{done:?}");
    let codes = done.json()["codes"].as_array().expect("codes").clone();
    (device, codes.iter().map(|code| code.as_str().expect("a code").to_owned()).collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn logging_in_takes_a_code_and_no_code_twice() {
    let world = World::new().await;
    let token = world.token(Role::Viewer).await;
    let (device, codes) = set_up(&world, &token).await;
    assert_eq!(codes.len(), 10);
    assert_eq!(world.get("/api/me", &token).await.json()["recoveryCodes"], 10);

    assert_eq!(log_in(&world, None).await.problem(), (401, "second_factor_required".to_owned()));
    assert_eq!(log_in(&world, Some(&device.code(-1))).await.problem().0, 401, "it was used to set up");
    let code = device.code(0);
    assert_eq!(log_in(&world, Some(&code)).await.status, StatusCode::OK);
    assert_eq!(log_in(&world, Some(&code)).await.problem(), (401, "unauthenticated".to_owned()));
    let spaced = codes[0].to_lowercase().replace('-', " ");
    assert_eq!(
        log_in(&world, Some(&spaced)).await.status,
        StatusCode::OK,
        "a recovery code, as people type it"
    );
    let records =
        world.records(AuditQuery { operation: Some(Operation::LogIn), ..AuditQuery::default() }).await;
    let words: Vec<_> = records.iter().map(|record| record.detail.as_str()).collect();
    assert!(words.contains(&"with a recovery code") && words.contains(&"a code was asked for"), "{words:?}");
    assert!(!format!("{records:?}").contains(&codes[0]));
}

#[tokio::test(flavor = "multi_thread")]
async fn codes_are_heard_rarely_and_a_recovery_code_works_once() {
    let world = World::new().await;
    let token = world.token(Role::Viewer).await;
    let (_device, codes) = set_up(&world, &token).await;
    assert_eq!(log_in(&world, Some(&codes[3])).await.status, StatusCode::OK);
    assert_eq!(log_in(&world, Some(&codes[3])).await.problem().0, 401);
    let mut seen = Vec::new();
    for _ in 0..4 {
        seen.push(log_in(&world, Some("000000")).await.problem().0);
    }
    assert_eq!(seen.last(), Some(&429), "{seen:?}");
    let refused = log_in(&world, Some(&codes[4])).await;
    assert_eq!(refused.problem().0, 429, "whatever the code is");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_is_asked_for_the_code_in_a_second_step_without_javascript() {
    let world = World::new().await;
    let token = world.token(Role::Viewer).await;
    let (device, _) = set_up(&world, &token).await;
    let form = format!("name=viewer&password={}&next=%2Fec2", PASSWORD.replace(' ', "+"));
    let asked = post_form(&world, "/login", "", &form).await;
    assert_eq!(asked.status, StatusCode::OK);
    assert!(asked.headers.get(header::SET_COOKIE).is_none(), "nobody is logged in yet");
    assert!(asked.text.contains("one-time-code") && !asked.text.contains("<script"), "{}", asked.text);
    let ticket = asked.text.split("name=\"ticket\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
    let ticket = ticket.expect("a ticket");
    assert_eq!(world.get("/api/session", ticket).await.problem(), (401, "token_invalid".to_owned()));

    let wrong =
        post_form(&world, "/login/code", "", &format!("ticket={ticket}&code=000000&next=%2Fec2")).await;
    assert_eq!(wrong.status, StatusCode::UNAUTHORIZED);
    assert!(wrong.text.contains("role=\"alert\"") && wrong.text.contains(ticket), "{}", wrong.text);
    let right =
        post_form(&world, "/login/code", "", &format!("ticket={ticket}&code={}&next=%2Fec2", device.code(0)))
            .await;
    assert_eq!(
        (right.status, &right.headers[header::LOCATION]),
        (StatusCode::SEE_OTHER, &"/ec2".parse().expect("a header"))
    );
    assert_eq!(right.headers.get_all(header::SET_COOKIE).iter().count(), 2);
    let forged = post_form(&world, "/login/code", "", "ticket=a.b.c&code=000000").await;
    assert_eq!(forged.headers[header::LOCATION], "/login?next=/dashboard");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_ends_with_the_password_it_was_given_for() {
    let world = World::new().await;
    let token = world.token(Role::Viewer).await;
    let (device, _) = set_up(&world, &token).await;
    let form = format!("name=viewer&password={}", PASSWORD.replace(' ', "+"));
    let asked = post_form(&world, "/login", "", &form).await;
    let ticket = asked.text.split("name=\"ticket\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
    let (ops, system) = (world.app.ops(), Caller::system());
    let viewer = "viewer".parse().expect("a name");
    ops.set_password(&system, &viewer, &"seven green lanterns".into()).await.expect("set");
    let form = format!("ticket={}&code={}", ticket.expect("a ticket"), device.code(0));
    assert_eq!(post_form(&world, "/login/code", "", &form).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_counts_only_after_its_first_code_and_goes_with_the_password_or_an_administrator() {
    let world = World::new().await;
    let token = world.token(Role::Viewer).await;
    let setup = world.call("POST", "/api/me/second-factor", Some(&token)).await.json();
    let confirm = |pending: serde_json::Value, code: String, token: String| {
        let body = json!({"pending": pending, "code": code}).to_string();
        let world = &world;
        async move { world.send_json("PUT", "/api/me/second-factor", Some(&token), &body).await }
    };
    let device = Device::new(setup["secret"].as_str().expect("a secret"));
    assert_eq!(confirm(setup["pending"].clone(), "000000".to_owned(), token.clone()).await.problem().0, 400);
    let operator = world.token(Role::Operator).await;
    let stolen = confirm(setup["pending"].clone(), device.code(0), operator).await;
    assert_eq!(stolen.problem().0, 400, "what was begun by one is of no use to another");
    assert_eq!(log_in(&world, None).await.status, StatusCode::OK, "it does not count yet");
    assert_eq!(confirm(setup["pending"].clone(), device.code(0), token.clone()).await.status, StatusCode::OK);
    assert_eq!(world.call("POST", "/api/me/second-factor", Some(&token)).await.problem().0, 409);

    let remove = |password: &str| {
        let body = json!({"password": password}).to_string();
        let (world, token) = (&world, &token);
        async move { world.post_json("/api/me/second-factor/remove", Some(token), &body).await }
    };
    assert_eq!(remove("wrong").await.problem().0, 400);
    assert_eq!(remove(PASSWORD).await.status, StatusCode::NO_CONTENT);
    assert_eq!(log_in(&world, None).await.status, StatusCode::OK);

    set_up(&world, &token).await;
    let admin = world.token(Role::Admin).await;
    assert_eq!(world.call("DELETE", "/api/users/viewer/second-factor", Some(&admin)).await.status, 204);
    assert_eq!(log_in(&world, None).await.status, StatusCode::OK);
    let reset = AuditQuery { operation: Some(Operation::ResetFactor), ..AuditQuery::default() };
    let reset = world.records(reset).await;
    assert_eq!((reset[0].outcome, reset[0].resource.as_str()), (Outcome::Succeeded, "viewer"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_forms_of_the_page_set_it_up_with_a_code_to_scan() {
    let world = World::new().await;
    let token = world.token(Role::Viewer).await;
    let begun = post_form(&world, "/settings/me", &token, "do=begin-factor").await;
    assert_eq!(begun.status, StatusCode::OK, "{}", begun.text);
    assert!(begun.text.contains("<svg") && !begun.text.contains("<?xml"), "{}", begun.text);
    let field = |label: &str| {
        let rest = begun.text.split(label).nth(1).expect("the field");
        rest.split("value=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a value").to_owned()
    };
    let (secret, pending) = (field("<span>Secret"), field("name=\"pending\""));
    let form = format!(
        "do=confirm-factor&pending={}&code={}",
        pending.replace('+', "%2B"),
        Device::new(&secret).code(0)
    );
    let done = post_form(&world, "/settings/me", &token, &form).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.text);
    assert_eq!(done.text.matches("<li>").count(), 10, "{}", done.text);
    let page = world.page("/settings/me", &format!("nephoscope_token={token}")).await;
    assert!(page.text.contains("Recovery codes left: 10"), "{}", page.text);
    let removed = post_form(
        &world,
        "/settings/me",
        &token,
        &format!("do=remove-factor&password={}", PASSWORD.replace(' ', "+")),
    )
    .await;
    assert_eq!(removed.headers[header::LOCATION], "/settings/me?done=factor", "{}", removed.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_master_key_opens_the_second_factors_still() {
    let world = World::new().await;
    let token = world.token(Role::Viewer).await;
    let (device, _) = set_up(&world, &token).await;
    let rotated = world.app.ops().rotate_master_key(&Caller::system()).await.expect("rotated");
    assert_eq!(rotated.resealed, 1);
    assert_eq!(log_in(&world, Some(&device.code(0))).await.status, StatusCode::OK);
}
