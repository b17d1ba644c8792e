//! `[[accounts]]`: which accounts there are, and how each is entered.

use nephoscope_aws::{AccountConfig, CredentialsSource};
use nephoscope_model::{
    Account, AccountId, Region,
    account::{AccessKeyId, RoleArn},
    scope::AccountColor,
};

use super::reader::Reader;

pub(super) fn read(reader: &mut Reader<'_>) -> Vec<AccountConfig> {
    let tables = reader.tables("accounts");
    let mut accounts: Vec<AccountConfig> = Vec::new();
    for (index, table) in tables.into_iter().enumerate() {
        let at = format!("accounts[{index}]");
        let mut part = reader.part(table, &at);
        let account = read_account(&mut part);
        reader.absorb(part);
        let Some(account) = account else { continue };
        if accounts.iter().any(|other| other.account.id == account.account.id) {
            reader.complain(format!("{at}.id: account {} is there twice", account.account.id));
        } else {
            accounts.push(account);
        }
    }
    accounts
}

fn read_account(part: &mut Reader<'_>) -> Option<AccountConfig> {
    let id = part.required::<AccountId>("id");
    let regions: Vec<Region> = part.list("regions");
    if regions.is_empty() {
        part.complain_of("regions", "at least one region is needed");
    }
    if (1..regions.len()).any(|index| regions[..index].contains(&regions[index])) {
        part.complain_of("regions", "a region is there twice");
    }
    let name = part.text("name", "");
    let color = match part.text("color", "") {
        None => AccountColor::default(),
        Some(word) => serde_json::from_value(word.clone().into()).unwrap_or_else(|_| {
            part.complain_of(
                "color",
                &format!("{word:?} is none of red, orange, yellow, green, teal, blue, purple, gray"),
            );
            AccountColor::default()
        }),
    };
    let credentials = read_credentials(part);
    let id = id?;
    let account = Account { name: name.unwrap_or_else(|| id.to_string()), id, color, regions };
    Some(AccountConfig::new(account, credentials))
}

fn read_credentials(part: &mut Reader<'_>) -> CredentialsSource {
    const CHOOSE: &str = "give either role_arn, or access_key_id and secret_access_key, or none of them for the server's own credentials";
    let has_role = part.has("role_arn");
    let role_arn = part.optional::<RoleArn>("role_arn");
    let external_id = part.secret("external_id", "");
    let from = part.optional::<AccountId>("from");
    let token_file = part.text("web_identity_token_file", "");
    let has_key = part.has("access_key_id");
    let access_key_id = part.optional::<AccessKeyId>("access_key_id");
    let secret_access_key = part.secret("secret_access_key", "");
    if external_id.is_some() && (!has_role || token_file.is_some()) {
        part.complain_of("external_id", "it is of use only with role_arn");
    }
    if from.is_some() && (!has_role || token_file.is_some()) {
        part.complain_of("from", "it is of use only with role_arn");
    }
    if token_file.is_some() && !has_role {
        part.complain_of("web_identity_token_file", "it is of use only with role_arn");
    }
    match (has_role, has_key || secret_access_key.is_some()) {
        (true, true) => part.complain_of("role_arn", CHOOSE),
        (true, false) => match (role_arn, token_file) {
            (Some(role_arn), Some(token_file)) => {
                return CredentialsSource::WebIdentity { role_arn, token_file };
            }
            (Some(role_arn), None) => return CredentialsSource::Role { role_arn, external_id, from },
            (None, _) => {}
        },
        (false, true) => match (access_key_id, secret_access_key) {
            (Some(access_key_id), Some(secret_access_key)) => {
                return CredentialsSource::Keys { access_key_id, secret_access_key };
            }
            (None, _) if has_key => {}
            _ => part.complain_of("role_arn", CHOOSE),
        },
        (false, false) => {}
    }
    CredentialsSource::Default
}

#[cfg(test)]
mod tests {
    use nephoscope_model::account::CredentialsKind;

    use crate::config::Config;

    fn kind_of(lines: &str) -> Result<CredentialsKind, Vec<String>> {
        let text = format!("[[accounts]]\nid = \"111111111111\"\nregions = [\"us-east-1\"]\n{lines}");
        let config = Config::parse(&text, |_| None).map_err(|errors| errors.0)?;
        Ok(config.accounts[0].credentials.kind())
    }

    #[test]
    fn each_source_of_credentials_is_understood() {
        const ROLE: &str = "role_arn = \"arn:aws:iam::111111111111:role/x\"\n";
        let with_role = |more: &str| kind_of(&format!("{ROLE}{more}"));
        assert_eq!(kind_of(""), Ok(CredentialsKind::Default));
        assert_eq!(with_role(""), Ok(CredentialsKind::Role));
        assert_eq!(with_role("external_id = \"x\"\nfrom = \"222222222222\""), Ok(CredentialsKind::Role));
        assert_eq!(with_role("web_identity_token_file = \"/run/token\""), Ok(CredentialsKind::WebIdentity));
        let key = "access_key_id = \"AKIAIOSFODNN7EXAMPLE\"\nsecret_access_key = \"hush\"\n";
        assert_eq!(kind_of(key), Ok(CredentialsKind::Keys));
        for bad in [
            format!("{ROLE}{key}"),
            "role_arn = \"arn:aws:iam::1:user/x\"".to_owned(),
            "access_key_id = \"AKIAIOSFODNN7EXAMPLE\"".to_owned(),
            "secret_access_key = \"hush\"".to_owned(),
            "external_id = \"x\"".to_owned(),
            "from = \"222222222222\"".to_owned(),
            "web_identity_token_file = \"/run/token\"".to_owned(),
        ] {
            let errors = kind_of(&bad).expect_err(&bad);
            assert!(!errors.join(" ").contains("hush"), "{errors:?}");
        }
    }
}
