//! The audit as a file: CSV for spreadsheets, JSON Lines for programs, both written as they are read.

use std::str::FromStr;

use axum::{
    body::{Body, Bytes},
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use futures::stream;
use nephoscope_model::{
    Error,
    audit::{AuditRecord, Facts},
};
use nephoscope_ops::AuditExport;
use serde::Deserialize;
use utoipa::IntoParams;

use super::{Params, audit::AuditParams};
use crate::server::{
    access::Authenticated,
    problem::{ApiError, Problem},
    state::App,
};

/// How it is written.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub(in crate::server) struct FormatParams {
    /// `csv` or `jsonl`.
    #[param(example = "csv")]
    format: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Csv,
    JsonLines,
}

impl Format {
    const fn word(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::JsonLines => "jsonl",
        }
    }

    const fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::JsonLines => "application/jsonl; charset=utf-8",
        }
    }

    /// What comes before the records.
    fn head(self) -> Result<Vec<u8>, Error> {
        match self {
            Self::Csv => csv_of([COLUMNS.map(str::to_owned)]),
            Self::JsonLines => Ok(Vec::new()),
        }
    }

    fn write(self, records: Vec<AuditRecord>) -> Result<Vec<u8>, Error> {
        match self {
            Self::Csv => csv_of(records.into_iter().map(cells)),
            Self::JsonLines => records.into_iter().try_fold(Vec::new(), |mut lines, record| {
                serde_json::to_writer(&mut lines, &record).map_err(|_| Error::internal())?;
                lines.push(b'\n');
                Ok(lines)
            }),
        }
    }
}

impl FromStr for Format {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        [Self::Csv, Self::JsonLines].into_iter().find(|format| format.word() == text).ok_or_else(|| {
            Error::invalid(format!(
                "{:?} is not a format: csv or jsonl.",
                nephoscope_model::error::shorten(text, 40)
            ))
        })
    }
}

/// The columns of the CSV, in order. Programs read them by name: new ones come at the end.
const COLUMNS: [&str; 18] = [
    "seq",
    "at",
    "actor",
    "operation",
    "account",
    "region",
    "resource",
    "outcome",
    "error",
    "detail",
    "before",
    "after",
    "durationMs",
    "requestId",
    "awsRequestId",
    "operationId",
    "id",
    "hash",
];

/// What was done, as a file, newest first: the same records as `GET /api/audit`, all of them. Administrators get everybody's, others their
/// own. Cells of the CSV that a spreadsheet would take for a formula begin with an apostrophe.
#[utoipa::path(
    get, path = "/api/audit/export", tag = "audit", params(FormatParams, AuditParams),
    responses(
        (status = 200, description = "The records, as CSV with a head or as one JSON object a line", content((String = "text/csv"), (String = "application/jsonl"))),
        (status = 400, description = "Bad parameters", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
    )
)]
pub(in crate::server) async fn export(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    Params(FormatParams { format }): Params<FormatParams>,
    Params(params): Params<AuditParams>,
) -> Result<Response, ApiError> {
    let format: Format = format.as_deref().unwrap_or("csv").parse()?;
    let export = app.ops().export_audit(&caller, params.try_into()?, format.word()).await?;
    let disposition = format!("attachment; filename=\"nephoscope-activity.{}\"", format.word());
    let headers = [
        (header::CONTENT_TYPE, format.media_type().to_owned()),
        (header::CONTENT_DISPOSITION, disposition),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((headers, body(format, export)?).into_response())
}

/// The head and then one chunk for each page of records. A store that goes away in between breaks the connection off, so that nobody takes
/// half a file for a whole one.
fn body(format: Format, export: AuditExport) -> Result<Body, Error> {
    let head = Bytes::from(format.head()?);
    let pages = stream::try_unfold(export, move |mut export| async move {
        match export.next().await? {
            Some(records) => Ok::<_, Error>(Some((Bytes::from(format.write(records)?), export))),
            None => Ok(None),
        }
    });
    Ok(Body::from_stream(futures::StreamExt::chain(stream::iter([Ok(head)]), pages)))
}

fn cells(record: AuditRecord) -> [String; COLUMNS.len()] {
    let code = record.error.and_then(|code| serde_json::to_value(code).ok());
    [
        record.seq.to_string(),
        record.at.to_string(),
        record.actor,
        record.operation.to_string(),
        record.account.map(String::from).unwrap_or_default(),
        record.region.map(String::from).unwrap_or_default(),
        record.resource,
        record.outcome.to_string(),
        code.as_ref().and_then(|code| code.as_str()).unwrap_or_default().to_owned(),
        record.detail,
        facts_text(&record.before),
        facts_text(&record.after),
        record.duration_ms.to_string(),
        record.request_id,
        record.aws_request_id,
        record.operation_id,
        record.id,
        record.hash,
    ]
}

fn facts_text(facts: &Facts) -> String {
    facts.iter().map(|(name, value)| format!("{name}: {value}")).collect::<Vec<_>>().join("; ")
}

fn csv_of(rows: impl IntoIterator<Item = [String; COLUMNS.len()]>) -> Result<Vec<u8>, Error> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    for row in rows {
        writer.write_record(row.map(harmless)).map_err(|_| Error::internal())?;
    }
    writer.into_inner().map_err(|_| Error::internal())
}

/// Spreadsheets run what begins like this as a formula, and much of the audit is text that others chose
/// ([OWASP](https://owasp.org/www-community/attacks/CSV_Injection)).
fn harmless(cell: String) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) { format!("'{cell}") } else { cell }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(actor: &str, resource: &str, detail: &str) -> AuditRecord {
        serde_json::from_value(serde_json::json!({
            "id": "a", "seq": 7, "hash": "00", "operationId": "b", "at": "2026-11-20T12:00:00Z", "actor": actor,
            "operation": "ec2.stop", "resource": resource, "outcome": "failed", "error": "aws_denied", "detail": detail,
            "before": {"state": "running"}, "durationMs": 3,
        }))
        .expect("a record")
    }

    #[test]
    fn a_row_of_csv_is_quoted_where_it_must_be() {
        let rows = Format::Csv.write(vec![record("ada", "i-1", "a \"word\", and\na line")]).expect("CSV");
        assert_eq!(
            String::from_utf8(rows).expect("text"),
            "7,2026-11-20T12:00:00.000Z,ada,ec2.stop,,,i-1,failed,aws_denied,\"a \"\"word\"\", and\na line\",\
             state: running,,3,,,b,a,00\r\n"
        );
        let head = String::from_utf8(Format::Csv.head().expect("CSV")).expect("text");
        assert!(head.starts_with("seq,at,actor,operation,") && head.ends_with(",hash\r\n"), "{head}");
    }

    #[test]
    fn no_cell_is_a_formula() {
        for formula in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"] {
            let rows = Format::Csv.write(vec![record(formula, formula, formula)]).expect("CSV");
            let rows = String::from_utf8(rows).expect("text");
            assert_eq!(rows.matches(&format!("'{formula}")).count(), 3, "{rows:?}");
        }
        assert_eq!(harmless("a=1".to_owned()), "a=1");
    }

    #[test]
    fn a_line_of_json_is_one_line_and_as_it_was() {
        let lines = Format::JsonLines
            .write(vec![record("=ada", "i-1", "a\nb"), record("bob", "", "")])
            .expect("JSON");
        let lines = String::from_utf8(lines).expect("text");
        let records: Vec<AuditRecord> =
            lines.lines().map(|line| serde_json::from_str(line).expect("a record")).collect();
        assert_eq!(records, [record("=ada", "i-1", "a\nb"), record("bob", "", "")]);
    }
}
