//! The escalation ladder: who is told that a visitor waits, and what came of it.

use async_graphql::{Context, Enum, ID, InputObject, Object, Result, SimpleObject};

use super::setting::SettingOrigin;
use super::{asking, services};
use crate::domain::ladder as domain;
use crate::graphql::wire::{Time, mirror, optional_id, requires};
use crate::service::ladder::{self, Counts, Taken};

mirror! {
    /// Whom a step of the ladder tells.
    EscalationTarget = crate::domain::ladder::Whom {
        /// Whoever may answer live chats there: the organization's own people and staff assigned to it; all staff who may
        /// where there is nobody else.
        Team,
        /// Whoever supervises them.
        Supervisors,
        /// The agency's staff who watch over all organizations.
        Agency,
        /// One address.
        Address,
        /// Nobody any more: the request is missed, and the visitor is offered the offline query.
        OfflineQuery,
    }
}

mirror! {
    /// By which way a step of the ladder tells.
    EscalationChannel = crate::domain::ladder::Channel {
        /// It rings in the dashboard.
        Ring,
        /// By mail.
        Email,
    }
}

mirror! {
    /// What became of a step of the ladder.
    HandoffStepOutcome = crate::domain::ladder::StepOutcome {
        /// It rang.
        Rang,
        /// Mails were written.
        Mailed,
        /// There is nobody whom it could tell.
        Nobody,
        /// Nobody came: the request is missed.
        Missed,
        /// Not taken: somebody had accepted.
        Claimed,
        /// Not taken: the request had been withdrawn, or had ended.
        Cancelled,
        /// Not taken: a rehearsal tells nobody by mail.
        Rehearsal,
    }
}

/// One step of an escalation ladder.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = requires::apply("handoff.read".to_owned()))]
pub struct EscalationStep {
    /// How long after the request, in seconds.
    pub after_seconds: i64,
    /// Whom it tells.
    pub whom: EscalationTarget,
    /// The address, when it is one.
    pub address: Option<String>,
    /// By which ways; none for the offline query.
    pub channels: Vec<EscalationChannel>,
}

/// The escalation ladder that counts somewhere: its steps are taken until somebody accepts.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = requires::apply("handoff.read".to_owned()))]
pub struct EscalationLadder {
    /// The steps, the first one first.
    pub steps: Vec<EscalationStep>,
    /// After how many seconds the last step is taken again, and again; null when it is not.
    pub repeat_seconds: Option<i64>,
    /// Who said so.
    pub origin: SettingOrigin,
    /// Whether the viewer may change it here.
    pub editable: bool,
}

impl EscalationLadder {
    fn of(counts: Counts) -> Self {
        let steps = counts.ladder.rungs.into_iter().map(|rung| EscalationStep {
            after_seconds: rung.after,
            whom: rung.whom.into(),
            address: rung.address,
            channels: rung.channels.into_iter().map(Into::into).collect(),
        });
        Self {
            steps: steps.collect(),
            repeat_seconds: counts.ladder.repeat,
            origin: counts.origin.into(),
            editable: counts.editable,
        }
    }
}

/// What a step of the ladder came to, by one way.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = requires::apply("live_chat.view_queue".to_owned()))]
pub struct HandoffStep {
    /// When.
    pub at: Time,
    /// Whom it was to tell.
    pub whom: EscalationTarget,
    /// The address, when it was one.
    pub address: Option<String>,
    /// By which way; null for the offline query.
    pub channel: Option<EscalationChannel>,
    /// What came of it.
    pub outcome: HandoffStepOutcome,
    /// How many people were written to.
    pub people: i64,
}

impl HandoffStep {
    /// Wraps one.
    pub fn of(taken: Taken) -> Self {
        Self {
            at: taken.at.into(),
            whom: taken.whom.into(),
            address: taken.address,
            channel: domain::Channel::parse(&taken.channel).map(Into::into),
            outcome: taken.outcome.into(),
            people: taken.people,
        }
    }
}

/// A step as it is wanted.
#[derive(InputObject, Debug, Clone)]
pub struct EscalationStepInput {
    /// How long after the request, in seconds; not before the step before it, and at most a day.
    pub after_seconds: i64,
    /// Whom it tells.
    pub whom: EscalationTarget,
    /// The address, when it is one.
    pub address: Option<String>,
    /// By which ways; none for the offline query.
    pub channels: Option<Vec<EscalationChannel>>,
}

/// Queries of escalation ladders.
#[derive(Default)]
pub struct LadderQuery;

#[Object]
impl LadderQuery {
    /// The escalation ladder of an organization; the agency's own default when none is named.
    #[graphql(directive = requires::apply("handoff.read".to_owned()))]
    async fn escalation_ladder(&self, ctx: &Context<'_>, organization_id: Option<ID>) -> Result<EscalationLadder> {
        let organization = optional_id("organizationId", organization_id.as_ref())?;
        Ok(EscalationLadder::of(ladder::ladder(services(ctx)?, &asking(ctx)?.actor, organization).await?))
    }
}

/// Changes of escalation ladders.
#[derive(Default)]
pub struct LadderMutation;

#[Object]
impl LadderMutation {
    /// Says what the ladder is in an organization, or by default in the agency, which needs package.edit. Without steps what
    /// lies below counts again. It counts for requests that come from now on. INVALID with NOT_IN_ORDER, NO_CHANNEL,
    /// ADDRESS_MISSING, OFFLINE_QUERY_IS_LAST, TOO_MANY, NOTHING_TO_REPEAT or OUT_OF_RANGE.
    #[graphql(directive = requires::apply("handoff.edit".to_owned()))]
    async fn update_escalation_ladder(
        &self,
        ctx: &Context<'_>,
        organization_id: Option<ID>,
        steps: Option<Vec<EscalationStepInput>>,
        repeat_seconds: Option<i64>,
    ) -> Result<EscalationLadder> {
        let organization = optional_id("organizationId", organization_id.as_ref())?;
        let wanted = match steps {
            None => None,
            Some(steps) => {
                let rungs = steps.into_iter().map(|step| domain::Rung {
                    after: step.after_seconds,
                    whom: step.whom.into(),
                    address: step.address,
                    channels: step.channels.unwrap_or_default().into_iter().map(Into::into).collect(),
                });
                Some(domain::Ladder::new(rungs.collect(), repeat_seconds)?)
            }
        };
        let (services, actor) = (services(ctx)?, &asking(ctx)?.actor);
        Ok(EscalationLadder::of(ladder::update(services, actor, organization, wanted).await?))
    }
}
