//! What one invocation wrote to the log.

use serde::{Deserialize, Serialize};

use crate::{logs::LogRow, validated_string};

/// AWS's id of an invocation: up to 64 letters, digits and `-`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RequestId(String);
validated_string!(RequestId, "a request id such as 8f5c1c1e-9d0f-4f0a-a7d1-2f6f0e0f5f11", |text| {
    (8..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
});

/// What one invocation wrote to the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct InvocationLog {
    /// The log group.
    pub group: String,
    /// The stream that the invocation's environment writes to; nothing while no line is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stream: Option<String>,
    /// Whether Lambda's last line of it is there. CloudWatch has lines some seconds after they were written.
    pub complete: bool,
    /// The lines, oldest first.
    pub rows: Vec<LogRow>,
}

impl InvocationLog {
    /// Takes those of a stream's lines that are from the first to the last that name the invocation.
    pub fn take(&mut self, rows: Vec<LogRow>, request: &RequestId) {
        let names = |row: &LogRow| row.message.contains(request.as_str());
        let (Some(first), Some(last)) = (rows.iter().position(names), rows.iter().rposition(names)) else {
            return;
        };
        self.rows = rows.into_iter().skip(first).take(last + 1 - first).collect();
        self.complete = self.rows.iter().any(|row| {
            let is_report = row.message.starts_with("REPORT ") || row.message.contains("\"platform.report\"");
            is_report && names(row)
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Timestamp;

    fn row(number: i64, message: &str) -> LogRow {
        LogRow {
            id: number.to_string(),
            timestamp: Timestamp::from_millis(number),
            log_stream_name: "s".to_owned(),
            message: message.to_owned(),
        }
    }

    #[test]
    fn lines_between_the_first_and_the_last_that_name_it_belong_to_it() {
        let request: RequestId = "11111111-2222".parse().expect("an id");
        let lines = [
            "REPORT RequestId: 00000000-0000",
            "START RequestId: 11111111-2222 Version: 1",
            "hello",
            "END RequestId: 11111111-2222",
            "REPORT RequestId: 11111111-2222\tDuration: 1 ms",
            "START RequestId: 33333333-4444",
        ];
        let rows: Vec<LogRow> = (0..).zip(lines).map(|(number, line)| row(number, line)).collect();
        let empty = InvocationLog { group: "g".to_owned(), stream: None, complete: false, rows: vec![] };
        let mut log = empty.clone();
        log.take(rows.clone(), &request);
        assert_eq!((log.rows.as_slice(), log.complete), (&rows[1..5], true));
        let mut begun = empty.clone();
        begun.take(rows[..3].to_vec(), &request);
        assert_eq!((begun.rows.len(), begun.complete), (1, false), "what follows may be its own or not");
        let mut other = empty.clone();
        other.take(rows, &"99999999-9".parse().expect("an id"));
        assert_eq!(other, empty);
    }

    #[test]
    fn an_id_is_no_pattern() {
        assert!("8f5c1c1e-9d0f-4f0a-a7d1-2f6f0e0f5f11".parse::<RequestId>().is_ok());
        for bad in ["", "short", "a\" ?b ?c \"d", &"x".repeat(65)] {
            assert!(bad.parse::<RequestId>().is_err(), "{bad}");
        }
    }
}
