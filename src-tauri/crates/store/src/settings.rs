//! The settings: one row per field, so that a field that cannot be read costs itself and nothing else, and a field that
//! only a newer version knows is kept.

use capibara6_protocol::Settings;
use serde_json::{Map, Value};
use sqlx::Row as _;

use crate::Store;
use crate::error::{Result, StoreError};

/// Sizes of type, in percent, with which the settings can still be used.
const TYPE_SIZES: std::ops::RangeInclusive<u16> = 80..=160;

impl Store {
    /// What the user has set. What is missing, unknown or broken is as delivered, field by field, and in a table entry
    /// by entry.
    ///
    /// # Errors
    /// Only where the database cannot be read.
    pub async fn settings(&self) -> Result<Settings> {
        let rows = self
            .read(async |reader| Ok(sqlx::query("SELECT key, value FROM setting").fetch_all(reader).await?))
            .await?;
        let stored = rows.iter().filter_map(|row| {
            let value = serde_json::from_str(row.try_get::<&str, _>("value").ok()?).ok()?;
            Some((row.try_get::<String, _>("key").ok()?, value))
        });
        Ok(read(stored.collect()))
    }

    /// Replaces what the user has set.
    ///
    /// # Errors
    /// Only those of writing.
    pub async fn set_settings(&self, settings: &Settings) -> Result<()> {
        let Ok(Value::Object(fields)) = serde_json::to_value(settings) else {
            return Err(StoreError::Failed("settings are not an object".to_owned()));
        };
        self.write(async |writer| {
            // A field that is absent now was set to nothing; a field that this version does not know is not ours.
            for field in optional_fields() {
                sqlx::query("DELETE FROM setting WHERE key = ?1").bind(field).execute(&mut *writer).await?;
            }
            for (field, value) in &fields {
                sqlx::query("INSERT OR REPLACE INTO setting (key, value) VALUES (?1, ?2)")
                    .bind(field.as_str())
                    .bind(value.to_string())
                    .execute(&mut *writer)
                    .await?;
            }
            Ok(())
        })
        .await
    }
}

/// The fields that are not written where they are empty.
const fn optional_fields() -> [&'static str; 3] {
    ["locale", "profile", "model"]
}

fn read(stored: Map<String, Value>) -> Settings {
    let fits = |candidate: &Value| serde_json::from_value::<Settings>(candidate.clone()).is_ok();
    let salvaged = salvage(Value::Object(stored), &fits).unwrap_or_default();
    let mut settings: Settings = serde_json::from_value(salvaged).unwrap_or_default();
    if !TYPE_SIZES.contains(&settings.type_size) {
        settings.type_size = Settings::default().type_size;
    }
    settings
}

/// As much of a value as fits: all of it, or those of its entries (and of theirs) that do.
fn salvage(value: Value, fits: &dyn Fn(&Value) -> bool) -> Option<Value> {
    if fits(&value) {
        return Some(value);
    }
    match value {
        Value::Object(entries) => {
            let mut kept = Map::new();
            for (name, entry) in entries {
                let with = |entry: &Value| {
                    let mut candidate = kept.clone();
                    candidate.insert(name.clone(), entry.clone());
                    Value::Object(candidate)
                };
                if let Some(entry) = salvage(entry, &|entry| fits(&with(entry))) {
                    kept.insert(name, entry);
                }
            }
            Some(Value::Object(kept)).filter(|kept| fits(kept))
        }
        Value::Array(entries) => {
            let kept = entries.into_iter().filter(|entry| fits(&Value::Array(vec![entry.clone()]))).collect();
            Some(Value::Array(kept)).filter(|kept| fits(kept))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use capibara6_protocol::{ConsensusSettings, KeepIn, Mode, Parameters, Theme};
    use serde_json::json;

    use super::*;

    fn read_json(stored: Value) -> Settings {
        let Value::Object(stored) = stored else { panic!("an object") };
        read(stored)
    }

    #[test]
    fn nothing_stored_is_as_delivered() {
        assert_eq!(read(Map::new()), Settings::default());
    }

    #[test]
    fn a_broken_field_costs_itself() {
        let settings = read_json(json!({
            "theme": "sepia", "type_size": "large", "notify": false, "locale": "es", "mode": 7, "hologram": {"on": true},
            "parameters": {
                "phi4:mini": {"temperature": 0.2, "top_p": "most", "stop": ["END", 3]},
                "mixtral": 5,
            },
            "dismissed_warnings": ["fleet", null],
        }));
        let parameters = Parameters { temperature: Some(0.2), stop: vec!["END".into()], ..Parameters::default() };
        assert_eq!(
            settings,
            Settings {
                notify: false,
                locale: Some("es".into()),
                parameters: BTreeMap::from([("phi4:mini".into(), parameters)]),
                dismissed_warnings: vec!["fleet".into()],
                ..Settings::default()
            }
        );
    }

    #[test]
    fn a_type_size_that_hides_the_settings_is_not_taken() {
        for type_size in [0, 79, 161, u16::MAX] {
            assert_eq!(read_json(json!({"type_size": type_size})), Settings::default());
        }
        assert_eq!(read_json(json!({"type_size": 160})), Settings { type_size: 160, ..Settings::default() });
    }

    #[test]
    fn the_fields_that_can_be_absent_are_known() {
        let full = Settings {
            locale: Some("ca".into()),
            theme: Theme::Dark,
            type_size: 120,
            model_titles: true,
            notify: false,
            profile: Some("fleet".into()),
            mode: Mode::Single,
            model: Some("mixtral".into()),
            parameters: BTreeMap::from([("mixtral".into(), Parameters::default())]),
            keep_secrets: KeepIn::Vault,
            plain_consents: Vec::new(),
            dismissed_warnings: vec!["fleet".into()],
            consensus: ConsensusSettings::default(),
        };
        let fields =
            |settings: &Settings| serde_json::to_value(settings).expect("JSON").as_object().expect("an object").clone();
        let sparse = fields(&Settings::default());
        // Sets: the order of an object's fields depends on what else is built with serde_json.
        let absent: BTreeSet<String> =
            fields(&full).keys().filter(|field| !sparse.contains_key(*field)).cloned().collect();
        assert_eq!(absent, BTreeSet::from(optional_fields().map(str::to_owned)));
    }
}
