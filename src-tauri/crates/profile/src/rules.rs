//! The rules that a profile keeps, whether it was typed into the form or into a file.
//!
//! They are the ones that the rest of the core relies on (unique ids, addresses without secrets, usable numbers); they
//! do not ask whether anything answers. The first rule that is broken is reported, with the path of its field.

use std::collections::HashSet;

use capibara6_protocol::{AppError, Device, ErrorCode, ModelEntry, Network, Oidc, Profile};

use crate::address;

/// Longest name, label or id in characters.
const LONGEST_NAME: usize = 120;
/// Longest timeout in seconds: a day.
const LONGEST_TIMEOUT_S: u32 = 86_400;

/// Checks a profile.
///
/// # Errors
/// [`ErrorCode::InvalidInput`] with `field` as a path (`models[0].url`) and the reason in `detail`.
pub fn validate(profile: &Profile) -> Result<(), AppError> {
    let Profile { name, models, services, oidc, device, token_origins, sign_in_port, network } = profile;
    check_text("name", name, Blank::Refused)?;
    if models.is_empty() {
        return Err(invalid("models", "must hold at least one model"));
    }
    let mut ids = HashSet::new();
    for (index, model) in models.iter().enumerate() {
        check_model(&format!("models[{index}]"), model)?;
        if !ids.insert(model.id.as_str()) {
            return Err(invalid(format!("models[{index}].id"), "is used by another model of this profile"));
        }
    }
    for (service, url) in services {
        let field = format!("services.{}", crate::document::service_key(*service));
        address::acceptable(url).map_err(|why| invalid(field, why))?;
    }
    oidc.as_ref().map_or(Ok(()), check_oidc)?;
    device.as_ref().map_or(Ok(()), check_device)?;
    for (index, origin) in token_origins.iter().enumerate() {
        check_origin(&format!("token_origins[{index}]"), origin)?;
    }
    if *sign_in_port == Some(0) {
        return Err(invalid("sign_in_port", "must be above 0"));
    }
    check_network(network)
}

fn check_model(path: &str, model: &ModelEntry) -> Result<(), AppError> {
    let ModelEntry { id, label, url, tier: _, weight, context, temperature, max_tokens } = model;
    check_text(&format!("{path}.id"), id.as_str(), Blank::Refused)?;
    check_text(&format!("{path}.label"), label, Blank::Accepted)?;
    address::acceptable(url).map_err(|why| invalid(format!("{path}.url"), why))?;
    if !(weight.is_finite() && *weight > 0.0) {
        return Err(invalid(format!("{path}.weight"), "must be above 0"));
    }
    if *context == Some(0) {
        return Err(invalid(format!("{path}.context"), "must be above 0"));
    }
    if temperature.is_some_and(|value| !(0.0..=2.0).contains(&value)) {
        return Err(invalid(format!("{path}.temperature"), "must be from 0 to 2"));
    }
    if *max_tokens == Some(0) {
        return Err(invalid(format!("{path}.max_tokens"), "must be above 0"));
    }
    Ok(())
}

fn check_oidc(oidc: &Oidc) -> Result<(), AppError> {
    let Oidc { issuer, client_id, scopes } = oidc;
    address::acceptable(issuer).map_err(|why| invalid("oidc.issuer", why))?;
    check_text("oidc.client_id", client_id, Blank::Refused)?;
    for (index, scope) in scopes.iter().enumerate() {
        // RFC 6749 §3.3: a scope is printable ASCII without space, quote and backslash.
        let token = |c: char| c.is_ascii_graphic() && c != '"' && c != '\\';
        if scope.is_empty() || !scope.chars().all(token) {
            return Err(invalid(format!("oidc.scopes[{index}]"), "is not a scope"));
        }
    }
    Ok(())
}

fn check_device(device: &Device) -> Result<(), AppError> {
    let Device { client_id, authorization, token, user } = device;
    check_text("device.client_id", client_id, Blank::Refused)?;
    let addresses = [("authorization", authorization), ("token", token), ("user", user)];
    let given = addresses.iter().filter(|(_, address)| address.is_some()).count();
    for (name, address) in addresses {
        let field = format!("device.{name}");
        match address {
            Some(address) => drop(address::acceptable(address).map_err(|why| invalid(field, why))?),
            // A code or a token of one server is nothing to show to another one.
            None if given > 0 => return Err(invalid(field, "must be given together with the other addresses")),
            None => {}
        }
    }
    Ok(())
}

/// A path would seem to narrow down where tokens go, and would not.
fn check_origin(field: &str, origin: &str) -> Result<(), AppError> {
    let address = address::acceptable(origin).map_err(|why| invalid(field, why))?;
    if address.path() != "/" || address.query().is_some() || address.fragment().is_some() {
        return Err(invalid(field, "must be scheme, host and port and nothing else"));
    }
    Ok(())
}

fn check_network(network: &Network) -> Result<(), AppError> {
    let Network { ca_file, proxy, connect_timeout_s, first_token_timeout_s, idle_timeout_s } = network;
    if let Some(path) = ca_file {
        check_path("network.ca_file", path)?;
    }
    if let Some(url) = proxy {
        address::acceptable_proxy(url).map_err(|why| invalid("network.proxy", why))?;
    }
    let timeouts = [
        ("network.connect_timeout_s", connect_timeout_s),
        ("network.first_token_timeout_s", first_token_timeout_s),
        ("network.idle_timeout_s", idle_timeout_s),
    ];
    for (field, seconds) in timeouts {
        if !(1..=LONGEST_TIMEOUT_S).contains(seconds) {
            return Err(invalid(field, format!("must be from 1 to {LONGEST_TIMEOUT_S}")));
        }
    }
    Ok(())
}

/// Whether a text may be empty.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Blank {
    Accepted,
    Refused,
}

fn check_text(field: &str, text: &str, blank: Blank) -> Result<(), AppError> {
    if blank == Blank::Refused && text.trim().is_empty() {
        return Err(invalid(field, "must not be empty"));
    }
    if text.trim() != text {
        return Err(invalid(field, "must not have white space around it"));
    }
    if text.chars().any(char::is_control) {
        return Err(invalid(field, "must not contain control characters"));
    }
    if text.chars().count() > LONGEST_NAME {
        return Err(invalid(field, format!("must not be longer than {LONGEST_NAME} characters")));
    }
    Ok(())
}

fn check_path(field: &str, path: &str) -> Result<(), AppError> {
    if path.trim().is_empty() {
        return Err(invalid(field, "must not be empty"));
    }
    if path.chars().any(char::is_control) {
        return Err(invalid(field, "must not contain control characters"));
    }
    Ok(())
}

fn invalid(field: impl Into<String>, why: impl Into<String>) -> AppError {
    AppError::new(ErrorCode::InvalidInput).with_field(field).with_detail(why)
}

#[cfg(test)]
mod tests {
    use capibara6_protocol::Service;

    use super::*;

    type Break = fn(&mut Profile);

    fn outcome(break_it: Break) -> Result<(), (String, String)> {
        let mut profile = crate::local().unwrap();
        break_it(&mut profile);
        validate(&profile).map_err(|error| {
            assert_eq!(error.code, ErrorCode::InvalidInput);
            (error.field.unwrap(), error.detail.unwrap())
        })
    }

    #[test]
    fn each_rule_names_its_field() {
        let secret = "must not hold a user name or password; keys are kept in the secret store";
        let cases: [(Break, &str, &str); 30] = [
            (|p| p.name = "  ".into(), "name", "must not be empty"),
            (|p| p.name = " x".into(), "name", "must not have white space around it"),
            (|p| p.name = "a\nb".into(), "name", "must not contain control characters"),
            (|p| p.name = "ñ".repeat(121), "name", "must not be longer than 120 characters"),
            (|p| p.models.clear(), "models", "must hold at least one model"),
            (|p| p.models[1].id = "".into(), "models[1].id", "must not be empty"),
            (|p| p.models[3].id = p.models[0].id.clone(), "models[3].id", "is used by another model of this profile"),
            (|p| p.models[0].label = "a\u{0}".into(), "models[0].label", "must not contain control characters"),
            (|p| p.models[2].url = "gpu".into(), "models[2].url", "is not an address: relative URL without a base"),
            (|p| p.models[0].url = "http://k:s@gpu/v1".into(), "models[0].url", secret),
            (|p| p.models[0].weight = 0.0, "models[0].weight", "must be above 0"),
            (|p| p.models[0].weight = -1.0, "models[0].weight", "must be above 0"),
            (|p| p.models[0].weight = f64::NAN, "models[0].weight", "must be above 0"),
            (|p| p.models[0].weight = f64::INFINITY, "models[0].weight", "must be above 0"),
            (|p| p.models[0].context = Some(0), "models[0].context", "must be above 0"),
            (|p| p.models[0].temperature = Some(2.1), "models[0].temperature", "must be from 0 to 2"),
            (|p| p.models[0].temperature = Some(f64::NAN), "models[0].temperature", "must be from 0 to 2"),
            (|p| p.models[0].max_tokens = Some(0), "models[0].max_tokens", "must be above 0"),
            (
                |p| drop(p.services.insert(Service::N8n, "ftp://gpu".into())),
                "services.n8n",
                "must begin with http:// or https://",
            ),
            (
                |p| p.oidc = Some(Oidc { issuer: "x".into(), client_id: "c".into(), scopes: vec![] }),
                "oidc.issuer",
                "is not an address: relative URL without a base",
            ),
            (
                |p| p.oidc = Some(Oidc { issuer: "http://h".into(), client_id: "".into(), scopes: vec![] }),
                "oidc.client_id",
                "must not be empty",
            ),
            (
                |p| {
                    p.oidc = Some(Oidc { issuer: "http://h".into(), client_id: "c".into(), scopes: vec!["a b".into()] })
                },
                "oidc.scopes[0]",
                "is not a scope",
            ),
            (
                |p| p.device = Some(Device { client_id: " ".into(), ..Device::default() }),
                "device.client_id",
                "must not be empty",
            ),
            (
                |p| {
                    let token = Some("https://id.example/token".into());
                    p.device = Some(Device { client_id: "c".into(), token, ..Device::default() });
                },
                "device.authorization",
                "must be given together with the other addresses",
            ),
            (
                |p| p.token_origins = vec!["https://api.example".into(), "https://api.example/v1".into()],
                "token_origins[1]",
                "must be scheme, host and port and nothing else",
            ),
            (|p| p.sign_in_port = Some(0), "sign_in_port", "must be above 0"),
            (|p| p.network.ca_file = Some("".into()), "network.ca_file", "must not be empty"),
            (|p| p.network.proxy = Some("http://u:p@proxy:3128".into()), "network.proxy", secret),
            (|p| p.network.connect_timeout_s = 0, "network.connect_timeout_s", "must be from 1 to 86400"),
            (|p| p.network.idle_timeout_s = 86_401, "network.idle_timeout_s", "must be from 1 to 86400"),
        ];
        let found: Vec<_> = cases.iter().map(|(break_it, ..)| outcome(*break_it)).collect();
        let wanted: Vec<_> = cases.iter().map(|(_, field, why)| Err(((*field).into(), (*why).into()))).collect();
        assert_eq!(found, wanted);
    }

    #[test]
    fn what_is_unusual_but_right_passes() {
        let accepted: [Break; 6] = [
            |_| (),
            |p| p.models[0].label.clear(),
            |p| p.models[0].temperature = Some(0.0),
            |p| p.models[0].temperature = Some(2.0),
            |p| p.network.proxy = Some("socks5h://127.0.0.1:1080".into()),
            |p| p.models[0].url = "http://[::1]:8000".into(),
        ];
        let found: Vec<_> = accepted.iter().map(|change| outcome(*change)).collect();
        assert_eq!(found, vec![Ok(()); accepted.len()]);
    }
}
