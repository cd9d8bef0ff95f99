//! Backups in the settings: made, looked into, and put in the place of the history.

use capibara6_journeys::{Home, MODEL, Window, until};
use capibara6_testkit::ModelServer;

#[tokio::test(flavor = "multi_thread")]
async fn what_was_deleted_for_good_is_back_after_a_backup_was_restored() {
    let server = ModelServer::start(&[MODEL]).await;
    let window = Window::open(Home::of(&server)).await;
    window.ask("Keep this").await;
    server.next_chat().await.say_all(&["Kept."]).await;
    window.until_last("complete", "Kept.").await;

    window.open_settings("Backups").await;
    window.click("backup-create").await;
    window.find_css("[data-testid=\"backup\"][data-reason=\"manual\"]").await;
    window.close_settings().await;

    window.item_action("Keep this", "Delete").await;
    window.until_gone("[data-testid=\"conversation-item\"]").await;
    window.click("trash").await;
    window.item_action("Keep this", "Delete for good").await;
    window.click_css("[data-confirm]").await;
    window.until_gone("[data-testid=\"conversation-item\"]").await;

    window.open_settings("Backups").await;
    window.click_css("[data-reason=\"manual\"] [data-testid=\"backup-preview\"]").await;
    window.find("backup-holds").await;
    let focus: String = window.read("return document.activeElement?.dataset.testid ?? ''", &[]).await;
    assert_eq!(focus, "backup-preview", "while it is read the focus stays");
    window.shot("backup-preview").await;
    window.click("backup-restore").await;
    window.click_css("[data-confirm]").await;
    until("the former history is kept as well", async || {
        (window.count("[data-testid=\"backup\"][data-reason=\"before-restore\"]").await == 1).then_some(())
    })
    .await;
    window.close_settings().await;
    window.click_css("[data-testid=\"conversation-item\"] .sidebar-open").await;
    window.until_last("complete", "Kept.").await;

    // Whoever closed the settings takes it back from the window.
    window.click("undo").await;
    window.until_gone("[data-testid=\"conversation-item\"]").await;
    window.open_settings("Backups").await;
    window.find("backup-restored").await;
    window.shot("backup-restored").await;
    window.click("backup-undo").await;
    until("each history that was replaced is kept", async || {
        (window.count("[data-testid=\"backup\"][data-reason=\"before-restore\"]").await == 3).then_some(())
    })
    .await;
    window.close_settings().await;
    window.click_css("[data-testid=\"conversation-item\"] .sidebar-open").await;
    window.until_last("complete", "Kept.").await;
    window.close().await;
}
