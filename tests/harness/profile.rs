//! Profiles for the program under test: which models there are and where.

use capibara6_testkit::ModelServer;
use std::fmt::Write;

/// The model that most journeys ask.
pub const MODEL: &str = "phi4:mini";

/// The TOML of a profile with these models: id, base address, tier.
pub fn profile_of(models: &[(&str, &str, &str)]) -> String {
    let mut toml = String::from("name = \"Journey\"\n");
    for (id, url, tier) in models {
        write!(
            toml,
            "\n[[models]]\nid = \"{id}\"\nlabel = \"{id}\"\nurl = \"{url}\"\ntier = \"{tier}\"\nweight = 0.7\n"
        )
        .expect("a string can be written to");
    }
    toml
}

/// The TOML of a profile with the one model of a server, for short questions.
pub(crate) fn profile_for(server: &ModelServer) -> String {
    let model = server.models().first().expect("a server has a model");
    profile_of(&[(model, &server.url(), "fast")])
}
