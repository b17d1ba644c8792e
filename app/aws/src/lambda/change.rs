//! Deleting a function, and how much of it may run at once.

use nephoscope_model::{ErrorCode, Place, Result, lambda::FunctionName};

use crate::{
    Cloud,
    calls::{DELETE_FUNCTION, DELETE_FUNCTION_CONCURRENCY, PUT_FUNCTION_CONCURRENCY},
};

impl Cloud {
    /// Deletes a function with all its versions and aliases. That it is gone already is no failure: the answer to a first attempt may have
    /// been lost.
    ///
    /// # Errors
    /// `conflict` while it is being changed, and those of any call.
    pub async fn delete_function(&self, place: &Place, name: &FunctionName) -> Result<()> {
        let site = self.site(place)?;
        let request = site.lambda().delete_function().function_name(name.as_str());
        gone(site.call(DELETE_FUNCTION, request.send()).await)
    }

    /// How many invocations at once are reserved for a function; nothing when it shares what the account has.
    ///
    /// # Errors
    /// `not_found`, and those of any call.
    pub async fn reserved_concurrency(&self, place: &Place, name: &FunctionName) -> Result<Option<i32>> {
        super::reserved_concurrency(&*self.site(place)?, name).await
    }

    /// Reserves so many invocations at once for a function, which are also the most it gets; with `None`, it shares what the account has.
    ///
    /// # Errors
    /// `not_found`, `aws_rejected` when too few would be left for the others, and those of any call.
    pub async fn set_reserved_concurrency(
        &self,
        place: &Place,
        name: &FunctionName,
        reserved: Option<i32>,
    ) -> Result<()> {
        let site = self.site(place)?;
        match reserved {
            Some(reserved) => {
                let request = site.lambda().put_function_concurrency().function_name(name.as_str());
                let request = request.reserved_concurrent_executions(reserved);
                site.call(PUT_FUNCTION_CONCURRENCY, request.send()).await.map(drop)
            }
            None => {
                let request = site.lambda().delete_function_concurrency().function_name(name.as_str());
                site.call(DELETE_FUNCTION_CONCURRENCY, request.send()).await.map(drop)
            }
        }
    }
}

/// What was to be deleted is gone, whoever did it.
pub(super) fn gone<T>(deleted: Result<T>) -> Result<()> {
    match deleted {
        Err(error) if error.code != ErrorCode::NotFound => Err(error),
        _ => Ok(()),
    }
}
