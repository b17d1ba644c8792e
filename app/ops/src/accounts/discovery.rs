//! What there is besides: accounts of the organization, and regions that are enabled.

use nephoscope_model::{AccountId, Error, Operation, Result, account::Discovery};

use crate::{
    Administer, Caller, Grant, Ops,
    record::{Done, Task},
};

impl Ops {
    /// Asks an account, the first one unless told, for the accounts of its organization and for its enabled regions. What one of the
    /// two questions fails with stands in the answer.
    ///
    /// # Errors
    /// `not_found` when there is no such account, or none at all to ask from.
    pub async fn discover_accounts(&self, caller: &Caller, from: Option<&AccountId>) -> Result<Discovery> {
        let known = self.accounts(caller);
        let from = from.cloned().or_else(|| known.first().map(|account| account.id.clone()));
        let Some(from) = from else {
            return Err(Error::not_found("There is no account to ask from yet.")
                .with_hint("Add a first account by its id; the others can then be discovered from it."));
        };
        let task = Task::new(Operation::DiscoverAccounts).on(from.as_str());
        self.perform(caller, task, async |grant: Grant<Administer>| {
            if !known.iter().any(|account| account.id == from) {
                return Err(Error::not_found(format!("Account {from} is not configured here.")));
            }
            let cloud = self.cloud_to_set_up(caller, &grant);
            let (accounts, regions) =
                futures::join!(cloud.list_organization_accounts(&from), cloud.list_enabled_regions(&from));
            let (mut accounts, accounts_error) = apart(accounts);
            for account in &mut accounts {
                account.known = known.iter().any(|known| known.id == account.id);
            }
            let (regions, regions_error) = apart(regions);
            let words = format!("{} accounts, {} regions", accounts.len(), regions.len());
            let found = Discovery { from: from.clone(), accounts, accounts_error, regions, regions_error };
            Ok(Done::with(found, words))
        })
        .await
    }
}

fn apart<T>(answer: Result<Vec<T>>) -> (Vec<T>, Option<Error>) {
    match answer {
        Ok(list) => (list, None),
        Err(error) => (Vec::new(), Some(error)),
    }
}
