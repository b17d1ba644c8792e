//! Instance types: which there are, and which of them an instance can become.

use serde::{Deserialize, Serialize};

use super::{Instance, InstanceState};
use crate::{Error, ErrorCode, Result, validated_string};

/// The name of an instance type: `t3.medium`, `u-6tb1.112xlarge`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct InstanceTypeName(String);
validated_string!(InstanceTypeName, "an instance type such as t3.medium", |text| {
    let is_part = |part: &str| {
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    text.len() <= 64 && text.split_once('.').is_some_and(|(family, size)| is_part(family) && is_part(size))
});

/// What EC2 tells of an instance type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct InstanceType {
    /// Such as `t3.medium`.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "t3.medium"))]
    pub name: InstanceTypeName,
    /// How many virtual processors; 0 when AWS does not tell.
    pub vcpus: u32,
    /// Memory in MiB; 0 when AWS does not tell.
    pub memory_mib: u64,
    /// What its processors run: `x86_64`, `arm64`, …
    pub architectures: Vec<String>,
    /// Whether AWS counts it among its present types.
    pub current_generation: bool,
}

impl InstanceType {
    /// Whether it runs what was built for an architecture. AWS tells the architecture of nearly every instance.
    #[must_use]
    pub fn runs(&self, architecture: Option<&str>) -> bool {
        architecture.is_none_or(|wanted| self.architectures.iter().any(|known| known == wanted))
    }

    /// For people: `t3.medium · 2 vCPU · 4 GiB`.
    #[must_use]
    pub fn summary(&self) -> String {
        format!("{} · {} vCPU · {}", self.name, self.vcpus, memory_text(self.memory_mib))
    }
}

/// Memory for people: `4 GiB`, `512 MiB`, `1.5 TiB`.
#[must_use]
pub fn memory_text(mib: u64) -> String {
    match mib {
        ..1_024 => format!("{mib} MiB"),
        1_024..1_048_576 => tenths(mib, 1_024, "GiB"),
        _ => tenths(mib, 1_048_576, "TiB"),
    }
}

fn tenths(number: u64, unit: u64, name: &str) -> String {
    let tenths = (number * 10 + unit / 2) / unit;
    if tenths.is_multiple_of(10) {
        format!("{} {name}", tenths / 10)
    } else {
        format!("{}.{} {name}", tenths / 10, tenths % 10)
    }
}

/// Why an instance cannot become another type now; nothing when it can.
#[must_use]
pub fn type_change_refusal(state: InstanceState) -> Option<String> {
    (state != InstanceState::Stopped).then(|| {
        format!("The type of an instance that is {} cannot be changed: it must be stopped.", state.as_str())
    })
}

/// Makes sure that an instance can become a type, of those that there are where it is.
///
/// # Errors
/// `conflict` when it is not stopped; `invalid_input` for a type that there is not, or that runs another architecture.
pub fn check_type_change(
    instance: &Instance,
    wanted: &InstanceTypeName,
    types: &[InstanceType],
) -> Result<()> {
    if let Some(reason) = type_change_refusal(instance.state) {
        return Err(Error::new(ErrorCode::Conflict, reason).with_hint("Stop it first."));
    }
    let Some(known) = types.iter().find(|known| known.name == *wanted) else {
        return Err(Error::invalid(format!("There is no instance type {wanted} in {}.", instance.region))
            .with_hint("GET /api/ec2/types lists those that there are."));
    };
    let architecture = instance.architecture.as_deref();
    if known.runs(architecture) {
        return Ok(());
    }
    Err(Error::invalid(format!(
        "{wanted} runs {}, and {} was built for {}.",
        known.architectures.join(", "),
        instance.id,
        architecture.unwrap_or("another architecture")
    ))
    .with_hint("Choose a type of the same architecture."))
}

#[cfg(test)]
mod tests {
    use super::{super::tests::instance, *};

    fn types() -> Vec<InstanceType> {
        [("t3.large", "x86_64"), ("m7g.large", "arm64")]
            .map(|(name, architecture)| InstanceType {
                name: name.parse().expect("a type"),
                vcpus: 2,
                memory_mib: 8_192,
                architectures: vec![architecture.to_owned()],
                current_generation: true,
            })
            .into()
    }

    #[test]
    fn names_are_checked() {
        for good in ["t3.medium", "u-6tb1.112xlarge", "c7gn.metal", "mac2-m2pro.metal"] {
            assert!(good.parse::<InstanceTypeName>().is_ok(), "{good}");
        }
        for bad in ["", "t3", "t3.", ".large", "T3.large", "t3.large ", "a.b.c", "t3.<b>"] {
            assert!(bad.parse::<InstanceTypeName>().is_err(), "{bad}");
        }
    }

    #[test]
    fn an_instance_changes_when_it_is_stopped_and_to_what_it_can_run_on() {
        let mut one = instance();
        one.architecture = Some("x86_64".to_owned());
        let code = |one: &Instance, name: &str| {
            check_type_change(one, &name.parse().expect("a type"), &types()).map_err(|error| error.code)
        };
        assert_eq!(code(&one, "t3.large"), Err(ErrorCode::Conflict));
        one.state = InstanceState::Stopped;
        assert_eq!(code(&one, "t3.large"), Ok(()));
        assert_eq!(code(&one, "m7g.large"), Err(ErrorCode::InvalidInput));
        assert_eq!(code(&one, "t3.huge"), Err(ErrorCode::InvalidInput));
        one.architecture = None;
        assert_eq!(code(&one, "m7g.large"), Ok(()), "AWS decides what it does not tell");
    }

    #[test]
    fn memory_is_told_in_its_unit() {
        for (mib, text) in [(512, "512 MiB"), (1_024, "1 GiB"), (1_536, "1.5 GiB"), (3_145_728, "3 TiB")] {
            assert_eq!(memory_text(mib), text);
        }
        assert_eq!(types()[0].summary(), "t3.large · 2 vCPU · 8 GiB");
    }
}
