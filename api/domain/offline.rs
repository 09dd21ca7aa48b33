//! Offline queries: what visitors leave when nobody answers, and how their mails come back to where they belong.

use super::conversation::words;
use super::id::{AgencyId, AiAgentId, ConversationId, OfflineQueryId, OrganizationId, VisitorId};
use super::time::Time;

words! {
    /// What has become of an offline query.
    OfflineQueryState {
        /// Somebody should answer it.
        Open "OPEN",
        /// Somebody has.
        Answered "ANSWERED",
        /// Nothing more is to be done.
        Closed "CLOSED",
    }
}

words! {
    /// What was done with an offline query.
    OfflineQueryStep {
        /// The visitor left it.
        Received "RECEIVED",
        /// An operator answered by mail.
        Answered "ANSWERED",
        /// The visitor wrote back by mail.
        Replied "REPLIED",
        /// Somebody closed it.
        Closed "CLOSED",
        /// Somebody opened it again.
        Reopened "REOPENED",
    }
}

/// What a visitor left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfflineQuery {
    /// Its id.
    pub id: OfflineQueryId,
    /// The agency it belongs to.
    pub agency: AgencyId,
    /// The organization it is for.
    pub organization: OrganizationId,
    /// The AI agent through whose widget it came.
    pub ai_agent: AiAgentId,
    /// The thread it stands in.
    pub conversation: ConversationId,
    /// Who left it.
    pub visitor: VisitorId,
    /// Where they are answered.
    pub email: String,
    /// What they call themselves.
    pub name: Option<String>,
    /// What they want.
    pub message: String,
    /// Its number in the thread.
    pub seq: i64,
    /// What has become of it.
    pub state: OfflineQueryState,
    /// Raised by each change; every change is conditional on it.
    pub rev: i64,
    /// When it came.
    pub created_at: Time,
    /// When anything was last done with it.
    pub changed_at: Time,
}

/// One thing that was done with an offline query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfflineQueryEvent {
    /// The query's `rev` after it.
    pub rev: i64,
    /// What.
    pub what: OfflineQueryStep,
    /// By which user or visitor, as id text.
    pub actor: Option<String>,
    /// Their name then.
    pub actor_name: Option<String>,
    /// When.
    pub at: Time,
}

/// What a query is after something was done; none when it cannot be done now.
pub fn after(state: OfflineQueryState, what: OfflineQueryStep) -> Option<OfflineQueryState> {
    use OfflineQueryState::{Answered, Closed, Open};
    match (state, what) {
        (Open | Answered, OfflineQueryStep::Answered) => Some(Answered),
        (_, OfflineQueryStep::Replied) => Some(Open),
        (Open | Answered, OfflineQueryStep::Closed) => Some(Closed),
        (Closed, OfflineQueryStep::Reopened) => Some(Open),
        _ => None,
    }
}

/// Longest text of a query.
pub const QUERY_LIMIT: usize = 4_000;

/// What a mail says beyond what it quotes of the one before, as far as that can be told: everything down to the line that
/// begins the quotation, without quoted lines and without a signature.
pub fn without_quotation(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    let mut kept: Vec<&str> = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        if begins_quotation(line, &lines[at + 1..]) || *line == "--" {
            break;
        }
        if !line.starts_with('>') {
            kept.push(line);
        }
    }
    let own = kept.join("\n").trim().to_owned();
    // Whoever writes below a quotation, or has nothing but one, loses nothing.
    if own.is_empty() {
        let below = lines.iter().filter(|line| !line.starts_with('>') && !introduces(line)).copied();
        return below.collect::<Vec<_>>().join("\n").trim().to_owned();
    }
    own
}

/// Whether a line begins what mail programs quote: `On ... wrote:` also over two lines, `-----Original Message-----`, a line
/// of underscores, or headers copied into the text.
fn begins_quotation(line: &str, after: &[&str]) -> bool {
    let rule = line.len() >= 10 && line.bytes().all(|byte| byte == b'_');
    let next = || after.iter().find(|line| !line.is_empty()).copied().unwrap_or_default();
    let quoted_next = next().starts_with('>');
    introduces(line)
        || (opens(line) && line.len() < 200 && (introduces(next()) || quoted_next && line.ends_with(':')))
        || line.trim_start_matches('-').trim_start().to_ascii_lowercase().starts_with("original message")
            && line.starts_with("--")
        || rule && next().to_ascii_lowercase().starts_with("from:")
        || line.starts_with("From: ")
            && after.iter().take(4).any(|line| line.starts_with("Sent: ") || line.starts_with("Date: "))
}

/// How the line before a quotation begins, in the languages that most programs speak.
fn opens(line: &str) -> bool {
    ["On ", "Am ", "Le ", "El ", "Il ", "Op ", "Em ", "Den ", "Dnia "].iter().any(|word| line.starts_with(word))
}

fn introduces(line: &str) -> bool {
    const ENDS: [&str; 9] =
        ["wrote:", "schrieb:", "a écrit :", "a écrit:", "escribió:", "ha scritto:", "schreef:", "escreveu:", "skrev:"];
    line.len() < 400 && ENDS.iter().any(|end| line.ends_with(end))
        || opens(line) && line.contains(" schrieb ") && line.ends_with(':')
}

/// What the headers of a mail say of who sent it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sent<'a> {
    /// `Auto-Submitted`.
    pub auto_submitted: Option<&'a str>,
    /// `Precedence`.
    pub precedence: Option<&'a str>,
    /// Whether a header is there that only programs write: `X-Autoreply` and its like, `List-Id`.
    pub by_program: bool,
    /// The sender on the envelope; empty when there is none, as bounces have.
    pub envelope: Option<&'a str>,
}

/// Whether a mail was written by a program: it is not answered, nor kept.
pub fn is_automatic(sent: &Sent<'_>) -> bool {
    let first = |value: &str| value.split([';', ' ', '\t']).next().unwrap_or_default().trim().to_ascii_lowercase();
    let submitted = sent.auto_submitted.map(first).is_some_and(|word| word != "no");
    let bulk =
        sent.precedence.map(first).is_some_and(|word| matches!(word.as_str(), "bulk" | "junk" | "list" | "auto_reply"));
    let envelope = sent.envelope.unwrap_or("-").to_ascii_lowercase();
    let nobody = envelope.is_empty() || envelope.starts_with("mailer-daemon@") || envelope.starts_with("postmaster@");
    submitted || bulk || sent.by_program || nobody
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotations_go_and_words_stay() {
        fn check(text: &str, expected: &str) {
            assert_eq!(without_quotation(text), expected, "{text}");
        }
        check("Thank you!\n\nOn Fri, 27 Nov 2026 at 14:05, Bakery <r@x.test> wrote:\n> Hello\n> there", "Thank you!");
        check("Danke\n\nAm 27.11.2026 um 14:05 schrieb Bakery:\n> Hallo", "Danke");
        check("Merci\n\nLe ven. 27 nov. 2026 à 14:05, Bakery <r@x.test> a écrit :\n> Bonjour", "Merci");
        check(
            "Yes\n\nOn Fri, 27 Nov 2026 at 14:05, A Very Long Name\n<r0123456789@reply.example> wrote:\n\n> Hello",
            "Yes",
        );
        check("Fine.\n\n-----Original Message-----\nFrom: Bakery\n\nHello", "Fine.");
        check("Fine.\n\n________________________________\nFrom: Bakery\nSent: Friday\n\nHello", "Fine.");
        check("Fine.\n\nFrom: Bakery\nSent: Friday\nTo: me\n\nHello", "Fine.");
        check("One\n> quoted\nTwo", "One\nTwo");
        check("Hello\n-- \nJo Doe\nBakery lane", "Hello");
        check("On Friday I am away.\nCan we meet on Monday?", "On Friday I am away.\nCan we meet on Monday?");
        check("Am I early?\nLe chat is mine.", "Am I early?\nLe chat is mine.");
        check("On Fri Jo wrote:\n> Hello\nBelow it: yes", "Below it: yes");
        check("> only\n> quoted", "");
        check("", "");
    }

    #[test]
    fn programs_are_known_by_what_they_say() {
        fn check(sent: Sent<'_>, expected: bool) {
            assert_eq!(is_automatic(&sent), expected, "{sent:?}");
        }
        let nothing = Sent::default();
        check(nothing, false);
        check(Sent { envelope: Some("jo@x.test"), ..nothing }, false);
        check(Sent { envelope: Some(""), ..nothing }, true);
        check(Sent { envelope: Some("MAILER-DAEMON@x.test"), ..nothing }, true);
        check(Sent { auto_submitted: Some("no"), ..nothing }, false);
        check(Sent { auto_submitted: Some("auto-replied; owner-email=\"x\""), ..nothing }, true);
        check(Sent { auto_submitted: Some("Auto-Generated"), ..nothing }, true);
        check(Sent { precedence: Some("Bulk"), ..nothing }, true);
        check(Sent { precedence: Some("first-class"), ..nothing }, false);
        check(Sent { by_program: true, ..nothing }, true);
    }

    #[test]
    fn a_query_is_answered_closed_and_opened_again() {
        use OfflineQueryState::{Answered, Closed, Open};
        use OfflineQueryStep as Step;
        fn check(state: OfflineQueryState, what: OfflineQueryStep, expected: Option<OfflineQueryState>) {
            assert_eq!(after(state, what), expected, "{state:?} {what:?}");
        }
        check(Open, Step::Answered, Some(Answered));
        check(Answered, Step::Answered, Some(Answered));
        check(Closed, Step::Answered, None);
        check(Open, Step::Closed, Some(Closed));
        check(Answered, Step::Closed, Some(Closed));
        check(Closed, Step::Closed, None);
        check(Closed, Step::Reopened, Some(Open));
        check(Open, Step::Reopened, None);
        check(Open, Step::Received, None);
        for state in [Open, Answered, Closed] {
            check(state, Step::Replied, Some(Open));
        }
    }
}
