//! Everything that can be asked of nephoscope, by name: what the audit records and what permission each needs.

use serde::{Deserialize, Serialize};

use crate::identity::Permission;

macro_rules! operations {
    ($($(#[$doc:meta])* $name:ident = $text:literal needs $permission:ident),+ $(,)?) => {
        /// An operation. The names on the wire (`ec2.stop`) are public API.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[non_exhaustive]
        pub enum Operation {
            $($(#[$doc])* #[serde(rename = $text)] $name,)+
        }

        impl Operation {
            /// Every operation there is.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// `noun.verb`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text),+ }
            }

            /// What a caller needs.
            #[must_use]
            pub const fn permission(self) -> Permission {
                match self { $(Self::$name => Permission::$permission),+ }
            }
        }
    };
}

operations! {
    /// Log in with a password.
    LogIn = "session.login" needs Read,
    /// Exchange a refresh token for the next.
    RefreshSession = "session.refresh" needs Read,
    /// End a session.
    LogOut = "session.logout" needs Read,
    /// List instances.
    ListInstances = "ec2.list" needs Read,
    /// Look at one instance.
    GetInstance = "ec2.get" needs Read,
    /// Start an instance.
    StartInstance = "ec2.start" needs Operate,
    /// Stop an instance.
    StopInstance = "ec2.stop" needs Operate,
    /// Reboot an instance.
    RebootInstance = "ec2.reboot" needs Operate,
    /// Terminate an instance.
    TerminateInstance = "ec2.terminate" needs Operate,
    /// List the metrics of an instance.
    ListMetrics = "metrics.list" needs Read,
    /// Read statistics of a metric.
    GetStats = "metrics.stats" needs Read,
    /// Follow a metric.
    WatchMetric = "metrics.watch" needs Read,
    /// List log groups.
    ListLogGroups = "logs.groups" needs Read,
    /// List the streams of a log group.
    ListLogStreams = "logs.streams" needs Read,
    /// Follow log lines.
    TailLogs = "logs.tail" needs Read,
    /// Follow the states of instances.
    WatchInstances = "ec2.watch" needs Read,
    /// Read the audit.
    QueryAudit = "audit.query" needs Administer,
    /// Read one's own part of the audit.
    QueryOwnAudit = "audit.own" needs Read,
    /// Add a user.
    AddUser = "user.add" needs Administer,
    /// List users.
    ListUsers = "user.list" needs Administer,
    /// Set a user's password.
    SetPassword = "user.passwd" needs Administer,
    /// Disable or enable a user.
    DisableUser = "user.disable" needs Administer,
    /// Remove a user.
    RemoveUser = "user.remove" needs Administer,
}

impl Operation {
    /// Whether it changes something, in AWS or here: such operations are recorded before and after.
    #[must_use]
    pub const fn is_change(self) -> bool {
        matches!(
            self,
            Self::StartInstance
                | Self::StopInstance
                | Self::RebootInstance
                | Self::TerminateInstance
                | Self::AddUser
                | Self::SetPassword
                | Self::DisableUser
                | Self::RemoveUser
        )
    }
}

impl std::fmt::Display for Operation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for Operation {
    type Err = crate::Error;

    fn from_str(text: &str) -> crate::Result<Self> {
        Self::ALL.iter().copied().find(|operation| operation.as_str() == text).ok_or_else(|| {
            crate::Error::invalid(format!("{:?} is not an operation.", crate::error::shorten(text, 40)))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_every_change_in_aws_needs_more_than_reading() {
        let mut names: Vec<_> = Operation::ALL.iter().map(|op| op.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Operation::ALL.len());
        for operation in Operation::ALL.iter().filter(|operation| operation.is_change()) {
            assert_ne!(operation.permission(), Permission::Read, "{operation}");
        }
    }
}
