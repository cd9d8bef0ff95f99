//! OpenID Connect: discovery, the authorization code with PKCE, the checks of what comes back, and what keeps a session
//! alive and ends it. The protocol's bytes and signatures are `openidconnect`'s; here is what this program asks for and what
//! it believes.

use std::borrow::Cow;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use capibara6_protocol::{AppError, ErrorCode};
use chrono::{DateTime, Utc};
use http::{Request, Response, header};
use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreAuthenticationFlow, CoreClaimName, CoreClaimType, CoreClient,
    CoreClientAuthMethod, CoreErrorResponseType, CoreGrantType, CoreIdToken, CoreIdTokenClaims, CoreIdTokenVerifier,
    CoreJsonWebKey, CoreJsonWebKeySet, CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm,
    CoreResponseMode, CoreResponseType, CoreSubjectIdentifierType, CoreTokenResponse, CoreTokenType,
};
use openidconnect::{
    AccessToken, AccessTokenHash, AdditionalProviderMetadata, AuthorizationCode, ClaimsVerificationError, ClientId,
    CsrfToken, DiscoveryError, IssuerUrl, LanguageTag, LocalizedClaim, Nonce, NonceVerifier as _,
    OAuth2TokenResponse as _, PkceCodeChallenge, PkceCodeVerifier, ProviderMetadata, RedirectUrl, RefreshToken,
    RequestTokenError, Scope, SignatureVerificationError, StandardErrorResponse, TokenResponse as _,
};
use serde::{Deserialize, Serialize};
use url::{Url, form_urlencoded};

use super::callback::Kind;
use super::error::{Distrust, SignInError};
use super::session::{Issued, Method, Person, Session, Tokens, shown};
use crate::Secret;
use crate::clock::{Clock, SKEW};
use crate::transport::{Http, Sending};

/// What discovery says beyond OpenID Connect Discovery 1.0.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Extra {
    /// RFC 9207.
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
    /// RFC 8414.
    #[serde(default)]
    revocation_endpoint: Option<Url>,
    /// OpenID Connect RP-Initiated Logout 1.0.
    #[serde(default)]
    end_session_endpoint: Option<Url>,
}

impl AdditionalProviderMetadata for Extra {}

type Metadata = ProviderMetadata<
    Extra,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

type TokenError = RequestTokenError<AppError, StandardErrorResponse<CoreErrorResponseType>>;

/// A provider, as it described itself.
#[derive(Debug)]
pub struct Provider {
    client_id: ClientId,
    metadata: Metadata,
    /// Its keys as they were last fetched.
    keys: Mutex<CoreJsonWebKeySet>,
}

/// What is remembered of an authorization request until its answer comes.
pub struct Authorization {
    /// Where the browser is sent.
    pub address: Url,
    /// The answer that belongs to it.
    pub expected: Kind,
    redirect: RedirectUrl,
    nonce: Nonce,
    verifier: PkceCodeVerifier,
}

impl fmt::Debug for Authorization {
    /// Without the address: `state` and `nonce` are in its query.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authorization").field("expected", &self.expected).finish_non_exhaustive()
    }
}

/// Why a session was not renewed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotRenewed {
    /// The provider will never renew it, or what it sent is not to be trusted: somebody has to sign in again.
    Over,
    /// It could not be asked, or not now.
    Unavailable(AppError),
}

impl Provider {
    /// Asks a provider to describe itself, and for its keys.
    ///
    /// # Errors
    /// Why it cannot be used.
    pub async fn discover(http: &Http, issuer: &str, client_id: &str) -> Result<Self, SignInError> {
        let issuer = IssuerUrl::new(issuer.to_owned())
            .map_err(|_| SignInError::Unavailable("the issuer is not an address".to_owned()))?;
        let metadata = Metadata::discover_async(issuer, &client(http)).await.map_err(discovery_error)?;
        // The address is handed to the system to be opened, so it must be one that a browser opens.
        let authorization = metadata.authorization_endpoint().url();
        if !http.allows(authorization) {
            return Err(SignInError::Insecure(authorization.origin().ascii_serialization()));
        }
        let keys = Mutex::new(metadata.jwks().clone());
        Ok(Self { client_id: ClientId::new(client_id.to_owned()), metadata, keys })
    }

    /// Who it is.
    pub fn issuer(&self) -> &str {
        self.metadata.issuer().as_str()
    }

    /// Writes an authorization request. `languages` are BCP 47 tags, the preferred one first.
    ///
    /// # Errors
    /// Where the redirect is no address.
    pub fn authorize(
        &self,
        scopes: &[String],
        redirect: &str,
        languages: &[String],
    ) -> Result<Authorization, SignInError> {
        let redirect = RedirectUrl::new(redirect.to_owned())
            .map_err(|_| SignInError::Unavailable("the redirect is not an address".to_owned()))?;
        let client = CoreClient::from_provider_metadata(self.metadata.clone(), self.client_id.clone(), None)
            .set_redirect_uri(redirect.clone());
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let mut request = client
            .authorize_url(CoreAuthenticationFlow::AuthorizationCode, CsrfToken::new_random, Nonce::new_random)
            .set_pkce_challenge(challenge)
            .add_scopes(scopes.iter().filter(|scope| *scope != "openid").cloned().map(Scope::new));
        for language in languages {
            request = request.add_ui_locale(LanguageTag::new(language.clone()));
        }
        // OpenID Connect Core §11: offline access is given only where the person was asked.
        if scopes.iter().any(|scope| scope == "offline_access") {
            request = request.add_prompt(CoreAuthPrompt::Consent);
        }
        let (address, state, nonce) = request.url();
        let expected = Kind::Code {
            state: state.into_secret(),
            issuer: self.issuer().to_owned(),
            issuer_required: self.metadata.additional_metadata().authorization_response_iss_parameter_supported,
        };
        Ok(Authorization { address, expected, redirect, nonce, verifier })
    }

    /// Exchanges the code for tokens and finds out whose they are.
    ///
    /// # Errors
    /// Why nobody was signed in.
    pub async fn redeem(
        &self,
        http: &Http,
        clock: &Clock,
        authorization: Authorization,
        code: String,
    ) -> Result<Session, SignInError> {
        let client = CoreClient::from_provider_metadata(self.metadata.clone(), self.client_id.clone(), None);
        let response = client
            .exchange_code(AuthorizationCode::new(code))
            .map_err(|_| no_token_endpoint())?
            .set_pkce_verifier(authorization.verifier)
            .set_redirect_uri(Cow::Owned(authorization.redirect))
            .request_async(&self::client(http))
            .await
            .map_err(token_error)?;
        let id_token = response.id_token().ok_or(Distrust::NoIdToken)?;
        let claims = self
            .verified(http, clock, id_token, response.access_token(), Purpose::SignIn(&authorization.nonce))
            .await?;
        let tokens = tokens(&response, clock, None)?;
        let mut person = self.person(&claims);
        if person.name.is_none() || person.email.is_none() {
            self.ask_who(http, &tokens.access, &mut person).await;
        }
        let issued = Issued::Oidc { issuer: self.issuer().to_owned(), client_id: self.client_id.to_string() };
        Ok(Session { person, issued, tokens: Some(tokens) })
    }

    /// Buys new tokens. The old refresh token may be worth nothing afterwards.
    ///
    /// # Errors
    /// Whether the session is over, or nobody could be asked.
    pub async fn refresh(
        &self,
        http: &Http,
        clock: &Clock,
        person: &Person,
        refresh: &Secret,
    ) -> Result<Tokens, NotRenewed> {
        let client = CoreClient::from_provider_metadata(self.metadata.clone(), self.client_id.clone(), None);
        let old = RefreshToken::new(refresh.expose().to_owned());
        let unavailable = |error: SignInError| NotRenewed::Unavailable(error.into());
        let response = client
            .exchange_refresh_token(&old)
            .map_err(|_| unavailable(no_token_endpoint()))?
            .request_async(&self::client(http))
            .await
            .map_err(|error| {
                let error = token_error(error);
                if error == SignInError::Rejected(Distrust::Code) { NotRenewed::Over } else { unavailable(error) }
            })?;
        let tokens = tokens(&response, clock, Some(refresh)).map_err(|_| NotRenewed::Over)?;
        if let Some(id_token) = response.id_token() {
            match self.verified(http, clock, id_token, response.access_token(), Purpose::Renewal).await {
                Ok(claims) if claims.subject().as_str() == person.subject => {}
                Ok(_) => return Err(NotRenewed::Over),
                Err(SignInError::Rejected(distrust)) => {
                    tracing::warn!(%distrust, "the provider renewed a session with an ID token that is not right");
                    return Err(NotRenewed::Over);
                }
                // Its keys could not be fetched. The tokens came from where the old ones came from, and are kept.
                Err(_) => {}
            }
        }
        Ok(tokens)
    }

    /// Asks whether an access token is still good.
    ///
    /// # Errors
    /// Where nobody could be asked.
    pub async fn check(&self, http: &Http, access: &Secret) -> Result<Standing, AppError> {
        let Some(address) = self.metadata.userinfo_endpoint() else { return Ok(Standing::Good) };
        let response = http.send(with_bearer(address.url(), access)?).await?;
        standing(&response)
    }

    /// Tells the provider to forget a token (RFC 7009). `Ok(false)` where it offers no such thing.
    ///
    /// # Errors
    /// Where it could not be asked, or did not do it.
    pub async fn revoke(&self, http: &Http, tokens: &Tokens) -> Result<bool, AppError> {
        let Some(address) = &self.metadata.additional_metadata().revocation_endpoint else { return Ok(false) };
        // Revoking the refresh token ends what was bought with it (§2.1); not every provider does it the other way round.
        let (token, hint) = match &tokens.refresh {
            Some(refresh) => (refresh, "refresh_token"),
            None => (&tokens.access, "access_token"),
        };
        let body = form_urlencoded::Serializer::new(String::new())
            .append_pair("token", token.expose())
            .append_pair("token_type_hint", hint)
            .append_pair("client_id", &self.client_id)
            .finish();
        let response = http.send(form(address, body)?).await?;
        if response.status().is_success() {
            return Ok(true);
        }
        Err(AppError::new(ErrorCode::SignInUnavailable).with_detail(format!("{} to a revocation", response.status())))
    }

    /// Where a browser ends the session at the provider itself, if that is offered. The ID token is not in it: addresses
    /// that are opened can be read by other programs on this computer.
    pub fn end_session(&self, http: &Http) -> Option<Url> {
        let mut address = self.metadata.additional_metadata().end_session_endpoint.clone()?;
        if !http.allows(&address) {
            return None;
        }
        address.query_pairs_mut().append_pair("client_id", &self.client_id);
        Some(address)
    }

    /// The claims of an ID token that passes every check of OpenID Connect Core §3.1.3.7 and, where it names the access
    /// token, of §3.1.3.8. A key that is not known is looked for once more at the provider: it may be a new one.
    async fn verified(
        &self,
        http: &Http,
        clock: &Clock,
        id_token: &CoreIdToken,
        access: &AccessToken,
        purpose: Purpose<'_>,
    ) -> Result<CoreIdTokenClaims, SignInError> {
        match self.verify(clock, id_token, access, purpose) {
            Err(Unverified::UnknownKey) => {}
            Err(Unverified::Distrust(distrust)) => return Err(distrust.into()),
            Ok(claims) => return Ok(claims),
        }
        let keys =
            CoreJsonWebKeySet::fetch_async(self.metadata.jwks_uri(), &client(http)).await.map_err(discovery_error)?;
        *self.keys.lock().unwrap_or_else(PoisonError::into_inner) = keys;
        self.verify(clock, id_token, access, purpose).map_err(|error| match error {
            Unverified::UnknownKey => Distrust::Signature.into(),
            Unverified::Distrust(distrust) => distrust.into(),
        })
    }

    fn verify(
        &self,
        clock: &Clock,
        id_token: &CoreIdToken,
        access: &AccessToken,
        purpose: Purpose<'_>,
    ) -> Result<CoreIdTokenClaims, Unverified> {
        let keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let (earliest_end, latest_beginning, nonce) = match purpose {
            Purpose::SignIn(nonce) => {
                let now = clock.now();
                (time(now.saturating_sub(SKEW.as_secs())), time(now.saturating_add(SKEW.as_secs())), Some(nonce))
            }
            Purpose::Renewal => (DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC, None),
        };
        let verifier =
            CoreIdTokenVerifier::new_public_client(self.client_id.clone(), self.metadata.issuer().clone(), keys)
                .set_allowed_algs(self.metadata.id_token_signing_alg_values_supported().clone())
                .set_time_fn(move || earliest_end)
                .set_issue_time_verifier_fn(move |issued| {
                    if issued > latest_beginning { Err("from the future".to_owned()) } else { Ok(()) }
                });
        let same_nonce = |sent: Option<&Nonce>| nonce.map_or(Ok(()), |expected| expected.verify(sent));
        let claims = id_token.claims(&verifier, same_nonce).map_err(unverified)?;
        if let Some(hash) = claims.access_token_hash() {
            let matches = id_token.signing_alg().ok().zip(id_token.signing_key(&verifier).ok()).is_some_and(
                |(algorithm, key)| {
                    AccessTokenHash::from_token(access, algorithm, key).is_ok_and(|computed| computed == *hash)
                },
            );
            if !matches {
                return Err(Unverified::Distrust(Distrust::AccessToken));
            }
        }
        Ok(claims.clone())
    }

    fn person(&self, claims: &CoreIdTokenClaims) -> Person {
        let name = claims.name().and_then(any_language).map(|name| name.as_str());
        let name = name.or_else(|| claims.preferred_username().map(|name| name.as_str()));
        Person {
            method: Method::Oidc,
            issuer: self.issuer().to_owned(),
            subject: claims.subject().as_str().to_owned(),
            name: name.and_then(shown),
            email: claims.email().and_then(|email| shown(email.as_str())),
        }
    }

    /// Many providers put only the subject into the ID token and the rest here. Without an answer the person stays as
    /// they are: who they are is known already.
    async fn ask_who(&self, http: &Http, access: &Secret, person: &mut Person) {
        #[derive(Deserialize)]
        struct UserInfo {
            sub: String,
            name: Option<String>,
            preferred_username: Option<String>,
            email: Option<String>,
        }
        let Some(address) = self.metadata.userinfo_endpoint() else { return };
        let Ok(request) = with_bearer(address.url(), access) else { return };
        let Ok(response) = http.send(request).await else { return };
        let Ok(answer) = serde_json::from_slice::<UserInfo>(response.body()) else { return };
        // OpenID Connect Core §5.3.2: an answer about somebody else must not be used.
        if !response.status().is_success() || answer.sub != person.subject {
            return;
        }
        let name = || answer.name.as_deref().or(answer.preferred_username.as_deref()).and_then(shown);
        person.name = person.name.take().or_else(name);
        person.email = person.email.take().or_else(|| answer.email.as_deref().and_then(shown));
    }
}

/// Whether a session holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It does.
    Good,
    /// The access token is not taken (any more).
    Stale,
}

/// What an answer to a request with a token says about the token.
pub(crate) fn standing(response: &Response<Vec<u8>>) -> Result<Standing, AppError> {
    match response.status().as_u16() {
        200..300 => Ok(Standing::Good),
        401 => Ok(Standing::Stale),
        status => Err(AppError::new(ErrorCode::SignInUnavailable).with_detail(format!("{status} to a check"))),
    }
}

/// A GET with a bearer token (RFC 6750).
pub(crate) fn with_bearer(address: &Url, token: &Secret) -> Result<Request<Vec<u8>>, AppError> {
    let mut value = header::HeaderValue::from_str(&format!("Bearer {}", token.expose()))
        .map_err(|_| AppError::new(ErrorCode::Malformed).with_detail("a token that fits no header"))?;
    value.set_sensitive(true);
    Request::get(address.as_str())
        .header(header::AUTHORIZATION, value)
        .header(header::ACCEPT, "application/json")
        .header(header::USER_AGENT, "capibara6")
        .body(Vec::new())
        .map_err(not_an_address)
}

/// A POST of a form.
pub(crate) fn form(address: &Url, body: String) -> Result<Request<Vec<u8>>, AppError> {
    Request::post(address.as_str())
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::ACCEPT, "application/json")
        .header(header::USER_AGENT, "capibara6")
        .body(body.into_bytes())
        .map_err(not_an_address)
}

pub(crate) fn not_an_address(error: http::Error) -> AppError {
    AppError::new(ErrorCode::InvalidInput).with_detail(error.to_string())
}

/// What an ID token is for.
#[derive(Clone, Copy)]
enum Purpose<'a> {
    /// It says who somebody is, and must be this attempt's and valid now.
    SignIn(&'a Nonce),
    /// OpenID Connect Core §12.2: it came with renewed tokens, must be the same person's of the same issuer, and need not
    /// have a nonce. Its times say nothing that matters here: a clock that is wrong by more than a little may keep somebody
    /// from signing in, but must not sign anybody out.
    Renewal,
}

/// Why an ID token is not verified.
enum Unverified {
    UnknownKey,
    Distrust(Distrust),
}

#[allow(clippy::wildcard_enum_match_arm, reason = "the enums are open: what is new in them is not trusted")]
fn unverified(error: ClaimsVerificationError) -> Unverified {
    Unverified::Distrust(match error {
        ClaimsVerificationError::SignatureVerification(SignatureVerificationError::NoMatchingKey) => {
            return Unverified::UnknownKey;
        }
        ClaimsVerificationError::SignatureVerification(_) => Distrust::Signature,
        ClaimsVerificationError::Expired(_) | ClaimsVerificationError::InvalidAuthTime(_) => Distrust::Time,
        ClaimsVerificationError::InvalidNonce(_) => Distrust::Nonce,
        ClaimsVerificationError::InvalidIssuer(_) => Distrust::Issuer,
        ClaimsVerificationError::InvalidAudience(_) => Distrust::Audience,
        ClaimsVerificationError::InvalidSubject(_) => Distrust::Subject,
        _ => Distrust::Unreadable,
    })
}

/// Lets `openidconnect` send through the transport. What a server says when it is not well is no answer of the protocol.
fn client(http: &Http) -> impl Fn(Request<Vec<u8>>) -> Sending + Send + Sync + use<> {
    let http = http.clone();
    move |request| {
        let http = http.clone();
        Box::pin(async move {
            let response = http.send(request).await?;
            match response.status().as_u16() {
                429 => Err(AppError::new(ErrorCode::RateLimited)),
                500.. => Err(AppError::new(ErrorCode::Server).with_detail(response.status().to_string())),
                _ => Ok(response),
            }
        })
    }
}

#[allow(clippy::wildcard_enum_match_arm, reason = "the enum is open: what is new in it is unavailable")]
fn discovery_error(error: DiscoveryError<AppError>) -> SignInError {
    match error {
        DiscoveryError::Request(error) => error.into(),
        DiscoveryError::Response(status, ..) => SignInError::Unavailable(format!("{status} to discovery")),
        DiscoveryError::Validation(_) => Distrust::Issuer.into(),
        _ => SignInError::Unavailable("not the description of an OpenID provider".to_owned()),
    }
}

/// What the token endpoint's refusal means. Its prose and bodies are not repeated: they may hold what was sent.
#[allow(clippy::wildcard_enum_match_arm, reason = "only one of the codes has a meaning of its own here")]
fn token_error(error: TokenError) -> SignInError {
    match error {
        RequestTokenError::ServerResponse(response) => match response.error() {
            CoreErrorResponseType::InvalidGrant => Distrust::Code.into(),
            CoreErrorResponseType::Extension(_) => {
                SignInError::Refused { error: "an extension's error".to_owned(), description: None }
            }
            code => SignInError::Refused { error: code.as_ref().to_owned(), description: None },
        },
        RequestTokenError::Request(error) => error.into(),
        RequestTokenError::Parse(..) => Distrust::Unreadable.into(),
        RequestTokenError::Other(_) => SignInError::Unavailable("the token endpoint gave no answer".to_owned()),
    }
}

fn no_token_endpoint() -> SignInError {
    SignInError::Unavailable("the provider has no token endpoint".to_owned())
}

/// The tokens of a response. A refresh that brings no new refresh token leaves the old one good (RFC 6749 §6).
fn tokens(response: &CoreTokenResponse, clock: &Clock, old: Option<&Secret>) -> Result<Tokens, Distrust> {
    if *response.token_type() != CoreTokenType::Bearer {
        return Err(Distrust::Unreadable);
    }
    let refresh = response.refresh_token().map(|token| Secret::new(token.secret().clone()));
    let access = Secret::new(response.access_token().secret().clone());
    let lasts = response.expires_in().map(|lasts| lasts.as_secs());
    Ok(Tokens::new(access, refresh.or_else(|| old.cloned()), clock.now(), lasts))
}

/// A claim in the language without a tag, or else in any.
fn any_language<T>(claim: &LocalizedClaim<T>) -> Option<&T> {
    claim.get(None).or_else(|| claim.iter().next().map(|(_, value)| value))
}

fn time(seconds: u64) -> DateTime<Utc> {
    i64::try_from(seconds)
        .ok()
        .and_then(|seconds| DateTime::from_timestamp(seconds, 0))
        .unwrap_or(DateTime::<Utc>::MAX_UTC)
}
