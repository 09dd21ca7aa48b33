//! A person is called, or offered, without anybody pressing a button: by the visitor's own words, by what the AI says, and by
//! answers that do not help.

use super::Services;
use super::handoff::{self, Announcement, change};
use crate::domain::agent::AiAgent;
use crate::domain::answer::{Answer, asks_for_human};
use crate::domain::conversation::{Conversation, Intent, Move, State};
use crate::domain::id::OrganizationId;
use crate::domain::time::Time;
use crate::error::Result;
use crate::policy::Scope;
use crate::store::Write;
use crate::store::conversation::{self, Count};

/// Whether a visitor's words call a person where that AI agent works (S021, S053).
pub(super) fn by_words(agent: &AiAgent, text: &str) -> bool {
    agent.hands_off() && agent.offer().on_words && asks_for_human(text)
}

/// What an answer of the AI means for a person being called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Next {
    /// Why a person is offered with it, if one is.
    pub(super) offers: Option<Intent>,
    /// What it means for the count of answers in a row that did not help.
    pub(super) count: Count,
    /// Whether that count may call a person.
    pub(super) may_call: bool,
}

/// What an answer to that text means. Whoever asks for a person is offered one in any case; that is no failure of the AI.
pub(super) fn after_answer(agent: &AiAgent, text: &str, answer: &Answer) -> Next {
    let offer = agent.offer();
    let asked = asks_for_human(text);
    let count = match (asked, answer.helped) {
        (true, _) => Count::Keep,
        (false, true) => Count::Reset,
        (false, false) => Count::Up,
    };
    let offers = if asked {
        Some(Intent::Words)
    } else if answer.wants_human && offer.on_ai_decision {
        Some(Intent::AiDecision)
    } else if !answer.helped && offer.on_low_confidence {
        Some(Intent::LowConfidence)
    } else {
        None
    };
    let there = agent.hands_off();
    let may_call = there && count == Count::Up && offer.after_failures > 0;
    Next { offers: offers.filter(|_| there), count, may_call }
}

/// Whether so many answers in a row have not helped that a person is called.
pub(super) fn enough(agent: &AiAgent, row: &Conversation) -> bool {
    let most = agent.offer().after_failures;
    most > 0 && row.failures >= most
}

/// Calls a person to a conversation that the AI has, in the unit of what calls for one and on the version that was read there;
/// where contact details are asked for first, asks for them. Nothing, when the conversation is not with the AI any more.
///
/// Whoever calls has made sure, earlier in the same unit, that the organization and the AI agent are at work.
#[expect(clippy::too_many_arguments, reason = "what is called, by whom, why and when, in whose unit")]
pub(super) async fn call(
    s: &Services,
    unit: &mut Write,
    scope: &Scope,
    agent: &AiAgent,
    organization: OrganizationId,
    row: &Conversation,
    intent: Intent,
    now: Time,
) -> Result<Option<Conversation>> {
    if row.state != State::Ai || row.organization != Some(organization) {
        return Ok(None);
    }
    if agent.ask_contact {
        conversation::note_calling(unit, scope, row.id, Some(intent)).await?;
        return change(s, unit, scope, row, Move::Collect, None, Announcement::silent(), now).await.map(Some);
    }
    handoff::call(s, unit, scope, row, organization, intent, None, now).await.map(Some)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::domain::agent::Own;
    use crate::domain::id::{AgencyId, AiAgentId};

    fn agent(own: &[(&str, &str)]) -> AiAgent {
        let own: BTreeMap<String, String> =
            own.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        AiAgent {
            id: AiAgentId::from_number(1),
            agency: AgencyId::from_number(1),
            organization: Some(OrganizationId::from_number(1)),
            name: "Crumb".to_owned(),
            instructions: String::new(),
            handoff_enabled: true,
            ask_contact: false,
            button_after_messages: 0,
            own: Own::of(own),
            created_at: Time::from_micros(0),
        }
    }

    #[test]
    fn what_an_answer_means() {
        #[track_caller]
        fn check(own: &[(&str, &str)], text: &str, helped: bool, wants: bool, offers: Option<Intent>, count: Count) {
            let answer = Answer { text: "x".into(), sources: Vec::new(), helped, wants_human: wants };
            let next = after_answer(&agent(own), text, &answer);
            assert_eq!((next.offers, next.count), (offers, count));
        }
        let off = |key: &'static str| [(key, "false")];
        check(&[], "Rockets?", true, false, None, Count::Reset);
        check(&[], "Rockets?", false, false, Some(Intent::LowConfidence), Count::Up);
        check(&[], "Rockets?", false, true, Some(Intent::AiDecision), Count::Up);
        check(&off("handoff.on_low_confidence"), "Rockets?", false, false, None, Count::Up);
        check(&off("handoff.on_low_confidence"), "Rockets?", false, true, Some(Intent::AiDecision), Count::Up);
        check(&off("handoff.on_ai_decision"), "Rockets?", false, true, Some(Intent::LowConfidence), Count::Up);
        check(&off("handoff.on_words"), "I need a human", false, true, Some(Intent::Words), Count::Keep);
        check(&off("handoff.popup"), "Rockets?", false, false, None, Count::Up);
        check(
            &[("handoff.popup", "false"), ("handoff.fixed_popup", "true")],
            "Rockets?",
            false,
            false,
            Some(Intent::LowConfidence),
            Count::Up,
        );
    }

    #[test]
    fn words_call_where_they_may() {
        assert!(by_words(&agent(&[]), "I need a human"));
        assert!(!by_words(&agent(&[]), "When are you open?"));
        assert!(!by_words(&agent(&[("handoff.on_words", "false")]), "I need a human"));
        assert!(!by_words(&agent(&[("handoff.popup", "false")]), "I need a human"));
        let unassigned = AiAgent { organization: None, ..agent(&[("handoff.fixed_popup", "true")]) };
        assert!(!by_words(&unassigned, "I need a human"));
        assert!(!unassigned.offer().fixed_popup);
        assert!(!by_words(&AiAgent { handoff_enabled: false, ..agent(&[]) }, "I need a human"));
    }
}
