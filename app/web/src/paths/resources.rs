//! Links to what belongs to EC2 beside instances, and to AWS's own console.

use nephoscope_model::{
    Place, Scope,
    ec2::{ResourceId, ResourceKind},
};

use super::{Link, param};

/// The list of volumes, snapshots, addresses or security groups.
#[must_use]
pub fn ec2_resources(kind: ResourceKind, scope: &Scope) -> String {
    Link::new("/ec2").segment(kind.path()).scope(scope).build()
}

/// One volume, snapshot, address or security group, open in its list. The scope must cover where it is.
#[must_use]
pub fn ec2_resource(id: &ResourceId, scope: &Scope) -> Option<String> {
    let list = Link::new("/ec2").segment(id.kind()?.path());
    Some(list.query("q", &format!("id:{id}")).query(param::OPEN, id.as_str()).scope(scope).build())
}

/// A page of AWS's own console: its path, such as `ec2/home`, and what follows the `#`. China and GovCloud have consoles of their own.
#[must_use]
pub fn aws_console(place: &Place, path: &str, fragment: &str) -> String {
    let region = place.region.as_str();
    let host = match place.region.partition() {
        "aws-cn" => "console.amazonaws.cn".to_owned(),
        "aws-us-gov" => "console.amazonaws-us-gov.com".to_owned(),
        _ => format!("{region}.console.aws.amazon.com"),
    };
    format!("https://{host}/{path}?region={region}#{fragment}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_console_of_each_partition_is_found() {
        let url =
            |at: &str| aws_console(&super::super::parse_place(at).expect("a place"), "ec2/home", "Volumes:");
        assert_eq!(
            url("111111111111/eu-west-1"),
            "https://eu-west-1.console.aws.amazon.com/ec2/home?region=eu-west-1#Volumes:"
        );
        assert!(url("111111111111/cn-north-1").starts_with("https://console.amazonaws.cn/"));
        assert!(url("111111111111/us-gov-west-1").starts_with("https://console.amazonaws-us-gov.com/"));
    }

    #[test]
    fn what_belongs_to_ec2_is_open_in_its_list() {
        let link = |id: &str| ec2_resource(&id.parse().expect("an id"), &Scope::default());
        let volume = link("vol-01234567").expect("a volume has a list");
        assert_eq!(volume, "/ec2/volumes?q=id:vol-01234567&open=vol-01234567");
        assert_eq!(link("i-01234567"), None, "an instance has a page");
        let one_account = Scope::from_query(Some("111111111111"), None).expect("a scope");
        let groups = ec2_resources(ResourceKind::SecurityGroup, &one_account);
        assert!(groups.starts_with("/ec2/security-groups?account="), "{groups}");
    }
}
