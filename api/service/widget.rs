//! Widgets: what they show, and to which pages.

use std::sync::Arc;

use serde_json::json;

use super::setting::Governing;
use super::{By, Services, doer_of};
use crate::domain::access::Actor;
use crate::domain::agent::{AiAgent, Position, Widget};
use crate::domain::brand::{contrast, text_on};
use crate::domain::hours::Schedule;
use crate::domain::id::{AiAgentId, WidgetId};
use crate::domain::permission::Permission;
use crate::domain::setting::Key;
use crate::domain::tenant::{Agency, Unavailable};
use crate::domain::text;
use crate::domain::time::Time;
use crate::error::{Code, Error, Result};
use crate::policy::Scope;
use crate::store::{agency, agent, locate};

/// Everything that a page with the widget is shown.
#[derive(Debug)]
pub struct Shown {
    /// The widget.
    pub widget: Widget,
    /// The AI agent behind it.
    pub agent: AiAgent,
    /// The agency whose brand it wears.
    pub agency: Agency,
    /// Why there is nobody behind it, if there is nobody.
    pub unavailable: Option<Unavailable>,
    /// What comes after the end of a chat.
    pub ending: AfterTheEnd,
    /// When people can be asked for; none when always. Never whether it is open now: that is asked at each look.
    pub schedule: Option<Schedule>,
    /// What visitors read while it is closed.
    pub offline_text: String,
    /// Whether visitors can leave a query then.
    pub offline_form: bool,
    /// Whether nothing is taken of visitors whom the client's site does not sign for.
    pub identity_enforced: bool,
    /// Whether new visitors have to do a little work before their first word.
    pub challenges: bool,
}

/// What comes after the end of a chat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AfterTheEnd {
    /// The visitor is asked how it was.
    pub rating: bool,
    /// The visitor can have the transcript by mail.
    pub transcript: bool,
    /// What the visitor writes then begins a new conversation.
    pub anew: bool,
}

/// Whether a person can be asked for at an instant.
#[derive(Debug, Clone)]
pub struct Offer {
    /// Whether one can be.
    pub available: bool,
    /// Whether it is not for the hours that one cannot.
    pub open: bool,
    /// When it opens again; none while it is open.
    pub opens_at: Option<Time>,
    /// When it opens or closes next.
    pub changes_at: Option<Time>,
}

impl Shown {
    /// The colour of the widget: its own, or the brand's.
    pub fn accent(&self) -> &str {
        self.widget.accent.as_deref().unwrap_or(&self.agency.brand.accent)
    }

    /// The colour that reads on it.
    pub fn accent_text(&self) -> &'static str {
        text_on(self.accent())
    }

    /// Whether there is anybody behind it: an AI agent that is assigned to an organization which is at work.
    pub fn available(&self) -> bool {
        self.unavailable.is_none()
    }

    /// Whether a human can be asked for at all.
    pub fn hands_off(&self) -> bool {
        self.available() && self.agent.hands_off()
    }

    /// Whether one can be then. Where nobody can be at all, no hours are to blame.
    pub fn offer(&self, at: Time) -> Offer {
        let Some(schedule) = self.schedule.as_ref().filter(|_| self.hands_off()) else {
            return Offer { available: self.hands_off(), open: true, opens_at: None, changes_at: None };
        };
        let status = schedule.at(at);
        Offer { available: status.open, open: status.open, opens_at: status.opens_at(), changes_at: status.changes_at }
    }
}

/// What that widget shows, from memory when nothing has changed.
///
/// # Errors
/// NOT_FOUND when there is no such widget.
pub async fn shown(s: &Services, id: WidgetId) -> Result<Arc<Shown>> {
    if let Some(shown) = s.widgets.get(&id) {
        return Ok(shown);
    }
    let generation = s.widgets.generation();
    let mut read = s.store.read().await?;
    let absent = || Error::not_found("widget");
    let (widget, agent) = agent::public_widget(&mut read, id).await?.ok_or_else(absent)?;
    let agency = agency::agency(&mut read, widget.agency).await?.ok_or_else(absent)?;
    let governing = super::setting::governing(&mut read, widget.agency, agent.organization).await?;
    let (widget, agent) = (governing.show(widget), governing.work(agent));
    let identity_enforced = governing.one(Key::VisitorIdentity).value == "ENFORCED";
    let challenges = governing.one(Key::VisitorChallenge).value == "true";
    let unavailable = agent::unavailable(&mut read, &agent).await?;
    let schedule = super::hours::schedule(&mut read, widget.agency, agent.organization, agent.id).await?;
    let offline_text = governing.one(Key::HoursOfflineText).value;
    let offline_form = governing.one(Key::HoursOfflineForm).value == "true";
    let ending = AfterTheEnd {
        rating: governing.one(Key::EndingRating).value == "true",
        transcript: governing.one(Key::EndingTranscript).value == "true",
        anew: governing.one(Key::EndingNextThread).value == "NEW_CONVERSATION",
    };
    let shown = Arc::new(Shown {
        widget,
        agent,
        agency,
        unavailable,
        ending,
        schedule,
        offline_text,
        offline_form,
        identity_enforced,
        challenges,
    });
    s.widgets.put(generation, id, shown.clone());
    Ok(shown)
}

/// The same on a host: on an agency's own there are its own widgets and no others; the platform's has those of all.
///
/// # Errors
/// NOT_FOUND for another agency's, as for none.
pub async fn shown_on(s: &Services, id: WidgetId, host: &str) -> Result<Arc<Shown>> {
    let shown = shown(s, id).await?;
    if host != s.addresses.host {
        let mut read = s.store.read().await?;
        if super::agency::of_host(s, &mut read, host).await?.id != shown.agency.id {
            return Err(Error::not_found("widget"));
        }
    }
    Ok(shown)
}

/// What that widget shows, for somebody who wants to write through it.
///
/// # Errors
/// FORBIDDEN, with the reason, when there is nobody behind it.
pub(super) async fn reachable(s: &Services, id: WidgetId) -> Result<Arc<Shown>> {
    let shown = shown(s, id).await?;
    match shown.unavailable {
        None => Ok(shown),
        Some(why) => Err(Error::new(Code::Forbidden, why.as_str(), "This chat is not available at the moment.")),
    }
}

/// Widgets of AI agents that the person has been allowed to see.
pub async fn widgets_of(s: &Services, actor: &Actor, ai_agents: &[AiAgentId]) -> Result<Vec<Widget>> {
    let scope = Scope::system(super::agency_of(actor)?, "the widget of an AI agent that may be seen");
    let mut read = s.store.read().await?;
    let widgets = agent::widgets_of(&mut read, &scope, ai_agents).await?;
    let behind = agent::ai_agents_of(&mut read, &scope, ai_agents).await?;
    super::setting::show_all(&mut read, widgets, &behind).await
}

/// What is changed about the looks of a widget; what is left out stays.
#[derive(Debug, Clone, Default)]
pub struct Looks {
    /// The line at its top.
    pub title: Option<String>,
    /// What it says first.
    pub greeting: Option<String>,
    /// Its colour; an empty text means the brand's.
    pub accent: Option<String>,
    /// Where the launcher stands.
    pub position: Option<Position>,
}

/// Changes the looks of a widget.
///
/// # Errors
/// INVALID for a colour on which neither black nor white reads at 4.5 to 1 (WCAG 2.2, 1.4.3).
pub async fn update_looks(s: &Services, actor: &Actor, id: WidgetId, looks: Looks) -> Result<Widget> {
    let title = looks.title.map(|title| text::line("title", &title, 60)).transpose()?;
    let greeting = looks.greeting.map(|greeting| text::block("greeting", &greeting, 500)).transpose()?;
    let accent = match looks.accent.as_deref().map(str::trim) {
        None => None,
        Some("") => Some(None),
        Some(colour) => {
            let colour = text::colour("accent", colour)?;
            if contrast(&colour, text_on(&colour)) < 4.5 {
                return Err(Error::invalid(
                    "accent",
                    "LOW_CONTRAST",
                    "Text cannot be read well on this colour. Choose a darker or lighter one.",
                ));
            }
            Some(Some(colour))
        }
    };
    edit(s, actor, Permission::WidgetEditAppearance, id, "widget.edit_appearance", |widget, governing| {
        if let Some(position) = looks.position {
            governing.choose(Key::WidgetPosition, position.as_str(), "position")?;
        }
        widget.title = title.unwrap_or(widget.title.clone());
        widget.greeting = greeting.unwrap_or(widget.greeting.clone());
        widget.accent = accent.unwrap_or(widget.accent.clone());
        widget.position = looks.position.unwrap_or(widget.position);
        Ok(())
    })
    .await
}

/// Says which pages may show the widget; an empty list means any.
pub async fn update_origins(s: &Services, actor: &Actor, id: WidgetId, origins: &[String]) -> Result<Widget> {
    if origins.len() > 50 {
        return Err(Error::invalid("origins", "TOO_MANY", "At most 50 origins."));
    }
    let mut clean: Vec<String> = Vec::new();
    for origin in origins {
        let origin = text::origin("origins", origin)?;
        if !clean.contains(&origin) {
            clean.push(origin);
        }
    }
    edit(s, actor, Permission::WidgetEditOrigins, id, "widget.edit_origins", |widget, _| {
        widget.allowed_origins = clean;
        Ok(())
    })
    .await
}

/// What may be touched of a widget, and where it stands.
pub(super) async fn allowed(
    s: &Services,
    actor: &Actor,
    permission: Permission,
    id: WidgetId,
) -> Result<(Scope, crate::domain::access::Place)> {
    s.policy.may_somewhere(actor, permission)?;
    let mut read = s.store.read().await?;
    let place = locate::widget(&mut read, id).await?.ok_or_else(|| Error::not_found("widget"))?;
    Ok((s.policy.allow(actor, permission, &place, "widget")?, place))
}

async fn edit(
    s: &Services,
    actor: &Actor,
    permission: Permission,
    id: WidgetId,
    action: &'static str,
    edit: impl FnOnce(&mut Widget, &Governing) -> Result<()>,
) -> Result<Widget> {
    let user = doer_of(actor)?;
    let (scope, place) = allowed(s, actor, permission, id).await?;
    let mut unit = s.store.write().await?;
    let before = agent::widget(&mut unit, &scope, id).await?;
    let mut after = before.clone();
    let governing = super::setting::governing(&mut unit, before.agency, place.organization).await?;
    edit(&mut after, &governing)?;
    after.rev += 1;
    agent::update_widget(&mut unit, &scope, &after).await?;
    super::agent::shown_changed(&mut unit).await?;
    let tell = |widget: &Widget| {
        json!({ "title": widget.title, "greeting": widget.greeting, "accent": widget.accent,
                "position": widget.position.as_str(), "origins": widget.allowed_origins })
    };
    let by = By { actor: &user, organization: place.organization };
    s.note(&mut unit, &scope, &by, action, id, json!({ "before": tell(&before), "after": tell(&after) })).await?;
    unit.commit().await?;
    Ok(after)
}
