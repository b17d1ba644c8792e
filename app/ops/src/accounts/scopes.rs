//! Scopes that people keep under a name.

use nephoscope_model::{Operation, Result, Scope, scope::SavedScope};

use crate::{Caller, Grant, Ops, Own, record::Task};

impl Ops {
    /// The caller's own kept scopes, by name. Everybody may see theirs on every page, so that it is not recorded.
    ///
    /// # Errors
    /// `unavailable` when the store does not answer.
    pub async fn saved_scopes(&self, caller: &Caller) -> Result<Vec<SavedScope>> {
        Ok(self.store().list_scopes(&caller.user_id).await?)
    }

    /// Keeps a scope under a name, in place of one that has it.
    ///
    /// # Errors
    /// `invalid_input` for a bad name or an empty scope, `not_found` for accounts that are not configured.
    pub async fn save_scope(&self, caller: &Caller, name: &str, scope: Scope) -> Result<()> {
        let task = Task::new(Operation::SaveScope).on(name);
        self.perform(caller, task, async |_: Grant<Own>| {
            let saved = SavedScope::new(name, scope)?;
            self.places(&saved.scope)?;
            Ok(self.store().save_scope(&caller.user_id, saved).await?)
        })
        .await
    }

    /// Forgets a kept scope.
    ///
    /// # Errors
    /// `not_found` when there is none of that name.
    pub async fn remove_scope(&self, caller: &Caller, name: &str) -> Result<()> {
        let task = Task::new(Operation::RemoveScope).on(name);
        self.perform(caller, task, async |_: Grant<Own>| {
            Ok(self.store().remove_scope(&caller.user_id, name).await?)
        })
        .await
    }
}
