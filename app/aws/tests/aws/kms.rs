//! The key service: data keys for a record and a field.

use nephoscope_aws::{
    Cloud, Patience,
    replay::{Replay, wire},
};
use nephoscope_model::ErrorCode;
use secrecy::ExposeSecret;
use serde_json::json;

const KEY: &str = "arn:aws:kms:eu-central-1:555555555555:key/1234abcd";

async fn cloud(replay: &Replay) -> Cloud {
    Cloud::builder()
        .base_credentials("AKIDBASE", "not a secret")
        .http_client(replay.clone())
        .patience(Patience::of_a_test())
        .build()
        .await
}

#[tokio::test]
async fn a_data_key_is_bound_to_its_record_and_field() {
    let replay = Replay::new(|request| match request.operation() {
        "GenerateDataKey" => wire::json(
            200,
            &json!({ "KeyId": KEY, "Plaintext": "cGxhaW4=", "CiphertextBlob": "d3JhcHBlZA==" }),
        ),
        "Decrypt" => wire::json(200, &json!({ "KeyId": KEY, "Plaintext": "cGxhaW4=" })),
        other => panic!("{other} is not played"),
    });
    let service = cloud(&replay).await.key_service(KEY).unwrap();
    assert_eq!(service.id(), KEY);
    let (plain, wrapped) = service.generate_data_key("account/1", "secret").await.unwrap();
    assert_eq!((plain.expose_secret(), wrapped.as_slice()), (&b"plain"[..], &b"wrapped"[..]));
    let opened = service.decrypt("account/1", "secret", &wrapped).await.unwrap();
    assert_eq!(opened.expose_secret(), b"plain");
    for request in replay.requests() {
        assert_eq!((request.access_key(), request.region()), ("AKIDBASE", "eu-central-1"));
        let body = request.json();
        assert_eq!(body["KeyId"], KEY);
        let context = json!({ "application": "nephoscope", "record": "account/1", "field": "secret" });
        assert_eq!(body["EncryptionContext"], context);
    }
    assert!(!format!("{service:?}").contains("secret"));
}

#[tokio::test]
async fn what_kms_refuses_is_said() {
    let replay = Replay::new(|_| {
        wire::json(
            400,
            &json!({ "__type": "AccessDeniedException", "message": "not authorized to perform: kms:Decrypt on resource" }),
        )
    });
    let cloud = cloud(&replay).await;
    let error = cloud.key_service(KEY).unwrap().decrypt("account/1", "secret", b"x").await.unwrap_err();
    assert_eq!(error.code, ErrorCode::AwsDenied);
    assert_eq!(error.aws.unwrap().action.as_deref(), Some("kms:Decrypt"));
    assert_eq!(cloud.key_service("alias/x").unwrap_err().code, ErrorCode::InvalidInput);
}
