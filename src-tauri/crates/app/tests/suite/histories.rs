//! The histories of several people on one computer.

use capibara6_protocol::*;
use capibara6_testkit::soon;

use super::bench::*;
use super::person::*;

#[tokio::test]
async fn what_one_account_says_another_one_never_sees() {
    let mut stage = Stage::start().await;
    stage.bench.answered(None, "De nadie", &["Sí."]).await;
    let ana = stage.sign_in_as("ana", "Ana").await.account;
    let of_ana = stage.bench.answered(None, "De Ana", &["Hola, Ana."]).await;
    let eva = stage.sign_in_as("eva", "Eva").await.account;
    assert_ne!(ana, eva);
    let of_eva = stage.bench.answered(None, "De Eva", &["Hola, Eva."]).await;
    assert_eq!(stage.titles().await, ["De Eva"]);

    // By id, nothing of Ana's can be read, changed, continued or stopped.
    let app = &stage.bench.app;
    let (conversation, message) = (of_ana.conversation, of_ana.answer.id);
    let id = conversation;
    let refusals = [
        app.conversation_open(ConversationOpen { id, before: None, after: None, around: None, limit: 10 })
            .await
            .map(drop),
        app.conversation_rename(ConversationRename { id, title: "Mía".into() }).await.map(drop),
        app.conversation_delete(ConversationRef { id }).await.map(drop),
        app.conversation_select(MessageRef { message }).await.map(drop),
        app.chat_continue(MessageRef { message }).await.map(drop),
        app.chat_send(send(Some(id), "¿Qué dijo?", None)).await.map(drop),
    ];
    for refusal in refusals {
        assert_eq!(refusal.unwrap_err().code, ErrorCode::NotFound);
    }

    app.account_switch(AccountRef { account: ana.clone() }).await.unwrap();
    assert_eq!(stage.titles().await, ["De Ana"]);
    assert_eq!(contents(&stage.bench.app, conversation).await, ["De Ana", "Hola, Ana."]);
    assert_eq!(stage.state().await.active.unwrap().account, ana);
    stage.bench.app.sign_out(AccountRef { account: ana }).await.unwrap();
    assert_eq!(stage.titles().await, ["De nadie"]);
    stage.bench.app.account_switch(AccountRef { account: eva }).await.unwrap();
    assert_eq!(contents(&stage.bench.app, of_eva.conversation).await, ["De Eva", "Hola, Eva."]);
}

#[tokio::test]
async fn an_answer_under_way_ends_with_its_text_and_no_frame_of_it_reaches_the_next_history() {
    let mut stage = Stage::start().await;
    let ana = stage.sign_in_as("ana", "Ana").await.account;
    let started = stage.bench.ask("phi4:mini", "Cuenta").await;
    let mut exchange = stage.bench.chat("phi4:mini").await;
    exchange.send_text("Érase una vez").await;
    stage.bench.window.shows(started.answer.id, Part::Content, "Érase una vez").await;

    stage.bench.window.events.clear();
    let eva = stage.sign_in_as("eva", "Eva").await.account;
    soon("the connection is closed", exchange.closed_by_client()).await;
    let changed = Event::SpaceChanged { account: Some(eva) };
    stage.bench.window.until(|event| *event == changed).await;
    // An event of the new history, after which nothing of the old one may have come.
    stage.bench.window.events.clear();
    let of_eva = stage.bench.answered(None, "Hola", &["Hola."]).await;
    for event in &stage.bench.window.events {
        let about = serde_json::to_string(event).unwrap();
        assert!(!about.contains(&started.conversation.to_string()), "{about}");
    }
    assert!(!stage.bench.window.gap);

    stage.bench.app.account_switch(AccountRef { account: ana }).await.unwrap();
    let message = stage.bench.message(&started).await;
    assert_eq!((message.status, message.content.as_str()), (MessageStatus::Interrupted, "Érase una vez"));
    let unknown = stage.bench.app.conversation_open(ConversationOpen {
        id: of_eva.conversation,
        before: None,
        after: None,
        around: None,
        limit: 9,
    });
    assert_eq!(unknown.await.unwrap_err().code, ErrorCode::NotFound);
}

#[tokio::test]
async fn commands_that_come_while_the_history_changes_get_one_or_the_other_and_never_fail() {
    let mut stage = Stage::start().await;
    let ana = stage.sign_in_as("ana", "Ana").await.account;
    stage.bench.answered(None, "De Ana", &["Sí."]).await;
    let eva = stage.sign_in_as("eva", "Eva").await.account;
    stage.bench.answered(None, "De Eva", &["Sí."]).await;
    let app = stage.bench.app.clone();
    let asking = tokio::spawn(async move {
        let mut seen = Vec::new();
        for _ in 0..40 {
            seen.push(titles(&app).await);
            tokio::task::yield_now().await;
        }
        seen
    });
    for account in [&ana, &eva, &ana, &eva] {
        stage.bench.app.account_switch(AccountRef { account: account.clone() }).await.unwrap();
    }
    for titles in asking.await.unwrap() {
        assert!(titles == ["De Ana"] || titles == ["De Eva"], "{titles:?}");
    }
}

#[tokio::test]
async fn the_programs_settings_are_everybodys_and_ones_own_words_are_not() {
    let mut stage = Stage::start().await;
    let with = |text: &str, size| {
        let parameters = Parameters { system_prompt: text.into(), ..Parameters::default() };
        Settings { type_size: size, parameters: [("phi4:mini".into(), parameters)].into(), ..Settings::default() }
    };
    let prompt = |settings: &Settings| settings.parameters.values().next().map(|each| each.system_prompt.clone());
    let settings = async |app: &capibara6_app::App| app.settings_get().await.unwrap();
    stage.bench.app.settings_set(with("De nadie", 110)).await.unwrap();
    let ana = stage.sign_in_as("ana", "Ana").await.account;
    let hers = settings(&stage.bench.app).await;
    assert_eq!((hers.type_size, prompt(&hers)), (110, None));
    stage.bench.app.settings_set(with("De Ana", 120)).await.unwrap();
    stage.bench.app.sign_out(AccountRef { account: ana }).await.unwrap();
    let nobodys = settings(&stage.bench.app).await;
    assert_eq!((nobodys.type_size, prompt(&nobodys).as_deref()), (120, Some("De nadie")));
    stage.sign_in().await;
    assert_eq!(prompt(&settings(&stage.bench.app).await).as_deref(), Some("De Ana"));
    stage.restart().await;
    let again = settings(&stage.bench.app).await;
    assert_eq!((again.type_size, prompt(&again).as_deref(), again.profile), (120, Some("De Ana"), Some("kit".into())));
}

#[tokio::test]
async fn no_name_or_address_of_a_person_is_in_a_path() {
    let mut stage = Stage::start().await;
    stage.provider.sign_in_as("ana@example.test", "Ana", Some("ana@example.test"));
    stage.sign_in().await;
    let mut folders = vec![stage.bench.home.path().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().to_lowercase();
            assert!(!name.contains("ana") && !name.contains('@'), "{name}");
            if path.is_dir() {
                folders.push(path);
            }
        }
    }
}
