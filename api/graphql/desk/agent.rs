//! AI agents and widgets.

use async_graphql::{ComplexObject, Context, ID, Object, Result, SimpleObject};

use super::agency::{Organization, viewer_can};
use super::knowledge::KnowledgeEntryConnection;
use super::{asking, loaders, services};
use crate::domain::agent;
use crate::domain::id::OrganizationId;
use crate::domain::permission::Permission;
use crate::domain::setting::Key;
use crate::graphql::loaders::WidgetOf;
use crate::graphql::wire::{Time, WidgetPosition, connection, id, optional_id, page_by_id, requires};
use crate::service::agent::Wishes;
use crate::service::widget::Looks;
use crate::service::{agent as service, widget};

/// The bot of a widget: belongs to an agency, is assigned to one organization.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(complex, directive = requires::apply("home.view".to_owned()))]
pub struct AiAgent {
    /// The id: `agt_...`.
    pub id: ID,
    /// Its name, as visitors and operators see it.
    pub name: String,
    /// When it was created.
    pub created_at: Time,
    #[graphql(skip)]
    of: agent::AiAgent,
}

impl AiAgent {
    /// Wraps one.
    pub fn of(of: agent::AiAgent) -> Self {
        Self { id: of.id.to_string().into(), name: of.name.clone(), created_at: of.created_at.into(), of }
    }

    /// A conversation stays with its organization when its AI agent moves on: where that is now, is asked anew.
    fn still_in_reach(&self, ctx: &Context<'_>) -> Result<()> {
        let actor = &asking(ctx)?.actor;
        services(ctx)?.policy.allow(actor, Permission::HomeView, &self.of.place(), "AI agent")?;
        Ok(())
    }
}

/// How an AI agent hands over to people.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = requires::apply("handoff.read".to_owned()))]
pub struct HandoffSettings {
    /// Whether visitors can be handed over.
    pub enabled: bool,
    /// Whether name, address and reason are asked for first.
    pub ask_contact: bool,
    /// How many messages a visitor writes before the button shows; 0 means at once.
    pub button_after_messages: i64,
    /// "Enable handoff popup": whether visitors are shown that a person can be asked for.
    pub popup: bool,
    /// "Fixed handoff popup": whether that stands at the top of the chat at all times. False while it is not assigned.
    pub fixed_popup: bool,
    /// What the button says.
    pub button_text: String,
    /// What is said beside the button.
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
    /// Keys of settings of which this AI agent says something itself; of the others it says what its organization says.
    pub own: Vec<String>,
    /// Why it cannot be enabled now: AI_AGENT_UNASSIGNED. Null when it can.
    pub blocked_by: Option<String>,
    /// Keys of settings that the agency locked, so that they cannot be changed here: `handoff.enabled`, ...
    pub locked: Vec<String>,
}

#[ComplexObject]
impl AiAgent {
    /// The organization it is assigned to.
    #[graphql(directive = requires::apply("home.view".to_owned()))]
    async fn organization(&self, ctx: &Context<'_>) -> Result<Option<Organization>> {
        self.still_in_reach(ctx)?;
        match self.of.organization {
            Some(id) => Ok(Some(Organization::of(loaders(ctx)?.one(id, "organization").await?))),
            None => Ok(None),
        }
    }

    /// Its face on web sites.
    #[graphql(directive = requires::apply("home.view".to_owned()))]
    async fn widget(&self, ctx: &Context<'_>) -> Result<Widget> {
        self.still_in_reach(ctx)?;
        let found = loaders(ctx)?.one(WidgetOf(self.of.id), "widget").await?;
        Ok(Widget::of(ctx, found)?)
    }

    /// What a model is told before anything else.
    #[graphql(directive = requires::apply("ai_agent.edit_prompt".to_owned()))]
    async fn instructions(&self, ctx: &Context<'_>) -> Result<&str> {
        let actor = &asking(ctx)?.actor;
        services(ctx)?.policy.allow(actor, Permission::AiAgentEditPrompt, &self.of.place(), "AI agent")?;
        Ok(&self.of.instructions)
    }

    /// How it hands over to people.
    #[graphql(directive = requires::apply("handoff.read".to_owned()))]
    async fn handoff(&self, ctx: &Context<'_>) -> Result<HandoffSettings> {
        let actor = &asking(ctx)?.actor;
        services(ctx)?.policy.allow(actor, Permission::HandoffRead, &self.of.place(), "AI agent")?;
        let (agent, locked) = service::at_work(services(ctx)?, self.of.clone()).await?;
        let offer = agent.offer();
        Ok(HandoffSettings {
            popup: offer.popup,
            fixed_popup: offer.fixed_popup,
            button_text: offer.button_text,
            popup_text: offer.popup_text,
            waiting_text: offer.waiting_text,
            block_input: offer.block_input,
            on_words: offer.on_words,
            on_ai_decision: offer.on_ai_decision,
            on_low_confidence: offer.on_low_confidence,
            after_failures: offer.after_failures,
            own: self.of.own.kept().into_keys().map(str::to_owned).collect(),
            enabled: agent.handoff_enabled,
            ask_contact: agent.ask_contact,
            button_after_messages: agent.button_after_messages,
            blocked_by: agent.handoff_blocked_by().map(str::to_owned),
            locked: locked.into_iter().map(str::to_owned).collect(),
        })
    }

    /// What it knows: the entries that fit `search`, best first, or all, oldest first.
    #[graphql(directive = requires::apply("knowledge.read".to_owned()))]
    async fn knowledge(
        &self,
        ctx: &Context<'_>,
        search: Option<String>,
        first: Option<i32>,
        after: Option<String>,
    ) -> Result<KnowledgeEntryConnection> {
        super::knowledge::page(ctx, &self.of, search.as_deref(), first, after).await
    }

    /// Whether the viewer may do that here. For showing and hiding; every act is asked about again.
    #[graphql(directive = requires::apply("home.view".to_owned()))]
    async fn viewer_can(&self, ctx: &Context<'_>, permission: String) -> Result<bool> {
        viewer_can(ctx, &permission, &self.of.place())
    }
}

connection!(AiAgentConnection, AiAgentEdge, AiAgent, "AI agents", requires::apply("home.view".to_owned()));

/// The face of an AI agent on a web site.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = requires::apply("home.view".to_owned()))]
pub struct Widget {
    /// The id: `wid_...`.
    pub id: ID,
    /// The line at its top.
    pub title: String,
    /// What it says before the visitor has said anything.
    pub greeting: String,
    /// Its colour as `#rrggbb`; null means the brand's.
    pub accent: Option<String>,
    /// Where the launcher stands.
    pub position: WidgetPosition,
    /// Origins of the pages that may show it; empty means any.
    pub allowed_origins: Vec<String>,
    /// What is pasted into a page to show it.
    pub embed_code: String,
}

impl Widget {
    fn of(ctx: &Context<'_>, widget: agent::Widget) -> crate::error::Result<Self> {
        let (services, asking) = (services(ctx)?, asking(ctx)?);
        // The address of the tenant, never whatever host was asked: here the platform's own stands for all.
        let base = &services.addresses.public_url;
        let embed_code = format!(r#"<script async src="{base}/w.js" data-widget="{}"></script>"#, widget.id);
        debug_assert!(asking.actor.judged().is_some());
        Ok(Self {
            id: widget.id.to_string().into(),
            title: widget.title,
            greeting: widget.greeting,
            accent: widget.accent,
            position: widget.position.into(),
            allowed_origins: widget.allowed_origins,
            embed_code,
        })
    }
}

pub(super) async fn page(
    ctx: &Context<'_>,
    organization: Option<OrganizationId>,
    first: Option<i32>,
    after: Option<String>,
) -> Result<AiAgentConnection> {
    let page = page_by_id(first, after.as_deref())?;
    let found = service::ai_agents(services(ctx)?, &asking(ctx)?.actor, organization, &page).await?;
    let rows = found.rows.into_iter().map(|row| (row.id.to_string(), AiAgent::of(row))).collect();
    Ok(AiAgentConnection::page(rows, found.more, page.after.is_some()))
}

/// Queries of AI agents.
#[derive(Default)]
pub struct AiAgentQuery;

#[Object]
impl AiAgentQuery {
    /// An AI agent within the viewer's reach. NOT_FOUND for any other, whether or not it exists.
    #[graphql(directive = requires::apply("home.view".to_owned()))]
    async fn ai_agent(&self, ctx: &Context<'_>, #[graphql(name = "id")] ai_agent_id: ID) -> Result<AiAgent> {
        let id = id("id", &ai_agent_id)?;
        Ok(AiAgent::of(service::ai_agent(services(ctx)?, &asking(ctx)?.actor, id).await?))
    }

    /// AI agents within the viewer's reach, oldest first; of one organization, if one is named.
    #[graphql(directive = requires::apply("home.view".to_owned()))]
    async fn ai_agents(
        &self,
        ctx: &Context<'_>,
        organization_id: Option<ID>,
        first: Option<i32>,
        after: Option<String>,
    ) -> Result<AiAgentConnection> {
        page(ctx, optional_id("organizationId", organization_id.as_ref())?, first, after).await
    }
}

/// Changes of AI agents and widgets.
#[derive(Default)]
pub struct AiAgentMutation;

#[Object]
impl AiAgentMutation {
    /// Creates an AI agent with its widget, assigned or not. Handoff is off.
    #[graphql(directive = requires::apply("ai_agent.create".to_owned()))]
    async fn create_ai_agent(
        &self,
        ctx: &Context<'_>,
        client_id: String,
        name: String,
        organization_id: Option<ID>,
    ) -> Result<AiAgent> {
        let organization = optional_id("organizationId", organization_id.as_ref())?;
        let (services, actor) = (services(ctx)?, &asking(ctx)?.actor);
        Ok(AiAgent::of(service::create(services, actor, &client_id, &name, organization).await?))
    }

    /// Changes name and instructions; what is left out stays.
    #[graphql(directive = requires::apply("ai_agent.edit_prompt".to_owned()))]
    async fn update_ai_agent(
        &self,
        ctx: &Context<'_>,
        ai_agent_id: ID,
        name: Option<String>,
        instructions: Option<String>,
    ) -> Result<AiAgent> {
        let id = id("aiAgentId", &ai_agent_id)?;
        let (services, actor) = (services(ctx)?, &asking(ctx)?.actor);
        Ok(AiAgent::of(service::update(services, actor, id, name.as_deref(), instructions.as_deref()).await?))
    }

    /// Assigns an AI agent to an organization, or to none. Requests that wait and chats that run there end; its
    /// conversations stay with the organization that it leaves. Unassigned, its widget is not available.
    #[graphql(directive = requires::apply("ai_agent.assign".to_owned()))]
    async fn assign_ai_agent(
        &self,
        ctx: &Context<'_>,
        ai_agent_id: ID,
        organization_id: Option<ID>,
    ) -> Result<AiAgent> {
        let organization = optional_id("organizationId", organization_id.as_ref())?;
        let id = id("aiAgentId", &ai_agent_id)?;
        Ok(AiAgent::of(service::assign(services(ctx)?, &asking(ctx)?.actor, id, organization).await?))
    }

    /// Deletes an AI agent and its widget; its name is the confirmation. What waits or runs ends, and its conversations
    /// stay with their organization. INVALID with NAME_DIFFERS.
    #[graphql(directive = requires::apply("ai_agent.delete".to_owned()))]
    async fn delete_ai_agent(&self, ctx: &Context<'_>, ai_agent_id: ID, name: String) -> Result<bool> {
        let id = id("aiAgentId", &ai_agent_id)?;
        service::delete(services(ctx)?, &asking(ctx)?.actor, id, &name).await?;
        Ok(true)
    }

    /// Turns handoff on or off. CONFLICT with AI_AGENT_UNASSIGNED when there is no organization to hand over to.
    #[graphql(directive = requires::apply("handoff.enable".to_owned()))]
    async fn set_handoff_enabled(&self, ctx: &Context<'_>, ai_agent_id: ID, enabled: bool) -> Result<AiAgent> {
        let id = id("aiAgentId", &ai_agent_id)?;
        Ok(AiAgent::of(service::set_handoff_enabled(services(ctx)?, &asking(ctx)?.actor, id, enabled).await?))
    }

    /// Changes how handoff is offered; what is left out stays. `inherit` names keys of settings of which the AI agent says
    /// nothing itself any more: `handoff.popup`, ... CONFLICT with AI_AGENT_UNASSIGNED for `fixedPopup` where there is nobody
    /// to ask.
    #[graphql(directive = requires::apply("handoff.edit".to_owned()))]
    #[expect(clippy::too_many_arguments, reason = "one argument for each setting, all of them optional")]
    async fn update_handoff_settings(
        &self,
        ctx: &Context<'_>,
        ai_agent_id: ID,
        ask_contact: Option<bool>,
        button_after_messages: Option<i64>,
        popup: Option<bool>,
        fixed_popup: Option<bool>,
        button_text: Option<String>,
        popup_text: Option<String>,
        waiting_text: Option<String>,
        block_input: Option<bool>,
        on_words: Option<bool>,
        on_ai_decision: Option<bool>,
        on_low_confidence: Option<bool>,
        after_failures: Option<i64>,
        inherit: Option<Vec<String>>,
    ) -> Result<AiAgent> {
        let id = id("aiAgentId", &ai_agent_id)?;
        let (services, actor) = (services(ctx)?, &asking(ctx)?.actor);
        let on = |value: Option<bool>| value.map(|value| value.to_string());
        let wishes = [
            (Key::HandoffPopup, "popup", on(popup)),
            (Key::HandoffFixedPopup, "fixedPopup", on(fixed_popup)),
            (Key::HandoffButtonText, "buttonText", button_text),
            (Key::HandoffPopupText, "popupText", popup_text),
            (Key::HandoffWaitingText, "waitingText", waiting_text),
            (Key::HandoffBlockInput, "blockInput", on(block_input)),
            (Key::HandoffOnWords, "onWords", on(on_words)),
            (Key::HandoffOnAiDecision, "onAiDecision", on(on_ai_decision)),
            (Key::HandoffOnLowConfidence, "onLowConfidence", on(on_low_confidence)),
            (Key::HandoffAfterFailures, "afterFailures", after_failures.map(|count| count.to_string())),
        ];
        let said = wishes.into_iter().filter_map(|(key, field, value)| Some((key, field, value?))).collect();
        let wishes = Wishes { ask_contact, button_after_messages, said, inherit: inherit.unwrap_or_default() };
        Ok(AiAgent::of(service::update_handoff_settings(services, actor, id, wishes).await?))
    }

    /// Changes the looks of a widget; what is left out stays. An empty accent means the brand's. INVALID with
    /// LOW_CONTRAST for a colour on which text cannot be read.
    #[graphql(directive = requires::apply("widget.edit_appearance".to_owned()))]
    async fn update_widget(
        &self,
        ctx: &Context<'_>,
        widget_id: ID,
        title: Option<String>,
        greeting: Option<String>,
        accent: Option<String>,
        position: Option<WidgetPosition>,
    ) -> Result<Widget> {
        let id = id("widgetId", &widget_id)?;
        let looks = Looks { title, greeting, accent, position: position.map(Into::into) };
        Ok(Widget::of(ctx, widget::update_looks(services(ctx)?, &asking(ctx)?.actor, id, looks).await?)?)
    }

    /// Says which pages may show a widget, as origins like https://example.com; an empty list means any.
    #[graphql(directive = requires::apply("widget.edit_origins".to_owned()))]
    async fn update_allowed_origins(&self, ctx: &Context<'_>, widget_id: ID, origins: Vec<String>) -> Result<Widget> {
        let id = id("widgetId", &widget_id)?;
        Ok(Widget::of(ctx, widget::update_origins(services(ctx)?, &asking(ctx)?.actor, id, &origins).await?)?)
    }
}
