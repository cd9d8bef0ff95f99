//! The ways to sign in that a profile offers, and which of them led to a session.

use capibara6_identity::PlainConsent;
use capibara6_identity::sign_in::fleet::{self, Via};
use capibara6_identity::sign_in::{Way, device};
use capibara6_profile::base_url;
use capibara6_protocol::{AppError, Device, ErrorCode, Profile, Service, SignInMethod, SignInWay};
use url::Url;

/// A way, as the profile describes it.
pub(super) struct Offer {
    pub(super) method: SignInMethod,
    pub(super) way: Way,
    /// The addresses that credentials go to. The first is the one that people know.
    addresses: Vec<Url>,
}

impl Offer {
    /// The origin that it leads to.
    pub(super) fn provider(&self) -> String {
        self.addresses.first().map(|address| address.origin().ascii_serialization()).unwrap_or_default()
    }

    fn view(&self, consent: &PlainConsent) -> SignInWay {
        let insecure = self.addresses.iter().find(|address| !consent.allows(address));
        SignInWay {
            method: self.method,
            provider: Some(self.provider()),
            insecure: insecure.map(|address| address.origin().ascii_serialization()),
        }
    }
}

/// The offers of a profile, in the order in which they are shown.
pub(super) fn offers(profile: &Profile) -> Vec<Offer> {
    let mut offers = Vec::new();
    if let Some(oidc) = &profile.oidc
        && let Ok(issuer) = Url::parse(&oidc.issuer)
    {
        offers.push(Offer { method: SignInMethod::Oidc, way: Way::Oidc(oidc.clone()), addresses: vec![issuer] });
    }
    if let Some(base) = profile.services.get(&Service::Auth).and_then(|address| Url::parse(address).ok()) {
        let port = profile.sign_in_port.unwrap_or(fleet::PORT);
        for (method, via) in [(SignInMethod::Github, Via::Github), (SignInMethod::Google, Via::Google)] {
            let way = Way::Fleet { base: base.clone(), via, port };
            offers.push(Offer { method, way, addresses: vec![base.clone()] });
        }
    }
    if let Some(settings) = profile.device.as_ref().and_then(|device| device_settings(device).ok()) {
        let addresses = vec![settings.authorization.clone(), settings.token.clone(), settings.user.clone()];
        offers.push(Offer { method: SignInMethod::Device, way: Way::Device(settings), addresses });
    }
    offers
}

/// The ways of a profile as they are shown: those that lead to an account, then the key that works without one.
pub(super) fn shown(profile: &Profile, consent: &PlainConsent) -> Vec<SignInWay> {
    let key = SignInWay { method: SignInMethod::ApiKey, provider: None, insecure: None };
    offers(profile).iter().map(|offer| offer.view(consent)).chain([key]).collect()
}

/// The offer that a method names.
pub(super) fn offer(profile: &Profile, method: SignInMethod) -> Result<Offer, AppError> {
    let missing = || AppError::new(ErrorCode::InvalidInput).with_field("method");
    offers(profile).into_iter().find(|offer| offer.method == method).ok_or_else(missing)
}

/// Whether a profile offers to sign in at the provider of a session. A session is of no use, and is shown to nobody, with a
/// profile that knows nothing of its provider.
pub(super) fn leads_to(profile: &Profile, issuer: &str) -> bool {
    offers(profile).iter().any(|offer| match &offer.way {
        Way::Oidc(oidc) => oidc.issuer.trim_end_matches('/') == issuer.trim_end_matches('/'),
        Way::Fleet { base, .. } => base.origin().ascii_serialization() == issuer,
        Way::Device(settings) => settings.token.origin().ascii_serialization() == issuer,
    })
}

/// The addresses whose models and services get the session's token.
pub(super) fn token_addresses(profile: &Profile) -> Vec<Url> {
    profile.token_origins.iter().filter_map(|origin| Url::parse(origin).ok()).collect()
}

/// Whether any model's address gets it.
pub(super) fn names(profile: &Profile, address: &str) -> bool {
    base_url(address)
        .is_ok_and(|address| token_addresses(profile).iter().any(|named| named.origin() == address.origin()))
}

fn device_settings(device: &Device) -> Result<device::Settings, url::ParseError> {
    let github = device::Settings::github(&device.client_id)?;
    Ok(match (&device.authorization, &device.token, &device.user) {
        (Some(authorization), Some(token), Some(user)) => device::Settings {
            authorization: Url::parse(authorization)?,
            token: Url::parse(token)?,
            user: Url::parse(user)?,
            ..github
        },
        _ => github,
    })
}
