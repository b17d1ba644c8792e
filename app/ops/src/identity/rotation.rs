//! Changing the key that signs session tokens.

use nephoscope_model::{Operation, Result, Timestamp};

use crate::{
    Administer, Caller, Grant, Ops,
    record::{Done, Task},
};

/// How old a key may become before it is changed by itself: 30 days.
const ROTATE_AFTER_MILLIS: i64 = 30 * 86_400_000;

impl Ops {
    /// Makes a new signing key. Nobody is logged out: what the one before signed stays good to its end.
    ///
    /// # Errors
    /// `conflict` when the keys are configured, `unavailable` when their file cannot be written.
    pub async fn rotate_signing_key(&self, caller: &Caller) -> Result<String> {
        self.perform(caller, Task::new(Operation::RotateSigningKey), async |_: Grant<Administer>| {
            let id = self.signing_keys().rotate(Timestamp::now())?;
            let words = format!("the new key is {id}");
            Ok(Done::with(id, words))
        })
        .await
    }

    /// Makes a new signing key when the present one is older than 30 days; configured keys are left alone.
    ///
    /// # Errors
    /// `unavailable` when the file of the keys cannot be written.
    pub async fn rotate_old_signing_key(&self) -> Result<()> {
        let now = Timestamp::now().as_millis();
        if self
            .signing_keys()
            .active_since()
            .is_some_and(|since| now - since.as_millis() > ROTATE_AFTER_MILLIS)
        {
            self.rotate_signing_key(&Caller::system()).await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path, sync::Arc};

    use nephoscope_aws::Cloud;
    use nephoscope_store::SqliteStore;
    use secrecy::ExposeSecret;

    use super::*;
    use crate::{SigningKey, SigningKeys};

    async fn ops_with(path: &Path) -> Ops {
        let store = SqliteStore::open_in_memory().expect("a store");
        let keys = SigningKeys::from_file(path).expect("keys");
        Ops::builder(Cloud::builder().build().await, Arc::new(store), keys).build()
    }

    #[tokio::test]
    async fn a_key_is_changed_when_it_is_old_and_not_before() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("signing.key");
        let key = SigningKey::generate_text();
        for (days, changed) in [(29, false), (31, true)] {
            let since = Timestamp::now().plus_millis(-days * 86_400_000);
            fs::write(&path, format!("{} {since}\n", key.expose_secret())).expect("a file");
            ops_with(&path).await.rotate_old_signing_key().await.expect("it was looked at");
            let keys = fs::read_to_string(&path).expect("a file");
            let lines = keys.lines().filter(|line| !line.starts_with('#')).count();
            assert_eq!(lines, if changed { 2 } else { 1 }, "{days} days");
            assert!(keys.contains(key.expose_secret()), "the old key is still accepted");
        }
    }
}
