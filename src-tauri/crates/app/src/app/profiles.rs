//! Fleets of model servers, how they do, and the keys of their endpoints.

use capibara6_protocol::*;

use super::App;
use crate::fleet::scan;

impl App {
    /// The profiles at hand.
    pub async fn profile_list(&self) -> Result<Vec<ProfileOption>, AppError> {
        Ok(self.inner.fleets.list().await)
    }

    /// Uses a profile from now on, also the next time.
    pub async fn profile_select(&self, request: ProfileRef) -> Result<ProfileView, AppError> {
        let fleet = self.inner.fleets.select(&request.id).await?;
        self.change_settings(|settings| settings.profile = Some(request.id)).await;
        self.profile_changed();
        Ok(fleet.view.clone())
    }

    /// Reads a profile.
    pub async fn profile_read(&self, request: ProfileRef) -> Result<ProfileView, AppError> {
        self.inner.fleets.read(&request.id).await
    }

    /// Writes a profile of the user's own.
    pub async fn profile_save(&self, request: ProfileSave) -> Result<ProfileOption, AppError> {
        let saved = self.inner.fleets.save(request).await?;
        self.profile_changed();
        Ok(saved)
    }

    /// Removes a profile of the user's own.
    pub async fn profile_delete(&self, request: ProfileRef) -> Result<(), AppError> {
        self.inner.fleets.delete(&request.id).await?;
        if self.settings().profile.as_ref() == Some(&request.id) {
            self.change_settings(|settings| settings.profile = None).await;
            self.profile_changed();
        }
        Ok(())
    }

    /// Asks every model's address what it serves.
    pub async fn profile_test(&self, request: Profile) -> Result<Vec<EndpointTest>, AppError> {
        self.inner.fleets.test(request).await
    }

    /// Looks for servers on this computer.
    pub async fn servers_scan(&self) -> Result<Vec<FoundServer>, AppError> {
        scan::scan(&scan::PORTS).await
    }

    /// How the endpoints do.
    pub async fn health(&self) -> Result<Vec<EndpointState>, AppError> {
        Ok(self.inner.fleets.health())
    }

    /// Asks the endpoints again now.
    pub async fn health_refresh(&self) -> Result<(), AppError> {
        self.inner.fleets.refresh_health();
        Ok(())
    }

    /// Which endpoints have a key.
    pub async fn key_states(&self) -> Result<KeyStates, AppError> {
        self.inner.fleets.key_states().await
    }

    /// Stores a key.
    pub async fn key_set(&self, request: KeySet) -> Result<KeyStates, AppError> {
        let model = request.model.clone();
        // A key that is set while all of them move to another place would stay behind.
        let _turn = self.inner.accounts.turn().await;
        self.inner.fleets.set_key(&model, Some(request)).await
    }

    /// Removes a key.
    pub async fn key_clear(&self, request: ModelRef) -> Result<KeyStates, AppError> {
        let _turn = self.inner.accounts.turn().await;
        self.inner.fleets.set_key(&request.model, None).await
    }
}
