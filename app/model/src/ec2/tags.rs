//! Changing the tags of something in EC2, within the limits that EC2 documents
//! ([tag restrictions](https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html#tag-restrictions)).

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Instance, Tag, name_in};
use crate::{Error, Result, error::shorten};

/// Tags on a resource at most, without those that AWS makes itself.
pub const MOST_TAGS: usize = 50;
/// Unicode characters in a key at most.
pub const MOST_IN_KEY: usize = 128;
/// Unicode characters in a value at most.
pub const MOST_IN_VALUE: usize = 256;

impl Tag {
    /// Whether AWS made it: nobody else can add, change or remove it, and it does not count.
    #[must_use]
    pub fn is_of_aws(&self) -> bool {
        is_of_aws(&self.key)
    }

    /// Makes sure that EC2 would take it.
    ///
    /// # Errors
    /// `invalid_input`, naming the tag and the limit.
    pub fn check(&self) -> Result<()> {
        let shown = shorten(&self.key, 40);
        if self.key.is_empty() {
            return Err(Error::invalid("A tag has no key.").with_hint("Give it one, or remove the tag."));
        }
        if self.is_of_aws() {
            return Err(Error::invalid(format!("The tag {shown:?} cannot be changed."))
                .with_hint("Keys that begin with aws: belong to AWS."));
        }
        let (key, value) = (self.key.chars().count(), self.value.chars().count());
        if key > MOST_IN_KEY {
            return Err(Error::invalid(format!("The key {shown:?} has {key} characters."))
                .with_hint(format!("AWS takes up to {MOST_IN_KEY}.")));
        }
        if value > MOST_IN_VALUE {
            return Err(Error::invalid(format!("The value of the tag {shown:?} has {value} characters."))
                .with_hint(format!("AWS takes up to {MOST_IN_VALUE}.")));
        }
        Ok(())
    }
}

impl Instance {
    /// Gives it other tags, of which one may be its name.
    pub fn set_tags(&mut self, tags: Vec<Tag>) {
        self.name = name_in(&tags);
        self.tags = tags;
    }
}

fn is_of_aws(key: &str) -> bool {
    key.get(..4).is_some_and(|prefix| prefix.eq_ignore_ascii_case("aws:"))
}

/// What is to become of tags: some set, some removed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TagChanges {
    /// Added, or given another value.
    pub set: Vec<Tag>,
    /// The keys that are removed.
    pub remove: Vec<String>,
}

impl TagChanges {
    /// What makes these tags of those. Tags that AWS made are left alone.
    ///
    /// # Errors
    /// `invalid_input` for a wanted tag that EC2 would not take, a key that is there twice, and too many.
    pub fn between(known: &[Tag], wanted: &[Tag]) -> Result<Self> {
        // Whoever sends back what was read sends the tags of AWS, too.
        let is_unchanged_of_aws = |tag: &&Tag| tag.is_of_aws() && known.contains(tag);
        let wanted: Vec<&Tag> = wanted.iter().filter(|tag| !is_unchanged_of_aws(tag)).collect();
        let mut keys = BTreeSet::new();
        for tag in &wanted {
            tag.check()?;
            check_once(&mut keys, &tag.key)?;
        }
        check_number(wanted.len())?;
        let set = wanted.iter().filter(|tag| !known.contains(tag)).map(|tag| (*tag).clone()).collect();
        let gone = known.iter().filter(|tag| !tag.is_of_aws() && !keys.contains(tag.key.as_str()));
        Ok(Self { set, remove: gone.map(|tag| tag.key.clone()).collect() })
    }

    /// Makes sure that EC2 would take them, whatever has which tags.
    ///
    /// # Errors
    /// `invalid_input` when there is nothing to change, a tag that EC2 would not take is set, one of AWS's own is removed, a key is named
    /// twice, or there are too many.
    pub fn check(&self) -> Result<()> {
        if self.is_empty() {
            return Err(Error::invalid("No tag is to be changed.").with_hint("Set one, or remove one."));
        }
        let mut keys = BTreeSet::new();
        for tag in &self.set {
            tag.check()?;
            check_once(&mut keys, &tag.key)?;
        }
        for key in &self.remove {
            Tag { key: key.clone(), value: String::new() }.check()?;
            check_once(&mut keys, key)?;
        }
        check_number(self.set.len())?;
        check_number(self.remove.len())
    }

    /// What of them changes these tags: what is so already is left out.
    #[must_use]
    pub fn of(&self, tags: &[Tag]) -> Self {
        let set = self.set.iter().filter(|tag| !tags.contains(tag)).cloned().collect();
        let is_there = |key: &&String| tags.iter().any(|tag| tag.key == **key);
        Self { set, remove: self.remove.iter().filter(is_there).cloned().collect() }
    }

    /// Whether nothing is to be changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.set.is_empty() && self.remove.is_empty()
    }

    /// The tags as they are after the changes, sorted by key.
    ///
    /// # Errors
    /// `invalid_input` when they are too many: somebody else may have added some meanwhile.
    pub fn apply(&self, tags: &[Tag]) -> Result<Vec<Tag>> {
        let touched = |key: &String| self.remove.contains(key) || self.set.iter().any(|tag| tag.key == *key);
        let kept = tags.iter().filter(|tag| !touched(&tag.key)).cloned();
        let mut tags: Vec<Tag> = kept.chain(self.set.iter().cloned()).collect();
        tags.sort();
        check_number(tags.iter().filter(|tag| !tag.is_of_aws()).count())?;
        Ok(tags)
    }
}

fn check_once<'a>(keys: &mut BTreeSet<&'a str>, key: &'a str) -> Result<()> {
    if keys.insert(key) {
        return Ok(());
    }
    Err(Error::invalid(format!("The key {:?} is there twice.", shorten(key, 40)))
        .with_hint("A key has one value; upper and lower case are told apart."))
}

fn check_number(count: usize) -> Result<()> {
    if count <= MOST_TAGS {
        return Ok(());
    }
    Err(Error::invalid(format!("{count} tags are too many."))
        .with_hint(format!("AWS takes up to {MOST_TAGS} on one resource.")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tag(key: &str, value: &str) -> Tag {
        Tag { key: key.to_owned(), value: value.to_owned() }
    }

    #[test]
    fn only_what_differs_is_changed() {
        let known = [tag("Name", "web"), tag("Team", "a"), tag("aws:cloudformation:stack-name", "s")];
        let wanted = [tag("Name", "web"), tag("Team", "b"), tag("New", "")];
        let changes = TagChanges::between(&known, &wanted).expect("good");
        assert_eq!(changes.set, [tag("Team", "b"), tag("New", "")]);
        assert_eq!(changes.remove, Vec::<String>::new());
        let none = TagChanges::between(&known, &[]).expect("good");
        assert_eq!(none.remove, ["Name", "Team"], "what AWS made stays");
        assert!(TagChanges::between(&known, &known).expect("good").is_empty());
        let after = changes.apply(&[tag("Team", "c"), tag("Else", "x"), tag("aws:x", "")]).expect("good");
        assert_eq!(after, [tag("Else", "x"), tag("New", ""), tag("Team", "b"), tag("aws:x", "")]);
    }

    #[test]
    fn changes_for_many_are_checked_before_anything_is_asked_and_fitted_to_each() {
        let changes =
            TagChanges { set: vec![tag("Team", "b"), tag("New", "")], remove: vec!["Old".to_owned()] };
        assert!(changes.check().is_ok());
        let fitted = changes.of(&[tag("Team", "b"), tag("Else", "x")]);
        assert_eq!(fitted, TagChanges { set: vec![tag("New", "")], remove: Vec::new() });
        let of = |set: &[Tag], remove: &[&str]| TagChanges {
            set: set.to_vec(),
            remove: remove.iter().map(|key| (*key).to_owned()).collect(),
        };
        let many: Vec<Tag> = (0..=MOST_TAGS).map(|n| tag(&n.to_string(), "")).collect();
        for bad in [
            of(&[], &[]),
            of(&[tag("", "x")], &[]),
            of(&[tag("aws:x", "x")], &[]),
            of(&[], &["aws:x"]),
            of(&[], &[""]),
            of(&[tag("a", "1"), tag("a", "2")], &[]),
            of(&[tag("a", "1")], &["a"]),
            of(&many, &[]),
        ] {
            assert!(bad.check().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn the_name_of_an_instance_is_one_of_its_tags() {
        let mut named = super::super::tests::instance();
        named.set_tags(vec![tag("Name", "db")]);
        assert_eq!((named.name.as_str(), named.tags.len()), ("db", 1));
        named.set_tags(Vec::new());
        assert_eq!(named.name, "");
    }

    #[test]
    fn what_ec2_would_not_take_is_refused_before_it_is_sent() {
        let long = |length: usize| "ü".repeat(length);
        for (wanted, what) in [
            (vec![tag("", "x")], "no key"),
            (vec![tag("aws:x", "x")], "cannot be changed"),
            (vec![tag("AWS:x", "x")], "cannot be changed"),
            (vec![tag("a", "1"), tag("a", "2")], "twice"),
            (vec![tag(&long(129), "")], "129 characters"),
            (vec![tag("a", &long(257))], "257 characters"),
            ((0..51).map(|n| tag(&n.to_string(), "")).collect(), "51 tags"),
        ] {
            let error = TagChanges::between(&[tag("aws:x", "y")], &wanted).expect_err(what);
            assert!(error.message.contains(what) && error.hint.is_some(), "{error:?}");
        }
        let most: Vec<Tag> = (0..48).map(|n| tag(&n.to_string(), "")).collect();
        let most =
            [most, vec![tag(&long(128), &long(256)), tag("a", ""), tag("A", ""), tag("aws:x", "y")]].concat();
        assert!(TagChanges::between(&[tag("aws:x", "y")], &most[..50]).is_ok());
        let error = TagChanges::between(&[tag("aws:x", "y")], &most).expect_err("51");
        assert!(error.message.contains("51 tags"), "{error:?}");
        let all = TagChanges::between(&[], &most[..50]).expect("50");
        assert!(all.apply(&[tag("aws:y", "")]).is_ok(), "those of AWS do not count");
        assert!(all.apply(&[tag("another", "")]).is_err(), "one more came meanwhile");
    }
}
