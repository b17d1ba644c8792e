//! Deleting many objects with one confirmation.

use std::collections::BTreeSet;

use nephoscope_aws::Cloud;
use nephoscope_model::{
    Error, Operation, Result,
    s3::{Bucket, DELETE_BATCH, DeleteResult, MOST_DELETED, ObjectTarget, check_key},
};

use super::check_typed;
use crate::{
    Caller, Grant, Operate, Ops,
    record::{Done, Task},
};

impl Ops {
    /// Deletes objects and versions, and everything below prefixes, 1,000 with each call. The bucket's name must be typed. What fails for
    /// one keeps no other from being deleted; what is not there counts as deleted, as S3 has it.
    ///
    /// # Errors
    /// `confirmation_required`; `invalid_input` for none and for more than 10,000, before anything is deleted; and the errors of AWS while
    /// the prefixes are read. All else stands in the results, which come in the order of the targets.
    pub async fn delete_objects(
        &self,
        caller: &Caller,
        bucket: &Bucket,
        targets: Vec<ObjectTarget>,
        prefixes: Vec<String>,
        confirmation: Option<&str>,
    ) -> Result<Vec<DeleteResult>> {
        let (ops, caller, bucket) = (self.clone(), caller.clone(), bucket.clone());
        let confirmation = confirmation.map(str::to_owned);
        self.to_the_end(async move {
            let place = bucket.place();
            let words = describe(&targets, &prefixes);
            let task = Task::new(Operation::DeleteObjects).at(&place).on(bucket.name.as_str()).detail(words);
            ops.perform(&caller, task, async |grant: Grant<Operate>| {
                ops.check_place(&place)?;
                let cloud = ops.cloud_for(&caller);
                for key in targets.iter().map(|target| &target.key) {
                    check_key(key)?;
                }
                check_typed("objects", bucket.name.as_str(), confirmation.as_deref())?;
                grant.check_covers(&place)?;
                let all = expand(&cloud, &bucket, targets, &prefixes).await?;
                let results = delete_all(&cloud, &bucket, &all).await;
                ops.caches().objects.forget_all();
                let words = summary(&results);
                Ok(Done::with(results, words))
            })
            .await
        })
        .await
    }
}

/// The targets, each once, and what is below the prefixes.
async fn expand(
    cloud: &Cloud,
    bucket: &Bucket,
    mut targets: Vec<ObjectTarget>,
    prefixes: &[String],
) -> Result<Vec<ObjectTarget>> {
    let mut seen = BTreeSet::new();
    targets.retain(|target| seen.insert(target.clone()));
    for prefix in prefixes {
        if prefix.is_empty() {
            return Err(Error::invalid("A prefix is empty, and would be the whole bucket.")
                .with_hint("Empty the bucket instead."));
        }
        let mut after = None;
        loop {
            let (objects, more) =
                cloud.list_objects_below(&bucket.place(), &bucket.name, prefix, after.as_deref()).await?;
            after = objects.last().map(|object| object.key.clone());
            let found = objects.into_iter().map(|object| ObjectTarget { key: object.key, version_id: None });
            targets.extend(found.filter(|target| seen.insert(target.clone())));
            check_count(targets.len())?;
            if !more || after.is_none() {
                break;
            }
        }
    }
    if targets.is_empty() && prefixes.is_empty() {
        return Err(Error::invalid("No object is named.").with_hint("Name at least one."));
    }
    check_count(targets.len())?;
    Ok(targets)
}

fn check_count(count: usize) -> Result<()> {
    if count <= MOST_DELETED {
        return Ok(());
    }
    Err(Error::invalid(format!("These are more than {MOST_DELETED} objects, and none was deleted."))
        .with_hint("Delete them in smaller parts, or let the bucket or a prefix of it be emptied."))
}

async fn delete_all(cloud: &Cloud, bucket: &Bucket, targets: &[ObjectTarget]) -> Vec<DeleteResult> {
    let mut results = Vec::with_capacity(targets.len());
    for batch in targets.chunks(DELETE_BATCH) {
        match cloud.delete_objects(&bucket.place(), &bucket.name, batch).await {
            Ok(deleted) => results.extend(deleted),
            Err(error) => results.extend(batch.iter().map(|target| DeleteResult {
                key: target.key.clone(),
                version_id: target.version_id.clone(),
                error: Some(error.clone()),
            })),
        }
    }
    results
}

/// What is about to be deleted, for the audit: all of it would not fit.
fn describe(targets: &[ObjectTarget], prefixes: &[String]) -> String {
    let name = |target: &ObjectTarget| match &target.version_id {
        Some(version) => format!("{} (version {version})", target.key),
        None => target.key.clone(),
    };
    let below = prefixes.iter().map(|prefix| format!("all below {prefix}"));
    let names: Vec<String> = below.chain(targets.iter().map(name)).take(20).collect();
    format!("{} objects and {} prefixes: {}", targets.len(), prefixes.len(), names.join(", "))
}

fn summary(results: &[DeleteResult]) -> String {
    let failed: Vec<&Error> = results.iter().filter_map(|result| result.error.as_ref()).collect();
    let deleted = results.len() - failed.len();
    match failed.first() {
        None => format!("{deleted} deleted"),
        Some(first) => format!("{deleted} deleted, {} failed: {}", failed.len(), first.message),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_record_says_what_was_asked_for_and_what_came_of_it() {
        let target = |key: &str, version: Option<&str>| ObjectTarget {
            key: key.to_owned(),
            version_id: version.map(str::to_owned),
        };
        let words = describe(&[target("a", None), target("b", Some("7"))], &["c/".to_owned()]);
        assert_eq!(words, "2 objects and 1 prefixes: all below c/, a, b (version 7)");
        let result = |error| DeleteResult { key: "a".to_owned(), version_id: None, error };
        assert_eq!(summary(&[result(None)]), "1 deleted");
        let failed = [result(None), result(Some(Error::invalid("No.")))];
        assert_eq!(summary(&failed), "1 deleted, 1 failed: No.");
        assert!(check_count(MOST_DELETED).is_ok() && check_count(MOST_DELETED + 1).is_err());
    }
}
