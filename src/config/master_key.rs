//! The keys that seal secrets in the store.

use std::path::PathBuf;

use nephoscope_ops::MasterKeys;
use secrecy::SecretString;

use super::reader::Reader;

/// Where the master keys are; with nothing said, in `master.key` of the data directory.
#[derive(Debug, Clone, Default)]
pub struct MasterKeyConfig {
    /// Keys as text, with commas between them: the first one seals, all of them open.
    pub key: Option<SecretString>,
    /// The file that holds them.
    pub file: Option<PathBuf>,
    /// The ARN of a key of KMS.
    pub kms: Option<String>,
}

impl MasterKeyConfig {
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        let key = reader.secret("master_key", "NEPHOSCOPE_MASTER_KEY");
        if let Some(key) = &key
            && let Err(error) = MasterKeys::check_text(key)
        {
            reader.complain(format!("master_key: {error}"));
        }
        Self {
            key,
            file: reader.text("master_key_file", "NEPHOSCOPE_MASTER_KEY_FILE").map(PathBuf::from),
            kms: reader.text("master_key_kms", "NEPHOSCOPE_MASTER_KEY_KMS"),
        }
    }
}
