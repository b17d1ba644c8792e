//! An error as a person should see it.

use leptos::prelude::*;
use nephoscope_model::{Error, ErrorCode};

use super::icons::{Glyph, Icon};
use crate::paths;

/// What happened, to what, and what to do next; for errors from AWS also the account, the action and AWS's own code.
/// The children are the place for a "Try again" button.
///
/// ```ignore
/// view! { <ErrorNotice error=error><button class="btn btn-sm" on:click=retry>"Try again"</button></ErrorNotice> }
/// ```
#[component]
pub fn ErrorNotice(
    /// The error.
    error: Error,
    /// What can be done.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let origin = origin_text(&error);
    let login =
        matches!(error.code, ErrorCode::Unauthenticated | ErrorCode::TokenExpired | ErrorCode::TokenInvalid);
    view! {
        <div class="notice notice-error" role="alert">
            <Icon glyph=Glyph::Alert/>
            <div class="notice-body">
                <p class="notice-title">{error.code.title()}</p>
                <p>{error.message}</p>
                {error.hint.map(|hint| view! { <p class="quiet">{hint}</p> })}
                {origin.map(|origin| view! { <p class="notice-origin">{origin}</p> })}
                {(login || children.is_some())
                    .then(|| {
                        view! {
                            <div class="notice-actions">
                                {login
                                    .then(|| {
                                        view! {
                                            <a class="btn btn-sm btn-primary" href=paths::login("") rel="external">
                                                "Log in"
                                            </a>
                                        }
                                    })}
                                {children.map(|children| children())}
                            </div>
                        }
                    })}
            </div>
        </div>
    }
}

/// `123456789012 · eu-west-1 · ec2:StopInstances · UnauthorizedOperation · AWS request 4f…`, and of an error that only the server's log
/// explains, the request that finds it there.
fn origin_text(error: &Error) -> Option<String> {
    let mut parts = Vec::new();
    if let Some(aws) = error.aws.as_deref() {
        parts.extend(aws.account.as_ref().map(ToString::to_string));
        parts.extend(aws.region.as_ref().map(ToString::to_string));
        parts.extend(aws.action.clone());
        parts.extend(aws.code.clone());
        parts.extend(aws.request_id.as_ref().map(|id| format!("AWS request {id}")));
    }
    if error.code == ErrorCode::Internal {
        parts.extend(error.request_id.as_ref().map(|id| format!("request {id}")));
    }
    (!parts.is_empty()).then(|| parts.join(" · "))
}

#[cfg(test)]
mod tests {
    use nephoscope_model::error::AwsOrigin;

    use super::*;

    #[test]
    fn the_origin_names_what_is_known_and_nothing_else() {
        let error = Error::new(ErrorCode::AwsDenied, "no");
        assert_eq!(origin_text(&error), None);
        let error = error.with_aws(AwsOrigin {
            action: Some("ec2:StopInstances".to_owned()),
            code: Some("UnauthorizedOperation".to_owned()),
            ..AwsOrigin::default()
        });
        assert_eq!(origin_text(&error).as_deref(), Some("ec2:StopInstances · UnauthorizedOperation"));
        let bug = Error::internal().within_request("0193");
        assert_eq!(origin_text(&bug).as_deref(), Some("request 0193"));
    }
}
