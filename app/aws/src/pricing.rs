//! The price list: what AWS asks for an instance on demand.
//! [API reference](https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_pricing_GetProducts.html)

use aws_sdk_pricing::types::{Filter, FilterType};
use nephoscope_model::{Place, Result, ec2::PriceKey};
use serde_json::Value;

use crate::{Cloud, calls::GET_PRODUCTS, paging::Pages};

impl Cloud {
    /// What the price list asks for an hour of an instance of this kind, in millionths of a US dollar. Nothing when it does not tell, or
    /// tells more than one price. The list is public and the same for everybody; `place` says with whose credentials it is read.
    ///
    /// # Errors
    /// `not_found` for a place that is not configured, and the errors of any call.
    pub async fn find_price(&self, place: &Place, key: &PriceKey) -> Result<Option<i64>> {
        let Some(operation) = key.billed_as() else { return Ok(None) };
        let site = self.site(place)?;
        let filters: Vec<Filter> = [
            ("regionCode", key.region.as_str()),
            ("instanceType", &key.instance_type),
            ("operation", operation),
            ("tenancy", "Shared"),
            ("capacitystatus", "Used"),
        ]
        .into_iter()
        .filter_map(|(field, value)| {
            Filter::builder().r#type(FilterType::TermMatch).field(field).value(value).build().ok()
        })
        .collect();
        let mut prices = Vec::new();
        let mut pages = Pages::default();
        loop {
            let request =
                site.pricing().get_products().service_code("AmazonEC2").set_filters(Some(filters.clone()));
            let page = site.call(GET_PRODUCTS, request.set_next_token(pages.token()).send()).await?;
            prices.extend(page.price_list().iter().filter_map(|product| read_price(product)));
            if !pages.turn(page.next_token) {
                break;
            }
        }
        prices.sort_unstable();
        prices.dedup();
        Ok(match prices[..] {
            [price] => Some(price),
            _ => None,
        })
    }
}

/// The hourly on-demand price of a product, in millionths of a dollar; nothing for what is sold in another way or for nothing.
fn read_price(product: &str) -> Option<i64> {
    let product: Value = serde_json::from_str(product).ok()?;
    let market = &product["product"]["attributes"]["marketoption"];
    if market.as_str().is_some_and(|market| market != "OnDemand") {
        return None;
    }
    let offers = product["terms"]["OnDemand"].as_object()?;
    let dimensions =
        offers.values().filter_map(|offer| offer["priceDimensions"].as_object()).flat_map(|all| all.values());
    dimensions
        .filter(|dimension| dimension["unit"].as_str().is_some_and(|unit| unit.eq_ignore_ascii_case("hrs")))
        .filter_map(|dimension| read_micros(dimension["pricePerUnit"]["USD"].as_str()?))
        .find(|micros| *micros > 0)
}

/// `0.0416000000` as millionths; what is finer is rounded down.
fn read_micros(text: &str) -> Option<i64> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    let decimals: String = decimals.chars().chain("000000".chars()).take(6).collect();
    whole.parse::<i64>().ok()?.checked_mul(1_000_000)?.checked_add(decimals.parse::<u32>().ok()?.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_are_read_to_a_millionth() {
        for (text, micros) in [
            ("0.0416000000", Some(41_600)),
            ("32.7726", Some(32_772_600)),
            ("3", Some(3_000_000)),
            ("0.00000049", Some(0)),
            ("free", None),
            ("", None),
            ("1.-5", None),
        ] {
            assert_eq!(read_micros(text), micros, "{text}");
        }
    }

    #[test]
    fn only_an_hour_on_demand_is_a_price() {
        let product = |market: &str, unit: &str, usd: &str| {
            serde_json::json!({
                "product": { "attributes": { "marketoption": market } },
                "terms": { "OnDemand": { "S.J": { "priceDimensions": { "S.J.6": {
                    "unit": unit, "pricePerUnit": { "USD": usd }
                } } } } }
            })
            .to_string()
        };
        assert_eq!(read_price(&product("OnDemand", "Hrs", "0.0960000000")), Some(96_000));
        assert_eq!(read_price(&product("CapacityBlock", "Hrs", "0.0960000000")), None);
        assert_eq!(read_price(&product("OnDemand", "Quantity", "0.0960000000")), None);
        assert_eq!(read_price(&product("OnDemand", "Hrs", "0.0000000000")), None);
        assert_eq!(read_price("{}"), None);
        assert_eq!(read_price("not JSON"), None);
    }
}
