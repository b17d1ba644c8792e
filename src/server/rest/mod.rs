//! The REST API: thin doors into `ops`, one file for each noun, with the OpenAPI document written beside each handler.

pub(super) mod accounts;
pub(super) mod audit;
pub(super) mod audit_export;
mod deletions;
pub(super) mod ec2;
pub(super) mod estate;
pub(super) mod lambda;
pub(super) mod logs;
pub(super) mod me;
pub(super) mod packed;
pub(super) mod paging;
pub(super) mod s3;
pub(super) mod usage;
pub(super) mod users;

use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Query, Request},
    http::{StatusCode, header, request::Parts},
};
use nephoscope_model::{Error, ErrorCode, Scope, lambda::MAX_ZIP};
use serde::{Deserialize, de::DeserializeOwned};
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{problem::ApiError, security::allowance::Allowance, session, state::App};

/// Every route of the API but the WebSocket's.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(session::authenticate))
        .routes(routes!(session::refresh))
        .routes(routes!(session::log_out))
        .routes(routes!(estate::viewer))
        .routes(routes!(accounts::list))
        .routes(routes!(accounts::add))
        .routes(routes!(accounts::discover))
        .routes(routes!(accounts::edit))
        .routes(routes!(accounts::remove))
        .routes(routes!(accounts::test))
        .routes(routes!(ec2::list))
        .routes(routes!(ec2::list_instances))
        .routes(routes!(ec2::prices::list))
        .routes(routes!(ec2::launch::choices, ec2::launch::launch))
        .routes(routes!(ec2::launch::check))
        .routes(routes!(ec2::get))
        .routes(routes!(ec2::start))
        .routes(routes!(ec2::stop))
        .routes(routes!(ec2::reboot))
        .routes(routes!(ec2::terminations::terminate))
        .routes(routes!(ec2::terminations::undo))
        .routes(routes!(ec2::terminations::list))
        .routes(routes!(ec2::attributes::protection, ec2::attributes::set_protection))
        .routes(routes!(ec2::attributes::set_type))
        .routes(routes!(ec2::attributes::types))
        .routes(routes!(ec2::status::list))
        .routes(routes!(ec2::status::get))
        .routes(routes!(ec2::console::output))
        .routes(routes!(ec2::console::screenshot))
        .routes(routes!(ec2::bulk::change))
        .routes(routes!(ec2::bulk::change_tags))
        .routes(routes!(ec2::tags::set))
        .routes(routes!(ec2::resources::volumes))
        .routes(routes!(ec2::resources::set_volume_tags))
        .routes(routes!(ec2::resources::snapshots))
        .routes(routes!(ec2::resources::set_snapshot_tags))
        .routes(routes!(ec2::resources::addresses))
        .routes(routes!(ec2::resources::set_address_tags))
        .routes(routes!(ec2::resources::security_groups))
        .routes(routes!(ec2::resources::set_security_group_tags))
        .routes(routes!(ec2::metrics))
        .routes(routes!(ec2::stats))
        .routes(routes!(lambda::functions))
        .routes(routes!(lambda::function, lambda::change::delete_function))
        .routes(routes!(lambda::change::metrics))
        .routes(routes!(lambda::change::delete))
        .routes(routes!(lambda::change::delete_many))
        .routes(routes!(lambda::change::set_concurrency))
        .routes(routes!(lambda::versions::list, lambda::versions::publish))
        .routes(routes!(lambda::versions::aliases))
        .routes(routes!(lambda::versions::set_alias, lambda::versions::delete_alias))
        .routes(routes!(lambda::versions::roll_back))
        .routes(routes!(lambda::log::errors))
        .routes(routes!(lambda::log::invocation))
        .routes(routes!(lambda::events::list))
        .routes(routes!(lambda::events::save, lambda::events::remove))
        .routes(routes!(lambda::environment))
        .routes(routes!(lambda::invoke))
        .routes(routes!(lambda::deploy::deploy))
        .routes(routes!(logs::groups))
        .routes(routes!(logs::streams))
        .routes(routes!(s3::buckets))
        .routes(routes!(s3::bucket, s3::delete))
        .routes(routes!(s3::delete_many))
        .routes(routes!(s3::create))
        .routes(routes!(s3::upload::upload))
        .routes(routes!(s3::uploads::begin))
        .routes(routes!(s3::uploads::part))
        .routes(routes!(s3::uploads::parts, s3::uploads::abort))
        .routes(routes!(s3::uploads::complete))
        .routes(routes!(s3::objects::objects))
        .routes(routes!(s3::objects::search))
        .routes(routes!(s3::objects::count))
        .routes(routes!(s3::read::object, s3::change::delete_object))
        .routes(routes!(s3::read::preview))
        .routes(routes!(s3::versions::object_details))
        .routes(routes!(s3::versions::versions))
        .routes(routes!(s3::versions::restore))
        .routes(routes!(s3::change::delete_objects))
        .routes(routes!(s3::change::copy_object))
        .routes(routes!(s3::change::presign))
        .routes(routes!(s3::empty::empty))
        .routes(routes!(s3::empty::emptying, s3::empty::cancel_emptying))
        .routes(routes!(s3::configure::set_bucket_tags))
        .routes(routes!(s3::configure::set_versioning))
        .routes(routes!(audit::query))
        .routes(routes!(audit_export::export))
        .routes(routes!(usage::read))
        .routes(routes!(users::list))
        .routes(routes!(users::invite))
        .routes(routes!(users::get))
        .routes(routes!(users::change))
        .routes(routes!(users::remove))
        .routes(routes!(users::set_email))
        .routes(routes!(users::grant))
        .routes(routes!(users::revoke))
        .routes(routes!(users::reset))
        .routes(routes!(users::reset_factor))
        .routes(routes!(me::begin_factor))
        .routes(routes!(me::confirm_factor))
        .routes(routes!(me::remove_factor))
        .routes(routes!(me::get))
        .routes(routes!(me::sessions))
        .routes(routes!(me::end_session))
        .routes(routes!(me::end_all_sessions))
        .routes(routes!(me::change_password))
        .routes(routes!(me::tokens))
        .routes(routes!(me::add_token))
        .routes(routes!(me::remove_token))
}

/// Which accounts and regions: the query parameters that every list takes.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub(super) struct ScopeParams {
    /// Account ids, comma-separated; all when left out.
    #[param(example = "111111111111")]
    pub(super) account: Option<String>,
    /// Regions, comma-separated; all when left out.
    #[param(example = "eu-west-1")]
    pub(super) region: Option<String>,
}

impl ScopeParams {
    pub(super) fn scope(&self) -> Result<Scope, Error> {
        Scope::from_query(self.account.as_deref(), self.region.as_deref())
    }
}

/// Query parameters, refused as a problem document.
#[derive(Debug)]
pub(super) struct Params<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Params<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        let Query(params) = Query::<T>::from_request_parts(parts, state).await.map_err(|error| {
            let words = error.body_text();
            let words = words.strip_prefix("Failed to deserialize query string: ").unwrap_or(&words);
            Error::invalid(format!("The query is not understood: {words}."))
        })?;
        Ok(Self(params))
    }
}

/// A JSON body, refused as a problem document.
#[derive(Debug)]
pub(super) struct Body<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, Self::Rejection> {
        if !says_json(&request) {
            return Err(not_json().into());
        }
        Ok(Self(parse_json(&read_body(request, state).await?)?))
    }
}

/// A JSON body that may be left out, refused as a problem document.
#[derive(Debug)]
pub(super) struct OptionalBody<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned + Default> FromRequest<S> for OptionalBody<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, Self::Rejection> {
        let is_json = says_json(&request);
        let bytes = read_body(request, state).await?;
        if bytes.is_empty() {
            return Ok(Self(T::default()));
        }
        // What somebody wanted to say and did not say well must not be done as if they had said nothing.
        if !is_json {
            return Err(not_json().into());
        }
        Ok(Self(parse_json::<Option<T>>(&bytes)?.unwrap_or_default()))
    }
}

fn says_json(request: &Request) -> bool {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    kind.and_then(|kind| kind.split(';').next())
        .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
}

fn not_json() -> Error {
    Error::invalid("The body must be JSON.").with_hint("Send the header Content-Type: application/json.")
}

async fn read_body<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, Error> {
    let limit = Allowance::of(request.uri().path()).body;
    Bytes::from_request(request, state).await.map_err(|error| {
        if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
            too_large(limit)
        } else {
            Error::invalid("The body could not be read to its end.")
        }
    })
}

/// Understands a JSON body, or says where it could not.
pub(super) fn parse_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Error> {
    // serde would take a list for the fields of an object in their order, and nothing for one without any.
    let begins_with = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
    if begins_with.is_some_and(|byte| *byte != b'{') {
        return Err(Error::invalid("The body must be a JSON object."));
    }
    serde_json::from_slice(bytes).map_err(|error| {
        // serde's words may quote the value, which may be a password: the place is enough.
        let words = error.to_string();
        let named = |before: &str| words.strip_prefix(before)?.split('`').next().map(str::to_owned);
        let what = match (named("missing field `"), named("unknown field `")) {
            (Some(name), _) => format!("lacks the field {name}"),
            (None, Some(name)) => {
                format!(
                    "has a field {} that nothing is known of",
                    nephoscope_model::error::shorten(&name, 80)
                )
            }
            (None, None) if error.is_data() => "has a value of the wrong type".to_owned(),
            (None, None) => "is not valid JSON".to_owned(),
        };
        Error::invalid(format!("The body {what} (line {}, column {}).", error.line(), error.column()))
    })
}

/// The body is larger than the server takes at this path.
pub(super) fn too_large(limit: usize) -> Error {
    let error = Error::new(ErrorCode::PayloadTooLarge, "The request is larger than this server takes.");
    if limit > MAX_ZIP {
        return error
            .with_hint("An archive for Lambda may have up to 50 MB: upload a larger one to S3 and name its bucket and key.");
    }
    error.with_hint(format!("Requests of this kind may have up to {} MiB.", limit >> 20))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_with_a_body_is_named_but_no_value_of_it() {
        #[derive(Debug, Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Login {
            #[expect(dead_code, reason = "only read")]
            password: String,
        }
        let words = |text: &str| parse_json::<Login>(text.as_bytes()).expect_err(text).message;
        assert_eq!(words("{}"), "The body lacks the field password (line 1, column 2).");
        assert!(
            words(r#"{"pasword": "hush"}"#)
                .starts_with("The body has a field pasword that nothing is known of")
        );
        let wrong = words(r#"{"password": ["hush"]}"#);
        assert!(
            wrong.starts_with("The body has a value of the wrong type") && !wrong.contains("hush"),
            "{wrong}"
        );
        assert!(words(r#"{"password": "hush"#).starts_with("The body is not valid JSON"));
    }
}
