//! One request of an upload. `XMLHttpRequest` tells how much has gone out; `fetch` does not.

use js_sys::{Function, Promise, Uint8Array, futures::JsFuture};
use nephoscope_model::{
    ErrorCode,
    s3::{CHECKSUM_HEADER, Crc32, Item, Outcome, PartPlan, Step, Trouble, UploadRequest, UploadedPart, Work},
};
use serde::Deserialize;
use wasm_bindgen::{JsCast, prelude::Closure};
use web_sys::{Blob, ProgressEvent, XmlHttpRequest};

use super::engine::{self, Source};
use crate::paths;

/// How many bytes are taken over at once to compute the checksum.
const PIECE: u32 = 64 << 10;

/// All that an answer may say: what is there, or what went wrong.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Answer {
    id: String,
    uploaded: Vec<UploadedPart>,
    checksum: Option<String>,
    code: Option<ErrorCode>,
    detail: String,
    retry_after: Option<u32>,
}

/// A request to make.
struct Request<'a> {
    method: &'static str,
    address: String,
    kind: &'a str,
    text: Option<&'a str>,
    content: Option<(Blob, String)>,
}

/// Does a step, and tells what came of it.
pub(super) async fn perform(work: &Work, item: Option<Item>, source: Option<Source>) -> Outcome {
    let (Some(item), Some(source)) = (item, source) else { return unreadable() };
    let Item { place, bucket, key, size, .. } = item;
    let address = |after: &[&str], overwrite| paths::uploads(&place, &bucket, after, overwrite);
    let kind = source.file.type_();
    let begin = UploadRequest {
        key: key.clone(),
        size,
        content_type: Some(kind.clone()).filter(|kind| !kind.is_empty()),
        overwrite: work.overwrite,
    };
    let begin = serde_json::to_string(&begin).unwrap_or_default();
    let mut request = Request { method: "POST", address: String::new(), kind: "", text: None, content: None };
    match &work.step {
        Step::Whole => {
            request.address = paths::upload_whole(&place, &bucket, &key, work.overwrite);
            request.kind = if kind.is_empty() { "application/octet-stream" } else { &kind };
            request.content = read(&source.file).await;
        }
        Step::Begin => {
            request.address = address(&[], false);
            request.kind = "application/json";
            request.text = Some(&begin);
        }
        Step::Look { id } => {
            request.method = "GET";
            request.address = address(&[id], false);
        }
        Step::Part { id, number, start, end } => {
            request.method = "PUT";
            request.address = address(&[id, "parts", &number.to_string()], false);
            request.kind = "application/octet-stream";
            #[expect(clippy::cast_precision_loss, reason = "sizes of files are below 2^53")]
            let part = source.file.slice_with_f64_and_f64(*start as f64, *end as f64);
            request.content = match part {
                Ok(part) => read(&part).await,
                Err(_) => None,
            };
        }
        Step::Complete { id } => request.address = address(&[id, "complete"], work.overwrite),
        Step::Abort { id } => {
            request.method = "DELETE";
            request.address = address(&[id], false);
        }
    }
    if matches!(work.step, Step::Whole | Step::Part { .. }) && request.content.is_none() {
        return unreadable();
    }
    let (status, text) = send(work, &request).await.unwrap_or_default();
    let outcome = read_answer(&work.step, size, status, &text);
    match (&work.step, &outcome) {
        (_, Outcome::Known { id, .. }) => engine::remember(&source.print, Some(id)),
        (Step::Complete { .. } | Step::Abort { .. }, Outcome::Finished(_) | Outcome::Sent) => {
            engine::remember(&source.print, None);
        }
        (Step::Look { .. }, Outcome::Failed(Trouble { code: Some(ErrorCode::NotFound), .. })) => {
            engine::remember(&source.print, None);
        }
        _ => {}
    }
    outcome
}

fn unreadable() -> Outcome {
    let message = "The file cannot be read any more: it was changed, moved or deleted.".to_owned();
    Outcome::Failed(Trouble { message, is_final: true, ..Trouble::default() })
}

/// The content with its checksum; nothing when it cannot be read.
async fn read(content: &Blob) -> Option<(Blob, String)> {
    let bytes = JsFuture::from(content.array_buffer()).await.ok()?;
    let bytes = Uint8Array::new(&bytes);
    let (mut crc, mut piece) = (Crc32::default(), vec![0; PIECE as usize]);
    let mut at = 0;
    while at < bytes.length() {
        let end = bytes.length().min(at + PIECE);
        let taken = &mut piece[..(end - at) as usize];
        bytes.subarray(at, end).copy_to(taken);
        crc.update(taken);
        at = end;
    }
    Some((content.clone(), crc.text()))
}

/// The status and the text of the answer; nothing when there was none.
async fn send(work: &Work, request: &Request<'_>) -> Option<(u16, String)> {
    let http = XmlHttpRequest::new().ok()?;
    http.open_with_async(request.method, &request.address, true).ok()?;
    http.set_request_header("accept", "application/json").ok()?;
    if !request.kind.is_empty() {
        http.set_request_header("content-type", request.kind).ok()?;
    }
    let ended = Promise::new(&mut |resolve: Function, _| http.set_onloadend(Some(&resolve)));
    let of_it = work.clone();
    let progress = Closure::<dyn FnMut(ProgressEvent)>::new(move |event: ProgressEvent| {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "sizes are below 2^53")]
        engine::moved(&of_it, event.loaded() as u64);
    });
    if let Some((content, checksum)) = &request.content {
        http.set_request_header(CHECKSUM_HEADER, checksum).ok()?;
        http.upload().ok()?.set_onprogress(Some(progress.as_ref().unchecked_ref()));
        http.send_with_opt_blob(Some(content)).ok()?;
        engine::flies(work.item, &http, true);
    } else {
        http.send_with_opt_str(request.text).ok()?;
    }
    let _ = JsFuture::from(ended).await;
    engine::flies(work.item, &http, false);
    let status = http.status().ok().filter(|status| *status != 0)?;
    Some((status, http.response_text().ok().flatten().unwrap_or_default()))
}

fn read_answer(step: &Step, size: u64, status: u16, text: &str) -> Outcome {
    let answer: Answer = serde_json::from_str(text).unwrap_or_default();
    if (200..300).contains(&status) {
        return match step {
            Step::Begin | Step::Look { .. } => {
                let missing = PartPlan::of(size).map(|plan| plan.missing(&answer.uploaded));
                Outcome::Known { id: answer.id, missing: missing.unwrap_or_default() }
            }
            Step::Whole | Step::Complete { .. } => Outcome::Finished(answer.checksum),
            Step::Part { .. } | Step::Abort { .. } => Outcome::Sent,
        };
    }
    // Something between here and the server may answer in its own words.
    let code = answer.code.or(match status {
        0 => None,
        413 => Some(ErrorCode::PayloadTooLarge),
        429 => Some(ErrorCode::RateLimited),
        _ => Some(ErrorCode::Unavailable),
    });
    let message = match status {
        0 => "No connection. It goes on when there is one.".to_owned(),
        _ if answer.detail.is_empty() => format!("The answer was {status}, without any words."),
        _ => answer.detail,
    };
    Outcome::Failed(Trouble { code, message, retry_after: answer.retry_after, is_final: false })
}
