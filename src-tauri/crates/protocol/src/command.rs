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
}
