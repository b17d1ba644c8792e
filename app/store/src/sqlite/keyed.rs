//! Requests with idempotency keys, in SQLite.

use async_trait::async_trait;
use nephoscope_model::Timestamp;
use rusqlite::{Connection, OptionalExtension, named_params, params};

use super::SqliteStore;
use crate::{
    Result,
    keyed::{KeptAnswer, Keyed, KeyedRequest, KeyedStore},
};

#[async_trait]
impl KeyedStore for SqliteStore {
    async fn begin_keyed(
        &self,
        request: &KeyedRequest,
        now: Timestamp,
        abandoned: Timestamp,
        forget_at: Timestamp,
    ) -> Result<Keyed> {
        let request = request.clone();
        self.write(move |connection| begin(connection, &request, now, abandoned, forget_at)).await
    }

    async fn end_keyed(&self, request: &KeyedRequest, answer: Option<KeptAnswer>) -> Result<()> {
        let request = request.clone();
        self.write(move |connection| end(connection, &request, answer.as_ref())).await
    }
}

fn begin(
    connection: &Connection,
    request: &KeyedRequest,
    now: Timestamp,
    abandoned: Timestamp,
    forget_at: Timestamp,
) -> Result<Keyed> {
    connection
        .prepare_cached(
            "DELETE FROM keyed_requests WHERE user_id = ?1 AND key = ?2
             AND (forget_at <= ?3 OR (status IS NULL AND begun_at < ?4 AND fingerprint = ?5))",
        )?
        .execute(params![
            request.user_id,
            request.key,
            now.as_millis(),
            abandoned.as_millis(),
            request.fingerprint
        ])?;
    let begun = connection
        .prepare_cached(
            "INSERT INTO keyed_requests (user_id, key, fingerprint, begun_at, forget_at)
             VALUES (:user_id, :key, :fingerprint, :begun_at, :forget_at) ON CONFLICT DO NOTHING",
        )?
        .execute(named_params! {
            ":user_id": request.user_id,
            ":key": request.key,
            ":fingerprint": request.fingerprint,
            ":begun_at": now.as_millis(),
            ":forget_at": forget_at.as_millis(),
        })?;
    if begun > 0 {
        return Ok(Keyed::New);
    }
    let (fingerprint, answer): (String, _) = connection
        .prepare_cached(
            "SELECT fingerprint, status, content_type, body FROM keyed_requests WHERE user_id = ?1 AND key = ?2",
        )?
        .query_row([&request.user_id, &request.key], |row| {
            let status: Option<u16> = row.get("status")?;
            let answer = status
                .map(|status| {
                    Ok::<_, rusqlite::Error>(KeptAnswer {
                        status,
                        content_type: row.get("content_type")?,
                        body: row.get("body")?,
                    })
                })
                .transpose()?;
            Ok((row.get("fingerprint")?, answer))
        })
        .optional()?
        .unwrap_or_default();
    Ok(match answer {
        _ if fingerprint != request.fingerprint => Keyed::Another,
        Some(answer) => Keyed::Answered(answer),
        None => Keyed::UnderWay,
    })
}

fn end(connection: &Connection, request: &KeyedRequest, answer: Option<&KeptAnswer>) -> Result<()> {
    let mine = "user_id = :user_id AND key = :key AND fingerprint = :fingerprint AND status IS NULL";
    let (user_id, key, fingerprint) = (&request.user_id, &request.key, &request.fingerprint);
    match answer {
        Some(answer) => connection
            .prepare_cached(&format!(
                "UPDATE keyed_requests SET status = :status, content_type = :content_type, body = :body WHERE {mine}"
            ))?
            .execute(named_params! {
                ":user_id": user_id, ":key": key, ":fingerprint": fingerprint,
                ":status": answer.status, ":content_type": answer.content_type, ":body": answer.body,
            })?,
        None => connection
            .prepare_cached(&format!("DELETE FROM keyed_requests WHERE {mine}"))?
            .execute(named_params! { ":user_id": user_id, ":key": key, ":fingerprint": fingerprint })?,
    };
    Ok(())
}

pub(super) fn purge(connection: &Connection, before: Timestamp) -> Result<()> {
    connection
        .prepare_cached("DELETE FROM keyed_requests WHERE forget_at < ?1")?
        .execute([before.as_millis()])?;
    Ok(())
}
