//! The columns of the list: what each shows, and how it sorts.

use std::cmp::Ordering;

use nephoscope_model::ec2::{Instance, StatusChecks, Tag, month_text};

use super::{
    beside::{Beside, running_since, uptime_text},
    prices::Price,
};
use crate::{
    listing::{self, Column as _},
    sorting::{missing_last, natural},
};

/// A column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// The name; those without one come last. It is always shown, since it leads to the instance.
    Name,
    /// The id.
    Id,
    /// The state, in the order of life.
    State,
    /// What EC2's status checks say, the worse after the better.
    Status,
    /// The type: by family, and within it by size.
    Type,
    /// What a month of it costs by AWS's price list.
    Price,
    /// The availability zone.
    Zone,
    /// The region.
    Region,
    /// The account's name.
    Account,
    /// The private address, as a number.
    PrivateIp,
    /// The public address, as a number.
    PublicIp,
    /// When it was started; descending shows the newest first.
    Launched,
    /// How long it has been running.
    Uptime,
    /// The operating system, as AWS bills it.
    Platform,
    /// The architecture of its processor.
    Architecture,
    /// The image it was started from.
    Image,
    /// Its network.
    Vpc,
    /// Its subnet.
    Subnet,
    /// The names of its security groups.
    SecurityGroups,
    /// The SSH key pair.
    KeyPair,
    /// The tags but for the name.
    Tags,
}

impl listing::Column for Column {
    fn key(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Id => "id",
            Self::State => "state",
            Self::Status => "status",
            Self::Type => "type",
            Self::Price => "price",
            Self::Zone => "zone",
            Self::Region => "region",
            Self::Account => "account",
            Self::PrivateIp => "private-ip",
            Self::PublicIp => "public-ip",
            Self::Launched => "launched",
            Self::Uptime => "uptime",
            Self::Platform => "platform",
            Self::Architecture => "architecture",
            Self::Image => "image",
            Self::Vpc => "vpc",
            Self::Subnet => "subnet",
            Self::SecurityGroups => "security-groups",
            Self::KeyPair => "key-pair",
            Self::Tags => "tags",
        }
    }

    fn label(self) -> &'static str {
        match self {
            Self::Name => "Name",
            Self::Id => "Instance ID",
            Self::State => "State",
            Self::Status => "Status checks",
            Self::Type => "Type",
            Self::Price => "Price",
            Self::Zone => "Zone",
            Self::Region => "Region",
            Self::Account => "Account",
            Self::PrivateIp => "Private IP",
            Self::PublicIp => "Public IP",
            Self::Launched => "Launched",
            Self::Uptime => "Uptime",
            Self::Platform => "Platform",
            Self::Architecture => "Architecture",
            Self::Image => "Image",
            Self::Vpc => "VPC",
            Self::Subnet => "Subnet",
            Self::SecurityGroups => "Security groups",
            Self::KeyPair => "Key pair",
            Self::Tags => "Tags",
        }
    }

    fn is_usual(self) -> bool {
        matches!(
            self,
            Self::Name
                | Self::Id
                | Self::State
                | Self::Type
                | Self::Price
                | Self::Zone
                | Self::Account
                | Self::PrivateIp
                | Self::PublicIp
                | Self::Launched
                | Self::Tags
        )
    }

    fn begins_descending(self) -> bool {
        // The newest first is what everybody wants of a time, of checks what is wrong, and of prices the highest.
        matches!(self, Self::Launched | Self::Status | Self::Price)
    }

    fn is_sortable(self) -> bool {
        !matches!(self, Self::Tags)
    }
}

impl Column {
    /// All of them, from left to right.
    pub const ALL: &[Self] = &[
        Self::Name,
        Self::Id,
        Self::State,
        Self::Status,
        Self::Type,
        Self::Price,
        Self::Zone,
        Self::Region,
        Self::Account,
        Self::PrivateIp,
        Self::PublicIp,
        Self::Launched,
        Self::Uptime,
        Self::Platform,
        Self::Architecture,
        Self::Image,
        Self::Vpc,
        Self::Subnet,
        Self::SecurityGroups,
        Self::KeyPair,
        Self::Tags,
    ];

    /// As it stands above the column of a file, where a number says nothing of its unit.
    #[must_use]
    pub fn file_label(self) -> &'static str {
        match self {
            Self::Price => "Price (USD a month)",
            other => other.label(),
        }
    }

    /// What a file says of an instance: as [`Self::text`], but numbers are numbers.
    #[must_use]
    pub fn file_text(self, instance: &Instance, beside: &Beside) -> String {
        match (self, beside.prices.of(instance)) {
            (Self::Price, Price::Hourly(micros)) => month_text(micros).replace(['$', ','], ""),
            (Self::Price, Price::Unknown(_)) => "unknown".to_owned(),
            (column, _) => column.text(instance, beside),
        }
    }

    /// What it says of an instance, as plain text; empty when there is nothing to say. Times are UTC.
    #[must_use]
    pub fn text(self, instance: &Instance, beside: &Beside) -> String {
        let known = |text: &Option<String>| text.clone().unwrap_or_default();
        match self {
            Self::Name => instance.name.clone(),
            Self::Id => instance.id.to_string(),
            Self::State => instance.state.as_str().to_owned(),
            Self::Status => beside.checks_of(instance).map(StatusChecks::summary).unwrap_or_default(),
            Self::Type => instance.instance_type.clone(),
            Self::Price => beside.prices.hourly(instance).map(month_text).unwrap_or_default(),
            Self::Zone => instance.zone.clone(),
            Self::Region => instance.region.to_string(),
            Self::Account => beside.account_name(instance).to_owned(),
            Self::PrivateIp => known(&instance.private_ip),
            Self::PublicIp => known(&instance.public_ip),
            Self::Launched => instance.launched_at.map(|at| at.to_string()).unwrap_or_default(),
            Self::Uptime => uptime_text(instance, beside.now).unwrap_or_default(),
            Self::Platform => known(&instance.platform),
            Self::Architecture => known(&instance.architecture),
            Self::Image => known(&instance.image_id),
            Self::Vpc => known(&instance.vpc_id),
            Self::Subnet => known(&instance.subnet_id),
            Self::SecurityGroups => instance.security_groups.join(", "),
            Self::KeyPair => known(&instance.key_name),
            Self::Tags => tag_texts(&instance.tags).join("; "),
        }
    }

    /// The order of two instances by this column alone. What is missing comes last, in both directions.
    #[must_use]
    pub fn compare(self, a: &Instance, b: &Instance, descending: bool, beside: &Beside) -> Ordering {
        let directed = |order: Ordering| if descending { order.reverse() } else { order };
        match self {
            Self::Name => missing_last(text(&a.name), text(&b.name), descending, |a, b| natural(a, b)),
            Self::Id => directed(a.id.cmp(&b.id)),
            Self::State => directed(a.state.cmp(&b.state)),
            Self::Status => {
                let worst = |it| beside.checks_of(it).map(StatusChecks::overall);
                missing_last(worst(a), worst(b), descending, Ord::cmp)
            }
            Self::Type => directed(type_key(&a.instance_type).cmp(&type_key(&b.instance_type))),
            Self::Price => {
                let hourly = |it| beside.prices.hourly(it);
                missing_last(hourly(a), hourly(b), descending, Ord::cmp)
            }
            Self::Zone => directed(a.zone.cmp(&b.zone)),
            Self::Region => directed(a.region.cmp(&b.region)),
            Self::Account => directed(beside.account_name(a).cmp(beside.account_name(b))),
            Self::PrivateIp => missing_last(ip(&a.private_ip), ip(&b.private_ip), descending, Ord::cmp),
            Self::PublicIp => missing_last(ip(&a.public_ip), ip(&b.public_ip), descending, Ord::cmp),
            Self::Launched => missing_last(a.launched_at, b.launched_at, descending, Ord::cmp),
            // What was started last has been running for the shortest time.
            Self::Uptime => missing_last(running_since(a), running_since(b), !descending, Ord::cmp),
            Self::Platform
            | Self::Architecture
            | Self::Image
            | Self::Vpc
            | Self::Subnet
            | Self::SecurityGroups
            | Self::KeyPair => {
                let (a, b) = (self.text(a, beside), self.text(b, beside));
                missing_last(text(&a), text(&b), descending, |a, b| natural(a, b))
            }
            Self::Tags => Ordering::Equal,
        }
    }
}

/// The tags but for the name, which has a column of its own, as `key=value`.
#[must_use]
pub fn tag_texts(tags: &[Tag]) -> Vec<String> {
    let text = |tag: &Tag| {
        if tag.value.is_empty() { tag.key.clone() } else { format!("{}={}", tag.key, tag.value) }
    };
    tags.iter().filter(|tag| tag.key != "Name").map(text).collect()
}

fn text(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

fn ip(address: &Option<String>) -> Option<std::net::Ipv4Addr> {
    address.as_deref()?.parse().ok()
}

/// `t3.medium` as its family and the rank of its size.
fn type_key(instance_type: &str) -> (&str, u32, &str) {
    let (family, size) = instance_type.split_once('.').unwrap_or((instance_type, ""));
    let rank = match size {
        "nano" => 1,
        "micro" => 2,
        "small" => 3,
        "medium" => 4,
        "large" => 5,
        "xlarge" => 6,
        "metal" => 1_000,
        other => match other.strip_suffix("xlarge").and_then(|times| times.parse::<u32>().ok()) {
            Some(times) => times.saturating_add(6),
            None => 1_001,
        },
    };
    (family, rank, size)
}

#[cfg(test)]
mod tests;
