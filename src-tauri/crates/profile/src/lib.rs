//! Profiles: which models and services a fleet has, read from and written to TOML.
