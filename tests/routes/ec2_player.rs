//! What the small EC2 of the [`crate::world`] does to single instances.

use nephoscope_aws::replay::{ReplayRequest, ReplayResponse, wire};
use nephoscope_model::ec2::{Instance, Tag};
use serde_json::json;

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
