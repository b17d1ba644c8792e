//! The price list: which product is asked for, and what is taken for its price.

use nephoscope_aws::replay::{Replay, wire};
use nephoscope_model::{ErrorCode, ec2::PriceKey};
use serde_json::json;

use crate::{estate, place};

fn kind(region: &str, platform: &str) -> PriceKey {
    PriceKey {
        region: region.parse().unwrap(),
        instance_type: "m5.large".to_owned(),
        platform: platform.to_owned(),
    }
}

/// A product of the list, as AWS sends it: JSON within JSON.
fn product(usd: &str) -> String {
    json!({
        "product": {
            "productFamily": "Compute Instance",
            "attributes": { "instanceType": "m5.large", "marketoption": "OnDemand" },
            "sku": "SKU",
        },
        "terms": {
            "OnDemand": { "SKU.JRTC": { "priceDimensions": { "SKU.JRTC.6YS6": {
                "unit": "Hrs", "pricePerUnit": { "USD": usd },
            } } } },
            "Reserved": { "SKU.R": { "priceDimensions": { "SKU.R.1": { "unit": "Hrs", "pricePerUnit": { "USD": "0.01" } } } } },
        },
    })
    .to_string()
}

#[tokio::test]
async fn one_product_is_asked_for_in_the_lists_own_region() {
    let replay = Replay::new(|request| match request.json()["NextToken"].as_str() {
        None => wire::json(200, &json!({ "PriceList": [], "NextToken": "two" })),
        Some(_) => {
            wire::json(200, &json!({ "PriceList": [product("0.1070000000"), product("0.0000000000")] }))
        }
    });
    let cloud = replay.cloud(estate()).await;
    assert_eq!(cloud.find_price(&place(), &kind("eu-west-1", "Windows")).await, Ok(Some(107_000)));
    let requests = replay.requests();
    assert_eq!(requests.len(), 2, "all pages are read");
    assert_eq!((requests[0].service(), requests[0].region()), ("pricing", "us-east-1"));
    assert_eq!(requests[0].json()["ServiceCode"], "AmazonEC2");
    let filters = requests[0].json()["Filters"].clone();
    let values: Vec<_> =
        filters.as_array().unwrap().iter().map(|it| (it["Field"].clone(), it["Value"].clone())).collect();
    let wanted = [
        ("regionCode", "eu-west-1"),
        ("instanceType", "m5.large"),
        ("operation", "RunInstances:0002"),
        ("tenancy", "Shared"),
        ("capacitystatus", "Used"),
    ];
    assert_eq!(values, wanted.map(|(field, value)| (json!(field), json!(value))));
}

#[tokio::test]
async fn what_the_list_does_not_tell_or_tells_twice_is_unknown() {
    for answer in [vec![], vec![product("0.1"), product("0.2")], vec!["{".to_owned()]] {
        let replay = Replay::new(move |_| wire::json(200, &json!({ "PriceList": answer })));
        let cloud = replay.cloud(estate()).await;
        assert_eq!(cloud.find_price(&place(), &kind("eu-west-1", "Linux/UNIX")).await, Ok(None));
    }
    let replay = Replay::new(|_| wire::json(500, &json!({})));
    let cloud = replay.cloud(estate()).await;
    assert_eq!(cloud.find_price(&place(), &kind("eu-west-1", "Plan 9")).await, Ok(None));
    assert_eq!(cloud.find_price(&place(), &kind("us-gov-east-1", "Linux/UNIX")).await, Ok(None));
    assert!(replay.requests().is_empty(), "nobody is asked what has no answer");
}

#[tokio::test]
async fn a_refusal_names_the_missing_action() {
    let denied = json!({ "__type": "AccessDeniedException", "Message": "not authorized to perform: pricing:GetProducts" });
    let replay = Replay::new(move |_| wire::json(400, &denied));
    let cloud = replay.cloud(estate()).await;
    let error = cloud.find_price(&place(), &kind("eu-west-1", "Linux/UNIX")).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::AwsDenied);
    assert!(error.message.contains("pricing:GetProducts"), "{error:?}");
}
