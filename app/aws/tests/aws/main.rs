//! The cloud, tested on recorded wire answers: real SDK clients, no socket.

#![expect(clippy::unwrap_used, reason = "a test that meets the unexpected fails")]

mod checks;
mod cloudwatch;
mod credentials;
mod ec2;
mod ec2_details;
mod ec2_resources;
mod ec2_tags;
mod errors;
mod kms;
mod lambda;
mod lambda_change;
mod logs;
mod look_back;
mod people;
mod pricing;
mod retries;
mod s3;
mod s3_bucket;
mod s3_object;
mod s3_upload;

use nephoscope_model::{Account, Place, Timestamp, logs::LogRow, logs::LogTail};

/// An account in these regions.
fn account(id: &str, regions: &[&str]) -> Account {
    Account {
        id: id.parse().unwrap(),
        name: "production".to_owned(),
        color: nephoscope_model::scope::AccountColor::Red,
        regions: regions.iter().map(|region| region.parse().unwrap()).collect(),
    }
}

/// One account in one region: [`place`].
fn estate() -> Vec<Account> {
    vec![account("111111111111", &["eu-west-1"])]
}

fn place() -> Place {
    Place { account: "111111111111".parse().unwrap(), region: "eu-west-1".parse().unwrap() }
}

/// All streams of one group.
fn tail() -> LogTail {
    LogTail::new(place(), "/app/web", vec![]).unwrap()
}

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

/// A line with the id `id`.
#[expect(clippy::needless_pass_by_value, reason = "numbers and names are handier without a reference")]
fn row(id: impl ToString, millis: i64) -> LogRow {
    LogRow {
        id: id.to_string(),
        timestamp: at(millis),
        log_stream_name: "web-1".to_owned(),
        message: "GET /".to_owned(),
    }
}

fn ids(rows: &[LogRow]) -> Vec<&str> {
    rows.iter().map(|row| row.id.as_str()).collect()
}
