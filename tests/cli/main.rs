//! The command line, as a process of its own on a data directory of its own.

mod audit;
mod user;

use std::{
    path::Path,
    process::{Command, Output, Stdio},
};

/// Runs the program on a data directory and waits for its end.
pub(crate) fn nephoscope(data: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_nephoscope"))
        .args(arguments)
        .env_clear()
        .env("NEPHOSCOPE_DATA_DIR", data)
        .stdin(Stdio::null())
        .output()
        .expect("the program starts")
}

/// What it wrote for people or pipes, and its exit code.
pub(crate) fn said(output: &Output) -> (Option<i32>, String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}
