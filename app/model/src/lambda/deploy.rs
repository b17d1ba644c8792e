//! Bringing code to a function.

use serde::{Deserialize, Serialize};

use super::{FunctionDetails, FunctionName};
use crate::{Error, ErrorCode, Result, error::shorten};

/// Whether a function may, must or must not exist already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum DeployMode {
    /// It is created, or gets new code when it exists.
    #[default]
    Either,
    /// It must not exist.
    Create,
    /// It must exist.
    Update,
}

/// An archive in S3.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct S3Code {
    /// The bucket, in the function's region.
    pub bucket: String,
    /// The object's key.
    pub key: String,
    /// The object's version; the newest when left out.
    #[serde(default)]
    pub version: Option<String>,
}

/// The code that is brought. `Debug` shows no bytes of it.
#[derive(Clone, PartialEq, Eq)]
pub enum Code {
    /// A zip archive.
    Zip(Vec<u8>),
    /// A zip archive in S3.
    S3(S3Code),
}

impl std::fmt::Debug for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.describe())
    }
}

impl Code {
    /// A few words for the audit.
    #[must_use]
    pub fn describe(&self) -> String {
        match self {
            Self::Zip(bytes) => format!("an archive of {} bytes", bytes.len()),
            Self::S3(at) => format!("s3://{}/{}", at.bucket, shorten(&at.key, 200)),
        }
    }

    /// Whether Lambda could take it.
    ///
    /// # Errors
    /// `invalid_input` for what is no archive or has no place, `payload_too_large`.
    pub fn check(&self) -> Result<()> {
        match self {
            Self::Zip(bytes) if bytes.len() > super::MAX_ZIP => Err(Error::new(
                ErrorCode::PayloadTooLarge,
                format!("The archive has {} bytes; Lambda takes up to 50 MB directly.", bytes.len()),
            )
            .with_hint("Upload it to S3 and name the bucket and the key instead.")),
            // The signature of an archive's first file, or of an empty archive's end.
            Self::Zip(bytes) if !bytes.starts_with(b"PK\x03\x04") => {
                Err(Error::invalid("The code is not a zip archive with files in it."))
            }
            Self::S3(at) if at.bucket.is_empty() || at.key.is_empty() => {
                Err(Error::invalid("A place in S3 needs a bucket and a key."))
            }
            Self::Zip(_) | Self::S3(_) => Ok(()),
        }
    }
}

/// What to deploy, and how. What is left out of an existing function stays as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeployRequest {
    /// The function.
    pub name: FunctionName,
    /// Whether it exists.
    pub mode: DeployMode,
    /// Its code.
    pub code: Code,
    /// Such as `python3.12`; a new function needs it.
    pub runtime: Option<String>,
    /// What is called in the code; a new function needs it.
    pub handler: Option<String>,
    /// The ARN of the role it runs as; a new function needs it.
    pub role: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// Memory in MB: 128 unless said.
    pub memory_mb: Option<i32>,
    /// How long an invocation may take, in seconds: 3 unless said.
    pub timeout_secs: Option<i32>,
    /// `x86_64` unless said, or `arm64`.
    pub architecture: Option<String>,
    /// Whether to publish a version of it.
    pub publish: bool,
}

impl DeployRequest {
    /// Makes sure that a new function could be made of it.
    ///
    /// # Errors
    /// `invalid_input` that names what is missing.
    pub fn check_new(&self) -> Result<()> {
        let needed = [("runtime", &self.runtime), ("handler", &self.handler), ("role", &self.role)];
        let missing: Vec<&str> =
            needed.iter().filter(|(_, value)| value.is_none()).map(|(name, _)| *name).collect();
        if missing.is_empty() {
            return Ok(());
        }
        Err(Error::invalid(format!(
            "There is no function {} yet, and a new one needs: {}.",
            self.name,
            missing.join(", ")
        )))
    }

    /// Makes sure that what an existing function is asked to be is what it is, since a deployment brings it new code and nothing else.
    ///
    /// # Errors
    /// `conflict` that names what differs.
    pub fn check_existing(&self, now: &FunctionDetails) -> Result<()> {
        let function = &now.function;
        let text = |wanted: &Option<String>, is: Option<&str>| {
            wanted.as_deref().is_some_and(|wanted| Some(wanted) != is)
        };
        let differs = [
            ("runtime", text(&self.runtime, function.runtime.as_deref())),
            ("handler", text(&self.handler, function.handler.as_deref())),
            ("role", text(&self.role, Some(&now.role))),
            ("description", text(&self.description, Some(&function.description))),
            ("architecture", text(&self.architecture, Some(&function.architecture))),
            ("memoryMb", self.memory_mb.is_some_and(|wanted| wanted != function.memory_mb)),
            ("timeoutSecs", self.timeout_secs.is_some_and(|wanted| wanted != function.timeout_secs)),
        ];
        let differing: Vec<&str> =
            differs.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name).collect();
        if differing.is_empty() {
            return Ok(());
        }
        Err(Error::new(
            ErrorCode::Conflict,
            format!(
                "{} exists with another {}; a deployment brings new code and changes nothing else.",
                self.name,
                differing.join(", ")
            ),
        )
        .with_hint("Leave these out, or change the function's configuration first."))
    }
}

/// What came of a deployment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Deployed {
    /// The function's name.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub name: FunctionName,
    /// Where it is.
    pub place: crate::Place,
    /// Whether it was made anew.
    pub created: bool,
    /// SHA-256 of the package before, in base64; nothing of a new function.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code_sha256_before: Option<String>,
    /// SHA-256 of the package now, in base64.
    pub code_sha256: String,
    /// Whether it can be invoked. Otherwise Lambda was still at it when it was no longer waited for.
    pub ready: bool,
    /// The version that was published, if one was asked for and Lambda was ready.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Why none was published although one was asked for: that failed, or Lambda was not ready. The new code is in use all the same, or will
    /// be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unpublished: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request() -> DeployRequest {
        DeployRequest {
            name: "f".parse().expect("a name"),
            mode: DeployMode::Either,
            code: Code::Zip(b"PK\x03\x04secret".to_vec()),
            runtime: None,
            handler: Some("main.handler".to_owned()),
            role: None,
            description: None,
            memory_mb: None,
            timeout_secs: None,
            architecture: None,
            publish: false,
        }
    }

    #[test]
    fn a_new_function_says_what_is_missing() {
        let error = request().check_new().expect_err("incomplete");
        assert!(error.message.ends_with("needs: runtime, role."), "{}", error.message);
        let whole = DeployRequest {
            runtime: Some("python3.12".to_owned()),
            role: Some("arn:aws:iam::1:role/r".to_owned()),
            ..request()
        };
        assert_eq!(whole.check_new(), Ok(()));
    }

    #[test]
    fn code_is_an_archive_and_its_bytes_are_never_shown() {
        assert_eq!(request().code.check(), Ok(()));
        assert!(!format!("{:?}", request()).contains("secret"));
        for bad in [&b""[..], b"#!/bin/sh", b"PK\x05\x06"] {
            assert_eq!(
                Code::Zip(bad.to_vec()).check().expect_err("no archive").code,
                ErrorCode::InvalidInput
            );
        }
        let nowhere = S3Code { bucket: "b".to_owned(), key: String::new(), version: None };
        assert!(Code::S3(nowhere).check().is_err());
        let mut large = b"PK\x03\x04".to_vec();
        large.resize(super::super::MAX_ZIP + 1, 0);
        assert_eq!(Code::Zip(large).check().expect_err("large").code, ErrorCode::PayloadTooLarge);
    }
}
