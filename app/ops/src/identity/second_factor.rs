//! The second factor: codes of a device (TOTP, RFC 6238), and recovery codes for the day when it is lost.
//!
//! The device's secret lies sealed in the store. Each code is good once: the store remembers the last step of time whose code was used.

use data_encoding::BASE32_NOPAD;
use nephoscope_model::{
    Error, ErrorCode, Operation, Result, Timestamp,
    account::Sealed,
    identity::{FactorSetup, RecoveryCodes, User, UserName},
};
use nephoscope_store::{SecondFactor, StoredUser};
use rand::RngCore;
use secrecy::{ExposeSecret, SecretString};
use totp_rs::{Algorithm, TOTP};

use super::{
    LoggedIn, Session, Visitor,
    session::wrong_credentials,
    token::{self, hash_secret},
};
use crate::{
    Administer, Caller, Grant, Ops, Own, Purpose, Read,
    record::{Done, Task},
    wait_seconds,
};

/// What devices make: six digits, a new code every 30 seconds, by HMAC-SHA-1. Few devices can do anything else, and for this SHA-1 is sound.
const DIGITS: usize = 6;
const STEP_SECS: u64 = 30;
/// The length of a device's secret: what RFC 4226 recommends.
const SECRET_BYTES: usize = 20;
/// How long a device may take from its QR code to its first code.
const SETUP_MILLIS: i64 = 15 * 60_000;
/// How many recovery codes there are, of 80 random bits each: so many that a plain hash is enough.
const RECOVERY_CODES: usize = 10;
const RECOVERY_BYTES: usize = 10;

impl Ops {
    /// Makes a secret for a device. It counts when [`Self::confirm_second_factor`] gets the first code of it.
    ///
    /// # Errors
    /// `forbidden` with a token for a program, `conflict` when there is a second factor already.
    pub async fn begin_second_factor(&self, caller: &Caller) -> Result<FactorSetup> {
        // Whether they may is checked as for the operation that this begins; nothing has happened yet that could be recorded.
        self.check_may(caller, Operation::AddFactor, "").await?;
        let stored = self.own_user(caller).await?;
        check_none(&stored.user)?;
        let mut bytes = [0; SECRET_BYTES];
        rand::rng().fill_bytes(&mut bytes);
        let secret = BASE32_NOPAD.encode(&bytes);
        let pending = SecretString::from(format!("{}:{secret}", Timestamp::now().as_millis()));
        let pending = self.vault().seal(&pending_purpose(&stored.user), &pending).await?;
        Ok(FactorSetup { uri: uri(&stored.user.name, &secret), pending: pending.as_str().to_owned(), secret })
    }

    /// Begins to use a second factor, when the first code of its device is right. Gives the recovery codes.
    ///
    /// # Errors
    /// `invalid_input` when the code is wrong or the beginning was too long ago.
    pub async fn confirm_second_factor(
        &self,
        caller: &Caller,
        pending: &str,
        code: &str,
    ) -> Result<RecoveryCodes> {
        self.perform(caller, Task::new(Operation::AddFactor), async |_: Grant<Own>| {
            let user = self.own_user(caller).await?.user;
            check_none(&user)?;
            self.count_code(&user)?;
            let secret = self.open_pending(&user, pending).await?;
            let now = Timestamp::now();
            let step = find_step(&secret, &digits_of(code), now).ok_or_else(|| {
                Error::invalid("The code is not the one of this device.")
                    .with_hint("Check that the clock of the device is right, and give the code it shows now.")
            })?;
            let codes: Vec<String> = (0..RECOVERY_CODES).map(|_| new_recovery_code()).collect();
            let factor = SecondFactor {
                sealed_secret: self.vault().seal(&purpose(&user), &secret).await?.as_str().into(),
                last_step: step,
                recovery_hashes: codes.iter().map(|code| hash_secret(&letters_of(code))).collect(),
            };
            self.store().set_second_factor(&user.id, Some(&factor)).await?;
            self.person_changed(&user.id);
            Ok(RecoveryCodes { codes })
        })
        .await
    }

    async fn open_pending(&self, user: &User, pending: &str) -> Result<SecretString> {
        let again = || {
            Error::invalid("This device was begun too long ago, or by somebody else.")
                .with_hint("Begin again at /settings/me.")
        };
        let pending = Sealed::from(pending.to_owned());
        let opened = self.vault().open_sealed(&pending_purpose(user), &pending).await.map_err(|_| again())?;
        let (begun, secret) = opened.expose_secret().split_once(':').ok_or_else(again)?;
        let begun: i64 = begun.parse().map_err(|_| again())?;
        if Timestamp::now().as_millis() - begun > SETUP_MILLIS {
            return Err(again());
        }
        Ok(secret.into())
    }

    /// Goes on without a second factor.
    ///
    /// # Errors
    /// `invalid_input` when the password is wrong, `rate_limited`.
    pub async fn remove_second_factor(
        &self,
        caller: &Caller,
        password: &SecretString,
        visitor: &Visitor,
    ) -> Result<()> {
        self.perform(caller, Task::new(Operation::RemoveFactor), async |_: Grant<Own>| {
            let stored = self.own_user(caller).await?;
            self.check_own_password(&stored, password, visitor).await?;
            self.store().set_second_factor(&stored.user.id, None).await?;
            self.person_changed(&stored.user.id);
            Ok(())
        })
        .await
    }

    /// Takes a person's second factor away: with their password alone they log in and set up another.
    ///
    /// # Errors
    /// `not_found` when there is no such user.
    pub async fn reset_second_factor(&self, caller: &Caller, name: &UserName) -> Result<()> {
        let task = Task::new(Operation::ResetFactor).on(name.as_str());
        self.perform(caller, task, async |_: Grant<Administer>| {
            let user = self.user(name).await?;
            self.store().set_second_factor(&user.id, None).await?;
            self.person_changed(&user.id);
            Ok(())
        })
        .await
    }

    /// The second step of a log-in: the ticket of the first, and a code of the device or a recovery code.
    ///
    /// # Errors
    /// `unauthenticated` when the code is wrong or was used before, `token_invalid` when the first step was too long ago, `rate_limited`.
    pub async fn log_in_with_code(&self, ticket: &str, code: &str, visitor: &Visitor) -> Result<LoggedIn> {
        let ticket = token::verify_ticket(self.signing_keys(), ticket, Timestamp::now())?;
        let user = self.store().get_user(&ticket.user_id).await?.ok_or_else(wrong_credentials)?;
        let stored = self.store().find_user(&user.name).await?.filter(|stored| {
            // Whose password was replaced since the first step begins anew.
            !stored.user.disabled && hash_secret(stored.password_hash.expose_secret()) == ticket.password_mark
        });
        let stored = stored.ok_or_else(wrong_credentials)?;
        let attempt = self.login_guard().admit(visitor.address, user.name.as_str())?;
        tokio::time::sleep(attempt.delay()).await;
        let caller =
            Caller { name: user.name.to_string(), ..Caller::system().within_request(&visitor.request_id) };
        let session = self
            .perform(&caller, Task::new(Operation::LogIn), async |_: Grant<Read>| {
                let (session, how) = self.finish_with_code(&stored, code, visitor).await?;
                Ok(Done::with(session, how))
            })
            .await;
        if !matches!(&session, Err(error) if error.code == ErrorCode::Unauthenticated) {
            attempt.forgive();
        }
        session.map(LoggedIn::In)
    }

    /// Begins the session of somebody whose password was right, if the code is.
    pub(super) async fn finish_with_code(
        &self,
        stored: &StoredUser,
        code: &str,
        visitor: &Visitor,
    ) -> Result<(Session, &'static str)> {
        self.count_code(&stored.user)?;
        let how = self.use_code_or_recovery(&stored.user, code).await?.ok_or_else(|| {
            Error::new(ErrorCode::Unauthenticated, "The code is wrong, or was used before.")
                .with_hint("Give the code that your device shows now, or one of your recovery codes.")
        })?;
        Ok((self.begin_session(stored, visitor).await?, how))
    }

    /// A code has a million values, so a person's codes are heard rarely, wherever they come from. Only who knows the password gets here.
    fn count_code(&self, user: &User) -> Result<()> {
        self.code_limit().check(user.id.clone()).map_err(|wait| {
            Error::new(ErrorCode::RateLimited, "Too many codes.")
                .with_hint("Wait a minute, then give the code that your device shows.")
                .with_retry_after(wait_seconds(wait))
        })
    }

    /// Uses a code up and says what it was; none when it is not good.
    async fn use_code_or_recovery(&self, user: &User, code: &str) -> Result<Option<&'static str>> {
        let Some(factor) = self.store().find_second_factor(&user.id).await? else { return Ok(None) };
        let digits = digits_of(code);
        if digits.len() == DIGITS {
            let sealed = Sealed::from(factor.sealed_secret.expose_secret().to_owned());
            let secret = self.vault().open_sealed(&purpose(user), &sealed).await?;
            let Some(step) = find_step(&secret, &digits, Timestamp::now()) else { return Ok(None) };
            return Ok(self.store().use_code(&user.id, step).await?.then_some("with a code of the device"));
        }
        let used = self.store().use_recovery_code(&user.id, &hash_secret(&letters_of(code))).await?;
        Ok(used.then_some("with a recovery code"))
    }

    /// Seals anew what is not sealed with the present master key, and says how many secrets that were.
    ///
    /// # Errors
    /// `conflict` when one does not open; its person can have the factor reset.
    pub(crate) async fn reseal_second_factors(&self) -> Result<usize> {
        let mut changed = 0;
        for user in self.store().list_users().await?.into_iter().filter(|user| user.has_second_factor) {
            let Some(factor) = self.store().find_second_factor(&user.id).await? else { continue };
            let old = factor.sealed_secret.expose_secret();
            let sealed = Sealed::from(old.to_owned());
            if self.vault().is_current(&sealed)? {
                continue;
            }
            let secret = self.vault().open_sealed(&purpose(&user), &sealed).await.map_err(|error| {
                Error::new(ErrorCode::Conflict, format!("{} Both master keys are kept.", error.message))
                    .with_hint(format!("Reset the second factor of {}; then try again.", user.name))
            })?;
            let anew = self.vault().seal(&purpose(&user), &secret).await?;
            // When it is another one meanwhile, the next pass looks again.
            self.store().reseal_second_factor(&user.id, old, anew.as_str()).await?;
            changed += 1;
        }
        Ok(changed)
    }
}

fn check_none(user: &User) -> Result<()> {
    if !user.has_second_factor {
        return Ok(());
    }
    Err(Error::new(ErrorCode::Conflict, "You have a second factor already.").with_hint("Remove it first."))
}

fn purpose(user: &User) -> Purpose {
    Purpose::new(format!("user/{}", user.id), "second factor")
}

fn pending_purpose(user: &User) -> Purpose {
    Purpose::new(format!("user/{}", user.id), "pending second factor")
}

/// What devices read from a QR code. A user name needs little encoding.
fn uri(name: &UserName, secret: &str) -> String {
    let name = name.as_str().replace('@', "%40").replace('+', "%2B");
    format!(
        "otpauth://totp/nephoscope:{name}?secret={secret}&issuer=nephoscope&algorithm=SHA1&digits={DIGITS}&period={STEP_SECS}"
    )
}

/// The step of time whose code this is: the present one, or one of its neighbours, for clocks that are half a minute off.
fn find_step(secret: &SecretString, code: &str, now: Timestamp) -> Option<i64> {
    let bytes = BASE32_NOPAD.decode(secret.expose_secret().as_bytes()).ok()?;
    let totp = TOTP::new_unchecked(Algorithm::SHA1, DIGITS, 0, STEP_SECS, bytes);
    let present = u64::try_from(now.as_secs()).ok()? / STEP_SECS;
    // The newest first, and compared by `check`, which takes the same time for every wrong code.
    [present + 1, present, present.saturating_sub(1)]
        .into_iter()
        .find(|step| totp.check(code, step * STEP_SECS))
        .and_then(|step| i64::try_from(step).ok())
}

/// The digits of what was typed: devices show codes in groups.
fn digits_of(code: &str) -> String {
    let mut digits = String::new();
    for letter in code.chars().filter(|letter| !letter.is_whitespace()) {
        if !letter.is_ascii_digit() || digits.len() > DIGITS {
            return String::new();
        }
        digits.push(letter);
    }
    digits
}

/// The letters of a recovery code, however it was typed.
fn letters_of(code: &str) -> String {
    code.chars().filter(char::is_ascii_alphanumeric).take(64).collect::<String>().to_ascii_uppercase()
}

/// `ABCD-EFGH-IJKL-MNOP`.
fn new_recovery_code() -> String {
    let mut bytes = [0; RECOVERY_BYTES];
    rand::rng().fill_bytes(&mut bytes);
    let letters = BASE32_NOPAD.encode(&bytes);
    let groups: Vec<&str> = [0, 4, 8, 12].iter().map(|start| &letters[*start..start + 4]).collect();
    groups.join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The secret of RFC 6238's examples, and their codes for SHA-1, cut to six digits.
    #[test]
    fn codes_are_those_of_the_standard() {
        let secret = SecretString::from(BASE32_NOPAD.encode(b"12345678901234567890"));
        for (seconds, code) in
            [(59, "287082"), (1_111_111_109, "081804"), (1_234_567_890, "005924"), (20_000_000_000, "353130")]
        {
            let at = Timestamp::from_millis(seconds * 1_000);
            assert_eq!(find_step(&secret, code, at), Some(seconds / 30), "{seconds}");
            assert_eq!(
                find_step(&secret, code, at.plus_millis(30_000)),
                Some(seconds / 30),
                "a clock that is late"
            );
            assert_eq!(find_step(&secret, code, at.plus_millis(90_000)), None);
            assert_eq!(find_step(&secret, code, at.plus_millis(-90_000)), None);
        }
    }

    #[test]
    fn codes_are_read_however_they_are_typed() {
        assert_eq!(digits_of(" 123 456 "), "123456");
        assert_eq!(digits_of("12345a"), "");
        assert_eq!(letters_of(" abcd-efgh ijkl"), "ABCDEFGHIJKL");
        let code = new_recovery_code();
        assert_eq!((code.len(), letters_of(&code).len()), (19, 16));
        assert_ne!(code, new_recovery_code());
    }

    #[test]
    fn devices_are_told_whose_it_is() {
        let name = "ada+ops@example.com".parse().expect("a name");
        assert!(
            uri(&name, "ABC").starts_with("otpauth://totp/nephoscope:ada%2Bops%40example.com?secret=ABC&")
        );
    }
}
