//! The forms: add or change an account, and remove one. A secret is never shown: an empty field keeps the one there is.

use leptos::prelude::*;
use nephoscope_model::{
    Scope,
    account::{AccountDetails, Credentials, CredentialsKind, Hidden},
    scope::AccountColor,
};

use crate::{
    components::{Glyph, Icon, Panel, account_tag::color_class, nothing},
    params::Params,
    paths,
    session::read_only_reason,
};

/// Where the forms go.
const ACTION: &str = "/settings/accounts";

const COLORS: [(AccountColor, &str, &str); 8] = [
    (AccountColor::Red, "red", "red: production"),
    (AccountColor::Orange, "orange", "orange"),
    (AccountColor::Yellow, "yellow", "yellow"),
    (AccountColor::Green, "green", "green"),
    (AccountColor::Teal, "teal", "teal"),
    (AccountColor::Blue, "blue", "blue"),
    (AccountColor::Purple, "purple", "purple"),
    (AccountColor::Gray, "gray", "gray"),
];

/// What the form is filled with.
pub(super) struct Filled {
    new: bool,
    id: String,
    name: String,
    color: AccountColor,
    regions: String,
    credentials: Credentials<Hidden>,
    kind: CredentialsKind,
}

impl Filled {
    /// A new account; a link from the discovery fills in what it found.
    pub(super) fn new(params: &Params) -> Self {
        Self {
            new: true,
            id: params.get("id"),
            name: params.get("name"),
            color: AccountColor::default(),
            regions: params.get("regions"),
            credentials: Credentials::Default,
            kind: CredentialsKind::Role,
        }
    }

    pub(super) fn of(details: AccountDetails) -> Self {
        let credentials = details.credentials.unwrap_or(Credentials::Default);
        let regions: Vec<&str> = details.account.regions.iter().map(AsRef::as_ref).collect();
        Self {
            new: false,
            regions: regions.join(", "),
            id: details.account.id.to_string(),
            name: details.account.name,
            color: details.account.color,
            kind: credentials.kind(),
            credentials,
        }
    }
}

pub(super) fn edit_view(filled: Filled, accounts: &[AccountDetails]) -> AnyView {
    let Filled { new, id, name, color, regions, credentials, kind } = filled;
    let title = if new { "Add an account".to_owned() } else { format!("Change {name}") };
    let (what, label) = if new { ("add", "Add account") } else { ("edit", "Save") };
    let (key_id, role, from, token_file) = match &credentials {
        Credentials::Default => (String::new(), String::new(), None, String::new()),
        Credentials::Keys { access_key_id, .. } => {
            (access_key_id.to_string(), String::new(), None, String::new())
        }
        Credentials::Role { role_arn, from, .. } => {
            (String::new(), role_arn.to_string(), from.clone(), String::new())
        }
        Credentials::WebIdentity { role_arn, token_file } => {
            (String::new(), role_arn.to_string(), None, token_file.clone())
        }
    };
    let has_secret = credentials.secret().is_some();
    let kept = if has_secret { "unchanged" } else { "" };
    let colors = COLORS.map(|(value, word, label)| {
        view! {
            <option value=word selected=value == color>
                {label}
            </option>
        }
    });
    let kinds = CredentialsKind::ALL.map(|value| {
        view! {
            <option value=value.as_str() selected=value == kind>
                {value.label()}
            </option>
        }
    });
    let bases = accounts
        .iter()
        .filter(|it| it.account.id.as_str() != id)
        .map(|it| {
            let chosen = from.as_ref() == Some(&it.account.id);
            let label = format!("{} ({})", it.account.name, it.account.id);
            view! {
                <option value=it.account.id.to_string() selected=chosen>
                    {label}
                </option>
            }
        })
        .collect_view();
    let forget = has_secret.then(|| {
        view! {
            <label class="check for-role">
                <input type="checkbox" class="checkbox checkbox-sm" name="noSecret" value="1"/>
                "The role demands no external id any more"
            </label>
        }
    });
    view! {
        <Panel title=title>
            <form method="post" action=ACTION class="panel-body source-form">
                <input type="hidden" name="do" value=what/>
                {input("Account id", "id", id, "111111111111", "[0-9]{12}", !new)}
                {input("Name", "name", name, "production", "", false)}
                <label class="field">
                    <span>"Colour"</span>
                    <select class="select select-sm" name="color">
                        {colors}
                    </select>
                </label>
                {input("Regions, with commas", "regions", regions, "us-east-1, eu-west-1", "", false)}
                <label class="field">
                    <span>"Credentials"</span>
                    <select class="select select-sm" name="credentials">
                        {kinds}
                    </select>
                </label>
                <div class="for-arn">
                    {input("Role ARN", "roleArn", role, "arn:aws:iam::111111111111:role/nephoscope", "", false)}
                </div>
                <div class="for-role">{secret("External id, if the role demands one", "externalId", kept)}</div>
                <label class="field for-role">
                    <span>"Assume it with"</span>
                    <select class="select select-sm" name="from">
                        <option value="">"the server's own credentials"</option>
                        {bases}
                    </select>
                </label>
                <div class="for-token">
                    {input("Token file on the server", "tokenFile", token_file, "/var/run/secrets/token", "", false)}
                </div>
                <div class="for-keys">{input("Access key id", "accessKeyId", key_id, "AKIA…", "", false)}</div>
                <div class="for-keys">{secret("Secret access key", "secretAccessKey", kept)}</div>
                <p class="quiet for-keys">
                    "A role is better than a key: its credentials are temporary, and CloudTrail shows which person used them."
                </p>
                {forget}
                <label class="check">
                    <input type="checkbox" class="checkbox checkbox-sm" name="unchecked" value="1"/>
                    "Save without asking AWS whom the credentials belong to"
                </label>
                {buttons(label, "btn-primary")}
            </form>
        </Panel>
    }
    .into_any()
}

pub(super) fn remove_view(details: &AccountDetails) -> AnyView {
    let (id, name) = (details.account.id.to_string(), details.account.name.clone());
    let color = color_class(details.account.color);
    view! {
        <Panel title=format!("Remove {name}?")>
            <form method="post" action=ACTION class="panel-body source-form" autocomplete="off">
                <input type="hidden" name="do" value="remove"/>
                <input type="hidden" name="id" value=id.clone()/>
                <p>
                    <Icon glyph=Glyph::Alert/>
                    " nephoscope forgets the credentials of "
                    <span class=format!("account-tag {color}")>{name.clone()}</span>
                    " ("
                    {id}
                    ") and looks at it no more. Nothing is changed in AWS."
                </p>
                <label class="field">
                    <span>"Type " <strong class="typed">{name.clone()}</strong> " to confirm"</span>
                    <input class="input input-sm" name="confirm" required autocomplete="off" spellcheck="false"/>
                </label>
                {buttons("Remove", "btn-error")}
            </form>
        </Panel>
    }
    .into_any()
}

fn buttons(label: &'static str, class: &'static str) -> AnyView {
    view! {
        <div class="form-actions">
            <button type="submit" class=format!("btn btn-sm {class}") disabled=read_only_reason().is_some() title=read_only_reason()>
                {label}
            </button>
            <a class="btn btn-sm btn-ghost" href=paths::accounts(&Scope::default())>
                "Cancel"
            </a>
        </div>
    }
    .into_any()
}

fn input(
    label: &'static str,
    name: &'static str,
    value: String,
    placeholder: &'static str,
    pattern: &'static str,
    fixed: bool,
) -> AnyView {
    let pattern = (!pattern.is_empty()).then_some(pattern);
    view! {
        <label class="field">
            <span>{label}</span>
            <input
                class="input input-sm"
                name=name
                value=value
                placeholder=placeholder
                pattern=pattern
                readonly=fixed
                required=name == "id" || name == "regions"
                maxlength="2048"
                autocapitalize="none"
                spellcheck="false"
            />
        </label>
    }
    .into_any()
}

/// A field for a secret. It is always empty at first.
fn secret(label: &'static str, name: &'static str, kept: &'static str) -> AnyView {
    let note = if kept.is_empty() {
        nothing()
    } else {
        view! { <p class="quiet">"Leave it empty to keep the one there is."</p> }.into_any()
    };
    view! {
        <label class="field">
            <span>{label}</span>
            <input
                class="input input-sm"
                type="password"
                name=name
                placeholder=kept
                maxlength="2048"
                autocomplete="new-password"
                spellcheck="false"
            />
        </label>
        {note}
    }
    .into_any()
}
