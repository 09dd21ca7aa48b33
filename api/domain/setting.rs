//! Settings that an agency leaves free, bounds or locks: the closed catalogue, and which value is the one that counts.
//!
//! Four layers lie above each other: the platform's default, what the agency says for all of its organizations or for this
//! one, what the organization says, and, for what AI agents have of their own, what the AI agent says.

mod catalogue;

use std::sync::LazyLock;

use super::conversation::words;
use super::permission::Permission;
use super::text;

pub use catalogue::CATALOGUE;

words! {
    /// The closed list of settings.
    Key {
        /// Whether visitors can be handed over to people.
        HandoffEnabled "handoff.enabled",
        /// Whether contact details are asked for first.
        HandoffAskContact "handoff.ask_contact",
        /// How many messages before the button shows.
        HandoffButtonAfterMessages "handoff.button_after_messages",
        /// The language of an organization.
        OrganizationLanguage "organization.language",
        /// The time zone of an organization.
        OrganizationTimeZone "organization.time_zone",
        /// Where the launcher stands.
        WidgetPosition "widget.position",
        /// Whether the AI agent shows that a person can be asked for.
        HandoffPopup "handoff.popup",
        /// Whether that stands at the top of the chat at all times.
        HandoffFixedPopup "handoff.fixed_popup",
        /// What the button for a person says.
        HandoffButtonText "handoff.button_text",
        /// What is said where a person can be asked for.
        HandoffPopupText "handoff.popup_text",
        /// What a visitor reads while they wait.
        HandoffWaitingText "handoff.waiting_text",
        /// Whether a visitor who waits can write.
        HandoffBlockInput "handoff.block_input",
        /// Whether the visitor's own words call a person.
        HandoffOnWords "handoff.on_words",
        /// Whether the AI's own decision offers a person.
        HandoffOnAiDecision "handoff.on_ai_decision",
        /// Whether an answer that did not help offers a person.
        HandoffOnLowConfidence "handoff.on_low_confidence",
        /// After how many failures a person is called.
        HandoffAfterFailures "handoff.after_failures",
        /// What is said when a person joins.
        AnnounceTakenOver "announce.taken_over",
        /// What is said when the AI takes over again.
        AnnounceHandedBack "announce.handed_back",
        /// What is said at the end.
        AnnounceCompleted "announce.completed",
        /// Who is offered a request.
        RoutingMode "routing.mode",
        /// How many chats one operator has at a time.
        RoutingCapacity "routing.capacity",
        /// How long one operator is offered a request, in seconds.
        RoutingOfferSeconds "routing.offer_seconds",
        /// How long an operator may be gone, in seconds.
        RoutingGoneSeconds "routing.gone_seconds",
        /// What becomes of requests that wait at closing time.
        HoursClosingRule "hours.closing_rule",
        /// What visitors read outside of business hours.
        HoursOfflineText "hours.offline_text",
        /// Whether visitors can leave a query.
        HoursOfflineForm "hours.offline_form",
        /// Within how many seconds a person should answer first.
        ChatFirstResponseSeconds "chat.first_response_seconds",
        /// Whether completing asks for a resolution.
        EndingAskResolution "ending.ask_resolution",
        /// After how many minutes a chat counts as idle.
        EndingIdleMinutes "ending.idle_minutes",
        /// After how many minutes an idle chat is completed.
        EndingCompleteMinutes "ending.complete_minutes",
        /// Whether visitors are asked how it was.
        EndingRating "ending.rating",
        /// Whether visitors can have the transcript by mail.
        EndingTranscript "ending.transcript",
        /// Where a visitor goes on after the end.
        EndingNextThread "ending.next_thread",
        /// Whether files can be sent.
        FilesEnabled "files.enabled",
        /// How large one file may be, in megabytes.
        FilesLargestMegabytes "files.largest_megabytes",
        /// How much all files may take, in megabytes.
        FilesQuotaMegabytes "files.quota_megabytes",
        /// Whether visitors have to be signed for.
        VisitorIdentity "visitor.identity",
        /// Whether new visitors are challenged.
        VisitorChallenge "visitor.challenge",
    }
}

words! {
    /// How far an organization may depart from what its agency says.
    Mode {
        /// As it likes.
        Free "FREE",
        /// Within bounds.
        Bounded "BOUNDED",
        /// Not at all.
        Locked "LOCKED",
    }
}

words! {
    /// Who said the value that counts.
    Origin {
        /// Nobody: it is the platform's default.
        Platform "PLATFORM",
        /// The agency.
        Agency "AGENCY",
        /// The organization itself.
        Organization "ORGANIZATION",
    }
}

/// What values a setting can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `true` or `false`.
    Boolean,
    /// A number from the first to the second.
    Integer(i64, i64),
    /// One of these.
    Choice(&'static [&'static str]),
    /// A line of at most so many characters, with something in it.
    Text(usize),
    /// A name of the IANA time zone database; too many to list.
    TimeZone,
}

/// What a setting is.
#[derive(Debug, Clone, Copy)]
pub struct Definition {
    /// Which.
    pub key: Key,
    /// What people call it.
    pub name: &'static str,
    /// What it does, in a sentence.
    pub description: &'static str,
    /// What values it can have.
    pub kind: Kind,
    /// Its value when nobody said any.
    pub default: &'static str,
    /// Who may set it in an organization.
    pub edited_by: Permission,
}

impl Key {
    /// What it is. The catalogue stands in the order of the keys; a test looks.
    pub fn definition(self) -> &'static Definition {
        &CATALOGUE[self as usize]
    }
}

/// The name of a time zone as the database of zones writes it; none when it has no such zone.
pub fn time_zone(name: &str) -> Option<String> {
    // The zones are compiled in: what is a zone does not depend on the machine.
    static ZONES: LazyLock<jiff::tz::TimeZoneDatabase> = LazyLock::new(jiff::tz::TimeZoneDatabase::bundled);
    ZONES.get(name.trim()).ok()?.iana_name().filter(|name| *name != "Etc/Unknown").map(str::to_owned)
}

impl Definition {
    /// A value as it is kept; none when this setting cannot have it.
    pub fn normal(&self, value: &str) -> Option<String> {
        let value = value.trim();
        match self.kind {
            Kind::Boolean => matches!(value, "true" | "false").then(|| value.to_owned()),
            Kind::Integer(least, most) => {
                let number: i64 = value.parse().ok()?;
                (least..=most).contains(&number).then(|| number.to_string())
            }
            Kind::Choice(choices) => choices.contains(&value).then(|| value.to_owned()),
            Kind::Text(most) => text::line("value", value, most).ok(),
            Kind::TimeZone => time_zone(value),
        }
    }
}

/// What an agency says of a setting: for all of its organizations, or for one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// How far organizations may depart from it.
    pub mode: Mode,
    /// Its value; none means what lies below.
    pub value: Option<String>,
    /// The least that may be chosen, for numbers that are bounded.
    pub minimum: Option<i64>,
    /// The most.
    pub maximum: Option<i64>,
    /// What may be chosen, for choices that are bounded.
    pub choices: Option<Vec<String>>,
}

impl Rule {
    /// Everything free, and nothing said.
    pub const NONE: Self = Self { mode: Mode::Free, value: None, minimum: None, maximum: None, choices: None };

    /// Whether a value that the setting can have may be chosen.
    fn takes(&self, value: &str) -> bool {
        if self.mode != Mode::Bounded {
            return true;
        }
        let number = value.parse::<i64>().ok();
        self.minimum.is_none_or(|least| number.is_some_and(|number| number >= least))
            && self.maximum.is_none_or(|most| number.is_some_and(|number| number <= most))
            && self.choices.as_ref().is_none_or(|choices| choices.iter().any(|choice| choice == value))
    }

    /// The value itself, or the nearest that may be chosen.
    fn fit(&self, value: &str) -> String {
        if self.takes(value) {
            return value.to_owned();
        }
        match (value.parse::<i64>(), &self.choices) {
            (Ok(number), _) => number
                .clamp(
                    self.minimum.unwrap_or(i64::MIN),
                    self.maximum.unwrap_or(i64::MAX).max(self.minimum.unwrap_or(0)),
                )
                .to_string(),
            (Err(_), Some(choices)) => choices.first().cloned().unwrap_or_else(|| value.to_owned()),
            (Err(_), None) => value.to_owned(),
        }
    }
}

/// What is said of a setting, layer by layer.
#[derive(Debug, Clone, Default)]
pub struct Layers {
    /// By the agency, for all of its organizations.
    pub agency: Option<Rule>,
    /// By the agency, for this organization alone.
    pub here: Option<Rule>,
    /// By the organization.
    pub own: Option<String>,
}

/// Why a value cannot be changed. The closed list, with `MISSING_PERMISSION` for whoever may not.
pub const SETTING_LOCKED: &str = "SETTING_LOCKED";

/// The value that counts, and why it is that one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Effective {
    /// Which setting.
    pub key: Key,
    /// The value.
    pub value: String,
    /// Who said it.
    pub origin: Origin,
    /// What the agency allows, with its bounds.
    pub rule: Rule,
    /// Whether whoever asks may change it here.
    pub editable: bool,
    /// Why not.
    pub reason: Option<&'static str>,
    /// What the agency says, whether or not it is what counts.
    pub agency_value: Option<String>,
    /// What the organization says, whether or not it is what counts.
    pub own_value: Option<String>,
}

/// Why a new value is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// The agency locked the setting.
    Locked,
    /// The setting cannot have this value.
    NotAValue,
    /// It can, and the agency allows others only.
    OutOfBounds,
}

/// The value that counts in an organization. `may`: whether whoever asks holds the permission to set it there.
pub fn resolve(key: Key, layers: &Layers, may: bool) -> Effective {
    let definition = key.definition();
    let rule = layers.here.as_ref().or(layers.agency.as_ref()).unwrap_or(&Rule::NONE);
    let said = |value: &Option<String>| value.as_deref().and_then(|value| definition.normal(value));
    let agency_value = layers.here.as_ref().and_then(|here| said(&here.value)).or_else(|| {
        let agency = layers.agency.as_ref()?;
        said(&agency.value)
    });
    let own_value = said(&layers.own);
    let own = own_value.clone().filter(|own| rule.mode != Mode::Locked && rule.takes(own));
    let (value, origin) = match (own, &agency_value) {
        (Some(own), _) => (own, Origin::Organization),
        (None, Some(agency)) => (rule.fit(agency), Origin::Agency),
        (None, None) => {
            let fit = rule.fit(definition.default);
            // What the bounds made of the default is the agency's doing.
            let origin = if fit == definition.default { Origin::Platform } else { Origin::Agency };
            (fit, origin)
        }
    };
    let reason = match (rule.mode, may) {
        (Mode::Locked, _) => Some(SETTING_LOCKED),
        (_, false) => Some("MISSING_PERMISSION"),
        (_, true) => None,
    };
    Effective { key, value, origin, rule: rule.clone(), editable: reason.is_none(), reason, agency_value, own_value }
}

/// The agency's own default. Its lock binds organizations, never itself; its bounds bind its value as well.
pub fn resolve_default(key: Key, agency: Option<&Rule>, may: bool) -> Effective {
    let layers = Layers { agency: agency.cloned(), ..Layers::default() };
    let reason = if may { None } else { Some("MISSING_PERMISSION") };
    Effective { editable: may, reason, ..resolve(key, &layers, may) }
}

impl Effective {
    /// What counts for an AI agent that says `own`: its own word, as far as the agency leaves it one.
    pub fn over(&self, own: &str) -> String {
        match self.rule.mode {
            Mode::Free => own.to_owned(),
            Mode::Bounded if self.rule.takes(own) => own.to_owned(),
            Mode::Bounded | Mode::Locked => self.value.clone(),
        }
    }

    /// Whether nobody but the agency can change it.
    pub fn locked(&self) -> bool {
        self.rule.mode == Mode::Locked
    }

    /// A new value as it is kept. One that is what counts already changes nothing, and is never refused.
    pub fn choose(&self, value: &str) -> Result<String, Refused> {
        let normal = self.key.definition().normal(value).ok_or(Refused::NotAValue)?;
        match self.rule.mode {
            _ if normal == self.value => Ok(normal),
            Mode::Locked => Err(Refused::Locked),
            Mode::Bounded if !self.rule.takes(&normal) => Err(Refused::OutOfBounds),
            Mode::Bounded | Mode::Free => Ok(normal),
        }
    }

    /// What may be chosen here: the bounds, or all that there is. For time zones the list is empty: there are too many.
    pub fn choices(&self) -> Vec<String> {
        match (&self.rule.choices, self.key.definition().kind) {
            (Some(choices), _) if self.rule.mode == Mode::Bounded => choices.clone(),
            (_, Kind::Choice(choices)) => choices.iter().map(|choice| (*choice).to_owned()).collect(),
            _ => Vec::new(),
        }
    }

    /// The least and the most that may be chosen here, for numbers.
    pub fn bounds(&self) -> Option<(i64, i64)> {
        let Kind::Integer(least, most) = self.key.definition().kind else { return None };
        let bounded = self.rule.mode == Mode::Bounded;
        let bound = |own: Option<i64>, of_kind: i64| own.filter(|_| bounded).unwrap_or(of_kind);
        Some((bound(self.rule.minimum, least), bound(self.rule.maximum, most)))
    }
}

/// Checks what an agency wants to say of a setting, and gives it as it is kept.
///
/// # Errors
/// The argument at fault, with what is wrong with it.
pub fn rule(key: Key, wanted: Rule) -> Result<Rule, (&'static str, &'static str)> {
    let definition = key.definition();
    let value = match wanted.value.as_deref() {
        Some(value) => Some(definition.normal(value).ok_or(("value", "NOT_A_VALUE"))?),
        None => None,
    };
    if wanted.mode != Mode::Bounded {
        return Ok(Rule { mode: wanted.mode, value, ..Rule::NONE });
    }
    let rule = match definition.kind {
        Kind::Boolean | Kind::Text(_) => return Err(("mode", "CANNOT_BE_BOUNDED")),
        Kind::Integer(least, most) => {
            let (minimum, maximum) = (wanted.minimum.unwrap_or(least), wanted.maximum.unwrap_or(most));
            if minimum < least || minimum > maximum {
                return Err(("minimum", "OUT_OF_RANGE"));
            }
            if maximum > most {
                return Err(("maximum", "OUT_OF_RANGE"));
            }
            Rule { mode: Mode::Bounded, value, minimum: Some(minimum), maximum: Some(maximum), choices: None }
        }
        Kind::Choice(_) | Kind::TimeZone => {
            let mut choices: Vec<String> = Vec::new();
            for choice in wanted.choices.iter().flatten() {
                let choice = definition.normal(choice).ok_or(("choices", "NOT_A_VALUE"))?;
                if !choices.contains(&choice) {
                    choices.push(choice);
                }
            }
            if choices.is_empty() || choices.len() > 100 {
                return Err(("choices", "OUT_OF_RANGE"));
            }
            Rule { mode: Mode::Bounded, value, minimum: None, maximum: None, choices: Some(choices) }
        }
    };
    match &rule.value {
        Some(value) if !rule.takes(value) => Err(("value", "OUT_OF_BOUNDS")),
        _ => Ok(rule),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_catalogue_stands_in_the_order_of_its_keys() {
        assert_eq!(CATALOGUE.iter().map(|definition| definition.key).collect::<Vec<_>>(), Key::ALL);
        for definition in CATALOGUE {
            assert_eq!(
                definition.normal(definition.default).as_deref(),
                Some(definition.default),
                "{:?}",
                definition.key
            );
        }
    }

    /// `mode [value] [| bounds]`: `BOUNDED 3 | 2-5`, `LOCKED de`, `BOUNDED | de fr`, `-` for nothing said.
    fn said(text: &str) -> Option<Rule> {
        if text == "-" {
            return None;
        }
        let (head, bounds) = text.split_once('|').unwrap_or((text, ""));
        let mut words = head.split_whitespace();
        let mode = Mode::parse(words.next().unwrap_or_default()).expect("a mode");
        let range = bounds.trim().split_once('-').map(|(least, most)| (least.parse().ok(), most.parse().ok()));
        let choices: Vec<String> = bounds.split_whitespace().map(str::to_owned).collect();
        let (minimum, maximum) = range.unwrap_or_default();
        let choices = (range.is_none() && !choices.is_empty()).then_some(choices);
        Some(Rule { mode, value: words.next().map(str::to_owned), minimum, maximum, choices })
    }

    /// `agency / this organization / its own word`, and `value ORIGIN MODE`, with why it cannot be edited.
    #[track_caller]
    fn check(key: &str, layers: &str, may: bool, expected: &str) {
        let key = Key::parse(key).expect("a key");
        let parts: Vec<&str> = layers.split(" / ").map(str::trim).collect();
        let own = Some(parts[2]).filter(|own| *own != "-").map(str::to_owned);
        let layers = Layers { agency: said(parts[0]), here: said(parts[1]), own };
        let found = resolve(key, &layers, may);
        let reason = found.reason.map(|reason| format!(" {reason}")).unwrap_or_default();
        let told = format!("{} {} {}{reason}", found.value, found.origin.as_str(), found.rule.mode.as_str());
        assert_eq!(told, expected);
        assert_eq!(found.editable, found.reason.is_none());
    }

    #[test]
    fn the_value_that_counts_has_an_origin_and_a_reason() {
        let ask = "handoff.ask_contact";
        check(ask, "- / - / -", true, "false PLATFORM FREE");
        check(ask, "- / - / -", false, "false PLATFORM FREE MISSING_PERMISSION");
        check(ask, "- / - / true", true, "true ORGANIZATION FREE");
        check(ask, "FREE true / - / -", true, "true AGENCY FREE");
        check(ask, "FREE true / - / false", true, "false ORGANIZATION FREE");
        check(ask, "LOCKED true / - / -", true, "true AGENCY LOCKED SETTING_LOCKED");
        check(ask, "LOCKED true / - / false", true, "true AGENCY LOCKED SETTING_LOCKED");
        check(ask, "LOCKED true / - / false", false, "true AGENCY LOCKED SETTING_LOCKED");
        check(ask, "LOCKED / - / true", true, "false PLATFORM LOCKED SETTING_LOCKED");
        // One organization is let out of the lock, or is the only one that is locked.
        check(ask, "LOCKED true / FREE / -", true, "true AGENCY FREE");
        check(ask, "LOCKED true / FREE / false", true, "false ORGANIZATION FREE");
        check(ask, "LOCKED true / FREE false / -", true, "false AGENCY FREE");
        check(ask, "- / LOCKED true / false", true, "true AGENCY LOCKED SETTING_LOCKED");
        check(ask, "FREE true / LOCKED / false", true, "true AGENCY LOCKED SETTING_LOCKED");
        check(ask, "FREE true / LOCKED false / true", true, "false AGENCY LOCKED SETTING_LOCKED");
        check(ask, "- / LOCKED / true", true, "false PLATFORM LOCKED SETTING_LOCKED");

        let button = "handoff.button_after_messages";
        check(button, "- / - / 7", true, "7 ORGANIZATION FREE");
        check(button, "- / - / 21", true, "0 PLATFORM FREE");
        check(button, "- / - / many", true, "0 PLATFORM FREE");
        check(button, "BOUNDED 3 | 2-5 / - / -", true, "3 AGENCY BOUNDED");
        check(button, "BOUNDED 3 | 2-5 / - / 5", true, "5 ORGANIZATION BOUNDED");
        check(button, "BOUNDED 3 | 2-5 / - / 2", true, "2 ORGANIZATION BOUNDED");
        check(button, "BOUNDED 3 | 2-5 / - / 6", true, "3 AGENCY BOUNDED");
        check(button, "BOUNDED 3 | 2-5 / - / 1", true, "3 AGENCY BOUNDED");
        check(button, "BOUNDED 3 | 2-5 / - / 1", false, "3 AGENCY BOUNDED MISSING_PERMISSION");
        // The default that lies outside of the bounds is pulled in, and that is the agency's doing.
        check(button, "BOUNDED | 2-5 / - / -", true, "2 AGENCY BOUNDED");
        check(button, "BOUNDED | 0-5 / - / -", true, "0 PLATFORM BOUNDED");
        check(button, "FREE 9 / BOUNDED | 2-5 / -", true, "5 AGENCY BOUNDED");
        check(button, "FREE 9 / BOUNDED 4 | 2-5 / 5", true, "5 ORGANIZATION BOUNDED");
        check(button, "BOUNDED 3 | 2-5 / FREE / 20", true, "20 ORGANIZATION FREE");
        check(button, "BOUNDED 3 | 2-5 / LOCKED 20 / 2", true, "20 AGENCY LOCKED SETTING_LOCKED");

        let language = "organization.language";
        check(language, "- / - / -", true, "en PLATFORM FREE");
        check(language, "- / - / de", true, "de ORGANIZATION FREE");
        check(language, "- / - / tlh", true, "en PLATFORM FREE");
        check(language, "FREE fr / - / -", true, "fr AGENCY FREE");
        check(language, "BOUNDED | de fr / - / -", true, "de AGENCY BOUNDED");
        check(language, "BOUNDED fr | de fr / - / -", true, "fr AGENCY BOUNDED");
        check(language, "BOUNDED fr | de fr / - / en", true, "fr AGENCY BOUNDED");
        check(language, "BOUNDED fr | de fr / - / de", true, "de ORGANIZATION BOUNDED");
        check(language, "BOUNDED | en de / - / -", true, "en PLATFORM BOUNDED");
        check(language, "FREE tlh / - / -", true, "en PLATFORM FREE");

        let zone = "organization.time_zone";
        check(zone, "- / - / -", true, "UTC PLATFORM FREE");
        check(zone, "- / - / europe/berlin", true, "Europe/Berlin ORGANIZATION FREE");
        check(zone, "- / - / Mars/Olympus", true, "UTC PLATFORM FREE");
        check(zone, "FREE America/New_York / - / -", true, "America/New_York AGENCY FREE");
        check(zone, "BOUNDED | Europe/Paris Europe/Berlin / - / UTC", true, "Europe/Paris AGENCY BOUNDED");
        check(zone, "LOCKED Europe/Paris / - / Europe/Berlin", true, "Europe/Paris AGENCY LOCKED SETTING_LOCKED");
    }

    #[test]
    fn an_agencys_lock_does_not_bind_the_agency() {
        let locked = said("LOCKED true");
        let found = resolve_default(Key::HandoffAskContact, locked.as_ref(), true);
        assert_eq!((found.value.as_str(), found.origin, found.editable), ("true", Origin::Agency, true));
        let found = resolve_default(Key::HandoffAskContact, None, false);
        assert_eq!(
            (found.value.as_str(), found.origin, found.reason),
            ("false", Origin::Platform, Some("MISSING_PERMISSION"))
        );
    }

    #[test]
    fn an_ai_agents_own_word_counts_as_far_as_it_may() {
        #[track_caller]
        fn check(agency: &str, own: &str, counts: &str, chosen: &str, outcome: Result<&str, Refused>) {
            let layers = Layers { agency: said(agency), ..Layers::default() };
            let found = resolve(Key::HandoffButtonAfterMessages, &layers, true);
            assert_eq!(found.over(own), counts);
            assert_eq!(found.choose(chosen), outcome.map(str::to_owned));
        }
        check("-", "7", "7", "20", Ok("20"));
        check("-", "77", "77", "21", Err(Refused::NotAValue));
        check("FREE 3", "7", "7", "0", Ok("0"));
        check("BOUNDED 3 | 2-5", "7", "3", "6", Err(Refused::OutOfBounds));
        check("BOUNDED 3 | 2-5", "4", "4", "5", Ok("5"));
        check("LOCKED 3", "4", "3", "4", Err(Refused::Locked));
        check("LOCKED 3", "4", "3", "3", Ok("3"));
        check("LOCKED", "4", "0", "x", Err(Refused::NotAValue));
    }

    #[test]
    fn a_rule_is_checked_before_it_is_kept() {
        #[track_caller]
        fn check(key: Key, wanted: &str, refused: Option<(&str, &str)>) {
            assert_eq!(rule(key, said(wanted).expect("a rule")).err(), refused);
        }
        check(Key::HandoffEnabled, "LOCKED true", None);
        check(Key::HandoffEnabled, "LOCKED yes", Some(("value", "NOT_A_VALUE")));
        check(Key::HandoffEnabled, "BOUNDED", Some(("mode", "CANNOT_BE_BOUNDED")));
        check(Key::HandoffButtonAfterMessages, "BOUNDED 3 | 2-5", None);
        check(Key::HandoffButtonAfterMessages, "BOUNDED 6 | 2-5", Some(("value", "OUT_OF_BOUNDS")));
        check(Key::HandoffButtonAfterMessages, "BOUNDED | 5-2", Some(("minimum", "OUT_OF_RANGE")));
        check(Key::HandoffButtonAfterMessages, "BOUNDED | 2-21", Some(("maximum", "OUT_OF_RANGE")));
        check(Key::OrganizationLanguage, "BOUNDED | de fr", None);
        check(Key::OrganizationLanguage, "BOUNDED", Some(("choices", "OUT_OF_RANGE")));
        check(Key::OrganizationLanguage, "BOUNDED | de tlh", Some(("choices", "NOT_A_VALUE")));
        check(Key::OrganizationTimeZone, "LOCKED Europe/Berlin", None);
        check(Key::OrganizationTimeZone, "LOCKED Europe/Atlantis", Some(("value", "NOT_A_VALUE")));
    }
}
