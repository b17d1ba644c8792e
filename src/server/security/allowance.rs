//! How large a request may be and how long it may take. Nearly all are small and quick; what carries a file or waits for somebody's
//! program is named here by its path.

use std::time::Duration;

use axum::{
    body::Body,
    extract::Request,
    http::{StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures::StreamExt;
use nephoscope_model::{lambda, s3::LARGEST_PART};
use tower::{Service, util::MapRequest};
use tower_http::{body::Limited, limit::RequestBodyLimit};

use crate::server::{pages, problem::ApiError, rest};

/// What one request may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Allowance {
    /// The largest body, in bytes.
    pub(crate) body: usize,
    /// How long until its answer begins, with the time in which it is sent.
    pub(crate) time: Duration,
}

/// The largest body of nearly all requests, in bytes.
pub(crate) const USUAL_BODY: usize = 1 << 20;

const USUAL: Allowance = Allowance { body: USUAL_BODY, time: pages::TIMEOUT };

impl Allowance {
    /// What a file may take that is written as it comes.
    const fn of_a_file() -> Self {
        Self { body: usize::MAX, time: Duration::from_secs(86_400) }
    }

    /// What requests of a path may take.
    pub(crate) fn of(path: &str) -> Self {
        match path {
            // Quotation marks of a payload are escaped inside another text.
            "/api/fn/lambda/invoke" => Self { body: 2 * lambda::MAX_SYNC_PAYLOAD, ..USUAL },
            _ if path.starts_with("/api/lambda/invoke/") => {
                Self { body: lambda::MAX_SYNC_PAYLOAD + (64 << 10), ..USUAL }
            }
            // Lambda may take minutes to prepare a version.
            "/api/fn/lambda/publish" => Self { time: Duration::from_secs(300), ..USUAL },
            _ if path.starts_with("/api/lambda/") && path.ends_with("/versions") => {
                Self { time: Duration::from_secs(300), ..USUAL }
            }
            // A hundred of something, each with a few calls to AWS, which may be slow or throttle.
            "/api/ec2/actions"
            | "/api/ec2/tags"
            | "/api/lambda/delete"
            | "/api/s3/buckets/delete"
            | "/api/fn/ec2/change_many"
            | "/api/fn/ec2/change_tags"
            | "/api/fn/lambda/delete_many"
            | "/api/fn/s3/delete_many" => Self { time: Duration::from_secs(300), ..USUAL },
            // Of any size, written as it comes; who is silent for a minute is given up.
            "/api/s3/upload" => Self::of_a_file(),
            _ if path.starts_with("/s3/") && path.ends_with("/upload") => Self::of_a_file(),
            // A part of a file: on a slow line it takes a while. S3 may take minutes to make one object of thousands.
            _ if path.starts_with("/api/s3/") && path.contains("/uploads/") && path.contains("/parts/") => {
                Self { body: LARGEST_PART as usize, time: Duration::from_secs(3_600) }
            }
            _ if path.starts_with("/api/s3/")
                && path.contains("/uploads/")
                && path.ends_with("/complete") =>
            {
                Self { time: Duration::from_secs(900), ..USUAL }
            }
            // Ten thousand keys of a kilobyte; a thousand of them are deleted in some seconds.
            _ if path.starts_with("/api/s3/") && path.ends_with("/objects/delete") => {
                Self { body: 16 << 20, time: Duration::from_secs(300) }
            }
            "/api/fn/s3/delete_objects" => Self { body: 16 << 20, time: Duration::from_secs(300) },
            // S3 copies a GiB in some seconds, and the copy is made to its end even when nobody waits for it.
            _ if (path.starts_with("/api/s3/") || path.starts_with("/s3/")) && path.ends_with("/copy") => {
                Self { time: Duration::from_secs(900), ..USUAL }
            }
            // In JSON every three bytes of an archive are four letters.
            "/api/lambda/deploy" => {
                Self { body: lambda::MAX_ZIP.div_ceil(3) * 4 + (64 << 10), time: Duration::from_secs(300) }
            }
            _ => USUAL,
        }
    }
}

/// Refuses a body that turns out to be too large while it is read.
pub(crate) async fn limit_body(request: Request, next: Next) -> Response {
    let limit = Allowance::of(request.uri().path()).body;
    let next = MapRequest::new(next, |request: http::Request<Limited<Body>>| request.map(Body::new));
    match RequestBodyLimit::new(next, limit).call(request).await {
        Ok(response) => response.map(Body::new),
        Err(never) => match never {},
    }
}

/// Refuses a body that says that it is too large, but reads a good part of it first: whoever is still sending when the connection
/// ends sees a broken connection instead of the answer.
pub(crate) async fn refuse_large(request: Request, next: Next) -> Response {
    const READ_AWAY: usize = 16 << 20;
    let length = request
        .headers()
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    let limit = Allowance::of(request.uri().path()).body;
    if length.is_none_or(|length| length <= limit as u64) {
        return next.run(request).await;
    }
    let mut body = request.into_body().into_data_stream();
    let mut read = 0;
    while let Some(Ok(chunk)) = body.next().await {
        read += chunk.len();
        if read > READ_AWAY {
            break;
        }
    }
    ApiError(rest::too_large(limit)).into_response()
}

/// Gives up on what takes too long.
pub(crate) async fn limit_time(request: Request, next: Next) -> Response {
    let time = Allowance::of(request.uri().path()).time;
    match tokio::time::timeout(time, next.run(request)).await {
        Ok(response) => response,
        Err(_) => StatusCode::GATEWAY_TIMEOUT.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_named_may_take_more() {
        for path in ["/", "/api/ec2", "/api/lambda/functions", "/api/lambda/deploy/more", "/api/fn/ec2/list"]
        {
            assert_eq!(Allowance::of(path), USUAL, "{path}");
        }
        assert!(Allowance::of("/api/lambda/invoke/f").body > lambda::MAX_SYNC_PAYLOAD);
        assert!(Allowance::of("/api/lambda/deploy").body > lambda::MAX_ZIP);
        assert!(Allowance::of("/api/lambda/f/versions").time > USUAL.time);
        assert_eq!(Allowance::of("/s3/things/upload"), Allowance::of("/api/s3/upload"));
        let part = Allowance::of("/api/s3/things/uploads/abc/parts/1");
        assert!(part.body as u64 >= LARGEST_PART && part.time > USUAL.time);
        assert!(Allowance::of("/api/s3/things/uploads/abc/complete").time > USUAL.time);
        assert_eq!(Allowance::of("/api/s3/things/uploads"), USUAL);
        assert_eq!(Allowance::of("/s3/things/copy"), Allowance::of("/api/s3/things/copy"));
    }
}
