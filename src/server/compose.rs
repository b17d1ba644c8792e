//! Putting AWS and the vault together from the configuration, for the server and for commands that need them.

use std::sync::Arc;

use nephoscope_aws::Cloud;
use nephoscope_model::Result;
use nephoscope_ops::{MasterKeys, Meter, Ops, Providers, Vault};

use super::{open_store, signing_keys, telemetry};
use crate::config::Config;

/// The cloud with the accounts of the configuration. When a call to AWS has ended it is counted: for Prometheus, and for those who ask for
/// whom it was and what it cost.
pub(super) async fn cloud(config: &Config, meter: &Meter) -> Cloud {
    let meter = meter.clone();
    Cloud::builder()
        .accounts(config.accounts.clone())
        .endpoint_url(config.aws_endpoint_url.clone())
        .on_call(Arc::new(move |call| {
            telemetry::count_aws_call(call);
            meter.count(call);
        }))
        .build()
        .await
}

/// The vault with the master keys of the configuration. A key file is made in the data directory when no other key is to seal.
///
/// # Errors
/// `invalid_input` when a key is none, and `unavailable` when its file cannot be read or made.
pub(super) fn vault(config: &Config, cloud: &Cloud) -> Result<Vault> {
    let keys = &config.master_key;
    let key_service = keys.kms.as_deref().map(|arn| cloud.key_service(arn)).transpose()?;
    let file = keys.file.clone().unwrap_or_else(|| config.data_dir.join("master.key"));
    Vault::open(MasterKeys { given: keys.key.clone(), file: Some(file), key_service })
}

/// The identity providers of the configuration.
///
/// # Errors
/// `invalid_input` when `public_url` is no address.
pub(super) fn providers(config: &Config) -> Result<Providers> {
    Providers::new(config.openid.public_url.as_deref().unwrap_or_default(), config.openid.providers.clone())
}

/// Operations with AWS, the vault and all accounts, for the command line.
///
/// # Errors
/// When the store or a key cannot be had.
pub async fn online_ops(config: &Config) -> Result<Ops> {
    let store = open_store(config).await?;
    let meter = Meter::default();
    let cloud = cloud(config, &meter).await;
    let vault = vault(config, &cloud)?;
    let ops = Ops::builder(cloud, store, signing_keys(config)?).vault(vault).meter(meter).build();
    ops.sync_accounts().await?;
    Ok(ops)
}
