//! The rows of a list that are selected and still there, for what is done to all of them.

use leptos::prelude::*;
use nephoscope_model::{Account, AccountId, Place, identity::Permission};

use super::{
    bulk::{Planned, reason_against_all},
    query::Row,
    selection::Selection,
};
use crate::session::{denial_in, read_only_reason, use_accounts, use_viewer};

/// What is selected, each with why this person can change nothing of it. Cheap to copy.
#[derive(Debug)]
pub struct Chosen<T: Send + Sync + 'static> {
    all: Memo<Vec<(T, Option<String>)>>,
    accounts: Signal<Vec<Account>>,
}

impl<T: Send + Sync> Clone for Chosen<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T: Send + Sync> Copy for Chosen<T> {}

impl<T: Row + PartialEq + Send + Sync> Chosen<T> {
    /// Of these, which belong to accounts.
    #[must_use]
    pub fn new(selection: Selection, items: RwSignal<Vec<T>>, account: fn(&T) -> &AccountId) -> Self {
        let (viewer, read_only) = (use_viewer(), read_only_reason());
        let all = Memo::new(move |_| {
            // The usual case, and then there is no need to make the keys of thousands.
            if selection.is_empty() {
                return Vec::new();
            }
            let with_reason = |item: &T| {
                let denial = viewer.with(|it| denial_in(it.as_ref(), Permission::Operate, account(item)));
                (item.clone(), denial.or_else(|| read_only.map(str::to_owned)))
            };
            items.with(|items| items.iter().filter(|it| selection.has(&it.key())).map(with_reason).collect())
        });
        Self { all, accounts: use_accounts() }
    }

    /// A place as people call it: `production · us-east-1`.
    #[must_use]
    pub fn called(self, place: &Place) -> String {
        let name = self.accounts.with_untracked(|accounts| {
            let known = accounts.iter().find(|account| account.id == place.account);
            known.map_or_else(|| place.account.to_string(), |account| account.name.clone())
        });
        format!("{name} · {}", place.region)
    }

    /// How many they are.
    #[must_use]
    pub fn count(self) -> Signal<usize> {
        Signal::derive(move || self.all.with(Vec::len))
    }

    /// Why nothing can be done to any of them; `more` are reasons besides that of the person's role.
    #[must_use]
    pub fn reason(
        self,
        more: impl Fn(&T) -> Option<String> + Send + Sync + 'static,
    ) -> Signal<Option<String>> {
        Signal::derive(move || {
            let reason = |(item, denial): &(T, Option<String>)| denial.clone().or_else(|| more(item));
            self.all.with(|all| reason_against_all(all.iter().map(reason).collect()))
        })
    }

    /// What is asked of each: `planned` says what it is, and why it is left out besides that of the person's role.
    #[must_use]
    pub fn plan(self, planned: impl Fn(&T) -> Planned) -> Vec<Planned> {
        self.map(|item, denial| {
            let planned = planned(item);
            Planned { reason: denial.or(planned.reason), ..planned }
        })
    }

    /// Something of each.
    #[must_use]
    pub fn map<R>(self, part: impl Fn(&T, Option<String>) -> R) -> Vec<R> {
        untrack(|| self.all.with(|all| all.iter().map(|(item, denial)| part(item, denial.clone())).collect()))
    }
}
