//! The areas.

use leptos::prelude::*;
use leptos_router::hooks::use_location;
use nephoscope_model::Scope;

use crate::{
    components::{
        dynamic::text,
        icons::{Glyph, Icon},
    },
    paths,
    scope::use_scope,
};

type Area = (&'static str, &'static str, Glyph, fn(&Scope) -> String);

/// What an area is called, where all its pages are, and its first page.
const AREAS: &[Area] = &[
    ("Dashboard", "/dashboard", Glyph::Dashboard, paths::dashboard),
    ("EC2", "/ec2", Glyph::Server, paths::ec2),
    ("S3", "/s3", Glyph::Bucket, paths::s3),
    ("Lambda", "/lambda", Glyph::Lambda, paths::lambda),
    ("Logs", "/logs", Glyph::Logs, paths::logs),
    ("Activity", "/activity", Glyph::Activity, paths::activity),
    ("API", "/api-docs", Glyph::Api, paths::api_docs),
    ("Settings", "/settings", Glyph::User, paths::me),
];

/// Links to the areas, each keeping the scope; the present one is marked.
#[component]
pub(super) fn NavLinks() -> impl IntoView {
    let scope = use_scope();
    let path = use_location().pathname;
    view! {
        <ul class="nav-links">
            {AREAS
                .iter()
                .map(|&(label, root, glyph, link)| {
                    let current = Signal::derive(move || is_within(&path.get(), root).then_some("page"));
                    view! {
                        <li>
                            <a href=text(move || link(&scope.get())) aria-current=current>
                                <Icon glyph=glyph/>
                                <span>{label}</span>
                            </a>
                        </li>
                    }
                })
                .collect_view()}
        </ul>
    }
}

fn is_within(path: &str, root: &str) -> bool {
    path.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_area_holds_its_pages_and_no_others() {
        assert!(is_within("/ec2", "/ec2"));
        assert!(is_within("/ec2/i-0123456789abcdef0", "/ec2"));
        assert!(!is_within("/ec2x", "/ec2"));
        assert!(!is_within("/logs", "/ec2"));
    }
}
