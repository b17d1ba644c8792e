//! The vault: what it seals opens for its purpose only, and goes on opening while keys change.

use std::os::unix::fs::PermissionsExt;

use base64::{Engine, engine::general_purpose::STANDARD};
use nephoscope_aws::{
    KeyService,
    replay::{Replay, wire},
};
use nephoscope_model::{ErrorCode, account::Sealed};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use super::{MasterKeys, Purpose, Vault, key_file, master};

const SECRET: &str = "wJalrXUtnFEMI-a-secret-of-a-test";

fn purpose() -> Purpose {
    Purpose::new("account/111111111111", "secret")
}

fn on_file(path: &std::path::Path) -> Vault {
    Vault::open(MasterKeys { file: Some(path.to_owned()), ..MasterKeys::default() }).expect("a vault")
}

async fn seal(vault: &Vault) -> Sealed {
    vault.seal(&purpose(), &SECRET.into()).await.expect("sealed")
}

async fn opens(vault: &Vault, sealed: &Sealed) -> bool {
    match vault.open_sealed(&purpose(), sealed).await {
        Ok(opened) => opened.expose_secret() == SECRET,
        Err(_) => false,
    }
}

#[tokio::test]
async fn what_was_sealed_opens_and_shows_nothing() {
    let vault = Vault::ephemeral();
    let sealed = seal(&vault).await;
    assert!(opens(&vault, &sealed).await);
    assert!(sealed.as_str().starts_with("v1.local-"), "{sealed:?}");
    assert!(!sealed.as_str().contains(SECRET) && !format!("{vault:?}{sealed:?}").contains(SECRET));
    assert_ne!(sealed, seal(&vault).await, "two sealings of one secret have nothing in common");
    let empty = vault.seal(&purpose(), &"".into()).await.expect("sealed");
    assert_eq!(vault.open_sealed(&purpose(), &empty).await.expect("opened").expose_secret(), "");
}

#[tokio::test]
async fn it_opens_for_its_record_and_field_only() {
    let vault = Vault::ephemeral();
    let sealed = seal(&vault).await;
    for (record, field) in [
        ("account/222222222222", "secret"),
        ("account/111111111111", "other"),
        ("account/111111111111s", "ecret"),
    ] {
        let refused = vault.open_sealed(&Purpose::new(record, field), &sealed).await;
        assert_eq!(refused.expect_err("moved").code, ErrorCode::Internal, "{record} {field}");
    }
}

#[tokio::test]
async fn not_a_bit_of_it_can_be_changed() {
    let vault = Vault::ephemeral();
    let sealed = seal(&vault).await;
    let parts: Vec<&str> = sealed.as_str().split('.').collect();
    let other = seal(&vault).await;
    let other: Vec<&str> = other.as_str().split('.').collect();
    let flipped = |text: &str, at: usize| {
        let mut bytes = text.as_bytes().to_vec();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        String::from_utf8(bytes).expect("ASCII")
    };
    let mut bad = vec![
        String::new(),
        "v1".to_owned(),
        sealed.as_str().replacen("v1", "v2", 1),
        format!("{}.x", sealed.as_str()),
        [parts[0], parts[1], parts[2]].join("."),
        // A data key of another secret, and a payload of another.
        [parts[0], parts[1], other[2], parts[3]].join("."),
        [parts[0], parts[1], parts[2], other[3]].join("."),
        [parts[0], parts[1], "AAAA", parts[3]].join("."),
        [parts[0], parts[1], parts[2], ""].join("."),
    ];
    bad.extend(
        (0..parts[2].len())
            .step_by(7)
            .map(|at| [parts[0], parts[1], &flipped(parts[2], at), parts[3]].join(".")),
    );
    bad.extend(
        (0..parts[3].len())
            .step_by(7)
            .map(|at| [parts[0], parts[1], parts[2], &flipped(parts[3], at)].join(".")),
    );
    for text in bad {
        assert!(!opens(&vault, &Sealed::from(text.clone())).await, "{text}");
    }
}

#[tokio::test]
async fn without_its_master_key_it_stays_shut_and_says_which() {
    let sealed = seal(&Vault::ephemeral()).await;
    let refused = Vault::ephemeral().open_sealed(&purpose(), &sealed).await.expect_err("another key");
    assert_eq!(refused.code, ErrorCode::Unavailable);
    let id = sealed.as_str().split('.').nth(1).expect("an id");
    assert!(refused.message.contains(id), "{}", refused.message);
}

#[tokio::test]
async fn the_key_file_is_made_once_and_only_for_the_owner() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("data").join("master.key");
    let sealed = seal(&on_file(&path)).await;
    assert_eq!(std::fs::metadata(&path).expect("a file").permissions().mode() & 0o777, 0o600);
    assert!(opens(&on_file(&path), &sealed).await, "the next start finds the same key");
    let files: Vec<_> = std::fs::read_dir(path.parent().expect("a folder")).expect("a folder").collect();
    assert_eq!(files.len(), 1, "no draft is left: {files:?}");
}

#[tokio::test]
async fn a_rotation_by_another_process_breaks_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("master.key");
    let server = on_file(&path);
    let old = seal(&server).await;

    let command = on_file(&path);
    command.begin_rotation().expect("a new key");
    let new = seal(&command).await;
    assert!(!command.is_current(&old).expect("an answer") && command.is_current(&new).expect("an answer"));
    assert!(opens(&server, &new).await, "the server meets an unknown key and reads the file again");
    assert!(server.is_current(&seal(&server).await).expect("an answer"), "and seals with the new one");
    assert!(opens(&command, &old).await && opens(&server, &old).await, "the old one opens until the end");

    command.finish_rotation().expect("the old key is dropped");
    assert!(opens(&server, &old).await, "what a server has just read may still be of the old key");
    let started_later = on_file(&path);
    assert!(opens(&started_later, &new).await && !opens(&started_later, &old).await);
    let text = key_file::read(&path).expect("a file").expect("a text");
    assert_eq!(master::parse_keys(text.expose_secret()).expect("keys").len(), 1);
    assert_eq!(std::fs::metadata(&path).expect("a file").permissions().mode() & 0o777, 0o600);
}

#[tokio::test]
async fn of_the_keys_that_are_given_the_first_seals_and_all_open() {
    let (first, second) = (master::generate_text(), master::generate_text());
    let both = |a: &SecretString, b: &SecretString| {
        let given = Some(format!("{}, {}", a.expose_secret(), b.expose_secret()).into());
        Vault::open(MasterKeys { given, ..MasterKeys::default() }).expect("a vault")
    };
    let only =
        Vault::open(MasterKeys { given: Some(first.clone()), ..MasterKeys::default() }).expect("a vault");
    let sealed = seal(&only).await;
    let turned = both(&second, &first);
    assert!(opens(&turned, &sealed).await && !turned.is_current(&sealed).expect("an answer"));
    assert!(!opens(&only, &seal(&turned).await).await);
}

#[test]
fn what_is_no_key_is_refused_and_not_repeated() {
    for bad in ["", "hush", "# only a remark", "aGVsbG8", &"A".repeat(44), "hunter2 hunter2"] {
        let given = Some(SecretString::from(bad));
        let error = Vault::open(MasterKeys { given, ..MasterKeys::default() }).expect_err("no key");
        assert_eq!(error.code, ErrorCode::InvalidInput, "{bad}");
        assert!(bad.is_empty() || !error.message.contains(bad), "{}", error.message);
    }
}

const KEY_ARN: &str = "arn:aws:kms:eu-central-1:555555555555:key/1234abcd";

/// A KMS with one data key, which it gives only for the record that it was asked for.
async fn kms() -> (Replay, KeyService) {
    let replay = Replay::new(|request| {
        let body = request.json();
        let record = body["EncryptionContext"]["record"].as_str().unwrap_or_default().to_owned();
        let wrapped = STANDARD.encode(format!("wrapped for {record}"));
        let plain = STANDARD.encode([7; 32]);
        match request.operation() {
            "GenerateDataKey" => wire::json(200, &json!({ "Plaintext": plain, "CiphertextBlob": wrapped })),
            "Decrypt" if body["CiphertextBlob"] == wrapped => wire::json(200, &json!({ "Plaintext": plain })),
            _ => wire::json(400, &json!({ "__type": "InvalidCiphertextException", "message": "no" })),
        }
    });
    let service = replay.cloud(vec![]).await.key_service(KEY_ARN).expect("a key");
    (replay, service)
}

#[tokio::test]
async fn kms_wraps_the_data_key_and_is_asked_once_for_what_is_opened_often() {
    let (replay, service) = kms().await;
    let keys = || MasterKeys { key_service: Some(service.clone()), ..MasterKeys::default() };
    let vault = Vault::open(keys()).expect("a vault");
    let sealed = seal(&vault).await;
    assert!(sealed.as_str().starts_with(&format!("v1.{KEY_ARN}.")), "{}", sealed.as_str());
    assert!(vault.is_current(&sealed).expect("an answer"));
    for _ in 0..3 {
        assert!(opens(&vault, &sealed).await);
    }
    assert_eq!(replay.operations(), ["GenerateDataKey", "Decrypt"]);
    let elsewhere = Purpose::new("account/222222222222", "secret");
    assert!(vault.open_sealed(&elsewhere, &sealed).await.is_err(), "KMS itself refuses another record");
    assert!(opens(&Vault::open(keys()).expect("a vault"), &sealed).await);
    assert!(!format!("{vault:?}").contains(SECRET));
}

#[tokio::test]
async fn who_moves_to_kms_can_still_open_what_the_file_sealed() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("master.key");
    let old = seal(&on_file(&path)).await;
    let (_, service) = kms().await;
    let keys = MasterKeys { key_service: Some(service), file: Some(path.clone()), given: None };
    let vault = Vault::open(keys.clone()).expect("a vault");
    assert!(opens(&vault, &old).await && !vault.is_current(&old).expect("an answer"));
    vault.begin_rotation().expect("nothing to make");
    let new = seal(&vault).await;
    vault.finish_rotation().expect("nothing to drop");
    assert!(opens(&vault, &new).await && opens(&vault, &old).await);
    std::fs::remove_file(&path).expect("the file is no longer needed");
    let later = Vault::open(keys).expect("a vault");
    assert!(opens(&later, &new).await && !opens(&later, &old).await);
    assert!(!path.exists(), "no key is made where KMS seals");
}
