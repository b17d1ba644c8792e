//! `Leptos.toml`, which the server reads, and Cargo.toml's metadata, which the build reads.

use toml::{Table, Value};

#[test]
fn what_both_files_say_is_the_same() {
    let read = |text: &str| text.parse::<Table>().expect("TOML");
    let runtime = read(include_str!("../../Leptos.toml"));
    let runtime = runtime["package"]["metadata"]["leptos"].as_table().expect("a table").clone();
    let build = read(include_str!("../../Cargo.toml"));
    let build = build["workspace"]["metadata"]["leptos"][0].as_table().expect("a table").clone();
    let shared: Vec<_> = runtime.keys().filter(|key| build.contains_key(*key)).collect();
    assert!(shared.len() >= 4, "{shared:?}");
    for key in shared {
        assert_eq!(runtime[key], build[key], "{key}");
    }
    assert_eq!(build["server-fn-prefix"], Value::String("/api/fn".to_owned()));
}
