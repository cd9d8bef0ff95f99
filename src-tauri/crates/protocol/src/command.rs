//! The commands: each with one request and one response, declared here once.
//!
//! The shell implements every name in [`COMMANDS`], its permissions list the same names, and `ui/src/bridge/types.d.ts`
//! holds the same table for the window; tests prove that the three agree. A command takes one argument, `request`.

use crate::*;

macro_rules! commands {
    ($($(#[doc = $doc:literal])* $name:ident ( $request:ty ) -> $response:ty;)*) => {
        /// The names of all commands.
        pub const COMMANDS: &[&str] = &[$(stringify!($name)),*];

        /// The table of commands as a TypeScript interface.
        pub(crate) fn commands_typescript(config: &ts_rs::Config) -> String {
            use ts_rs::TS;
            let mut out = String::from("/** The commands of the bridge: what each takes and gives. */\nexport interface Commands {\n");
            $(
                $(out.push_str(concat!("  /**", $doc, " */\n"));)*
                out.push_str(&format!(
                    "  {}: {{ request: {}; response: {} }};\n",
                    stringify!($name), <$request as TS>::name(config), <$response as TS>::name(config),
                ));
            )*
            out.push_str("}\n");
            out
        }

        /// Shows a visitor every type that a command takes or gives.
        pub(crate) fn visit_commands(visitor: &mut impl ts_rs::TypeVisitor) {
            $(
                visitor.visit::<$request>();
                visitor.visit::<$response>();
            )*
        }
    };
}

commands! {
    /// What the window needs before it can be used.
    boot(()) -> Boot;
    /// The window can be used: ends the measured start. Idempotent.
    window_ready(()) -> ();
    /// Versions.
    about(()) -> About;
    /// Text for a bug report: versions, profile without secrets, endpoint states, last log lines.
    diagnostics(()) -> String;
    /// Opens a link in the system's browser.
    link_open(LinkOpen) -> ();

    /// All settings.
    settings_get(()) -> Settings;
    /// Replaces all settings but the profile.
    settings_set(Settings) -> Settings;

    /// The profiles at hand.
    profile_list(()) -> Vec<ProfileOption>;
    /// Uses a profile from now on.
    profile_select(ProfileRef) -> ProfileView;
    /// Reads a profile, to edit or copy it.
    profile_read(ProfileRef) -> ProfileView;
    /// Writes a profile of the user's own.
    profile_save(ProfileSave) -> ProfileOption;
    /// Removes a profile of the user's own.
    profile_delete(ProfileRef) -> ();
    /// Asks every model's address what it serves.
    profile_test(Profile) -> Vec<EndpointTest>;
    /// Looks for servers on this computer: loopback only, and only on this request.
    servers_scan(()) -> Vec<FoundServer>;

    /// The states of the active profile's endpoints.
    health(()) -> Vec<EndpointState>;
    /// Asks the endpoints again now.
    health_refresh(()) -> ();

    /// Which endpoints have a key.
    key_states(()) -> KeyStates;
    /// Stores a key.
    key_set(KeySet) -> KeyStates;
    /// Removes a key.
    key_clear(ModelRef) -> KeyStates;

    /// Everything about accounts; waits for nothing.
    account_state(()) -> Accounts;
    /// Makes another account the active one, with its history.
    account_switch(AccountRef) -> Accounts;
    /// Opens the history of nobody in particular; whoever was signed in stays so.
    account_leave(()) -> Accounts;
    /// Forgets an account on this computer; where it is the active one, it is signed out before.
    account_forget(AccountForget) -> Accounts;
    /// Starts an attempt to sign in and opens the browser. What becomes of it is told by `sign-in-changed`.
    sign_in_begin(SignInBegin) -> SignInAttempt;
    /// Opens the browser again.
    sign_in_open_again(()) -> ();
    /// The link that the browser opens, to be copied. Whoever has it can take part in this attempt and in no other.
    sign_in_link(()) -> String;
    /// Gives the attempt up, or puts away that it failed. Nothing happens where there is none.
    sign_in_cancel(()) -> ();
    /// The person who arrived is the user: signs them in and opens their history.
    sign_in_confirm(()) -> SignedIn;
    /// Ends an account's session, removes its secret and closes its history.
    sign_out(AccountRef) -> SignedOut;
    /// Asks the secret store again how it does: takes up to some seconds.
    secret_keeping_check(()) -> Accounts;
    /// Chooses where secrets are kept.
    secret_keeping_set(SecretKeepingSet) -> Accounts;
    /// Opens the vault with its passphrase and takes up the session in it.
    vault_unlock(VaultUnlock) -> Accounts;
    /// Deletes a vault that is closed, with all that is in it.
    vault_discard(()) -> Accounts;
    /// Lets credentials go unencrypted to an address on another computer, or takes that back.
    plain_consent_set(PlainConsentSet) -> Accounts;

    /// A page of conversations.
    conversation_list(ConversationList) -> ConversationPage;
    /// A stretch of a conversation.
    conversation_open(ConversationOpen) -> ConversationView;
    /// Changes a title.
    conversation_rename(ConversationRename) -> ConversationSummary;
    /// Pins or unpins.
    conversation_pin(ConversationPin) -> ConversationSummary;
    /// Removes a conversation from the list; `conversation_restore` brings it back.
    conversation_delete(ConversationRef) -> ();
    /// Brings a deleted conversation back.
    conversation_restore(ConversationRef) -> ConversationSummary;
    /// Shows another version: makes the branch through this message the active one.
    conversation_select(MessageRef) -> ConversationView;

    /// Writes conversations to a place that the user is asked for.
    export_begin(ExportRequest) -> TransferBegun;
    /// Brings in conversations from files that the user is asked for, or has dropped on the window.
    import_begin(ImportRequest) -> TransferBegun;
    /// The exports and imports of this run of the program, oldest first.
    transfer_list(()) -> Vec<Transfer>;
    /// Ends an export or import; what it did so far stays.
    transfer_cancel(TransferRef) -> ();
    /// Shows what was written in the system's file manager.
    transfer_reveal(TransferRef) -> ();
    /// Opens the system's print dialog for the branch of a conversation that is shown (where it can also become a PDF).
    conversation_print(ConversationRef) -> ();

    /// Makes another conversation with the same messages, all versions among them.
    conversation_duplicate(ConversationDuplicate) -> ConversationSummary;
    /// Makes another conversation with everything up to this message, as it stands on its branch.
    conversation_branch(MessageRef) -> ConversationSummary;
    /// Puts conversations into a project or takes them out.
    conversations_move(ConversationsMove) -> Vec<ConversationSummary>;
    /// Archives conversations or takes them out of the archive.
    conversations_archive(ConversationsArchive) -> Vec<ConversationSummary>;
    /// Pins or unpins conversations.
    conversations_pin(ConversationsPin) -> Vec<ConversationSummary>;
    /// Removes conversations from the list; `conversations_restore` brings them back.
    conversations_delete(ConversationsRef) -> ();
    /// Brings deleted conversations back.
    conversations_restore(ConversationsRef) -> Vec<ConversationSummary>;
    /// Removes deleted conversations for good, their words from the disk as well. Cannot be undone.
    conversations_purge(ConversationsRef) -> ();
    /// Makes one conversation out of several. Undone by deleting it and restoring the sources.
    conversations_merge(ConversationsMerge) -> ConversationSummary;

    /// The projects in their order.
    project_list(()) -> Vec<Project>;
    /// Makes a project.
    project_create(ProjectCreate) -> Project;
    /// Changes a project's name.
    project_rename(ProjectRename) -> Project;
    /// Moves a project in the list.
    project_move(ProjectMove) -> Vec<Project>;
    /// Removes a project; its conversations stay, in no project. `project_restore` brings it back with those of them that
    /// are still in none.
    project_delete(ProjectRef) -> ();
    /// Brings a deleted project back.
    project_restore(ProjectRef) -> Project;

    /// Finds what was said.
    search(SearchQuery) -> SearchPage;
    /// What a query would mark in texts: for each of them the stretches, in order, at most 2,000.
    search_marks(SearchMarks) -> Vec<Vec<TextSpan>>;
    /// How far the index is.
    search_state(()) -> SearchState;
    /// Makes the index anew from the messages. What is not yet in it is not found meanwhile.
    search_rebuild(()) -> ();

    /// Asks.
    chat_send(ChatSend) -> ChatStarted;
    /// Asks in other words.
    chat_edit(ChatEdit) -> ChatStarted;
    /// Answers again.
    chat_regenerate(ChatRegenerate) -> ChatStarted;
    /// Goes on with an answer that was interrupted, stopped or cut short, in the same message.
    chat_continue(MessageRef) -> ChatStarted;
    /// Stops an answer.
    chat_stop(MessageRef) -> ();

    /// Asks several models at once.
    consensus_begin(ConsensusAsk) -> ConsensusStarted;
    /// Asks the others what one has answered already.
    consensus_ask_others(ConsensusAskOthers) -> ConsensusStarted;
    /// A run as it stands.
    consensus_run(ConsensusRef) -> ConsensusRun;
    /// The runs of a conversation, oldest first.
    consensus_list(ConversationRef) -> Vec<ConsensusRun>;
    /// Prompts, orders, seed and resemblances of a run.
    consensus_record(ConsensusRef) -> ConsensusRecord;
    /// The answers of a run: its candidates in the order of the slots, then what was written from them.
    consensus_answers(ConsensusRef) -> Vec<Message>;
    /// Stops one candidate; the others go on.
    consensus_stop_candidate(ConsensusSlotRef) -> ();
    /// Stops all that are not done: what is there decides.
    consensus_stop(ConsensusRef) -> ();
    /// The user's own verdict: this candidate continues the conversation, and weights learn from it.
    consensus_choose(ConsensusSlotRef) -> ConsensusRun;
    /// Takes the user's own verdict back: the method's counts again, and nothing is learned from it.
    consensus_give_back(ConsensusRef) -> ConsensusRun;
    /// What was learned from the user's own verdicts.
    consensus_weights(()) -> LearnedWeights;
    /// Sets a learned weight by hand, or gives it back.
    consensus_weights_set(LearnedWeightSet) -> LearnedWeights;
    /// What was measured of models and endpoints.
    model_stats(ModelStatsAsk) -> ModelStats;

    /// How the open history lies on disk.
    encryption_state(()) -> Encryption;
    /// How every history of this computer lies on disk: nobody's in particular first. Waits a moment for the secret store.
    encryption_list(()) -> Vec<HistoryLock>;
    /// Encrypts the open history.
    encryption_enable(EncryptionEnable) -> Encryption;
    /// Takes the encryption of the open history away.
    encryption_disable(()) -> Encryption;
    /// Opens an encrypted history.
    encryption_unlock(EncryptionUnlock) -> Encryption;
    /// Changes the recovery passphrase.
    encryption_passphrase_set(EncryptionPassphraseSet) -> Encryption;

    /// The backups at hand.
    backup_list(()) -> Backups;
    /// Makes a backup now, and gives it once it was read from end to end.
    backup_create(()) -> BackupEntry;
    /// What a backup holds: reads all of it, which takes seconds where it is large.
    backup_preview(BackupRef) -> BackupPreview;
    /// Puts a backup in the place of the history, after a backup of the history. Answers that are being written end before.
    backup_restore(BackupRef) -> BackupEntry;
    /// Removes a backup.
    backup_delete(BackupRef) -> Backups;
    /// Changes how long backups are kept; what is no longer wanted is removed at once.
    backup_retention_set(Retention) -> Backups;
    /// What the disk holds of the history, and what was saved of a damaged one.
    storage_report(()) -> StorageReport;
    /// The report about a damaged history was read. The files that were set aside stay.
    salvage_dismiss(()) -> ();
}
