//! Functions in our words.

use aws_sdk_lambda::{operation::get_function_configuration::GetFunctionConfigurationOutput, types as sdk};
use nephoscope_model::{
    Place, Timestamp,
    lambda::{
        Alias, AliasWeight, Function, FunctionDetails, ImageStart, Logging, Part, Provisioned, SnapStart,
        Trigger, TriggerKind, Version,
    },
};
use tracing::warn;

/// What lists show of a function. The SDK has the same fields in several types.
macro_rules! function {
    ($place:expr, $it:expr) => {{
        let (place, it): (&Place, _) = ($place, $it);
        let name = it.function_name().unwrap_or_default().parse().ok();
        if name.is_none() {
            warn!(%place, name = ?it.function_name(), "left out a function without a proper name");
        }
        name.map(|name| Function {
            name,
            account: place.account.clone(),
            region: place.region.clone(),
            arn: it.function_arn().unwrap_or_default().to_owned(),
            description: it.description().unwrap_or_default().to_owned(),
            runtime: it.runtime().map(|it| it.as_str().to_owned()),
            handler: it.handler().and_then(filled),
            package_type: it.package_type().map_or("Zip", |it| it.as_str()).to_owned(),
            // Functions from before there was a choice name none.
            architecture: it.architectures().first().map_or("x86_64", |it| it.as_str()).to_owned(),
            memory_mb: it.memory_size().unwrap_or_default(),
            timeout_secs: it.timeout().unwrap_or_default(),
            code_size: it.code_size(),
            last_modified: it.last_modified().and_then(time),
            state: it.state().map(|it| it.as_str().to_owned()),
        })
    }};
}

/// A function of a list; nothing when AWS gives it no proper name, since nothing could be done with it.
pub(super) fn listed(place: &Place, it: &sdk::FunctionConfiguration) -> Option<Function> {
    function!(place, it)
}

/// A function by itself, as yet without versions, aliases and triggers.
pub(super) fn details(place: &Place, it: &GetFunctionConfigurationOutput) -> Option<FunctionDetails> {
    let function = function!(place, it)?;
    let mut environment: Vec<String> = it
        .environment()
        .and_then(|it| it.variables())
        .map(|variables| variables.keys().cloned().collect())
        .unwrap_or_default();
    environment.sort();
    let log_group = it.logging_config().and_then(sdk::LoggingConfig::log_group).and_then(filled);
    Some(FunctionDetails {
        code_sha256: it.code_sha256().unwrap_or_default().to_owned(),
        state_reason: it.state_reason().and_then(filled),
        last_update: it.last_update_status().map(|it| it.as_str().to_owned()),
        last_update_reason: it.last_update_status_reason().and_then(filled),
        role: it.role().unwrap_or_default().to_owned(),
        log_group: log_group.unwrap_or_else(|| format!("/aws/lambda/{}", function.name)),
        ephemeral_storage_mb: it.ephemeral_storage().map(sdk::EphemeralStorage::size),
        tracing: it.tracing_config().and_then(|it| it.mode()).map(|it| it.as_str().to_owned()),
        vpc_id: it.vpc_config().and_then(sdk::VpcConfigResponse::vpc_id).and_then(filled),
        subnets: it.vpc_config().map(|vpc| vpc.subnet_ids().to_vec()).unwrap_or_default(),
        security_groups: it.vpc_config().map(|vpc| vpc.security_group_ids().to_vec()).unwrap_or_default(),
        dead_letter: it.dead_letter_config().and_then(sdk::DeadLetterConfig::target_arn).and_then(filled),
        kms_key: it.kms_key_arn().and_then(filled),
        snap_start: it.snap_start().and_then(snap_start),
        logging: it.logging_config().map(logging),
        image: it.image_config_response().map(image_start),
        layers: it.layers().iter().filter_map(|it| it.arn().map(ToOwned::to_owned)).collect(),
        environment,
        environment_error: it.environment().and_then(environment_error),
        reserved_concurrency: None,
        reserved_concurrency_error: None,
        account_concurrency: None,
        versions: Part::default(),
        aliases: Part::default(),
        provisioned: Part::default(),
        triggers: Part::default(),
        function,
    })
}

/// A text, unless it is empty, by which some say that there is none.
fn filled(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

/// Why AWS could not read an environment: usually a key that may not be used.
pub(super) fn environment_error(environment: &sdk::EnvironmentResponse) -> Option<String> {
    let error = environment.error()?;
    Some(reason(error.message(), error.error_code()))
}

/// AWS's words for what it could not read.
fn reason(message: Option<&str>, code: Option<&str>) -> String {
    nephoscope_model::error::shorten(message.or(code).unwrap_or("no reason was given"), 300)
}

fn snap_start(it: &sdk::SnapStartResponse) -> Option<SnapStart> {
    Some(SnapStart {
        apply_on: it.apply_on()?.as_str().to_owned(),
        optimization_status: it.optimization_status().map(|status| status.as_str().to_owned()),
    })
}

fn logging(it: &sdk::LoggingConfig) -> Logging {
    Logging {
        format: it.log_format().map(|format| format.as_str().to_owned()),
        application_level: it.application_log_level().map(|level| level.as_str().to_owned()),
        system_level: it.system_log_level().map(|level| level.as_str().to_owned()),
    }
}

fn image_start(it: &sdk::ImageConfigResponse) -> ImageStart {
    let config = it.image_config();
    ImageStart {
        entry_point: config.map(|config| config.entry_point().to_vec()).unwrap_or_default(),
        command: config.map(|config| config.command().to_vec()).unwrap_or_default(),
        working_directory: config.and_then(sdk::ImageConfig::working_directory).and_then(filled),
        error: it.error().map(|error| reason(error.message(), error.error_code())),
    }
}

pub(super) fn version(it: &sdk::FunctionConfiguration) -> Option<Version> {
    Some(Version {
        version: it.version()?.to_owned(),
        description: it.description().unwrap_or_default().to_owned(),
        code_sha256: it.code_sha256().unwrap_or_default().to_owned(),
        last_modified: it.last_modified().and_then(time),
    })
}

pub(super) fn alias(it: sdk::AliasConfiguration) -> Option<Alias> {
    alias_of(it.name, it.function_version, it.description, it.routing_config)
}

/// An alias. The SDK has the same fields in several types.
pub(super) fn alias_of(
    name: Option<String>,
    version: Option<String>,
    description: Option<String>,
    routing: Option<sdk::AliasRoutingConfiguration>,
) -> Option<Alias> {
    let weights = routing.and_then(|it| it.additional_version_weights).unwrap_or_default();
    let mut weights: Vec<AliasWeight> =
        weights.into_iter().map(|(version, weight)| AliasWeight { version, weight }).collect();
    weights.sort_by(|a, b| a.version.cmp(&b.version));
    Some(Alias {
        name: name?,
        version: version.unwrap_or_default(),
        description: description.unwrap_or_default(),
        weights,
    })
}

/// The version or alias that an ARN of a function names, if it names one: `arn:aws:lambda:eu-west-1:111111111111:function:f:live`.
pub(super) fn qualifier(arn: &str) -> Option<String> {
    arn.split(':').nth(7).and_then(filled)
}

pub(super) fn provisioned(it: sdk::ProvisionedConcurrencyConfigListItem) -> Option<Provisioned> {
    Some(Provisioned {
        qualifier: qualifier(it.function_arn()?)?,
        requested: it.requested_provisioned_concurrent_executions.unwrap_or_default(),
        available: it.available_provisioned_concurrent_executions.unwrap_or_default(),
        status: it.status.map(|status| status.as_str().to_owned()).unwrap_or_default(),
        reason: it.status_reason,
    })
}

pub(super) fn trigger(it: sdk::EventSourceMappingConfiguration) -> Option<Trigger> {
    let topics = || it.topics.clone().unwrap_or_default().join(", ");
    Some(Trigger {
        qualifier: it.function_arn.as_deref().and_then(qualifier),
        conditions: Vec::new(),
        source: it.event_source_arn.clone().unwrap_or_else(topics),
        id: it.uuid?,
        kind: TriggerKind::Source,
        state: it.state.unwrap_or_default(),
        batch_size: it.batch_size,
        last_result: it.last_processing_result,
    })
}

/// Lambda writes `2026-11-20T11:34:08.000+0000`, which is no RFC 3339: the offset has no colon.
fn time(text: &str) -> Option<Timestamp> {
    let (at, offset) = text.split_at_checked(text.len().checked_sub(4)?)?;
    let is_bare = offset.bytes().all(|byte| byte.is_ascii_digit()) && at.ends_with(['+', '-']);
    if is_bare {
        return Timestamp::parse(&format!("{at}{}:{}", &offset[..2], &offset[2..])).ok();
    }
    Timestamp::parse(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lambdas_times_are_read() {
        let millis = |text| time(text).map(Timestamp::as_millis);
        assert_eq!(millis("2026-11-20T11:34:08.250+0000"), Some(1_795_174_448_250));
        assert_eq!(millis("2026-11-20T12:34:08.250+0100"), Some(1_795_174_448_250));
        assert_eq!(millis("2026-11-20T11:34:08.250Z"), Some(1_795_174_448_250));
        for bad in ["", "1", "+0000", "yesterday", "é0000"] {
            assert_eq!(time(bad), None, "{bad}");
        }
    }
}
