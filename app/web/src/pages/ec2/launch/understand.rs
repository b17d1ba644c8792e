//! What was written into the form.

use nephoscope_model::{Result, ec2::LaunchRequest};

/// A request as the form says it. `all` gives the values of a field.
///
/// # Errors
/// `invalid_input`, which names what is wrong.
pub(super) fn understand(all: impl Fn(&str) -> Vec<String>) -> Result<LaunchRequest> {
    let field = |name: &str| {
        let last = all(name).pop().unwrap_or_default().trim().to_owned();
        Some(last).filter(|text| !text.is_empty())
    };
    let image = field("imageId").or_else(|| field("image"));
    let count = field("count");
    let count = count.map(|count| {
        count.parse().map_err(|_| nephoscope_model::Error::invalid("How many must be a whole number."))
    });
    let request = LaunchRequest {
        template: field("template").map(|id| id.parse()).transpose()?,
        template_version: field("template").and_then(|_| field("templateVersion")),
        image: image.map(|id| id.parse()).transpose()?,
        instance_type: field("type").map(|name| name.parse()).transpose()?,
        count: count.transpose()?,
        name: field("name"),
        key_name: field("key"),
        subnet: field("subnet").map(|id| id.parse()).transpose()?,
        security_groups: all("group").iter().map(|id| id.parse()).collect::<Result<_>>()?,
        tags: Vec::new(),
        termination_protection: field("protect").is_some(),
    };
    request.check()?;
    Ok(request)
}

#[cfg(test)]
mod tests {
    use super::*;

    const AMI: &str = "ami-0123456789abcdef0";

    fn request(fields: &[(&str, &str)]) -> Result<LaunchRequest> {
        understand(|name| {
            let of_name = fields.iter().filter(|(known, _)| *known == name);
            of_name.map(|(_, value)| (*value).to_owned()).collect()
        })
    }

    #[test]
    fn the_form_makes_a_request() {
        let made = request(&[
            ("image", "ami-0aaaaaaaaaaaaaaaa"),
            ("imageId", AMI),
            ("type", " t3.micro "),
            ("count", "2"),
            ("name", "web"),
            ("group", "sg-0123456789abcdef0"),
            ("group", "sg-0123456789abcdef1"),
            ("subnet", ""),
            ("protect", "yes"),
        ])
        .expect("a request");
        assert_eq!(made.image.map(|id| id.to_string()).as_deref(), Some(AMI), "what was typed counts");
        assert_eq!((made.count, made.security_groups.len(), made.subnet), (Some(2), 2, None));
        assert!(made.termination_protection);
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (fields, word) in [
            (vec![("imageId", "my image"), ("type", "t3.micro")], "image"),
            (vec![("imageId", AMI)], "type"),
            (vec![("imageId", AMI), ("type", "large")], "instance type"),
            (vec![("imageId", AMI), ("type", "t3.micro"), ("count", "many")], "How many"),
            (vec![("imageId", AMI), ("type", "t3.micro"), ("count", "99")], "Between"),
        ] {
            let error = request(&fields).expect_err(word);
            assert!(error.message.contains(word), "{error:?}");
        }
    }
}
