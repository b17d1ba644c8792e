//! Trying what an account's credentials may do with Lambda, on a function that nobody has: who may not is told so before AWS looks for it.

use aws_sdk_lambda::types::InvocationType;
use nephoscope_model::Result;

use crate::{
    calls::{
        CREATE_ALIAS, Call, DELETE_ALIAS, DELETE_FUNCTION_CONCURRENCY, GET_ACCOUNT_SETTINGS, GET_ALIAS,
        GET_FUNCTION_CONCURRENCY, GET_FUNCTION_CONFIGURATION, GET_POLICY, INVOKE, LIST_ALIASES,
        LIST_EVENT_SOURCE_MAPPINGS, LIST_FUNCTION_URL_CONFIGS, LIST_FUNCTIONS,
        LIST_PROVISIONED_CONCURRENCY_CONFIGS, LIST_VERSIONS_BY_FUNCTION, PUBLISH_VERSION,
        PUT_FUNCTION_CONCURRENCY, UPDATE_ALIAS,
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
        GET_POLICY => site.call(call, lambda.get_policy().function_name(NOBODYS).send()).await.map(drop),
        LIST_FUNCTION_URL_CONFIGS => {
            let request = lambda.list_function_url_configs().function_name(NOBODYS).max_items(1);
            site.call(call, request.send()).await.map(drop)
        }
        LIST_PROVISIONED_CONCURRENCY_CONFIGS => {
            let request = lambda.list_provisioned_concurrency_configs().function_name(NOBODYS).max_items(1);
            site.call(call, request.send()).await.map(drop)
        }
        INVOKE => {
            let request = lambda.invoke().function_name(NOBODYS).invocation_type(InvocationType::DryRun);
            site.call(call, request.send()).await.map(drop)
        }
        PUBLISH_VERSION => {
            site.call(call, lambda.publish_version().function_name(NOBODYS).send()).await.map(drop)
        }
        GET_ACCOUNT_SETTINGS => site.call(call, lambda.get_account_settings().send()).await.map(drop),
        GET_ALIAS => {
            let request = lambda.get_alias().function_name(NOBODYS).name(NOBODYS);
            site.call(call, request.send()).await.map(drop)
        }
        CREATE_ALIAS => {
            let request = lambda.create_alias().function_name(NOBODYS).name(NOBODYS).function_version("1");
            site.call(call, request.send()).await.map(drop)
        }
        UPDATE_ALIAS => {
            let request = lambda.update_alias().function_name(NOBODYS).name(NOBODYS);
            site.call(call, request.send()).await.map(drop)
        }
        DELETE_ALIAS => {
            let request = lambda.delete_alias().function_name(NOBODYS).name(NOBODYS);
            site.call(call, request.send()).await.map(drop)
        }
        PUT_FUNCTION_CONCURRENCY => {
            let request = lambda.put_function_concurrency().function_name(NOBODYS);
            let request = request.reserved_concurrent_executions(0);
            site.call(call, request.send()).await.map(drop)
        }
        DELETE_FUNCTION_CONCURRENCY => {
            let request = lambda.delete_function_concurrency().function_name(NOBODYS);
            site.call(call, request.send()).await.map(drop)
        }
        _ => return None,
    })
}
