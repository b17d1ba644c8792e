//! Lists that many programs ask for again and again: written and compressed once for each time that AWS told them anew.

use std::{sync::Arc, time::Duration};

use async_compression::{
    Level,
    tokio::bufread::{BrotliEncoder, GzipEncoder},
};
use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use moka::future::Cache;
use nephoscope_model::{Error, Place, Timestamp};
use nephoscope_ops::SharedListing;
use serde::Serialize;
use tokio::io::{AsyncRead, AsyncReadExt};

/// How many bytes of answers are kept.
const KEPT: u64 = 64 << 20;
/// How long an answer is kept that nobody asks for: as long as lists are known.
const IDLE: Duration = Duration::from_secs(30);
/// Smaller answers are not worth it; the usual layer compresses them.
const SMALL: usize = 16 << 10;
/// The same as the usual layer's.
const LEVEL: Level = Level::Precise(4);

/// How an answer is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Encoding {
    Brotli,
    Gzip,
    Plain,
}

impl Encoding {
    /// The best one that the client takes.
    fn accepted(headers: &HeaderMap) -> Self {
        let accepted = headers.get_all(header::ACCEPT_ENCODING);
        let takes = |wanted: &str| {
            accepted.iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(',')).any(
                |one| {
                    let mut parts = one.split(';').map(str::trim);
                    let refused =
                        |q: &str| q.strip_prefix("q=").and_then(|q| q.parse().ok()) == Some(0.0_f32);
                    parts.next().is_some_and(|name| name.eq_ignore_ascii_case(wanted)) && !parts.any(refused)
                },
            )
        };
        if takes("br") {
            Self::Brotli
        } else if takes("gzip") {
            Self::Gzip
        } else {
            Self::Plain
        }
    }

    const fn name(self) -> Option<HeaderValue> {
        match self {
            Self::Brotli => Some(HeaderValue::from_static("br")),
            Self::Gzip => Some(HeaderValue::from_static("gzip")),
            Self::Plain => None,
        }
    }

    async fn pack(self, json: Vec<u8>) -> std::io::Result<Bytes> {
        match self {
            Self::Brotli => read(BrotliEncoder::with_quality(json.as_slice(), LEVEL)).await,
            Self::Gzip => read(GzipEncoder::with_quality(json.as_slice(), LEVEL)).await,
            Self::Plain => Ok(json.into()),
        }
    }
}

async fn read(mut encoder: impl AsyncRead + Unpin) -> std::io::Result<Bytes> {
    let mut packed = Vec::new();
    encoder.read_to_end(&mut packed).await?;
    Ok(packed.into())
}

/// Which list, as of when, in which form.
type Key = (&'static str, Vec<(Place, Timestamp)>, Encoding);

/// The answers that are ready.
#[derive(Clone, Debug)]
pub(in crate::server) struct Packed(Cache<Key, Bytes>);

impl Default for Packed {
    fn default() -> Self {
        let weight = |_: &Key, bytes: &Bytes| u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        Self(Cache::builder().weigher(weight).max_capacity(KEPT).time_to_idle(IDLE).build())
    }
}

impl Packed {
    /// The answer to a request for a list of this kind.
    pub(in crate::server) async fn answer<T: Serialize>(
        &self,
        kind: &'static str,
        listing: &SharedListing<T>,
        headers: &HeaderMap,
    ) -> Result<Response, Error> {
        let Some(version) = listing.version() else { return Ok(json(write(listing)?)) };
        let encoding = Encoding::accepted(headers);
        let key = (kind, version, encoding);
        let packed = match self.0.get(&key).await {
            Some(packed) => packed,
            None => {
                let plain = write(listing)?;
                if plain.len() < SMALL {
                    return Ok(json(plain));
                }
                let ready = self.0.try_get_with(key, encoding.pack(plain)).await;
                ready.map_err(|error: Arc<std::io::Error>| {
                    tracing::error!("a list cannot be compressed: {error}");
                    Error::internal()
                })?
            }
        };
        let mut response = json(packed);
        let headers = response.headers_mut();
        headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        if let Some(name) = encoding.name() {
            headers.insert(header::CONTENT_ENCODING, name);
        }
        Ok(response)
    }
}

fn write<T: Serialize>(listing: &SharedListing<T>) -> Result<Vec<u8>, Error> {
    serde_json::to_vec(listing).map_err(|error| {
        tracing::error!("a list cannot be written: {error}");
        Error::internal()
    })
}

fn json(body: impl Into<Body>) -> Response {
    ([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], body.into()).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_encoding_that_is_taken_is_given() {
        for (accepted, encoding) in [
            (vec!["gzip, deflate, br"], Encoding::Brotli),
            (vec!["gzip;q=1.0, br;q=0"], Encoding::Gzip),
            (vec!["deflate", "GZIP ; q=0.5"], Encoding::Gzip),
            (vec!["identity", "brotli"], Encoding::Plain),
            (vec![], Encoding::Plain),
        ] {
            let mut headers = HeaderMap::new();
            for value in &accepted {
                headers.append(header::ACCEPT_ENCODING, HeaderValue::from_static(value));
            }
            assert_eq!(Encoding::accepted(&headers), encoding, "{accepted:?}");
        }
    }
}
