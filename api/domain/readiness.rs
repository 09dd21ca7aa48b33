//! Whether a request for a person would reach anybody (W08): every reason for which it would not, with what mends it. Pure:
//! the facts are gathered elsewhere.

use super::access::Place;
use super::conversation::{AuthorKind, Conversation, EntryKind, Handoff, HandoffState, Message, State, words};
use super::id::{AgencyId, AiAgentId, ConversationId, OrganizationId, RehearsalId, UserId};
use super::time::Time;

words! {
    /// The closed list of checks, in the order in which a request meets them.
    CheckCode {
        /// The AI agent works for an organization (S190).
        AiAgentAssigned "AI_AGENT_ASSIGNED",
        /// The organization is at work.
        OrganizationAtWork "ORGANIZATION_AT_WORK",
        /// Handoff is on (S162, S165).
        HandoffEnabled "HANDOFF_ENABLED",
        /// Visitors see a way to a person (S186).
        HandoffShown "HANDOFF_SHOWN",
        /// It is within business hours now (S163, S166).
        WithinHours "WITHIN_HOURS",
        /// There are hours at all in the next two weeks.
        HoursAhead "HOURS_AHEAD",
        /// Somebody holds the permission here (S164, S167, S191).
        SomebodyMayAnswer "SOMEBODY_MAY_ANSWER",
        /// One of them can sign in.
        SomebodyCanSignIn "SOMEBODY_CAN_SIGN_IN",
        /// One of them is there now (S183).
        SomebodyIsThere "SOMEBODY_IS_THERE",
        /// One of those who are there has room for another chat.
        SomebodyHasRoom "SOMEBODY_HAS_ROOM",
        /// A dashboard is connected, so that a request is seen without a reload (S173).
        DashboardConnected "DASHBOARD_CONNECTED",
        /// Mails about requests go out.
        MailGoesOut "MAIL_GOES_OUT",
        /// The ladder tells somebody.
        LadderReaches "LADDER_REACHES",
        /// A query can be left when nobody answers.
        OfflineQueryOffered "OFFLINE_QUERY_OFFERED",
    }
}

words! {
    /// What a check found.
    Outcome {
        /// As it should be.
        Good "GOOD",
        /// A request reaches somebody, but later than it could or by fewer ways.
        Warning "WARNING",
        /// A request would reach nobody.
        Failed "FAILED",
    }
}

/// What is so, at one AI agent, at one instant.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// Whether it is assigned.
    pub assigned: bool,
    /// Whether its organization is at work.
    pub at_work: bool,
    /// Whether handoff is on.
    pub enabled: bool,
    /// Whether the agency locked that.
    pub locked: bool,
    /// Whether visitors see a way to a person.
    pub shown: bool,
    /// Whether it is within business hours.
    pub open: bool,
    /// When they begin next, for people, in the zone of the hours; none when they are open or never begin.
    pub opens: Option<String>,
    /// What time it is there, for people.
    pub local_time: String,
    /// Names of those who may answer.
    pub may_answer: Vec<String>,
    /// How many of them have signed in at least once.
    pub signed_in_once: usize,
    /// Names of those who are there now.
    pub there: Vec<String>,
    /// How many of them have room for another chat.
    pub with_room: usize,
    /// How many dashboards are connected to this server.
    pub dashboards: usize,
    /// Whether mails of this agency go out, and why not.
    pub mail_trouble: Option<String>,
    /// Whether a step of the ladder tells somebody.
    pub ladder_reaches: bool,
    /// Whether a query can be left.
    pub offline_query: bool,
}

/// One check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// Which.
    pub code: CheckCode,
    /// What it found.
    pub outcome: Outcome,
    /// What is so, in a sentence.
    pub finding: String,
    /// What mends it, in a sentence; none where nothing has to be mended.
    pub fix: Option<&'static str>,
    /// The permission of whoever can mend it.
    pub permission: Option<&'static str>,
}

/// Names for a sentence: the first three, and how many more.
fn some_of(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] if names.len() <= 3 => format!("{} and {last}", first.join(", ")),
        [a, b, c, rest @ ..] => format!("{a}, {b}, {c} and {} more", rest.len()),
        _ => names.join(", "),
    }
}

/// Every check, in the order of [`CheckCode`]. What rests on an earlier one that failed is still said: people mend several
/// things at once.
pub fn checks(facts: &Facts) -> Vec<Check> {
    use CheckCode as Code;
    let mut checks = Vec::new();
    let mut add = |code, outcome, finding: String, fix, permission| {
        let mend = outcome != Outcome::Good;
        let (fix, permission) = if mend { (Some(fix), Some(permission)) } else { (None, None) };
        checks.push(Check { code, outcome, finding, fix, permission });
    };
    let either = |good: bool, bad: Outcome| if good { Outcome::Good } else { bad };
    let says = |good: bool, yes: &str, no: &str| if good { yes.to_owned() } else { no.to_owned() };

    add(
        Code::AiAgentAssigned,
        either(facts.assigned, Outcome::Failed),
        says(
            facts.assigned,
            "The AI agent works for an organization.",
            "The AI agent is not assigned to an organization.",
        ),
        "Assign it to the organization whose people are to answer.",
        "ai_agent.assign",
    );
    add(
        Code::OrganizationAtWork,
        either(facts.at_work, Outcome::Failed),
        says(facts.at_work, "The organization is at work.", "The organization is suspended, or in the bin."),
        "Resume the organization.",
        "organization.suspend",
    );
    add(
        Code::HandoffEnabled,
        either(facts.enabled, Outcome::Failed),
        match (facts.enabled, facts.locked) {
            (true, _) => "Handoff is enabled.".to_owned(),
            (false, true) => "Handoff is off, and the agency has fixed that.".to_owned(),
            (false, false) => "Handoff is off.".to_owned(),
        },
        if facts.locked { "Ask the agency to leave it open under Settings." } else { "Enable it under Escalation." },
        if facts.locked { "package.edit" } else { "handoff.enable" },
    );
    add(
        Code::HandoffShown,
        either(facts.shown, Outcome::Failed),
        says(
            facts.shown,
            "Visitors see how to ask for a person.",
            "The handoff popup is off: visitors see no way to a person.",
        ),
        "Turn on “Enable handoff popup” or “Fixed handoff popup” under Escalation.",
        "handoff.edit",
    );
    add(
        Code::WithinHours,
        either(facts.open, Outcome::Failed),
        match (facts.open, &facts.opens) {
            (true, _) => format!("It is within business hours: {}.", facts.local_time),
            (false, Some(opens)) => {
                format!("It is outside of business hours: {}. They begin {opens}.", facts.local_time)
            }
            (false, None) => format!("It is outside of business hours: {}.", facts.local_time),
        },
        "Compare the hours under Escalation with this time, or wait until they begin.",
        "business_hours.edit",
    );
    let ahead = facts.open || facts.opens.is_some();
    add(
        Code::HoursAhead,
        either(ahead, Outcome::Failed),
        says(
            ahead,
            "There are business hours in the next two weeks.",
            "No business hours begin in the next two weeks.",
        ),
        "Check days, exceptions and holiday calendars under Escalation.",
        "business_hours.edit",
    );
    let may = !facts.may_answer.is_empty();
    add(
        Code::SomebodyMayAnswer,
        either(may, Outcome::Failed),
        if may {
            format!("{} may answer.", some_of(&facts.may_answer))
        } else {
            "Nobody has “Respond to Live Chats” at this AI agent.".to_owned()
        },
        "Give somebody the role Operator, or take the limit to other AI agents off them, under Team.",
        "team.set_roles",
    );
    let can = facts.signed_in_once > 0;
    add(
        Code::SomebodyCanSignIn,
        either(can, Outcome::Failed),
        match facts.signed_in_once {
            0 => "None of them has ever signed in.".to_owned(),
            1 => "One of them has signed in before.".to_owned(),
            many => format!("{many} of them have signed in before."),
        },
        "Ask them to accept their invitation, or send it again, under Team.",
        "team.invite",
    );
    let there = !facts.there.is_empty();
    add(
        Code::SomebodyIsThere,
        either(there, Outcome::Warning),
        if there {
            format!("There now: {}.", some_of(&facts.there))
        } else {
            "Nobody who may answer is there now.".to_owned()
        },
        "Somebody has to sign in and be online; the ladder goes on telling people meanwhile.",
        "live_chat.respond",
    );
    add(
        Code::SomebodyHasRoom,
        either(facts.with_room > 0 || !there, Outcome::Warning),
        match (there, facts.with_room) {
            (false, _) => "Nobody is there whose room could be counted.".to_owned(),
            (true, 0) => "Everybody who is there has as many chats as allowed.".to_owned(),
            (true, 1) => "One of those who are there has room for another chat.".to_owned(),
            (true, many) => format!("{many} of those who are there have room for another chat."),
        },
        "Complete chats, or allow more at a time under Settings, Routing.",
        "routing.edit",
    );
    add(
        Code::DashboardConnected,
        either(facts.dashboards > 0, Outcome::Warning),
        match facts.dashboards {
            0 => "No dashboard is connected here now: nobody would see a request without loading the page.".to_owned(),
            1 => "One dashboard is connected and shows requests as they come.".to_owned(),
            many => format!("{many} dashboards are connected and show requests as they come."),
        },
        "Open Live Chats. A page that lost its connection says so at its top and comes back by itself.",
        "live_chat.view_queue",
    );
    add(
        Code::MailGoesOut,
        either(facts.mail_trouble.is_none(), Outcome::Warning),
        facts.mail_trouble.clone().unwrap_or_else(|| "Mails about requests go out.".to_owned()),
        "Set up the sender and its records under Sender.",
        "sender.manage",
    );
    add(
        Code::LadderReaches,
        either(facts.ladder_reaches, Outcome::Failed),
        says(facts.ladder_reaches, "The ladder tells somebody.", "No step of the ladder tells anybody."),
        "Add a step to the ladder under Settings.",
        "routing.edit",
    );
    add(
        Code::OfflineQueryOffered,
        either(facts.offline_query, Outcome::Warning),
        says(
            facts.offline_query,
            "A visitor whom nobody answers can leave a query.",
            "A visitor whom nobody answers can leave no query.",
        ),
        "Turn on the contact form under Settings, Business hours.",
        "business_hours.edit",
    );
    checks
}

/// The worst that any check found.
pub fn worst(checks: &[Check]) -> Outcome {
    checks.iter().map(|check| check.outcome).max().unwrap_or(Outcome::Good)
}

words! {
    /// What happens in a rehearsal, in this order.
    Step {
        /// The widget let the synthetic visitor in.
        Opened "OPENED",
        /// What the visitor wrote was kept.
        Wrote "WROTE",
        /// The AI agent answered it.
        AiAnswered "AI_ANSWERED",
        /// The request for a person was kept, and stands in the queue.
        Requested "REQUESTED",
        /// Somebody accepted it.
        Accepted "ACCEPTED",
        /// That person wrote to the visitor.
        Answered "ANSWERED",
        /// The chat was completed, or went back to the AI.
        Finished "FINISHED",
    }
}

words! {
    /// How far a step of a rehearsal is.
    StepState {
        /// Done.
        Done "DONE",
        /// Waited for now.
        Waiting "WAITING",
        /// Still to come.
        Ahead "AHEAD",
        /// It did not happen.
        Failed "FAILED",
    }
}

/// A synthetic visitor who runs the whole path, for people to see whether a request would be answered (W08).
#[derive(Debug, Clone, PartialEq)]
pub struct Rehearsal {
    /// Its id.
    pub id: RehearsalId,
    /// The agency it belongs to.
    pub agency: AgencyId,
    /// The organization whose people answer.
    pub organization: OrganizationId,
    /// The AI agent that is tried.
    pub ai_agent: AiAgentId,
    /// The conversation of the synthetic visitor.
    pub conversation: ConversationId,
    /// Who began it.
    pub started_by: UserId,
    /// When.
    pub started_at: Time,
    /// When it ends by itself.
    pub ends_at: Time,
    /// When it ended.
    pub ended_at: Option<Time>,
}

impl Rehearsal {
    /// Where it stands, for the policy.
    pub fn place(&self) -> Place {
        Place::ai_agent(self.agency, Some(self.organization), self.ai_agent)
    }
}

/// One step, and when it was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Taken {
    /// Which.
    pub step: Step,
    /// How far it is.
    pub state: StepState,
    /// When it was done.
    pub at: Option<Time>,
}

/// How far a rehearsal is, read from what was kept of it. The AI's answer is no condition of what follows: people may accept
/// before it is there.
pub fn steps(
    rehearsal: &Rehearsal,
    conversation: &Conversation,
    messages: &[Message],
    handoff: Option<&Handoff>,
) -> Vec<Taken> {
    let first =
        |is: &dyn Fn(&Message) -> bool| messages.iter().find(|message| is(message)).map(|found| found.created_at);
    let said = |by: AuthorKind| first(&|message| message.kind == EntryKind::Text && message.author_kind == by);
    let accepted = handoff.and_then(|handoff| handoff.accepted_at);
    let ended =
        handoff.is_some_and(|handoff| matches!(handoff.state, HandoffState::Completed | HandoffState::Returned));
    let finished = if ended { handoff.and_then(|handoff| handoff.ended_at) } else { None };
    let done = [
        (Step::Opened, Some(conversation.opened_at)),
        (Step::Wrote, said(AuthorKind::Visitor)),
        (Step::AiAnswered, said(AuthorKind::Ai)),
        (Step::Requested, handoff.map(|handoff| handoff.requested_at)),
        (Step::Accepted, accepted),
        (Step::Answered, said(AuthorKind::Operator)),
        (Step::Finished, finished),
    ];
    let over = rehearsal.ended_at.is_some()
        || finished.is_some()
        || handoff.is_some_and(|handoff| matches!(handoff.state, HandoffState::Missed | HandoffState::Cancelled))
        || matches!(conversation.state, State::Missed | State::Ended);
    let mut waited = false;
    done.into_iter()
        .map(|(step, at)| {
            let state = match (at, over) {
                (Some(_), _) => StepState::Done,
                (None, true) => StepState::Failed,
                // Nobody waits for the AI's answer.
                (None, false) if step == Step::AiAnswered => StepState::Waiting,
                (None, false) if waited => StepState::Ahead,
                (None, false) => {
                    waited = true;
                    StepState::Waiting
                }
            };
            Taken { step, state, at }
        })
        .collect()
}

/// Whether nothing of it is still to come, be it done or failed.
pub fn is_over(steps: &[Taken]) -> bool {
    steps.iter().all(|one| matches!(one.state, StepState::Done | StepState::Failed))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all_good() -> Facts {
        Facts {
            assigned: true,
            at_work: true,
            enabled: true,
            shown: true,
            open: true,
            local_time: "Monday 10:00".to_owned(),
            may_answer: vec!["Olivia Hart".to_owned()],
            signed_in_once: 1,
            there: vec!["Olivia Hart".to_owned()],
            with_room: 1,
            dashboards: 1,
            ladder_reaches: true,
            offline_query: true,
            ..Facts::default()
        }
    }

    #[test]
    fn a_good_set_up_has_nothing_to_mend() {
        let found = checks(&all_good());
        assert_eq!(found.iter().map(|check| check.code).collect::<Vec<_>>(), CheckCode::ALL);
        assert_eq!(worst(&found), Outcome::Good);
        assert!(found.iter().all(|check| check.fix.is_none() && check.permission.is_none()));
    }

    /// One thing is wrong: exactly its check says so, with a way to mend it.
    #[track_caller]
    fn check(spoil: impl Fn(&mut Facts), code: CheckCode, outcome: Outcome) {
        let mut facts = all_good();
        spoil(&mut facts);
        let found = checks(&facts);
        let bad: Vec<_> = found.iter().filter(|check| check.outcome != Outcome::Good).collect();
        assert_eq!(bad.iter().map(|check| (check.code, check.outcome)).collect::<Vec<_>>(), [(code, outcome)]);
        assert!(bad[0].fix.is_some() && bad[0].permission.is_some());
    }

    #[test]
    fn every_cause_is_found_and_has_a_fix() {
        check(|f| f.assigned = false, CheckCode::AiAgentAssigned, Outcome::Failed);
        check(|f| f.at_work = false, CheckCode::OrganizationAtWork, Outcome::Failed);
        check(|f| f.enabled = false, CheckCode::HandoffEnabled, Outcome::Failed);
        check(|f| f.shown = false, CheckCode::HandoffShown, Outcome::Failed);
        check(
            |f| (f.open, f.opens) = (false, Some("Tuesday 9:00".to_owned())),
            CheckCode::WithinHours,
            Outcome::Failed,
        );
        check(|f| f.may_answer.clear(), CheckCode::SomebodyMayAnswer, Outcome::Failed);
        check(|f| f.signed_in_once = 0, CheckCode::SomebodyCanSignIn, Outcome::Failed);
        check(|f| f.there.clear(), CheckCode::SomebodyIsThere, Outcome::Warning);
        check(|f| f.with_room = 0, CheckCode::SomebodyHasRoom, Outcome::Warning);
        check(|f| f.dashboards = 0, CheckCode::DashboardConnected, Outcome::Warning);
        check(|f| f.mail_trouble = Some("No sender.".to_owned()), CheckCode::MailGoesOut, Outcome::Warning);
        check(|f| f.ladder_reaches = false, CheckCode::LadderReaches, Outcome::Failed);
        check(|f| f.offline_query = false, CheckCode::OfflineQueryOffered, Outcome::Warning);
    }

    #[test]
    fn hours_that_never_begin_are_said_to_be_so() {
        let found = checks(&Facts { open: false, opens: None, ..all_good() });
        let bad: Vec<_> = found.iter().filter(|check| check.outcome != Outcome::Good).map(|check| check.code).collect();
        assert_eq!(bad, [CheckCode::WithinHours, CheckCode::HoursAhead]);
    }

    #[test]
    fn names_make_a_sentence() {
        let names = |count: usize| (1..=count).map(|n| format!("P{n}")).collect::<Vec<_>>();
        assert_eq!(some_of(&names(1)), "P1");
        assert_eq!(some_of(&names(2)), "P1 and P2");
        assert_eq!(some_of(&names(3)), "P1, P2 and P3");
        assert_eq!(some_of(&names(5)), "P1, P2, P3 and 2 more");
    }
}
