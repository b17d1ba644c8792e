//! What Lambda writes at the end of an invocation's log: a line of text, or of JSON where the function logs so.
//! [Format](https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-view.html)

use nephoscope_model::lambda::Report;
use serde::Deserialize;

/// The newest report of a log's tail, if it is whole.
pub(super) fn find(tail: &str) -> Option<Report> {
    tail.lines().rev().find_map(|line| of_text(line).or_else(|| of_json(line)))
}

fn of_text(line: &str) -> Option<Report> {
    let fields = line.trim().strip_prefix("REPORT ")?;
    let field = |name: &str| {
        fields.split('\t').find_map(|field| {
            let (found, value) = field.split_once(": ")?;
            (found.trim() == name).then(|| value.trim().split(' ').next().unwrap_or_default())
        })
    };
    Some(Report {
        duration_ms: field("Duration")?.parse().ok()?,
        billed_ms: field("Billed Duration").and_then(|it| it.parse().ok()),
        memory_mb: field("Memory Size").and_then(|it| it.parse().ok()),
        memory_used_mb: field("Max Memory Used").and_then(|it| it.parse().ok()),
        init_ms: field("Init Duration").and_then(|it| it.parse().ok()),
    })
}

#[derive(Deserialize)]
struct Line {
    r#type: String,
    record: Record,
}

#[derive(Deserialize)]
struct Record {
    metrics: Metrics,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metrics {
    duration_ms: f64,
    billed_duration_ms: Option<f64>,
    #[serde(rename = "memorySizeMB")]
    memory_mb: Option<i32>,
    #[serde(rename = "maxMemoryUsedMB")]
    memory_used_mb: Option<i32>,
    init_duration_ms: Option<f64>,
}

fn of_json(line: &str) -> Option<Report> {
    let line: Line = serde_json::from_str(line).ok()?;
    let metrics = line.record.metrics;
    (line.r#type == "platform.report").then_some(Report {
        duration_ms: metrics.duration_ms,
        billed_ms: metrics.billed_duration_ms,
        memory_mb: metrics.memory_mb,
        memory_used_mb: metrics.memory_used_mb,
        init_ms: metrics.init_duration_ms,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_are_read() {
        let text = "START RequestId: a\nREPORT RequestId: a\tDuration: 3.04 ms\tBilled Duration: 120 ms\t\
                    Memory Size: 128 MB\tMax Memory Used: 36 MB\tInit Duration: 115.9 ms\t\n";
        let json = r#"{"time":"2026-11-20T11:34:08Z","type":"platform.report","record":{"requestId":"a","status":"success",
            "metrics":{"durationMs":3.04,"billedDurationMs":120,"memorySizeMB":128,"maxMemoryUsedMB":36,"initDurationMs":115.9}}}"#
            .replace('\n', "");
        let expected = Report {
            duration_ms: 3.04,
            billed_ms: Some(120.0),
            memory_mb: Some(128),
            memory_used_mb: Some(36),
            init_ms: Some(115.9),
        };
        assert_eq!(find(text).as_ref(), Some(&expected));
        assert_eq!(find(&json).as_ref(), Some(&expected));
    }

    #[test]
    fn what_is_no_report_is_none() {
        for other in
            ["", "REPORT", "REPORT RequestId: a", "a REPORT Duration: 1 ms", "{}", "REPORT Duration: long"]
        {
            assert_eq!(find(other), None, "{other}");
        }
        let short = find("REPORT RequestId: a\tDuration: 1.5 ms");
        assert_eq!(short, Some(Report { duration_ms: 1.5, ..Report::default() }));
    }
}
