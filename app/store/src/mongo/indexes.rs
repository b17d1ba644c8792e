//! The indexes. Making one that exists does nothing, so every start makes them all.

use std::time::Duration;

use mongodb::{
    Collection, IndexModel,
    bson::{Document, doc},
    options::IndexOptions,
};

use super::{Collections, error::answer};
use crate::Result;

pub(super) async fn ensure(collections: &Collections) -> Result<()> {
    let by_link = unique_where(doc! { "link_hash": 1 }, doc! { "link_hash": { "$type": "string" } });
    let by_email = unique_where(doc! { "email": 1 }, doc! { "email": { "$type": "string" } });
    create(&collections.users, [unique(doc! { "name": 1 }), by_link, by_email]).await?;
    create(&collections.sessions, [plain(doc! { "user_id": 1 }), expiring("expires_at")]).await?;
    create(&collections.tokens, [plain(doc! { "user_id": 1 }), expiring("expires_at")]).await?;
    let by_owner = plain(doc! { "user_id": 1, "_id": -1 });
    create(&collections.api_tokens, [unique(doc! { "hash": 1 }), by_owner, expiring("expires_at")]).await?;
    create(&collections.keyed, [expiring("expires_at")]).await?;
    create(&collections.scopes, [plain(doc! { "_id.user": 1, "_id.name": 1 })]).await?;
    let of_function = plain(doc! { "_id.account": 1, "_id.region": 1, "_id.function": 1, "_id.name": 1 });
    create(&collections.test_events, [of_function]).await?;
    create(&collections.terminations, [plain(doc! { "due_at": 1, "_id.instance": 1 })]).await?;
    create(&collections.open_uploads, [plain(doc! { "touched_at": 1, "_id.id": 1 })]).await?;
    // A number in the chain is given once. Records from before the chain have none yet when this is made.
    create(&collections.audit, [unique_where(doc! { "seq": 1 }, doc! { "seq": { "$gt": 0 } })]).await?;
    // Each filter of the audit is read newest first, without sorting.
    create(
        &collections.audit,
        [
            plain(doc! { "actor": 1, "_id": -1 }),
            plain(doc! { "operation": 1, "_id": -1 }),
            plain(doc! { "resource": 1, "_id": -1 }),
            plain(doc! { "account": 1, "_id": -1 }),
            partial(doc! { "change": 1, "_id": -1 }, doc! { "change": true }),
        ],
    )
    .await
}

async fn create<T: Send + Sync>(
    collection: &Collection<T>,
    indexes: impl IntoIterator<Item = IndexModel>,
) -> Result<()> {
    answer(collection.create_indexes(indexes)).await.map(|_| ())
}

fn plain(keys: Document) -> IndexModel {
    IndexModel::builder().keys(keys).build()
}

fn unique(keys: Document) -> IndexModel {
    IndexModel::builder().keys(keys).options(IndexOptions::builder().unique(true).build()).build()
}

fn unique_where(keys: Document, filter: Document) -> IndexModel {
    let options = IndexOptions::builder().unique(true).partial_filter_expression(filter).build();
    IndexModel::builder().keys(keys).options(options).build()
}

fn partial(keys: Document, filter: Document) -> IndexModel {
    let options = IndexOptions::builder().partial_filter_expression(filter).build();
    IndexModel::builder().keys(keys).options(options).build()
}

/// MongoDB removes documents by itself once the time in this field is past.
fn expiring(field: &str) -> IndexModel {
    let options = IndexOptions::builder().expire_after(Duration::ZERO).build();
    IndexModel::builder().keys(doc! { field: 1 }).options(options).build()
}
