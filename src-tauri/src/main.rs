//! The program. Everything it does is in the library, so that tests can reach it.

// A window on Windows, not a console with a window beside it.
#![cfg_attr(all(windows, not(debug_assertions)), windows_subsystem = "windows")]

fn main() -> std::process::ExitCode {
    capibara6_shell::main()
}
