//! `/settings/accounts`: the AWS accounts, how each is entered, and whether that works. What is being done stands in the address
//! (`edit`, `remove`, `test`, `discover`), and forms are plain ones, so that all of it works without JavaScript.

mod discovery;
mod form;
mod report;
mod table;

use leptos::prelude::*;
use nephoscope_model::{
    AccountId,
    account::{AccountDetails, ConnectionReport, Discovery, Origin},
    identity::Permission,
};

use super::parts::{Part, done_notice, settings_tabs};
use crate::{
    api::{
        ApiError, ApiResult,
        accounts::{discover_accounts, list_account_details, test_account},
        fails_page,
    },
    components::{ErrorNotice, Glyph, Icon, PageHeader, dynamic, text, wait_for},
    params::{Params, use_params},
    paths::{self, AccountTask},
    scope::use_scope,
    session::{denial, may},
};

/// What somebody asked the page to find out.
#[derive(Clone, Debug, PartialEq)]
enum Question {
    Nothing,
    /// Whether an account can be entered.
    Test(String),
    /// What else there is, asked from this account, or from the first when it is empty.
    Discover(String),
}

impl Question {
    fn of(params: &Params) -> Self {
        match (params.get("test"), params.get("discover")) {
            (test, _) if !test.is_empty() => Self::Test(test),
            (_, from) if !from.is_empty() => Self::Discover(from),
            _ => Self::Nothing,
        }
    }
}

/// What was found out.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
enum Finding {
    Nothing,
    Test(AccountId, ApiResult<ConnectionReport>),
    Discovery(ApiResult<Discovery>),
}

async fn find_out(question: Question) -> ApiResult<Finding> {
    Ok(match question {
        Question::Nothing => Finding::Nothing,
        Question::Test(id) => {
            let id: AccountId = id.parse().map_err(ApiError)?;
            let report = test_account(id.clone()).await;
            Finding::Test(id, report)
        }
        Question::Discover(from) => {
            let from = if from == "first" { None } else { Some(from.parse().map_err(ApiError)?) };
            Finding::Discovery(discover_accounts(from).await)
        }
    })
}

/// The page. Everybody sees the accounts; administrators also how they are entered, and what can be done with them.
#[component]
pub fn AccountsPage() -> impl IntoView {
    let params = use_params();
    let question = Memo::new(move |_| params.with(Question::of));
    let accounts = Resource::new(|| (), |()| async { list_account_details().await.map_err(fails_page) });
    let finding = Resource::new(move || question.get(), find_out);
    view! {
        <PageHeader
            title="AWS accounts"
            text=MaybeProp::from("The accounts that are looked at, and how nephoscope enters each of them.")
        >
            <HeaderActions/>
        </PageHeader>
        {settings_tabs(Part::Accounts)}
        {done_notice(done_words)}
        {wait_for("Asking AWS", move || Box::pin(async move { finding_view(finding.await, accounts.await) }))}
        {wait_for(
            "Reading the accounts",
            move || {
                Box::pin(async move {
                    let accounts = accounts.await;
                    page_view(accounts, params)
                })
            },
        )}
    }
}

fn done_words(done: &str) -> Option<&'static str> {
    match done {
        "added" => Some("The account is added. Every page looks at it now."),
        "changed" => Some("The account is changed. Calls use the new credentials from now on."),
        "removed" => Some(
            "The account is removed, and its credentials are forgotten. The activity keeps what was done there.",
        ),
        _ => None,
    }
}

/// Adding and discovering; for others than administrators, why not.
#[component]
fn HeaderActions() -> impl IntoView {
    let (scope, reason) = (use_scope(), denial(Permission::Administer));
    dynamic(move || {
        if let Some(reason) = reason.get() {
            return view! {
                <button type="button" class="btn btn-sm" disabled title=reason.clone() aria-description=reason>
                    "Add account"
                </button>
            }
            .into_any();
        }
        let link = move |task: AccountTask<'static>| text(move || paths::account_task(task, &scope.get()));
        view! {
            <a class="btn btn-sm" href=link(AccountTask::Discover("first"))>
                <Icon glyph=Glyph::Search/>
                "Discover"
            </a>
            <a class="btn btn-sm btn-primary" href=link(AccountTask::Add)>
                "Add account"
            </a>
        }
        .into_any()
    })
}

fn finding_view(finding: ApiResult<Finding>, accounts: ApiResult<Vec<AccountDetails>>) -> AnyView {
    let accounts = accounts.unwrap_or_default();
    match finding {
        Ok(Finding::Nothing) => ().into_any(),
        Ok(Finding::Test(id, report)) => {
            let name = accounts.iter().find(|it| it.account.id == id).map(|it| it.account.name.clone());
            report::report_view(name.unwrap_or_else(|| id.to_string()), report)
        }
        Ok(Finding::Discovery(found)) => discovery::discovery_view(found, &accounts),
        Err(error) => view! { <ErrorNotice error=error.0/> }.into_any(),
    }
}

fn page_view(accounts: ApiResult<Vec<AccountDetails>>, params: Memo<Params>) -> AnyView {
    let accounts = match accounts {
        Ok(accounts) => accounts,
        Err(error) => return view! { <ErrorNotice error=error.0/> }.into_any(),
    };
    let administers = may(Permission::Administer);
    let shown = accounts.clone();
    view! {
        {dynamic(move || if administers.get() { task_view(&params.get(), &shown) } else { ().into_any() })}
        {table::table_view(accounts)}
    }
    .into_any()
}

/// The form that the address asks for.
fn task_view(params: &Params, accounts: &[AccountDetails]) -> AnyView {
    let find = |id: &str| {
        accounts.iter().find(|it| it.account.id.as_str() == id && it.origin == Origin::Store).cloned()
    };
    let (edit, remove) = (params.get("edit"), params.get("remove"));
    if edit == "new" {
        return form::edit_view(form::Filled::new(params), accounts);
    }
    if let Some(details) = find(&edit) {
        return form::edit_view(form::Filled::of(details), accounts);
    }
    match find(&remove) {
        Some(details) => form::remove_view(&details),
        None => ().into_any(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_says_what_is_asked() {
        let question = |search: &str| Question::of(&Params::parse(search));
        assert_eq!(question("?test=111111111111"), Question::Test("111111111111".to_owned()));
        assert_eq!(question("?discover=first"), Question::Discover("first".to_owned()));
        assert_eq!(question("?edit=new&done=added"), Question::Nothing);
    }
}
