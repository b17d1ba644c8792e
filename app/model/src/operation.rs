//! Everything that can be asked of nephoscope, by name: what the audit records and what permission each needs.

use serde::{Deserialize, Serialize};

use crate::identity::Permission;

/// What people are told whose change is refused, in the same words everywhere.
pub const READ_ONLY_TEXT: &str = "nephoscope is read-only now: nothing can be changed.";

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
    /// A refresh token came a second time: its session was ended.
    ReuseToken = "session.reuse" needs Read,
    /// List one's own sessions and tokens.
    ListOwn = "me.get" needs Read,
    /// End one of one's own sessions.
    EndSession = "session.end" needs Read,
    /// End all of one's own sessions.
    EndAllSessions = "session.end_all" needs Read,
    /// Replace one's own password.
    ChangePassword = "me.passwd" needs Own,
    /// Set a password by a link that an administrator made.
    RedeemLink = "me.redeem" needs Own,
    /// Begin to use a second factor.
    AddFactor = "me.factor_add" needs Own,
    /// Go on without a second factor.
    RemoveFactor = "me.factor_remove" needs Own,
    /// Make a token for a program.
    AddToken = "token.add" needs Own,
    /// Remove a token for a program.
    RemoveToken = "token.remove" needs Own,
    /// List instances.
    ListInstances = "ec2.list" needs Read,
    /// Look at one instance.
    GetInstance = "ec2.get" needs Read,
    /// Read the list prices of instances.
    ListPrices = "ec2.prices" needs Read,
    /// Read whether instances are protected against termination.
    ReadProtection = "ec2.protection" needs Read,
    /// Put an instance under termination protection, or lift that.
    SetProtection = "ec2.protect" needs Operate,
    /// List the instance types of a region.
    ListInstanceTypes = "ec2.types" needs Read,
    /// Make a stopped instance one of another type.
    SetInstanceType = "ec2.type" needs Operate,
    /// List the status checks of instances.
    ListStatusChecks = "ec2.statuses" needs Read,
    /// Look at the status checks of one instance.
    GetStatusChecks = "ec2.status" needs Read,
    /// Read what an instance wrote to its console, which may hold secrets.
    ReadConsole = "ec2.console_output" needs Operate,
    /// Look at the screen of an instance, which may show secrets.
    TakeScreenshot = "ec2.console_screenshot" needs Operate,
    /// List what there is to launch instances with.
    ListLaunchChoices = "ec2.launch_choices" needs Read,
    /// Ask AWS whether it would launch instances, without doing it.
    CheckLaunch = "ec2.launch_check" needs Operate,
    /// Launch instances.
    LaunchInstances = "ec2.launch" needs Operate,
    /// Start an instance.
    StartInstance = "ec2.start" needs Operate,
    /// Stop an instance.
    StopInstance = "ec2.stop" needs Operate,
    /// Reboot an instance.
    RebootInstance = "ec2.reboot" needs Operate,
    /// Terminate an instance.
    TerminateInstance = "ec2.terminate" needs Operate,
    /// Undo a termination that waits for its time.
    UndoTermination = "ec2.undo_terminate" needs Operate,
    /// Look which instances are about to be terminated.
    ListTerminations = "ec2.terminations" needs Read,
    /// List Lambda functions.
    ListFunctions = "lambda.list" needs Read,
    /// Look at one function, without the values of its environment.
    GetFunction = "lambda.get" needs Read,
    /// Read the values of a function's environment, which may be secrets.
    ReadEnvironment = "lambda.environment" needs Operate,
    /// Invoke a function.
    InvokeFunction = "lambda.invoke" needs Operate,
    /// Create a function, or bring it new code.
    DeployFunction = "lambda.deploy" needs Operate,
    /// Delete a function with all its versions and aliases.
    DeleteFunction = "lambda.delete" needs Operate,
    /// List the versions of a function.
    ListFunctionVersions = "lambda.versions" needs Read,
    /// Publish a version of a function.
    PublishVersion = "lambda.publish" needs Operate,
    /// List the aliases of a function.
    ListAliases = "lambda.aliases" needs Read,
    /// Create an alias of a function, or move it to another version.
    SetAlias = "lambda.alias" needs Operate,
    /// Move an alias to the version before the one it stands for.
    RollBackAlias = "lambda.rollback" needs Operate,
    /// Delete an alias of a function.
    DeleteAlias = "lambda.alias_delete" needs Operate,
    /// Reserve invocations at once for a function, or share them again.
    SetConcurrency = "lambda.concurrency" needs Operate,
    /// Read what functions did in the last day.
    ReadFunctionMetrics = "lambda.metrics" needs Read,
    /// Read the errors that a function wrote to its log.
    ReadFunctionErrors = "lambda.errors" needs Read,
    /// Read what one invocation wrote to the log.
    ReadInvocationLog = "lambda.log" needs Read,
    /// List the test events that are kept for a function.
    ListTestEvents = "lambda.events" needs Read,
    /// Keep a test event for a function.
    SaveTestEvent = "lambda.event_save" needs Operate,
    /// Forget a test event.
    RemoveTestEvent = "lambda.event_remove" needs Operate,
    /// Add, change and remove tags of an instance, a volume or another thing of EC2.
    SetTags = "ec2.tags" needs Operate,
    /// List volumes.
    ListVolumes = "ec2.volumes" needs Read,
    /// List snapshots.
    ListSnapshots = "ec2.snapshots" needs Read,
    /// List elastic addresses.
    ListAddresses = "ec2.addresses" needs Read,
    /// List security groups.
    ListSecurityGroups = "ec2.security_groups" needs Read,
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
    /// List buckets.
    ListBuckets = "s3.buckets" needs Read,
    /// Look at how a bucket is configured.
    GetBucket = "s3.bucket" needs Read,
    /// Make a bucket.
    CreateBucket = "s3.create" needs Operate,
    /// Delete a bucket.
    DeleteBucket = "s3.delete" needs Operate,
    /// List the objects of a bucket.
    ListObjects = "s3.objects" needs Read,
    /// Read an object.
    ReadObject = "s3.read" needs Read,
    /// Write an object.
    UploadObject = "s3.upload" needs Operate,
    /// Begin to upload a file in parts.
    BeginUpload = "s3.upload_begin" needs Operate,
    /// Upload a part of a file. There is nothing new to see before all parts are there.
    UploadPart = "s3.upload_part" needs Operate,
    /// Look which parts of an upload are there.
    ListParts = "s3.upload_parts" needs Operate,
    /// Write an object of parts that were uploaded.
    CompleteUpload = "s3.upload_complete" needs Operate,
    /// Give up an upload in parts.
    AbortUpload = "s3.upload_abort" needs Operate,
    /// Delete an object.
    DeleteObject = "s3.object_delete" needs Operate,
    /// Delete many objects at once.
    DeleteObjects = "s3.objects_delete" needs Operate,
    /// Delete everything in a bucket, with all versions and unfinished uploads.
    EmptyBucket = "s3.empty" needs Operate,
    /// Look how far the emptying of a bucket is.
    WatchEmptying = "s3.empty_watch" needs Read,
    /// Stop the emptying of a bucket.
    CancelEmptying = "s3.empty_cancel" needs Operate,
    /// Look at what is known of an object.
    GetObject = "s3.object" needs Read,
    /// List the versions of objects.
    ListObjectVersions = "s3.versions" needs Read,
    /// Make an earlier version of an object the present one, or bring a deleted object back.
    RestoreVersion = "s3.restore" needs Operate,
    /// Make a link with which anybody can read an object for a while.
    PresignObject = "s3.presign" needs Operate,
    /// Copy an object.
    CopyObject = "s3.copy" needs Operate,
    /// Give an object another key.
    RenameObject = "s3.rename" needs Operate,
    /// Look for objects by a part of their keys.
    SearchObjects = "s3.search" needs Read,
    /// Add, change and remove tags of a bucket.
    SetBucketTags = "s3.tags" needs Operate,
    /// Let a bucket keep the versions of its objects, or no more.
    SetVersioning = "s3.versioning" needs Operate,
    /// Read the audit.
    QueryAudit = "audit.query" needs Administer,
    /// Read one's own part of the audit.
    QueryOwnAudit = "audit.own" needs Read,
    /// Follow the audit: administrators all of it, others their own part.
    WatchAudit = "audit.watch" needs Read,
    /// Take records of the audit away in a file: administrators all, others their own.
    ExportAudit = "audit.export" needs Read,
    /// Check that the audit is what it was.
    VerifyAudit = "audit.verify" needs Administer,
    /// Remove the oldest records of the audit.
    RetainAudit = "audit.retain" needs Administer,
    /// Read how often AWS was called, for whom and what it cost.
    ReadUsage = "usage.read" needs Administer,
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
    /// Give a user another role.
    SetRole = "user.role" needs Administer,
    /// Give a user another e-mail address, or none.
    SetEmail = "user.email" needs Administer,
    /// Grant a user a role in one account, or take it back.
    SetGrant = "user.grant" needs Administer,
    /// Take a user's second factor away, for when the device is lost.
    ResetFactor = "user.factor_reset" needs Administer,
    /// Make a link with which a user sets a new password.
    ResetPassword = "user.reset" needs Administer,
    /// List the accounts and where they come from.
    ListAccounts = "account.list" needs Read,
    /// Add an account.
    AddAccount = "account.add" needs Administer,
    /// Change an account.
    EditAccount = "account.edit" needs Administer,
    /// Remove an account.
    RemoveAccount = "account.remove" needs Administer,
    /// Try whether an account can be entered, and what the credentials may do there.
    TestAccount = "account.test" needs Administer,
    /// Look for accounts and regions that could be added.
    DiscoverAccounts = "account.discover" needs Administer,
    /// Change the master key that seals secrets.
    RotateMasterKey = "master_key.rotate" needs Administer,
    /// Keep a scope under a name.
    SaveScope = "scope.save" needs Own,
    /// Forget a kept scope.
    RemoveScope = "scope.remove" needs Own,
    /// Make a new key that signs session tokens.
    RotateSigningKey = "signing_key.rotate" needs Administer,
}

impl Operation {
    /// Whether it changes something, in AWS or here: such operations are recorded before and after.
    #[must_use]
    pub const fn is_change(self) -> bool {
        matches!(
            self,
            Self::StartInstance
                | Self::LaunchInstances
                | Self::StopInstance
                | Self::RebootInstance
                | Self::TerminateInstance
                | Self::UndoTermination
                | Self::SetTags
                | Self::SetProtection
                | Self::SetInstanceType
                | Self::InvokeFunction
                | Self::DeployFunction
                | Self::DeleteFunction
                | Self::PublishVersion
                | Self::SetAlias
                | Self::RollBackAlias
                | Self::DeleteAlias
                | Self::SetConcurrency
                | Self::SaveTestEvent
                | Self::RemoveTestEvent
                | Self::CreateBucket
                | Self::DeleteBucket
                | Self::UploadObject
                | Self::BeginUpload
                | Self::CompleteUpload
                | Self::AbortUpload
                | Self::DeleteObject
                | Self::DeleteObjects
                | Self::EmptyBucket
                | Self::CancelEmptying
                | Self::RestoreVersion
                | Self::CopyObject
                | Self::RenameObject
                | Self::SetBucketTags
                | Self::SetVersioning
                | Self::AddUser
                | Self::SetPassword
                | Self::DisableUser
                | Self::RemoveUser
                | Self::SetRole
                | Self::SetEmail
                | Self::SetGrant
                | Self::ResetPassword
                | Self::RotateSigningKey
                | Self::AddAccount
                | Self::EditAccount
                | Self::RemoveAccount
                | Self::RotateMasterKey
                | Self::SaveScope
                | Self::RemoveScope
                | Self::ChangePassword
                | Self::RedeemLink
                | Self::AddFactor
                | Self::RemoveFactor
                | Self::ResetFactor
                | Self::AddToken
                | Self::RemoveToken
                | Self::RetainAudit
        )
    }

    /// Whether a server that was switched to read-only still does it. What is not named here and does not plainly read is refused, so
    /// that an operation nobody thought of is refused too.
    #[must_use]
    pub const fn is_allowed_read_only(self) -> bool {
        match self {
            // Coming and going: a session changes nothing that is looked at, and ending one only takes access away.
            Self::LogIn
            | Self::RefreshSession
            | Self::LogOut
            | Self::ReuseToken
            | Self::EndSession
            | Self::EndAllSessions
            // Reading that takes an administrator.
            | Self::QueryAudit
            | Self::VerifyAudit
            | Self::ReadUsage
            | Self::TestAccount
            | Self::DiscoverAccounts
            | Self::ListUsers => true,
            _ => !self.is_change() && matches!(self.permission(), Permission::Read),
        }
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

    #[test]
    fn a_read_only_server_changes_nothing_but_sessions() {
        for operation in Operation::ALL {
            let allowed = operation.is_allowed_read_only();
            assert!(!(allowed && operation.is_change()), "{operation}");
            let needs_more = matches!(operation.permission(), Permission::Operate | Permission::Own);
            assert!(!(allowed && needs_more), "{operation}");
        }
        assert!(Operation::LogIn.is_allowed_read_only() && Operation::ListInstances.is_allowed_read_only());
    }
}
