//! Requests with idempotency keys, in MongoDB, which forgets them by itself.

use async_trait::async_trait;
use mongodb::bson::{Binary, DateTime, doc, spec::BinarySubtype};
use nephoscope_model::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    Collections, MongoStore, date,
    error::{answer, unless_taken},
};
use crate::{
    Result,
    keyed::{KeptAnswer, Keyed, KeyedRequest, KeyedStore},
};

/// As `_id` it is unique; the order of its fields is part of it.
#[derive(Serialize, Deserialize)]
struct Owner {
    user_id: String,
    key: String,
}

#[derive(Serialize, Deserialize)]
pub(super) struct KeyedDocument {
    #[serde(rename = "_id")]
    owner: Owner,
    fingerprint: String,
    begun_at: DateTime,
    expires_at: DateTime,
    answer: Option<AnswerDocument>,
}

#[derive(Serialize, Deserialize)]
struct AnswerDocument {
    status: i32,
    content_type: String,
    body: Binary,
}

#[async_trait]
impl KeyedStore for MongoStore {
    async fn begin_keyed(
        &self,
        request: &KeyedRequest,
        now: Timestamp,
        abandoned: Timestamp,
        forget_at: Timestamp,
    ) -> Result<Keyed> {
        begin(&self.collections, request, now, abandoned, forget_at).await
    }

    async fn end_keyed(&self, request: &KeyedRequest, answer: Option<KeptAnswer>) -> Result<()> {
        end(&self.collections, request, answer).await
    }
}

fn id_of(request: &KeyedRequest) -> mongodb::bson::Document {
    doc! { "user_id": &request.user_id, "key": &request.key }
}

async fn begin(
    collections: &Collections,
    request: &KeyedRequest,
    now: Timestamp,
    abandoned: Timestamp,
    forget_at: Timestamp,
) -> Result<Keyed> {
    let document = KeyedDocument {
        owner: Owner { user_id: request.user_id.clone(), key: request.key.clone() },
        fingerprint: request.fingerprint.clone(),
        begun_at: date(now),
        expires_at: date(forget_at),
        answer: None,
    };
    // MongoDB removes what has expired once a minute: until then it stands in the way.
    let over = doc! { "_id": id_of(request), "$or": [
        { "expires_at": { "$lte": date(now) } },
        { "answer": null, "begun_at": { "$lt": date(abandoned) }, "fingerprint": &request.fingerprint },
    ] };
    if answer(collections.keyed.replace_one(over, &document)).await?.matched_count > 0
        || unless_taken(collections.keyed.insert_one(&document)).await?.is_some()
    {
        return Ok(Keyed::New);
    }
    let Some(found) = answer(collections.keyed.find_one(doc! { "_id": id_of(request) })).await? else {
        // It was forgotten this moment.
        return Ok(Keyed::UnderWay);
    };
    Ok(match found.answer {
        _ if found.fingerprint != request.fingerprint => Keyed::Another,
        Some(kept) => Keyed::Answered(KeptAnswer {
            status: u16::try_from(kept.status).unwrap_or(500),
            content_type: kept.content_type,
            body: kept.body.bytes,
        }),
        None => Keyed::UnderWay,
    })
}

async fn end(collections: &Collections, request: &KeyedRequest, kept: Option<KeptAnswer>) -> Result<()> {
    let mine = doc! { "_id": id_of(request), "fingerprint": &request.fingerprint, "answer": null };
    match kept {
        Some(kept) => {
            let body = Binary { subtype: BinarySubtype::Generic, bytes: kept.body };
            let kept =
                doc! { "status": i32::from(kept.status), "content_type": kept.content_type, "body": body };
            answer(collections.keyed.update_one(mine, doc! { "$set": { "answer": kept } })).await.map(drop)
        }
        None => answer(collections.keyed.delete_one(mine)).await.map(drop),
    }
}
