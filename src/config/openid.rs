//! `[[openid]]`: the identity providers with which people log in.

use std::collections::BTreeMap;

use nephoscope_model::{identity::Role, login::ProviderId};
use nephoscope_ops::ProviderSettings;

use super::reader::Reader;

/// With which identity providers people log in, and where those send them back to.
#[derive(Debug, Clone, Default)]
pub struct OpenIdConfig {
    /// The address under which browsers reach this server, without a path. There is one where there is a provider.
    pub public_url: Option<String>,
    /// The providers, in the order in which the log-in page offers them.
    pub providers: Vec<ProviderSettings>,
}

impl OpenIdConfig {
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        let public_url = reader.text("public_url", "NEPHOSCOPE_PUBLIC_URL");
        if let Some(url) = &public_url
            && !is_origin(url)
        {
            reader.complain_of(
                "public_url",
                &format!("{url:?} is not an address such as https://console.example.com, without a path"),
            );
        }
        let mut providers: Vec<ProviderSettings> = Vec::new();
        for (index, table) in reader.tables("openid").into_iter().enumerate() {
            let at = format!("openid[{index}]");
            let mut part = reader.part(table, &at);
            let provider = read_provider(&mut part);
            reader.absorb(part);
            let Some(provider) = provider else { continue };
            if providers.iter().any(|other| other.id == provider.id) {
                reader.complain(format!("{at}.id: the provider {} is there twice", provider.id));
            }
            providers.push(provider);
        }
        if public_url.is_none() && !providers.is_empty() {
            reader.complain_of(
                "public_url",
                "it is missing, and the providers under openid send people back to it",
            );
        }
        Self { public_url, providers }
    }
}

fn read_provider(part: &mut Reader<'_>) -> Option<ProviderSettings> {
    let id = part.required::<ProviderId>("id");
    let issuer = required_text(part, "issuer").filter(|issuer| {
        let good = is_safe(issuer);
        if !good {
            part.complain_of(
                "issuer",
                &format!("{issuer:?} is not an https:// address; http:// is for loopback only"),
            );
        }
        good
    });
    let client_id = required_text(part, "client_id");
    let variable = id.as_ref().map(|id| {
        format!("NEPHOSCOPE_OPENID_{}_CLIENT_SECRET", id.as_str().to_ascii_uppercase().replace('-', "_"))
    });
    let client_secret = part.secret("client_secret", variable.as_deref().unwrap_or_default());
    let name = part.text("name", "");
    let scopes = part.texts("scopes", "").into_iter().map(|(_, scope)| scope).collect();
    let groups_claim = part.text("groups_claim", "").unwrap_or_else(|| "groups".to_owned());
    let mut roles = BTreeMap::new();
    for (group, role) in part.texts_by_name("roles") {
        match role.parse::<Role>() {
            Ok(role) => {
                roles.insert(group, role);
            }
            Err(error) => part.complain_of(&format!("roles.{group:?}"), &error.message),
        }
    }
    let id = id?;
    Some(ProviderSettings {
        name: name.unwrap_or_else(|| id.to_string()),
        id,
        issuer: issuer?,
        client_id: client_id?,
        client_secret,
        scopes,
        groups_claim,
        roles,
    })
}

fn required_text(part: &mut Reader<'_>, key: &str) -> Option<String> {
    if !part.has(key) {
        part.complain_of(key, "it is missing");
    }
    part.text(key, "")
}

/// Whether somebody on the way could not read or change what is sent there.
fn is_safe(url: &str) -> bool {
    let Ok(uri) = url.parse::<http::Uri>() else { return false };
    match (uri.scheme_str(), uri.host()) {
        (Some("https"), Some(host)) => !host.is_empty(),
        (Some("http"), Some(host)) => matches!(host, "localhost" | "127.0.0.1" | "[::1]"),
        _ => false,
    }
}

/// Whether it is an address of a whole site: TLS may be ended by something in front, but people write `https://` then.
fn is_origin(url: &str) -> bool {
    url.parse::<http::Uri>().is_ok_and(|uri| {
        matches!(uri.scheme_str(), Some("http" | "https"))
            && uri.host().is_some_and(|host| !host.is_empty())
            && uri.path() == "/"
            && uri.query().is_none()
            && !url.contains(['@', '#'])
    })
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;
    use crate::config::Config;

    const GOOD: &str = "public_url = \"https://console.example.com\"\n[[openid]]\nid = \"key-cloak\"\n\
                        issuer = \"https://id.example.com/realms/x\"\nclient_id = \"nephoscope\"\n";

    fn errors(text: &str) -> Vec<String> {
        Config::parse(text, |_| None).expect_err(text).0
    }

    #[test]
    fn a_provider_is_read_with_all_it_has() {
        let text = format!(
            "{GOOD}name = \"Keycloak\"\nclient_secret = \"hush\"\nscopes = [\"groups\"]\ngroups_claim = \"/realm_access/roles\"\n\
             roles = {{ admins = \"admin\", \"all people\" = \"viewer\" }}\n"
        );
        let config = Config::parse(&text, |_| None).expect("good").openid;
        let provider = &config.providers[0];
        assert_eq!((provider.id.as_str(), provider.name.as_str()), ("key-cloak", "Keycloak"));
        assert_eq!((provider.scopes.len(), provider.groups_claim.as_str()), (1, "/realm_access/roles"));
        assert_eq!(provider.roles["all people"], Role::Viewer);
        assert!(!format!("{config:?}").contains("hush"));
        let env = |name: &str| {
            (name == "NEPHOSCOPE_OPENID_KEY_CLOAK_CLIENT_SECRET").then(|| "from outside".to_owned())
        };
        let config = Config::parse(&text, env).expect("good").openid;
        let secret =
            config.providers[0].client_secret.as_ref().map(|secret| secret.expose_secret().to_owned());
        assert_eq!(secret.as_deref(), Some("from outside"));
        assert_eq!(config.providers[0].name, "Keycloak");
    }

    #[test]
    fn what_is_missing_or_unsafe_is_named() {
        assert!(Config::parse(GOOD, |_| None).is_ok());
        let lone = GOOD.replace("public_url = \"https://console.example.com\"\n", "");
        assert!(errors(&lone)[0].starts_with("public_url: it is missing"), "{lone}");
        for url in ["https://x/console", "console.example.com", "ftp://x", "https://u@x", ""] {
            let text = GOOD.replace("https://console.example.com", url);
            assert!(errors(&text)[0].starts_with("public_url:"), "{url}");
        }
        for issuer in
            ["http://id.example.com", "id.example.com", "file:///etc", "http://127.0.0.1.evil.example"]
        {
            let text = GOOD.replace("https://id.example.com/realms/x", issuer);
            assert!(errors(&text)[0].starts_with("openid[0].issuer:"), "{issuer}");
        }
        let bare = errors(
            "public_url = \"https://x\"\n[[openid]]\nroles = { a = \"root\", b = 1 }\nsecret = \"hush\"\n",
        );
        for key in ["id", "issuer", "client_id", "roles.\"a\"", "roles.\"b\"", "secret"] {
            let at = format!("openid[0].{key}:");
            assert!(bare.iter().any(|error| error.starts_with(&at)), "{at} is not in {bare:#?}");
        }
        assert!(!bare.join(" ").contains("hush"));
        let (head, provider) = GOOD.split_once('\n').expect("two parts");
        assert!(errors(&format!("{head}\n{provider}{provider}"))[0].contains("twice"));
    }
}
