//! Accounts: who is signed in, how one signs in, and where secrets are kept. What changes whose history is open is done
//! here, in the order that keeps one person's token out of another one's history: the session is left, the space changes,
//! the next session is taken up.

use std::sync::Arc;

use capibara6_protocol::*;
use url::Url;

use super::App;
use crate::spaces::Space;

impl App {
    /// Everything about accounts; waits for nothing.
    pub async fn account_state(&self) -> Result<Accounts, AppError> {
        let consents = self.settings().plain_consents.clone();
        Ok(self.inner.accounts.view(consents))
    }

    /// Makes another account the active one, with its history. One whose session is over or gone can be switched to as
    /// well: its history is there, and signing in again heals it.
    ///
    /// # Errors
    /// `not-found`; `session-expired` for one that signed out.
    pub async fn account_switch(&self, request: AccountRef) -> Result<Accounts, AppError> {
        let accounts = Arc::clone(&self.inner.accounts);
        {
            let _turn = accounts.turn().await;
            accounts.may_switch(&request.account)?;
            if accounts.active().as_ref() != Some(&request.account) {
                accounts.leave();
                self.enter(Space::Account(request.account.clone())).await;
                accounts.switch(&request.account).await?;
            }
        }
        self.session_changed();
        self.account_state().await
    }

    /// Opens the history of nobody in particular. The session of whoever was signed in stays where it is kept: switching back
    /// needs no browser.
    pub async fn account_leave(&self) -> Result<Accounts, AppError> {
        let accounts = Arc::clone(&self.inner.accounts);
        {
            let _turn = accounts.turn().await;
            if accounts.active().is_some() {
                accounts.leave();
                self.enter(Space::SignedOut).await;
                accounts.step_aside();
            }
        }
        self.session_changed();
        self.account_state().await
    }

    /// Forgets an account on this computer; where it is the active one, it is signed out before.
    ///
    /// # Errors
    /// `not-found`; why the history cannot be deleted, and then the account is not forgotten.
    pub async fn account_forget(&self, request: AccountForget) -> Result<Accounts, AppError> {
        let AccountForget { account, history } = request;
        self.sign_out(AccountRef { account: account.clone() }).await?;
        if history == ForgottenHistory::Delete {
            // Only a known account has come this far, so the path is one of ours.
            let folder = Space::Account(account.clone()).folder(&self.inner.home);
            match tokio::fs::remove_dir_all(&folder).await {
                Ok(()) => {}
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => return Err(AppError::new(ErrorCode::StorageFailed).with_detail(error.kind().to_string())),
            }
        }
        self.inner.accounts.forget(&account);
        self.inner.accounts.tell();
        self.account_state().await
    }

    /// Starts an attempt to sign in and opens the browser.
    ///
    /// # Errors
    /// `no-profile`; `invalid-input` for a way that the profile does not offer. What happens later is told by events.
    pub async fn sign_in_begin(&self, request: SignInBegin) -> Result<SignInAttempt, AppError> {
        self.inner.accounts.begin(request.method).await
    }

    /// Opens the browser again.
    pub async fn sign_in_open_again(&self) -> Result<(), AppError> {
        self.inner.accounts.attempts().open_again()
    }

    /// The link that the browser opens.
    pub async fn sign_in_link(&self) -> Result<String, AppError> {
        self.inner.accounts.attempts().link().map(Into::into)
    }

    /// Gives the attempt up, or puts away that it failed.
    pub async fn sign_in_cancel(&self) -> Result<(), AppError> {
        self.inner.accounts.cancel();
        Ok(())
    }

    /// The person who arrived is the user: signs them in and opens their history. Where it is open already, because their
    /// session was only over, nothing that is shown or written in it is disturbed.
    ///
    /// # Errors
    /// `not-found` where nobody arrived.
    pub async fn sign_in_confirm(&self) -> Result<SignedIn, AppError> {
        let accounts = Arc::clone(&self.inner.accounts);
        let signed_in = {
            let _turn = accounts.turn().await;
            let arrived = accounts.attempts().take_arrival().ok_or(ErrorCode::NotFound)?;
            let space = Space::Account(accounts.key_of(&arrived));
            if self.inner.spaces.opened().is_none_or(|opened| opened.space != space) {
                accounts.leave();
                self.enter(space).await;
            }
            accounts.keep(arrived).await?
        };
        self.session_changed();
        Ok(signed_in)
    }

    /// Ends an account's session, removes its secret and closes its history.
    ///
    /// # Errors
    /// `not-found`. A provider or a secret store that does not do its part is told in what is given.
    pub async fn sign_out(&self, request: AccountRef) -> Result<SignedOut, AppError> {
        let accounts = Arc::clone(&self.inner.accounts);
        let signed_out = {
            let _turn = accounts.turn().await;
            let active = accounts.active().as_ref() == Some(&request.account);
            accounts.mark_signed_out(&request.account)?;
            if active {
                accounts.leave();
                self.enter(Space::SignedOut).await;
            }
            accounts.sign_out(&request.account).await?
        };
        self.session_changed();
        Ok(signed_out)
    }

    /// Asks the secret store again how it does, and takes up the session in it where that was not possible before.
    pub async fn secret_keeping_check(&self) -> Result<Accounts, AppError> {
        let accounts = Arc::clone(&self.inner.accounts);
        accounts.keeping().check().await;
        accounts.resume().await;
        self.session_changed();
        self.account_state().await
    }

    /// Chooses where secrets are kept.
    ///
    /// # Errors
    /// Why they cannot be kept there; `vault-wrong-passphrase` and `vault-damaged` for a vault. Nothing changed then.
    pub async fn secret_keeping_set(&self, request: SecretKeepingSet) -> Result<Accounts, AppError> {
        let SecretKeepingSet { place, passphrase } = request;
        let profiles = self.all_profiles().await;
        self.inner.accounts.keep_in(place, passphrase, &profiles).await?;
        self.change_settings(|settings| settings.keep_secrets = place).await;
        self.inner.fleets.credentials_changed();
        self.session_changed();
        self.account_state().await
    }

    /// Opens the vault with its passphrase and takes up the session in it.
    ///
    /// # Errors
    /// `not-found` where there is none; `vault-wrong-passphrase`, `vault-damaged`.
    pub async fn vault_unlock(&self, request: VaultUnlock) -> Result<Accounts, AppError> {
        let accounts = Arc::clone(&self.inner.accounts);
        {
            let _turn = accounts.turn().await;
            accounts.keeping().unlock(request.passphrase).await?;
        }
        accounts.resume().await;
        self.inner.fleets.credentials_changed();
        self.session_changed();
        self.account_state().await
    }

    /// Deletes a vault that is closed, because nobody knows its passphrase any more: the sessions and keys in it are gone.
    ///
    /// # Errors
    /// `not-found` where no vault is there that is closed; `storage-failed` where its file stays.
    pub async fn vault_discard(&self) -> Result<Accounts, AppError> {
        let accounts = Arc::clone(&self.inner.accounts);
        accounts.discard_vault().await?;
        let place = accounts.keeping().view().place;
        self.change_settings(|settings| settings.keep_secrets = place).await;
        accounts.keeping().check().await;
        accounts.resume().await;
        self.inner.fleets.credentials_changed();
        self.session_changed();
        self.account_state().await
    }

    /// Every profile that can be read, the one in use among them: it may be none of the list.
    async fn all_profiles(&self) -> Vec<Profile> {
        let mut profiles: Vec<Profile> = Vec::new();
        for option in self.inner.fleets.list().await {
            if let Ok(view) = self.inner.fleets.read(&option.id).await {
                profiles.push(view.profile);
            }
        }
        profiles.extend(self.inner.fleets.current().map(|fleet| fleet.view.profile.clone()));
        profiles
    }

    /// Lets credentials go unencrypted to an address on another computer, or takes that back. It holds for the profile in
    /// use and for no other.
    ///
    /// # Errors
    /// `no-profile`; `invalid-input` for what is no plain HTTP address.
    pub async fn plain_consent_set(&self, request: PlainConsentSet) -> Result<Accounts, AppError> {
        let profile = self.inner.fleets.active()?.view.id.clone();
        let invalid = || AppError::new(ErrorCode::InvalidInput).with_field("origin");
        let address = Url::parse(&request.origin).map_err(|_| invalid())?;
        if address.scheme() != "http" || !address.has_host() {
            return Err(invalid());
        }
        let consent = PlainConsent { profile, origin: address.origin().ascii_serialization() };
        self.change_settings(|settings| {
            settings.plain_consents.retain(|given| *given != consent);
            if request.consent == Consent::Given {
                settings.plain_consents.push(consent);
            }
        })
        .await;
        self.apply_consents();
        self.inner.fleets.credentials_changed();
        self.session_changed();
        self.account_state().await
    }

    /// Takes up the session of the last run in the background: nothing waits for the secret store or the provider.
    pub(super) async fn take_up_session(&self) {
        self.inner.accounts.watch();
        self.resume_session().await;
    }

    /// Looks for the session in the place where secrets are kept, with what may be sent to whom.
    pub(super) async fn resume_session(&self) {
        self.apply_consents();
        self.inner.accounts.remember().await;
        let app = self.clone();
        tokio::spawn(async move {
            app.inner.accounts.resume().await;
            if app.inner.accounts.active().is_some() {
                app.session_changed();
            }
        });
    }

    /// Another profile is in use: other ways to sign in, other consents, and perhaps a provider that can be asked now.
    pub(super) fn profile_changed(&self) {
        self.apply_consents();
        if self.inner.accounts.has_session() {
            self.session_changed();
        }
    }

    /// Who is signed in, or what may be sent, is another than before.
    fn session_changed(&self) {
        let accounts = Arc::clone(&self.inner.accounts);
        accounts.tell();
        // Probes show the session's token as it is by then.
        self.inner.fleets.refresh_health();
        tokio::spawn(async move { accounts.check().await });
    }

    fn apply_consents(&self) {
        let profile = self.inner.fleets.current().map(|fleet| fleet.view.id.clone());
        let consents = self.settings().plain_consents.clone();
        let of_profile = consents.into_iter().filter(|consent| Some(&consent.profile) == profile.as_ref());
        self.inner.accounts.consent_to(of_profile.map(|consent| consent.origin));
    }
}
