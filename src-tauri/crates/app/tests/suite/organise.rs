//! Order among conversations: what the commands give, what the lists hold afterwards, and what the window is told.

use capibara6_protocol::*;

use super::bench::{Bench, contents, send};

async fn listed(bench: &Bench, scope: ConversationScope) -> Vec<ConversationSummary> {
    bench.app.conversation_list(ConversationList { after: None, limit: 50, scope }).await.unwrap().conversations
}

async fn ids(bench: &Bench, scope: ConversationScope) -> Vec<ConversationId> {
    listed(bench, scope).await.into_iter().map(|conversation| conversation.id).collect()
}

/// A question to all four models, answered and decided.
async fn decided(bench: &mut Bench) -> ConsensusRun {
    let plan = ConsensusPlan {
        members: Vec::new(),
        method: ConsensusMethod::WeightedVote,
        samples: None,
        quorum: 4,
        deadline_ms: None,
        judge: None,
        weights: WeightSource::Given,
        form: AnswerForm::Free,
        seed: Some(7),
    };
    let question = ConsensusQuestion::New { conversation: None, text: "How much is 6 * 7?".to_owned() };
    let started = bench.app.consensus_begin(ConsensusAsk { question, plan: Some(plan) }).await.unwrap();
    for model in ["gpt-oss-20b", "qwen2.5-coder:1.5b", "phi4:mini", "mixtral"] {
        bench.chat(model).await.say_all(&["42"]).await;
    }
    loop {
        let run = bench.app.consensus_run(ConsensusRef { run: started.run.id }).await.unwrap();
        if run.state == ConsensusState::Ended {
            return run;
        }
        bench
            .window
            .until(|event| matches!(event, Event::ConsensusChanged { .. } | Event::ConsensusCandidate { .. }))
            .await;
    }
}

#[tokio::test]
async fn a_merge_brings_runs_of_several_models_and_every_message_with_it() {
    let mut bench = Bench::start().await;
    let first = bench.answered(None, "one", &["uno"]).await;
    let run = decided(&mut bench).await;
    let second = ids(&bench, ConversationScope::Active).await.into_iter().find(|id| *id != first.conversation).unwrap();
    let merged =
        bench.app.conversations_merge(ConversationsMerge { ids: vec![first.conversation, second] }).await.unwrap();
    assert_eq!(contents(&bench.app, merged.id).await, ["one", "uno", "How much is 6 * 7?", "42"]);
    // Two questions, one answer, and the four among which was chosen.
    assert_eq!(merged.messages, 7);
    assert_eq!(listed(&bench, ConversationScope::Active).await, std::slice::from_ref(&merged));
    assert_eq!(listed(&bench, ConversationScope::Deleted).await.len(), 2);

    let carried = bench.app.consensus_list(ConversationRef { id: merged.id }).await.unwrap();
    let [carried] = carried.as_slice() else { panic!("one run: {carried:?}") };
    assert_ne!(carried.id, run.id, "a run of its own");
    let verdict = |run: &ConsensusRun| run.verdict.clone().map(|verdict| (verdict.agreement, verdict.winner));
    assert_eq!(verdict(carried), verdict(&run));
    let answers = bench.app.consensus_answers(ConsensusRef { run: carried.id }).await.unwrap();
    let belongs = |message: &Message| message.conversation == merged.id && message.content == "42";
    assert!(answers.len() == 4 && answers.iter().all(belongs), "{answers:?}");

    // Undone as the window does it.
    bench.app.conversations_delete(ConversationsRef { ids: vec![merged.id] }).await.unwrap();
    let sources = ConversationsRef { ids: vec![first.conversation, second] };
    let restored = bench.app.conversations_restore(sources).await.unwrap();
    assert_eq!(restored.iter().map(|each| each.messages).collect::<Vec<_>>(), [2, 5]);
}

#[tokio::test]
async fn going_on_takes_a_conversation_out_of_the_archive() {
    let mut bench = Bench::start().await;
    let started = bench.answered(None, "one", &["uno"]).await;
    let archive = ConversationsArchive { ids: vec![started.conversation], archived: true };
    let [archived] = bench.app.conversations_archive(archive).await.unwrap().try_into().unwrap();
    assert!(archived.archived_at.is_some());
    assert_eq!(listed(&bench, ConversationScope::Active).await, []);
    assert_eq!(listed(&bench, ConversationScope::Archived).await, [archived]);

    bench.window.events.clear();
    bench.app.chat_send(send(Some(started.conversation), "two", Some("phi4:mini"))).await.unwrap();
    let told = bench.window.until(|event| matches!(event, Event::ConversationChanged { conversation } if conversation.archived_at.is_none() && conversation.messages == 4)).await;
    let [active] = listed(&bench, ConversationScope::Active).await.try_into().unwrap();
    assert_eq!(told, Event::ConversationChanged { conversation: active });
    assert_eq!(listed(&bench, ConversationScope::Archived).await, []);
    bench.chat("phi4:mini").await.say_all(&["dos"]).await;
}

#[tokio::test]
async fn a_stopped_answer_that_goes_on_leaves_the_archive_as_well() {
    let mut bench = Bench::start().await;
    let started = bench.ask("phi4:mini", "one").await;
    let mut chat = bench.chat("phi4:mini").await;
    chat.send_text("un").await;
    bench.window.shows(started.answer.id, Part::Content, "un").await;
    let answer = MessageRef { message: started.answer.id };
    bench.app.chat_stop(answer).await.unwrap();
    bench.window.ended(started.answer.id).await;
    let archive = ConversationsArchive { ids: vec![started.conversation], archived: true };
    bench.app.conversations_archive(archive).await.unwrap();
    bench.window.events.clear();
    bench.app.chat_continue(answer).await.unwrap();
    let is_back = |event: &Event| matches!(event, Event::ConversationChanged { conversation } if conversation.archived_at.is_none());
    bench.window.until(is_back).await;
    assert_eq!(ids(&bench, ConversationScope::Active).await, [started.conversation]);
    bench.chat("phi4:mini").await.say_all(&["o"]).await;
}

#[tokio::test]
async fn only_what_is_in_the_trash_is_purged_and_it_does_not_come_back() {
    let mut bench = Bench::start().await;
    let started = bench.answered(None, "one", &["uno"]).await;
    let it = || ConversationsRef { ids: vec![started.conversation] };
    assert_eq!(bench.app.conversations_purge(it()).await, Err(ErrorCode::NotFound.into()));
    bench.app.conversations_delete(it()).await.unwrap();
    assert_eq!(ids(&bench, ConversationScope::Deleted).await, [started.conversation]);
    bench.app.conversations_purge(it()).await.unwrap();
    assert_eq!(listed(&bench, ConversationScope::Deleted).await, []);
    assert_eq!(bench.app.conversations_restore(it()).await, Err(ErrorCode::NotFound.into()));
}

#[tokio::test]
async fn what_leaves_the_archive_counts_in_its_project_again_and_the_window_is_told() {
    let mut bench = Bench::start().await;
    let app = bench.app.clone();
    let id = bench.answered(None, "¿Quién?", &["Yo."]).await.conversation;
    let project = app.project_create(ProjectCreate { name: "Servidores".into() }).await.unwrap().id;
    app.conversations_move(ConversationsMove { ids: vec![id], project: Some(project) }).await.unwrap();
    let count = async || app.project_list().await.unwrap()[0].conversations;
    let told = |event: &Event| matches!(event, Event::ProjectsChanged);
    assert_eq!(count().await, 1);
    for back in ["by hand", "by a question"] {
        app.conversations_archive(ConversationsArchive { ids: vec![id], archived: true }).await.unwrap();
        assert_eq!(count().await, 0);
        bench.window.until(told).await;
        bench.window.events.clear();
        if back == "by hand" {
            app.conversations_archive(ConversationsArchive { ids: vec![id], archived: false }).await.unwrap();
        } else {
            app.chat_send(send(Some(id), "¿Y ahora?", Some("phi4:mini"))).await.unwrap();
        }
        bench.window.until(told).await;
        assert_eq!(count().await, 1, "{back}");
        bench.window.events.clear();
    }
}

#[tokio::test]
async fn copies_have_titles_of_their_own() {
    let mut bench = Bench::start().await;
    let original = bench.answered(None, "one", &["uno"]).await.conversation;
    let copy = async |of: ConversationId| {
        let asked = ConversationDuplicate { id: of, copy: "copia".to_owned() };
        bench.app.conversation_duplicate(asked).await.unwrap()
    };
    let first = copy(original).await;
    let second = copy(first.id).await;
    bench.app.conversation_delete(ConversationRef { id: first.id }).await.unwrap();
    // one in the trash may come back: its title is not given again
    let third = copy(original).await;
    assert_eq!([&first.title, &second.title, &third.title], ["one (copia)", "one (copia 2)", "one (copia 3)"]);
    assert_eq!(contents(&bench.app, third.id).await, ["one", "uno"]);
    let refused = ConversationDuplicate { id: original, copy: " ".to_owned() };
    let error = bench.app.conversation_duplicate(refused).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::InvalidInput);
}
