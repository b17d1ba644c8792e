//! Invocations that are kept ready for versions and aliases.

use nephoscope_model::{
    ErrorCode, Result,
    lambda::{FunctionName, Provisioned},
};

use super::{PAGE, read};
use crate::{calls::LIST_PROVISIONED_CONCURRENCY_CONFIGS, paging::Pages, site::Site};

/// All of a function's, as AWS sorts them.
pub(super) async fn list(site: &Site, name: &FunctionName) -> Result<Vec<Provisioned>> {
    let mut all = Vec::new();
    let mut pages = Pages::default();
    loop {
        let request = site.lambda().list_provisioned_concurrency_configs().function_name(name.as_str());
        let request = request.max_items(PAGE).set_marker(pages.token());
        let page = match site.call(LIST_PROVISIONED_CONCURRENCY_CONFIGS, request.send()).await {
            // The function is there; emulators say of one without any that nothing was found.
            Err(error) if error.code == ErrorCode::NotFound => return Ok(all),
            page => page?,
        };
        all.extend(
            page.provisioned_concurrency_configs
                .unwrap_or_default()
                .into_iter()
                .filter_map(read::provisioned),
        );
        if !pages.turn(page.next_marker) {
            return Ok(all);
        }
    }
}
