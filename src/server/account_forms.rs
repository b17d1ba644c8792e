//! What the forms about accounts and scopes post. They work without JavaScript; what is typed there is never sent back, so an error is a
//! page by itself, from which the browser's Back leads to the form as it was filled.

use axum::{
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Redirect, Response},
};
use nephoscope_model::{
    AccountId, Error, Region, Result, Scope,
    account::{AccountInput, CredentialsKind},
    scope::AccountColor,
};
use nephoscope_ops::{Caller, Ops};
use nephoscope_web::{params::Params, paths};
use secrecy::SecretString;

use super::{access::Authenticated, plain::Plain, state::App};

/// The form of `/settings/accounts`: adds, changes or removes one.
pub(super) async fn change_account(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let form = read_form(&body);
    match obey(app.ops(), &caller, &form).await {
        Ok(done) => {
            let page = paths::accounts(&Scope::default());
            Redirect::to(&paths::Link::new(&page).query("done", done).build()).into_response()
        }
        Err(error) => Plain::new("The account is as it was")
            .trouble(&error)
            .link("Back to the accounts", &paths::accounts(&Scope::default()))
            .answer(status_of(&error), app.leptos(), &headers),
    }
}

async fn obey(ops: &Ops, caller: &Caller, form: &Params) -> Result<&'static str> {
    match form.get("do").as_str() {
        "add" => ops.add_account(caller, read_input(form)?).await.map(|()| "added"),
        "edit" => ops.edit_account(caller, read_input(form)?).await.map(|()| "changed"),
        "remove" => {
            let id: AccountId = form.get("id").parse()?;
            ops.remove_account(caller, &id, Some(&form.get("confirm"))).await.map(|()| "removed")
        }
        _ => Err(Error::invalid("The form does not say what to do.")),
    }
}

fn read_input(form: &Params) -> Result<AccountInput<SecretString>> {
    let text = |name: &str| Some(form.get(name).trim().to_owned()).filter(|text| !text.is_empty());
    let word = |name: &str| serde_json::Value::String(form.get(name));
    let mut regions: Vec<Region> = Vec::new();
    let typed = form.all("regions").join(",");
    for code in typed.split(|c: char| c == ',' || c.is_whitespace()).filter(|code| !code.is_empty()) {
        regions.push(code.parse()?);
    }
    let color: AccountColor =
        serde_json::from_value(word("color")).map_err(|_| Error::invalid("There is no such colour."))?;
    let credentials: CredentialsKind = serde_json::from_value(word("credentials"))
        .map_err(|_| Error::invalid("There is no such source of credentials."))?;
    Ok(AccountInput {
        id: form.get("id").trim().parse()?,
        name: form.get("name"),
        color,
        regions,
        credentials,
        access_key_id: text("accessKeyId").map(|text| text.parse()).transpose()?,
        secret_access_key: text("secretAccessKey").map(SecretString::from),
        role_arn: text("roleArn").map(|text| text.parse()).transpose()?,
        external_id: text("externalId").map(SecretString::from),
        from: text("from").map(|text| text.parse()).transpose()?,
        token_file: text("tokenFile"),
        // An empty field leaves the secret as it is; what says "none" takes it away.
        keep_secret: form.get("noSecret").is_empty(),
        unchecked: !form.get("unchecked").is_empty(),
    })
}

/// The forms of the scope switcher: keep the present scope under a name, or forget one.
pub(super) async fn change_scopes(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let form = read_form(&body);
    let next = form.get("next");
    let next = if paths::is_local(&next) { next } else { "/dashboard".to_owned() };
    let done = match form.get("do").as_str() {
        "remove" => app.ops().remove_scope(&caller, &form.get("name")).await,
        _ => match Scope::from_query(Some(&form.get("account")), Some(&form.get("region"))) {
            Ok(scope) => app.ops().save_scope(&caller, &form.get("name"), scope).await,
            Err(error) => Err(error),
        },
    };
    match done {
        Ok(()) => Redirect::to(&next).into_response(),
        Err(error) => Plain::new("The scopes are as they were").trouble(&error).link("Back", &next).answer(
            status_of(&error),
            app.leptos(),
            &headers,
        ),
    }
}

fn read_form(body: &Bytes) -> Params {
    Params::parse(&String::from_utf8_lossy(body))
}

fn status_of(error: &Error) -> StatusCode {
    StatusCode::from_u16(error.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}
