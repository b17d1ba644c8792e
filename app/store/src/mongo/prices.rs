//! The price list, in MongoDB.

use mongodb::bson::{DateTime, doc};
use nephoscope_model::{
    Timestamp,
    ec2::{ListPrice, PriceKey},
};
use serde::{Deserialize, Serialize};

use super::{Collections, error::answer};
use crate::Result;

#[derive(Serialize, Deserialize)]
pub(super) struct PriceDocument {
    #[serde(rename = "_id")]
    key: PriceKey,
    micros_per_hour: Option<i64>,
    listed_at: DateTime,
}

fn id_of(key: &PriceKey) -> mongodb::bson::Document {
    // As `_id` the order of the fields is part of it.
    doc! { "region": key.region.as_str(), "instanceType": &key.instance_type, "platform": &key.platform }
}

/// Keeps prices in the place of older ones, one by one: what is lost is asked for again.
pub(super) async fn save(collections: &Collections, prices: &[ListPrice], at: Timestamp) -> Result<()> {
    for price in prices {
        let told = doc! { "$set": {
            "micros_per_hour": price.micros_per_hour,
            "listed_at": DateTime::from_millis(at.as_millis()),
        } };
        answer(collections.prices.update_one(doc! { "_id": id_of(&price.key) }, told).upsert(true)).await?;
    }
    Ok(())
}

/// The price of this kind, unless it was listed before `since`.
pub(super) async fn find(
    collections: &Collections,
    key: &PriceKey,
    since: Timestamp,
) -> Result<Option<ListPrice>> {
    let young = doc! { "$gte": DateTime::from_millis(since.as_millis()) };
    let found = answer(collections.prices.find_one(doc! { "_id": id_of(key), "listed_at": young })).await?;
    Ok(found.map(|found| ListPrice { key: key.clone(), micros_per_hour: found.micros_per_hour }))
}
