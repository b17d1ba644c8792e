//! S3: buckets, and what is in them. What changes one thing is a plain form, which works without JavaScript; what changes many, or goes on for a
//! while, needs it.

mod bucket;
mod buckets;
mod emptying;
mod entries;
mod facts;
mod folder;
mod link;
mod object;
mod objects;
mod properties;
mod rules;
mod ticks;
mod toolbar;
mod upload;

pub use self::{bucket::BucketPage, buckets::BucketsPage};

use leptos::prelude::*;
use nephoscope_model::{AccountId, identity::Permission};

use crate::session::{denial_in, read_only_reason, use_viewer};

/// Why this person may change nothing in an account.
fn denial(account: &AccountId) -> Option<String> {
    let viewer = use_viewer().get_untracked();
    denial_in(viewer.as_ref(), Permission::Operate, account).or_else(|| read_only_reason().map(str::to_owned))
}

/// A button that sends a form, or that says why it does not.
fn submit(label: &'static str, class: &'static str, denial: Option<String>) -> AnyView {
    view! {
        <button type="submit" class=class disabled=denial.is_some() title=denial>
            {label}
        </button>
    }
    .into_any()
}

/// The field in which a name is typed before something is destroyed.
fn confirm_field(label: String) -> AnyView {
    view! {
        <label class="field min-w-0">
            <span class="wrap-anywhere">{label}</span>
            <input class="input input-sm" name="confirm" required autocomplete="off" autocapitalize="none" spellcheck="false"/>
        </label>
    }
    .into_any()
}
