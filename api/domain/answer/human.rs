//! Notices that a visitor asks for a person, in four languages, whatever answers otherwise.

use super::words::words;

/// Verbs of being put in touch, as beginnings of normalised words.
const TO_TALK: &[&str] = &[
    "talk",
    "speak",
    "chat",
    "connect",
    "transfer",
    "reach",
    "call",
    "contact",
    "forward",
    "escalat",
    "sprech",
    "sprich",
    "red",
    "chatt",
    "verbind",
    "weiterleit",
    "telefonier",
    "erreich",
    "kontaktier",
    "parl",
    "discut",
    "echang",
    "joindre",
    "contact",
    "passez",
    "habl",
    "comunic",
    "conect",
    "contact",
    "pasame",
    "paseme",
    "transfier",
];

/// Verbs of wishing.
const TO_WANT: &[&str] = &[
    "want", "need", "get", "give", "prefer", "like", "bring", "will", "mochte", "brauch", "gib", "gebt", "veux",
    "voudrais", "besoin", "quiero", "necesit", "deseo", "quisiera",
];

/// Words for a person who answers; with any verb above they are a wish for one.
const ANSWERING: &[&str] = &[
    "human",
    "humans",
    "operator",
    "representative",
    "rep",
    "agent",
    "agents",
    "advisor",
    "adviser",
    "mensch",
    "menschen",
    "mitarbeiter",
    "mitarbeiterin",
    "mitarbeitern",
    "berater",
    "beraterin",
    "kundenberater",
    "kundenberaterin",
    "ansprechpartner",
    "ansprechpartnerin",
    "humain",
    "humaine",
    "conseiller",
    "conseillere",
    "operateur",
    "operatrice",
    "humano",
    "humana",
    "agente",
    "asesor",
    "asesora",
    "operador",
    "operadora",
    "representante",
];

/// Words for anybody; only talking to one is a wish for a person, a table for one is not.
const ANYBODY: &[&str] = &[
    "person",
    "someone",
    "somebody",
    "staff",
    "employee",
    "manager",
    "supervisor",
    "support",
    "team",
    "people",
    "jemand",
    "jemanden",
    "jemandem",
    "kundendienst",
    "kundenservice",
    "chef",
    "personne",
    "quelqu",
    "employe",
    "responsable",
    "equipe",
    "persona",
    "alguien",
    "empleado",
    "empleada",
    "encargado",
    "encargada",
    "equipo",
    "soporte",
];

/// Word sequences that are a wish by themselves.
const OUTRIGHT: &[&[&str]] = &[
    &["real", "person"],
    &["real", "human"],
    &["actual", "person"],
    &["actual", "human"],
    &["live", "person"],
    &["live", "agent"],
    &["live", "chat"],
    &["human", "being"],
    &["human", "support"],
    &["human", "help"],
    &["human", "agent"],
    &["echte", "person"],
    &["echten", "person"],
    &["echter", "mensch"],
    &["echten", "menschen"],
    &["menschlichen", "ansprechpartner"],
    &["vraie", "personne"],
    &["etre", "humain"],
    &["vrai", "humain"],
    &["persona", "real"],
    &["ser", "humano"],
    &["persona", "humana"],
    &["agent", "please"],
    &["operator", "please"],
    &["human", "please"],
    &["representative", "please"],
    &["mensch", "bitte"],
    &["mitarbeiter", "bitte"],
    &["agente", "por", "favor"],
    &["agent", "svp"],
];

/// Words that a bare call for a person may have around it.
const AROUND: &[&str] = &[
    "a", "an", "the", "please", "now", "real", "live", "bitte", "ein", "einen", "einem", "jetzt", "un", "une", "por",
    "favor", "s", "il", "vous", "plait", "svp", "ya", "hello", "hi", "hallo", "bonjour", "hola",
];

/// Words that turn a wish round when they come shortly before it.
const NOT: &[&str] = &[
    "don", "dont", "not", "never", "without", "no", "nicht", "kein", "keinen", "ohne", "ne", "pas", "sans", "sin",
    "nunca",
];

/// Beginnings of the question whether we are one.
const ARE_YOU: &[&[&str]] = &[
    &["are", "you"],
    &["is", "this"],
    &["am", "i"],
    &["bist", "du"],
    &["sind", "sie"],
    &["seid", "ihr"],
    &["etes", "vous"],
    &["es", "tu"],
    &["tu", "es"],
    &["vous", "etes"],
    &["eres"],
    &["es", "usted"],
    &["estoy"],
];

/// How many words may lie between a verb and whom it is about.
const NEAR: usize = 7;

/// Whether a visitor's message asks for a person rather than for an answer.
///
/// "Can I talk to somebody?", "agent please", "Ich möchte mit einem Menschen sprechen". Not "are you human?", not
/// "I don't want to talk to a human", not "a table for one person".
pub fn asks_for_human(text: &str) -> bool {
    let words = words(text);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    if words.is_empty() || asks_whether_we_are(&words) {
        return false;
    }
    let refused = |at: usize| words[at.saturating_sub(4)..at].iter().any(|word| NOT.contains(word));
    let outright = OUTRIGHT
        .iter()
        .any(|wish| words.windows(wish.len()).enumerate().any(|(at, found)| found == *wish && !refused(at)));
    let bare = words.len() <= 7
        && words.iter().any(|word| ANSWERING.contains(word))
        && words.iter().all(|word| ANSWERING.contains(word) || AROUND.contains(word));
    let starts = |word: &str, list: &[&str]| list.iter().any(|start| word.starts_with(start));
    let wished = words.iter().enumerate().any(|(verb, word)| {
        let (talk, want) = (starts(word, TO_TALK), starts(word, TO_WANT));
        let near = verb.saturating_sub(NEAR)..words.len().min(verb + NEAR + 1);
        (talk || want)
            && !refused(verb)
            && near.into_iter().any(|at| {
                at != verb
                    && !refused(at)
                    && (ANSWERING.contains(&words[at]) || (talk && ANYBODY.contains(&words[at])))
                    && !is_of_a_trade(&words, at)
            })
    });
    outright || bare || wished
}

/// "Are you a real person?" asks about us, not for somebody else.
fn asks_whether_we_are(words: &[&str]) -> bool {
    let talks_on = words.iter().any(|word| ["talk", "speak", "want", "need", "connect"].contains(word));
    !talks_on && ARE_YOU.iter().any(|start| words.windows(start.len()).take(2).any(|found| found == *start))
}

/// A cleaning agent is no one to talk to, and neither is human resources.
fn is_of_a_trade(words: &[&str], at: usize) -> bool {
    let before = at.checked_sub(1).map_or("", |before| words[before]);
    let after = words.get(at + 1).copied().unwrap_or_default();
    ["cleaning", "raising", "estate", "travel", "insurance", "phone", "tour"].contains(&before)
        || ["resources", "rights", "error", "hair", "body"].contains(&after)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn wishes_for_a_person_are_noticed() {
        fn check(text: &str, wanted: bool) {
            assert_eq!(asks_for_human(text), wanted, "{text}");
        }
        for text in [
            "Can I talk to a human?",
            "I want to speak with a real person",
            "agent please",
            "Agent",
            "HUMAN!!!",
            "operator",
            "connect me to an agent",
            "Is there somebody I can talk to?",
            "Let me speak to someone from your team.",
            "I need a human",
            "give me a representative",
            "get me a human being now",
            "transfer me to a live agent",
            "Could I chat with a person please",
            "I'd like to talk to someone about a wedding cake",
            "May I speak to the manager?",
            "talk to support",
            "Ich möchte mit einem Menschen sprechen",
            "Kann ich mit jemandem reden?",
            "Verbinden Sie mich bitte mit einem Mitarbeiter",
            "Mitarbeiter bitte",
            "echte Person",
            "Mensch!",
            "Ich will einen Menschen",
            "Ich brauche einen Ansprechpartner",
            "Je voudrais parler à un humain",
            "parler à quelqu'un",
            "Puis-je parler à un conseiller ?",
            "un agent s'il vous plaît",
            "une vraie personne",
            "Quiero hablar con una persona",
            "¿Puedo hablar con alguien?",
            "agente por favor",
            "necesito un asesor",
            "persona real",
            "Hablar con un agente",
        ] {
            check(text, true);
        }
        for text in [
            "",
            "Hello",
            "Are you a human?",
            "are you a real person",
            "Bist du ein Mensch?",
            "Êtes-vous un humain ?",
            "¿Eres humano?",
            "I need a table for one person",
            "How many people can I bring?",
            "Do you have a cleaning agent?",
            "I don't want to talk to a human",
            "Ich will nicht mit einem Menschen sprechen",
            "What time do you close?",
            "Is the bread safe for humans?",
            "Wie viele Personen passen in den Raum?",
            "combien de personnes ?",
            "para cuántas personas es la tarta?",
            "Do you call when the cake is ready?",
            "human resources",
            "I am a person",
        ] {
            check(text, false);
        }
    }

    proptest! {
        #[test]
        fn any_text_can_be_asked(text in "\\PC{0,200}") {
            asks_for_human(&text);
        }

        #[test]
        fn what_stands_around_a_wish_does_not_hide_it(before in "[bxz]{3,8}", after in "[bxz]{3,8}") {
            let text = format!("{before} talk to a human {after}");
            prop_assert!(asks_for_human(&text));
        }
    }
}
