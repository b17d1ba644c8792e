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

/// Room in the constant data, in bytes that are not zero. When WASM is split, each page's constants are laid out anew in the place of the
/// whole, each aligned; where that takes even one byte more than before, all of them go into the file that every page loads (a quarter
/// more of it; wasm_split_cli_support 0.2.3, `DataEmitInfo::new`). What nothing refers to is in no file, and so leaves its room to the others.
#[cfg(target_arch = "wasm32")]
#[used]
static ROOM_TO_ALIGN: [u8; 16 << 10] = [0xaa; 16 << 10];
