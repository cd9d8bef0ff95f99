//! Asking several models at once.

use std::sync::Arc;

use capibara6_consensus::plan;
use capibara6_consensus::run::{Input, Run, Seat, Setup, class};
use capibara6_consensus::server::ServerQuery;
use capibara6_protocol::*;
use capibara6_store::{Asked, BeginConsensus, NewAnswer, NewQuestion, Place};

use super::App;
use crate::consensus::{Begun, Candidacy, Source, learned, stats};
use crate::fleet::Fleet;
use crate::generation::Naming;
use crate::routing::consensus_routing;
use crate::spaces::History;
use crate::titles;

/// What is to be asked of whom, before anything is on disk.
struct Asking {
    fleet: Arc<Fleet>,
    place: Place,
    asked: Asked,
    text: String,
    /// The branch above the question.
    above: Vec<Message>,
    naming: Naming,
    /// An answer that is there already, with its place among the seats.
    known: Option<Message>,
    plan: ConsensusPlan,
}

impl App {
    /// Asks several models.
    pub async fn consensus_begin(&self, request: ConsensusAsk) -> Result<ConsensusStarted, AppError> {
        let history = self.history().await?;
        let fleet = self.inner.fleets.active()?;
        let plan = self.plan(&fleet, request.plan)?;
        let surroundings = &self.inner.surroundings;
        let new = |parent, text: String| {
            Asked::New(NewQuestion { id: MessageId(surroundings.id()), parent, text, created_at: surroundings.now() })
        };
        let (place, asked, text, above) = match request.question {
            ConsensusQuestion::New { conversation: None, text } => {
                let id = ConversationId(surroundings.id());
                let place = Place::New { id, title: titles::first_words(&text) };
                (place, new(None, text.clone()), text, Vec::new())
            }
            ConsensusQuestion::New { conversation: Some(id), text } => {
                let above = history.branch_to_the_end(id).await?;
                let parent = above.last().map(|message| message.id);
                (Place::Known(id), new(parent, text.clone()), text, above)
            }
            ConsensusQuestion::Edited { message, text } => {
                let old = history.message(message, Role::User).await?;
                let above = history.branch_above(&old).await?;
                (Place::Known(old.conversation), new(old.parent, text.clone()), text, above)
            }
            ConsensusQuestion::Again { message } => {
                let old = history.message(message, Role::User).await?;
                let above = history.branch_above(&old).await?;
                (Place::Known(old.conversation), Asked::Known(old.id), old.content, above)
            }
        };
        if text.trim().is_empty() {
            return Err(AppError::new(ErrorCode::InvalidInput).with_field("text"));
        }
        let naming = match place {
            Place::New { .. } if self.settings().model_titles => Naming::ByModel,
            Place::New { .. } | Place::Known(_) => Naming::Keep,
        };
        self.ask_several(&history, Asking { fleet, place, asked, text, above, naming, known: None, plan }).await
    }

    /// Asks the others what one has answered already.
    pub async fn consensus_ask_others(&self, request: ConsensusAskOthers) -> Result<ConsensusStarted, AppError> {
        let history = self.history().await?;
        let fleet = self.inner.fleets.active()?;
        let known = history.message(request.message, Role::Assistant).await?;
        if history.generations.is_streaming(known.id) {
            return Err(ErrorCode::Busy.into());
        }
        let model = known.model.clone().ok_or(ErrorCode::NotFound)?;
        let question = history.message(known.parent.ok_or(ErrorCode::NotFound)?, Role::User).await?;
        let mut plan = self.plan(&fleet, request.plan)?;
        // One model asked several times, or the fleet's service, are no others to this one.
        if matches!(plan.method, ConsensusMethod::SelfConsistency | ConsensusMethod::Server) {
            plan =
                self.plan(&fleet, Some(ConsensusPlan { members: Vec::new(), samples: None, ..plan::delivered() }))?;
        }
        if !plan.members.iter().any(|member| member.model == model) {
            plan.members.truncate(MAX_MEMBERS - 1);
            let weight = fleet.entry(&model).map_or(1.0, |entry| entry.weight);
            plan.members.push(Member { model, weight });
        }
        let above = history.branch_above(&question).await?;
        let asking = Asking {
            fleet,
            place: Place::Known(question.conversation),
            asked: Asked::Known(question.id),
            text: question.content,
            above,
            naming: Naming::Keep,
            known: Some(known),
            plan,
        };
        self.ask_several(&history, asking).await
    }

    /// A run as it stands.
    pub async fn consensus_run(&self, request: ConsensusRef) -> Result<ConsensusRun, AppError> {
        Ok(self.history().await?.runs.read(request.run, self.inner.surroundings.now()).await?.0)
    }

    /// The runs of a conversation, oldest first.
    pub async fn consensus_list(&self, request: ConversationRef) -> Result<Vec<ConsensusRun>, AppError> {
        self.history().await?.runs.of_conversation(request.id, self.inner.surroundings.now()).await
    }

    /// Prompts, orders, seed and resemblances of a run.
    pub async fn consensus_record(&self, request: ConsensusRef) -> Result<ConsensusRecord, AppError> {
        Ok(self.history().await?.runs.read(request.run, self.inner.surroundings.now()).await?.1)
    }

    /// The answers of a run.
    pub async fn consensus_answers(&self, request: ConsensusRef) -> Result<Vec<Message>, AppError> {
        self.history().await?.runs.answers(request.run, self.inner.surroundings.now()).await
    }

    /// Stops one candidate; the others go on.
    pub async fn consensus_stop_candidate(&self, request: ConsensusSlotRef) -> Result<(), AppError> {
        self.history().await?.runs.tell(request.run, Input::Stopped(request.slot));
        Ok(())
    }

    /// Stops all that are not done.
    pub async fn consensus_stop(&self, request: ConsensusRef) -> Result<(), AppError> {
        self.history().await?.runs.tell(request.run, Input::StoppedAll);
        Ok(())
    }

    /// The user's own verdict.
    pub async fn consensus_choose(&self, request: ConsensusSlotRef) -> Result<ConsensusRun, AppError> {
        self.history().await?.runs.choose(request.run, request.slot, self.inner.surroundings.now()).await
    }

    /// The user's own verdict is taken back.
    pub async fn consensus_give_back(&self, request: ConsensusRef) -> Result<ConsensusRun, AppError> {
        self.history().await?.runs.give_back(request.run, self.inner.surroundings.now()).await
    }

    /// What was learned from the user's verdicts.
    pub async fn consensus_weights(&self) -> Result<LearnedWeights, AppError> {
        self.history().await?.runs.learned().await
    }

    /// Sets a learned weight by hand, or gives it back.
    pub async fn consensus_weights_set(&self, request: LearnedWeightSet) -> Result<LearnedWeights, AppError> {
        if request.weight.is_some_and(|weight| !weight.is_finite() || weight < 0.0) {
            return Err(AppError::new(ErrorCode::InvalidInput).with_field("weight"));
        }
        let history = self.history().await?;
        history.store.edit_weight(request.class, &request.model, request.weight).await?;
        history.runs.learned().await
    }

    /// What was measured of models and endpoints.
    pub async fn model_stats(&self, request: ModelStatsAsk) -> Result<ModelStats, AppError> {
        let history = self.history().await?;
        let fleet = self.inner.fleets.current();
        let profile = fleet.as_ref().map(|fleet| &fleet.view.profile);
        stats::read(&history.store, profile, request, self.inner.surroundings.now()).await
    }

    /// A plan with nothing left open: that of the request, of the preset in use, or as delivered.
    fn plan(&self, fleet: &Fleet, plan: Option<ConsensusPlan>) -> Result<ConsensusPlan, AppError> {
        let plan = plan.unwrap_or_else(|| plan::in_use(&self.settings().consensus));
        let [.., a, b, c, d] = self.inner.surroundings.id().into_bytes();
        let plan = plan::resolve(&plan, &members(fleet), u32::from_le_bytes([a, b, c, d]))?;
        if plan.method == ConsensusMethod::Server && !fleet.view.profile.services.contains_key(&Service::Consensus) {
            return Err(AppError::new(ErrorCode::InvalidInput).with_field("method"));
        }
        Ok(plan)
    }

    async fn ask_several(&self, history: &History, asking: Asking) -> Result<ConsensusStarted, AppError> {
        let Asking { fleet, place, asked, text, above, naming, known, plan } = asking;
        let surroundings = &self.inner.surroundings;
        let learned = learned(&history.store).await?;
        let mut members = plan::weighted_seats(&plan, class(&text), &learned);
        if plan.method == ConsensusMethod::Server {
            // The service answers for all of them.
            members.truncate(1);
        }
        let models: Vec<ModelId> = members.iter().map(|member| member.model.clone()).collect();
        let of_class = learned.classes.iter().find(|each| each.class == class(&text));

        let now = surroundings.now();
        let scripted = fleet.is_practice();
        let mut seats = Vec::new();
        let mut answers = Vec::new();
        for Member { model, weight } in &members {
            let weight = *weight;
            let there = known.as_ref().filter(|known| known.model.as_ref() == Some(model));
            let message = there.map_or_else(|| MessageId(surroundings.id()), |known| known.id);
            let scripted = there.map_or(scripted, |known| known.scripted);
            let context = fleet.known_context(model);
            seats.push(Seat { model: model.clone(), weight, message, scripted, context });
            if there.is_none() {
                answers.push(NewAnswer {
                    id: message,
                    model: Some(model.clone()),
                    scripted,
                    routing: fleet.entry(model).map(consensus_routing),
                    created_at: now,
                });
            }
        }
        let judge = plan::judge(&plan, &self::members(&fleet));
        let judge_context = judge.as_ref().and_then(|judge| fleet.known_context(judge));
        let (conversation, question) = match (&place, &asked) {
            (Place::New { id, .. } | Place::Known(id), Asked::New(question)) => (*id, question.id),
            (Place::New { id, .. } | Place::Known(id), Asked::Known(question)) => (*id, *question),
        };
        let run = Run::begin(Setup {
            id: ConsensusId(surroundings.id()),
            conversation,
            question,
            text: text.clone(),
            language: self.settings().locale.clone(),
            plan: plan.clone(),
            seats: seats.clone(),
            judge,
            judge_context,
            n_eff: of_class.and_then(|each| each.n_eff),
            created_at: now,
        });
        let parameters = self.settings().parameters.clone();
        let messages = u32::try_from(above.len() + 1).unwrap_or(u32::MAX);
        let sent: Vec<SentToMember> = (0..)
            .map(Slot)
            .zip(&models)
            .map(|(slot, model)| {
                let set = parameters.get(model).cloned().unwrap_or_default();
                let system_prompt = plan::system_prompt(&plan, &text, &set.system_prompt);
                let parameters = for_slot(Parameters { system_prompt, ..set }, &plan, slot);
                SentToMember { slot, parameters, messages }
            })
            .collect();
        let shown = answers.first().map(|answer| answer.id).filter(|_| known.is_none());
        let record = run.record(sent.clone());
        let begin = BeginConsensus { place, asked, answers, shown, run: run.view().clone(), record };
        let begun = history.store.begin_consensus(begin).await?;
        // What goes on leaves the archive, and counts in its project again.
        history.made(begun.conversation);

        let asked = match &begun.question {
            Some(question) => question.clone(),
            None => history.message(question, Role::User).await?,
        };
        let mut branch = above;
        branch.push(asked);
        let view = run.view().clone();
        let candidacies = seats
            .iter()
            .zip(&sent)
            .map(|(seat, sent)| {
                let new = begun.answers.iter().find(|answer| answer.id == seat.message).cloned();
                match (new, &known) {
                    (Some(answer), _) if plan.method == ConsensusMethod::Server => {
                        let asked = plan.members.iter().map(|member| member.model.clone()).collect();
                        Candidacy::Service(Box::new(answer), ServerQuery::new(&text, asked))
                    }
                    (Some(answer), _) => {
                        let set = [(seat.model.clone(), sent.parameters.clone())].into();
                        Candidacy::Model(Box::new(answer), set)
                    }
                    (None, Some(known)) => Candidacy::Known(Box::new(known.clone())),
                    // Every seat is one or the other.
                    (None, None) => Candidacy::Gone,
                }
            })
            .collect();
        let source = Source { fleet, surroundings: surroundings.clone(), branch, naming };
        history.runs.start(Begun { run, candidacies, sent, source });
        Ok(ConsensusStarted { conversation, question: begun.question, run: view, answers: begun.answers })
    }
}

/// Every model of the profile, with its weight.
fn members(fleet: &Fleet) -> Vec<Member> {
    let member = |entry: &ModelEntry| Member { model: entry.id.clone(), weight: entry.weight };
    fleet.view.profile.models.iter().map(member).collect()
}

/// What is set for one slot. One model that is asked several times needs another sample each time: its own seed, and a
/// temperature at which it does not always say the same.
fn for_slot(parameters: Parameters, plan: &ConsensusPlan, slot: Slot) -> Parameters {
    const LEAST_VARIED: f64 = 0.7;
    let Some(seed) = plan::sample_seed(plan, slot) else { return parameters };
    let temperature = parameters.temperature.map_or(LEAST_VARIED, |set| set.max(LEAST_VARIED));
    Parameters { seed: Some(seed), temperature: Some(temperature), ..parameters }
}
