//! `nephoscope user …`: there is no sign-up on the site, people are approved here.

use std::io::{self, IsTerminal, Read};

use clap::Subcommand;
use nephoscope_model::identity::{Role, User, UserName};
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
    let ops = server::offline_ops(store, server::signing_key(config)?).await;
    let result = obey(command, &ops).await;
    ops.close().await;
    result
}

async fn obey(command: UserCommand, ops: &Ops) -> Result<(), Failure> {
    let caller = Caller::system();
    match command {
        UserCommand::Add { name, role, password } => {
            ops.add_user(&caller, &name, role, &password.read()?).await?;
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
        UserCommand::Disable { name } => {
            ops.set_disabled(&caller, &name, true).await?;
            say(&format!("{name} may no longer log in; all sessions of {name} have ended."))
        }
        UserCommand::Enable { name } => {
            ops.set_disabled(&caller, &name, false).await?;
            say(&format!("{name} may log in again."))
        }
        UserCommand::Remove { name } => {
            ops.remove_user(&caller, &name).await?;
            say(&format!("{name} is removed."))
        }
    }
}

fn table(users: &[User]) -> String {
    if users.is_empty() {
        return "Nobody may log in yet. Approve somebody: nephoscope user add NAME --role admin".to_owned();
    }
    let width = users.iter().map(|user| user.name.as_str().len()).max().unwrap_or_default().max(4);
    let mut lines = vec![format!("{:width$}  {:8}  {:8}  LAST LOG-IN", "NAME", "ROLE", "STATE")];
    for user in users {
        let state = if user.disabled { "disabled" } else { "active" };
        let last =
            user.last_login_at.map_or_else(|| "never".to_owned(), nephoscope_model::Timestamp::to_utc_text);
        lines.push(format!("{:width$}  {:8}  {state:8}  {last}", user.name.as_str(), user.role.as_str()));
    }
    lines.join("\n")
}
