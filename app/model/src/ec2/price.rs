//! What AWS's price list says an instance costs.

use serde::{Deserialize, Serialize};

use super::{Instance, InstanceState};
use crate::Region;

/// What a list price depends on: the region, the type and what runs on it. Tenancy is always shared.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct PriceKey {
    /// Such as `eu-west-1`.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "eu-west-1"))]
    pub region: Region,
    /// Such as `t3.medium`.
    pub instance_type: String,
    /// As EC2 tells it of an instance or image: `Linux/UNIX`, `Windows`, …
    pub platform: String,
}

impl PriceKey {
    /// What the price of an instance depends on; nothing for one that is gone, that has hardware of its own, that is in a zone with
    /// prices of its own, or of which AWS told too little.
    #[must_use]
    pub fn of(instance: &Instance) -> Option<Self> {
        let (region, instance_type, platform) = Self::parts_of(instance)?;
        Some(Self {
            region: region.clone(),
            instance_type: instance_type.to_owned(),
            platform: platform.to_owned(),
        })
    }

    /// The same, without a copy: region, type and platform.
    #[must_use]
    pub fn parts_of(instance: &Instance) -> Option<(&Region, &str, &str)> {
        let is_gone = instance.state == InstanceState::Terminated;
        let is_elsewhere = !instance.on_demand || instance.tenancy.is_some() || is_at_the_edge(instance);
        if is_gone || is_elsewhere || instance.instance_type.is_empty() {
            return None;
        }
        Some((&instance.region, &instance.instance_type, instance.platform.as_deref()?))
    }

    /// What a running instance of this kind is billed as: the price list's `operation`. Nothing for platforms that this version does not
    /// know, and for regions of which the price list is elsewhere.
    ///
    /// The codes are those of [AMI billing information](https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/billing-info-fields.html).
    #[must_use]
    pub fn billed_as(&self) -> Option<&'static str> {
        if ["cn-", "us-gov-", "us-iso", "eu-isoe-", "eusc-"]
            .iter()
            .any(|apart| self.region.as_str().starts_with(apart))
        {
            return None;
        }
        Some(match self.platform.as_str() {
            "Linux/UNIX" => "RunInstances",
            "Red Hat BYOL Linux" => "RunInstances:00g0",
            "Red Hat Enterprise Linux" => "RunInstances:0010",
            "Red Hat Enterprise Linux with HA" => "RunInstances:1010",
            "SQL Server Enterprise" => "RunInstances:0100",
            "SQL Server Standard" => "RunInstances:0004",
            "SQL Server Web" => "RunInstances:0200",
            "SUSE Linux" => "RunInstances:000g",
            "Ubuntu Pro" => "RunInstances:0g00",
            "Windows" => "RunInstances:0002",
            "Windows BYOL" => "RunInstances:0800",
            "Windows with SQL Server Enterprise" => "RunInstances:0102",
            "Windows with SQL Server Standard" => "RunInstances:0006",
            "Windows with SQL Server Web" => "RunInstances:0202",
            _ => return None,
        })
    }
}

/// The on-demand price of an instance that runs, as AWS lists it: without discounts, taxes, disks and traffic.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ListPrice {
    /// Of what.
    #[serde(flatten)]
    pub key: PriceKey,
    /// Millionths of a US dollar an hour; nothing when the list does not tell.
    pub micros_per_hour: Option<i64>,
}

/// Hours of an average month, by which AWS's calculator turns an hourly price into a monthly one.
pub const HOURS_OF_MONTH: i64 = 730;

/// Why the price of an instance cannot be looked for in the list; nothing when it can, or when there is nothing to pay any more.
#[must_use]
pub fn unpriced(instance: &Instance) -> Option<String> {
    if instance.state == InstanceState::Terminated || PriceKey::parts_of(instance).is_some() {
        return None;
    }
    Some(match &instance.tenancy {
        _ if !instance.on_demand => "it is not billed on demand".to_owned(),
        Some(tenancy) => format!("its tenancy is {tenancy}, which has other prices"),
        None if is_at_the_edge(instance) => format!("{} has prices of its own", instance.zone),
        None => "AWS does not tell as what it is billed".to_owned(),
    })
}

/// Whether it is in a Local Zone or a Wavelength Zone: the name of a zone of the region itself is the region's and a letter.
fn is_at_the_edge(instance: &Instance) -> bool {
    let letter = instance.zone.strip_prefix(instance.region.as_str());
    !instance.zone.is_empty() && letter.is_none_or(|letter| letter.len() != 1)
}

/// What an hourly price comes to in an average month, both in millionths of a dollar; to the cent.
#[must_use]
pub const fn monthly(micros_per_hour: i64) -> i64 {
    (micros_per_hour.saturating_mul(HOURS_OF_MONTH).saturating_add(5_000) / 10_000).saturating_mul(10_000)
}

/// An hourly price by the month, for people: `$1,240.27`.
#[must_use]
pub fn month_text(micros_per_hour: i64) -> String {
    let cents = monthly(micros_per_hour) / 10_000;
    format!("${}.{:02}", grouped(cents / 100), cents % 100)
}

/// What many hourly prices come to in a month, for people: with cents only as long as they matter.
#[must_use]
pub fn sum_text(micros_per_hour: i64) -> String {
    let dollars = (monthly(micros_per_hour) + 500_000) / 1_000_000;
    if dollars < 100 { month_text(micros_per_hour) } else { format!("${}", grouped(dollars)) }
}

/// A number with a comma before each three digits.
fn grouped(number: i64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A price for people: `$0.0416` for 41,600 millionths of a dollar. At least two decimals, and as many as it has.
#[must_use]
pub fn dollars(micros: i64) -> String {
    let (whole, rest) = (micros / 1_000_000, (micros % 1_000_000).abs());
    let sign = if micros < 0 { "-" } else { "" };
    let decimals = format!("{rest:06}");
    let kept = decimals.trim_end_matches('0').len().max(2);
    format!("{sign}${}.{}", whole.abs(), &decimals[..kept])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(region: &str, platform: &str) -> PriceKey {
        PriceKey {
            region: region.parse().expect("a region"),
            instance_type: "t3.medium".to_owned(),
            platform: platform.to_owned(),
        }
    }

    #[test]
    fn a_platform_is_billed_as_its_code_where_there_is_a_list() {
        assert_eq!(key("eu-west-1", "Linux/UNIX").billed_as(), Some("RunInstances"));
        assert_eq!(key("eu-west-1", "Windows").billed_as(), Some("RunInstances:0002"));
        assert_eq!(key("eu-west-1", "OS/2").billed_as(), None);
        assert_eq!(key("us-gov-west-1", "Linux/UNIX").billed_as(), None);
        assert_eq!(key("cn-north-1", "Linux/UNIX").billed_as(), None);
    }

    #[test]
    fn a_month_is_told_to_the_cent_and_a_large_sum_to_the_dollar() {
        for (micros, text, sum) in [
            (10_400, "$7.59", "$7.59"),
            (41_600, "$30.37", "$30.37"),
            (1_700_000, "$1,241.00", "$1,241"),
            (2_000_000_000, "$1,460,000.00", "$1,460,000"),
            (0, "$0.00", "$0.00"),
        ] {
            assert_eq!((month_text(micros).as_str(), sum_text(micros).as_str()), (text, sum));
        }
    }

    #[test]
    fn what_has_hardware_of_its_own_or_is_gone_has_no_price_of_the_list() {
        let mut one = super::super::tests::instance();
        one.platform = Some("Linux/UNIX".to_owned());
        assert_eq!(PriceKey::of(&one), Some(key("eu-west-1", "Linux/UNIX")));
        assert_eq!(unpriced(&one), None);
        one.tenancy = Some("dedicated".to_owned());
        assert_eq!(PriceKey::of(&one), None);
        assert!(unpriced(&one).is_some_and(|reason| reason.contains("dedicated")));
        one.tenancy = None;
        one.zone = "eu-west-1-lhr-1a".to_owned();
        assert_eq!(PriceKey::of(&one), None);
        assert!(unpriced(&one).is_some_and(|reason| reason.contains("lhr")));
        one.zone = String::new();
        assert!(PriceKey::of(&one).is_some());
        one.platform = None;
        assert!(PriceKey::of(&one).is_none() && unpriced(&one).is_some());
        let spot = Instance { on_demand: false, ..super::super::tests::instance() };
        assert!(unpriced(&spot).is_some_and(|reason| reason.contains("not billed on demand")));
        one.state = InstanceState::Terminated;
        assert_eq!(unpriced(&one), None);
    }

    #[test]
    fn dollars_keep_their_decimals() {
        for (micros, text) in [
            (41_600, "$0.0416"),
            (100_000, "$0.10"),
            (5_200, "$0.0052"),
            (32_772_600_000, "$32772.60"),
            (0, "$0.00"),
            (-1_500_000, "-$1.50"),
        ] {
            assert_eq!(dollars(micros), text);
        }
    }
}
