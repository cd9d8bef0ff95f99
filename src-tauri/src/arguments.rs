//! The command line. Without a subcommand the program opens its window, so there is little to say here yet; it never guesses:
//! an argument that is not known is an error, not something to be ignored.

use std::ffi::OsString;

/// What the command line asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Invocation {
    /// Open the window.
    Window,
    /// Print the version.
    Version,
    /// Print what can be asked for.
    Help,
    /// Something that is not known, as it was written.
    Unknown(String),
}

impl Invocation {
    /// Reads the arguments after the program's name. The first one that is unknown decides, then `--help`, then `--version`.
    pub fn read(arguments: impl IntoIterator<Item = OsString>) -> Self {
        let mut invocation = Self::Window;
        for argument in arguments {
            let asked = match argument.to_str() {
                Some("--version" | "-V") => Self::Version,
                Some("--help" | "-h") => Self::Help,
                // Older versions of the macOS Finder pass a process serial number to everything they open.
                Some(serial) if cfg!(target_os = "macos") && serial.starts_with("-psn_") => continue,
                _ => return Self::Unknown(argument.to_string_lossy().into_owned()),
            };
            if invocation != Self::Help {
                invocation = asked;
            }
        }
        invocation
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(arguments: &[&str]) -> Invocation {
        Invocation::read(arguments.iter().map(OsString::from))
    }

    #[test]
    fn each_argument_has_one_meaning() {
        let cases = [
            (vec![], Invocation::Window),
            (vec!["--version"], Invocation::Version),
            (vec!["-V"], Invocation::Version),
            (vec!["--help"], Invocation::Help),
            (vec!["-h"], Invocation::Help),
            (vec!["--version", "--help"], Invocation::Help),
            (vec!["--help", "--version"], Invocation::Help),
            (vec!["--verbose"], Invocation::Unknown("--verbose".into())),
            (vec!["--help", "export"], Invocation::Unknown("export".into())),
            (vec![""], Invocation::Unknown(String::new())),
        ];
        for (arguments, expected) in cases {
            assert_eq!(read(&arguments), expected, "{arguments:?}");
        }
    }
}
