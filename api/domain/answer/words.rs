//! Words as the embedded answerer compares them: without case, accents, endings and fillers.

use std::collections::HashSet;
use std::sync::LazyLock;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Words looked at in one text; a visitor's message is far shorter.
const MOST_WORDS: usize = 2_000;
/// Terms handed to the database.
const MOST_TERMS: usize = 12;
/// Longer runs of letters are no words.
const LONGEST_WORD: usize = 64;

/// Lower case without accents: NFKD, combining marks dropped, `ß` as `ss` and the like. Idempotent.
///
/// Searching and what is searched must both pass through here, for the two databases fold letters differently.
pub fn normalise(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase) {
        match plain(c) {
            Some(letters) => folded.push_str(letters),
            None if is_combining_mark(c) => {}
            None => folded.push(c),
        }
    }
    folded
}

/// What is written for a small letter where there is no such letter, if that is no mere accent.
pub const fn plain(c: char) -> Option<&'static str> {
    Some(match c {
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'ø' => "o",
        'ł' => "l",
        'đ' | 'ð' => "d",
        'þ' => "th",
        'ı' => "i",
        _ => return None,
    })
}

/// The normalised words of a text, in order.
pub(super) fn words(text: &str) -> Vec<String> {
    normalise(text)
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty() && word.chars().count() <= LONGEST_WORD)
        .take(MOST_WORDS)
        .map(str::to_owned)
        .collect()
}

/// Terms for the database's full-text query: at most 12 distinct normalised stems of letters and digits.
///
/// What was asked comes first, then words that mean nearly the same. Meant to be joined by OR and matched as
/// **prefixes** (`deliver*`, `deliver:*`): a stem need not be a word. Empty when nothing can be looked for.
pub fn search_terms(text: &str) -> Vec<String> {
    let asked = asked(&words(text));
    let mut seen = HashSet::new();
    let own = asked.iter().map(|word| word.stem.clone());
    let mates = asked.iter().flat_map(|word| word.mates.iter().map(|mate| (*mate).to_owned()));
    own.chain(mates).filter(|term| seen.insert(term.clone())).take(MOST_TERMS).collect()
}

/// One thing that a question is about.
pub(super) struct Asked {
    stem: String,
    /// Stems that mean nearly the same.
    mates: Vec<&'static str>,
}

impl Asked {
    fn new(word: &str) -> Self {
        let stem = stem(word);
        let mates = ALIKE
            .iter()
            .filter(|group| group.contains(&stem.as_str()))
            .flat_map(|group| group.iter().copied())
            .filter(|mate| *mate != stem)
            .collect();
        Self { stem, mates }
    }

    /// How well a text with those stems speaks of it: 1 by the very word, less by one alike, nought not at all.
    pub(super) fn worth(&self, stems: &HashSet<String>) -> f64 {
        if stems.contains(&self.stem) {
            1.0
        } else if self.mates.iter().any(|mate| stems.contains(*mate)) {
            0.7
        } else {
            0.0
        }
    }
}

/// What the words of a question ask about, each thing once.
pub(super) fn asked(words: &[String]) -> Vec<Asked> {
    let mut seen = HashSet::new();
    let mut things: Vec<Asked> = Vec::new();
    for word in words.iter().filter(|word| is_content(word)) {
        let thing = Asked::new(word);
        if seen.insert(thing.stem.clone()) {
            things.push(thing);
        }
    }
    if things.is_empty() {
        // "Where are you?" is made of fillers; then, and only then, the question word is what it asks about.
        things.extend(
            words
                .iter()
                .filter_map(|word| QUESTION_WORDS.iter().find(|(w, _)| w == word))
                .map(|(_, about)| Asked::new(about))
                .take(1),
        );
    }
    things
}

/// All words without meaning of their own. Looked up for each word of each entry, hence not a list.
static EMPTY: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    FILLERS.iter().chain([&GREETINGS, &THANKS]).flat_map(|list| list.iter().map(|(word, _)| *word)).collect()
});

/// Whether a normalised word carries meaning of its own.
pub(super) fn is_content(word: &str) -> bool {
    let single_letter = word.chars().count() == 1 && word.chars().all(char::is_alphabetic) && word.is_ascii();
    !single_letter && !EMPTY.contains(word)
}

/// Whether the words are some of `wanted`, and beyond them only of `also`.
pub(super) fn is_only(words: &[String], wanted: List, also: &[&str]) -> bool {
    let is_wanted = |word: &&String| wanted.iter().any(|(w, _)| w == word);
    words.iter().any(|word| is_wanted(&word))
        && words.iter().all(|word| is_wanted(&word) || also.contains(&word.as_str()))
}

/// A light stem, the same for the forms of a word in four languages, and a prefix of all of them.
///
/// Cuts the plural's `s`, then one of a few endings; never below three letters.
pub(super) fn stem(word: &str) -> String {
    if !word.is_ascii() || word.len() < 4 || word.bytes().any(|b| b.is_ascii_digit()) {
        return word.to_owned();
    }
    let mut stem = word;
    if !["ss", "us", "is"].iter().any(|end| stem.ends_with(end)) {
        stem = stem.strip_suffix('s').unwrap_or(stem);
    }
    for end in ["ing", "ed", "ie", "en", "y", "e"] {
        if let Some(rest) = stem.strip_suffix(end).filter(|rest| rest.len() >= 3) {
            stem = rest;
            // "shipping" is about to ship, "calling" about to call.
            let last = stem.as_bytes()[stem.len() - 1];
            let doubled = stem.len() > 3 && stem.as_bytes()[stem.len() - 2] == last && !b"aeioulsz".contains(&last);
            if doubled && (end == "ing" || end == "ed") {
                stem = &stem[..stem.len() - 1];
            }
            break;
        }
    }
    stem.to_owned()
}

/// The languages that the answerer's own sentences come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Language {
    /// Also whatever is not recognised.
    English,
    /// Deutsch.
    German,
    /// Français.
    French,
    /// Español.
    Spanish,
}

use Language::{English, French, German, Spanish};

impl Language {
    /// The language that most of the small words of a text belong to; English when in doubt.
    pub fn of(text: &str) -> Self {
        Self::of_words(&words(text))
    }

    /// The language that a text is visibly in; none when no small word of any tells.
    pub fn recognised(text: &str) -> Option<Self> {
        let words = words(text);
        let found = Self::of_words(&words);
        (found.hits(&words) > 0).then_some(found)
    }

    /// Its two letters, as browsers write them.
    pub const fn code(self) -> &'static str {
        match self {
            English => "en",
            German => "de",
            French => "fr",
            Spanish => "es",
        }
    }

    fn hits(self, words: &[String]) -> usize {
        let said = |word: &&String| {
            FILLERS.iter().chain([&GREETINGS, &THANKS]).any(|list| list.contains(&(word.as_str(), self)))
        };
        words.iter().filter(said).count()
    }

    pub(super) fn of_words(words: &[String]) -> Self {
        // The last of equals wins, and English is the last.
        [Spanish, French, German, English].into_iter().max_by_key(|language| language.hits(words)).unwrap_or(English)
    }

    /// Says hello back.
    pub(super) const fn greeting(self) -> &'static str {
        match self {
            English => "Hello! How can I help you?",
            German => "Guten Tag! Wie kann ich helfen?",
            French => "Bonjour ! Comment puis-je vous aider ?",
            Spanish => "¡Hola! ¿En qué puedo ayudar?",
        }
    }

    /// Answers thanks.
    pub(super) const fn welcome(self) -> &'static str {
        match self {
            English => "You are welcome.",
            German => "Gern geschehen.",
            French => "Avec plaisir.",
            Spanish => "De nada.",
        }
    }

    /// Says that nothing was found.
    pub(super) const fn not_found(self) -> &'static str {
        match self {
            English => "I could not find that in what I have been told. Could you put it in other words?",
            German => "Dazu finde ich nichts in dem, was mir gesagt wurde. Können Sie es anders formulieren?",
            French => "Je n'ai rien trouvé à ce sujet dans ce que l'on m'a dit. Pouvez-vous le formuler autrement ?",
            Spanish => "No he encontrado nada sobre eso en lo que me han contado. ¿Puede decirlo con otras palabras?",
        }
    }

    /// Has understood that a person is wanted.
    pub(super) const fn person(self) -> &'static str {
        match self {
            English => "I understand that you would like to talk to a person.",
            German => "Ich verstehe, dass Sie mit einem Menschen sprechen möchten.",
            French => "Je comprends que vous souhaitez parler à une personne.",
            Spanish => "Entiendo que desea hablar con una persona.",
        }
    }

    /// Has understood that a person is wanted, and there is none.
    pub(super) const fn nobody(self) -> &'static str {
        match self {
            English => {
                "I understand that you would like to talk to a person. Nobody can be reached through this chat at the moment."
            }
            German => {
                "Ich verstehe, dass Sie mit einem Menschen sprechen möchten. Über diesen Chat ist gerade niemand zu erreichen."
            }
            French => {
                "Je comprends que vous souhaitez parler à une personne. Personne n'est joignable par ce chat pour le moment."
            }
            Spanish => {
                "Entiendo que desea hablar con una persona. En este momento no hay nadie disponible en este chat."
            }
        }
    }

    /// Cannot answer at all at the moment.
    pub(super) const fn trouble(self) -> &'static str {
        match self {
            English => "I cannot answer just now. Please try again in a moment.",
            German => "Ich kann gerade nicht antworten. Bitte versuchen Sie es gleich noch einmal.",
            French => "Je ne peux pas répondre pour le moment. Veuillez réessayer dans un instant.",
            Spanish => "No puedo responder en este momento. Inténtelo de nuevo en un momento.",
        }
    }
}

/// Normalised words, each with its language.
pub(super) type List = &'static [(&'static str, Language)];

/// Makes a [`List`] of words given per language.
macro_rules! list {
    ($($language:ident: $($word:literal)*;)*) => { &[$($(($word, $language),)*)*] };
}

/// Words that greet.
pub(super) const GREETINGS: List = list! {
    English: "hi" "hello" "hey" "morning" "afternoon" "evening" "greetings" "howdy";
    German: "hallo" "moin" "servus" "guten" "gruss" "gruezi" "tag" "abend";
    French: "bonjour" "bonsoir" "salut" "coucou";
    Spanish: "hola" "buenos" "buenas" "dias" "tardes" "noches";
};

/// Words that thank.
pub(super) const THANKS: List = list! {
    English: "thanks" "thank" "thx" "cheers";
    German: "danke" "dank" "dankeschon";
    French: "merci" "remercie";
    Spanish: "gracias";
};

/// Words that may stand beside a greeting or thanks without asking anything.
pub(super) const SMALL_TALK: &[&str] = &[
    "there", "good", "you", "very", "much", "a", "lot", "so", "everyone", "all", "vielen", "morgen", "schon", "sehr",
    "gott", "je", "vous", "beaucoup", "bien", "muchas", "mil", "muy", "the", "day", "team", "ok", "okay", "great",
    "zusammen", "dir", "euch", "ihnen", "for", "your", "help", "fur", "ihre", "die", "hilfe", "pour", "votre", "aide",
    "por", "su", "ayuda",
];

/// A question word that stands alone, and what it asks about.
const QUESTION_WORDS: &[(&str, &str)] = &[
    ("where", "address"),
    ("wo", "address"),
    ("ou", "address"),
    ("donde", "address"),
    ("when", "hour"),
    ("wann", "hour"),
    ("quand", "hour"),
    ("cuando", "hour"),
    ("much", "price"),
    ("wieviel", "price"),
    ("combien", "price"),
    ("cuanto", "price"),
    ("cuesta", "price"),
];

/// Stems that visitors and authors of entries use for the same thing.
const ALIKE: &[&[&str]] = &[
    &[
        "open",
        "clos",
        "hour",
        "schedul",
        "offn",
        "geoffnet",
        "offnungszeit",
        "schliess",
        "horair",
        "ouvert",
        "ferm",
        "horario",
        "abierto",
        "abr",
        "cierr",
    ],
    &["pric", "cost", "fee", "preis", "kost", "kostet", "prix", "tarif", "cout", "precio", "cuesta"],
    &["deliver", "ship", "shipment", "liefer", "lieferung", "versand", "livraison", "livr", "entrega", "envio"],
    &["address", "location", "direction", "adress", "anfahrt", "standort", "direccion", "ubicacion"],
    &["phon", "telephon", "telefon", "telefono", "telefonnummer", "rufnummer"],
    &["appointment", "book", "reserv", "reservation", "termin", "rendez", "cita", "reserva", "reservierung"],
    &["refund", "return", "ruckgab", "erstattung", "rembours", "remboursement", "retour", "reembolso", "devolucion"],
    &["pay", "payment", "zahl", "zahlung", "bezahl", "paiement", "pago", "pagar"],
    &["park", "parkplatz", "station", "aparcamiento"],
    &["mail", "email"],
];

/// Words that say nothing about what is asked.
const FILLERS: &[List] = &[
    list! {
        English: "a" "about" "all" "also" "am" "an" "and" "any" "anyone" "anything" "are" "as" "at" "be" "been" "but" "by" "can" "could"
            "did" "do" "does" "doing" "don" "for" "from" "get" "give" "go" "going" "got" "had" "has" "have" "he" "help" "her" "here" "him"
            "his" "how" "i" "if" "in" "into" "is" "isn" "it" "its" "just" "know" "let" "like" "ll" "long" "made" "make" "many" "may" "me"
            "might" "more" "much" "must" "my" "need" "no" "not" "now" "of" "offer" "ok" "on" "one" "only" "or" "other" "our" "out" "over"
            "please" "provide" "re" "said" "say" "sell" "she" "should" "so" "some" "something" "still" "such" "take" "tell" "than" "that"
            "the" "their" "them" "then" "there" "these" "they" "this" "those" "time" "to" "too" "up" "us" "use" "ve" "very" "want" "was" "we"
            "well" "were" "what" "when" "where" "which" "who" "why" "will" "with" "would" "yes" "you" "your" "good" "people";
    },
    list! {
        German: "aber" "alle" "als" "am" "an" "auch" "auf" "aus" "bei" "bin" "bis" "bitte" "da" "das" "dass" "dem" "den" "der" "des" "die"
            "dies" "diese" "doch" "du" "durch" "ein" "eine" "einem" "einen" "einer" "eines" "er" "es" "euch" "euer" "eure" "fur" "gibt" "hab"
            "habe" "haben" "habt" "hat" "hatte" "ich" "ihm" "ihn" "ihnen" "ihr" "ihre" "im" "in" "ins" "ist" "ja" "kann" "kein" "keine"
            "konnen" "konnt" "man" "mehr" "mein" "meine" "mich" "mir" "mit" "mochte" "muss" "nach" "nein" "nicht" "noch" "nur" "ob" "oder"
            "schon" "sehr" "sein" "seid" "sich" "sie" "sind" "so" "uber" "um" "und" "uns" "unser" "viel" "vielen" "vom" "von" "vor" "wann"
            "war" "warum" "was" "welche" "wenn" "wer" "werden" "wie" "wieviel" "will" "wir" "wird" "wo" "wurde" "zu" "zum" "zur";
    },
    list! {
        French: "ai" "au" "aux" "avec" "avez" "avoir" "beaucoup" "bien" "ce" "cela" "ces" "cette" "chez" "combien" "comment" "dans" "de"
            "des" "du" "elle" "en" "est" "et" "etes" "etre" "faire" "faites" "fait" "il" "ils" "je" "la" "le" "les" "leur" "lui" "ma" "mais"
            "me" "mes" "moi" "mon" "ne" "nos" "notre" "nous" "on" "ont" "ou" "par" "pas" "peut" "peux" "plus" "pour" "pourquoi" "pouvez"
            "qu" "quand" "que" "quel" "quelle" "quelles" "quels" "qui" "quoi" "sa" "se" "ses" "si" "son" "sont" "suis" "sur" "tu" "un" "une"
            "vos" "votre" "vous" "voudrais";
    },
    list! {
        Spanish: "a" "al" "algo" "como" "con" "cual" "cuales" "cuando" "cuanto" "de" "del" "desde" "donde" "el" "ella" "ellos" "en" "es"
            "esta" "estan" "este" "esto" "hay" "hace" "hacen" "la" "las" "le" "les" "lo" "los" "mas" "me" "mi" "muchas" "muy" "no" "nos" "o"
            "para" "pero" "por" "porque" "puede" "pueden" "puedo" "que" "quien" "quiero" "se" "ser" "si" "sin" "sobre" "son" "su" "sus"
            "tambien" "te" "tiene" "tienen" "tu" "un" "una" "unos" "usted" "ustedes" "y" "ya" "yo";
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn letters_are_folded() {
        fn check(text: &str, folded: &str) {
            assert_eq!(normalise(text), folded);
        }
        check("Öffnungszeiten", "offnungszeiten");
        check("STRAẞE Straße", "strasse strasse");
        check("Ça où été", "ca ou ete");
        check("İstanbul", "istanbul");
        check("ﬁne Ⅳ ½", "fine iv 1⁄2");
        check("Łódź Ærø", "lodz aero");
    }

    #[test]
    fn forms_of_a_word_share_a_stem() {
        fn check(forms: &str) {
            let stems: HashSet<String> = forms.split(' ').map(stem).collect();
            assert_eq!(stems.len(), 1, "{forms}: {stems:?}");
        }
        check("delivery deliveries deliver delivers delivering delivered");
        check("price prices priced pricing");
        check("hour hours");
        check("open opens opening opened");
        check("close closes closing closed");
        check("ship ships shipping shipped");
        check("offnungszeit offnungszeiten");
        check("brot brote");
        check("horaire horaires");
        check("pastel pasteles");
        check("entrega entregas");
    }

    #[test]
    fn groups_of_like_words_are_made_of_stems() {
        for group in ALIKE {
            for word in *group {
                let is_stem = ["", "e", "y", "en", "ing"].iter().any(|end| stem(&format!("{word}{end}")) == *word);
                assert!(is_stem && words(word) == [*word], "{word}");
                assert!(is_content(word), "{word}");
                assert_eq!(group.iter().filter(|other| other == &word).count(), 1, "{word} twice");
            }
        }
    }

    #[test]
    fn terms_are_what_was_asked_and_its_like() {
        fn check(text: &str, first: &[&str]) {
            let terms = search_terms(text);
            assert!(terms.len() <= MOST_TERMS);
            assert_eq!(terms.iter().take(first.len()).collect::<Vec<_>>(), first, "{text}: {terms:?}");
            assert_eq!(terms.is_empty(), first.is_empty(), "{text}: {terms:?}");
        }
        check("Do you have gluten-free bread?", &["glut", "fre", "bread"]);
        check("Where are you?", &["address", "location"]);
        check("hello", &[]);
        check("\"a\" OR * NEAR(b) '; drop table", &["near", "drop", "tabl"]);
        check("room 7", &["room", "7"]);
        check("Wie ist eure Telefonnummer?", &["telefonnummer", "phon"]);
    }

    #[test]
    fn small_words_tell_the_language() {
        fn check(text: &str, language: Language) {
            assert_eq!(Language::of(text), language, "{text}");
        }
        check("", English);
        check("Where is my order?", English);
        check("Wo ist meine Bestellung?", German);
        check("Où est ma commande ?", French);
        check("¿Dónde está mi pedido?", Spanish);
        check("42", English);
    }

    proptest! {
        #[test]
        fn folding_twice_changes_nothing(text in "\\PC{0,60}") {
            let once = normalise(&text);
            prop_assert_eq!(normalise(&once), once);
        }

        #[test]
        fn terms_are_few_distinct_and_plain(text in "\\PC{0,300}") {
            let terms = search_terms(&text);
            prop_assert!(terms.len() <= MOST_TERMS);
            prop_assert!(terms.iter().all(|term| !term.is_empty() && term.chars().all(char::is_alphanumeric)));
            prop_assert_eq!(terms.iter().collect::<HashSet<_>>().len(), terms.len());
        }

        #[test]
        fn a_stem_is_a_prefix(word in "[a-z]{1,12}") {
            prop_assert!(word.starts_with(&stem(&word)));
        }
    }
}
