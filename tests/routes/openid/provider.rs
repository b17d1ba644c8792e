//! An identity provider of a test: honest by default, and with any fault that is wanted.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex},
    time::{SystemTime, UNIX_EPOCH},
};

use axum::{
    Form, Json, Router,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use nephoscope_ops::{ProviderSettings, Providers};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

pub(crate) const CLIENT: &str = "nephoscope";
/// With what the registration of a client at a provider would go wrong first: characters that Basic has to encode.
pub(crate) const SECRET: &str = "a secret: 100%+";
pub(crate) const PUBLIC_URL: &str = "https://console.example.com";

type Change = Box<dyn Fn(&mut Value) + Send>;

/// How the next ID token is made.
pub(crate) enum Make {
    /// As it should be, but for a change of its claims.
    Signed(Change),
    /// With a key that is not published, under the id of the one that is.
    WithAnotherKey,
    /// Without any signature.
    Unsigned,
    /// With the client's secret, as if that were a key of the provider.
    WithTheSecret,
    /// Not at all.
    Missing,
}

/// A code that somebody was given, and for what.
struct Code {
    nonce: String,
    challenge: String,
}

struct Inner {
    issuer: String,
    key: rcgen::KeyPair,
    key_id: usize,
    codes: HashMap<String, Code>,
    make: Make,
    user_info: Value,
    tokens_asked: usize,
}

/// A provider on a port of its own.
#[derive(Clone)]
pub(crate) struct TestProvider(Arc<Mutex<Inner>>);

impl TestProvider {
    pub(crate) async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let issuer = format!("http://{}", listener.local_addr().expect("an address"));
        let this = Self(Arc::new(Mutex::new(Inner {
            issuer,
            key: rcgen::KeyPair::generate().expect("a key"),
            key_id: 1,
            codes: HashMap::new(),
            make: Make::Signed(Box::new(|_| ())),
            user_info: json!({}),
            tokens_asked: 0,
        })));
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(discovery))
            .route("/jwks", get(keys))
            .route("/token", post(token))
            .route("/me", get(user_info))
            .with_state(this.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        this
    }

    pub(crate) fn issuer(&self) -> String {
        self.inner().issuer.clone()
    }

    fn inner(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.0.lock().expect("no panic")
    }

    pub(crate) fn settings(&self) -> ProviderSettings {
        ProviderSettings {
            id: "test".parse().expect("an id"),
            name: "Test & Co".to_owned(),
            issuer: self.issuer(),
            client_id: CLIENT.to_owned(),
            client_secret: Some(SECRET.into()),
            scopes: vec!["groups".to_owned()],
            groups_claim: "groups".to_owned(),
            roles: BTreeMap::new(),
        }
    }

    /// Logs somebody in who was sent here with these parameters: gives the code.
    pub(crate) fn give_code(&self, query: &HashMap<String, String>) -> String {
        let mut inner = self.inner();
        let code = format!("code-{}", inner.codes.len() + 1);
        let given = Code { nonce: query["nonce"].clone(), challenge: query["code_challenge"].clone() };
        inner.codes.insert(code.clone(), given);
        code
    }

    pub(crate) fn make(&self, make: Make) {
        self.inner().make = make;
    }

    pub(crate) fn change(&self, change: impl Fn(&mut Value) + Send + 'static) {
        self.make(Make::Signed(Box::new(change)));
    }

    pub(crate) fn set_user_info(&self, claims: Value) {
        self.inner().user_info = claims;
    }

    /// Signs with another key from now on, and publishes that one only.
    pub(crate) fn rotate_key(&self) {
        let mut inner = self.inner();
        inner.key = rcgen::KeyPair::generate().expect("a key");
        inner.key_id += 1;
    }

    /// How often somebody wanted to exchange a code.
    pub(crate) fn tokens_asked(&self) -> usize {
        self.inner().tokens_asked
    }
}

pub(crate) fn providers_of(settings: ProviderSettings) -> Providers {
    Providers::new(PUBLIC_URL, vec![settings]).expect("providers")
}

async fn discovery(State(provider): State<TestProvider>) -> Json<Value> {
    let issuer = provider.issuer();
    Json(json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/auth"),
        "token_endpoint": format!("{issuer}/token"),
        "userinfo_endpoint": format!("{issuer}/me"),
        "jwks_uri": format!("{issuer}/jwks"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        // It says that it would do what must not be believed.
        "id_token_signing_alg_values_supported": ["ES256", "HS256", "none"],
    }))
}

async fn keys(State(provider): State<TestProvider>) -> Json<Value> {
    let inner = provider.inner();
    // An uncompressed point: 4, x, y.
    let point = inner.key.public_key_raw();
    Json(json!({"keys": [{
        "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": format!("key-{}", inner.key_id),
        "x": BASE64.encode(&point[1..33]), "y": BASE64.encode(&point[33..]),
    }]}))
}

async fn token(
    State(provider): State<TestProvider>,
    headers: HeaderMap,
    Form(form): Form<HashMap<String, String>>,
) -> Response {
    let mut inner = provider.inner();
    inner.tokens_asked += 1;
    let code = form.get("code").and_then(|code| inner.codes.remove(code));
    let verified = code.filter(|code| {
        let verifier = form.get("code_verifier").map(String::as_str).unwrap_or_default();
        BASE64.encode(Sha256::digest(verifier)) == code.challenge
            && form.get("redirect_uri").is_some_and(|uri| *uri == format!("{PUBLIC_URL}/login/openid/test/callback"))
            // The secret as a form writes it.
            && headers.get(header::AUTHORIZATION).is_some_and(|value| {
                value == &format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(format!("{CLIENT}:a+secret%3A+100%25%2B")))
            })
    });
    let Some(code) = verified else {
        return (StatusCode::BAD_REQUEST, Json(json!({"error": "invalid_grant"}))).into_response();
    };
    let mut answer = json!({"access_token": "access", "token_type": "Bearer", "expires_in": 60});
    if let Some(token) = inner.id_token(&code) {
        answer["id_token"] = token.into();
    }
    Json(answer).into_response()
}

async fn user_info(State(provider): State<TestProvider>, headers: HeaderMap) -> Response {
    if headers.get(header::AUTHORIZATION).is_none_or(|value| value != "Bearer access") {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    Json(provider.inner().user_info.clone()).into_response()
}

impl Inner {
    fn id_token(&self, code: &Code) -> Option<String> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a time").as_secs();
        let mut claims = json!({
            "iss": self.issuer, "aud": CLIENT, "sub": "subject-1", "nonce": code.nonce, "iat": now, "exp": now + 60,
            "email": "Ada@Example.com", "email_verified": true,
        });
        let mut header = Header::new(Algorithm::ES256);
        header.kid = Some(format!("key-{}", self.key_id));
        let sign = |header: &Header, claims: &Value, key: &EncodingKey| {
            jsonwebtoken::encode(header, claims, key).expect("a token")
        };
        let key_of = |key: &rcgen::KeyPair| EncodingKey::from_ec_der(&key.serialize_der());
        match &self.make {
            Make::Missing => None,
            Make::Signed(change) => {
                change(&mut claims);
                Some(sign(&header, &claims, &key_of(&self.key)))
            }
            Make::WithAnotherKey => {
                Some(sign(&header, &claims, &key_of(&rcgen::KeyPair::generate().expect("a key"))))
            }
            Make::WithTheSecret => {
                header.alg = Algorithm::HS256;
                Some(sign(&header, &claims, &EncodingKey::from_secret(SECRET.as_bytes())))
            }
            Make::Unsigned => {
                let part = |value: Value| BASE64.encode(value.to_string());
                Some(format!("{}.{}.", part(json!({"alg": "none"})), part(claims)))
            }
        }
    }
}
