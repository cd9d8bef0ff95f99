//! The secret store: where keys live and how its states are told apart.
