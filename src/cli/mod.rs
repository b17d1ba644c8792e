//! The command line. Exit codes: 0 done, 1 it failed, 2 the command or the configuration makes no sense.

mod account;
mod api;
mod audit;
mod key;
mod policy;
mod signing_key;
mod user;

use std::{io, path::PathBuf, process::ExitCode};

use clap::{CommandFactory, Parser, Subcommand};
use clap_complete::Shell;

use crate::{
    config::Config,
    server::{self, telemetry},
};

/// A self-hosted console for AWS: many accounts and regions on one fast page.
#[derive(Debug, Parser)]
#[command(version, about, propagate_version = true, arg_required_else_help = true)]
struct Cli {
    /// The configuration file (TOML). Variables such as NEPHOSCOPE_LISTEN override it.
    #[arg(long, short, global = true, env = "NEPHOSCOPE_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server.
    Serve,
    /// Approve, list, change and remove the people who may log in.
    #[command(subcommand)]
    User(user::UserCommand),
    /// Add, list, try and remove AWS accounts.
    #[command(subcommand)]
    Account(account::AccountCommand),
    /// Change the master key that seals secrets.
    #[command(subcommand)]
    Key(key::KeyCommand),
    /// Print the OpenAPI document of the REST API.
    Api(api::ApiArgs),
    /// Print the IAM policy that an account's role needs.
    Policy(policy::PolicyArgs),
    /// Check that the audit is what it was.
    #[command(subcommand)]
    Audit(audit::AuditCommand),
    /// Change the key that signs session tokens.
    #[command(subcommand)]
    SigningKey(signing_key::SigningKeyCommand),
    /// Look at the configuration.
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Print completions for a shell.
    Completions {
        /// Which shell.
        shell: Shell,
    },
}

#[derive(Debug, Subcommand)]
enum ConfigCommand {
    /// Check the configuration, and print it without its secrets.
    Check,
}

/// Why a command ended badly.
enum Failure {
    /// The command or the configuration makes no sense.
    Usage(String),
    /// It failed.
    Failed(String),
}

impl From<nephoscope_model::Error> for Failure {
    fn from(error: nephoscope_model::Error) -> Self {
        let hint = error.hint.map(|hint| format!(" {hint}")).unwrap_or_default();
        Self::Failed(format!("{}{hint}", error.message))
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Failed(error.to_string())
    }
}

/// Does what the command line says.
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let (code, text) = match run(cli) {
        Ok(()) => return ExitCode::SUCCESS,
        Err(Failure::Usage(text)) => (2, text),
        Err(Failure::Failed(text)) => (1, text),
    };
    eprintln!("nephoscope: {text}");
    ExitCode::from(code)
}

fn run(cli: Cli) -> Result<(), Failure> {
    if let Command::Completions { shell } = cli.command {
        clap_complete::generate(shell, &mut Cli::command(), "nephoscope", &mut io::stdout());
        return Ok(());
    }
    if let Command::Policy(args) = &cli.command {
        return policy::run(args);
    }
    if let Command::Api(args) = &cli.command {
        return api::run(args);
    }
    let config = Config::load(cli.config.as_deref(), |name| std::env::var(name).ok())
        .map_err(|errors| Failure::Usage(errors.to_string()))?;
    match cli.command {
        Command::Serve => {
            telemetry::start(&config.log, config.log_format);
            Ok(block_on(server::serve(config))??)
        }
        Command::User(command) => {
            telemetry::start("warn", config.log_format);
            block_on(user::run(command, &config))?
        }
        Command::SigningKey(command) => {
            telemetry::start("warn", config.log_format);
            block_on(signing_key::run(command, &config))?
        }
        Command::Account(command) => {
            telemetry::start("warn", config.log_format);
            block_on(account::run(command, &config))?
        }
        Command::Key(command) => {
            telemetry::start("warn", config.log_format);
            block_on(key::run(command, &config))?
        }
        Command::Audit(command) => {
            telemetry::start("warn", config.log_format);
            block_on(audit::run(command, &config))?
        }
        Command::Config(ConfigCommand::Check) => {
            say(&format!("{config:#?}"))?;
            eprintln!("The configuration is valid.");
            Ok(())
        }
        Command::Completions { .. } | Command::Policy(_) | Command::Api(_) => Ok(()),
    }
}

fn block_on<T>(work: impl Future<Output = T>) -> io::Result<T> {
    // Rendering a page recurses deeply in builds without optimisation.
    Ok(tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_stack_size(8 << 20)
        .build()?
        .block_on(work))
}

/// Prints a line to standard output; a reader that has gone away is no error.
fn say(text: &str) -> Result<(), Failure> {
    use io::Write;
    match writeln!(io::stdout(), "{text}") {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
