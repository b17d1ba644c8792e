//! The configuration: a TOML file, and variables that override it.
//!
//! Everything is checked at start. Every bad key is named, not only the first, and a key that nobody knows is bad too, since it is most
//! often a known one misspelt.

mod accounts;
mod master_key;
mod openid;
mod reader;
mod security;

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    time::Duration,
};

use nephoscope_aws::AccountConfig;
use secrecy::SecretString;

pub use master_key::MasterKeyConfig;
pub use openid::OpenIdConfig;
use reader::Reader;
pub use security::SecurityConfig;

/// What the server needs to know. `Debug` shows no secret.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where to listen.
    pub listen: SocketAddr,
    /// Where the embedded store and the signing key live.
    pub data_dir: PathBuf,
    /// What to log, as `tracing`'s directives, such as `info` or `nephoscope=debug,info`.
    pub log: String,
    /// How to log.
    pub log_format: LogFormat,
    /// How the server protects itself.
    pub security: SecurityConfig,
    /// How long requests that are under way may take when the server stops.
    pub shutdown_grace: Duration,
    /// How long terminating an instance waits, so that it can be undone.
    pub terminate_grace: Duration,
    /// What Prometheus must send as bearer token to read `/metrics` from another machine; without it only loopback may.
    pub metrics_token: Option<SecretString>,
    /// Where nephoscope remembers.
    pub store: StoreConfig,
    /// What signs the JWTs: keys with commas between them, of which the first signs; without it keys are made and kept in `data_dir`.
    pub signing_key: Option<SecretString>,
    /// For how many days records of the audit are kept; for ever when nothing is said.
    pub audit_retention_days: Option<u16>,
    /// Another address for every AWS service, for emulators and private gateways.
    pub aws_endpoint_url: Option<String>,
    /// What seals secrets in the store.
    pub master_key: MasterKeyConfig,
    /// With which identity providers people log in.
    pub openid: OpenIdConfig,
    /// The accounts to look at.
    pub accounts: Vec<AccountConfig>,
}

/// Where nephoscope remembers.
#[derive(Debug, Clone)]
pub enum StoreConfig {
    /// In a file of `data_dir`.
    Sqlite,
    /// In MongoDB, which several servers may share.
    Mongo {
        /// The connection string; it may hold a password.
        url: SecretString,
        /// The database.
        database: String,
    },
}

/// How to log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Human,
    /// One JSON object a line.
    Json,
}

/// What is wrong with a configuration: a sentence for each bad key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigErrors(pub Vec<String>);

impl std::fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("The configuration is not valid:")?;
        self.0.iter().try_for_each(|error| write!(f, "\n  - {error}"))
    }
}

impl std::error::Error for ConfigErrors {}

impl Config {
    /// Reads the file, if one is given, and the environment.
    ///
    /// # Errors
    /// Every key that is bad, or why the file cannot be read.
    pub fn load(path: Option<&Path>, env: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigErrors> {
        let text = match path {
            Some(path) => std::fs::read_to_string(path)
                .map_err(|error| ConfigErrors(vec![format!("{} cannot be read: {error}", path.display())]))?,
            None => String::new(),
        };
        Self::parse(&text, env)
    }

    /// How long records of the audit are kept; for ever when nothing is said.
    #[must_use]
    pub fn audit_retention(&self) -> Option<Duration> {
        self.audit_retention_days.map(|days| Duration::from_secs(u64::from(days) * 86_400))
    }

    /// From the text of a file and the environment.
    ///
    /// # Errors
    /// Every key that is bad, or where the text is not TOML.
    pub fn parse(text: &str, env: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigErrors> {
        let table = text
            .parse::<toml::Table>()
            .map_err(|error| ConfigErrors(vec![format!("it is not TOML: {}", error.message())]))?;
        let mut reader = Reader::new(table, &env);
        let config = Self {
            listen: reader
                .parsed("listen", "NEPHOSCOPE_LISTEN", "an address and port such as 127.0.0.1:8080")
                .unwrap_or_else(|| SocketAddr::from((Ipv4Addr::LOCALHOST, 8080))),
            data_dir: reader
                .text("data_dir", "NEPHOSCOPE_DATA_DIR")
                .map_or_else(|| "data".into(), PathBuf::from),
            log: read_log(&mut reader),
            log_format: read_log_format(&mut reader),
            security: SecurityConfig::read(&mut reader),
            shutdown_grace: Duration::from_secs(
                reader
                    .parsed::<u16>(
                        "shutdown_grace_seconds",
                        "NEPHOSCOPE_SHUTDOWN_GRACE_SECONDS",
                        "a number of seconds",
                    )
                    .unwrap_or(10)
                    .into(),
            ),
            terminate_grace: read_terminate_grace(&mut reader),
            metrics_token: reader.secret("metrics_token", "NEPHOSCOPE_METRICS_TOKEN"),
            store: read_store(&mut reader),
            signing_key: read_signing_key(&mut reader),
            audit_retention_days: reader
                .parsed("audit_retention_days", "NEPHOSCOPE_AUDIT_RETENTION_DAYS", "a number of days")
                .filter(|days| *days > 0),
            aws_endpoint_url: read_endpoint(&mut reader),
            master_key: MasterKeyConfig::read(&mut reader),
            openid: OpenIdConfig::read(&mut reader),
            accounts: accounts::read(&mut reader),
        };
        reader.finish()?;
        Ok(config)
    }
}

fn read_log(reader: &mut Reader<'_>) -> String {
    let log = reader.text("log", "NEPHOSCOPE_LOG").unwrap_or_else(|| "info".to_owned());
    if let Err(error) = tracing_subscriber::EnvFilter::try_new(&log) {
        reader.complain(format!("log: {log:?} is no log filter: {error}"));
    }
    log
}

fn read_log_format(reader: &mut Reader<'_>) -> LogFormat {
    match reader.text("log_format", "NEPHOSCOPE_LOG_FORMAT").as_deref() {
        None | Some("human") => LogFormat::Human,
        Some("json") => LogFormat::Json,
        Some(other) => {
            reader.complain(format!("log_format: {other:?} is neither \"human\" nor \"json\""));
            LogFormat::Human
        }
    }
}

fn read_terminate_grace(reader: &mut Reader<'_>) -> Duration {
    /// Longer than this nobody expects what they asked for to happen still.
    const LONGEST: u64 = 3_600;

    let seconds = reader.parsed::<u64>(
        "terminate_grace_seconds",
        "NEPHOSCOPE_TERMINATE_GRACE_SECONDS",
        "a number of seconds",
    );
    let seconds = seconds.unwrap_or(60);
    if seconds > LONGEST {
        reader.complain(format!("terminate_grace_seconds: {seconds} is more than an hour ({LONGEST})"));
    }
    Duration::from_secs(seconds)
}

fn read_store(reader: &mut Reader<'_>) -> StoreConfig {
    let database = reader.text("store_database", "NEPHOSCOPE_STORE_DATABASE");
    let Some(url) = reader.text("store_url", "NEPHOSCOPE_STORE_URL") else {
        if database.is_some() {
            reader.complain("store_database: it is of use only with store_url".to_owned());
        }
        return StoreConfig::Sqlite;
    };
    // The value itself may hold a password, so that it is not repeated.
    if !url.starts_with("mongodb://") {
        reader.complain(
            "store_url: it must begin with mongodb:// (name the hosts instead of mongodb+srv://; leave it out for SQLite)"
                .to_owned(),
        );
    }
    StoreConfig::Mongo { url: url.into(), database: database.unwrap_or_else(|| "nephoscope".to_owned()) }
}

fn read_signing_key(reader: &mut Reader<'_>) -> Option<SecretString> {
    let key = reader.secret("signing_key", "NEPHOSCOPE_SIGNING_KEY")?;
    if let Err(error) = nephoscope_ops::SigningKeys::from_text(&key) {
        reader.complain(format!("signing_key: {error}"));
    }
    Some(key)
}

fn read_endpoint(reader: &mut Reader<'_>) -> Option<String> {
    let url = reader.text("aws_endpoint_url", "AWS_ENDPOINT_URL")?;
    if !url
        .parse::<http::Uri>()
        .is_ok_and(|uri| matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some())
    {
        reader.complain(format!("aws_endpoint_url: {url:?} is not an http:// or https:// address"));
    }
    Some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Config, ConfigErrors> {
        Config::parse(text, |_| None)
    }

    #[test]
    fn without_anything_it_listens_on_loopback_and_remembers_in_a_file() {
        let config = parse("").expect("the defaults are good");
        assert!(config.listen.ip().is_loopback());
        assert!(matches!(config.store, StoreConfig::Sqlite));
        assert!(config.accounts.is_empty());
        assert_eq!(config.terminate_grace, Duration::from_secs(60));
        assert!(parse("terminate_grace_seconds = 0").is_ok_and(|config| config.terminate_grace.is_zero()));
    }

    #[test]
    fn the_environment_overrides_the_file() {
        let env = |name: &str| (name == "NEPHOSCOPE_LISTEN").then(|| "127.0.0.1:9".to_owned());
        let config = Config::parse("listen = \"0.0.0.0:80\"", env).expect("good");
        assert_eq!(config.listen.port(), 9);
    }

    #[test]
    fn every_bad_key_is_named_at_once() {
        let text = r#"
            listen = "nowhere"
            secure_cookies = "perhaps"
            log_format = "xml"
            terminate_grace_seconds = 86400
            store_url = "postgres://user:hunter2@db/x"
            lisen = "127.0.0.1:80"
            [[accounts]]
            id = "12"
            regions = []
            color = "beige"
            [[accounts]]
            id = "111111111111"
            regions = ["us-east-1", 7]
            role_arn = "arn:aws:iam::111111111111:role/x"
            access_key_id = "AKIA"
            regoins = []
        "#;
        let errors = parse(text).expect_err("it is full of errors").0;
        for key in [
            "listen:",
            "secure_cookies:",
            "log_format:",
            "terminate_grace_seconds:",
            "store_url:",
            "lisen:",
            "accounts[0].id:",
            "accounts[0].regions:",
            "accounts[0].color:",
            "accounts[1].regions[1]:",
            "accounts[1].role_arn:",
            "accounts[1].regoins:",
        ] {
            assert!(errors.iter().any(|error| error.starts_with(key)), "{key} is not in {errors:#?}");
        }
        assert!(!errors.join(" ").contains("hunter2"));
    }

    #[test]
    fn an_account_twice_is_an_error() {
        let account = "[[accounts]]\nid = \"111111111111\"\nregions = [\"us-east-1\"]\n";
        assert!(parse(account).is_ok());
        assert!(parse(&account.repeat(2)).is_err());
    }

    #[test]
    fn printing_a_configuration_shows_no_secret() {
        let text = r#"
            store_url = "mongodb://user:hunter2@db/x"
            metrics_token = "hunter2"
            [[accounts]]
            id = "111111111111"
            regions = ["us-east-1"]
            access_key_id = "AKIAEXAMPLE"
            secret_access_key = "hunter2"
        "#;
        let printed = format!("{:?}", parse(text).expect("good"));
        assert!(!printed.contains("hunter2"), "{printed}");
    }
}
