//! The price list, in SQLite.

use nephoscope_model::{
    Region, Timestamp,
    ec2::{ListPrice, PriceKey},
};
use rusqlite::{Connection, named_params, params};

use crate::Result;

/// Keeps prices in the place of older ones.
pub(super) fn save(connection: &Connection, prices: &[ListPrice], at: Timestamp) -> Result<()> {
    let mut statement = connection.prepare_cached(
        "INSERT INTO prices (region, instance_type, platform, micros_per_hour, listed_at)
         VALUES (:region, :instance_type, :platform, :micros_per_hour, :listed_at)
         ON CONFLICT DO UPDATE SET micros_per_hour = excluded.micros_per_hour, listed_at = excluded.listed_at",
    )?;
    for price in prices {
        statement.execute(named_params! {
            ":region": price.key.region.as_str(),
            ":instance_type": price.key.instance_type,
            ":platform": price.key.platform,
            ":micros_per_hour": price.micros_per_hour,
            ":listed_at": at.as_millis(),
        })?;
    }
    Ok(())
}

/// The price of this kind, unless it was listed before `since`.
pub(super) fn find(connection: &Connection, key: &PriceKey, since: Timestamp) -> Result<Option<ListPrice>> {
    let mut statement = connection.prepare_cached(
        "SELECT micros_per_hour FROM prices
         WHERE region = ?1 AND instance_type = ?2 AND platform = ?3 AND listed_at >= ?4",
    )?;
    let region: &Region = &key.region;
    let mut rows =
        statement.query(params![region.as_str(), key.instance_type, key.platform, since.as_millis()])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    Ok(Some(ListPrice { key: key.clone(), micros_per_hour: row.get(0)? }))
}
