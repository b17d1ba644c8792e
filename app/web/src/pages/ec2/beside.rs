//! What the list knows beside the instances themselves.

use std::collections::HashMap;

use nephoscope_model::{
    Account, Timestamp,
    ec2::{Instance, InstanceId, InstanceState, StatusChecks},
};

use super::prices::Prices;
use crate::components::time::duration_text;

/// What the list knows beside the instances themselves.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Beside {
    /// The accounts, which have names.
    pub accounts: Vec<Account>,
    /// What the status checks say, where that was read.
    pub checks: HashMap<InstanceId, StatusChecks>,
    /// What instances cost, where that was read.
    pub prices: Prices,
    /// What time it is, where that does not change what is rendered first.
    pub now: Option<Timestamp>,
}

impl Beside {
    /// The name of an instance's account, or its id.
    #[must_use]
    pub fn account_name<'a>(&'a self, instance: &'a Instance) -> &'a str {
        self.accounts
            .iter()
            .find(|account| account.id == instance.account)
            .map_or(instance.account.as_str(), |account| account.name.as_str())
    }

    /// What the status checks say of an instance.
    #[must_use]
    pub fn checks_of(&self, instance: &Instance) -> Option<&StatusChecks> {
        self.checks.get(&instance.id)
    }
}

/// Since when an instance is running; nothing when it is not.
#[must_use]
pub fn running_since(instance: &Instance) -> Option<Timestamp> {
    // AWS keeps the time of the last start when an instance is stopped.
    instance.launched_at.filter(|_| instance.state == InstanceState::Running)
}

/// How long an instance has been running; nothing when it is not, or when nobody knows what time it is.
#[must_use]
pub fn uptime_text(instance: &Instance, now: Option<Timestamp>) -> Option<String> {
    let millis = now?.as_millis() - running_since(instance)?.as_millis();
    Some(duration_text(millis).unwrap_or_else(|| "a moment".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::{super::query::tests::instance, *};

    #[test]
    fn only_what_runs_has_been_running() {
        let at = |text: &str| Timestamp::parse(text).ok();
        let mut one = instance(1, "web", "running");
        one.launched_at = at("2026-11-18T11:44:08Z");
        let now = at("2026-11-21T11:44:08Z");
        assert_eq!(uptime_text(&one, now).as_deref(), Some("3 days"));
        assert_eq!(uptime_text(&one, None), None);
        assert_eq!(uptime_text(&one, one.launched_at).as_deref(), Some("a moment"));
        one.state = InstanceState::Stopped;
        assert_eq!(uptime_text(&one, now), None);
    }
}
