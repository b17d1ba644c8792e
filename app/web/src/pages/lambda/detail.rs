//! `/lambda/{name}`: one function.

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use nephoscope_model::{
    Error, Place, Scope,
    lambda::{Deployed, FunctionDetails, FunctionName},
};

use super::{
    deploy::{DeployForm, Target, tell},
    environment::Environment,
    errors::errors_view,
    manage::{concurrency_panel, delete_panel},
    parts::{configuration, troubles},
    test_run::{Draft, TestRun, TestRunPanel},
    triggers::triggers_view,
    versions::versions_view,
};
use crate::{
    api::{ApiError, ApiResult, fails_page, lambda::get_function},
    components::{
        EmptyState, Glyph, Icon, Missing, PageHeader, Panel, TabLink, Tabs, dynamic, missing_or_failure,
        text, use_toasts, wait_for,
    },
    params::use_params,
    paths::{self, param},
    scope::use_scope,
};

/// A part of the page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Part {
    #[default]
    Configuration,
    Environment,
    Versions,
    Triggers,
    Errors,
    Test,
    Deploy,
}

impl Part {
    const ALL: [Self; 7] = [
        Self::Configuration,
        Self::Environment,
        Self::Versions,
        Self::Triggers,
        Self::Errors,
        Self::Test,
        Self::Deploy,
    ];

    /// As it stands in the URL.
    const fn as_str(self) -> &'static str {
        match self {
            Self::Configuration => "",
            Self::Environment => "environment",
            Self::Versions => "versions",
            Self::Triggers => "triggers",
            Self::Errors => "errors",
            Self::Test => "test",
            Self::Deploy => "deploy",
        }
    }

    const fn label(self) -> &'static str {
        match self {
            Self::Configuration => "Configuration",
            Self::Environment => "Environment",
            Self::Versions => "Versions and aliases",
            Self::Triggers => "Triggers",
            Self::Errors => "Errors",
            Self::Test => "Test",
            Self::Deploy => "Deploy",
        }
    }

    fn from_word(word: &str) -> Self {
        Self::ALL.into_iter().find(|part| part.as_str() == word).unwrap_or_default()
    }
}

/// Reads a function; where the address does not say where it is, looks over the scope.
async fn load(name: String, at: Option<String>, scope: Scope) -> ApiResult<FunctionDetails> {
    let Ok(name) = name.parse::<FunctionName>() else {
        return Err(not_found(&name));
    };
    let place = at.map(|at| paths::parse_place(&at)).transpose();
    let place = place.map_err(|error| fails_page(ApiError(error)))?;
    get_function(place, scope, name).await.map_err(fails_page)
}

fn not_found(name: &str) -> ApiError {
    let name = nephoscope_model::error::shorten(name, 80);
    let error = Error::not_found(format!("There is no function {name} in these accounts and regions."));
    fails_page(ApiError(error))
}

/// One function: what it is, what belongs to it, and trying it.
#[component]
pub fn FunctionPage() -> impl IntoView {
    let scope = use_scope();
    let params = use_params_map();
    let query = use_params();
    let which = Memo::new(move |_| {
        let name = params.with(|params| params.get("name")).unwrap_or_default();
        let at = Some(query.with(|query| query.get(param::AT))).filter(|at| !at.is_empty());
        // The scope only matters where the address says no place.
        let scope = if at.is_some() { Scope::default() } else { scope.get() };
        (name, at, scope)
    });
    let part = Memo::new(move |_| query.with(|query| Part::from_word(&query.get(param::PART))));
    let loaded = Resource::new(move || which.get(), |(name, at, scope)| load(name, at, scope));
    let retry = Callback::new(move |()| loaded.refetch());
    let draft = Draft::new();
    wait_for("Loading function", move || {
        Box::pin(async move {
            match loaded.await {
                Ok(details) => {
                    view! { <Details details=details part=part draft=draft reload=retry/> }.into_any()
                }
                Err(error) => failed(&which.get_untracked().0, error.0, retry, scope),
            }
        })
    })
}

fn failed(name: &str, error: Error, retry: Callback<()>, scope: Memo<Scope>) -> AnyView {
    let all = text(move || paths::lambda(&scope.get()));
    let missing =
        Missing { title: "No such function", glyph: Glyph::Lambda, all: "All functions", href: all };
    let notice = missing_or_failure(error, missing, retry);
    view! {
        <PageHeader
            title=nephoscope_model::error::shorten(name, 80)
            parent="Lambda functions"
            parent_href=parent_href(scope)
        />
        {notice}
    }
    .into_any()
}

fn parent_href(scope: Memo<Scope>) -> MaybeProp<String> {
    MaybeProp::from(Signal::derive(move || Some(paths::lambda(&scope.get()))))
}

#[component]
fn Details(details: FunctionDetails, part: Memo<Part>, draft: Draft, reload: Callback<()>) -> impl IntoView {
    let scope = use_scope();
    let toasts = use_toasts();
    let (place, name) = (details.function.place(), details.function.name.clone());
    // It outlives a change of tabs, so that nobody loses what they wrote or got.
    let test = TestRun::new(&details, draft);
    let environment = Environment::new(place.clone(), name.clone());
    let deployed = Callback::new(move |done: Deployed| {
        tell(toasts, &done);
        reload.run(());
    });
    let links = {
        let (place, name) = (place.clone(), name.clone());
        Signal::derive(move || {
            let (scope, present) = (scope.get(), part.get());
            let link = |part: Part| {
                let href = paths::function_part(&place, &name, part.as_str(), &scope);
                TabLink::new(part.label(), href, part == present)
            };
            Part::ALL.map(link).to_vec()
        })
    };
    let description = details.function.description.clone();
    let title = name.to_string();
    let body = dynamic(move || match part.get() {
        Part::Configuration => {
            let body = configuration_panel(&details, &scope.get());
            view! {
                {body} {concurrency_panel(&details, reload)} {delete_panel(place.clone(), name.clone())}
            }
            .into_any()
        }
        Part::Environment => environment.view(&details),
        Part::Versions => versions_view(&details, reload),
        Part::Triggers => triggers_view(&details),
        Part::Errors => errors_view(&details),
        Part::Test => view! { <TestRunPanel run=test/> }.into_any(),
        Part::Deploy if details.function.package_type == "Image" => view! {
            <EmptyState
                title="A container image"
                text="This function runs a container image; its code comes from a registry."
                glyph=Glyph::Lambda
            />
        }
        .into_any(),
        Part::Deploy => {
            let target = Target::Existing(place.clone(), name.clone());
            view! { <DeployForm target=target on_done=deployed/> }.into_any()
        }
    });
    view! {
        <PageHeader
            title=title
            text=MaybeProp::from((!description.is_empty()).then_some(description))
            parent="Lambda functions"
            parent_href=parent_href(scope)
        />
        <Tabs label="Function" links=links/>
        {body}
    }
}

fn configuration_panel(details: &FunctionDetails, scope: &Scope) -> AnyView {
    let function = &details.function;
    let history = paths::activity_of(function.name.as_str(), scope);
    let logs = paths::log_group(&function.place(), &details.log_group, scope);
    let console = console_url(&function.place(), &function.name);
    let actions = move || {
        view! {
            <a class="btn btn-ghost btn-xs" href=logs.clone()>
                <Icon glyph=Glyph::Logs/>
                "Logs"
            </a>
            <a class="btn btn-ghost btn-xs" href=history.clone()>
                <Icon glyph=Glyph::Activity/>
                "History"
            </a>
            <a class="btn btn-ghost btn-xs" href=console.clone() target="_blank" rel="noreferrer noopener">
                <Icon glyph=Glyph::External/>
                "Open in AWS Console"
            </a>
        }
    };
    let body = configuration(details);
    view! {
        {troubles(details)}
        <Panel title="Configuration" actions=actions>
            {body}
        </Panel>
    }
    .into_any()
}

/// The function's page in AWS's own console; China and GovCloud have consoles of their own.
fn console_url(place: &Place, name: &FunctionName) -> String {
    let region = place.region.as_str();
    let host = if region.starts_with("cn-") {
        "console.amazonaws.cn".to_owned()
    } else if region.starts_with("us-gov-") {
        "console.amazonaws-us-gov.com".to_owned()
    } else {
        format!("{region}.console.aws.amazon.com")
    };
    format!("https://{host}/lambda/home?region={region}#/functions/{name}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_is_found_by_its_word() {
        for part in Part::ALL {
            assert_eq!(Part::from_word(part.as_str()), part);
        }
        assert_eq!(Part::from_word("colour"), Part::Configuration);
    }

    #[test]
    fn the_console_of_each_partition_is_found() {
        let name: FunctionName = "f".parse().expect("a name");
        let url = |at: &str| console_url(&paths::parse_place(at).expect("a place"), &name);
        assert_eq!(
            url("111111111111/eu-west-1"),
            "https://eu-west-1.console.aws.amazon.com/lambda/home?region=eu-west-1#/functions/f"
        );
        assert!(url("111111111111/cn-north-1").starts_with("https://console.amazonaws.cn/"));
        assert!(url("111111111111/us-gov-west-1").starts_with("https://console.amazonaws-us-gov.com/"));
    }
}
