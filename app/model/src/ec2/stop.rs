//! How an instance is stopped.

use serde::{Deserialize, Serialize};

use super::{Instance, InstanceState};
use crate::{Error, ErrorCode, Result};

/// How an instance is stopped; as it is, the operating system is asked to shut down.
/// [StopInstances](https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_StopInstances.html)
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct StopOptions {
    /// Shut it down by force when its operating system does not within AWS's time: what was not written to disk is lost.
    pub force: bool,
    /// Write its memory to the root disk first, to go on with it at the next start. Only instances that were launched for it can.
    pub hibernate: bool,
}

impl StopOptions {
    /// Makes sure that the instance can be stopped like this.
    ///
    /// # Errors
    /// `conflict`, with the reason why it cannot hibernate.
    pub fn check(self, instance: &Instance) -> Result<()> {
        let Some(reason) = hibernation_refusal(instance).filter(|_| self.hibernate) else { return Ok(()) };
        Err(Error::new(ErrorCode::Conflict, reason).with_hint("Stop it without hibernating."))
    }

    /// How, for the record of what was done; nothing for the usual way.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match (self.force, self.hibernate) {
            (false, false) => "",
            (true, false) => "by force",
            (false, true) => "hibernating",
            (true, true) => "hibernating, by force",
        }
    }
}

/// Why an instance cannot hibernate now; nothing when it can.
#[must_use]
pub fn hibernation_refusal(instance: &Instance) -> Option<String> {
    if !instance.hibernation {
        return Some("It was not launched with hibernation enabled, so it cannot hibernate.".to_owned());
    }
    if instance.state != InstanceState::Running {
        return Some(format!("An instance that is {} cannot hibernate.", instance.state.as_str()));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{super::tests::instance, *};

    #[test]
    fn only_a_running_instance_that_was_launched_for_it_hibernates() {
        let hibernate = StopOptions { hibernate: true, force: false };
        let mut one = instance();
        assert_eq!(hibernate.check(&one).map_err(|error| error.code), Err(ErrorCode::Conflict));
        assert!(StopOptions { hibernate: false, force: true }.check(&one).is_ok());
        one.hibernation = true;
        assert!(hibernate.check(&one).is_ok() && hibernation_refusal(&one).is_none());
        one.state = InstanceState::Stopped;
        assert!(hibernation_refusal(&one).is_some_and(|reason| reason.contains("stopped")));
    }

    #[test]
    fn a_misspelt_option_is_not_a_plain_stop() {
        assert_eq!(serde_json::from_str::<StopOptions>("{}").ok(), Some(StopOptions::default()));
        let forced = serde_json::from_str::<StopOptions>(r#"{"force":true}"#).expect("good");
        assert_eq!((forced.words(), forced.hibernate), ("by force", false));
        assert!(serde_json::from_str::<StopOptions>(r#"{"hibernat":true}"#).is_err());
    }
}
