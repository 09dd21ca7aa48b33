//! Whether a request for a person would reach anybody, and a synthetic visitor who tries it.

use async_graphql::{ComplexObject, Context, Enum, ID, Object, Result, SimpleObject};

use super::{asking, services};
use crate::domain::readiness as domain;
use crate::graphql::wire::{Time, id, mirror, requires};
use crate::service::readiness::{self, Shown as Looked};
use crate::service::rehearsal::{self, Shown};

mirror! {
    /// One thing on which it hangs whether a request reaches anybody.
    ReadinessCode = crate::domain::readiness::CheckCode {
        /// The AI agent works for an organization.
        AiAgentAssigned,
        /// The organization is at work.
        OrganizationAtWork,
        /// Handoff is on.
        HandoffEnabled,
        /// Visitors see a way to a person.
        HandoffShown,
        /// It is within business hours now.
        WithinHours,
        /// There are hours at all in the next two weeks.
        HoursAhead,
        /// Somebody holds the permission here.
        SomebodyMayAnswer,
        /// One of them can sign in.
        SomebodyCanSignIn,
        /// One of them is there now.
        SomebodyIsThere,
        /// One of those who are there has room for another chat.
        SomebodyHasRoom,
        /// A dashboard is connected.
        DashboardConnected,
        /// Mails about requests go out.
        MailGoesOut,
        /// The ladder tells somebody.
        LadderReaches,
        /// A query can be left when nobody answers.
        OfflineQueryOffered,
    }
}

mirror! {
    /// What a check found.
    ReadinessOutcome = crate::domain::readiness::Outcome {
        /// As it should be.
        Good,
        /// A request reaches somebody, but later than it could or by fewer ways.
        Warning,
        /// A request would reach nobody.
        Failed,
    }
}

mirror! {
    /// What happens in a rehearsal, in this order.
    RehearsalStepName = crate::domain::readiness::Step {
        /// The widget let the synthetic visitor in.
        Opened,
        /// What the visitor wrote was kept.
        Wrote,
        /// The AI agent answered it.
        AiAnswered,
        /// The request for a person stands in the queue.
        Requested,
        /// Somebody accepted it.
        Accepted,
        /// That person wrote to the visitor.
        Answered,
        /// The chat was completed, or went back to the AI.
        Finished,
    }
}

mirror! {
    /// How far a step of a rehearsal is.
    RehearsalStepState = crate::domain::readiness::StepState {
        /// Done.
        Done,
        /// Waited for now.
        Waiting,
        /// Still to come.
        Ahead,
        /// It did not happen.
        Failed,
    }
}

/// One check, with what it found and what mends it.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = requires::apply("handoff.read".to_owned()))]
pub struct ReadinessCheck {
    /// Which.
    pub code: ReadinessCode,
    /// What it found.
    pub outcome: ReadinessOutcome,
    /// What is so, in a sentence.
    pub finding: String,
    /// What mends it; null where nothing has to be mended.
    pub fix: Option<String>,
    /// The permission of whoever can mend it.
    pub permission: Option<String>,
    /// Whether the viewer holds it here.
    pub viewer_may: bool,
}

/// Whether a request for a person would reach anybody.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = requires::apply("handoff.read".to_owned()))]
pub struct Readiness {
    /// The worst that any check found.
    pub outcome: ReadinessOutcome,
    /// Every check, in the order in which a request meets them.
    pub checks: Vec<ReadinessCheck>,
    /// When it was looked.
    pub at: Time,
}

impl Readiness {
    fn of(looked: Looked) -> Self {
        Self {
            outcome: domain::worst(&looked.checks).into(),
            at: looked.at.into(),
            checks: looked
                .checks
                .into_iter()
                .map(|check| ReadinessCheck {
                    code: check.code.into(),
                    outcome: check.outcome.into(),
                    finding: check.finding,
                    fix: check.fix.map(str::to_owned),
                    viewer_may: check.permission.is_some_and(|wanted| looked.held.contains(&wanted)),
                    permission: check.permission.map(str::to_owned),
                })
                .collect(),
        }
    }
}

/// One step of a rehearsal.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = requires::apply("handoff.read".to_owned()))]
pub struct RehearsalStep {
    /// Which.
    pub name: RehearsalStepName,
    /// How far it is.
    pub state: RehearsalStepState,
    /// When it was done.
    pub at: Option<Time>,
}

/// A synthetic visitor who runs the whole path, and stays out of reports.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(complex, directive = requires::apply("handoff.read".to_owned()))]
pub struct Rehearsal {
    /// The id: `rhl_...`.
    pub id: ID,
    /// The conversation of the synthetic visitor: `cnv_...`.
    pub conversation_id: ID,
    /// When it began.
    pub started_at: Time,
    /// When it ends by itself.
    pub ends_at: Time,
    /// When it ended; null while it runs.
    pub ended_at: Option<Time>,
    /// Its steps, in order.
    pub steps: Vec<RehearsalStep>,
    #[graphql(skip)]
    accepted_by: Option<String>,
}

#[ComplexObject]
impl Rehearsal {
    /// Who accepted the request, by name.
    #[graphql(directive = requires::apply("handoff.read".to_owned()))]
    async fn accepted_by(&self) -> Option<&str> {
        self.accepted_by.as_deref()
    }
}

impl Rehearsal {
    fn of(shown: Shown) -> Self {
        let rehearsal = shown.rehearsal;
        Self {
            id: rehearsal.id.to_string().into(),
            conversation_id: rehearsal.conversation.to_string().into(),
            started_at: rehearsal.started_at.into(),
            ends_at: rehearsal.ends_at.into(),
            ended_at: rehearsal.ended_at.map(Into::into),
            steps: shown
                .steps
                .into_iter()
                .map(|taken| RehearsalStep {
                    name: taken.step.into(),
                    state: taken.state.into(),
                    at: taken.at.map(Into::into),
                })
                .collect(),
            accepted_by: shown.accepted_by,
        }
    }
}

/// Queries of readiness.
#[derive(Default)]
pub struct ReadinessQuery;

#[Object]
impl ReadinessQuery {
    /// Whether a request for a person at an AI agent would reach anybody now, and if not, why, and who can mend it.
    #[graphql(directive = requires::apply("handoff.read".to_owned()))]
    async fn readiness(&self, ctx: &Context<'_>, ai_agent_id: ID) -> Result<Readiness> {
        let id = id("aiAgentId", &ai_agent_id)?;
        Ok(Readiness::of(readiness::look(services(ctx)?, &asking(ctx)?.actor, id).await?))
    }

    /// The last rehearsals at an AI agent, the newest first.
    #[graphql(directive = requires::apply("handoff.read".to_owned()))]
    async fn rehearsals(&self, ctx: &Context<'_>, ai_agent_id: ID) -> Result<Vec<Rehearsal>> {
        let id = id("aiAgentId", &ai_agent_id)?;
        let found = rehearsal::rehearsals(services(ctx)?, &asking(ctx)?.actor, id).await?;
        Ok(found.into_iter().map(Rehearsal::of).collect())
    }

    /// A rehearsal, and how far it is.
    #[graphql(directive = requires::apply("handoff.read".to_owned()))]
    async fn rehearsal(&self, ctx: &Context<'_>, #[graphql(name = "id")] rehearsal_id: ID) -> Result<Rehearsal> {
        let id = id("id", &rehearsal_id)?;
        Ok(Rehearsal::of(rehearsal::rehearsal(services(ctx)?, &asking(ctx)?.actor, id).await?))
    }
}

/// Rehearsals.
#[derive(Default)]
pub struct ReadinessMutation;

#[Object]
impl ReadinessMutation {
    /// Lets a synthetic visitor ask for a person at an AI agent. CONFLICT with what a real visitor would meet, such as
    /// HANDOFF_NOT_AVAILABLE, or with ALREADY_RUNNING. It ends by itself after 15 minutes.
    #[graphql(directive = requires::apply("handoff.read".to_owned()))]
    async fn start_rehearsal(&self, ctx: &Context<'_>, client_id: String, ai_agent_id: ID) -> Result<Rehearsal> {
        let id = id("aiAgentId", &ai_agent_id)?;
        Ok(Rehearsal::of(rehearsal::start(services(ctx)?, &asking(ctx)?.actor, &client_id, id).await?))
    }

    /// Ends a rehearsal: its request is withdrawn, and its chat closed.
    #[graphql(directive = requires::apply("handoff.read".to_owned()))]
    async fn end_rehearsal(&self, ctx: &Context<'_>, rehearsal_id: ID) -> Result<Rehearsal> {
        let id = id("rehearsalId", &rehearsal_id)?;
        Ok(Rehearsal::of(rehearsal::end(services(ctx)?, &asking(ctx)?.actor, id).await?))
    }
}
