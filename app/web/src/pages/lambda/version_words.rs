//! What came of a change of versions and aliases, in words.

use nephoscope_model::lambda::{AliasChange, Provisioned, Published, RolledBack};

pub(super) fn published_text(done: &Published) -> String {
    if done.ready {
        format!("Version {} is published.", done.version)
    } else {
        format!("Version {} is published; Lambda is still preparing it.", done.version)
    }
}

pub(super) fn alias_text(done: &AliasChange) -> String {
    let (name, now) = (&done.alias.name, done.alias.describe());
    match &done.before {
        Some(before) => format!("{name}: {} → {now}.", before.describe()),
        None => format!("The alias {name} stands for {now}."),
    }
}

/// `5 of 5 ready`, and what is wrong if they are not.
pub(super) fn kept_ready_text(it: &Provisioned) -> String {
    let ready = format!("{} of {} ready", it.available, it.requested);
    match (it.status.as_str(), &it.reason) {
        ("READY", _) => ready,
        (status, Some(reason)) => {
            format!("{ready}, {status}: {}", nephoscope_model::error::shorten(reason, 300))
        }
        (status, None) => format!("{ready}, {status}"),
    }
}

pub(super) fn rolled_back_text(done: &RolledBack) -> String {
    let RolledBack { alias, from, to } = done;
    if from == to {
        format!("{alias} stands for version {to} alone again.")
    } else {
        format!("{alias} stands for version {to} again, no more for {from}.")
    }
}

#[cfg(test)]
mod tests {
    use nephoscope_model::lambda::Alias;

    use super::*;

    #[test]
    fn what_came_of_it_is_said_in_words() {
        let alias = |version: &str| Alias {
            name: "live".to_owned(),
            version: version.to_owned(),
            description: String::new(),
            weights: Vec::new(),
        };
        let created = AliasChange { alias: alias("7"), before: None };
        assert_eq!(alias_text(&created), "The alias live stands for 7.");
        let moved = AliasChange { alias: alias("8"), before: Some(alias("7")) };
        assert_eq!(alias_text(&moved), "live: 7 → 8.");
        let kept = |status: &str, available, reason: Option<&str>| {
            kept_ready_text(&Provisioned {
                qualifier: "live".to_owned(),
                requested: 5,
                available,
                status: status.to_owned(),
                reason: reason.map(str::to_owned),
            })
        };
        assert_eq!(kept("READY", 5, None), "5 of 5 ready");
        assert_eq!(kept("IN_PROGRESS", 2, None), "2 of 5 ready, IN_PROGRESS");
        assert_eq!(kept("FAILED", 0, Some("No role.")), "0 of 5 ready, FAILED: No role.");
        let back = |to: &str| RolledBack {
            alias: "live".parse().expect("an alias"),
            from: "7".to_owned(),
            to: to.to_owned(),
        };
        assert_eq!(rolled_back_text(&back("6")), "live stands for version 6 again, no more for 7.");
        assert_eq!(rolled_back_text(&back("7")), "live stands for version 7 alone again.");
        let ready = |ready| published_text(&Published { version: "3".to_owned(), ready });
        assert_eq!(ready(true), "Version 3 is published.");
        assert!(ready(false).contains("still preparing"));
    }
}
