//! Passwords: argon2id, and the same work for a name that does not exist.

use std::sync::Arc;

use argon2::{Argon2, PasswordHash, PasswordHasher, PasswordVerifier, password_hash::SaltString};
use nephoscope_model::{Error, Result, identity::UserName};
use rand::RngCore;
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;
use tracing::error;
use zxcvbn::{Score, zxcvbn};

/// The shortest password: NIST SP 800-63B asks for 8 at least, and more without a second factor.
pub(crate) const MIN_LENGTH: usize = 10;
/// The longest: argon2 would take more, but nobody types it.
const MAX_LENGTH: usize = 256;

/// Hashes and checks passwords with argon2id and the OWASP parameters that the crate has as defaults (19 MiB, 2 passes, 1 lane).
/// At most two at a time, so that a flood of log-ins takes neither all memory nor all cores.
#[derive(Debug, Clone)]
pub(crate) struct Hasher {
    turns: Arc<Semaphore>,
    /// The hash of a password that nobody has.
    decoy: SecretString,
}

impl Default for Hasher {
    fn default() -> Self {
        let decoy = hash_now(&SecretString::from("nobody has this password")).unwrap_or_default();
        Self { turns: Arc::new(Semaphore::new(2)), decoy: SecretString::from(decoy) }
    }
}

impl Hasher {
    /// The hash of a new password of this person, in PHC form.
    ///
    /// # Errors
    /// `invalid_input` when it is too short, too long or easy to guess.
    pub(crate) async fn hash_new(&self, password: &SecretString, name: &UserName) -> Result<SecretString> {
        let length = password.expose_secret().chars().count();
        if !(MIN_LENGTH..=MAX_LENGTH).contains(&length) {
            return Err(Error::invalid(format!(
                "A password has {MIN_LENGTH} to {MAX_LENGTH} characters; this one has {length}."
            )));
        }
        let (password, name) = (password.clone(), name.clone());
        let hashed = move || check_strength(&password, &name).map(|()| hash_now(&password));
        self.in_turn(hashed).await??.map(SecretString::from).ok_or_else(Error::internal)
    }

    /// Whether the password is the one of the hash. Without a hash the same work is done and the answer is no, so that the time
    /// taken does not tell which names exist.
    pub(crate) async fn verify(&self, password: &SecretString, hash: Option<&SecretString>) -> Result<bool> {
        if password.expose_secret().len() > MAX_LENGTH * 4 {
            return Ok(false);
        }
        let (exists, hash) = (hash.is_some(), hash.unwrap_or(&self.decoy).clone());
        let password = password.clone();
        let matches = self
            .in_turn(move || {
                PasswordHash::new(hash.expose_secret()).is_ok_and(|hash| {
                    Argon2::default().verify_password(password.expose_secret().as_bytes(), &hash).is_ok()
                })
            })
            .await?;
        Ok(matches && exists)
    }

    async fn in_turn<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        // The turn goes along with the work: whoever goes away meanwhile leaves both.
        let turn = Arc::clone(&self.turns).acquire_owned().await.map_err(|_| Error::internal())?;
        let work = move || {
            let _turn = turn;
            work()
        };
        tokio::task::spawn_blocking(work).await.map_err(|error| {
            error!("hashing a password failed: {error}");
            Error::internal()
        })
    }
}

/// Refuses what is guessed in fewer than 10⁸ attempts: common words and names, dates, keyboard patterns, repetitions, and the person's own
/// name.
fn check_strength(password: &SecretString, name: &UserName) -> Result<()> {
    let name_parts = name.as_str().split(['.', '_', '-', '@', '+']).filter(|part| part.len() > 2);
    let own: Vec<&str> = std::iter::once(name.as_str()).chain(name_parts).collect();
    let entropy = zxcvbn(password.expose_secret(), &own);
    if entropy.score() >= Score::Three {
        return Ok(());
    }
    let mut words = "This password is easy to guess.".to_owned();
    let mut advice = Vec::new();
    if let Some(feedback) = entropy.feedback() {
        if let Some(warning) = feedback.warning() {
            words.push_str(&format!(" {warning}"));
        }
        advice.extend(feedback.suggestions().iter().map(ToString::to_string));
    }
    if advice.is_empty() {
        advice.push("Use a few words that do not belong together.".to_owned());
    }
    Err(Error::invalid(words).with_hint(advice.join(" ")))
}

fn hash_now(password: &SecretString) -> Option<String> {
    let mut salt = [0; 16];
    rand::rng().fill_bytes(&mut salt);
    SaltString::encode_b64(&salt)
        .and_then(|salt| {
            Argon2::default()
                .hash_password(password.expose_secret().as_bytes(), &salt)
                .map(|hash| hash.to_string())
        })
        .inspect_err(|error| error!("argon2 failed: {error}"))
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name() -> UserName {
        "ada.lovelace".parse().expect("a name")
    }

    #[tokio::test]
    async fn only_the_right_password_of_somebody_who_exists_is_right() {
        let hasher = Hasher::default();
        let password = SecretString::from("correct horse battery");
        let hash = hasher.hash_new(&password, &name()).await.expect("a hash");
        assert!(hash.expose_secret().starts_with("$argon2id$"));
        assert_eq!(hasher.verify(&password, Some(&hash)).await, Ok(true));
        assert_eq!(hasher.verify(&SecretString::from("wrong"), Some(&hash)).await, Ok(false));
        assert_eq!(hasher.verify(&SecretString::from("nobody has this password"), None).await, Ok(false));
        assert_eq!(hasher.verify(&password, Some(&SecretString::from("garbage"))).await, Ok(false));
    }

    #[tokio::test]
    async fn short_passwords_are_refused() {
        assert!(Hasher::default().hash_new(&SecretString::from("short"), &name()).await.is_err());
    }

    #[test]
    fn what_is_easy_to_guess_is_refused_with_advice() {
        for weak in
            ["password1234", "qwertyuiop", "aaaaaaaaaaaa", "1234567890", "lovelaceada", "ada.lovelace1"]
        {
            let error = check_strength(&weak.into(), &name()).expect_err(weak);
            assert!(error.message.starts_with("This password is easy to guess."), "{weak}: {error:?}");
            assert!(error.hint.is_some_and(|hint| hint.ends_with('.')), "{weak}");
            assert!(!error.message.contains(weak));
        }
        for good in ["correct horse battery", "vq8-Rk2_mmZp1", "nephoscope-viewer"] {
            assert_eq!(check_strength(&good.into(), &name()), Ok(()), "{good}");
        }
    }
}
