//! What the small EC2 of the [`crate::world`] does to single instances.

use nephoscope_aws::replay::{ReplayRequest, ReplayResponse, wire};
use nephoscope_model::{
    Timestamp,
    ec2::{Instance, Tag},
    metrics::{Dimension, Metric, Point, Statistic},
};
use serde_json::json;

use crate::world::RUNNING;

/// `CreateTags` and `DeleteTags`, of one instance.
pub(crate) fn change_tags(
    instances: &mut [Instance],
    request: &ReplayRequest,
    denied: bool,
) -> ReplayResponse {
    if denied {
        return wire::ec2_error(403, "UnauthorizedOperation", "You are not authorized");
    }
    if request.form("DryRun").as_deref() == Some("true") {
        return wire::ec2_error(412, "DryRunOperation", "Request would have succeeded");
    }
    let id = request.form("ResourceId.1").unwrap_or_default();
    let Some(instance) = instances.iter_mut().find(|instance| instance.id.as_str() == id) else {
        return wire::ec2_error(400, "InvalidID", "The ID does not exist");
    };
    for number in 1.. {
        let Some(key) = request.form(&format!("Tag.{number}.Key")) else { break };
        instance.tags.retain(|tag| tag.key != key);
        if request.operation() == "CreateTags" {
            let value = request.form(&format!("Tag.{number}.Value")).unwrap_or_default();
            instance.tags.push(Tag { key, value });
        }
    }
    wire::done(request.operation())
}

/// The price list, which has one product.
pub(crate) fn products(denied: bool) -> ReplayResponse {
    if denied {
        let said = json!({ "__type": "AccessDeniedException", "Message": "not authorized to perform: pricing:GetProducts" });
        return wire::json(400, &said);
    }
    let product = json!({
        "product": { "attributes": { "marketoption": "OnDemand" } },
        "terms": { "OnDemand": { "S.J": { "priceDimensions": { "S.J.6": {
            "unit": "Hrs", "pricePerUnit": { "USD": "0.0104000000" },
        } } } } },
    });
    wire::json(200, &json!({ "PriceList": [product.to_string()] }))
}

/// The one metric that an instance has.
pub(crate) fn metrics() -> ReplayResponse {
    let metric = Metric {
        namespace: "AWS/EC2".to_owned(),
        name: "CPUUtilization".to_owned(),
        dimensions: vec![Dimension { name: "InstanceId".to_owned(), value: RUNNING.to_owned() }],
    };
    wire::metrics(&[metric], None)
}

/// A point of it, a minute ago.
pub(crate) fn statistics() -> ReplayResponse {
    let at = Timestamp::now().plus_millis(-60_000);
    wire::statistics(Statistic::Average, "Percent", &[Point { at, value: 12.5 }])
}
