//! The visitors' door: one widget, one visitor, one conversation.

mod file;
mod types;

use async_graphql::{Context, ID, Object, Result, Subscription as GraphQlSubscription};
use futures_util::{Stream, StreamExt};

use super::Asking;
use super::wire::{id, ids_in_order, owner_only, public};
use crate::error::Error;
use crate::service::stream::{self, ConversationEvent};
use crate::service::visitor::{self, Arrival};
use crate::service::{Services, conversation, ending, file as files, handoff, offline, transcript, visitor_of, widget};

pub use file::*;
pub use types::*;

fn services<'a>(ctx: &Context<'a>) -> crate::error::Result<&'a Services> {
    ctx.data::<Services>().map_err(|error| Error::internal(error.message))
}

fn asking<'a>(ctx: &Context<'a>) -> crate::error::Result<&'a Asking> {
    ctx.data::<Asking>().map_err(|error| Error::internal(error.message))
}

/// What a visitor can ask.
pub struct Query;

/// What a visitor can ask.
#[Object]
impl Query {
    /// What a widget shows before anybody has written. NOT_FOUND when there is no such widget.
    #[graphql(directive = public::apply())]
    async fn widget_config(&self, ctx: &Context<'_>, widget_id: ID) -> Result<WidgetConfig> {
        let id = id("widgetId", &widget_id)?;
        let services = services(ctx)?;
        let shown = widget::shown_on(services, id, &asking(ctx)?.origin.host).await?;
        Ok(WidgetConfig::of(&shown, services.clock.now()))
    }

    /// One attachment of the visitor's conversation, with a fresh address. NOT_FOUND for any other.
    #[graphql(directive = owner_only::apply())]
    async fn file(&self, ctx: &Context<'_>, #[graphql(name = "id")] file_id: ID) -> Result<Attachment> {
        let found = files::one(services(ctx)?, &asking(ctx)?.actor, id("id", &file_id)?).await?;
        Ok(Attachment::of(&found.attachment, found.url))
    }

    /// The running session, with a fresh token.
    #[graphql(directive = owner_only::apply())]
    async fn session(&self, ctx: &Context<'_>) -> Result<VisitorSession> {
        let opened = visitor::current(services(ctx)?, &asking(ctx)?.actor).await?;
        VisitorSession::of(ctx, opened).await
    }

    /// Something to solve, for a visitor whose first change was refused with CHALLENGE_REQUIRED. Good for ten minutes.
    #[graphql(directive = owner_only::apply())]
    async fn challenge(&self, ctx: &Context<'_>) -> Result<Challenge> {
        Ok(visitor::challenge::give(services(ctx)?, &asking(ctx)?.actor)?.into())
    }
}

/// What a visitor can do.
pub struct Mutation;

/// What a visitor can do.
#[Object]
impl Mutation {
    /// Opens a widget: goes on with the session that `resume` names, or begins one. With `identity`, what the client's site
    /// signed, it is that person's own, on whatever device, and what `resume` names goes on in it. FORBIDDEN with
    /// IDENTITY_INVALID, IDENTITY_EXPIRED, IDENTITY_TOO_LONG, IDENTITY_OTHER_WIDGET, IDENTITY_OTHER_ORIGIN or
    /// IDENTITY_NOT_SET_UP for a signature that does not count.
    #[graphql(directive = public::apply())]
    #[expect(clippy::too_many_arguments, reason = "a page tells all of this at once")]
    async fn session(
        &self,
        ctx: &Context<'_>,
        widget_id: ID,
        resume: Option<String>,
        page_url: Option<String>,
        referrer: Option<String>,
        language: Option<String>,
        time_zone: Option<String>,
        identity: Option<String>,
    ) -> Result<VisitorSession> {
        let asking = asking(ctx)?;
        let arrival = Arrival {
            page_url,
            referrer,
            language,
            time_zone,
            browser: Some(asking.origin.browser.clone()),
            address: asking.origin.address,
        };
        let id = id("widgetId", &widget_id)?;
        widget::shown_on(services(ctx)?, id, &asking.origin.host).await?;
        let opened = visitor::arrive(services(ctx)?, id, resume.as_deref(), identity.as_deref(), arrival).await?;
        VisitorSession::of(ctx, opened).await
    }

    /// Says who the visitor is, by what the client's site signed: HS256, `aud` the widget, `sub` the site's own name for
    /// them, `exp` within an hour. Gives the session of that person, in which what was said so far goes on; the tokens
    /// before it open nothing any more. Refuses as `session` does.
    #[graphql(directive = owner_only::apply())]
    async fn identify(&self, ctx: &Context<'_>, token: String) -> Result<VisitorSession> {
        let opened = visitor::identify::identify(services(ctx)?, &asking(ctx)?.actor, &token).await?;
        VisitorSession::of(ctx, opened).await
    }

    /// Says what the page knows of the visitor: at most 20 texts of at most 500 characters, in place of those said before.
    /// Shown to operators; never who the visitor is, and nothing over what the site has signed for.
    #[graphql(directive = owner_only::apply())]
    async fn set_attributes(&self, ctx: &Context<'_>, attributes: Vec<AttributeInput>) -> Result<bool> {
        let given = attributes.into_iter().map(|one| (one.name, one.value)).collect();
        visitor::identify::set_attributes(services(ctx)?, &asking(ctx)?.actor, given).await?;
        Ok(true)
    }

    /// Says that the visitor is on another page now.
    #[graphql(directive = owner_only::apply())]
    async fn visit_page(&self, ctx: &Context<'_>, page_url: String) -> Result<bool> {
        visitor::identify::visit_page(services(ctx)?, &asking(ctx)?.actor, &page_url).await?;
        Ok(true)
    }

    /// Erases what is known of the visitor and what was said in their conversations, ends a chat that runs, and makes
    /// their tokens worthless.
    #[graphql(directive = owner_only::apply())]
    async fn forget_me(&self, ctx: &Context<'_>) -> Result<bool> {
        visitor::forget::forget_me(services(ctx)?, &asking(ctx)?.actor).await?;
        Ok(true)
    }

    /// Answers a challenge. FORBIDDEN with CHALLENGE_FAILED for a wrong answer, another's challenge, or one that has ended.
    #[graphql(directive = owner_only::apply())]
    async fn solve_challenge(&self, ctx: &Context<'_>, token: String, answer: String) -> Result<bool> {
        visitor::challenge::solve(services(ctx)?, &asking(ctx)?.actor, &token, &answer).await?;
        Ok(true)
    }

    /// Says something, with up to ten files that the visitor has brought; with files the text may be empty. A retry with the
    /// same `clientId` gives the first result. The AI answers while it has the chat. CONFLICT with NOT_UPLOADED or
    /// ALREADY_SENT.
    #[graphql(directive = owner_only::apply())]
    async fn send_message(
        &self,
        ctx: &Context<'_>,
        client_id: String,
        text: String,
        file_ids: Option<Vec<ID>>,
    ) -> Result<Message> {
        let files = ids_in_order("fileIds", file_ids.as_deref())?;
        let (services, actor) = (services(ctx)?, &asking(ctx)?.actor);
        let sent = conversation::visitor_sends(services, actor, &client_id, &text, &files).await?;
        Ok(Message::of(visitor_of(actor)?.agency, &sent))
    }

    /// Announces a file: takes room for it, and says where to PUT its bytes, exactly as many as were announced. A retry with
    /// the same `clientId` gives the same file with a fresh address. What is not sent within an hour goes again. CONFLICT with
    /// FILES_OFF or NO_ROOM; INVALID with EMPTY_FILE or TOO_LARGE.
    #[graphql(directive = owner_only::apply())]
    async fn prepare_upload(&self, ctx: &Context<'_>, client_id: String, name: String, size: i64) -> Result<Upload> {
        let (services, actor) = (services(ctx)?, &asking(ctx)?.actor);
        Ok(Upload::of(files::prepare(services, actor, None, &client_id, &name, size).await?))
    }

    /// Asks for a human. Where contact details are asked for first and none are given, the state becomes COLLECTING:
    /// call again, with another `clientId`, with the details or with empty ones. CONFLICT with HANDOFF_NOT_AVAILABLE, or with
    /// OUTSIDE_BUSINESS_HOURS and `opensAt`.
    #[graphql(directive = owner_only::apply())]
    async fn request_handoff(
        &self,
        ctx: &Context<'_>,
        client_id: String,
        name: Option<String>,
        email: Option<String>,
        reason: Option<String>,
    ) -> Result<Conversation> {
        let given = name.is_some() || email.is_some() || reason.is_some();
        let details = given.then_some(handoff::Details { name, email, reason });
        let (services, actor) = (services(ctx)?, &asking(ctx)?.actor);
        let row = handoff::request(services, actor, &client_id, details).await?;
        Conversation::of(services, actor, &row).await
    }

    /// Withdraws the request for a human.
    #[graphql(directive = owner_only::apply())]
    async fn cancel_handoff(&self, ctx: &Context<'_>) -> Result<Conversation> {
        let (services, actor) = (services(ctx)?, &asking(ctx)?.actor);
        let row = handoff::cancel(services, actor).await?;
        Conversation::of(services, actor, &row).await
    }

    /// Says how the last handoff was, with 1 to 5 stars. Said again within ten minutes it takes the place of what was said before.
    /// CONFLICT with NOTHING_TO_RATE or RATING_CLOSED.
    #[graphql(directive = owner_only::apply())]
    async fn rate_conversation(&self, ctx: &Context<'_>, rating: i64, text: Option<String>) -> Result<Conversation> {
        let (services, actor) = (services(ctx)?, &asking(ctx)?.actor);
        let row = ending::rate(services, actor, rating, text.as_deref()).await?;
        Conversation::of(services, actor, &row).await
    }

    /// Sends what was said to an address. CONFLICT with TRANSCRIPT_NOT_AVAILABLE or NOTHING_SAID; RATE_LIMITED.
    #[graphql(directive = owner_only::apply())]
    async fn email_transcript(&self, ctx: &Context<'_>, email: String) -> Result<bool> {
        transcript::of_visitor(services(ctx)?, &asking(ctx)?.actor, &email).await?;
        Ok(true)
    }

    /// Leaves a query when nobody answers: outside of business hours, after a request that nobody came to, or at any time while
    /// no operator has the chat. It stands in the thread as OFFLINE_QUERY and is answered by mail. A retry with the same
    /// `clientId` gives the first result. CONFLICT with SOMEBODY_IS_HERE while an operator has the chat, with NOT_AVAILABLE
    /// where there is nobody to leave it for.
    #[graphql(directive = owner_only::apply())]
    async fn submit_offline_query(
        &self,
        ctx: &Context<'_>,
        client_id: String,
        email: String,
        message: String,
        name: Option<String>,
        file_ids: Option<Vec<ID>>,
    ) -> Result<OfflineQuery> {
        let files = ids_in_order("fileIds", file_ids.as_deref())?;
        let form = offline::Form { email, message, name, files };
        Ok(OfflineQuery::of(offline::submit(services(ctx)?, &asking(ctx)?.actor, &client_id, form).await?))
    }

    /// Tells the operator that the visitor types, or has stopped. Not kept.
    #[graphql(directive = owner_only::apply())]
    async fn set_typing(&self, ctx: &Context<'_>, typing: bool) -> Result<bool> {
        conversation::visitor_types(services(ctx)?, &asking(ctx)?.actor, typing)?;
        Ok(typing)
    }

    /// Notes that everything up to a number was read. Never backwards.
    #[graphql(directive = owner_only::apply())]
    async fn mark_read(&self, ctx: &Context<'_>, seq: i64) -> Result<bool> {
        conversation::visitor_reads(services(ctx)?, &asking(ctx)?.actor, seq).await?;
        Ok(true)
    }
}

/// What a visitor can follow.
pub struct Subscription;

/// What a visitor can follow.
#[GraphQlSubscription]
impl Subscription {
    /// Follows the visitor's conversation from a cursor on, or from now on: everything that was kept after the cursor,
    /// then the conversation as it is, then what happens. Never a gap; a cursor that cannot be gone on from gives Resync.
    #[graphql(directive = owner_only::apply())]
    async fn events(&self, ctx: &Context<'_>, after: Option<String>) -> Result<impl Stream<Item = Result<Event>>> {
        let (services, actor) = (services(ctx)?.clone(), asking(ctx)?.actor.clone());
        let (id, agency) = (visitor_of(&actor)?.conversation, visitor_of(&actor)?.agency);
        let events = Box::pin(stream::conversation_events(&services, &actor, id, after.as_deref())).await?;
        // Who of the desk looks is no visitor's business.
        let events = events.filter(|event| std::future::ready(!matches!(event, Ok(ConversationEvent::Lookers(_)))));
        Ok(events.then(move |event| {
            let (services, actor) = (services.clone(), actor.clone());
            async move {
                Ok(match event? {
                    ConversationEvent::Message { cursor, message } => Event::MessageAdded(MessageAdded {
                        cursor: cursor.to_string(),
                        message: Message::of(agency, &message),
                    }),
                    ConversationEvent::Edited(message) => {
                        Event::MessageChanged(MessageChanged { message: Message::of(agency, &message) })
                    }
                    ConversationEvent::Changed(seen) => Event::ConversationChanged(ConversationChanged {
                        conversation: Box::pin(Conversation::of(&services, &actor, &seen.conversation)).await?,
                    }),
                    ConversationEvent::Typing { author, name, typing } => Event::TypingChanged(TypingChanged {
                        author: author.into(),
                        name: name.map(|name| name.to_string()),
                        typing,
                    }),
                    ConversationEvent::Answer { id, text } => Event::AnswerProgress(AnswerProgress {
                        answer_id: id.to_string().into(),
                        text: text.to_string(),
                    }),
                    ConversationEvent::Resync { cursor, reason } => {
                        Event::Resync(Resync { cursor: cursor.to_string(), reason: reason.to_owned() })
                    }
                    ConversationEvent::Lookers(_) => return Err(Error::internal("not for visitors").into()),
                })
            }
        }))
    }
}
