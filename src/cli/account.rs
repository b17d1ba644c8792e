//! `nephoscope account …`: AWS accounts. Secrets come from a prompt or from standard input, never from the command line, where everybody
//! on the machine could read them.

use std::io::{self, IsTerminal, Read};

use clap::{Args, Subcommand};
use nephoscope_model::{
    AccountId, Region,
    account::{
        AccessKeyId, AccountDetails, AccountInput, CheckOutcome, ConnectionReport, CredentialsKind,
        Discovery, Origin, RoleArn,
    },
    scope::AccountColor,
};
use nephoscope_ops::{Caller, Ops};
use secrecy::SecretString;

use super::{Failure, say};
use crate::{config::Config, server};

#[derive(Debug, Subcommand)]
pub(super) enum AccountCommand {
    /// Add an account. AWS is asked first whom the credentials belong to.
    Add(Box<AddArgs>),
    /// List the accounts.
    List {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Try whether an account can be entered, and which actions the credentials lack. Exits with 1 when some are denied.
    Test {
        /// Its 12-digit id.
        id: AccountId,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Remove an account that was added here.
    Remove {
        /// Its 12-digit id.
        id: AccountId,
    },
    /// Look for accounts of the organization, and for regions that are enabled.
    Discover {
        /// The account to ask from: the organization's management account, or a delegated administrator. The first one unless told.
        #[arg(long)]
        from: Option<AccountId>,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Args)]
pub(super) struct AddArgs {
    /// Its 12-digit id.
    id: AccountId,
    /// What to call it.
    #[arg(long, default_value = "")]
    name: String,
    /// How to mark it: red (production), orange, yellow, green, teal, blue, purple or gray.
    #[arg(long, default_value = "blue", value_parser = parse_color)]
    color: AccountColor,
    /// The regions to look at, comma-separated or repeated.
    #[arg(long, required = true, value_delimiter = ',', value_name = "REGION")]
    region: Vec<Region>,
    #[command(flatten)]
    source: Source,
    /// Read the secret (the secret access key, or the external id) from standard input instead of asking for it.
    #[arg(long)]
    secret_stdin: bool,
    /// Do not ask AWS first whom the credentials belong to.
    #[arg(long)]
    no_check: bool,
}

/// Where the credentials come from; the server's own unless told.
#[derive(Debug, Args)]
struct Source {
    /// Assume this role.
    #[arg(long, value_name = "ARN")]
    role_arn: Option<RoleArn>,
    /// The role demands an external id, which is asked for.
    #[arg(long, requires = "role_arn")]
    external_id: bool,
    /// Assume the role with the credentials of this account instead of the server's own.
    #[arg(long, requires = "role_arn", value_name = "ACCOUNT")]
    from: Option<AccountId>,
    /// Assume the role with the web identity token in this file.
    #[arg(long, requires = "role_arn", conflicts_with_all = ["external_id", "from"], value_name = "FILE")]
    token_file: Option<String>,
    /// Use the key of an IAM user, whose secret is asked for. A role is better: its credentials are temporary, and CloudTrail shows who
    /// used them.
    #[arg(long, conflicts_with = "role_arn", value_name = "ID")]
    access_key_id: Option<AccessKeyId>,
}

fn parse_color(word: &str) -> Result<AccountColor, String> {
    serde_json::from_value(word.into())
        .map_err(|_| "one of red, orange, yellow, green, teal, blue, purple, gray".to_owned())
}

pub(super) async fn run(command: AccountCommand, config: &Config) -> Result<(), Failure> {
    let ops = server::online_ops(config).await?;
    let result = obey(command, &ops).await;
    ops.close().await;
    result
}

async fn obey(command: AccountCommand, ops: &Ops) -> Result<(), Failure> {
    let caller = Caller::system();
    match command {
        AccountCommand::Add(args) => {
            let id = args.id.clone();
            ops.add_account(&caller, args.into_input()?).await?;
            say(&format!("Account {id} is added. Running servers have it within 15 seconds."))
        }
        AccountCommand::List { json } => {
            let accounts = ops.list_accounts(&caller).await?;
            say(&if json { to_json(&accounts) } else { table(&accounts) })
        }
        AccountCommand::Test { id, json } => {
            let report = ops.test_account(&caller, &id).await?;
            say(&if json { to_json(&report) } else { report_text(&report) })?;
            match report.denied().count() {
                0 => Ok(()),
                denied => Err(Failure::Failed(format!("{denied} actions are denied"))),
            }
        }
        AccountCommand::Remove { id } => {
            let accounts = ops.list_accounts(&caller).await?;
            let name =
                accounts.into_iter().find(|details| details.account.id == id).map(|it| it.account.name);
            ops.remove_account(&caller, &id, name.as_deref()).await?;
            say(&format!("Account {id} is removed. Running servers let go of it within 15 seconds."))
        }
        AccountCommand::Discover { from, json } => {
            let found = ops.discover_accounts(&caller, from.as_ref()).await?;
            say(&if json { to_json(&found) } else { discovery_text(&found) })
        }
    }
}

impl AddArgs {
    fn into_input(self) -> Result<AccountInput<SecretString>, Failure> {
        let Source { role_arn, external_id, from, token_file, access_key_id } = self.source;
        let credentials = match (&role_arn, &access_key_id, &token_file) {
            (_, Some(_), _) => CredentialsKind::Keys,
            (Some(_), _, Some(_)) => CredentialsKind::WebIdentity,
            (Some(_), _, None) => CredentialsKind::Role,
            (None, None, _) => CredentialsKind::Default,
        };
        let read = |prompt: &str| read_secret(prompt, self.secret_stdin);
        let secret_access_key = access_key_id.is_some().then(|| read("Secret access key: ")).transpose()?;
        let external_id = external_id.then(|| read("External id: ")).transpose()?;
        Ok(AccountInput {
            id: self.id,
            name: self.name,
            color: self.color,
            regions: self.region,
            credentials,
            access_key_id,
            secret_access_key,
            role_arn,
            external_id,
            from,
            token_file,
            keep_secret: false,
            unchecked: self.no_check,
        })
    }
}

fn read_secret(prompt: &str, from_stdin: bool) -> Result<SecretString, Failure> {
    let text = if from_stdin {
        let mut text = String::new();
        io::stdin().take(4_096).read_to_string(&mut text)?;
        text.trim_end_matches(['\r', '\n']).to_owned()
    } else if io::stdin().is_terminal() {
        rpassword::prompt_password(prompt)?
    } else {
        return Err(Failure::Usage(
            "there is no terminal to ask for the secret: give --secret-stdin".to_owned(),
        ));
    };
    if text.is_empty() {
        return Err(Failure::Failed("the secret is empty; nothing was changed".to_owned()));
    }
    Ok(text.into())
}

fn to_json(value: &impl serde::Serialize) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

fn table(accounts: &[AccountDetails]) -> String {
    if accounts.is_empty() {
        return "No account is configured yet. Add one: nephoscope account add ID --region REGION --role-arn ARN".to_owned();
    }
    let width = accounts.iter().map(|it| it.account.name.chars().count()).max().unwrap_or_default().max(4);
    let mut lines =
        vec![format!("{:12}  {:width$}  {:18}  {:26}  REGIONS", "ID", "NAME", "FROM", "CREDENTIALS")];
    for details in accounts {
        let origin = match details.origin {
            Origin::File if details.shadows => "file (added, too)",
            Origin::File => "configuration file",
            Origin::Store => "added here",
        };
        let source = details.credentials.as_ref().map_or("", |credentials| credentials.kind().label());
        let regions: Vec<&str> = details.account.regions.iter().map(AsRef::as_ref).collect();
        lines.push(format!(
            "{:12}  {:width$}  {origin:18}  {source:26}  {}",
            details.account.id.as_str(),
            details.account.name,
            regions.join(" ")
        ));
        if let Some(problem) = &details.problem {
            lines.push(format!("{:12}  {}", "", problem.message));
        }
    }
    lines.join("\n")
}

fn report_text(report: &ConnectionReport) -> String {
    let mut lines = vec![format!("AWS knows us as {}", report.identity.arn)];
    for check in &report.checks {
        let mark = match check.outcome {
            CheckOutcome::Allowed => "allowed",
            CheckOutcome::Denied => "DENIED",
            CheckOutcome::NotCheckable => "not known",
        };
        let reason = check.reason.as_ref().map(|reason| format!("  {reason}")).unwrap_or_default();
        lines.push(format!("{mark:9}  {:32}{reason}", check.action));
    }
    lines.join("\n")
}

fn discovery_text(found: &Discovery) -> String {
    let mut lines = vec![format!("As seen from account {}:", found.from)];
    lines.extend(found.accounts_error.as_ref().map(|error| format!("Accounts: {}", error.message)));
    for account in &found.accounts {
        let known = if account.known { "  (configured)" } else { "" };
        lines.push(format!("{}  {:10}  {}{known}", account.id, account.state, account.name));
    }
    match &found.regions_error {
        Some(error) => lines.push(format!("Regions: {}", error.message)),
        None => {
            let regions: Vec<&str> = found.regions.iter().map(AsRef::as_ref).collect();
            lines.push(format!("Enabled regions: {}", regions.join(", ")));
        }
    }
    lines.join("\n")
}
