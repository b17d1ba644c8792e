//! `nephoscope`: the server and its command line.

#[cfg(feature = "ssr")]
fn main() -> std::process::ExitCode {
    nephoscope::cli::main()
}

/// The browser's half has no `main`; this lets `cargo leptos` check the package without the server's features.
#[cfg(not(feature = "ssr"))]
fn main() {}
