//! What the window may ask for: one function per command, one file per domain. A command reaches for the core, calls the
//! method of the same name and hands the result back; it decides nothing. The few that are the shell's own affair say so.
//!
//! The names stand in three places: `capibara6_protocol::COMMANDS`, the table below, and the permissions with the capability
//! that grants them. The test below proves that the three agree.

mod account;
mod backup;
mod chat;
mod consensus;
mod conversation;
mod encryption;
mod event;
mod health;
mod key;
mod organise;
mod platform;
mod profile;
mod search;
mod settings;
mod transfer;

/// Makes the handler of all commands, and the list of their names for the test.
macro_rules! commands {
    ($($domain:ident: $($name:ident)*;)*) => {
        /// Answers the commands of the window.
        pub fn handler() -> impl Fn(tauri::ipc::Invoke) -> bool + Send + Sync + 'static {
            tauri::generate_handler![$($($domain::$name),*),*]
        }

        /// Domains and commands, as registered.
        #[cfg(test)]
        const REGISTERED: &[(&str, &[&str])] = &[$((stringify!($domain), &[$(stringify!($name)),*])),*];
    };
}

commands! {
    backup: backup_list backup_create backup_preview backup_restore backup_delete backup_retention_set storage_report
        salvage_dismiss;
    platform: boot window_ready about diagnostics link_open;
    event: events_subscribe;
    settings: settings_get settings_set;
    profile: profile_list profile_select profile_read profile_save profile_delete profile_test servers_scan;
    health: health health_refresh;
    key: key_states key_set key_clear;
    account: account_state account_switch account_leave account_forget sign_in_begin sign_in_open_again sign_in_link sign_in_cancel
        sign_in_confirm sign_out secret_keeping_check secret_keeping_set vault_unlock vault_discard plain_consent_set;
    conversation: conversation_list conversation_open conversation_rename conversation_pin conversation_delete
        conversation_restore conversation_select;
    transfer: export_begin import_begin transfer_list transfer_cancel transfer_reveal conversation_print;
    organise: conversation_duplicate conversation_branch conversations_move conversations_archive conversations_pin
        conversations_delete conversations_restore conversations_purge conversations_merge project_list project_create
        project_rename project_move project_delete project_restore;
    search: search search_marks search_state search_rebuild;
    encryption: encryption_state encryption_list encryption_enable encryption_disable encryption_unlock encryption_passphrase_set;
    consensus: consensus_begin consensus_ask_others consensus_run consensus_list consensus_record consensus_answers
        consensus_stop_candidate consensus_stop consensus_choose consensus_give_back consensus_weights
        consensus_weights_set model_stats;
    chat: chat_send chat_edit chat_regenerate chat_continue chat_stop;
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::path::PathBuf;

    use super::REGISTERED;

    #[derive(serde::Deserialize)]
    struct PermissionFile {
        permission: Vec<Permission>,
    }

    #[derive(serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Permission {
        identifier: String,
        description: String,
        commands: Commands,
    }

    #[derive(serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Commands {
        allow: Vec<String>,
    }

    #[derive(serde::Deserialize)]
    struct Capability {
        windows: Vec<String>,
        permissions: Vec<String>,
    }

    fn folder(name: &str) -> PathBuf {
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src-tauri").join(name)
    }

    /// What the protocol declares, and the channel, which is a command as well.
    fn declared() -> BTreeSet<String> {
        capibara6_protocol::COMMANDS.iter().copied().chain(["events_subscribe"]).map(str::to_owned).collect()
    }

    fn permission_of(command: &str) -> String {
        format!("allow-{}", command.replace('_', "-"))
    }

    #[test]
    fn every_declared_command_is_registered() {
        let registered: BTreeSet<String> =
            REGISTERED.iter().flat_map(|(_, names)| names.iter()).map(ToString::to_string).collect();
        assert_eq!(registered, declared());
    }

    #[test]
    fn every_command_has_one_permission_in_the_file_of_its_domain() {
        let mut expected = BTreeMap::new();
        for (domain, names) in REGISTERED {
            for name in *names {
                expected.insert(permission_of(name), (format!("{domain}.toml"), vec![name.to_string()]));
            }
        }
        let mut found = BTreeMap::new();
        for entry in std::fs::read_dir(folder("permissions")).expect("a folder") {
            let path = entry.expect("a file").path();
            let text = std::fs::read_to_string(&path).expect("a text");
            let file: PermissionFile = toml::from_str(&text).expect("permissions");
            for permission in file.permission {
                assert!(!permission.description.is_empty(), "{}", permission.identifier);
                let name = path.file_name().expect("a name").to_string_lossy().into_owned();
                let before = found.insert(permission.identifier, (name, permission.commands.allow));
                assert_eq!(before, None);
            }
        }
        assert_eq!(found, expected);
    }

    /// The notification plugin puts a script into the page that asks this at every load, whatever the window does; refused, it
    /// would be an unhandled rejection in every page. It tells nothing and shows nothing.
    const ASKED_BY_A_PLUGIN: &str = "notification:allow-is-permission-granted";

    #[test]
    fn the_window_is_granted_the_commands_and_nothing_else() {
        let mut granted = BTreeSet::new();
        for entry in std::fs::read_dir(folder("capabilities")).expect("a folder") {
            let text = std::fs::read_to_string(entry.expect("a file").path()).expect("a text");
            let capability: Capability = serde_json::from_str(&text).expect("a capability");
            assert_eq!(capability.windows, [crate::window::LABEL]);
            granted.extend(capability.permissions);
        }
        let mut expected: BTreeSet<String> = declared().iter().map(|command| permission_of(command)).collect();
        expected.insert(ASKED_BY_A_PLUGIN.to_owned());
        assert_eq!(granted, expected);
    }
}
