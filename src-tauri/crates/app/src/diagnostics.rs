//! Text for a bug report: versions, the profile without secrets, how the endpoints do, the last log lines. All of it goes
//! through the redaction of the logs once more, because people paste it where others read it. It holds no word of any
//! conversation.

use std::fmt::Write as _;

use capibara6_protocol::{About, EndpointState, ErrorCode, ProfileView};

/// How many of the last log lines are shown.
pub const LOG_LINES: usize = 200;

/// What a report is made of.
pub struct Report<'a> {
    /// Versions.
    pub about: &'a About,
    /// The profile in use.
    pub profile: Option<&'a ProfileView>,
    /// How its endpoints do.
    pub endpoints: &'a [EndpointState],
    /// Why history cannot be written, when it cannot.
    pub storage_trouble: Option<ErrorCode>,
    /// The last log lines.
    pub log: &'a str,
}

impl Report<'_> {
    /// The report as Markdown.
    pub fn text(&self) -> String {
        let mut out = String::new();
        // Writing into a string cannot fail.
        let _ = self.write(&mut out);
        capibara6_logging::redact(&out).into_owned()
    }

    fn write(&self, out: &mut String) -> std::fmt::Result {
        let About { version, commit, tauri, webview, sqlite, system, data_directory } = self.about;
        writeln!(out, "## Capibara6 Desktop {version}\n")?;
        for (name, value) in [
            ("commit", commit),
            ("tauri", tauri),
            ("webview", webview),
            ("sqlite", sqlite),
            ("system", system),
            ("data", data_directory),
        ] {
            writeln!(out, "- {name}: {}", if value.is_empty() { "–" } else { value })?;
        }
        if let Some(code) = self.storage_trouble {
            writeln!(out, "- storage: {}", word(code))?;
        }
        match self.profile {
            Some(view) => {
                let origin = word(view.origin);
                writeln!(out, "\n## Profile {} ({origin})\n\n```toml", view.id)?;
                writeln!(out, "{}```", capibara6_profile::to_toml(&view.profile))?;
            }
            None => writeln!(out, "\n## No profile")?,
        }
        writeln!(out, "\n## Endpoints\n")?;
        for endpoint in self.endpoints {
            let code = endpoint.code.map(word).unwrap_or_default();
            let latency = endpoint.latency_ms.map(|ms| format!("{ms} ms")).unwrap_or_default();
            let state = word(endpoint.state);
            writeln!(out, "- {}: {state} {code} {latency} since {}", endpoint.model, endpoint.since)?;
        }
        writeln!(out, "\n## Log\n\n```\n{}\n```", self.log.trim_end())
    }
}

/// A value as it is called on the wire.
fn word(value: impl serde::Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use capibara6_protocol::{EndpointHealth, ProfileOrigin};

    use super::*;

    #[test]
    fn the_report_says_what_is_needed_and_no_secret() {
        let about = About {
            version: "1.2.3".to_owned(),
            commit: String::new(),
            tauri: "2.12".to_owned(),
            webview: "WebKitGTK 2.50".to_owned(),
            sqlite: "3.50".to_owned(),
            system: "linux x86_64".to_owned(),
            data_directory: "/home/ana/.local/share/capibara6".to_owned(),
        };
        let mut profile = capibara6_profile::local().unwrap();
        profile.models.truncate(1);
        let model = profile.models[0].id.clone();
        let view = ProfileView { id: "local".into(), origin: ProfileOrigin::Example, profile, insecure: Vec::new() };
        let endpoints = [EndpointState {
            model,
            label: "GPT".to_owned(),
            state: EndpointHealth::Down,
            since: 7,
            latency_ms: None,
            code: Some(ErrorCode::TimeoutConnect),
            served: Vec::new(),
            scripted: false,
        }];
        let report = Report {
            about: &about,
            profile: Some(&view),
            endpoints: &endpoints,
            storage_trouble: Some(ErrorCode::StorageFull),
            log: "INFO request Authorization: Bearer sk-abcdefghijklmnopqrstuvwx\n",
        };
        let text = report.text();
        assert!(!text.contains("sk-abcdefghijklmnopqrstuvwx"), "{text}");
        insta::assert_snapshot!(text);
    }
}
