//! Looking for objects by what lists tell of them, and counting them. S3 has no way but to read the list.

use nephoscope_model::{
    Error, Operation, Result,
    s3::{Bucket, FoundObjects, MOST_DELETED, ObjectFilter, PrefixCount},
};

use super::resource_of;
use crate::{
    Caller, Grant, Ops, Read,
    record::{Done, Task},
};

/// How many pages of 1,000 objects one request looks through.
const PAGES: usize = 20;
/// With so many found, it looks no further.
const ENOUGH: usize = 200;

impl Ops {
    /// The objects below a prefix that a [filter](ObjectFilter) lets pass. It looks at 20,000 objects at most and stops at 200 that were
    /// found; `next` goes on from there.
    ///
    /// # Errors
    /// `invalid_input` for an empty filter and for one that names no time or size where it should, `not_found` when the bucket is gone, and the errors of AWS.
    pub async fn search_objects(
        &self,
        caller: &Caller,
        bucket: &Bucket,
        prefix: &str,
        sought: &str,
        after: Option<&str>,
    ) -> Result<FoundObjects> {
        let (place, resource) = (bucket.place(), resource_of(&bucket.name, prefix));
        let task = Task::new(Operation::SearchObjects).at(&place).on(&resource);
        self.perform(caller, task, async |_: Grant<Read>| {
            self.check_place(&place)?;
            let filter = ObjectFilter::parse(sought);
            if filter.is_empty() {
                return Err(Error::invalid("Nothing is said to look for.")
                    .with_hint("Give a part of the key, or something like size:>10MB or modified:2026-11."));
            }
            filter.check()?;
            let cloud = self.cloud_for(caller);
            let mut found = FoundObjects { next: after.map(str::to_owned), ..FoundObjects::default() };
            'pages: for _ in 0..PAGES {
                let (objects, more) =
                    cloud.list_objects_below(&place, &bucket.name, prefix, found.next.as_deref()).await?;
                let last = objects.last().map(|object| object.key.clone());
                for object in objects {
                    found.looked_at += 1;
                    if !filter.passes(&object) {
                        continue;
                    }
                    let key = object.key.clone();
                    found.objects.push(object);
                    if found.objects.len() == ENOUGH {
                        found.next = (more || last.as_ref() != Some(&key)).then_some(key);
                        break 'pages;
                    }
                }
                // A page without a last key is empty, and there is no way on from it.
                found.next = last.filter(|_| more);
                if found.next.is_none() {
                    break;
                }
            }
            let words = format!("{sought:?}: {} of {} objects", found.objects.len(), found.looked_at);
            Ok(Done::with(found, words))
        })
        .await
    }

    /// How many objects are below a prefix, and their size, as far as one request would delete them.
    ///
    /// # Errors
    /// `not_found` when the bucket is gone, and the errors of AWS.
    pub async fn count_objects(&self, caller: &Caller, bucket: &Bucket, prefix: &str) -> Result<PrefixCount> {
        let (place, resource) = (bucket.place(), resource_of(&bucket.name, prefix));
        let task = Task::new(Operation::ListObjects).at(&place).on(&resource);
        self.perform(caller, task, async |_: Grant<Read>| {
            self.check_place(&place)?;
            let cloud = self.cloud_for(caller);
            let (mut count, mut after) = (PrefixCount::default(), None::<String>);
            loop {
                let (objects, more) =
                    cloud.list_objects_below(&place, &bucket.name, prefix, after.as_deref()).await?;
                count.objects += objects.len() as u64;
                count.bytes = objects.iter().fold(count.bytes, |sum, it| sum.saturating_add(it.size));
                after = objects.last().map(|object| object.key.clone());
                count.more = more;
                if !more || after.is_none() || count.objects >= MOST_DELETED as u64 {
                    break;
                }
            }
            let words = format!("counted {}", count.objects);
            Ok(Done::with(count, words))
        })
        .await
    }
}
