//! One identity provider: how it is asked, and what of its answers is believed.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use moka::future::Cache;
use nephoscope_model::{
    Error, ErrorCode, Result, Timestamp,
    error::shorten,
    identity::{EmailAddress, Role},
    login::ProviderId,
};
use openidconnect::{
    AccessTokenHash, AuthType, AuthorizationCode, ClaimsVerificationError, ClientId, ClientSecret, CsrfToken,
    EmptyExtraTokenFields, EndpointMaybeSet, EndpointNotSet, EndpointSet, IdTokenFields, IssuerUrl, Nonce,
    OAuth2TokenResponse, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope, SignatureVerificationError,
    StandardErrorResponse, StandardTokenResponse, SubjectIdentifier, TokenResponse, UserInfoClaims,
    core::{
        CoreAuthDisplay, CoreAuthPrompt, CoreAuthenticationFlow, CoreClientAuthMethod, CoreErrorResponseType,
        CoreGenderClaim, CoreJsonWebKey, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm,
        CoreProviderMetadata, CoreRevocableToken, CoreRevocationErrorResponse,
        CoreTokenIntrospectionResponse, CoreTokenType,
    },
};
use secrecy::{ExposeSecret, SecretString};
use tracing::warn;

use super::{claims::OtherClaims, ticket::Begun};

/// How long one request to a provider may take.
const TIMEOUT: Duration = Duration::from_secs(10);
/// How long a provider's endpoints and keys are taken for what they are.
const METADATA_LIFETIME: Duration = Duration::from_secs(3_600);
/// How far a provider's clock may be ahead of ours, in milliseconds.
const CLOCK_SKEW_MILLIS: i64 = 60_000;
/// How much of an error is logged.
const MAX_WORDS: usize = 400;
/// What ID tokens may be signed with: a key that only the provider has.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 8] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
];

/// What the configuration says of an identity provider.
#[derive(Debug, Clone)]
pub struct ProviderSettings {
    /// Its id.
    pub id: ProviderId,
    /// What people call it.
    pub name: String,
    /// Its issuer, exactly as it writes it; `/.well-known/openid-configuration` is found below it.
    pub issuer: String,
    /// Who we are there.
    pub client_id: String,
    /// What proves it; none for a public client, whom PKCE alone protects.
    pub client_secret: Option<SecretString>,
    /// What to ask for beyond `openid` and `email`.
    pub scopes: Vec<String>,
    /// Where it says the groups of a person: the name of a claim, or a JSON pointer.
    pub groups_claim: String,
    /// Roles of groups. Unless this is empty, groups decide: the role is set at every log-in, and who is in none of them stays outside.
    pub roles: BTreeMap<String, Role>,
}

/// Who somebody is, proved by a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Proven {
    /// Never given to another person by the same provider.
    pub(super) subject: String,
    /// An address that the provider vouches for.
    pub(super) email: EmailAddress,
    pub(super) groups: Vec<String>,
}

type TokenAnswer = StandardTokenResponse<
    IdTokenFields<
        OtherClaims,
        EmptyExtraTokenFields,
        CoreGenderClaim,
        CoreJweContentEncryptionAlgorithm,
        CoreJwsSigningAlgorithm,
    >,
    CoreTokenType,
>;
type Client = openidconnect::Client<
    OtherClaims,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    TokenAnswer,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;
type IdClaims = openidconnect::IdTokenClaims<OtherClaims, CoreGenderClaim>;

/// A provider that can be asked.
#[derive(Debug)]
pub(super) struct Provider {
    pub(super) settings: ProviderSettings,
    redirect: RedirectUrl,
    http: reqwest::Client,
    metadata: Cache<(), Arc<CoreProviderMetadata>>,
}

impl Provider {
    /// # Errors
    /// `invalid_input` when the address that the provider shall send people back to is none.
    pub(super) fn new(settings: ProviderSettings, public_url: &str) -> Result<Self> {
        let redirect = format!("{}/login/openid/{}/callback", public_url.trim_end_matches('/'), settings.id);
        let redirect = RedirectUrl::new(redirect)
            .map_err(|error| Error::invalid(format!("{public_url:?} is no address: {error}.")))?;
        let http = reqwest::Client::builder()
            // A provider that redirects our requests could send them anywhere.
            .redirect(reqwest::redirect::Policy::none())
            .https_only(settings.issuer.starts_with("https:"))
            .timeout(TIMEOUT)
            .user_agent(concat!("nephoscope/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| {
                tracing::error!("cannot make a client for {}: {error}", settings.id);
                Error::internal()
            })?;
        let metadata = Cache::builder().max_capacity(1).time_to_live(METADATA_LIFETIME).build();
        Ok(Self { settings, redirect, http, metadata })
    }

    /// What a person's log-in here is called in the store: the subject alone is unique only at its issuer.
    pub(super) fn login_of(&self, proven: &Proven) -> String {
        format!("{} {}", self.settings.issuer, proven.subject)
    }

    /// The provider's endpoints and keys, as it published them within the last hour.
    async fn metadata(&self) -> Result<Arc<CoreProviderMetadata>> {
        let discover = async {
            let issuer = IssuerUrl::new(self.settings.issuer.clone()).map_err(|error| self.away(&error))?;
            let found = CoreProviderMetadata::discover_async(issuer, &self.http).await;
            found.map(Arc::new).map_err(|error| self.away(&error))
        };
        self.metadata.try_get_with((), discover).await.map_err(|error| Error::clone(&error))
    }

    async fn client(&self) -> Result<Client> {
        let metadata = self.metadata().await?;
        let secret = self
            .settings
            .client_secret
            .as_ref()
            .map(|secret| ClientSecret::new(secret.expose_secret().into()));
        // Without a word on it, the standard says: Basic.
        let takes_basic = metadata.token_endpoint_auth_methods_supported().is_none_or(|methods| {
            methods.contains(&CoreClientAuthMethod::ClientSecretBasic)
                || !methods.contains(&CoreClientAuthMethod::ClientSecretPost)
        });
        let id = ClientId::new(self.settings.client_id.clone());
        Ok(Client::from_provider_metadata(CoreProviderMetadata::clone(&metadata), id, secret)
            .set_redirect_uri(self.redirect.clone())
            .set_auth_type(if takes_basic { AuthType::BasicAuth } else { AuthType::RequestBody }))
    }

    /// The address of the provider to which to send somebody, and what to keep until they are back.
    ///
    /// # Errors
    /// `unavailable` when the provider does not answer.
    pub(super) async fn begin(&self, next: &str) -> Result<(String, Begun)> {
        let client = self.client().await?;
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let mut request = client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                CsrfToken::new_random,
                Nonce::new_random,
            )
            .add_scope(Scope::new("email".to_owned()))
            .set_pkce_challenge(challenge);
        for scope in &self.settings.scopes {
            request = request.add_scope(Scope::new(scope.clone()));
        }
        let (url, state, nonce) = request.url();
        let begun = Begun {
            provider: self.settings.id.clone(),
            state: state.into_secret(),
            nonce: nonce.secret().clone(),
            verifier: verifier.into_secret(),
            next: next.to_owned(),
        };
        Ok((url.into(), begun))
    }

    /// Exchanges the code that somebody brought back, and says who they are.
    ///
    /// # Errors
    /// `unauthenticated` when the provider refuses the code or its tokens are not good, `forbidden` when it does not vouch for an address,
    /// `unavailable` when it does not answer.
    pub(super) async fn prove(&self, code: String, begun: &Begun) -> Result<Proven> {
        let client = self.client().await?;
        let answer = client
            .exchange_code(AuthorizationCode::new(code))
            .map_err(|error| self.away(&error))?
            .set_pkce_verifier(PkceCodeVerifier::new(begun.verifier.clone()))
            .request_async(&self.http)
            .await
            .map_err(|error| match error {
                openidconnect::RequestTokenError::ServerResponse(said) => self.refused(&said.to_string()),
                openidconnect::RequestTokenError::Parse(error, _) => self.refused(&chain(&error)),
                other => self.away(&other),
            })?;
        let claims = match self.claims(&client, &answer, begun) {
            // The provider may have begun to sign with another key within the hour.
            Err(ClaimsVerificationError::SignatureVerification(
                SignatureVerificationError::NoMatchingKey,
            )) => {
                self.metadata.invalidate(&()).await;
                self.claims(&self.client().await?, &answer, begun)
            }
            other => other,
        }
        .map_err(|error| self.refused(&chain(&error)))?;
        self.who(&client, &answer, claims).await
    }

    /// The claims of the ID token, when it is the provider's, for us, of this log-in and of now.
    fn claims(
        &self,
        client: &Client,
        answer: &TokenAnswer,
        begun: &Begun,
    ) -> std::result::Result<IdClaims, ClaimsVerificationError> {
        let Some(token) = answer.id_token() else {
            return Err(ClaimsVerificationError::Other("there is no ID token".to_owned()));
        };
        let verifier =
            client.id_token_verifier().set_allowed_algs(ALGORITHMS).set_issue_time_verifier_fn(|issued| {
                if issued.timestamp_millis() <= Timestamp::now().as_millis() + CLOCK_SKEW_MILLIS {
                    Ok(())
                } else {
                    Err("it was issued in the future".to_owned())
                }
            });
        let claims = token.claims(&verifier, &Nonce::new(begun.nonce.clone()))?;
        if let Some(expected) = claims.access_token_hash() {
            let (algorithm, key) = (token.signing_alg(), token.signing_key(&verifier));
            let found = algorithm.and_then(|algorithm| {
                let key = key?;
                AccessTokenHash::from_token(answer.access_token(), algorithm, key)
                    .map_err(|error| SignatureVerificationError::Other(error.to_string()))
            });
            if found.map_err(ClaimsVerificationError::SignatureVerification)? != *expected {
                return Err(ClaimsVerificationError::Other(
                    "the access token is of another answer".to_owned(),
                ));
            }
        }
        Ok(claims.clone())
    }

    /// Who it is. What the ID token leaves out is asked for, as the standard has it.
    async fn who(&self, client: &Client, answer: &TokenAnswer, claims: IdClaims) -> Result<Proven> {
        let mut email = claims.email().map(|email| (email.to_string(), claims.email_verified()));
        let mut groups = claims.additional_claims().groups(&self.settings.groups_claim);
        let wants_more = email.is_none() || (groups.is_none() && !self.settings.roles.is_empty());
        if wants_more && let Some(more) = self.user_info(client, answer, claims.subject()).await? {
            email = email.or_else(|| more.email().map(|email| (email.to_string(), more.email_verified())));
            groups = groups.or_else(|| more.additional_claims().groups(&self.settings.groups_claim));
        }
        let name = &self.settings.name;
        let Some((email, verified)) = email else {
            return Err(Error::new(ErrorCode::Forbidden, format!("{name} did not say your e-mail address."))
                .with_hint(
                    "Allow it to, or ask your administrator which addresses nephoscope may learn there.",
                ));
        };
        if verified != Some(true) {
            return Err(Error::new(
                ErrorCode::Forbidden,
                format!("{name} does not vouch for your e-mail address."),
            )
            .with_hint(format!("Confirm the address at {name}, then log in again.")));
        }
        // An address of a form that nobody can be approved with is simply not approved.
        let email = EmailAddress::typed(&email).map_err(|_| super::not_approved())?;
        Ok(Proven { subject: claims.subject().to_string(), email, groups: groups.unwrap_or_default() })
    }

    async fn user_info(
        &self,
        client: &Client,
        answer: &TokenAnswer,
        subject: &SubjectIdentifier,
    ) -> Result<Option<UserInfoClaims<OtherClaims, CoreGenderClaim>>> {
        let Ok(request) = client.user_info(answer.access_token().clone(), Some(subject.clone())) else {
            return Ok(None);
        };
        request.request_async(&self.http).await.map(Some).map_err(|error| match error {
            openidconnect::UserInfoError::ClaimsVerification(error) => self.refused(&chain(&error)),
            other => self.away(&other),
        })
    }

    /// The provider did not answer as it should. What it said is for the log: it may be anything.
    fn away(&self, error: &(dyn std::error::Error + 'static)) -> Error {
        warn!(provider = %self.settings.id, "the identity provider {} cannot be used: {}", self.settings.id, chain(error));
        Error::new(ErrorCode::Unavailable, format!("{} cannot be reached, or does not answer as it should.", self.settings.name))
            .with_hint("Try again in a moment, or log in with your password. If it stays, tell your administrator: the server's log says more.")
    }

    /// The provider, or we, did not take what was brought back.
    fn refused(&self, why: &str) -> Error {
        warn!(provider = %self.settings.id, "a log-in by {} was refused: {}", self.settings.id, shorten(why, MAX_WORDS));
        Error::new(
            ErrorCode::Unauthenticated,
            format!("The answer of {} was not accepted.", self.settings.name),
        )
        .with_hint("Log in again: each answer is good once, and for a few minutes.")
    }
}

/// An error with its causes, cut, since a provider chooses the words.
fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    let words: Vec<String> = causes.map(ToString::to_string).collect();
    shorten(&words.join(": "), MAX_WORDS)
}
