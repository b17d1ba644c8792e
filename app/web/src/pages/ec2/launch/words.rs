//! What is said of a type, of what would be launched, and of what it costs.

use nephoscope_model::ec2::{InstanceType, LaunchCheck, LaunchRequest, ListPrice, dollars, month_text};

/// How many instances.
pub(super) fn counted(instances: usize) -> String {
    if instances == 1 { "1 instance".to_owned() } else { format!("{instances} instances") }
}

/// A type in a few words, and what one of it costs.
pub(super) fn type_words(kind: &InstanceType, price: Option<&ListPrice>) -> String {
    let price = price.filter(|price| price.key.instance_type == kind.name.as_str());
    match price.and_then(|price| price.micros_per_hour) {
        Some(micros) => {
            let (hour, month) = (dollars(micros), month_text(micros));
            format!("{} · {hour} an hour, about {month} a month each by list price", kind.summary())
        }
        None => kind.summary(),
    }
}

/// What is launched, in a sentence.
pub(super) fn words(request: &LaunchRequest, check: &LaunchCheck) -> String {
    let kind = request.instance_type.as_ref().map_or_else(String::new, |kind| format!(" of type {kind}"));
    format!("AWS would launch {}{kind}.", counted(check.count as usize))
}

/// What it costs, in a sentence.
pub(super) fn price_words(check: &LaunchCheck) -> String {
    match check.micros_per_hour {
        Some(micros) => format!(
            "On demand that is {} an hour by AWS's price list, about {} a month; disks, traffic and taxes come on top.",
            dollars(micros),
            month_text(micros)
        ),
        None => {
            "What it costs is not known here: the price list does not tell, or the template names image or type indirectly."
                .to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use nephoscope_model::ec2::PriceKey;

    use super::*;

    #[test]
    fn people_are_told_what_it_costs_or_that_nobody_knows() {
        let check = |micros_per_hour| LaunchCheck { count: 2, micros_per_hour };
        let request = LaunchRequest { instance_type: "t3.micro".parse().ok(), ..LaunchRequest::default() };
        assert_eq!(words(&request, &check(None)), "AWS would launch 2 instances of type t3.micro.");
        assert!(price_words(&check(Some(20_800))).contains("$0.0208 an hour"));
        assert!(price_words(&check(Some(20_800))).contains("about $15.18 a month"));
        assert!(price_words(&check(None)).contains("not known"));
        let kind = InstanceType {
            name: "t3.micro".parse().expect("a type"),
            vcpus: 2,
            memory_mib: 1_024,
            architectures: vec!["x86_64".to_owned()],
            current_generation: true,
        };
        assert_eq!(type_words(&kind, None), kind.summary());
        let (region, platform) = ("eu-west-1".parse().expect("a region"), "Linux/UNIX".to_owned());
        let key = PriceKey { region, instance_type: "t3.micro".to_owned(), platform };
        let price = ListPrice { key, micros_per_hour: Some(10_400) };
        assert!(
            type_words(&kind, Some(&price))
                .ends_with("$0.0104 an hour, about $7.59 a month each by list price")
        );
    }
}
