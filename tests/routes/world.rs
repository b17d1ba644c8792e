//! A world of its own for each test.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::{Router, body::Body, extract::ConnectInfo};
use http::{Request, Response, StatusCode, header};
use http_body_util::BodyExt;
use leptos::config::LeptosOptions;
use nephoscope::server::{router, security::SecuritySettings, state::App, tls::Tls};
use nephoscope_aws::replay::{Answer, Replay, ReplayRequest, wire};
use nephoscope_model::{
    Account,
    audit::{AuditQuery, AuditRecord},
    ec2::{Instance, InstanceState, StateChange, Tag},
    identity::Role,
    logs::LogGroup,
    scope::AccountColor,
};
use nephoscope_ops::{Caller, MasterKeys, Meter, Ops, Providers, SigningKey, Vault};
use nephoscope_store::{SqliteStore, Store};
use serde_json::Value;
use tower::ServiceExt;

use crate::{
    ec2_details_player, ec2_launch_player, ec2_player, ec2_resources_player, lambda_player, s3_player,
};

pub(crate) const ACCOUNT: &str = "111111111111";
pub(crate) const REGION: &str = "us-east-1";
pub(crate) const RUNNING: &str = "i-0000000000000000a";
pub(crate) const STOPPED: &str = "i-0000000000000000b";
pub(crate) const PASSWORD: &str = "a password of a test";

/// A server on a cloud in memory, with one user for each role, named like the role.
pub(crate) struct World {
    pub(crate) app: App,
    pub(crate) router: Router,
    pub(crate) replay: Replay,
    pub(crate) instances: Arc<Mutex<Vec<Instance>>>,
    /// When set, AWS denies every change and the price list.
    pub(crate) denied: Arc<AtomicBool>,
    /// What S3 holds.
    pub(crate) s3: Arc<Mutex<s3_player::Memory>>,
    data: tempfile::TempDir,
}

/// What a test may want otherwise than most.
pub(crate) struct Settings {
    pub(crate) security: SecuritySettings,
    pub(crate) tls: Option<Arc<Tls>>,
    pub(crate) read_only: bool,
    pub(crate) terminate_grace: Duration,
    pub(crate) providers: Providers,
    pub(crate) site_root: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            security: SecuritySettings::default(),
            tls: None,
            read_only: false,
            terminate_grace: Duration::ZERO,
            providers: Providers::default(),
            site_root: "tests/no-site".to_owned(),
        }
    }
}

/// The parts of an answer that tests look at.
#[derive(Debug)]
pub(crate) struct Answered {
    pub(crate) status: StatusCode,
    pub(crate) headers: http::HeaderMap,
    pub(crate) text: String,
}

impl Answered {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("not JSON ({error}): {}", self.text))
    }

    /// The status and code of a problem document; panics when it is none.
    pub(crate) fn problem(&self) -> (u16, String) {
        let kind = self.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        assert_eq!(kind, Some("application/problem+json"), "{self:?}");
        let json = self.json();
        assert_eq!(json["status"], self.status.as_u16(), "{json}");
        assert!(json["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{json}");
        (self.status.as_u16(), json["code"].as_str().unwrap_or_default().to_owned())
    }
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(Settings::default()).await
    }

    pub(crate) async fn with(settings: Settings) -> Self {
        let data = tempfile::tempdir().expect("a folder");
        let store = SqliteStore::open(data.path().join("test.db")).expect("a store");
        let instances = Arc::new(Mutex::new(vec![
            instance(RUNNING, "web-1", InstanceState::Running),
            instance(STOPPED, "", InstanceState::Stopped),
        ]));
        let denied = Arc::new(AtomicBool::new(false));
        let s3 = Arc::new(Mutex::new(s3_player::Memory::default()));
        let replay = Replay::new(play(Arc::clone(&instances), Arc::clone(&denied), Arc::clone(&s3)));
        let meter = Meter::default();
        let counting = meter.clone();
        let cloud =
            replay.builder(vec![account()]).on_call(Arc::new(move |call| counting.count(call))).build().await;
        let key = SigningKey::from_text(&SigningKey::generate_text()).expect("a key");
        let store: Arc<dyn Store> = Arc::new(store);
        let ops = Ops::builder(cloud.clone(), Arc::clone(&store), key.clone())
            .meter(meter.clone())
            .vault(vault_in(data.path()))
            .providers(settings.providers)
            .terminate_grace(settings.terminate_grace)
            .build();
        for role in Role::ALL {
            let name = role.as_str().parse().expect("a name");
            ops.add_user(&Caller::system(), &name, None, role, &PASSWORD.into()).await.expect("a user");
        }
        // A server that is read-only adds no users.
        let ops = if settings.read_only {
            Ops::builder(cloud, store, key).meter(meter).read_only(true).build()
        } else {
            ops
        };
        let leptos = LeptosOptions::builder().output_name("nephoscope").site_root(settings.site_root).build();
        let app = App::builder(ops, leptos).security(settings.security).tls(settings.tls).build();
        Self { router: router::router(&app), app, replay, instances, denied, s3, data }
    }

    /// Where the server keeps what it remembers.
    pub(crate) fn data(&self) -> &std::path::Path {
        self.data.path()
    }

    /// The operations of another server, or of the command line, on the same store and master key.
    pub(crate) async fn another_server(&self) -> Ops {
        let store = SqliteStore::open(self.data().join("test.db")).expect("a store");
        let key = SigningKey::from_text(&SigningKey::generate_text()).expect("a key");
        let cloud = self.replay.cloud(vec![account()]).await;
        Ops::builder(cloud, Arc::new(store), key).vault(vault_in(self.data())).build()
    }

    /// Sends a request as it is.
    pub(crate) async fn send(&self, mut request: Request<Body>) -> Answered {
        if request.extensions().get::<ConnectInfo<SocketAddr>>().is_none() {
            request.extensions_mut().insert(ConnectInfo(SocketAddr::from(([127, 0, 0, 1], 1))));
        }
        let response: Response<Body> =
            self.router.clone().oneshot(request).await.expect("the router always answers");
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.expect("a body").to_bytes();
        Answered {
            status: parts.status,
            headers: parts.headers,
            text: String::from_utf8_lossy(&bytes).into_owned(),
        }
    }

    /// A JWT of the user who has this role.
    pub(crate) async fn token(&self, role: Role) -> String {
        let body = serde_json::json!({"username": role.as_str(), "password": PASSWORD});
        let answer = self.post_json("/api/authenticate", None, &body.to_string()).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        answer.json()["token"].as_str().expect("a token").to_owned()
    }

    /// Sends a request as it comes from elsewhere.
    pub(crate) async fn send_from(&self, address: &str, mut request: Request<Body>) -> Answered {
        let peer = SocketAddr::new(address.parse().expect("an address"), 1);
        request.extensions_mut().insert(ConnectInfo(peer));
        self.send(request).await
    }

    /// Every path that the router knows, with something in the place of its parameters.
    pub(crate) fn paths(&self) -> Vec<String> {
        // The router tells its routes to nobody but those who debug it.
        let debug = format!("{:?}", self.router);
        let mut paths: Vec<String> = debug
            .split("RouteId(")
            .filter_map(|part| part.split_once("): \"")?.1.split('"').next())
            .filter(|path| path.starts_with('/') && !path.contains("__private"))
            .map(|path| {
                let segments = path.split('/').map(|part| if part.starts_with('{') { RUNNING } else { part });
                segments.collect::<Vec<_>>().join("/")
            })
            .collect();
        paths.sort();
        paths.dedup();
        paths
    }

    pub(crate) async fn call(&self, method: &str, path: &str, token: Option<&str>) -> Answered {
        let mut request = Request::builder().method(method).uri(path);
        if let Some(token) = token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        self.send(request.body(Body::empty()).expect("a request")).await
    }

    pub(crate) async fn get(&self, path: &str, token: &str) -> Answered {
        self.call("GET", path, Some(token)).await
    }

    pub(crate) async fn post_json(&self, path: &str, token: Option<&str>, body: &str) -> Answered {
        self.send_json("POST", path, token, body).await
    }

    pub(crate) async fn send_json(
        &self,
        method: &str,
        path: &str,
        token: Option<&str>,
        body: &str,
    ) -> Answered {
        let mut request =
            Request::builder().method(method).uri(path).header(header::CONTENT_TYPE, "application/json");
        if let Some(token) = token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        self.send(request.body(Body::from(body.to_owned())).expect("a request")).await
    }

    /// Asks for a page as a browser does.
    pub(crate) async fn page(&self, path: &str, cookies: &str) -> Answered {
        let request = Request::builder()
            .uri(path)
            .header(header::ACCEPT, "text/html,application/xhtml+xml")
            .header(header::COOKIE, cookies);
        self.send(request.body(Body::empty()).expect("a request")).await
    }

    /// The database of the server, to change behind its back.
    pub(crate) fn database(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.data.path().join("test.db")).expect("the database")
    }

    /// Makes every refresh token that was used look as if that were a minute ago, so that it is no mistake of two tabs any more.
    pub(crate) fn make_used_tokens_old(&self) {
        self.database().execute("UPDATE tokens SET used_at = used_at - 60000", []).expect("an update");
    }

    /// What is on record, newest first.
    pub(crate) async fn records(&self, query: AuditQuery) -> Vec<AuditRecord> {
        self.app.ops().query_audit(&Caller::system(), query).await.expect("the audit").records
    }
}

fn vault_in(folder: &std::path::Path) -> Vault {
    let keys = MasterKeys { file: Some(folder.join("master.key")), ..MasterKeys::default() };
    Vault::open(keys).expect("a vault")
}

pub(crate) fn account() -> Account {
    Account {
        id: ACCOUNT.parse().expect("an id"),
        name: "test".to_owned(),
        color: AccountColor::Blue,
        regions: vec![REGION.parse().expect("a region")],
    }
}

fn instance(id: &str, name: &str, state: InstanceState) -> Instance {
    let tags =
        if name.is_empty() { vec![] } else { vec![Tag { key: "Name".to_owned(), value: name.to_owned() }] };
    Instance {
        id: id.parse().expect("an id"),
        account: account().id,
        region: REGION.parse().expect("a region"),
        name: name.to_owned(),
        state,
        state_reason: None,
        instance_type: "t3.micro".to_owned(),
        zone: "us-east-1a".to_owned(),
        private_ip: Some("10.0.0.1".to_owned()),
        public_ip: None,
        launched_at: None,
        architecture: None,
        platform: Some("Linux/UNIX".to_owned()),
        image_id: None,
        vpc_id: None,
        subnet_id: None,
        key_name: None,
        iam_profile: None,
        security_groups: vec![],
        hibernation: false,
        tenancy: None,
        on_demand: true,
        tags,
    }
}

/// A small EC2 and Logs: lists, looks, honours DryRun, changes states at once.
fn play(
    instances: Arc<Mutex<Vec<Instance>>>,
    denied: Arc<AtomicBool>,
    s3: Arc<Mutex<s3_player::Memory>>,
) -> impl Fn(&ReplayRequest) -> Answer + Send + Sync {
    let lambda = lambda_player::Memory::default();
    let details = ec2_details_player::Memory::default();
    let resources = ec2_resources_player::Memory::default();
    move |request| {
        if let Some(answer) = resources.play(request, denied.load(Ordering::SeqCst)) {
            return answer.into();
        }
        if let Some(answer) = ec2_launch_player::play(request, denied.load(Ordering::SeqCst)) {
            return answer.into();
        }
        if let Some(answer) = lambda.play(request) {
            return answer.into();
        }
        if let Some(answer) = s3_player::play(&mut s3.lock().expect("no panic"), request) {
            return answer.into();
        }
        let mut instances = instances.lock().expect("no panic");
        if let Some(answer) = details.play(&mut instances, request, denied.load(Ordering::SeqCst)) {
            return answer.into();
        }
        let operation = request.operation().to_owned();
        let id = request.form("InstanceId.1");
        let found = id.as_ref().map(|id| instances.iter().position(|it| it.id.as_str() == id));
        if let Some(None) = found {
            return wire::ec2_error(400, "InvalidInstanceID.NotFound", "The instance ID does not exist")
                .into();
        }
        match operation.as_str() {
            "DescribeInstances" => match found.flatten() {
                Some(index) => wire::instances(&instances[index..=index], None).into(),
                None => wire::instances(&instances, None).into(),
            },
            "StartInstances" | "StopInstances" | "RebootInstances" | "TerminateInstances" => {
                if denied.load(Ordering::SeqCst) {
                    return wire::ec2_error(403, "UnauthorizedOperation", "You are not authorized").into();
                }
                if request.form("DryRun").as_deref() == Some("true") {
                    return wire::ec2_error(412, "DryRunOperation", "Request would have succeeded").into();
                }
                let Some(index) = found.flatten() else {
                    return wire::ec2_error(400, "MissingParameter", "InstanceId").into();
                };
                if operation == "RebootInstances" {
                    return wire::rebooted().into();
                }
                let current = match operation.as_str() {
                    "StartInstances" => InstanceState::Pending,
                    "StopInstances" => InstanceState::Stopping,
                    _ => InstanceState::ShuttingDown,
                };
                let change = StateChange {
                    id: instances[index].id.clone(),
                    previous: instances[index].state,
                    current,
                };
                instances[index].state = current;
                wire::state_change(&operation, &change).into()
            }
            "CreateTags" | "DeleteTags" => {
                ec2_player::change_tags(&mut instances, request, denied.load(Ordering::SeqCst)).into()
            }
            "GetProducts" => ec2_player::products(denied.load(Ordering::SeqCst)).into(),
            // Keys are of the account whose id they end with; sessions, of the account of their role.
            "GetCallerIdentity" => {
                let key = request.access_key().to_owned();
                let account = &key[key.len().saturating_sub(12)..];
                wire::caller_identity(account, &format!("arn:aws:iam::{account}:user/console"), "AIDA").into()
            }
            "AssumeRole" if request.form("ExternalId").as_deref() == Some("wrong") => {
                let said = "not authorized to perform: sts:AssumeRole on resource: x";
                wire::sts_error(403, "AccessDenied", said).into()
            }
            "AssumeRole" => {
                let role = request.form("RoleArn").unwrap_or_default();
                let account = role.split(':').nth(4).unwrap_or_default();
                let session = request.form("RoleSessionName").unwrap_or_default();
                wire::assumed_role(&format!("AKID{session}{account}"), "2099-01-01T00:00:00Z").into()
            }
            "ListMetrics" => ec2_player::metrics().into(),
            "GetMetricStatistics" => ec2_player::statistics().into(),
            "DescribeLogGroups" => wire::log_groups(
                &[LogGroup {
                    name: "/app/web".to_owned(),
                    account: account().id,
                    region: REGION.parse().expect("a region"),
                    stored_bytes: 1,
                    retention_days: None,
                }],
                None,
            )
            .into(),
            "DescribeLogStreams" => wire::log_streams(&[], None).into(),
            "FilterLogEvents" => wire::log_events(&[], None).into(),
            other => wire::ec2_error(400, "InvalidAction", other).into(),
        }
    }
}
