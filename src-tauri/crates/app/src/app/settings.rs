//! What the user has set. Most of it is the program's and stands in the signed-out space's database, so that the window
//! looks the same whoever is signed in; what holds the user's own words and choices (see [`settings::of_space`]) is the
//! space's.

use capibara6_protocol::*;

use super::{App, lock};
use crate::settings;
use crate::spaces::{Opened, Space, Spaces};

/// Where the settings are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Kept {
    #[default]
    OnDisk,
    /// They could not be written.
    InMemory,
}

impl App {
    /// All settings.
    pub async fn settings_get(&self) -> Result<Settings, AppError> {
        Ok(self.settings().clone())
    }

    /// Replaces all settings but those that have commands of their own. Where they cannot be written they hold until the end of the program, and the
    /// window is told.
    pub async fn settings_set(&self, request: Settings) -> Result<Settings, AppError> {
        settings::check(&request)?;
        let change = |settings: &mut Settings| {
            *settings = Settings {
                profile: settings.profile.take(),
                keep_secrets: settings.keep_secrets,
                plain_consents: std::mem::take(&mut settings.plain_consents),
                ..request
            };
        };
        Ok(self.change_settings(change).await)
    }

    pub(super) async fn change_settings(&self, change: impl FnOnce(&mut Settings)) -> Settings {
        // One change after the other, so that what is written last is what was set last.
        let mut kept = self.inner.settings_turn.lock().await;
        let opened = self.inner.spaces.opened();
        let account = opened.filter(|opened| opened.space != Space::SignedOut).map(|opened| opened.history);
        let changed = {
            let mut settings = self.settings();
            change(&mut settings);
            settings.clone()
        };
        let program = {
            let mut program = lock(&self.inner.program_settings);
            *program = match &account {
                Some(_) => settings::of_space(&changed, &program),
                None => changed.clone(),
            };
            program.clone()
        };
        let mut written = match self.inner.spaces.program() {
            Ok(store) => store.set_settings(&program).await.map_err(AppError::from),
            Err(error) => Err(error),
        };
        // What cannot be written into a locked history of nobody's stands in the open one meanwhile.
        let aside = written.as_ref().is_err_and(|error| error.code == ErrorCode::HistoryLocked);
        match account {
            Some(Ok(history)) if written.is_ok() || aside => {
                written = history.store.set_settings(&changed).await.map_err(AppError::from);
            }
            Some(Err(error)) => written = written.and(Err(error)),
            Some(Ok(_)) | None => {}
        }
        let before = std::mem::replace(&mut *kept, if written.is_ok() { Kept::OnDisk } else { Kept::InMemory });
        drop(kept);
        match written {
            Err(error) => {
                tracing::warn!(%error, "the settings are not on disk");
                self.inner.frames.send(Event::StorageTrouble { error });
            }
            // What was told is over, unless the answers have trouble of their own.
            Ok(()) if before == Kept::InMemory && self.inner.spaces.trouble().is_none() => {
                self.inner.frames.send(Event::StorageRecovered);
            }
            Ok(()) => {}
        }
        changed
    }

    /// Reads again what the program's database says. The profile that is in use stays so, and what the user decided about
    /// their credentials is not a backup's to change.
    pub(super) async fn read_program_settings(&self) {
        let in_use = self.inner.fleets.current().map(|fleet| fleet.view.id.clone());
        let read = read(&self.inner.spaces, in_use).await;
        let mut program = lock(&self.inner.program_settings);
        *program = Settings {
            keep_secrets: program.keep_secrets,
            plain_consents: std::mem::take(&mut program.plain_consents),
            ..read
        };
    }

    /// Reads for the first time what the program's database says, which was locked at the start: all of it holds, but a
    /// profile that is in use stays so.
    pub(super) async fn take_up_program_settings(&self) {
        let in_use = self.inner.fleets.current().map(|fleet| fleet.view.id.clone());
        let read = read(&self.inner.spaces, in_use).await;
        self.inner.accounts.keeping().take_up(read.keep_secrets);
        *lock(&self.inner.program_settings) = read;
    }

    /// Uses the profile of the settings, where none is in use.
    pub(super) async fn take_up_profile(&self) {
        let fleets = &self.inner.fleets;
        let wanted = self.settings().profile.clone();
        if fleets.current().is_none()
            && let Some(id) = wanted
            && let Err(error) = fleets.resume(&id).await
        {
            tracing::warn!(%error, profile = %id, "the profile cannot be used");
        }
    }

    /// From now on the settings of a space hold, with the program's.
    pub(super) async fn use_settings_of(&self, opened: &Opened) {
        let _turn = self.inner.settings_turn.lock().await;
        let own = match (&opened.space, &opened.history) {
            (Space::SignedOut, _) => None,
            (Space::Account(_), Ok(history)) => Some(history.store.settings().await.unwrap_or_default()),
            (Space::Account(_), Err(_)) => Some(Settings::default()),
        };
        let program = lock(&self.inner.program_settings).clone();
        let locked = self.inner.spaces.program().is_err_and(|error| error.code == ErrorCode::HistoryLocked);
        *self.settings() = match own {
            // The program's own are not at hand: those hold that the space last saw. What was decided about credentials may
            // have been taken back since, and where secrets are kept is no longer theirs to say.
            Some(own) if locked => Settings {
                profile: own.profile.clone().or(program.profile),
                keep_secrets: program.keep_secrets,
                plain_consents: program.plain_consents,
                ..own
            },
            Some(own) => settings::of_space(&program, &own),
            None => program,
        };
    }
}

/// What the program's database says; as delivered where it cannot be read. A profile that is in use stays so.
pub(super) async fn read(spaces: &Spaces, in_use: Option<ProfileId>) -> Settings {
    let read = match spaces.program() {
        Ok(store) => store.settings().await.unwrap_or_else(|error| {
            tracing::error!(%error, "the settings cannot be read");
            Settings::default()
        }),
        Err(_) => Settings::default(),
    };
    let profile = in_use.or_else(|| read.profile.clone());
    Settings { profile, ..read }
}
