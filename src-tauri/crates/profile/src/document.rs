//! A profile as a TOML text.
//!
//! Reading reports the line and the field of the first thing that is wrong, whether the notation, the shape or a rule
//! ([`crate::validate`]) is broken. Writing lays the text out as a person would, in the order of the documentation.

use std::fmt::Write as _;

use capibara6_protocol::{AppError, Device, ErrorCode, ModelEntry, Network, Oidc, Profile, Service};
use toml::Value;
use toml::de::{DeTable, DeValue, Deserializer};

/// Reads a profile.
///
/// # Errors
/// [`ErrorCode::ProfileInvalid`]; `field` is a path like `models[0].url` (absent where the notation itself is broken),
/// `detail` begins with `line N: `.
pub fn parse(text: &str) -> Result<Profile, AppError> {
    // Some editors put a byte order mark before the text.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let table = DeTable::parse(text).map_err(|error| {
        let line = error.span().map(|span| line_of(text, span.start));
        broken(line, None, error.message())
    })?;
    let profile: Profile = serde_path_to_error::deserialize(Deserializer::from(table.clone())).map_err(|error| {
        let mut steps = steps(error.path());
        let message = error.inner().message();
        let line = match error.inner().span() {
            Some(span) => line_of(text, span.start),
            None => line_of(text, offset(table.get_ref(), &steps)),
        };
        if let Some(name) = missing_field(message) {
            steps.push(Step::Key(name.to_owned()));
        }
        broken(Some(line), (!steps.is_empty()).then(|| path(&steps)), message)
    })?;
    crate::validate(&profile).map_err(|error| {
        let field = error.field.unwrap_or_default();
        let line = line_of(text, offset(table.get_ref(), &parse_path(&field)));
        broken(Some(line), Some(field), &error.detail.unwrap_or_default())
    })?;
    Ok(profile)
}

fn broken(line: Option<usize>, field: Option<String>, why: &str) -> AppError {
    let detail = line.map_or_else(|| why.to_owned(), |line| format!("line {line}: {why}"));
    AppError { field, ..AppError::new(ErrorCode::ProfileInvalid).with_detail(detail) }
}

/// One step of a path into the document.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Key(String),
    Index(usize),
}

fn steps(found: &serde_path_to_error::Path) -> Vec<Step> {
    use serde_path_to_error::Segment;
    found
        .iter()
        .map_while(|segment| match segment {
            Segment::Seq { index } => Some(Step::Index(*index)),
            Segment::Map { key } => Some(Step::Key(key.clone())),
            Segment::Enum { .. } | Segment::Unknown => None,
        })
        .collect()
}

fn path(steps: &[Step]) -> String {
    let mut path = String::new();
    for step in steps {
        match step {
            Step::Key(key) if path.is_empty() => path.push_str(key),
            // Writing to a string cannot fail.
            Step::Key(key) => _ = write!(path, ".{key}"),
            Step::Index(index) => _ = write!(path, "[{index}]"),
        }
    }
    path
}

/// Reads a path as [`crate::validate`] writes it.
fn parse_path(path: &str) -> Vec<Step> {
    path.split(['.', '[', ']'])
        .filter(|step| !step.is_empty())
        .map(|step| step.parse().map_or_else(|_| Step::Key(step.to_owned()), Step::Index))
        .collect()
}

/// The field that serde misses. Its path ends at the table around it, so the name is only in the message.
fn missing_field(message: &str) -> Option<&str> {
    message.strip_prefix("missing field `")?.strip_suffix('`')
}

/// Where the deepest part of the path that exists begins, in bytes.
fn offset(table: &DeTable<'_>, steps: &[Step]) -> usize {
    let mut at = 0;
    let mut inside: Option<&DeValue<'_>> = None;
    for step in steps {
        let found = match (step, inside) {
            (Step::Key(key), None) => table.get(key.as_str()),
            (Step::Key(key), Some(DeValue::Table(table))) => table.get(key.as_str()),
            (Step::Index(index), Some(DeValue::Array(array))) => array.get(*index),
            (Step::Key(_) | Step::Index(_), _) => None,
        };
        let Some(found) = found else { break };
        at = found.span().start;
        inside = Some(found.get_ref());
    }
    at
}

/// The number of the line that holds a byte, from 1.
fn line_of(text: &str, offset: usize) -> usize {
    1 + text.bytes().take(offset).filter(|byte| *byte == b'\n').count()
}

/// Writes a profile; [`parse`] reads the same profile back.
pub fn to_toml(profile: &Profile) -> String {
    // Taken apart by name, so that a new field cannot be forgotten here.
    let Profile { name, models, services, oidc, device, token_origins, sign_in_port, network } = profile;
    let mut out = Writer::default();
    out.text("name", name);
    if !token_origins.is_empty() {
        out.texts("token_origins", token_origins);
    }
    sign_in_port.iter().for_each(|port| out.count("sign_in_port", (*port).into()));
    for model in models {
        let ModelEntry { id, label, url, tier, weight, context, temperature, max_tokens } = model;
        out.header("[[models]]");
        out.text("id", id.as_str());
        if !label.is_empty() {
            out.text("label", label);
        }
        out.text("url", url);
        out.text("tier", tier_name(*tier));
        out.number("weight", *weight);
        context.iter().for_each(|value| out.count("context", *value));
        temperature.iter().for_each(|value| out.number("temperature", *value));
        max_tokens.iter().for_each(|value| out.count("max_tokens", *value));
    }
    if !services.is_empty() {
        out.header("[services]");
        for (service, url) in services {
            out.text(service_key(*service), url);
        }
    }
    if let Some(Oidc { issuer, client_id, scopes }) = oidc {
        out.header("[oidc]");
        out.text("issuer", issuer);
        out.text("client_id", client_id);
        out.texts("scopes", scopes);
    }
    if let Some(Device { client_id, authorization, token, user }) = device {
        out.header("[device]");
        out.text("client_id", client_id);
        let addresses = [("authorization", authorization), ("token", token), ("user", user)];
        addresses.iter().for_each(|(key, address)| address.iter().for_each(|address| out.text(key, address)));
    }
    if *network != Network::default() {
        let Network { ca_file, proxy, connect_timeout_s, first_token_timeout_s, idle_timeout_s } = network;
        out.header("[network]");
        ca_file.iter().for_each(|path| out.text("ca_file", path));
        proxy.iter().for_each(|url| out.text("proxy", url));
        out.count("connect_timeout_s", *connect_timeout_s);
        out.count("first_token_timeout_s", *first_token_timeout_s);
        out.count("idle_timeout_s", *idle_timeout_s);
    }
    out.0
}

/// The key of a service in `[services]`.
pub(crate) fn service_key(service: Service) -> &'static str {
    match service {
        Service::Auth => "auth",
        Service::Consensus => "consensus",
        Service::Backend => "backend",
        Service::Tts => "tts",
        Service::Mcp => "mcp",
        Service::Rag => "rag",
        Service::N8n => "n8n",
    }
}

fn tier_name(tier: capibara6_protocol::Tier) -> &'static str {
    use capibara6_protocol::Tier;
    match tier {
        Tier::Fast => "fast",
        Tier::Code => "code",
        Tier::Complex => "complex",
        Tier::Creative => "creative",
    }
}

/// A TOML text in the making. The quoting of values is the library's.
#[derive(Default)]
struct Writer(String);

impl Writer {
    fn header(&mut self, header: &str) {
        _ = writeln!(self.0, "\n{header}");
    }

    fn value(&mut self, key: &str, value: Value) {
        _ = writeln!(self.0, "{key} = {value}");
    }

    fn text(&mut self, key: &str, text: &str) {
        self.value(key, Value::String(text.to_owned()));
    }

    fn texts(&mut self, key: &str, texts: &[String]) {
        self.value(key, Value::Array(texts.iter().cloned().map(Value::String).collect()));
    }

    fn number(&mut self, key: &str, number: f64) {
        self.value(key, Value::Float(number));
    }

    fn count(&mut self, key: &str, count: u32) {
        self.value(key, Value::Integer(count.into()));
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use capibara6_protocol::Tier;
    use proptest::prelude::*;

    use super::*;

    const FULL: &str = r#"name = "Capibara6"
token_origins = ["http://127.0.0.1:8000", "https://api.example.org"]
sign_in_port = 8123

[[models]]
id = "gpt-oss-20b"
label = "GPT-OSS 20B"
url = "http://127.0.0.1:8000/v1"
tier = "complex"
weight = 0.9
context = 8192
temperature = 0.7
max_tokens = 2048

[services]
auth = "http://127.0.0.1:5004"
n8n = "http://127.0.0.1:5678"

[oidc]
issuer = "http://127.0.0.1:9600"
client_id = "desktop-chat"
scopes = ["openid", "profile"]

[device]
client_id = "desktop-device"
authorization = "http://127.0.0.1:9700/device/code"
token = "http://127.0.0.1:9700/token"
user = "http://127.0.0.1:9700/user"

[network]
ca_file = "fleet-ca.pem"
proxy = "http://127.0.0.1:3128"
connect_timeout_s = 5
first_token_timeout_s = 180
idle_timeout_s = 60
"#;

    fn full() -> Profile {
        Profile {
            name: "Capibara6".into(),
            models: vec![ModelEntry {
                id: "gpt-oss-20b".into(),
                label: "GPT-OSS 20B".into(),
                url: "http://127.0.0.1:8000/v1".into(),
                tier: Tier::Complex,
                weight: 0.9,
                context: Some(8192),
                temperature: Some(0.7),
                max_tokens: Some(2048),
            }],
            services: BTreeMap::from([
                (Service::Auth, "http://127.0.0.1:5004".into()),
                (Service::N8n, "http://127.0.0.1:5678".into()),
            ]),
            oidc: Some(Oidc {
                issuer: "http://127.0.0.1:9600".into(),
                client_id: "desktop-chat".into(),
                scopes: vec!["openid".into(), "profile".into()],
            }),
            device: Some(Device {
                client_id: "desktop-device".into(),
                authorization: Some("http://127.0.0.1:9700/device/code".into()),
                token: Some("http://127.0.0.1:9700/token".into()),
                user: Some("http://127.0.0.1:9700/user".into()),
            }),
            token_origins: vec!["http://127.0.0.1:8000".into(), "https://api.example.org".into()],
            sign_in_port: Some(8123),
            network: Network {
                ca_file: Some("fleet-ca.pem".into()),
                proxy: Some("http://127.0.0.1:3128".into()),
                ..Network::default()
            },
        }
    }

    #[test]
    fn a_profile_with_everything_is_read_and_written() {
        assert_eq!(parse(FULL), Ok(full()));
        assert_eq!(to_toml(&full()), FULL);
    }

    #[test]
    fn what_is_left_out_takes_its_default() {
        let text =
            "name = 'x'\nmodels = [{ id = 'm', url = 'http://gpu', tier = 'fast' }]\n[network]\nidle_timeout_s = 9";
        let wanted = Profile {
            name: "x".into(),
            models: vec![ModelEntry {
                id: "m".into(),
                label: String::new(),
                url: "http://gpu".into(),
                tier: Tier::Fast,
                weight: 1.0,
                context: None,
                temperature: None,
                max_tokens: None,
            }],
            services: BTreeMap::new(),
            oidc: None,
            device: None,
            token_origins: Vec::new(),
            sign_in_port: None,
            network: Network { idle_timeout_s: 9, ..Network::default() },
        };
        assert_eq!(parse(text), Ok(wanted.clone()));
        assert_eq!(parse(&format!("\u{feff}{}", text.replace('\n', "\r\n"))), Ok(wanted));
    }

    #[test]
    fn complaints_name_field_and_line() {
        let model = "\n[[models]]\nid = 'm'\nurl = 'http://gpu/v1'\ntier = 'fast'\n";
        let cases: [(String, Option<&str>, &str); 17] = [
            (String::new(), Some("name"), "line 1: missing field `name`"),
            ("name = ".into(), None, "line 1: string values must be quoted, expected literal string"),
            ("name = 'a'\nname = 'b'".into(), None, "line 2: duplicate key"),
            ("\nname = 'a".into(), None, "line 2: invalid literal string, expected `'`"),
            ("name = 7\nmodels = []".into(), Some("name"), "line 1: invalid type: integer `7`, expected a string"),
            ("name = 'x'".into(), Some("models"), "line 1: missing field `models`"),
            ("name = 'x'\nmodels = []".into(), Some("models"), "line 2: must hold at least one model"),
            (
                "name = 'x'\n[[models]]\nid = 'm'\ntier = 'fast'".into(),
                Some("models[0].url"),
                "line 2: missing field `url`",
            ),
            (
                format!("name = 'x'\n{}", model.replace("fast", "quick")),
                Some("models[0].tier"),
                "line 6: unknown variant `quick`, expected one of `fast`, `code`, `complex`, `creative`",
            ),
            (
                format!("name = 'x'\n{model}wieght = 1"),
                Some("models[0].wieght"),
                "line 7: unknown field `wieght`, expected one of `id`, `label`, `url`, `tier`, `weight`, `context`, \
                 `temperature`, `max_tokens`",
            ),
            (
                format!("name = 'x'\n{model}{model}"),
                Some("models[1].id"),
                "line 9: is used by another model of this profile",
            ),
            (
                format!("name = 'x'\n{model}context = -1"),
                Some("models[0].context"),
                "line 7: invalid value: integer `-1`, expected u32",
            ),
            (
                format!("name = 'x'\n{}", model.replace("http://gpu", "http://a:b@gpu")),
                Some("models[0].url"),
                "line 5: must not hold a user name or password; keys are kept in the secret store",
            ),
            (
                format!("name = 'x'\n{model}[services]\nweb = 'http://gpu'"),
                Some("services"),
                "line 8: unknown variant `web`, expected one of `auth`, `consensus`, `backend`, `tts`, `mcp`, `rag`, `n8n`",
            ),
            (
                format!("name = 'x'\n{model}[services]\nauth = 'gpu'"),
                Some("services.auth"),
                "line 8: is not an address: relative URL without a base",
            ),
            (
                format!("name = 'x'\n{model}[network]\nconnect_timeout_s = 0"),
                Some("network.connect_timeout_s"),
                "line 8: must be from 1 to 86400",
            ),
            (
                format!(
                    "name = 'x'\n{model}[oidc]\nissuer = 'http://gpu'\nclient_id = 'c'\nscopes = ['ok',\n'not ok']"
                ),
                Some("oidc.scopes[1]"),
                "line 11: is not a scope",
            ),
        ];
        let found: Vec<_> = cases.iter().map(|(text, ..)| parse(text).unwrap_err()).collect();
        let wanted: Vec<_> = cases
            .iter()
            .map(|(_, field, detail)| AppError {
                code: ErrorCode::ProfileInvalid,
                detail: Some((*detail).into()),
                retry_after_ms: None,
                field: field.map(Into::into),
            })
            .collect();
        assert_eq!(found, wanted);
    }

    #[test]
    fn the_shipped_profiles_are_what_the_documentation_says() {
        let of = |text| {
            let profile: Profile = parse(text).unwrap();
            let models: Vec<_> =
                profile.models.iter().map(|m| (m.id.0.clone(), m.url.clone(), m.tier, m.weight)).collect();
            (profile.name, models)
        };
        let fleet = |host: &str| {
            let model =
                |id: &str, port, tier, weight| (id.to_owned(), format!("http://{host}:{port}/v1"), tier, weight);
            vec![
                model("gpt-oss-20b", 8000, Tier::Complex, 0.9),
                model("qwen2.5-coder:1.5b", 8002, Tier::Code, 0.8),
                model("phi4:mini", 8001, Tier::Fast, 0.7),
                model("mixtral", 8003, Tier::Creative, 0.6),
            ]
        };
        assert_eq!(of(crate::CAPIBARA6_TOML), ("Capibara6".into(), fleet("34.12.166.76")));
        assert_eq!(of(crate::LOCAL_TOML), ("Local".into(), fleet("127.0.0.1")));
    }

    fn name() -> impl Strategy<Value = String> {
        // Quotes, backslashes, accents, emoji, right-to-left: everything that a name may hold.
        prop::collection::vec(prop_oneof![Just('"'), Just('\''), Just('\\'), Just('#'), any::<char>()], 1..20)
            .prop_map(|chars| chars.into_iter().filter(|c| !c.is_control()).collect::<String>().trim().to_owned())
            .prop_filter("blank", |name| !name.is_empty())
    }

    prop_compose! {
        fn model()(
            id in name(), label in prop_oneof![Just(String::new()), name()], port in 1u16.., weight in 1e-9..1e9f64,
            tier in prop::sample::select(vec![Tier::Fast, Tier::Code, Tier::Complex, Tier::Creative]),
            context in prop::option::of(1u32..), temperature in prop::option::of(0.0..=2.0f64),
            max_tokens in prop::option::of(1u32..),
        ) -> ModelEntry {
            let url = format!("http://127.0.0.1:{port}/v1");
            ModelEntry { id: id.into(), label, url, tier, weight, context, temperature, max_tokens }
        }
    }

    prop_compose! {
        fn profile()(
            name in name(), models in prop::collection::vec(model(), 1..5),
            services in prop::collection::btree_map(
                prop::sample::select(vec![Service::Auth, Service::Rag, Service::N8n]), Just("http://gpu".to_owned()), 0..3),
            oidc in prop::option::of(name().prop_map(|client_id| Oidc {
                issuer: "https://id.example.org/realm".into(), client_id, scopes: vec!["openid".into()],
            })),
            device in prop::option::of(name().prop_map(|client_id| Device { client_id, ..Device::default() })),
            token_origins in prop::collection::vec((1u16..).prop_map(|port| format!("http://127.0.0.1:{port}")), 0..3),
            sign_in_port in prop::option::of(1u16..),
            ca_file in prop::option::of(name()), timeouts in (1u32..86_400, 1u32..86_400, 1u32..86_400),
        ) -> Profile {
            let (connect_timeout_s, first_token_timeout_s, idle_timeout_s) = timeouts;
            let network = Network { ca_file, proxy: None, connect_timeout_s, first_token_timeout_s, idle_timeout_s };
            Profile { name, models, services, oidc, device, token_origins, sign_in_port, network }
        }
    }

    proptest! {
        #[test]
        fn whatever_is_written_is_read_back(mut profile in profile()) {
            for (index, model) in profile.models.iter_mut().enumerate() {
                model.id.0.push_str(&index.to_string());
            }
            prop_assert_eq!(parse(&to_toml(&profile)), Ok(profile));
        }

        #[test]
        fn no_text_makes_reading_fail_otherwise_than_with_an_error(text in any::<String>()) {
            if let Err(error) = parse(&text) {
                prop_assert_eq!(error.code, ErrorCode::ProfileInvalid);
            }
        }
    }
}
