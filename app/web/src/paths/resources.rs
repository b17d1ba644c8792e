//! Links to what belongs to EC2 beside instances, and to AWS's own console.

use nephoscope_model::{
    Place, Region, Scope,
    ec2::{ResourceId, ResourceKind},
    s3::BucketName,
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
    format!("{}/{path}?region={}#{fragment}", console_host(&place.region), place.region)
}

/// What is below a prefix of a bucket in AWS's own console, or with `key` an object.
#[must_use]
pub fn s3_console(region: &Region, name: &BucketName, prefix: &str, key: Option<&str>) -> String {
    let page = if key.is_some() { "/s3/object" } else { "/s3/buckets" };
    let link = Link::new(&(console_host(region) + page)).segment(name.as_str());
    link.query("region", region.as_str()).query("prefix", key.unwrap_or(prefix)).build()
}

fn console_host(region: &Region) -> String {
    match region.partition() {
        "aws-cn" => "https://console.amazonaws.cn".to_owned(),
        "aws-us-gov" => "https://console.amazonaws-us-gov.com".to_owned(),
        _ => format!("https://{region}.console.aws.amazon.com"),
    }
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
    fn any_key_is_found_in_the_console_of_s3() {
        let (region, name) = ("eu-west-1".parse().expect("a region"), "things".parse().expect("a name"));
        let host = "https://eu-west-1.console.aws.amazon.com/s3";
        let folder = s3_console(&region, &name, "a b/&/", None);
        assert_eq!(folder, format!("{host}/buckets/things?region=eu-west-1&prefix=a%20b/%26/"));
        let object = s3_console(&region, &name, "", Some("ü+%.txt"));
        assert_eq!(object, format!("{host}/object/things?region=eu-west-1&prefix=%C3%BC%2B%25.txt"));
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
