//! `/ec2/launch`: new instances, from a template or an image.

mod form;
mod understand;
mod words;

use leptos::prelude::*;
use nephoscope_model::{Account, Place, Scope, ec2::LaunchChoices};

use self::form::launch_form;
use crate::{
    api::{ApiError, ApiResult, fails_page, launch::list_launch_choices},
    components::{EmptyState, ErrorNotice, PageHeader, QueryForm, failure, places_of, wait_for},
    params::use_params,
    paths::{self, param},
    scope::use_scope,
    session::use_accounts,
};

/// The place that is launched in: the one of the address, or else the first of the scope.
fn place_of(at: &str, scope: &Scope, accounts: &[Account]) -> ApiResult<Option<Place>> {
    if at.is_empty() {
        return Ok(scope.places(accounts).unwrap_or_default().into_iter().next());
    }
    paths::parse_place(at).map(Some).map_err(|error| fails_page(ApiError(error)))
}

/// What there is to launch with, and the form.
#[component]
pub fn LaunchPage() -> impl IntoView {
    let (scope, accounts, params) = (use_scope(), use_accounts(), use_params());
    let which = Memo::new(move |_| {
        let at = params.with(|params| params.get(param::AT));
        accounts.with(|accounts| place_of(&at, &scope.get(), accounts))
    });
    let loaded = Resource::new(
        move || which.get(),
        |which| async move {
            match which? {
                Some(place) => {
                    let choices = list_launch_choices(place.clone()).await.map_err(fails_page)?;
                    Ok(Some((place, choices)))
                }
                None => Ok(None),
            }
        },
    );
    let retry = Callback::new(move |()| loaded.refetch());
    let content = wait_for("Loading what there is to launch", move || {
        Box::pin(async move {
            match loaded.await {
                Ok(Some((place, choices))) => choices_view(place, choices),
                Ok(None) => {
                    view! {
                        <EmptyState title="No place to launch in" text="No account is configured, or none is in the scope."/>
                    }
                    .into_any()
                }
                Err(error) => {
                    let error: ApiError = error;
                    failure(error.0, retry)
                }
            }
        })
    });
    view! {
        <PageHeader
            title="Launch instances"
            parent="EC2 instances"
            parent_href=Signal::derive(move || Some(paths::ec2(&scope.get())))
        />
        {content}
    }
}

fn choices_view(place: Place, choices: LaunchChoices) -> AnyView {
    let errors: Vec<AnyView> =
        choices.errors.iter().map(|error| view! { <ErrorNotice error=error.clone()/> }.into_any()).collect();
    let places =
        use_accounts().with_untracked(|accounts| accounts.iter().flat_map(places_of).collect::<Vec<_>>());
    let present = place.to_string();
    let options: Vec<AnyView> = places
        .into_iter()
        .map(|(value, label)| {
            let selected = value == present;
            view! {
                <option value=value selected=selected>
                    {label}
                </option>
            }
            .into_any()
        })
        .collect();
    let form = launch_form(place, choices);
    view! {
        {errors}
        <div class="panel">
            <QueryForm own=&[param::AT] class="toolbar" label="Where" instant=true>
                <label class="field">
                    <span>"Account and region"</span>
                    <select class="select select-sm min-w-60" name=param::AT>
                        {options}
                    </select>
                </label>
                <noscript>
                    <button class="btn btn-sm">"Apply"</button>
                </noscript>
            </QueryForm>
            {form}
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use nephoscope_model::scope::AccountColor;

    use super::*;

    #[test]
    fn the_address_says_where_or_else_the_scope() {
        let account = |id: &str, regions: &[&str]| Account {
            id: id.parse().expect("an id"),
            name: id.to_owned(),
            color: AccountColor::Red,
            regions: regions.iter().map(|region| region.parse().expect("a region")).collect(),
        };
        let accounts = [account("111111111111", &["eu-west-1"]), account("222222222222", &["us-east-1"])];
        let scope = Scope::from_query(Some("222222222222"), None).expect("a scope");
        let text = |at: &str| place_of(at, &scope, &accounts).ok().flatten().map(|place| place.to_string());
        assert_eq!(text("").as_deref(), Some("222222222222/us-east-1"));
        assert_eq!(text("111111111111/eu-west-1").as_deref(), Some("111111111111/eu-west-1"));
        assert!(place_of("nowhere", &scope, &accounts).is_err());
        assert_eq!(place_of("", &Scope::default(), &[]), Ok(None));
    }
}
