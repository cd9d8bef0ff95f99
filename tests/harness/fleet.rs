//! Model servers in the test's own process, and the profile that leads the program to them.

use std::fmt::Write;

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

/// Servers.
#[derive(Debug)]
pub struct Fleet;
