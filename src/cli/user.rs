//! `nephoscope user …`: there is no sign-up; people are approved here, or by an administrator on the site.

use std::io::{self, IsTerminal, Read};

use clap::Subcommand;
use nephoscope_model::{
    AccountId,
    identity::{EmailAddress, PasswordLink, Role, User, UserName},
};
use nephoscope_ops::{Caller, Ops};
use secrecy::SecretString;

use super::{Failure, say};
use crate::{config::Config, server};

#[derive(Debug, Subcommand)]
pub(super) enum UserCommand {
    /// Approve a person.
    Add {
        /// The name to log in with.
        name: UserName,
        /// What they may do: viewer, operator or admin.
        #[arg(long, default_value = "viewer")]
        role: Role,
        /// Their address at an identity provider that may log them in.
        #[arg(long, value_name = "ADDRESS", value_parser = EmailAddress::typed)]
        email: Option<EmailAddress>,
        /// Print a link with which they set a password themselves, instead of giving them one.
        #[arg(long, conflicts_with = "password_stdin")]
        invite: bool,
        #[command(flatten)]
        password: PasswordSource,
    },
    /// List all people.
    List {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Set a new password, and end the person's sessions.
    Passwd {
        /// Whose.
        name: UserName,
        #[command(flatten)]
        password: PasswordSource,
    },
    /// Take a person's password away, end their sessions, and print a link with which they set a new one.
    Reset {
        /// Whose.
        name: UserName,
    },
    /// Take a person's second factor away, for when the device is lost.
    ResetFactor {
        /// Whose.
        name: UserName,
    },
    /// Give a person another role.
    Role {
        /// Whom.
        name: UserName,
        /// What they may do: viewer, operator or admin.
        role: Role,
    },
    /// Let an identity provider that vouches for an address log a person in, or no longer.
    Email {
        /// Whom.
        name: UserName,
        /// The address.
        #[arg(value_parser = EmailAddress::typed, required_unless_present = "none", conflicts_with = "none")]
        address: Option<EmailAddress>,
        /// Take the address away.
        #[arg(long)]
        none: bool,
    },
    /// Grant a person a role in one account, in place of the one they have elsewhere.
    Grant {
        /// Whom.
        name: UserName,
        /// The 12-digit account id.
        account: AccountId,
        /// What they may do there: viewer or operator.
        role: Role,
    },
    /// Take a grant back: in that account the person may do what they may elsewhere.
    Revoke {
        /// Whose.
        name: UserName,
        /// The 12-digit account id.
        account: AccountId,
    },
    /// Let a person no longer log in, and end their sessions.
    Disable {
        /// Whom.
        name: UserName,
    },
    /// Let a disabled person log in again.
    Enable {
        /// Whom.
        name: UserName,
    },
    /// Remove a person; the audit keeps what they did.
    Remove {
        /// Whom.
        name: UserName,
    },
}

#[derive(Debug, clap::Args)]
pub(super) struct PasswordSource {
    /// Read the password from standard input instead of asking for it.
    #[arg(long)]
    password_stdin: bool,
}

impl PasswordSource {
    fn read(&self) -> Result<SecretString, Failure> {
        if self.password_stdin {
            let mut text = String::new();
            io::stdin().take(4_096).read_to_string(&mut text)?;
            return Ok(text.trim_end_matches(['\r', '\n']).to_owned().into());
        }
        if !io::stdin().is_terminal() {
            return Err(Failure::Usage(
                "there is no terminal to ask for the password: give --password-stdin".to_owned(),
            ));
        }
        let first = rpassword::prompt_password("Password: ")?;
        if rpassword::prompt_password("Again: ")? != first {
            return Err(Failure::Failed("the two passwords differ; nothing was changed".to_owned()));
        }
        Ok(first.into())
    }
}

pub(super) async fn run(command: UserCommand, config: &Config) -> Result<(), Failure> {
    let store = server::open_store(config).await?;
    let ops = server::offline_ops(store, server::signing_keys(config)?).await;
    let result = obey(command, &ops).await;
    ops.close().await;
    result
}

async fn obey(command: UserCommand, ops: &Ops) -> Result<(), Failure> {
    let caller = Caller::system();
    match command {
        UserCommand::Add { name, role, email, invite: true, .. } => {
            say(&link_text(&ops.invite_user(&caller, &name, email.as_ref(), role).await?))
        }
        UserCommand::Add { name, role, email, password, .. } => {
            ops.add_user(&caller, &name, email.as_ref(), role, &password.read()?).await?;
            say(&format!("{name} may log in now, as {role}."))
        }
        UserCommand::List { json } => {
            let users = ops.list_users(&caller).await?;
            say(&if json { serde_json::to_string_pretty(&users).unwrap_or_default() } else { table(&users) })
        }
        UserCommand::Passwd { name, password } => {
            ops.set_password(&caller, &name, &password.read()?).await?;
            say(&format!("{name} has a new password; all sessions of {name} have ended."))
        }
        UserCommand::Reset { name } => say(&link_text(&ops.reset_password(&caller, &name).await?)),
        UserCommand::ResetFactor { name } => {
            ops.reset_second_factor(&caller, &name).await?;
            say(&format!("{name} logs in with the password alone now, and may set up another device."))
        }
        UserCommand::Role { name, role } => {
            ops.set_role(&caller, &name, role).await?;
            say(&format!("{name} is {role} now."))
        }
        UserCommand::Email { name, address, .. } => {
            ops.set_email(&caller, &name, address.as_ref()).await?;
            say(&match address {
                Some(address) => {
                    format!("An identity provider that vouches for {address} may log {name} in now.")
                }
                None => format!("{name} has no e-mail address now; no identity provider logs {name} in."),
            })
        }
        UserCommand::Grant { name, account, role } => {
            ops.set_grant(&caller, &name, &account, Some(role)).await?;
            say(&format!("{name} is {role} in account {account} now."))
        }
        UserCommand::Revoke { name, account } => {
            let user = ops.set_grant(&caller, &name, &account, None).await?;
            say(&format!("{name} is {} in account {account} now, as elsewhere.", user.role))
        }
        UserCommand::Disable { name } => {
            ops.set_disabled(&caller, &name, true).await?;
            say(&format!("{name} may no longer log in; all sessions of {name} have ended."))
        }
        UserCommand::Enable { name } => {
            ops.set_disabled(&caller, &name, false).await?;
            say(&format!("{name} may log in again."))
        }
        UserCommand::Remove { name } => {
            ops.remove_user(&caller, &name, name.as_str()).await?;
            say(&format!("{name} is removed."))
        }
    }
}

/// The server does not know by which address people reach it, so the link is printed without.
fn link_text(link: &PasswordLink) -> String {
    format!(
        "{} sets a password by opening this path on your nephoscope, once, before {}:\n{}",
        link.name,
        link.expires_at.to_utc_text(),
        link.path
    )
}

fn table(users: &[User]) -> String {
    if users.is_empty() {
        return "Nobody may log in yet. Approve somebody: nephoscope user add NAME --role admin".to_owned();
    }
    let email = |user: &User| user.email.as_ref().map_or_else(|| "–".to_owned(), EmailAddress::to_string);
    let width = widest(users.iter().map(|user| user.name.to_string()), "NAME");
    let email_width = widest(users.iter().map(email), "E-MAIL");
    let mut lines = vec![format!(
        "{:width$}  {:8}  {:8}  {:23}  {:email_width$}  GRANTS",
        "NAME", "ROLE", "STATE", "LAST LOG-IN", "E-MAIL"
    )];
    for user in users {
        let state = match (user.disabled, user.has_way_in()) {
            (true, _) => "disabled",
            (false, true) => "active",
            (false, false) => "invited",
        };
        let grants: Vec<_> = user.grants.iter().map(|(account, role)| format!("{account}={role}")).collect();
        let last =
            user.last_login_at.map_or_else(|| "never".to_owned(), nephoscope_model::Timestamp::to_utc_text);
        let line = format!(
            "{:width$}  {:8}  {state:8}  {last:23}  {:email_width$}  {}",
            user.name.as_str(),
            user.role.as_str(),
            email(user),
            grants.join(" ")
        );
        lines.push(line.trim_end().to_owned());
    }
    lines.join("\n")
}

/// How wide a column is.
fn widest(cells: impl Iterator<Item = String>, head: &str) -> usize {
    cells.map(|cell| cell.chars().count()).max().unwrap_or_default().max(head.len())
}
