//! `nephoscope user …`: e-mail addresses.

use std::path::Path;

use crate::{nephoscope, said};

fn user(data: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    said(&nephoscope(data, &[&["user"], arguments].concat()))
}

/// Does what must go well, and gives what it said.
fn done(data: &Path, arguments: &[&str]) -> String {
    let (code, text, errors) = user(data, arguments);
    assert_eq!(code, Some(0), "{arguments:?}: {errors}");
    text
}

fn email_of(data: &Path, name: &str) -> serde_json::Value {
    let users: serde_json::Value = serde_json::from_str(&done(data, &["list", "--json"])).expect("JSON");
    let found = users.as_array().expect("a list").iter().find(|user| user["name"] == name);
    found.expect("the user")["email"].clone()
}

#[test]
fn an_address_is_given_listed_changed_and_taken_away() {
    let data = tempfile::tempdir().expect("a folder");
    let data = data.path();
    let link = done(data, &["add", "ada", "--invite", "--email", "Ada@Example.com"]);
    assert!(link.contains("/password?token="), "{link}");
    done(data, &["add", "bob", "--invite"]);
    let table = done(data, &["list"]);
    let lines: Vec<_> = table.lines().collect();
    let column = lines[0].find("E-MAIL").expect("a column");
    assert!(lines[1].starts_with("ada ") && lines[1][column..].starts_with("ada@example.com"), "{table}");
    assert!(lines[2].starts_with("bob ") && lines[2][column..].starts_with('–'), "{table}");

    let said = done(data, &["email", "bob", "bob@example.com"]);
    assert!(said.contains("bob@example.com") && said.contains("may log bob in"), "{said}");
    assert_eq!(email_of(data, "bob"), "bob@example.com");
    let said = done(data, &["email", "bob", "--none"]);
    assert!(said.contains("bob has no e-mail address now"), "{said}");
    assert!(email_of(data, "bob").is_null());
}

#[test]
fn what_is_taken_is_said_and_nothing_is_changed() {
    let data = tempfile::tempdir().expect("a folder");
    let data = data.path();
    done(data, &["add", "ada", "--invite", "--email", "ada@example.com"]);
    done(data, &["add", "bob", "--invite"]);
    for arguments in
        [&["email", "bob", "ada@example.com"][..], &["add", "eve", "--invite", "--email", "ADA@example.com"]]
    {
        let (code, text, errors) = user(data, arguments);
        assert_eq!((code, text.as_str()), (Some(1), ""), "{arguments:?}");
        assert!(errors.contains("ada@example.com is taken: ada has it"), "{errors}");
    }
    let (code, _, errors) = user(data, &["add", "ada", "--invite", "--email", "other@example.com"]);
    assert!(code == Some(1) && errors.contains("The name ada is taken"), "{errors}");
    let (code, _, errors) = user(data, &["email", "nobody", "other@example.com"]);
    assert!(code == Some(1) && errors.contains("no such user"), "{errors}");
    assert!(email_of(data, "bob").is_null());
    assert_eq!(done(data, &["list"]).lines().count(), 3, "a head, ada and bob");
}

#[test]
fn what_is_no_address_or_says_two_things_is_a_mistake_of_the_command() {
    let data = tempfile::tempdir().expect("a folder");
    for arguments in [
        &["email", "ada"][..],
        &["email", "ada", "ada@example.com", "--none"],
        &["email", "ada", ""],
        &["email", "ada", "ada"],
        &["add", "ada", "--invite", "--email", "ada@"],
    ] {
        assert_eq!(user(data.path(), arguments).0, Some(2), "{arguments:?}");
    }
    assert!(!data.path().join("nephoscope.db").exists(), "nothing was begun");
}
