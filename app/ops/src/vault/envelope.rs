//! One sealed secret: AES-256-GCM under a data key of its own, and the data key wrapped by a master key. Pure: no files, no clock.

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey},
    rand::{SecureRandom, SystemRandom},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use nephoscope_model::account::Sealed;
use zeroize::Zeroizing;

use super::Purpose;

/// The version of the format, the first part of every sealed text.
const VERSION: &str = "v1";

/// A key for one secret, or one that wraps such keys.
pub(super) struct DataKey(Zeroizing<[u8; 32]>);

impl std::fmt::Debug for DataKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DataKey([redacted])")
    }
}

impl DataKey {
    /// A new one, from the system's randomness.
    pub(super) fn generate() -> Self {
        let mut bytes = Zeroizing::new([0; 32]);
        SystemRandom::new().fill(&mut *bytes).expect("the system has randomness");
        Self(bytes)
    }

    /// From its bytes; nothing unless there are 32 of them.
    pub(super) fn from_slice(bytes: &[u8]) -> Option<Self> {
        let bytes: [u8; 32] = bytes.try_into().ok()?;
        Some(Self(Zeroizing::new(bytes)))
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &*self.0
    }

    /// Nonce, ciphertext and tag. Nothing only if the library refuses, which it has no reason to.
    pub(super) fn seal(&self, context: &[u8], plain: &[u8]) -> Option<Vec<u8>> {
        let key = RandomizedNonceKey::new(&AES_256_GCM, self.bytes()).ok()?;
        // Encrypted in place: with room for the tag no copy of the plaintext is left behind by growing.
        let mut text = Vec::with_capacity(plain.len() + AES_256_GCM.tag_len());
        text.extend_from_slice(plain);
        let nonce = key.seal_in_place_append_tag(Aad::from(context), &mut text).ok()?;
        let mut sealed = nonce.as_ref().to_vec();
        sealed.append(&mut text);
        Some(sealed)
    }

    /// What [`Self::seal`] was given; nothing unless key, context and every bit are the same.
    pub(super) fn open(&self, context: &[u8], mut sealed: Vec<u8>) -> Option<Zeroizing<Vec<u8>>> {
        let (nonce, text) = sealed.split_at_mut_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let key = RandomizedNonceKey::new(&AES_256_GCM, self.bytes()).ok()?;
        let plain = key.open_in_place(nonce, Aad::from(context), text).ok()?;
        let opened = Zeroizing::new(plain.to_vec());
        zeroize::Zeroize::zeroize(plain);
        Some(opened)
    }
}

/// What a secret is bound to: its purpose, each part with its length before it, so that no two purposes read the same.
pub(super) fn secret_context(purpose: &Purpose) -> Vec<u8> {
    context("secret", &[&purpose.record, purpose.field])
}

/// What a wrapped data key is bound to: the purpose, and the master key's id.
pub(super) fn key_context(purpose: &Purpose, key_id: &str) -> Vec<u8> {
    context("data key", &[key_id, &purpose.record, purpose.field])
}

fn context(kind: &str, parts: &[&str]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for part in ["nephoscope", VERSION, kind].iter().chain(parts) {
        bytes.extend_from_slice(&(part.len() as u64).to_be_bytes());
        bytes.extend_from_slice(part.as_bytes());
    }
    bytes
}

/// A sealed secret taken apart.
#[derive(Debug)]
pub(super) struct Envelope {
    /// The master key that wrapped the data key.
    pub(super) key_id: String,
    /// The data key, wrapped.
    pub(super) wrapped: Vec<u8>,
    /// Nonce, ciphertext and tag.
    pub(super) sealed: Vec<u8>,
}

impl Envelope {
    /// `v1.<master key id>.<wrapped data key>.<nonce, ciphertext, tag>`; no id has a full stop.
    pub(super) fn to_text(&self) -> Sealed {
        let [wrapped, sealed] = [&self.wrapped, &self.sealed].map(|bytes| URL_SAFE_NO_PAD.encode(bytes));
        Sealed::from(format!("{VERSION}.{}.{wrapped}.{sealed}", self.key_id))
    }

    /// Nothing unless it is of this version and whole.
    pub(super) fn parse(text: &Sealed) -> Option<Self> {
        let mut parts = text.as_str().split('.');
        let (version, key_id) = (parts.next()?, parts.next()?);
        let mut bytes = || URL_SAFE_NO_PAD.decode(parts.next()?).ok();
        let (wrapped, sealed) = (bytes()?, bytes()?);
        (version == VERSION && parts.next().is_none()).then(|| Self {
            key_id: key_id.to_owned(),
            wrapped,
            sealed,
        })
    }
}
