//! Several model servers and the profile that leads to them.

use std::path::Path;

use capibara6_protocol::{ModelEntry, Network, Profile, Tier};

use crate::script::Script;
use crate::server::ModelServer;

/// The default models with their tiers and weights.
pub const DEFAULT_MODELS: [(&str, Tier, f64); 4] = [
    ("gpt-oss-20b", Tier::Complex, 0.9),
    ("qwen2.5-coder:1.5b", Tier::Code, 0.8),
    ("phi4:mini", Tier::Fast, 0.7),
    ("mixtral", Tier::Creative, 0.6),
];

/// One server per model. All stop when it is dropped.
#[derive(Debug)]
pub struct Fleet {
    servers: Vec<(ModelServer, Tier, f64)>,
}

impl Fleet {
    /// Starts the four default models, their chats waiting. `Fleet::start().await`
    pub async fn start() -> Self {
        let mut servers = Vec::new();
        for (model, tier, weight) in DEFAULT_MODELS {
            servers.push((ModelServer::start(&[model]).await, tier, weight));
        }
        Self { servers }
    }

    /// Starts these models, answering by themselves. `Fleet::scripted(&["phi4:mini"], &Script::tokens(9)).await`
    ///
    /// A model that is not one of the defaults gets the tier that is next in line and weight 0.5.
    pub async fn scripted(models: &[&str], script: &Script) -> Self {
        let mut servers = Vec::new();
        for (index, model) in models.iter().enumerate() {
            let known = DEFAULT_MODELS.iter().find(|(id, ..)| id == model);
            let (tier, weight) =
                known.map_or_else(|| (DEFAULT_MODELS[index % 4].1, 0.5), |(_, tier, weight)| (*tier, *weight));
            servers.push((ModelServer::scripted(&[model], script.clone()).await, tier, weight));
        }
        Self { servers }
    }

    /// The server of a model. `fleet.server("phi4:mini")`
    ///
    /// # Panics
    /// When no server has the model.
    pub fn server(&self, model: &str) -> &ModelServer {
        let found = self.servers().find(|server| server.models().iter().any(|served| served == model));
        found.unwrap_or_else(|| panic!("no server has {model}"))
    }

    /// The servers in the profile's order.
    pub fn servers(&self) -> impl Iterator<Item = &ModelServer> {
        self.servers.iter().map(|(server, ..)| server)
    }

    /// The profile that leads to them.
    pub fn profile(&self) -> Profile {
        let models = self
            .servers
            .iter()
            .flat_map(|(server, tier, weight)| {
                server.models().iter().map(|model| ModelEntry {
                    id: model.as_str().into(),
                    label: String::new(),
                    url: server.url(),
                    tier: *tier,
                    weight: *weight,
                    context: None,
                    temperature: None,
                    max_tokens: None,
                })
            })
            .collect();
        Profile {
            name: "Test kit".to_owned(),
            models,
            services: Default::default(),
            oidc: None,
            device: None,
            token_origins: Vec::new(),
            sign_in_port: None,
            network: Network::default(),
        }
    }

    /// Writes the profile as TOML. `fleet.write_profile(&home.join("config/profiles/kit.toml"))`
    ///
    /// # Panics
    /// When it cannot be written.
    pub fn write_profile(&self, path: &Path) {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).expect("a folder for the profile");
        }
        std::fs::write(path, self.profile_text()).expect("the profile is written");
    }

    /// A profile with all of them, as its file holds it.
    pub fn profile_text(&self) -> String {
        capibara6_profile::to_toml(&self.profile())
    }
}
