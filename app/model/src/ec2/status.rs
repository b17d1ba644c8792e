//! What EC2's status checks say of instances.

use serde::{Deserialize, Serialize};

use super::{InstanceId, InstanceState};
use crate::Timestamp;

/// What one check says, or all of them together, in EC2's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum CheckStatus {
    /// There is nothing to check, since it does not run.
    NotApplicable,
    /// All is well.
    Ok,
    /// It has just started.
    Initializing,
    /// A word that this version does not know.
    Unknown,
    /// Nothing was measured for a while.
    InsufficientData,
    /// Something is wrong.
    Impaired,
}

impl CheckStatus {
    /// All that AWS documents, the better before the worse.
    pub const ALL: [Self; 5] =
        [Self::NotApplicable, Self::Ok, Self::Initializing, Self::InsufficientData, Self::Impaired];

    /// EC2's word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotApplicable => "not-applicable",
            Self::Ok => "ok",
            Self::Initializing => "initializing",
            Self::Unknown => "unknown",
            Self::InsufficientData => "insufficient-data",
            Self::Impaired => "impaired",
        }
    }

    /// From EC2's word; anything new is `Unknown`.
    #[must_use]
    pub fn from_aws(word: &str) -> Self {
        Self::ALL.into_iter().find(|status| status.as_str() == word).unwrap_or(Self::Unknown)
    }

    /// For people.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::NotApplicable => "not applicable",
            Self::Ok => "passed",
            Self::Initializing => "initializing",
            Self::Unknown => "unknown",
            Self::InsufficientData => "insufficient data",
            Self::Impaired => "impaired",
        }
    }
}

/// Something that AWS is going to do to an instance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ScheduledEvent {
    /// Such as `instance-retirement`.
    pub code: String,
    /// In AWS's words.
    pub description: String,
    /// When it begins at the earliest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub not_before: Option<Timestamp>,
    /// When it ends at the latest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub not_after: Option<Timestamp>,
    /// Until when its begin can be put off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub not_before_deadline: Option<Timestamp>,
}

impl ScheduledEvent {
    /// Whether it has happened, or will not. AWS goes on listing such for a week, and says so in the description only.
    #[must_use]
    pub fn is_over(&self) -> bool {
        ["[Completed]", "[Canceled]"].iter().any(|word| self.description.starts_with(word))
    }

    /// In a few words: `retirement on 2026-12-14`.
    #[must_use]
    pub fn words(&self) -> String {
        let what = self.code.strip_prefix("instance-").unwrap_or(&self.code).replace('-', " ");
        match self.not_before {
            Some(at) => format!("{what} on {}", at.to_utc_text().split(' ').next().unwrap_or_default()),
            None => what,
        }
    }
}

/// What is checked of one instance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct StatusChecks {
    /// The instance.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "i-0123456789abcdef0"))]
    pub id: InstanceId,
    /// The machine that it runs on.
    pub system: CheckStatus,
    /// Its own network and operating system.
    pub instance: CheckStatus,
    /// The disks attached to it; AWS does not tell of every instance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attached_disks: Option<CheckStatus>,
    /// What AWS is going to do to it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<ScheduledEvent>,
}

impl StatusChecks {
    /// Each check and what it checks.
    pub fn each(&self) -> impl Iterator<Item = (&'static str, CheckStatus)> {
        let first = [("System", self.system), ("Instance", self.instance)];
        first.into_iter().chain(self.attached_disks.map(|disks| ("Attached disks", disks)))
    }

    /// The worst of all.
    #[must_use]
    pub fn overall(&self) -> CheckStatus {
        self.each().map(|(_, status)| status).max().unwrap_or(CheckStatus::Unknown)
    }

    /// What AWS is still going to do to it.
    pub fn pending(&self) -> impl Iterator<Item = &ScheduledEvent> {
        self.events.iter().filter(|event| !event.is_over())
    }

    /// What must not be overlooked of an instance in that state, which may be newer than the checks: that it is impaired, and what AWS is
    /// going to do to it. Empty when all is well.
    #[must_use]
    pub fn warnings(&self, state: InstanceState) -> Vec<String> {
        use InstanceState as S;
        if matches!(state, S::ShuttingDown | S::Terminated) {
            return Vec::new();
        }
        let is_impaired = state == S::Running && self.overall() == CheckStatus::Impaired;
        let impaired = is_impaired.then(|| CheckStatus::Impaired.label().to_owned());
        impaired.into_iter().chain(self.pending().map(ScheduledEvent::words)).collect()
    }

    /// For people: `2/2 passed`, `1/2 passed, impaired`, `initializing`; nothing when there is nothing to check.
    #[must_use]
    pub fn summary(&self) -> String {
        let applicable = self.each().filter(|(_, status)| *status != CheckStatus::NotApplicable);
        let (mut all, mut passed) = (0, 0);
        for (_, status) in applicable {
            all += 1;
            passed += usize::from(status == CheckStatus::Ok);
        }
        match self.overall() {
            CheckStatus::NotApplicable => String::new(),
            CheckStatus::Ok => format!("{passed}/{all} passed"),
            worst if passed == 0 => worst.label().to_owned(),
            worst => format!("{passed}/{all} passed, {}", worst.label()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checks(system: CheckStatus, instance: CheckStatus, disks: Option<CheckStatus>) -> StatusChecks {
        let id = "i-0123456789abcdef0".parse().expect("an id");
        StatusChecks { id, system, instance, attached_disks: disks, events: Vec::new() }
    }

    #[test]
    fn words_are_those_of_ec2() {
        for status in CheckStatus::ALL {
            assert_eq!(CheckStatus::from_aws(status.as_str()), status);
            assert_eq!(serde_json::to_value(status).ok(), Some(status.as_str().into()));
        }
        assert_eq!(CheckStatus::from_aws("dizzy"), CheckStatus::Unknown);
    }

    #[test]
    fn the_worst_check_counts_and_those_that_passed_are_counted() {
        use CheckStatus as C;
        for (checks, overall, text) in [
            (checks(C::Ok, C::Ok, Some(C::Ok)), C::Ok, "3/3 passed"),
            (checks(C::Ok, C::Ok, Some(C::NotApplicable)), C::Ok, "2/2 passed"),
            (checks(C::Ok, C::Impaired, None), C::Impaired, "1/2 passed, impaired"),
            (checks(C::Initializing, C::Initializing, None), C::Initializing, "initializing"),
            (checks(C::NotApplicable, C::NotApplicable, None), C::NotApplicable, ""),
        ] {
            assert_eq!((checks.overall(), checks.summary().as_str()), (overall, text));
        }
    }

    #[test]
    fn what_is_impaired_or_about_to_happen_is_a_warning_and_what_is_over_is_none() {
        let event = |code: &str, description: &str, not_before: Option<&str>| ScheduledEvent {
            code: code.to_owned(),
            description: description.to_owned(),
            not_before: not_before.and_then(|at| Timestamp::parse(at).ok()),
            not_after: None,
            not_before_deadline: None,
        };
        let mut one = checks(CheckStatus::Ok, CheckStatus::Ok, None);
        assert!(one.warnings(InstanceState::Running).is_empty());
        one.events = vec![
            event("instance-reboot", "[Completed] done", None),
            event("system-reboot", "[Canceled] not needed", None),
        ];
        assert!(one.warnings(InstanceState::Running).is_empty());
        one.system = CheckStatus::Impaired;
        one.events.push(event(
            "instance-retirement",
            "It runs on old hardware",
            Some("2026-12-14T10:00:00Z"),
        ));
        one.events.push(event("system-maintenance", "", None));
        let events = ["retirement on 2026-12-14", "system maintenance"];
        assert_eq!(one.warnings(InstanceState::Running), ["impaired", events[0], events[1]]);
        assert_eq!(one.warnings(InstanceState::Stopped), events, "the checks are older than that");
        assert!(one.warnings(InstanceState::Terminated).is_empty());
    }
}
