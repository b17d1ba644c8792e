//! Versions of a function and the aliases that stand for them.

use serde::{Deserialize, Serialize};

use crate::{Error, ErrorCode, Result, Timestamp, validated_string};

/// What an alias can stand for: `$LATEST`, or the number of a published version.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct VersionId(String);
validated_string!(VersionId, "a version: $LATEST or a number", |text| {
    text == "$LATEST"
        || (1..=20).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_digit())
            && !text.starts_with('0')
});

impl VersionId {
    /// The number of a published version; nothing of `$LATEST`.
    #[must_use]
    pub fn number(&self) -> Option<u64> {
        self.0.parse().ok()
    }
}

/// The name of an alias: 1 to 128 letters, digits, `-` and `_`, and more than a number.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AliasName(String);
validated_string!(
    AliasName,
    "an alias (1 to 128 of letters, digits, - and _, and not only digits)",
    |text| {
        (1..=128).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
            && !text.bytes().all(|byte| byte.is_ascii_digit())
    }
);

/// A published version; `$LATEST` is what is edited.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Version {
    /// `$LATEST` or a number.
    pub version: String,
    /// What somebody wrote about it; may be empty.
    pub description: String,
    /// SHA-256 of its package, in base64.
    pub code_sha256: String,
    /// When it was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub last_modified: Option<Timestamp>,
}

/// A name for a version, which can be moved to another one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Alias {
    /// Its name.
    pub name: String,
    /// The version it stands for.
    pub version: String,
    /// What somebody wrote about it; may be empty.
    pub description: String,
    /// Other versions that get a part of the invocations, and which part: 0 to 1.
    pub weights: Vec<AliasWeight>,
}

/// A version that gets a part of an alias's invocations.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AliasWeight {
    /// The version.
    pub version: String,
    /// The part, from 0 to 1.
    pub weight: f64,
}

/// What an alias shall be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct AliasWish {
    /// The version that it stands for.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "7"))]
    pub version: VersionId,
    /// What it is for; stays as it is when left out.
    #[serde(default)]
    pub description: Option<String>,
    /// Another version that gets a part of the invocations: one at most, and then both must be published.
    #[serde(default)]
    pub weights: Vec<AliasWeight>,
}

impl AliasWish {
    /// Whether Lambda could do it.
    ///
    /// # Errors
    /// `invalid_input` for what it would refuse.
    pub fn check(&self) -> Result<()> {
        if self.description.as_ref().is_some_and(|text| text.chars().count() > 256) {
            return Err(Error::invalid("A description may have 256 characters."));
        }
        match self.weights.as_slice() {
            [] => Ok(()),
            [one] => self.check_weight(one),
            _ => Err(Error::invalid("An alias shares its invocations between two versions at most.")),
        }
    }

    fn check_weight(&self, also: &AliasWeight) -> Result<()> {
        let other: VersionId = also.version.parse()?;
        if self.version.number().is_none() || other.number().is_none() {
            return Err(Error::invalid("Only published versions can share the invocations of an alias.")
                .with_hint("Publish $LATEST as a version first."));
        }
        if other == self.version {
            return Err(Error::invalid("The two versions of an alias must differ."));
        }
        if !(also.weight > 0.0 && also.weight < 1.0) {
            return Err(Error::invalid("A version's part of the invocations lies between 0 and 1."));
        }
        Ok(())
    }

    /// In a few words: `7`, or `7 with 10 % to 8`.
    #[must_use]
    pub fn describe(&self) -> String {
        describe(self.version.as_str(), &self.weights)
    }
}

impl Alias {
    /// What it stands for in a few words: `7`, or `7 with 10 % to 8`.
    #[must_use]
    pub fn describe(&self) -> String {
        describe(&self.version, &self.weights)
    }
}

fn describe(version: &str, weights: &[AliasWeight]) -> String {
    let parts = weights.iter().map(|it| {
        let percent = format!("{:.2}", it.weight * 100.0);
        format!(" with {} % to {}", percent.trim_end_matches('0').trim_end_matches('.'), it.version)
    });
    version.to_owned() + &parts.collect::<String>()
}

/// What became of a function that was published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Published {
    /// The version's number. When nothing changed since the last version, it is that one's.
    pub version: String,
    /// Whether it can be invoked; otherwise Lambda is still preparing it.
    pub ready: bool,
}

/// What became of an alias that was created or moved.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AliasChange {
    /// As it is now.
    pub alias: Alias,
    /// As it was; nothing when it is new.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Alias>,
}

/// What became of an alias that was rolled back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RolledBack {
    /// The alias.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "live"))]
    pub alias: AliasName,
    /// The version that it stood for.
    pub from: String,
    /// The version that it stands for now, alone: the same one when a newer version had a part of the invocations.
    pub to: String,
}

/// What somebody thinks who rolls an alias back. If it is otherwise, nothing is done: who comes second must not roll back what the first
/// one left.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RollbackExpectation {
    /// The version that it stands for.
    #[serde(default)]
    pub from: Option<VersionId>,
    /// The version that it will stand for, alone.
    #[serde(default)]
    pub to: Option<VersionId>,
}

/// The version for which an alias would stand, alone, after it is rolled back. While a newer version gets a part of the invocations, that
/// part is what is taken back, and the alias stays where it is; otherwise it is the newest published version that is older than the one it
/// stands for.
///
/// # Errors
/// `conflict`, saying what to do, when it stands for `$LATEST` or there is no older version.
pub fn rollback_target(alias: &Alias, versions: &[Version]) -> Result<VersionId> {
    let name = &alias.name;
    let number_of = |version: &str| version.parse().ok().and_then(|version: VersionId| version.number());
    let (Ok(stands_for), Some(present)) = (alias.version.parse(), number_of(&alias.version)) else {
        let error = format!("The alias {name} stands for $LATEST, which has no version before it.");
        return Err(Error::new(ErrorCode::Conflict, error)
            .with_hint("Move it to the published version that is wanted; then it can be rolled back."));
    };
    if alias.weights.iter().filter_map(|it| number_of(&it.version)).any(|number| number > present) {
        return Ok(stands_for);
    }
    let numbered = versions.iter().filter_map(|it| it.version.parse::<VersionId>().ok());
    let before = numbered.filter(|it| it.number().is_some_and(|number| number < present));
    before.max_by_key(VersionId::number).ok_or_else(|| {
        let error = format!("There is no version before {present}, for which the alias {name} stands.");
        Error::new(ErrorCode::Conflict, error)
            .with_hint("Publish a version with each deployment, and keep the older ones.")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wish(version: &str, weights: &[(&str, f64)]) -> AliasWish {
        let weight =
            |(version, weight): &(&str, f64)| AliasWeight { version: (*version).to_owned(), weight: *weight };
        AliasWish {
            version: version.parse().expect("a version"),
            description: None,
            weights: weights.iter().map(weight).collect(),
        }
    }

    fn alias(version: &str) -> Alias {
        Alias {
            name: "live".to_owned(),
            version: version.to_owned(),
            description: String::new(),
            weights: Vec::new(),
        }
    }

    #[test]
    fn versions_and_aliases_are_told_apart() {
        for good in ["$LATEST", "1", "42"] {
            assert!(good.parse::<VersionId>().is_ok(), "{good}");
            assert!(good.parse::<AliasName>().is_err(), "{good}");
        }
        for bad in ["", "0", "01", "live", "-1", "$latest"] {
            assert!(bad.parse::<VersionId>().is_err(), "{bad}");
        }
        assert!("live".parse::<AliasName>().is_ok() && "7a".parse::<AliasName>().is_ok());
        assert!("a b".parse::<AliasName>().is_err() && "".parse::<AliasName>().is_err());
    }

    #[test]
    fn two_published_versions_may_share_the_invocations() {
        for good in [wish("$LATEST", &[]), wish("7", &[]), wish("7", &[("8", 0.1)])] {
            assert_eq!(good.check(), Ok(()), "{good:?}");
        }
        for bad in [
            wish("7", &[("7", 0.1)]),
            wish("7", &[("$LATEST", 0.1)]),
            wish("$LATEST", &[("7", 0.1)]),
            wish("7", &[("live", 0.1)]),
            wish("7", &[("8", 0.0)]),
            wish("7", &[("8", 1.0)]),
            wish("7", &[("8", f64::NAN)]),
            wish("7", &[("8", 0.1), ("9", 0.1)]),
            AliasWish { description: Some("x".repeat(257)), ..wish("7", &[]) },
        ] {
            assert_eq!(bad.check().expect_err("refused").code, ErrorCode::InvalidInput, "{bad:?}");
        }
        assert_eq!(wish("7", &[("8", 0.125)]).describe(), "7 with 12.5 % to 8");
        assert_eq!(wish("7", &[]).describe(), "7");
    }

    fn known(versions: &[&str]) -> Vec<Version> {
        let version = |version: &&str| Version {
            version: (*version).to_owned(),
            description: String::new(),
            code_sha256: String::new(),
            last_modified: None,
        };
        versions.iter().map(version).collect()
    }

    #[test]
    fn rolling_back_takes_the_part_of_a_newer_version_away_and_goes_no_further() {
        let versions = known(&["$LATEST", "10", "9", "2"]);
        let before = |version: &str, also: &str| {
            let weights = vec![AliasWeight { version: also.to_owned(), weight: 0.1 }];
            rollback_target(&Alias { weights, ..alias(version) }, &versions).map(|it| it.to_string())
        };
        assert_eq!(before("9", "10"), Ok("9".to_owned()), "by number, not by letters");
        assert_eq!(before("2", "9"), Ok("2".to_owned()), "also of the first, which has none before it");
        assert_eq!(before("9", "11"), Ok("9".to_owned()), "also when the newer one was deleted meanwhile");
        assert_eq!(before("10", "9"), Ok("9".to_owned()), "the part of an older one is what was before");
        assert!(before("2", "$LATEST").is_err());
    }

    #[test]
    fn rolling_back_leads_to_the_version_before() {
        let versions = known(&["$LATEST", "10", "9", "2"]);
        let before = |version: &str| rollback_target(&alias(version), &versions).map(|it| it.to_string());
        assert_eq!(before("10"), Ok("9".to_owned()), "by number, not by letters");
        assert_eq!(before("9"), Ok("2".to_owned()), "versions may have been deleted");
        for none in ["2", "$LATEST", ""] {
            let error = before(none).expect_err("nothing before");
            assert!(error.code == ErrorCode::Conflict && error.hint.is_some(), "{none}");
        }
    }
}
