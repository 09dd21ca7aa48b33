//! What the DNS says about a from-address, and what that means: ownership, SPF, DKIM, DMARC.

use super::sender::{Proof, ProofKind, ProofState, Record};

/// Selectors under which the usual providers keep their keys.
pub const SELECTORS: [&str; 8] = ["default", "mail", "s1", "s2", "selector1", "selector2", "google", "k1"];

/// Where the value stands that proves whose a domain is.
pub fn ownership_name(domain: &str) -> String {
    format!("_sender-proof.{domain}")
}

/// Where a policy stands.
pub fn dmarc_name(domain: &str) -> String {
    format!("_dmarc.{domain}")
}

/// Where a key stands.
pub fn dkim_name(selector: &str, domain: &str) -> String {
    format!("{selector}._domainkey.{domain}")
}

/// The domain above, unless that would be a whole ending such as `com`.
pub fn parent(domain: &str) -> Option<&str> {
    domain.split_once('.').map(|(_, parent)| parent).filter(|parent| parent.contains('.'))
}

/// What was found in the DNS. Every text of each name, in any order.
#[derive(Debug, Clone, Default)]
pub struct Found {
    /// At [`ownership_name`].
    pub ownership: Vec<String>,
    /// At the domain itself.
    pub domain: Vec<String>,
    /// At [`dmarc_name`] of the domain.
    pub dmarc: Vec<String>,
    /// At [`dmarc_name`] of its parent, which counts when the domain has none.
    pub parent_dmarc: Vec<String>,
    /// Selectors that have a key.
    pub selectors: Vec<String>,
}

/// What is to be proved.
#[derive(Debug, Clone)]
pub struct Question {
    /// The domain behind the `@`.
    pub domain: String,
    /// What has to stand at [`ownership_name`].
    pub value: String,
    /// The agency's mail server.
    pub host: String,
    /// A domain of the agency that the from-domain is, or lies under.
    pub own: Option<String>,
}

/// Judges what was found.
pub fn judge(question: &Question, found: &Found) -> Vec<Proof> {
    vec![ownership(question, found), spf(question, found), dkim(question, found), dmarc(question, found)]
}

/// Whether that is enough to write in the domain's name: it is the agency's, and its SPF does no harm.
pub fn proves(proofs: &[Proof]) -> bool {
    let state = |kind| proofs.iter().find(|proof| proof.kind == kind).map(|proof| proof.state);
    state(ProofKind::Ownership) == Some(ProofState::Ok)
        && state(ProofKind::Spf).is_some_and(|spf| spf != ProofState::Wrong)
}

fn txt(name: String, value: String, found: Vec<String>, ok: bool) -> Option<Record> {
    Some(Record { kind: "TXT".to_owned(), name, value, found, ok })
}

fn ownership(question: &Question, found: &Found) -> Proof {
    let (kind, domain) = (ProofKind::Ownership, &question.domain);
    if let Some(own) = &question.own {
        let explanation = format!("{domain} belongs to your domain {own}.");
        return Proof { kind, state: ProofState::Ok, explanation, record: None };
    }
    let ok = found.ownership.iter().any(|text| text.trim() == question.value);
    let (state, explanation) = match (ok, found.ownership.is_empty()) {
        (true, _) => (ProofState::Ok, format!("{domain} is yours: the record is there.")),
        (false, true) => {
            (ProofState::Missing, format!("Add this record to {domain}, so that it is known to be yours."))
        }
        (false, false) => {
            (ProofState::Wrong, "There is a record, with another value. Replace it by this one.".to_owned())
        }
    };
    let record = txt(ownership_name(domain), question.value.clone(), found.ownership.clone(), ok);
    Proof { kind, state, explanation, record }
}

fn spf(question: &Question, found: &Found) -> Proof {
    let domain = &question.domain;
    let is_spf = |text: &&String| {
        let first = text.split_whitespace().next().unwrap_or_default();
        first.eq_ignore_ascii_case("v=spf1")
    };
    let records: Vec<String> = found.domain.iter().filter(is_spf).cloned().collect();
    let proposal = format!("v=spf1 a:{} mx ~all", question.host);
    let (state, explanation, value) = match records.as_slice() {
        [] => (
            ProofState::Missing,
            format!(
                "{domain} does not say which servers may send for it, so mails may be taken for spam. Add this record; \
                 your mail provider may name more servers."
            ),
            proposal,
        ),
        [one] => match last_word(one) {
            Word::Everybody => (
                ProofState::Wrong,
                format!("The record lets everybody send for {domain}. End it with ~all or -all instead of +all."),
                narrowed(one),
            ),
            Word::Fine => (ProofState::Ok, format!("{domain} says which servers may send for it."), one.clone()),
            Word::Unsaid => (
                ProofState::Ok,
                format!("{domain} says which servers may send for it. It would be stronger with ~all at its end."),
                one.clone(),
            ),
        },
        [first, ..] => (
            ProofState::Wrong,
            format!(
                "There are {} SPF records at {domain}, so readers ignore all of them. Make one out of them.",
                records.len()
            ),
            first.clone(),
        ),
    };
    let ok = state == ProofState::Ok;
    Proof { kind: ProofKind::Spf, state, explanation, record: txt(domain.clone(), value, records, ok) }
}

enum Word {
    Everybody,
    Fine,
    Unsaid,
}

/// What an SPF record says about everybody else.
fn last_word(record: &str) -> Word {
    for term in record.split_whitespace().skip(1).map(str::to_ascii_lowercase) {
        match term.as_str() {
            "all" | "+all" => return Word::Everybody,
            "-all" | "~all" => return Word::Fine,
            // All addresses there are, said in another way.
            _ if term.ends_with("ip4:0.0.0.0/0") || term.ends_with("ip6:::/0") => return Word::Everybody,
            _ if term.starts_with("redirect=") => return Word::Fine,
            _ => {}
        }
    }
    Word::Unsaid
}

/// The same record without its leave for everybody.
fn narrowed(record: &str) -> String {
    let wide = |term: &&str| {
        let term = term.to_ascii_lowercase();
        !matches!(term.as_str(), "all" | "+all" | "?all" | "-all" | "~all")
            && !term.ends_with("ip4:0.0.0.0/0")
            && !term.ends_with("ip6:::/0")
    };
    let mut terms: Vec<&str> = record.split_whitespace().filter(wide).collect();
    terms.push("~all");
    terms.join(" ")
}

fn dkim(question: &Question, found: &Found) -> Proof {
    let (kind, domain) = (ProofKind::Dkim, &question.domain);
    match found.selectors.as_slice() {
        [] => Proof {
            kind,
            state: ProofState::Missing,
            explanation: format!(
                "No key for signatures was found at {domain} under the usual names ({}). If your mail provider uses \
                 another name, all is well; otherwise let it sign your mails.",
                SELECTORS.join(", ")
            ),
            record: None,
        },
        some => Proof {
            kind,
            state: ProofState::Ok,
            explanation: format!("{domain} has a key for signatures, under the name {}.", some.join(", ")),
            record: None,
        },
    }
}

fn dmarc(question: &Question, found: &Found) -> Proof {
    let domain = &question.domain;
    let policies = |texts: &[String]| -> Vec<String> {
        let first = |text: &&String| text.trim_start().to_ascii_lowercase().starts_with("v=dmarc1");
        texts.iter().filter(first).cloned().collect()
    };
    let mut records = policies(&found.dmarc);
    let mut name = dmarc_name(domain);
    if records.is_empty()
        && let Some(parent) = parent(domain)
        && let inherited = policies(&found.parent_dmarc)
        && !inherited.is_empty()
    {
        (records, name) = (inherited, dmarc_name(parent));
    }
    let proposal = "v=DMARC1; p=none".to_owned();
    let (state, explanation, value) = match records.as_slice() {
        [] => (
            ProofState::Missing,
            format!("{domain} does not say what to do with mails that only pretend to be its own. Some readers want that."),
            proposal,
        ),
        [one] => match policy(one).as_deref() {
            Some("reject") => {
                (ProofState::Ok, "Mails that only pretend to come from here are turned away.".to_owned(), one.clone())
            }
            Some("quarantine") => {
                (ProofState::Ok, "Mails that only pretend to come from here are put aside.".to_owned(), one.clone())
            }
            Some("none") => (
                ProofState::Ok,
                "There is a policy; it only watches. Once all of your mails are signed, p=quarantine protects your name."
                    .to_owned(),
                one.clone(),
            ),
            _ => (
                ProofState::Wrong,
                "There is a policy that says nothing: p= must be none, quarantine or reject.".to_owned(),
                proposal,
            ),
        },
        several => (
            ProofState::Wrong,
            format!("There are {} policies, so readers ignore all of them. Keep one.", several.len()),
            several[0].clone(),
        ),
    };
    let ok = state == ProofState::Ok;
    Proof { kind: ProofKind::Dmarc, state, explanation, record: txt(name, value, records, ok) }
}

fn policy(record: &str) -> Option<String> {
    let tags = record.split(';').filter_map(|tag| tag.split_once('='));
    tags.map(|(key, value)| (key.trim().to_ascii_lowercase(), value.trim().to_ascii_lowercase()))
        .find_map(|(key, value)| (key == "p").then_some(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question() -> Question {
        Question {
            domain: "post.example.com".to_owned(),
            value: "abc".to_owned(),
            host: "smtp.example.com".to_owned(),
            own: None,
        }
    }

    fn texts(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    fn state(found: &Found, kind: ProofKind) -> ProofState {
        judge(&question(), found).into_iter().find(|proof| proof.kind == kind).expect("each kind").state
    }

    #[test]
    fn spf_is_missing_wrong_or_fine() {
        let check = |domain: &[&str], expected: ProofState| {
            let found = Found { domain: texts(domain), ..Found::default() };
            assert_eq!(state(&found, ProofKind::Spf), expected, "{domain:?}");
        };
        check(&[], ProofState::Missing);
        check(&["google-site-verification=x"], ProofState::Missing);
        check(&["v=spf10 -all"], ProofState::Missing);
        check(&["v=spf1 include:x.example ~all"], ProofState::Ok);
        check(&["V=SPF1 mx -ALL", "other"], ProofState::Ok);
        check(&["v=spf1 mx"], ProofState::Ok);
        check(&["v=spf1 redirect=_spf.example.com"], ProofState::Ok);
        check(&["v=spf1 mx +all"], ProofState::Wrong);
        check(&["v=spf1 all"], ProofState::Wrong);
        check(&["v=spf1 ?all"], ProofState::Ok);
        check(&["v=spf1 ip4:0.0.0.0/0 -all"], ProofState::Wrong);
        check(&["v=spf1 -all", "v=spf1 mx -all"], ProofState::Wrong);
        assert_eq!(narrowed("v=spf1 mx ip4:0.0.0.0/0 +all"), "v=spf1 mx ~all");
    }

    #[test]
    fn a_policy_is_read_also_from_above() {
        let check = |own: &[&str], above: &[&str], expected: ProofState, at: &str| {
            let found = Found { dmarc: texts(own), parent_dmarc: texts(above), ..Found::default() };
            let proof = dmarc(&question(), &found);
            assert_eq!(
                (proof.state, proof.record.expect("a record").name.as_str()),
                (expected, at),
                "{own:?} {above:?}"
            );
        };
        check(&[], &[], ProofState::Missing, "_dmarc.post.example.com");
        check(&["v=DMARC1; p=reject"], &[], ProofState::Ok, "_dmarc.post.example.com");
        check(&[], &["v=DMARC1;p=none"], ProofState::Ok, "_dmarc.example.com");
        check(&["v=DMARC1; p=never"], &[], ProofState::Wrong, "_dmarc.post.example.com");
        check(&["v=DMARC1"], &[], ProofState::Wrong, "_dmarc.post.example.com");
        check(&["v=DMARC1; p=none", "v=DMARC1; p=reject"], &[], ProofState::Wrong, "_dmarc.post.example.com");
    }

    #[test]
    fn ownership_and_spf_prove_a_sender() {
        let check = |ownership: &[&str], domain: &[&str], own: Option<&str>, expected: bool| {
            let question = Question { own: own.map(str::to_owned), ..question() };
            let found = Found { ownership: texts(ownership), domain: texts(domain), ..Found::default() };
            assert_eq!(proves(&judge(&question, &found)), expected, "{ownership:?} {domain:?} {own:?}");
        };
        check(&[], &["v=spf1 -all"], None, false);
        check(&["abd"], &["v=spf1 -all"], None, false);
        check(&["other", "abc"], &["v=spf1 -all"], None, true);
        check(&["abc"], &[], None, true);
        check(&["abc"], &["v=spf1 +all"], None, false);
        check(&[], &[], Some("example.com"), true);
        check(&[], &["v=spf1 a", "v=spf1 b"], Some("example.com"), false);
        assert!(!proves(&[]));
    }
}
