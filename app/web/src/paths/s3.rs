//! Addresses of buckets and of what is in them.

use nephoscope_model::{Place, Scope, s3::BucketName};

use super::{Link, param};

/// The part of a bucket's page that shows how it is configured.
pub const PROPERTIES: &str = "properties";

/// One bucket: `/s3/<name>?at=<account>/<region>` and the scope.
#[must_use]
pub fn bucket(place: &Place, name: &BucketName, scope: &Scope) -> String {
    Link::new("/s3").segment(name.as_str()).at(place).scope(scope).build()
}

/// A part of one bucket's page.
#[must_use]
pub fn bucket_part(place: &Place, name: &BucketName, part: &str, scope: &Scope) -> String {
    Link::new("/s3").segment(name.as_str()).at(place).query(param::PART, part).scope(scope).build()
}

/// What is in a bucket, to be said more of.
#[must_use]
pub fn in_bucket(place: &Place, name: &BucketName) -> Link {
    Link::new("/s3").segment(name.as_str()).at(place)
}

/// What is below a prefix of a bucket.
#[must_use]
pub fn objects(place: &Place, name: &BucketName, prefix: &str, scope: &Scope) -> String {
    in_bucket(place, name).query("prefix", prefix).scope(scope).build()
}

/// The versions of all that is below a prefix.
#[must_use]
pub fn versions(place: &Place, name: &BucketName, prefix: &str, scope: &Scope) -> String {
    in_bucket(place, name).query("prefix", prefix).query("versions", "1").scope(scope).build()
}

/// One object, or one of its versions.
#[must_use]
pub fn object(place: &Place, name: &BucketName, key: &str, version: Option<&str>, scope: &Scope) -> String {
    let link = Link::new("/s3").segment(name.as_str()).at(place).query("key", key);
    link.query_opt("version", version).scope(scope).build()
}

/// The content of an object or of one of its versions, as a file.
#[must_use]
pub fn object_file(place: &Place, name: &BucketName, key: &str, version: Option<&str>) -> String {
    content("object", place, name, key, version)
}

/// What can be shown of an object or of one of its versions.
#[must_use]
pub fn object_preview(place: &Place, name: &BucketName, key: &str, version: Option<&str>) -> String {
    content("preview", place, name, key, version)
}

fn content(how: &str, place: &Place, name: &BucketName, key: &str, version: Option<&str>) -> String {
    let link = Link::new("/api/s3")
        .segment(name.as_str())
        .segment(how)
        .query("key", key)
        .query_opt("versionId", version);
    in_place(link, place)
}

/// Where a file is sent that shall lie below a prefix.
#[must_use]
pub fn upload_to(place: &Place, name: &BucketName, prefix: &str) -> String {
    Link::new("/s3").segment(name.as_str()).segment("upload").at(place).query("prefix", prefix).build()
}

/// Where a small file is sent by itself, whole.
#[must_use]
pub fn upload_whole(place: &Place, name: &BucketName, key: &str, overwrite: bool) -> String {
    let link = Link::new("/api/s3/upload").query("bucket", name.as_str()).query("key", key);
    in_place(overwriting(link, overwrite), place)
}

/// Where uploads in parts are begun; with segments after it, one of them or a part.
#[must_use]
pub fn uploads(place: &Place, name: &BucketName, after: &[&str], overwrite: bool) -> String {
    let link = Link::new("/api/s3").segment(name.as_str()).segment("uploads");
    let link = after.iter().fold(link, |link, segment| link.segment(segment));
    in_place(overwriting(link, overwrite), place)
}

fn overwriting(link: Link, overwrite: bool) -> Link {
    link.query_opt("overwrite", overwrite.then_some("true"))
}

fn in_place(link: Link, place: &Place) -> String {
    link.query(param::ACCOUNT, place.account.as_str()).query(param::REGION, place.region.as_str()).build()
}

/// Where the form is sent that copies an object, or makes an earlier version the present one.
#[must_use]
pub fn copy_in(place: &Place, name: &BucketName) -> String {
    Link::new("/s3").segment(name.as_str()).segment("copy").at(place).build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_key_is_named_in_an_address() {
        let place = super::super::parse_place("333333333333/us-east-1").expect("a place");
        let name = "things".parse().expect("a name");
        let link = object(&place, &name, "../a b+%20&é/", Some("v/1"), &Scope::default());
        assert_eq!(link, "/s3/things?at=333333333333/us-east-1&key=../a%20b%2B%2520%26%C3%A9/&version=v/1");
        let file = object_preview(&place, &name, "/a", None);
        assert_eq!(file, "/api/s3/things/preview?key=/a&account=333333333333&region=us-east-1");
        let part = uploads(&place, &name, &["a-_", "parts", "1"], false);
        assert_eq!(part, "/api/s3/things/uploads/a-_/parts/1?account=333333333333&region=us-east-1");
        let whole = upload_whole(&place, &name, "a b", true);
        let rest = "overwrite=true&account=333333333333&region=us-east-1";
        assert_eq!(whole, format!("/api/s3/upload?bucket=things&key=a%20b&{rest}"));
    }
}
