//! What the forms of the settings pages post: people and one's own account. They work without JavaScript. A change leads back to its page;
//! what is shown once is shown on a page of its own; an error becomes a page by itself.

use axum::{
    Form,
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Redirect, Response},
};
use axum_extra::extract::cookie::CookieJar;
use nephoscope_model::{
    AccountId, Error, Scope,
    identity::{EmailAddress, FactorSetup, PasswordLink, Role, UserName},
};
use nephoscope_ops::NewTokenRequest;
use nephoscope_web::paths;
use qrcode::{QrCode, render::svg};
use secrecy::SecretString;
use serde::Deserialize;

use super::{
    access::Authenticated,
    cookies,
    plain::{Field, Plain},
    problem::ApiError,
    security::Client,
    state::App,
    visitor::Knock,
};

type Answer = Result<Response, ApiError>;

/// Back to a page, which says what was done.
fn back(path: &str, done: &str) -> Response {
    Redirect::to(&paths::Link::new(path).query("done", done).build()).into_response()
}

fn link_page(
    app: &App,
    client: &Client,
    headers: &HeaderMap,
    title: &'static str,
    link: &PasswordLink,
) -> Response {
    let scheme = if client.secure { "https" } else { "http" };
    let until = link.expires_at.to_utc_text();
    Plain::new(title)
        .text(&format!(
            "Send this link to {}. Whoever opens it sets the password, once, before {until}. It is not shown again.",
            link.name
        ))
        .value("Link", &format!("{scheme}://{}{}", client.host, link.path))
        .link("Back to people", &paths::people(&Scope::default()))
        .answer(StatusCode::OK, app.leptos(), headers)
}

/// Whom to approve.
#[derive(Debug, Deserialize)]
pub(super) struct InviteForm {
    name: String,
    /// Empty for none.
    #[serde(default)]
    email: String,
    role: String,
}

pub(super) async fn invite(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    client: Client,
    headers: HeaderMap,
    Form(form): Form<InviteForm>,
) -> Answer {
    let name: UserName = form.name.trim().to_lowercase().parse()?;
    let email = EmailAddress::typed_or_none(&form.email)?;
    let link = app.ops().invite_user(&caller, &name, email.as_ref(), form.role.parse()?).await?;
    Ok(link_page(&app, &client, &headers, "Invited", &link))
}

/// What to do with a person; each form of their page fills what it needs.
#[derive(Debug, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case")]
pub(super) enum PersonForm {
    /// Another role.
    Role {
        role: String,
    },
    /// Another address; empty for none.
    Email {
        email: String,
    },
    /// A role in one account; empty for the one they have elsewhere.
    Grant {
        account: String,
        role: String,
    },
    Disable,
    Enable,
    Reset,
    ResetFactor,
    Remove {
        confirm: String,
    },
}

pub(super) async fn change_person(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    Path(name): Path<String>,
    client: Client,
    headers: HeaderMap,
    Form(form): Form<PersonForm>,
) -> Answer {
    let name: UserName = name.parse()?;
    let (ops, page) = (app.ops(), paths::person(name.as_str(), &Scope::default()));
    let done = match form {
        PersonForm::Role { role } => {
            ops.set_role(&caller, &name, role.parse()?).await?;
            "role"
        }
        PersonForm::Email { email } => {
            ops.set_email(&caller, &name, EmailAddress::typed_or_none(&email)?.as_ref()).await?;
            "email"
        }
        PersonForm::Grant { account, role } => {
            let account: AccountId = account.parse()?;
            let role: Option<Role> = if role.is_empty() { None } else { Some(role.parse()?) };
            ops.set_grant(&caller, &name, &account, role).await?;
            "grant"
        }
        PersonForm::Disable => {
            ops.set_disabled(&caller, &name, true).await?;
            "disabled"
        }
        PersonForm::Enable => {
            ops.set_disabled(&caller, &name, false).await?;
            "enabled"
        }
        PersonForm::Reset => {
            let link = ops.reset_password(&caller, &name).await?;
            return Ok(link_page(&app, &client, &headers, "Password taken away", &link));
        }
        PersonForm::ResetFactor => {
            ops.reset_second_factor(&caller, &name).await?;
            "factor"
        }
        PersonForm::Remove { confirm } => {
            ops.remove_user(&caller, &name, &confirm).await?;
            return Ok(back(&paths::people(&Scope::default()), "removed"));
        }
    };
    Ok(back(&page, done))
}

/// What to do with one's own account.
#[derive(Debug, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case")]
pub(super) enum MeForm {
    EndSession { id: String },
    EndAll,
    Password { present: SecretString, new: SecretString },
    AddToken { name: String, role: String, days: String, read_only: Option<String> },
    RemoveToken { id: String },
    BeginFactor,
    ConfirmFactor { pending: String, code: String },
    RemoveFactor { password: SecretString },
}

pub(super) async fn change_me(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    Knock(visitor): Knock,
    headers: HeaderMap,
    jar: CookieJar,
    Form(form): Form<MeForm>,
) -> Answer {
    let (ops, page) = (app.ops(), paths::me(&Scope::default()));
    let done = match form {
        MeForm::EndSession { id } => {
            ops.end_session(&caller, &id).await?;
            "session"
        }
        MeForm::EndAll => {
            ops.end_all_sessions(&caller).await?;
            let jar = cookies::clear(jar, app.secure_cookies());
            return Ok((jar, Redirect::to(&paths::login(""))).into_response());
        }
        MeForm::Password { present, new } => {
            let session = ops.change_password(&caller, &present, &new, &visitor).await?;
            let jar = cookies::set(jar, &session, app.secure_cookies());
            return Ok((jar, back(&page, "password")).into_response());
        }
        MeForm::AddToken { name, role, days, read_only } => {
            let days = days
                .trim()
                .parse()
                .map_err(|_| Error::invalid("The number of days a token lasts must be a number."))?;
            let request = NewTokenRequest { name, role: role.parse()?, read_only: read_only.is_some(), days };
            let made = ops.add_api_token(&caller, request).await?;
            return Ok(Plain::new("New token")
                .text(&format!(
                    "This is the token \"{}\". Keep it like a password: it is good until {} and is not shown again.",
                    made.info.name,
                    made.info.expires_at.to_utc_text()
                ))
                .value("Token", &made.token)
                .text("Programs send it with every request as \"Authorization: Bearer …\".")
                .link("Back to my account", &page)
                .answer(StatusCode::OK, app.leptos(), &headers));
        }
        MeForm::BeginFactor => {
            let setup = ops.begin_second_factor(&caller).await?;
            return Ok(setup_page(&app, &headers, &setup)?);
        }
        MeForm::ConfirmFactor { pending, code } => {
            let codes = ops.confirm_second_factor(&caller, &pending, &code).await?.codes;
            return Ok(Plain::new("Second factor")
                .text("From now on logging in takes a code of your device.")
                .text(
                    "These codes work instead, each once, should you lose it. Keep them where you keep important papers: they are not \
                     shown again.",
                )
                .lines("Recovery codes", &codes)
                .link("Back to my account", &page)
                .answer(StatusCode::OK, app.leptos(), &headers));
        }
        MeForm::RemoveFactor { password } => {
            ops.remove_second_factor(&caller, &password, &visitor).await?;
            "factor"
        }
        MeForm::RemoveToken { id } => {
            ops.remove_api_token(&caller, &id).await?;
            "token"
        }
    };
    Ok(back(&page, done))
}

/// Shows the secret of a device, as a code to scan and as text, and asks for its first code.
fn setup_page(app: &App, headers: &HeaderMap, setup: &FactorSetup) -> Result<Response, Error> {
    let code = QrCode::new(setup.uri.as_bytes()).map_err(|error| {
        tracing::error!("cannot draw a QR code: {error}");
        Error::internal()
    })?;
    let drawn = code.render::<svg::Color<'_>>().min_dimensions(220, 220).build();
    // Only the drawing: an XML declaration has no place within HTML.
    let drawn = drawn.find("<svg").map_or("", |start| &drawn[start..]);
    Ok(Plain::new("Second factor")
        .text("Scan this with your device's authenticator, or type the secret into it.")
        .html(&format!("<div role=\"img\" aria-label=\"QR code of the secret\">{drawn}</div>"))
        .value("Secret", &setup.secret)
        .form(
            "/settings/me",
            "Use this device",
            &[
                Field::Hidden { name: "do", value: "confirm-factor" },
                Field::Hidden { name: "pending", value: &setup.pending },
                Field::Code { name: "code", label: "The code it shows now" },
            ],
        )
        .link("Back to my account", &paths::me(&Scope::default()))
        .answer(StatusCode::OK, app.leptos(), headers))
}

/// The secret of a link.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct LinkQuery {
    token: String,
}

/// Asks whoever opens a link for their new password.
pub(super) async fn ask_password(
    State(app): State<App>,
    headers: HeaderMap,
    Query(link): Query<LinkQuery>,
) -> Response {
    match app.ops().whose_password_link(&link.token).await {
        Ok(name) => password_page(&app, &headers, &link.token, &name, None),
        Err(error) => refused_link(&app, &headers, &error),
    }
}

/// A new password and the secret of the link that allows it.
#[derive(Debug, Deserialize)]
pub(super) struct PasswordForm {
    token: String,
    password: SecretString,
}

pub(super) async fn redeem_link(
    State(app): State<App>,
    Knock(visitor): Knock,
    headers: HeaderMap,
    Form(form): Form<PasswordForm>,
) -> Response {
    match app.ops().redeem_password_link(&form.token, &form.password, &visitor.request_id).await {
        Ok(_) => Redirect::to(&paths::login("")).into_response(),
        // The link is still good, so it can be tried again.
        Err(error) => match app.ops().whose_password_link(&form.token).await {
            Ok(name) => password_page(&app, &headers, &form.token, &name, Some(&error)),
            Err(error) => refused_link(&app, &headers, &error),
        },
    }
}

fn password_page(
    app: &App,
    headers: &HeaderMap,
    token: &str,
    name: &UserName,
    error: Option<&Error>,
) -> Response {
    let page = Plain::new("Set your password");
    let (page, status) = match error {
        Some(error) => (page.trouble(error), status_of(error)),
        None => (
            page.text("At least 10 characters; a few words that do not belong together are good."),
            StatusCode::OK,
        ),
    };
    page.form(
        "/password",
        "Set password",
        &[
            Field::Hidden { name: "token", value: token },
            Field::UserName(name.as_str()),
            Field::NewPassword { name: "password", label: "New password" },
        ],
    )
    .answer(status, app.leptos(), headers)
}

fn refused_link(app: &App, headers: &HeaderMap, error: &Error) -> Response {
    Plain::new("Set your password").trouble(error).link("Go to the log-in", &paths::login("")).answer(
        status_of(error),
        app.leptos(),
        headers,
    )
}

fn status_of(error: &Error) -> StatusCode {
    StatusCode::from_u16(error.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}
