//! Asking several models at once.

use capibara6_protocol::{
    AppError, ConsensusAsk, ConsensusAskOthers, ConsensusRecord, ConsensusRef, ConsensusRun, ConsensusSlotRef,
    ConsensusStarted, ConversationRef, LearnedWeightSet, LearnedWeights, Message, ModelStats, ModelStatsAsk,
};
use tauri::State;

use crate::backend::Backend;

/// Asks several models.
#[tauri::command]
pub async fn consensus_begin(backend: State<'_, Backend>, request: ConsensusAsk) -> Result<ConsensusStarted, AppError> {
    backend.core().await.consensus_begin(request).await
}

/// Asks the others what one has answered already.
#[tauri::command]
pub async fn consensus_ask_others(
    backend: State<'_, Backend>,
    request: ConsensusAskOthers,
) -> Result<ConsensusStarted, AppError> {
    backend.core().await.consensus_ask_others(request).await
}

/// A run as it stands.
#[tauri::command]
pub async fn consensus_run(backend: State<'_, Backend>, request: ConsensusRef) -> Result<ConsensusRun, AppError> {
    backend.core().await.consensus_run(request).await
}

/// The runs of a conversation, oldest first.
#[tauri::command]
pub async fn consensus_list(
    backend: State<'_, Backend>,
    request: ConversationRef,
) -> Result<Vec<ConsensusRun>, AppError> {
    backend.core().await.consensus_list(request).await
}

/// Prompts, orders, seed and resemblances of a run.
#[tauri::command]
pub async fn consensus_record(backend: State<'_, Backend>, request: ConsensusRef) -> Result<ConsensusRecord, AppError> {
    backend.core().await.consensus_record(request).await
}

/// The answers of a run.
#[tauri::command]
pub async fn consensus_answers(backend: State<'_, Backend>, request: ConsensusRef) -> Result<Vec<Message>, AppError> {
    backend.core().await.consensus_answers(request).await
}

/// Stops one candidate; the others go on.
#[tauri::command]
pub async fn consensus_stop_candidate(backend: State<'_, Backend>, request: ConsensusSlotRef) -> Result<(), AppError> {
    backend.core().await.consensus_stop_candidate(request).await
}

/// Stops all that are not done.
#[tauri::command]
pub async fn consensus_stop(backend: State<'_, Backend>, request: ConsensusRef) -> Result<(), AppError> {
    backend.core().await.consensus_stop(request).await
}

/// The user's own verdict.
#[tauri::command]
pub async fn consensus_choose(
    backend: State<'_, Backend>,
    request: ConsensusSlotRef,
) -> Result<ConsensusRun, AppError> {
    backend.core().await.consensus_choose(request).await
}

/// The user's own verdict is taken back.
#[tauri::command]
pub async fn consensus_give_back(backend: State<'_, Backend>, request: ConsensusRef) -> Result<ConsensusRun, AppError> {
    backend.core().await.consensus_give_back(request).await
}

/// What was learned from the user's verdicts.
#[tauri::command]
pub async fn consensus_weights(backend: State<'_, Backend>) -> Result<LearnedWeights, AppError> {
    backend.core().await.consensus_weights().await
}

/// Sets a learned weight by hand, or gives it back.
#[tauri::command]
pub async fn consensus_weights_set(
    backend: State<'_, Backend>,
    request: LearnedWeightSet,
) -> Result<LearnedWeights, AppError> {
    backend.core().await.consensus_weights_set(request).await
}

/// What was measured of models and endpoints.
#[tauri::command]
pub async fn model_stats(backend: State<'_, Backend>, request: ModelStatsAsk) -> Result<ModelStats, AppError> {
    backend.core().await.model_stats(request).await
}
