//! nephoscope: a self-hosted console for AWS.
//!
//! This package puts the rooms of `app/` together: with the feature `ssr` it is the server and its command line, with `hydrate`
//! the browser's half, which takes over the pages that the server rendered. It is the only place that sees every room.

#[cfg(feature = "ssr")]
pub mod cli;
#[cfg(feature = "ssr")]
pub mod config;
#[cfg(feature = "ssr")]
pub mod server;

/// Takes over the page. Its script calls this once the WASM is loaded.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    nephoscope_web::hydration::hydrate();
}
