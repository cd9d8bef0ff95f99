//! Profiles: choosing, testing, keys, health, and never being in the way.

use std::time::{Duration, Instant};

use capibara6_app::App;
use capibara6_identity::SecretError;
use capibara6_protocol::*;
use capibara6_testkit::{BlackHole, Fleet, RefusedPort};

use super::bench::{Bench, Keyring, Window, open, options, send, write_profile};

#[tokio::test]
async fn nothing_is_contacted_before_a_profile_is_picked() {
    let fleet = Fleet::start().await;
    let home = tempfile::tempdir().unwrap();
    let secrets = Keyring::default();
    write_profile(&home, &fleet.profile());
    let app = open(&home, &secrets).await;
    let boot = app.boot().await.unwrap();
    assert_eq!((boot.profile, boot.settings), (None, Settings::default()));
    let ids: Vec<_> = boot.profiles.iter().map(|option| (option.id.as_str(), option.origin)).collect();
    assert_eq!(
        ids,
        [
            ("kit", ProfileOrigin::File),
            ("capibara6", ProfileOrigin::Example),
            ("local", ProfileOrigin::Example),
            ("practice", ProfileOrigin::Practice)
        ]
    );
    app.window_ready().await.unwrap();
    assert_eq!(app.chat_send(send(None, "hola", None)).await, Err(ErrorCode::NoProfile.into()));
    assert_eq!(app.health().await.unwrap(), []);
    app.profile_read(ProfileRef { id: "kit".into() }).await.unwrap();
    app.shutdown().await;
    let connections: usize = fleet.servers().map(|server| server.connection_count()).sum();
    assert_eq!(connections, 0);
}

#[tokio::test]
async fn the_profile_that_the_environment_names_is_used_at_once() {
    let fleet = Fleet::start().await;
    let home = tempfile::tempdir().unwrap();
    let elsewhere = home.path().join("elsewhere/fleet.toml");
    fleet.write_profile(&elsewhere);
    let app =
        App::open(capibara6_app::Options { profile_path: Some(elsewhere), ..options(&home, &Keyring::default()) })
            .await;
    let boot = app.boot().await.unwrap();
    assert_eq!(boot.profile.map(|view| (view.id, view.origin)), Some(("fleet".into(), ProfileOrigin::File)));
    let started = app.chat_send(send(None, "hola", None)).await.unwrap();
    let mut window = Window::new(app.frames());
    fleet.server("phi4:mini").next_chat().await.say_all(&["¡hola!"]).await;
    assert_eq!(window.ended(started.answer.id).await.status, MessageStatus::Complete);
    // It is for this time only.
    assert_eq!(app.settings_get().await.unwrap().profile, None);
    app.shutdown().await;
}

#[tokio::test]
async fn health_comes_to_the_window_by_itself() {
    let mut bench = Bench::start().await;
    let up = |event: &Event| {
        let Event::Health { endpoints } = event else { return false };
        endpoints.iter().all(|endpoint| endpoint.state == EndpointHealth::Up)
    };
    bench.window.until(up).await;
    let states = bench.app.health().await.unwrap();
    let models: Vec<_> = states.iter().map(|state| (state.model.as_str(), state.scripted)).collect();
    let expected = ["gpt-oss-20b", "qwen2.5-coder:1.5b", "phi4:mini", "mixtral"];
    assert_eq!(models.len(), expected.len());
    assert!(expected.iter().all(|model| models.contains(&(*model, false))), "{models:?}");
    // No chat was ever asked as a probe.
    let chats: usize = bench.fleet.servers().map(|server| server.chat_count()).sum();
    assert_eq!(chats, 0);
}

#[tokio::test]
async fn a_key_goes_with_requests_from_the_next_one_on_and_is_told_by_name_only() {
    let mut bench = Bench::start().await;
    let server = bench.fleet.server("phi4:mini");
    server.require_key("sk-kit-12345");
    let started = bench.ask("phi4:mini", "hola").await;
    let end = bench.window.ended(started.answer.id).await;
    assert_eq!(end.error.map(|error| error.code), Some(ErrorCode::Unauthorised));

    let set = KeySet { model: "phi4:mini".into(), key: " sk-kit-12345 ".to_owned() };
    let states = bench.app.key_set(set).await.unwrap();
    assert_eq!(states, KeyStates { trouble: None, present: vec!["phi4:mini".into()] });
    let origin = format!("http://{}", bench.fleet.server("phi4:mini").address());
    let account = format!("endpoint-key/{origin}/phi4:mini");
    assert_eq!(bench.secrets.secrets.lock().unwrap().get(&account).map(String::as_str), Some("sk-kit-12345"));

    let started = bench.ask("phi4:mini", "hola").await;
    let chat = bench.chat("phi4:mini").await;
    chat.say_all(&["¡hola!"]).await;
    assert_eq!(bench.window.ended(started.answer.id).await.status, MessageStatus::Complete);
    let report = bench.app.diagnostics().await.unwrap();
    assert!(report.contains("phi4:mini") && !report.contains("sk-kit-12345"), "{report}");

    let cleared = bench.app.key_clear(ModelRef { model: "phi4:mini".into() }).await.unwrap();
    assert_eq!(cleared, KeyStates { trouble: None, present: Vec::new() });
    assert!(bench.secrets.secrets.lock().unwrap().is_empty());
    let wrong = KeySet { model: "phi4:mini".into(), key: "with\nline".to_owned() };
    let refused = AppError::new(ErrorCode::InvalidInput).with_field("key");
    assert_eq!(bench.app.key_set(wrong).await, Err(refused));
}

#[tokio::test]
async fn a_secret_store_that_is_unlocked_later_is_asked_again() {
    let mut bench = Bench::start().await;
    bench.fleet.server("phi4:mini").require_key("sk-kit-12345");
    let origin = format!("http://{}", bench.fleet.server("phi4:mini").address());
    let account = format!("endpoint-key/{origin}/phi4:mini");
    bench.secrets.secrets.lock().unwrap().insert(account, "sk-kit-12345".to_owned());
    *bench.secrets.trouble.lock().unwrap() = Some(SecretError::Locked);
    bench.app.profile_select(ProfileRef { id: "kit".into() }).await.unwrap();
    let locked = KeyStates { trouble: Some(ErrorCode::SecretStoreLocked), present: Vec::new() };
    assert_eq!(bench.app.key_states().await.unwrap(), locked);

    *bench.secrets.trouble.lock().unwrap() = None;
    let unlocked = KeyStates { trouble: None, present: vec!["phi4:mini".into()] };
    assert_eq!(bench.app.key_states().await.unwrap(), unlocked);
    let started = bench.ask("phi4:mini", "hola").await;
    bench.chat("phi4:mini").await.say_all(&["¡hola!"]).await;
    assert_eq!(bench.window.ended(started.answer.id).await.status, MessageStatus::Complete);
}

#[tokio::test]
async fn a_connection_test_says_what_each_endpoint_does() {
    let bench = Bench::start().await;
    let refused = RefusedPort::reserve();
    let mut profile = bench.fleet.profile();
    profile.models.truncate(3);
    profile.models[1].url = refused.url();
    profile.models[2].id = "another".into();
    let tests = bench.app.profile_test(profile.clone()).await.unwrap();
    let told: Vec<_> = tests
        .iter()
        .map(|test| (test.model.as_str(), test.latency_ms.is_some(), test.error.as_ref().map(|error| error.code)))
        .collect();
    assert_eq!(
        told,
        [
            (profile.models[0].id.as_str(), true, None),
            (profile.models[1].id.as_str(), false, Some(ErrorCode::Refused)),
            ("another", true, Some(ErrorCode::ModelNotFound)),
        ]
    );
    assert_eq!(tests[0].served, [profile.models[0].id.0.clone()]);
}

#[tokio::test]
async fn a_profile_of_the_users_own_is_saved_used_changed_and_removed() {
    let bench = Bench::start().await;
    let profile = Profile { name: "La mía".to_owned(), ..bench.fleet.profile() };
    let option = bench.app.profile_save(ProfileSave { id: None, profile: profile.clone() }).await.unwrap();
    assert_eq!((option.name.as_str(), option.origin), ("La mía", ProfileOrigin::File));
    let id = option.id;
    bench.app.profile_select(ProfileRef { id: id.clone() }).await.unwrap();
    let mut changed = profile.clone();
    changed.models.truncate(1);
    bench.app.profile_save(ProfileSave { id: Some(id.clone()), profile: changed.clone() }).await.unwrap();
    let boot = bench.app.boot().await.unwrap();
    assert_eq!(boot.profile.map(|view| view.profile), Some(changed));
    assert_eq!(boot.settings.profile, Some(id.clone()));
    bench.app.profile_delete(ProfileRef { id }).await.unwrap();
    let boot = bench.app.boot().await.unwrap();
    assert_eq!((boot.profile, boot.settings.profile), (None, None));
}

#[tokio::test]
async fn a_certificate_file_that_cannot_be_used_is_told_where_the_profile_is_picked() {
    let bench = Bench::start().await;
    let mut profile = bench.fleet.profile();
    profile.name = "Privada".to_owned();
    profile.network.ca_file = Some("missing.pem".to_owned());
    let option = bench.app.profile_save(ProfileSave { id: None, profile }).await.unwrap();
    let error = bench.app.profile_select(ProfileRef { id: option.id }).await.unwrap_err();
    assert_eq!((error.code, error.field.as_deref()), (ErrorCode::ProfileInvalid, Some("network.ca_file")));
    // The profile in use stays.
    assert_eq!(bench.app.boot().await.unwrap().profile.map(|view| view.id), Some("kit".into()));
}

#[tokio::test]
async fn the_practice_fleet_answers_and_is_always_labelled() {
    let home = tempfile::tempdir().unwrap();
    let app = open(&home, &Keyring::default()).await;
    let mut window = Window::new(app.frames());
    let view = app.profile_select(ProfileRef { id: "practice".into() }).await.unwrap();
    assert_eq!(view.origin, ProfileOrigin::Practice);
    let started = app.chat_send(send(None, "hola", None)).await.unwrap();
    assert!(started.answer.scripted);
    let end = window.ended(started.answer.id).await;
    assert_eq!((end.status, end.error), (MessageStatus::Complete, None));
    assert!(!window.text(started.answer.id, Part::Content).trim().is_empty());
    assert!(app.health().await.unwrap().iter().all(|state| state.scripted));
    app.shutdown().await;
}

/// Everything that a window asks for while it is used.
async fn every_command(app: &App) {
    app.boot().await.unwrap();
    app.about().await.unwrap();
    app.diagnostics().await.unwrap();
    app.health().await.unwrap();
    app.health_refresh().await.unwrap();
    app.settings_set(Settings::default()).await.unwrap();
    app.profile_list().await.unwrap();
    let started = app.chat_send(send(None, "hola", None)).await.unwrap();
    let id = started.conversation;
    app.conversation_open(ConversationOpen { id, before: None, after: None, around: None, limit: 50 }).await.unwrap();
    app.conversation_rename(ConversationRename { id, title: "x".to_owned() }).await.unwrap();
    app.conversation_list(ConversationList { limit: 50, ..ConversationList::default() }).await.unwrap();
    app.chat_stop(MessageRef { message: started.answer.id }).await.unwrap();
}

#[tokio::test]
async fn endpoints_that_never_answer_delay_no_command() {
    let holes = [BlackHole::accepting().await, BlackHole::unanswered().await];
    let mut urls = holes.iter().map(BlackHole::url).cycle();
    let bench = Bench::with(Fleet::start().await, |profile| {
        profile.models.iter_mut().for_each(|model| model.url = urls.next().unwrap());
    })
    .await;
    let begun = Instant::now();
    for _ in 0..5 {
        every_command(&bench.app).await;
    }
    let each = begun.elapsed() / (5 * 12);
    assert!(each < Duration::from_millis(100), "{each:?} per command");
    let begun = Instant::now();
    bench.app.shutdown().await;
    assert!(begun.elapsed() < Duration::from_secs(2));
}
