//! `nephoscope audit verify`

use std::path::Path;

use crate::{nephoscope, said};

/// Leaves a record for each time; the last line is the head.
fn verify(data: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    said(&nephoscope(data, &[&["audit", "verify"], arguments].concat()))
}

fn head_of(text: &str) -> String {
    text.lines().last().unwrap_or_default().to_owned()
}

fn tamper(data: &Path, sql: &str) {
    let database = rusqlite::Connection::open(data.join("nephoscope.db")).expect("the database");
    assert_eq!(database.execute(sql, []).expect("a statement"), 1);
}

#[test]
fn an_intact_audit_gives_a_head_to_note_and_finds_it_again() {
    let data = tempfile::tempdir().expect("a folder");
    let (code, text, errors) = verify(data.path(), &[]);
    assert_eq!((code, text.as_str()), (Some(0), "The audit is empty.\n"), "{errors}");
    let (code, text, errors) = verify(data.path(), &[]);
    assert_eq!(code, Some(0), "{errors}");
    assert!(text.starts_with("The audit is intact: 1 records, 1 to 1.\n"), "{text}");
    let head = head_of(&text);
    assert!(head.starts_with("1:") && head.len() == 66, "{head}");
    let (code, text, errors) = verify(data.path(), &["--expect", &head]);
    assert_eq!(code, Some(0), "{errors}");
    assert!(text.contains("The noted record 1 is among them"), "{text}");
}

#[test]
fn a_broken_audit_is_named_and_fails() {
    let data = tempfile::tempdir().expect("a folder");
    for _ in 0..5 {
        assert_eq!(verify(data.path(), &[]).0, Some(0));
    }
    tamper(data.path(), "UPDATE audit SET actor = 'ada' WHERE seq = 3");
    let (code, text, errors) = verify(data.path(), &[]);
    assert_eq!((code, text.as_str()), (Some(1), ""), "{errors}");
    assert!(errors.contains("record 3") && errors.contains("was changed"), "{errors}");
    tamper(data.path(), "DELETE FROM audit WHERE seq = 2");
    let (code, _, errors) = verify(data.path(), &[]);
    assert_eq!(code, Some(1));
    assert!(errors.contains("record 2 is missing"), "{errors}");
}

#[test]
fn an_end_that_was_cut_off_is_found_by_what_was_noted() {
    let data = tempfile::tempdir().expect("a folder");
    for _ in 0..3 {
        verify(data.path(), &[]);
    }
    let noted = head_of(&verify(data.path(), &[]).1);
    assert!(noted.starts_with("3:"), "{noted}");
    tamper(data.path(), "DELETE FROM audit WHERE seq = 4");
    tamper(data.path(), "DELETE FROM audit WHERE seq = 3");
    let (code, _, errors) = verify(data.path(), &["--expect", &noted]);
    assert_eq!(code, Some(1));
    assert!(errors.contains("record 3 is missing"), "{errors}");
    // That look was recorded, in the place of the one that is gone.
    let (code, _, errors) = verify(data.path(), &["--expect", &noted]);
    assert_eq!(code, Some(1));
    assert!(errors.contains("written anew"), "{errors}");
}

#[test]
fn what_is_no_head_is_a_mistake_of_the_command() {
    let data = tempfile::tempdir().expect("a folder");
    for bad in ["", "3", "3:abc", "abc"] {
        assert_eq!(verify(data.path(), &["--expect", bad]).0, Some(2), "{bad}");
    }
}
