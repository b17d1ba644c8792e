//! Every operation of AWS that nephoscope uses, in one table: what errors name, what tests of a connection try, and what policies
//! allow all come from here. A [`Call`] can be made nowhere else, so that none can be forgotten.

use std::fmt;

use nephoscope_model::identity::Permission;

/// An operation of AWS, and the action that IAM allows or denies it by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Call {
    service: &'static str,
    operation: &'static str,
    action: &'static str,
    with: With,
    /// How many metrics one call asks for, where AWS charges for each.
    metrics: u32,
    /// Whether it may take a minute.
    long: bool,
}

/// With whose credentials an operation is called, and what for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum With {
    /// With an account's, for people who have this permission in it.
    Account(Permission),
    /// With anybody's: it needs no permission.
    Anybody,
    /// With the server's own, or those of the account a role is chained from: to enter an account.
    Entering,
    /// With the server's own: for the master key.
    MasterKey,
}

impl Call {
    /// As IAM spells it: `ec2`.
    pub(crate) const fn service(self) -> &'static str {
        self.service
    }

    /// Such as `StopInstances`.
    pub(crate) const fn operation(self) -> &'static str {
        self.operation
    }

    pub(crate) const fn with(self) -> With {
        self.with
    }

    pub(crate) const fn metrics(self) -> u32 {
        self.metrics
    }

    pub(crate) const fn is_long(self) -> bool {
        self.long
    }

    /// The same operation, which may take a minute and must not stand in the way of others meanwhile.
    pub(crate) const fn held_for_long(self) -> Self {
        Self { long: true, ..self }
    }

    /// The same operation, asking for so many metrics.
    pub(crate) const fn requesting(self, metrics: u32) -> Self {
        Self { metrics, ..self }
    }
}

impl fmt::Display for Call {
    /// The IAM action: `ec2:StopInstances`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.service, self.action)
    }
}

macro_rules! calls {
    ($($name:ident = $service:literal $operation:literal $(as $action:literal)?, $with:expr;)+) => {
        $(pub(crate) const $name: Call = Call {
            service: $service,
            operation: $operation,
            // Most actions are called like their operations.
            action: calls!(@first $($action,)? $operation),
            with: $with,
            metrics: 0,
            long: false,
        };)+

        /// All of them.
        pub(crate) const ALL: &[Call] = &[$($name),+];
    };
    (@first $first:literal $(, $other:literal)?) => { $first };
}

const READ: With = With::Account(Permission::Read);
const OPERATE: With = With::Account(Permission::Operate);
const ADMINISTER: With = With::Account(Permission::Administer);

calls! {
    DESCRIBE_INSTANCES = "ec2" "DescribeInstances", READ;
    DESCRIBE_LAUNCH_TEMPLATES = "ec2" "DescribeLaunchTemplates", READ;
    DESCRIBE_LAUNCH_TEMPLATE_VERSIONS = "ec2" "DescribeLaunchTemplateVersions", READ;
    DESCRIBE_IMAGES = "ec2" "DescribeImages", READ;
    DESCRIBE_KEY_PAIRS = "ec2" "DescribeKeyPairs", READ;
    DESCRIBE_SUBNETS = "ec2" "DescribeSubnets", READ;
    RUN_INSTANCES = "ec2" "RunInstances", OPERATE;
    START_INSTANCES = "ec2" "StartInstances", OPERATE;
    STOP_INSTANCES = "ec2" "StopInstances", OPERATE;
    REBOOT_INSTANCES = "ec2" "RebootInstances", OPERATE;
    TERMINATE_INSTANCES = "ec2" "TerminateInstances", OPERATE;
    DESCRIBE_VOLUMES = "ec2" "DescribeVolumes", READ;
    DESCRIBE_SNAPSHOTS = "ec2" "DescribeSnapshots", READ;
    DESCRIBE_ADDRESSES = "ec2" "DescribeAddresses", READ;
    DESCRIBE_SECURITY_GROUPS = "ec2" "DescribeSecurityGroups", READ;
    CREATE_TAGS = "ec2" "CreateTags", OPERATE;
    DELETE_TAGS = "ec2" "DeleteTags", OPERATE;
    DESCRIBE_INSTANCE_ATTRIBUTE = "ec2" "DescribeInstanceAttribute", READ;
    MODIFY_INSTANCE_ATTRIBUTE = "ec2" "ModifyInstanceAttribute", OPERATE;
    DESCRIBE_INSTANCE_TYPES = "ec2" "DescribeInstanceTypes", READ;
    DESCRIBE_INSTANCE_STATUS = "ec2" "DescribeInstanceStatus", READ;
    GET_CONSOLE_OUTPUT = "ec2" "GetConsoleOutput", OPERATE;
    GET_CONSOLE_SCREENSHOT = "ec2" "GetConsoleScreenshot", OPERATE;
    DESCRIBE_REGIONS = "ec2" "DescribeRegions", ADMINISTER;
    GET_PRODUCTS = "pricing" "GetProducts", READ;
    LIST_METRICS = "cloudwatch" "ListMetrics", READ;
    GET_METRIC_STATISTICS = "cloudwatch" "GetMetricStatistics", READ;
    GET_METRIC_DATA = "cloudwatch" "GetMetricData", READ;
    DESCRIBE_LOG_GROUPS = "logs" "DescribeLogGroups", READ;
    DESCRIBE_LOG_STREAMS = "logs" "DescribeLogStreams", READ;
    FILTER_LOG_EVENTS = "logs" "FilterLogEvents", READ;
    LIST_FUNCTIONS = "lambda" "ListFunctions", READ;
    GET_FUNCTION_CONFIGURATION = "lambda" "GetFunctionConfiguration", READ;
    GET_FUNCTION_CONCURRENCY = "lambda" "GetFunctionConcurrency", READ;
    LIST_VERSIONS_BY_FUNCTION = "lambda" "ListVersionsByFunction", READ;
    LIST_ALIASES = "lambda" "ListAliases", READ;
    LIST_EVENT_SOURCE_MAPPINGS = "lambda" "ListEventSourceMappings", READ;
    GET_POLICY = "lambda" "GetPolicy", READ;
    LIST_FUNCTION_URL_CONFIGS = "lambda" "ListFunctionUrlConfigs", READ;
    LIST_PROVISIONED_CONCURRENCY_CONFIGS = "lambda" "ListProvisionedConcurrencyConfigs", READ;
    GET_ALIAS = "lambda" "GetAlias", READ;
    GET_ACCOUNT_SETTINGS = "lambda" "GetAccountSettings", READ;
    INVOKE = "lambda" "Invoke" as "InvokeFunction", OPERATE;
    CREATE_FUNCTION = "lambda" "CreateFunction", OPERATE;
    UPDATE_FUNCTION_CODE = "lambda" "UpdateFunctionCode", OPERATE;
    PUBLISH_VERSION = "lambda" "PublishVersion", OPERATE;
    CREATE_ALIAS = "lambda" "CreateAlias", OPERATE;
    UPDATE_ALIAS = "lambda" "UpdateAlias", OPERATE;
    DELETE_ALIAS = "lambda" "DeleteAlias", OPERATE;
    PUT_FUNCTION_CONCURRENCY = "lambda" "PutFunctionConcurrency", OPERATE;
    DELETE_FUNCTION_CONCURRENCY = "lambda" "DeleteFunctionConcurrency", OPERATE;
    DELETE_FUNCTION = "lambda" "DeleteFunction", OPERATE;
    LIST_ACCOUNTS = "organizations" "ListAccounts", ADMINISTER;
    GET_CALLER_IDENTITY = "sts" "GetCallerIdentity", With::Anybody;
    LIST_BUCKETS = "s3" "ListBuckets" as "ListAllMyBuckets", READ;
    GET_BUCKET_VERSIONING = "s3" "GetBucketVersioning", READ;
    GET_BUCKET_ENCRYPTION = "s3" "GetBucketEncryption" as "GetEncryptionConfiguration", READ;
    GET_PUBLIC_ACCESS_BLOCK = "s3" "GetPublicAccessBlock" as "GetBucketPublicAccessBlock", READ;
    GET_BUCKET_POLICY_STATUS = "s3" "GetBucketPolicyStatus", READ;
    GET_BUCKET_ACL = "s3" "GetBucketAcl", READ;
    GET_BUCKET_POLICY = "s3" "GetBucketPolicy", READ;
    GET_BUCKET_TAGGING = "s3" "GetBucketTagging", READ;
    GET_BUCKET_LIFECYCLE = "s3" "GetBucketLifecycleConfiguration" as "GetLifecycleConfiguration", READ;
    LIST_OBJECTS = "s3" "ListObjectsV2" as "ListBucket", READ;
    GET_OBJECT = "s3" "GetObject", READ;
    GET_OBJECT_VERSION = "s3" "GetObject" as "GetObjectVersion", READ;
    HEAD_OBJECT = "s3" "HeadObject" as "GetObject", READ;
    HEAD_OBJECT_VERSION = "s3" "HeadObject" as "GetObjectVersion", READ;
    GET_OBJECT_TAGGING = "s3" "GetObjectTagging", READ;
    GET_OBJECT_VERSION_TAGGING = "s3" "GetObjectTagging" as "GetObjectVersionTagging", READ;
    LIST_OBJECT_VERSIONS = "s3" "ListObjectVersions" as "ListBucketVersions", READ;
    LIST_MULTIPART_UPLOADS = "s3" "ListMultipartUploads" as "ListBucketMultipartUploads", READ;
    CREATE_BUCKET = "s3" "CreateBucket", OPERATE;
    PUT_PUBLIC_ACCESS_BLOCK = "s3" "PutPublicAccessBlock" as "PutBucketPublicAccessBlock", OPERATE;
    PUT_BUCKET_ENCRYPTION = "s3" "PutBucketEncryption" as "PutEncryptionConfiguration", OPERATE;
    PUT_BUCKET_VERSIONING = "s3" "PutBucketVersioning", OPERATE;
    DELETE_BUCKET = "s3" "DeleteBucket", OPERATE;
    PUT_OBJECT = "s3" "PutObject", OPERATE;
    CREATE_MULTIPART_UPLOAD = "s3" "CreateMultipartUpload" as "PutObject", OPERATE;
    UPLOAD_PART = "s3" "UploadPart" as "PutObject", OPERATE;
    COMPLETE_MULTIPART_UPLOAD = "s3" "CompleteMultipartUpload" as "PutObject", OPERATE;
    LIST_PARTS = "s3" "ListParts" as "ListMultipartUploadParts", OPERATE;
    ABORT_MULTIPART_UPLOAD = "s3" "AbortMultipartUpload", OPERATE;
    DELETE_OBJECT = "s3" "DeleteObject", OPERATE;
    DELETE_OBJECT_VERSION = "s3" "DeleteObject" as "DeleteObjectVersion", OPERATE;
    DELETE_OBJECTS = "s3" "DeleteObjects" as "DeleteObject", OPERATE;
    COPY_OBJECT = "s3" "CopyObject" as "PutObject", OPERATE;
    // A copy has the tags of what it was made of.
    COPY_OBJECT_TAGS = "s3" "CopyObject" as "PutObjectTagging", OPERATE;
    UPLOAD_PART_COPY = "s3" "UploadPartCopy" as "PutObject", OPERATE;
    PUT_BUCKET_TAGGING = "s3" "PutBucketTagging", OPERATE;
    DELETE_BUCKET_TAGGING = "s3" "DeleteBucketTagging" as "PutBucketTagging", OPERATE;
    ASSUME_ROLE = "sts" "AssumeRole", With::Entering;
    ASSUME_ROLE_WITH_WEB_IDENTITY = "sts" "AssumeRoleWithWebIdentity", With::Anybody;
    GENERATE_DATA_KEY = "kms" "GenerateDataKey", With::MasterKey;
    DECRYPT = "kms" "Decrypt", With::MasterKey;
}

#[cfg(test)]
mod tests {
    use std::{collections::HashSet, fs, path::Path};

    use super::*;

    #[test]
    fn each_is_in_the_table_once() {
        // Some operations need another action for another version.
        let names: HashSet<_> = ALL.iter().map(|call| (call.service, call.operation, call.action)).collect();
        assert_eq!(names.len(), ALL.len());
    }

    /// Every request to AWS passes `Site::call`, or is made in a closure for `Site::call` or `Site::call_once` just below, or stands with its `Call`
    /// in this list of files that may send for themselves.
    #[test]
    fn nothing_is_sent_that_is_not_in_the_table() {
        const ENTERING: [&str; 1] = ["role.rs"];
        let mut sources = Vec::new();
        collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut sources);
        assert!(sources.len() > 15, "the sources are there: {}", sources.len());
        for (name, text) in sources {
            for (index, _) in text.match_indices(".send()") {
                let from = text[..index].rfind(".call(").unwrap_or_default();
                let below =
                    [".call(", ".call_once("].map(|call| text[index..].find(call).unwrap_or(text.len()));
                let called = index - from < 200 || below.iter().any(|below| *below < 300);
                assert!(
                    called || ENTERING.contains(&name.as_str()),
                    "{name}: {}",
                    &text[index.saturating_sub(80)..index]
                );
            }
        }
    }

    fn collect(folder: &Path, into: &mut Vec<(String, String)>) {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            if path.is_dir() {
                collect(&path, into);
            } else if name != "calls.rs" {
                into.push((name, fs::read_to_string(&path).expect("a source")));
            }
        }
    }
}
