//! Without a network everything local works, what needs a server says so, and comes back by itself.

use capibara6_protocol::*;
use capibara6_testkit::{Fleet, ModelServer};
use tokio::net::{TcpListener, TcpStream};

use super::bench::{Bench, contents, send, view};

#[tokio::test]
async fn without_a_network_everything_local_works() {
    let mut bench = Bench::start().await;
    let first = bench.answered(None, "uno", &["1"]).await;
    let second = bench.answered(None, "dos", &["2"]).await;
    // Every server is gone: connections are refused.
    drop(std::mem::replace(&mut bench.fleet, Fleet::start().await));

    let app = &bench.app;
    let list = || app.conversation_list(ConversationList { limit: 10, ..ConversationList::default() });
    assert_eq!(list().await.unwrap().conversations.len(), 2);
    assert_eq!(contents(app, first.conversation).await, ["uno", "1"]);
    app.conversation_rename(ConversationRename { id: first.conversation, title: "one".into() }).await.unwrap();
    app.conversation_pin(ConversationPin { id: first.conversation, pinned: true }).await.unwrap();
    app.conversation_delete(ConversationRef { id: second.conversation }).await.unwrap();
    app.conversation_restore(ConversationRef { id: second.conversation }).await.unwrap();
    assert_eq!(list().await.unwrap().conversations[0].title, "one");
    let settings = app.settings_get().await.unwrap();
    app.settings_set(Settings { theme: Theme::Dark, ..settings }).await.unwrap();
    let made = app.backup_create().await.unwrap();
    assert_eq!(made.messages, 4);
    app.boot().await.unwrap();

    // A question is kept, its answer says why there is none.
    let asked = bench.app.chat_send(send(Some(first.conversation), "tres", Some("phi4:mini"))).await.unwrap();
    let end = bench.window.ended(asked.answer.id).await;
    assert_eq!(end.status, MessageStatus::Failed);
    assert!(
        end.error.as_ref().is_some_and(|error| matches!(error.code, ErrorCode::Refused | ErrorCode::NoModel)),
        "{end:?}"
    );
    assert_eq!(contents(&bench.app, first.conversation).await, ["uno", "1", "tres", ""]);
    assert_eq!(view(&bench.app, first.conversation).await.messages[2].status, MessageStatus::Complete);
    bench.app.shutdown().await;
}

/// The way to a server, which can be cut: connections are refused then.
struct Cable {
    address: std::net::SocketAddr,
    server: std::net::SocketAddr,
    plugged: tokio::task::JoinHandle<()>,
}

impl Cable {
    async fn to(server: &ModelServer) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let (address, server) = (listener.local_addr().unwrap(), server.address());
        Self { address, server, plugged: tokio::spawn(relay(listener, server)) }
    }

    async fn cut(&mut self) {
        self.plugged.abort();
        let _ = (&mut self.plugged).await;
    }

    async fn plug(&mut self) {
        let listener = TcpListener::bind(self.address).await.unwrap();
        self.plugged = tokio::spawn(relay(listener, self.server));
    }
}

async fn relay(listener: TcpListener, server: std::net::SocketAddr) {
    // All connections go with this task.
    let mut open = tokio::task::JoinSet::new();
    while let Ok((mut near, _)) = listener.accept().await {
        open.spawn(async move {
            let mut far = TcpStream::connect(server).await?;
            tokio::io::copy_bidirectional(&mut near, &mut far).await
        });
    }
}

/// Nothing has to be clicked when the server is back: what is asked next is answered, by the profile as it was.
#[tokio::test]
async fn what_needs_a_server_comes_back_by_itself() {
    let fleet = Fleet::start().await;
    let mut cable = Cable::to(fleet.server("phi4:mini")).await;
    let url = format!("http://{}/v1", cable.address);
    let mut bench = Bench::with(fleet, |profile| {
        profile.models.retain(|model| model.id.as_str() == "phi4:mini");
        profile.models[0].url = url;
    })
    .await;
    let first = bench.answered(None, "uno", &["1"]).await;
    let second = bench.app.chat_send(send(Some(first.conversation), "dos", Some("phi4:mini"))).await.unwrap();
    let mut chat = bench.chat("phi4:mini").await;
    chat.send_text("half ").await;
    bench.window.shows(second.answer.id, Part::Content, "half ").await;

    cable.cut().await;
    let end = bench.window.ended(second.answer.id).await;
    assert_eq!(end.status, MessageStatus::Failed, "{end:?}");
    assert_eq!(contents(&bench.app, first.conversation).await, ["uno", "1", "dos", "half "], "what came is kept");
    let third = bench.app.chat_send(send(Some(first.conversation), "tres", Some("phi4:mini"))).await.unwrap();
    let end = bench.window.ended(third.answer.id).await;
    assert_eq!(end.error.map(|error| error.code), Some(ErrorCode::Refused));

    cable.plug().await;
    let again = ChatRegenerate { message: third.answer.id, mode: Mode::Single, model: Some("phi4:mini".into()) };
    let fourth = bench.app.chat_regenerate(again).await.unwrap();
    bench.window.know(&fourth.answer);
    bench.chat("phi4:mini").await.say_all(&["3"]).await;
    assert_eq!(bench.window.ended(fourth.answer.id).await.status, MessageStatus::Complete);
    assert_eq!(contents(&bench.app, first.conversation).await.last().map(String::as_str), Some("3"));
    bench.app.shutdown().await;
}
