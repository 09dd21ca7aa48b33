//! Conversations and handoffs: who owns one, and what may become of it. Pure: the state machine of the product.

use std::time::Duration;

use super::access::Place;
use super::file::Attachment;
use super::id::{
    AgencyId, AiAgentId, ConversationId, HandoffId, MessageId, OrganizationId, UserId, VisitorId, WidgetId,
};
use super::tenant::Closure;
use super::time::Time;

/// A closed set of words, each with one spelling that database and wire share.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name { $($(#[$vdoc])* $variant,)* }
        impl $name {
            /// All of them, in the order of their declaration.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];
            /// The word as kept and sent.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }
            /// The variant of that word.
            pub fn parse(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)* _ => None }
            }
        }
    };
}
pub(crate) use words;

words! {
    /// Who owns a conversation now.
    State {
        /// The AI agent answers.
        Ai "AI",
        /// The visitor is asked for details before a human is called; the AI still owns it.
        Collecting "COLLECTING",
        /// A human is wanted; nobody has accepted yet.
        Requested "REQUESTED",
        /// An operator has it; the AI is silent.
        Human "HUMAN",
        /// Nobody came.
        Missed "MISSED",
        /// Completed; the next word of the visitor begins a new stretch.
        Ended "ENDED",
    }
}

words! {
    /// What became of one request for a human, or of one take-over.
    HandoffState {
        /// Waiting.
        Requested "REQUESTED",
        /// Taken by an operator.
        Accepted "ACCEPTED",
        /// Marked as complete.
        Completed "COMPLETED",
        /// Passed back to the AI.
        Returned "RETURNED",
        /// Nobody came in time.
        Missed "MISSED",
        /// Withdrawn, by the visitor or because the organization cannot be reached any more.
        Cancelled "CANCELLED",
    }
}

words! {
    /// Who wrote an entry.
    AuthorKind {
        /// The visitor.
        Visitor "VISITOR",
        /// The AI agent.
        Ai "AI",
        /// An operator.
        Operator "OPERATOR",
        /// The house itself: announcements.
        System "SYSTEM",
    }
}

words! {
    /// What an entry of a conversation is.
    EntryKind {
        /// Something said.
        Text "TEXT",
        /// A human was asked for.
        HandoffRequested "HANDOFF_REQUESTED",
        /// The request was withdrawn.
        HandoffCancelled "HANDOFF_CANCELLED",
        /// An operator accepted.
        HandoffAccepted "HANDOFF_ACCEPTED",
        /// An operator took over unasked.
        Intervened "INTERVENED",
        /// The operator gave it back to the queue.
        Released "RELEASED",
        /// The AI has it again.
        ReturnedToAi "RETURNED_TO_AI",
        /// Marked as complete.
        Completed "COMPLETED",
        /// Nobody came.
        Missed "MISSED",
        /// The chat went to a colleague, or to a team.
        Transferred "TRANSFERRED",
        /// The visitor left a query, because nobody answers now.
        OfflineQuery "OFFLINE_QUERY",
        /// The visitor said how it was.
        Rated "RATED",
    }
}

words! {
    /// By which way something was said.
    Via {
        /// In the chat itself.
        Chat "CHAT",
        /// By mail.
        Email "EMAIL",
    }
}

words! {
    /// What made a conversation somebody's: why a human was called.
    Intent {
        /// The visitor pressed the button.
        Button "BUTTON",
        /// The visitor's own words asked for one.
        Words "WORDS",
        /// The AI decided that it needs one.
        AiDecision "AI_DECISION",
        /// The AI's answer was not worth much.
        LowConfidence "LOW_CONFIDENCE",
        /// The AI failed several times.
        RepeatedFailure "REPEATED_FAILURE",
        /// An operator took over unasked.
        Intervention "INTERVENTION",
        /// The visitor answered from a resume link.
        Resumed "RESUMED",
    }
}

/// One thread between a visitor and the AI agent or an operator.
#[derive(Debug, Clone, PartialEq)]
pub struct Conversation {
    /// Its id.
    pub id: ConversationId,
    /// The agency it belongs to.
    pub agency: AgencyId,
    /// The organization it belongs to; none while the AI agent is unassigned.
    pub organization: Option<OrganizationId>,
    /// The AI agent that answers in it.
    pub ai_agent: AiAgentId,
    /// The widget it runs through.
    pub widget: WidgetId,
    /// The visitor.
    pub visitor: VisitorId,
    /// Who owns it.
    pub state: State,
    /// Raised by each change of owner; every such change is conditional on it.
    pub version: i64,
    /// Raised by each change of the row, whatever it is.
    pub rev: i64,
    /// Number of the newest entry; nought while there is none.
    pub last_seq: i64,
    /// The operator who has it.
    pub assignee: Option<UserId>,
    /// The handoff that is open, or the last one.
    pub handoff: Option<HandoffId>,
    /// When the conversation was opened.
    pub opened_at: Time,
    /// When the visitor first wrote; none until then, and hidden from lists.
    pub started_at: Option<Time>,
    /// When anything was last said or changed.
    pub last_activity_at: Time,
    /// When the visitor last wrote.
    pub last_visitor_message_at: Option<Time>,
    /// The visitor's last words, cut.
    pub preview: Option<String>,
    /// How many messages the visitor has written in this stretch.
    pub visitor_messages: i64,
    /// Up to where the visitor has read.
    pub visitor_read_seq: i64,
    /// Up to where the people of the organization have read.
    pub operator_read_seq: i64,
    /// The language it is held in, as far as it is known.
    pub language: Option<String>,
    /// Since when it counts as idle; none while something happens in it.
    pub idle_at: Option<Time>,
    /// How many answers of the AI in a row have not helped.
    pub failures: i64,
    /// What speaks for an intervention, as words with a space between them (A13).
    pub signals: String,
    /// What it is filed under: one tag a line.
    pub tags: String,
    /// Raised by each change of its notes.
    pub notes_rev: i64,
    /// A synthetic visitor's: it stays out of reports.
    pub rehearsal: bool,
}

/// One numbered entry of a conversation.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    /// Its id.
    pub id: MessageId,
    /// The conversation it stands in.
    pub conversation: ConversationId,
    /// Its number there: 1, 2, 3 without gaps, in the order of commits.
    pub seq: i64,
    /// What it is.
    pub kind: EntryKind,
    /// Who wrote it.
    pub author_kind: AuthorKind,
    /// Which user or visitor, as id text; `None` for the AI and the house.
    pub author_id: Option<String>,
    /// The author's name at that time.
    pub author_name: Option<String>,
    /// What was said, or the announcement.
    pub text: String,
    /// Whether the visitor should be offered a human with it.
    pub offers_human: bool,
    /// Titles of the knowledge entries quoted, one a line.
    pub sources: String,
    /// The id that the sender gave it.
    pub client_id: Option<String>,
    /// When it was kept.
    pub created_at: Time,
    /// By which way it came.
    pub via: Via,
    /// When its text was last changed.
    pub edited_at: Option<Time>,
    /// When it was taken back; its text is gone then.
    pub deleted_at: Option<Time>,
    /// The files that it carries.
    pub attachments: Vec<Attachment>,
}

/// One request for a human, or one take-over.
#[derive(Debug, Clone, PartialEq)]
pub struct Handoff {
    /// Its id.
    pub id: HandoffId,
    /// The agency it belongs to.
    pub agency: AgencyId,
    /// The organization it belongs to.
    pub organization: OrganizationId,
    /// The AI agent whose conversation it is.
    pub ai_agent: AiAgentId,
    /// The conversation.
    pub conversation: ConversationId,
    /// What became of it.
    pub state: HandoffState,
    /// The visitor's words on why.
    pub reason: Option<String>,
    /// When it was asked for.
    pub requested_at: Time,
    /// When somebody took it.
    pub accepted_at: Option<Time>,
    /// Who took it.
    pub accepted_by: Option<UserId>,
    /// When it ended.
    pub ended_at: Option<Time>,
    /// Why, when the house itself ended it.
    pub closed_because: Option<Closure>,
    /// What made it.
    pub intent: Intent,
    /// When a person first answered in it.
    pub first_response_at: Option<Time>,
}

/// What somebody wants to do to the ownership of a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Move {
    /// Ask the visitor for details first.
    Collect,
    /// Call a human.
    Request,
    /// Withdraw the call.
    Cancel,
    /// Take the request.
    Accept(UserId),
    /// Take over from the AI unasked.
    Intervene(UserId),
    /// Mark as complete.
    Complete(UserId),
    /// Pass back to the AI.
    ReturnToAi(UserId),
    /// Give the chat back to the queue.
    Release(UserId),
    /// Give the chat to a colleague: from, to.
    Transfer(UserId, UserId),
    /// A supervisor gives somebody else's chat to this one.
    Reassign(UserId),
    /// A supervisor, or the house for an operator who is gone, puts a chat back into the queue.
    Requeue,
    /// The house completes a chat in which nothing happens any more.
    Lapse,
    /// Nobody came.
    Miss,
    /// The visitor writes again after the end.
    Resume,
    /// The house itself ends the request or the chat: there is nobody behind it any more.
    Withdraw,
    /// The visitor wants to be forgotten: whatever runs ends.
    Forget,
}

/// Why a move is not possible now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// An operator has it already: this one.
    AlreadyAccepted(UserId),
    /// Whoever asks is not the one who has it; this one is, if anybody.
    NotYours(Option<UserId>),
    /// The state does not allow it.
    WrongState(State),
}

/// The owner after a move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Owner {
    /// The state.
    pub state: State,
    /// The operator, in state HUMAN alone.
    pub assignee: Option<UserId>,
}

/// Who owns the conversation after `wish`, if it may be.
pub fn after(owner: Owner, wish: Move) -> Result<Owner, Refused> {
    use State::{Ai, Collecting, Ended, Human, Missed, Requested};
    let to = |state| Ok(Owner { state, assignee: None });
    let held = |by| Ok(Owner { state: Human, assignee: Some(by) });
    match (owner.state, wish) {
        (Ai, Move::Collect) => to(Collecting),
        (Ai | Collecting, Move::Request) => to(Requested),
        (Collecting | Requested, Move::Cancel) => to(Ai),
        (Requested, Move::Accept(by)) => held(by),
        (Ai | Collecting, Move::Intervene(by)) => held(by),
        (Human, Move::Complete(by) | Move::ReturnToAi(by) | Move::Release(by)) if owner.assignee != Some(by) => {
            Err(Refused::NotYours(owner.assignee))
        }
        (Human, Move::Complete(_)) => to(Ended),
        (Human, Move::ReturnToAi(_)) => to(Ai),
        (Human, Move::Release(_) | Move::Requeue) => to(Requested),
        (Human, Move::Transfer(from, _)) if owner.assignee != Some(from) => Err(Refused::NotYours(owner.assignee)),
        (Human, Move::Transfer(_, by) | Move::Reassign(by)) => held(by),
        (Requested, Move::Reassign(by)) => held(by),
        (Human, Move::Lapse) => to(Ended),
        (Requested, Move::Miss) => to(Missed),
        (Ended | Missed, Move::Resume) => to(Ai),
        (Collecting | Requested | Human, Move::Withdraw) => to(Ai),
        (Ai | Collecting | Requested | Human | Missed, Move::Forget) => to(Ended),
        (Human, Move::Accept(_) | Move::Intervene(_)) => match owner.assignee {
            Some(by) => Err(Refused::AlreadyAccepted(by)),
            None => Err(Refused::WrongState(Human)),
        },
        (state, _) => Err(Refused::WrongState(state)),
    }
}

impl Conversation {
    /// A new one, in which nobody has said anything.
    pub fn new(
        id: ConversationId,
        place: &Place,
        ai_agent: AiAgentId,
        widget: WidgetId,
        visitor: VisitorId,
        now: Time,
    ) -> Self {
        Self {
            id,
            agency: place.agency,
            organization: place.organization,
            ai_agent,
            widget,
            visitor,
            state: State::Ai,
            version: 1,
            rev: 1,
            last_seq: 0,
            assignee: None,
            handoff: None,
            opened_at: now,
            started_at: None,
            last_activity_at: now,
            last_visitor_message_at: None,
            preview: None,
            visitor_messages: 0,
            visitor_read_seq: 0,
            operator_read_seq: 0,
            language: None,
            idle_at: None,
            failures: 0,
            signals: String::new(),
            tags: String::new(),
            notes_rev: 0,
            rehearsal: false,
        }
    }

    /// Whether its stretch is over: the next word of the visitor begins another.
    pub fn is_over(&self) -> bool {
        after(self.owner(), Move::Resume).is_ok()
    }

    /// Who owns it now.
    pub fn owner(&self) -> Owner {
        Owner { state: self.state, assignee: self.assignee }
    }

    /// Where it stands, for the policy.
    pub fn place(&self) -> Place {
        Place { agency: self.agency, organization: self.organization, ai_agent: Some(self.ai_agent) }
    }

    /// Whether the AI may speak: it is silent from the request on, until it gets the chat back.
    pub fn ai_speaks(&self) -> bool {
        matches!(self.state, State::Ai | State::Collecting)
    }

    /// Whether the visitor is there (S201): not ended, and present or heard of within [`LIVE_FOR`].
    pub fn is_live(&self, now: Time, connected: bool) -> bool {
        self.state != State::Ended
            && self.started_at.is_some()
            && (connected || self.last_visitor_message_at.is_some_and(|at| now.since(at) <= LIVE_FOR))
    }

    /// Entries of others that the organization has not read.
    pub fn unread(&self) -> i64 {
        (self.last_seq - self.operator_read_seq).max(0)
    }
}

/// How long after the visitor's last word a conversation counts as live.
pub const LIVE_FOR: Duration = Duration::from_secs(120);

/// Longest text of a message, in characters.
pub const MESSAGE_LIMIT: usize = 8_000;

/// Length of the preview in lists, in characters.
pub const PREVIEW_LIMIT: usize = 140;

/// The beginning of a message, on one line, for lists.
pub fn preview_of(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(PREVIEW_LIMIT) {
        Some((cut, _)) => format!("{}…", &line[..cut]),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn user(number: u128) -> UserId {
        UserId::from_number(number)
    }

    fn any_move() -> impl Strategy<Value = Move> {
        let by = (0u128..3).prop_map(user);
        prop_oneof![
            Just(Move::Collect),
            Just(Move::Request),
            Just(Move::Cancel),
            Just(Move::Miss),
            Just(Move::Resume),
            Just(Move::Withdraw),
            by.clone().prop_map(Move::Accept),
            by.clone().prop_map(Move::Intervene),
            by.clone().prop_map(Move::Complete),
            by.clone().prop_map(Move::ReturnToAi),
            by.clone().prop_map(Move::Release),
            (by.clone(), by.clone()).prop_map(|(from, to)| Move::Transfer(from, to)),
            by.prop_map(Move::Reassign),
            Just(Move::Requeue),
            Just(Move::Lapse),
        ]
    }

    /// The arrows of the product's diagram, written down a second time, apart from the code.
    const ARROWS: &[(State, State)] = &[
        (State::Ai, State::Collecting),
        (State::Ai, State::Requested),
        (State::Collecting, State::Requested),
        (State::Collecting, State::Ai),
        (State::Requested, State::Human),
        (State::Human, State::Ended),
        (State::Ai, State::Human),
        (State::Collecting, State::Human),
        (State::Human, State::Ai),
        (State::Human, State::Requested),
        (State::Human, State::Human),
        (State::Requested, State::Ai),
        (State::Requested, State::Missed),
        (State::Ended, State::Ai),
        (State::Missed, State::Ai),
    ];

    proptest! {
        #[test]
        fn every_history_keeps_the_rules(moves in proptest::collection::vec(any_move(), 0..60)) {
            let mut owner = Owner { state: State::Ai, assignee: None };
            for wish in moves {
                match after(owner, wish) {
                    Ok(next) => {
                        prop_assert!(ARROWS.contains(&(owner.state, next.state)), "{owner:?} {wish:?} {next:?}");
                        // One owner: an operator in HUMAN, nobody otherwise.
                        prop_assert_eq!(next.assignee.is_some(), next.state == State::Human);
                        // Only whoever has the chat gives it away, or a supervisor or the house takes it.
                        let taken = matches!(wish, Move::Withdraw | Move::Requeue | Move::Reassign(_) | Move::Lapse);
                        if owner.state == State::Human && !taken {
                            prop_assert!(matches!(wish, Move::Complete(by) | Move::ReturnToAi(by) | Move::Release(by) | Move::Transfer(by, _) if Some(by) == owner.assignee));
                        }
                        owner = next;
                    }
                    // A loser learns who won.
                    Err(Refused::AlreadyAccepted(by)) => prop_assert_eq!(Some(by), owner.assignee),
                    Err(Refused::NotYours(holder)) => prop_assert_eq!(holder, owner.assignee),
                    Err(Refused::WrongState(state)) => prop_assert_eq!(state, owner.state),
                }
            }
        }

        #[test]
        fn every_request_can_end(moves in proptest::collection::vec(any_move(), 0..40)) {
            let mut owner = Owner { state: State::Ai, assignee: None };
            for wish in moves {
                owner = after(owner, wish).unwrap_or(owner);
            }
            let way_out = match owner.state {
                State::Ai | State::Ended => None,
                State::Collecting | State::Requested => Some(Move::Cancel),
                State::Missed => Some(Move::Resume),
                State::Human => owner.assignee.map(Move::Complete),
            };
            if let Some(wish) = way_out {
                prop_assert!(after(owner, wish).is_ok());
            }
        }

        #[test]
        fn previews_are_short_and_on_one_line(text in "\\PC{0,400}") {
            let preview = preview_of(&text);
            prop_assert!(preview.chars().count() <= PREVIEW_LIMIT + 1);
            prop_assert!(!preview.contains('\n'));
        }
    }

    #[test]
    fn every_arrow_of_the_diagram_can_be_walked() {
        let (me, other) = (user(1), user(2));
        fn check(from: State, holder: Option<UserId>, wish: Move, expected: Result<State, Refused>) {
            let got = after(Owner { state: from, assignee: holder }, wish).map(|owner| owner.state);
            assert_eq!(got, expected, "{from:?} {wish:?}");
        }
        check(State::Ai, None, Move::Collect, Ok(State::Collecting));
        check(State::Ai, None, Move::Request, Ok(State::Requested));
        check(State::Collecting, None, Move::Request, Ok(State::Requested));
        check(State::Collecting, None, Move::Cancel, Ok(State::Ai));
        check(State::Requested, None, Move::Cancel, Ok(State::Ai));
        check(State::Requested, None, Move::Accept(me), Ok(State::Human));
        check(State::Requested, None, Move::Miss, Ok(State::Missed));
        check(State::Requested, None, Move::Request, Err(Refused::WrongState(State::Requested)));
        check(State::Ai, None, Move::Intervene(me), Ok(State::Human));
        check(State::Ai, None, Move::Accept(me), Err(Refused::WrongState(State::Ai)));
        check(State::Human, Some(other), Move::Accept(me), Err(Refused::AlreadyAccepted(other)));
        check(State::Human, Some(other), Move::Complete(me), Err(Refused::NotYours(Some(other))));
        check(State::Human, Some(me), Move::Complete(me), Ok(State::Ended));
        check(State::Human, Some(me), Move::ReturnToAi(me), Ok(State::Ai));
        check(State::Human, Some(me), Move::Release(me), Ok(State::Requested));
        check(State::Human, Some(me), Move::Cancel, Err(Refused::WrongState(State::Human)));
        check(State::Ended, None, Move::Resume, Ok(State::Ai));
        check(State::Missed, None, Move::Resume, Ok(State::Ai));
        check(State::Ended, None, Move::Accept(me), Err(Refused::WrongState(State::Ended)));
    }
}
