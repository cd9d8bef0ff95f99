//! Use cases of the desktop client: what the commands call.
