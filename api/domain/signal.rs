//! What speaks for an intervention in a conversation that the AI has alone (A13). Pure: words in, signs out.

use super::answer::{asks_for_human, normalise, search_terms};
use super::conversation::words;

words! {
    /// One such sign. The order is that of the chips: the weightiest first.
    Signal {
        /// The visitor asked for a person in words, and got none.
        AskedForPerson "ASKED_FOR_PERSON",
        /// The visitor's words are unhappy ones.
        Unhappy "UNHAPPY",
        /// The AI's last answer did not help.
        NotHelped "NOT_HELPED",
        /// The visitor asked the same again.
        Repeated "REPEATED",
        /// An answer took long, or is still to come.
        LongWait "LONG_WAIT",
        /// The visitor has written a lot, and is still there.
        ManyMessages "MANY_MESSAGES",
    }
}

/// What the visitor said, and what came of it, in one stretch that the AI had alone.
#[derive(Debug, Clone, Default)]
pub struct Heard<'a> {
    /// The visitor's messages, oldest first.
    pub visitor: Vec<&'a str>,
    /// Whether the AI's last answer helped.
    pub helped: bool,
    /// How many seconds the last answer took.
    pub waited_seconds: u64,
}

/// From how many messages of the visitor on a conversation is a long one.
pub const MANY: usize = 8;

/// After so many seconds without an answer a visitor has waited long.
pub const LONG_SECONDS: u64 = 60;

/// Words of people who are not content, as [`normalise`] writes them; the beginnings of words.
const UNHAPPY: &[&str] = &[
    // English
    "useless",
    "ridiculous",
    "terrible",
    "horrible",
    "awful",
    "annoy",
    "angry",
    "furious",
    "frustrat",
    "unacceptabl",
    "disappoint",
    "complain",
    "scam",
    "worst",
    "nonsense",
    "stupid",
    "lawyer",
    "fed up",
    "not helpful",
    "does not help",
    "doesn t help",
    "doesnt help",
    "not working",
    "waste of time",
    "still not",
    "wtf",
    // Deutsch
    "unverschamt",
    "frech",
    "wutend",
    "sauer ",
    "arger",
    "enttausch",
    "beschwer",
    "unbrauchbar",
    "nutzlos",
    "blod ",
    "dumm",
    "frechheit",
    "katastroph",
    "schlecht",
    "hilft nicht",
    "hilft mir nicht",
    "anwalt",
    "zeitverschwendung",
    "lacherlich",
    // Français
    "inutile",
    "nul ",
    "fache",
    "enerve",
    "colere",
    "decu",
    "scandal",
    "inadmissible",
    "plainte",
    "honteu",
    "arnaque",
    "ridicule",
    "n aide pas",
    // Español
    "inutil",
    "enfadad",
    "enojad",
    "molest",
    "decepcion",
    "queja",
    "reclam",
    "verguenza",
    "estafa",
    "ridicul",
    "pesimo",
    "no ayuda",
    "no sirve",
];

fn is_unhappy(text: &str) -> bool {
    let folded = normalise(text);
    let plain: Vec<&str> = folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let plain = format!(" {} ", plain.join(" "));
    let shouts = {
        let letters: Vec<char> = text.chars().filter(|c| c.is_alphabetic()).collect();
        letters.len() >= 12 && letters.iter().all(|c| !c.is_lowercase())
    };
    shouts
        || text.contains("!!!")
        || text.contains("???")
        || UNHAPPY.iter().any(|word| plain.contains(&format!(" {word}")))
}

/// Whether two messages ask for the same: most of the words that count are in both.
fn is_repeated(one: &str, other: &str) -> bool {
    let (one, other) = (search_terms(one), search_terms(other));
    let (fewest, most) = (one.len().min(other.len()), one.len().max(other.len()));
    if fewest == 0 || (fewest == 1 && most > 1) {
        return false;
    }
    let shared = one.iter().filter(|term| other.contains(term)).count();
    shared * 4 >= most * 3
}

/// What speaks for an intervention now, the weightiest first.
pub fn signals(heard: &Heard<'_>) -> Vec<Signal> {
    let recent = || heard.visitor.iter().rev().take(4);
    let last = heard.visitor.last();
    let mut found = Vec::new();
    if recent().any(|text| asks_for_human(text)) {
        found.push(Signal::AskedForPerson);
    }
    if recent().take(3).any(|text| is_unhappy(text)) {
        found.push(Signal::Unhappy);
    }
    if last.is_some() && !heard.helped {
        found.push(Signal::NotHelped);
    }
    if last.is_some_and(|last| heard.visitor.iter().rev().skip(1).take(5).any(|earlier| is_repeated(last, earlier))) {
        found.push(Signal::Repeated);
    }
    if heard.waited_seconds >= LONG_SECONDS {
        found.push(Signal::LongWait);
    }
    if heard.visitor.len() >= MANY {
        found.push(Signal::ManyMessages);
    }
    found
}

/// Signals as they are kept: words with a space between them.
pub fn written(signals: &[Signal]) -> String {
    signals.iter().map(|signal| signal.as_str()).collect::<Vec<_>>().join(" ")
}

/// Signals as they were kept; words that this version does not know say nothing.
pub fn read(text: &str) -> Vec<Signal> {
    text.split_whitespace().filter_map(Signal::parse).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_speaks_for_an_intervention() {
        fn check(visitor: &[&str], helped: bool, waited_seconds: u64, expected: &[Signal]) {
            let heard = Heard { visitor: visitor.to_vec(), helped, waited_seconds };
            assert_eq!(signals(&heard), expected, "{visitor:?}");
        }
        check(&["When do you open on Sunday?"], true, 1, &[]);
        check(&[], false, 0, &[]);
        check(&["Can I talk to a human please"], true, 1, &[Signal::AskedForPerson]);
        check(&["Do you repair bicycles?"], false, 1, &[Signal::NotHelped]);
        check(&["This is ridiculous"], true, 1, &[Signal::Unhappy]);
        check(&["Das hilft mir nicht"], true, 1, &[Signal::Unhappy]);
        check(&["WHERE IS MY ORDER NOW"], true, 1, &[Signal::Unhappy]);
        check(&["Where is my order 4711?", "Hello?", "where is order 4711"], true, 1, &[Signal::Repeated]);
        check(&["Where is my order 4711?", "What does bread cost?"], true, 1, &[]);
        check(&["hello"], true, 61, &[Signal::LongWait]);
        check(&["one", "two", "three", "four", "five", "six", "seven", "eight"], true, 0, &[Signal::ManyMessages]);
        // What was said long ago and has been answered since is not told for ever.
        check(&["I want a human", "bread", "cake", "rolls", "pies"], true, 0, &[]);
    }

    #[test]
    fn they_are_read_as_they_were_written() {
        let all = Signal::ALL.to_vec();
        assert_eq!(read(&written(&all)), all);
        assert_eq!(read("FROM_THE_FUTURE UNHAPPY"), [Signal::Unhappy]);
    }
}
