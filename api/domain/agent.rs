//! AI agents, their widgets, and what they know.

use super::access::Place;
use std::collections::BTreeMap;

use super::conversation::words;
use super::id::{AgencyId, AiAgentId, KnowledgeEntryId, OrganizationId, VisitorId, WidgetId};
use super::setting::Key;
use super::time::Time;

/// The bot of a widget: belongs to an agency, is assigned to one organization.
#[derive(Debug, Clone)]
pub struct AiAgent {
    /// Its id.
    pub id: AiAgentId,
    /// The agency it belongs to.
    pub agency: AgencyId,
    /// The organization it is assigned to.
    pub organization: Option<OrganizationId>,
    /// Its name, as visitors and operators see it.
    pub name: String,
    /// What a model is told before anything else.
    pub instructions: String,
    /// Whether visitors can be handed over to people (S005).
    pub handoff_enabled: bool,
    /// Whether name, address and reason are asked for first (S027).
    pub ask_contact: bool,
    /// How many messages a visitor writes before the button shows; 0 means at once.
    pub button_after_messages: i64,
    /// What else it says itself of how a person is offered.
    pub own: Own,
    /// When it was created.
    pub created_at: Time,
}

/// What an AI agent says itself of how a person is offered; what it does not say, its organization says for it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Own(BTreeMap<Key, String>);

impl Own {
    /// Of which settings an AI agent can say something here.
    pub const KEYS: [Key; 10] = [
        Key::HandoffPopup,
        Key::HandoffFixedPopup,
        Key::HandoffButtonText,
        Key::HandoffPopupText,
        Key::HandoffWaitingText,
        Key::HandoffBlockInput,
        Key::HandoffOnWords,
        Key::HandoffOnAiDecision,
        Key::HandoffOnLowConfidence,
        Key::HandoffAfterFailures,
    ];

    /// As it is kept: values by the names of their settings. What is no setting of AI agents is left out.
    pub fn of(kept: BTreeMap<String, String>) -> Self {
        let known = kept.into_iter().filter_map(|(key, value)| Some((Key::parse(&key)?, value)));
        Self(known.filter(|(key, _)| Self::KEYS.contains(key)).collect())
    }

    /// As it is kept.
    pub fn kept(&self) -> BTreeMap<&'static str, &str> {
        self.0.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect()
    }

    /// What it says of that setting.
    pub fn get(&self, key: Key) -> Option<&str> {
        self.0.get(&key).map(String::as_str)
    }

    /// Says something of a setting.
    pub fn say(&mut self, key: Key, value: String) {
        self.0.insert(key, value);
    }

    /// Says nothing more of a setting: its organization's word counts again.
    pub fn forget(&mut self, key: Key) {
        self.0.remove(&key);
    }

    fn counts(&self, key: Key) -> &str {
        self.get(key).unwrap_or(key.definition().default)
    }
}

/// How a person is offered to visitors of an AI agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// Whether it is shown that a person can be asked for (S186).
    pub popup: bool,
    /// Whether that stands at the top of the chat at all times (S188); only where there is somebody to ask (S189).
    pub fixed_popup: bool,
    /// What the button says.
    pub button_text: String,
    /// What is said beside it.
    pub popup_text: String,
    /// What a visitor reads while they wait.
    pub waiting_text: String,
    /// Whether a visitor who waits cannot write.
    pub block_input: bool,
    /// Whether the visitor's own words call a person.
    pub on_words: bool,
    /// Whether a person is offered when the AI says that it needs one.
    pub on_ai_decision: bool,
    /// Whether a person is offered with an answer that did not help.
    pub on_low_confidence: bool,
    /// After how many answers in a row that did not help a person is called; 0 means never.
    pub after_failures: i64,
}

impl AiAgent {
    /// Where it stands, for the policy.
    pub fn place(&self) -> Place {
        Place::ai_agent(self.agency, self.organization, self.id)
    }

    /// Why handoff cannot be enabled now, if it cannot (S190).
    pub fn handoff_blocked_by(&self) -> Option<&'static str> {
        self.organization.is_none().then_some("AI_AGENT_UNASSIGNED")
    }

    /// Whether a visitor can be handed over to people now: it is enabled, there is somebody, and it is shown in one way or
    /// the other.
    pub fn hands_off(&self) -> bool {
        let offer = self.offer();
        self.handoff_enabled && self.handoff_blocked_by().is_none() && (offer.popup || offer.fixed_popup)
    }

    /// How a person is offered, as far as this AI agent says it: one that has been put to work says all of it.
    pub fn offer(&self) -> Offer {
        let on = |key: Key| self.own.counts(key) == "true";
        let text = |key: Key| self.own.counts(key).to_owned();
        Offer {
            popup: on(Key::HandoffPopup),
            fixed_popup: on(Key::HandoffFixedPopup) && self.organization.is_some(),
            button_text: text(Key::HandoffButtonText),
            popup_text: text(Key::HandoffPopupText),
            waiting_text: text(Key::HandoffWaitingText),
            block_input: on(Key::HandoffBlockInput),
            on_words: on(Key::HandoffOnWords),
            on_ai_decision: on(Key::HandoffOnAiDecision),
            on_low_confidence: on(Key::HandoffOnLowConfidence),
            after_failures: self.own.counts(Key::HandoffAfterFailures).parse().unwrap_or_default(),
        }
    }
}

words! {
    /// The corner of the page that the launcher stands in.
    Position {
        /// Bottom right.
        BottomRight "BOTTOM_RIGHT",
        /// Bottom left.
        BottomLeft "BOTTOM_LEFT",
    }
}

/// The face of an AI agent on a web site.
#[derive(Debug, Clone)]
pub struct Widget {
    /// Its id.
    pub id: WidgetId,
    /// The agency it belongs to.
    pub agency: AgencyId,
    /// The AI agent behind it.
    pub ai_agent: AiAgentId,
    /// The line at its top.
    pub title: String,
    /// What it says before the visitor has said anything.
    pub greeting: String,
    /// Its colour as `#rrggbb`; none means the brand's.
    pub accent: Option<String>,
    /// Where the launcher stands.
    pub position: Position,
    /// Origins of the pages that may show it; empty means any.
    pub allowed_origins: Vec<String>,
    /// Raised by each change; the tag of its cached configuration.
    pub rev: i64,
}

/// One thing that an AI agent knows.
#[derive(Debug, Clone)]
pub struct KnowledgeEntry {
    /// Its id.
    pub id: KnowledgeEntryId,
    /// The AI agent that knows it.
    pub ai_agent: AiAgentId,
    /// What it is about; often the question.
    pub title: String,
    /// What there is to say.
    pub body: String,
    /// When it was last changed.
    pub updated_at: Time,
}

/// Whoever chats through a widget.
#[derive(Debug, Clone)]
pub struct Visitor {
    /// Its id.
    pub id: VisitorId,
    /// Name, if given.
    pub name: Option<String>,
    /// Address, if given.
    pub email: Option<String>,
    /// Telephone number, if given.
    pub phone: Option<String>,
    /// The page the widget was last opened on.
    pub page_url: Option<String>,
    /// What the browser said of itself, shortened for people.
    pub browser: Option<String>,
    /// When first seen.
    pub first_seen_at: Time,
    /// Who the client's site says that this is; none while nobody has said it.
    pub external_id: Option<String>,
    /// What the client's site says of them, as a JSON object of texts.
    pub attributes: String,
    /// The language of the browser.
    pub language: Option<String>,
    /// The visitor's IANA zone, as the browser says.
    pub time_zone: Option<String>,
    /// Where the visitor came from to the page.
    pub referrer: Option<String>,
    /// Since when nothing of them is taken.
    pub blocked_at: Option<Time>,
    /// What the client's site has signed for, as words with a space between them: `id name email phone`; empty for whoever
    /// only says it themselves.
    pub verified: String,
}

impl Visitor {
    /// Whether the client's site has signed for who they are.
    pub fn is_verified(&self) -> bool {
        !self.verified.is_empty()
    }

    /// Whether it has signed for that: `name`, `email` or `phone`.
    pub fn vouched(&self, what: &str) -> bool {
        self.verified.split(' ').any(|word| word == what)
    }
}

/// An address with all but its edges hidden: `j•••@e•••.com`.
pub fn mask_email(email: &str) -> String {
    let first = |text: &str| text.chars().next().map(String::from).unwrap_or_default();
    match email.split_once('@') {
        Some((name, host)) => {
            let end = host.rsplit_once('.').map(|(_, end)| format!(".{end}")).unwrap_or_default();
            format!("{}•••@{}•••{end}", first(name), first(host))
        }
        None => "•••".to_owned(),
    }
}

/// A number with all but its last two digits hidden.
pub fn mask_phone(phone: &str) -> String {
    let digits: Vec<char> = phone.chars().filter(char::is_ascii_digit).collect();
    format!("•••{}", digits.iter().rev().take(2).rev().collect::<String>())
}
