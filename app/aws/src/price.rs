//! What AWS charges for calls of its API. Nearly all are free; these are not.
//!
//! - Cost Explorer: $0.01 for each request, each page of a long answer being one
//!   ([pricing](https://aws.amazon.com/aws-cost-management/aws-cost-explorer/pricing/)).
//! - CloudWatch `GetMetricData`: $0.01 for 1,000 metrics requested, with no free tier
//!   ([pricing](https://aws.amazon.com/cloudwatch/pricing/)).
//! - S3: $0.005 for 1,000 requests that write or list
//!   ([pricing](https://aws.amazon.com/s3/pricing/)). Reading costs $0.0004 for 1,000, less than the smallest amount that is counted here
//!   for one call, and so does the request of a Lambda invocation ($0.20 for a million): both count as free. Deleting is.
//!
//! `GetMetricStatistics`, `ListMetrics` and other CloudWatch calls cost $0.01 for 1,000 after the first million in a month, which belongs
//! to the whole account, so that nobody can say here which of them is beyond it: they count as free. `FilterLogEvents` and the other
//! reading calls of Logs, EC2 and STS are free. These are list prices of most regions; what AWS refused counts as free.

use crate::CallRecord;

/// What a call cost, in millionths of a US dollar.
#[must_use]
pub fn price_micros(call: &CallRecord) -> i64 {
    if call.outcome.is_err() {
        return 0;
    }
    match (call.service, call.operation) {
        ("ce", _) => 10_000,
        ("cloudwatch", "GetMetricData") => 10 * i64::from(call.metrics),
        (
            "s3",
            "ListBuckets"
            | "ListObjectsV2"
            | "CreateBucket"
            | "PutObject"
            | "CreateMultipartUpload"
            | "UploadPart"
            | "CompleteMultipartUpload"
            | "CopyObject"
            | "ListMultipartUploads"
            | "ListParts"
            | "ListObjectVersions"
            | "PutBucketTagging"
            | "UploadPartCopy"
            | "PutBucketVersioning"
            | "PutPublicAccessBlock",
        ) => 5,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use nephoscope_model::{ErrorCode, Place};

    use super::*;

    fn price(
        service: &'static str,
        operation: &'static str,
        metrics: u32,
        outcome: Result<(), ErrorCode>,
    ) -> i64 {
        let (account, region) = ("111111111111".parse(), "us-east-1".parse());
        let place = Place { account: account.expect("an account"), region: region.expect("a region") };
        let duration = Duration::ZERO;
        price_micros(&CallRecord { service, operation, place, duration, outcome, metrics, request_id: None })
    }

    #[test]
    fn what_is_paid_is_counted() {
        assert_eq!(price("ce", "GetCostAndUsage", 0, Ok(())), 10_000);
        assert_eq!(price("cloudwatch", "GetMetricData", 1_000, Ok(())), 10_000);
        assert_eq!(price("cloudwatch", "GetMetricStatistics", 1, Ok(())), 0);
        assert_eq!(price("logs", "FilterLogEvents", 0, Ok(())), 0);
        assert_eq!(price("s3", "ListObjectsV2", 0, Ok(())), 5);
        assert_eq!(price("s3", "GetObject", 0, Ok(())) + price("s3", "DeleteObject", 0, Ok(())), 0);
        assert_eq!(price("ce", "GetCostAndUsage", 0, Err(ErrorCode::AwsDenied)), 0);
    }
}
