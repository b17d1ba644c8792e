//! Organizations: which accounts there are besides.
//! [API reference](https://docs.aws.amazon.com/organizations/latest/APIReference/)

use nephoscope_model::{AccountId, Result, account::OrganizationAccount};

use crate::{Cloud, calls::LIST_ACCOUNTS, paging::Pages};

/// The most that `ListAccounts` gives in a page.
const PAGE: i32 = 20;

impl Cloud {
    /// The accounts of the organization that an account manages, sorted by name. Only the management account and delegated
    /// administrators may ask.
    ///
    /// # Errors
    /// `not_found` for an account that is not configured, `aws_denied` for one that may not ask, and the errors of any call.
    pub async fn list_organization_accounts(&self, account: &AccountId) -> Result<Vec<OrganizationAccount>> {
        let site = self.first_site(account)?;
        let mut accounts: Vec<OrganizationAccount> = Vec::new();
        let mut pages = Pages::default();
        loop {
            let request =
                site.organizations().list_accounts().max_results(PAGE).set_next_token(pages.token());
            let page = site.call(LIST_ACCOUNTS, request.send()).await?;
            accounts.extend(page.accounts.unwrap_or_default().into_iter().filter_map(read));
            if !pages.turn(page.next_token) {
                break;
            }
        }
        accounts.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
        accounts.dedup_by(|a, b| a.id == b.id);
        Ok(accounts)
    }
}

fn read(account: aws_sdk_organizations::types::Account) -> Option<OrganizationAccount> {
    let state = account.status().map(|status| status.as_str().to_owned()).unwrap_or_default();
    let id: AccountId = account.id?.parse().ok()?;
    let name = account.name.unwrap_or_else(|| id.to_string());
    Some(OrganizationAccount { id, name, state, known: false })
}
