//! Trying what an account's credentials may do with Lambda, on a function that nobody has: who may not is told so before AWS looks for it.

use aws_sdk_lambda::types::InvocationType;
use nephoscope_model::Result;

use crate::{
    calls::{
        Call, GET_FUNCTION_CONCURRENCY, GET_FUNCTION_CONFIGURATION, INVOKE, LIST_ALIASES,
        LIST_EVENT_SOURCE_MAPPINGS, LIST_FUNCTIONS, LIST_VERSIONS_BY_FUNCTION, PUBLISH_VERSION,
    },
    site::Site,
};

/// A function that nobody has.
const NOBODYS: &str = "nephoscope-connection-test";

/// What AWS says to the smallest call of an operation; nothing where there is no test.
pub(crate) async fn attempt(site: &Site, call: Call) -> Option<Result<()>> {
    let lambda = site.lambda();
    Some(match call {
        LIST_FUNCTIONS => site.call(call, lambda.list_functions().max_items(1).send()).await.map(drop),
        GET_FUNCTION_CONFIGURATION => {
            let request = lambda.get_function_configuration().function_name(NOBODYS);
            site.call(call, request.send()).await.map(drop)
        }
        GET_FUNCTION_CONCURRENCY => {
            let request = lambda.get_function_concurrency().function_name(NOBODYS);
            site.call(call, request.send()).await.map(drop)
        }
        LIST_VERSIONS_BY_FUNCTION => {
            let request = lambda.list_versions_by_function().function_name(NOBODYS).max_items(1);
            site.call(call, request.send()).await.map(drop)
        }
        LIST_ALIASES => {
            let request = lambda.list_aliases().function_name(NOBODYS).max_items(1);
            site.call(call, request.send()).await.map(drop)
        }
        LIST_EVENT_SOURCE_MAPPINGS => {
            site.call(call, lambda.list_event_source_mappings().max_items(1).send()).await.map(drop)
        }
        INVOKE => {
            let request = lambda.invoke().function_name(NOBODYS).invocation_type(InvocationType::DryRun);
            site.call(call, request.send()).await.map(drop)
        }
        PUBLISH_VERSION => {
            site.call(call, lambda.publish_version().function_name(NOBODYS).send()).await.map(drop)
        }
        _ => return None,
    })
}
