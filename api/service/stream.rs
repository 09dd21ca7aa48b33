//! Streams of events: subscribe first, read the backlog after the cursor, then go live, and drop what was sent already.
//!
//! Whoever falls behind reads again after its cursor; nothing is skipped. What the listener may see is asked anew for
//! each event, and a change of anybody's rights is looked at even when nothing else happens.
//!
//! A stream is as large as its largest moment, and most of them wait most of the time: whatever looks into the database
//! has its own memory (`Box::pin`), and gives it back.

use std::collections::VecDeque;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use futures_util::{Stream, stream};
use tokio::sync::watch;
use tokio::time::{Interval, MissedTickBehavior};

use super::conversation::{Seen, content_visible, seen};
use super::{Services, identity, presence};
use crate::domain::access::Actor;
use crate::domain::conversation::{AuthorKind, Conversation, HandoffState, Message};
use crate::domain::id::{ConversationId, MessageId, OrganizationId};
use crate::domain::page::{HandoffFilter, Page};
use crate::domain::permission::Permission;
use crate::domain::routing::SIGN_EVERY;
use crate::error::{Error, Result};
use crate::live::{Heard, Listener, Looker, Looking, News, Topic};
use crate::policy::Scope;
use crate::store::{access, conversation, handoff, locate, message};

/// How many entries are replayed at most; a listener that is further behind reads the conversation anew.
pub const REPLAY: i64 = 500;

/// How many entries are read at once while replaying.
const BATCH: usize = 100;

/// How often it is looked at whether the time of a look through a client's eyes is over.
const LOOK_AGAIN: std::time::Duration = std::time::Duration::from_secs(1);

/// A place in the history of a conversation: which history, and which entry of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// The epoch of the database; another one after a restore.
    pub epoch: i64,
    /// The number of the entry.
    pub seq: i64,
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.epoch, self.seq)
    }
}

impl FromStr for Cursor {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let refused = || Error::invalid("after", "NOT_A_CURSOR", "This is not a cursor that we gave.");
        let (epoch, seq) = text.split_once('.').ok_or_else(refused)?;
        match (epoch.parse(), seq.parse()) {
            (Ok(epoch), Ok(seq)) if seq >= 0 => Ok(Self { epoch, seq }),
            _ => Err(refused()),
        }
    }
}

/// Something that happened in one conversation.
#[derive(Debug, Clone)]
pub enum ConversationEvent {
    /// A new entry.
    Message {
        /// Where the listener is after it.
        cursor: Cursor,
        /// The entry.
        message: Arc<Message>,
    },
    /// An entry that the listener has, or had the chance to have, says something else now. Told again after every break:
    /// whoever has it so already changes nothing.
    Edited(Arc<Message>),
    /// The conversation changed; as it is now, as far as the listener may see it.
    Changed(Seen),
    /// Somebody types, or has stopped.
    Typing {
        /// Visitor or operator.
        author: AuthorKind,
        /// An operator's name.
        name: Option<Arc<str>>,
        /// Whether they do.
        typing: bool,
    },
    /// Others look at it too, or do no longer: these, without the listener.
    Lookers(Vec<Looker>),
    /// The AI has written so far.
    Answer {
        /// The id that the message will have.
        id: MessageId,
        /// All of the text so far.
        text: Arc<str>,
    },
    /// The cursor cannot be gone on from: read the conversation anew, and go on from this one.
    Resync {
        /// Where the history is now.
        cursor: Cursor,
        /// EPOCH, FUTURE, TOO_OLD or ERASED.
        reason: &'static str,
    },
}

/// One who follows a conversation.
struct Following {
    s: Services,
    actor: Actor,
    id: ConversationId,
    scope: Scope,
    epoch: i64,
    listener: Listener,
    authority: watch::Receiver<u64>,
    known: i64,
    version: i64,
    looking: Option<Looking>,
    lookers: Vec<Looker>,
    waiting: VecDeque<ConversationEvent>,
    over: bool,
}

impl Following {
    /// Shows to colleagues that this listener looks, as long as they may see what is said.
    fn look(&mut self, row: &Conversation) {
        let visible = self.visible(row);
        match self.actor.person() {
            Some(person) if visible && self.looking.is_none() => {
                let looker = Looker { user: person.user, name: person.name.as_str().into() };
                self.looking = Some(self.s.hub.look(self.id, looker));
            }
            Some(_) if !visible => self.looking = None,
            _ => {}
        }
    }

    /// Tells who else looks, when that is news to this listener. Visitors never hear of it.
    async fn tell_lookers(&mut self) -> Result<()> {
        let Some(user) = self.actor.person().map(|person| person.user) else { return Ok(()) };
        let mut lookers = self.s.hub.lookers(self.id);
        lookers.retain(|looker| looker.user != user);
        if lookers != self.lookers && self.may_overhear().await? {
            self.lookers.clone_from(&lookers);
            self.waiting.push_back(ConversationEvent::Lookers(lookers));
        }
        Ok(())
    }

    /// Whether what is said may be shown to this listener now.
    fn visible(&self, row: &Conversation) -> bool {
        match &self.actor {
            Actor::Visitor(visitor) => visitor.conversation == row.id,
            actor => content_visible(&self.s, actor, row),
        }
    }

    /// Reads what was kept after what is known, what was changed of what is known, and the conversation as it is.
    async fn catch_up(&mut self) -> Result<()> {
        let told = self.known;
        loop {
            let mut read = self.s.store.read().await?;
            let row = conversation::conversation(&mut read, &self.scope, self.id)
                .await?
                .ok_or_else(|| Error::not_found("conversation"))?;
            if !self.visible(&row) {
                return self.show(Arc::new(row));
            }
            let missed = message::after(&mut read, &self.scope, self.id, self.known, BATCH).await?;
            let full = missed.len() == BATCH;
            for message in missed {
                self.hand_over(Arc::new(message));
            }
            if !full {
                // After the new ones: nothing that was changed before the last look is left out.
                let changed = message::changed_up_to(&mut read, &self.scope, self.id, told, REPLAY).await?;
                drop(read);
                self.waiting.extend(changed.into_iter().map(|message| ConversationEvent::Edited(Arc::new(message))));
                return self.show(Arc::new(row));
            }
        }
    }

    fn hand_over(&mut self, message: Arc<Message>) {
        self.known = message.seq;
        let cursor = Cursor { epoch: self.epoch, seq: message.seq };
        self.waiting.push_back(ConversationEvent::Message { cursor, message });
    }

    /// What was said is not what it was: whoever shows it reads it anew, and goes on from here.
    async fn read_anew(&mut self) -> Result<()> {
        let mut read = self.s.store.read().await?;
        let row = conversation::conversation(&mut read, &self.scope, self.id)
            .await?
            .ok_or_else(|| Error::not_found("conversation"))?;
        drop(read);
        self.known = row.last_seq;
        let cursor = Cursor { epoch: self.epoch, seq: row.last_seq };
        self.waiting.push_back(ConversationEvent::Resync { cursor, reason: "ERASED" });
        self.show(Arc::new(row))
    }

    /// Whether the visitor who listens may go on listening.
    async fn still(&self) -> Result<()> {
        match &self.actor {
            Actor::Visitor(visitor) => super::visitor::still(&self.s, visitor).await,
            Actor::Person(_) | Actor::Key(_) | Actor::Anonymous => Ok(()),
        }
    }

    fn show(&mut self, row: Arc<Conversation>) -> Result<()> {
        self.version = row.version;
        self.look(&row);
        self.waiting.push_back(ConversationEvent::Changed(seen(&self.s, &self.actor, row)));
        Ok(())
    }

    async fn take(&mut self, heard: Heard) -> Result<()> {
        match heard {
            Heard::Missed => {
                self.still().await?;
                self.catch_up().await
            }
            Heard::News(News::Left) => self.still().await,
            Heard::News(News::Erased) => self.read_anew().await,
            Heard::News(News::Changed { conversation: row, message }) => {
                if !self.visible(&row) {
                    // A stub: who has it and since when, and no word of it.
                    return if row.version != self.version { self.show(row) } else { Ok(()) };
                }
                match message {
                    Some(message) if message.seq == self.known + 1 => {
                        self.hand_over(message);
                        if row.version == self.version { Ok(()) } else { self.show(row) }
                    }
                    Some(message) if message.seq <= self.known => Ok(()),
                    // One was announced before another that was committed first: the database knows the order.
                    Some(_) => self.catch_up().await,
                    None if row.last_seq > self.known => self.catch_up().await,
                    None => self.show(row),
                }
            }
            Heard::News(News::Edited { conversation: row, message }) => {
                if !self.visible(&row) {
                    return Ok(());
                }
                if message.seq > self.known {
                    return self.catch_up().await;
                }
                self.waiting.push_back(ConversationEvent::Edited(message));
                self.show(row)
            }
            Heard::News(News::Typing { author, name, typing }) => {
                let own = matches!(
                    (&self.actor, author),
                    (Actor::Visitor(_), AuthorKind::Visitor) | (Actor::Person(_), AuthorKind::Operator)
                );
                if !own && self.may_overhear().await? {
                    self.waiting.push_back(ConversationEvent::Typing { author, name, typing });
                }
                Ok(())
            }
            Heard::News(News::Lookers) => self.tell_lookers().await,
            // Told at bells alone.
            Heard::News(News::Notified(_)) => Ok(()),
            Heard::News(News::Answer { id, text }) => {
                if self.may_overhear().await? {
                    self.waiting.push_back(ConversationEvent::Answer { id, text });
                }
                Ok(())
            }
        }
    }

    /// Whether passing news may be shown; the visitor's own conversation always, for people it is asked.
    async fn may_overhear(&self) -> Result<bool> {
        if self.actor.visitor().is_some() {
            return Ok(true);
        }
        let mut read = self.s.store.read().await?;
        let row = conversation::conversation(&mut read, &self.scope, self.id).await?;
        Ok(row.is_some_and(|row| self.visible(&row)))
    }

    async fn next(&mut self) -> Option<Result<ConversationEvent>> {
        loop {
            if let Some(event) = self.waiting.pop_front() {
                return Some(Ok(event));
            }
            if self.over {
                return None;
            }
            let stepped = tokio::select! {
                biased;
                changed = self.authority.changed() => match changed {
                    Ok(()) => Box::pin(self.ask_again()).await,
                    Err(_) => { self.over = true; Ok(()) }
                },
                heard = self.listener.hear() => Box::pin(self.take(heard)).await,
            };
            if let Err(error) = stepped {
                self.over = true;
                return Some(Err(error));
            }
        }
    }

    /// Somebody's rights have changed: are ours still enough?
    async fn ask_again(&mut self) -> Result<()> {
        self.actor = identity::again(&self.s, &self.actor).await?;
        self.scope = scope_of(&self.s, &self.actor, self.id).await?;
        Ok(())
    }
}

async fn scope_of(s: &Services, actor: &Actor, id: ConversationId) -> Result<Scope> {
    if let Actor::Visitor(visitor) = actor {
        return Ok(Scope::of_visitor(visitor));
    }
    s.policy.may_somewhere(actor, Permission::ConversationRead)?;
    let mut read = s.store.read().await?;
    let place = locate::conversation(&mut read, id).await?.ok_or_else(|| Error::not_found("conversation"))?;
    s.policy.allow(actor, Permission::ConversationRead, &place, "conversation")
}

/// Follows a conversation from a cursor on, or from now on.
pub async fn conversation_events(
    s: &Services,
    actor: &Actor,
    id: ConversationId,
    after: Option<&str>,
) -> Result<impl Stream<Item = Result<ConversationEvent>> + Send + use<>> {
    let after = after.map(str::parse::<Cursor>).transpose()?;
    let mut authority = s.hub.authority();
    authority.mark_unchanged();
    // What changes from here on is heard of; what changed since somebody found out who asks has to be looked at.
    let actor = &identity::again(s, actor).await?;
    let scope = scope_of(s, actor, id).await?;
    let listener = s.hub.listen(Topic::Conversation(id), actor.visitor().is_some());
    let mut read = s.store.read().await?;
    let epoch = access::epoch(&mut read).await?;
    let row =
        conversation::conversation(&mut read, &scope, id).await?.ok_or_else(|| Error::not_found("conversation"))?;
    drop(read);
    let here = Cursor { epoch, seq: row.last_seq };
    let mut following = Following {
        s: s.clone(),
        actor: actor.clone(),
        id,
        scope,
        epoch,
        listener,
        authority,
        known: row.last_seq,
        version: row.version,
        looking: None,
        lookers: Vec::new(),
        waiting: VecDeque::new(),
        over: false,
    };
    following.look(&row);
    match after {
        None => {}
        Some(after) => {
            let reason = match after {
                Cursor { epoch: other, .. } if other != epoch => Some("EPOCH"),
                Cursor { seq, .. } if seq > row.last_seq => Some("FUTURE"),
                Cursor { seq, .. } if row.last_seq - seq > REPLAY => Some("TOO_OLD"),
                _ => None,
            };
            match reason {
                Some(reason) => {
                    following.waiting.push_back(ConversationEvent::Resync { cursor: here, reason });
                    following.show(Arc::new(row))?;
                }
                None => {
                    following.known = after.seq;
                    following.catch_up().await?;
                }
            }
        }
    }
    Ok(stream::unfold(following, |mut following| async move {
        let event = following.next().await?;
        Some((event, following))
    }))
}

/// Something that happened in an inbox.
#[derive(Debug, Clone)]
pub enum InboxEvent {
    /// A conversation, as it is now, as far as this person may see it.
    Changed(Seen),
    /// Everything that is open has been told; what follows is live.
    Synced,
    /// What was told before counts no longer: what the person may see has changed, or something was missed. All of it is
    /// told anew, up to the next [`InboxEvent::Synced`].
    Restarted,
}

struct Watching {
    s: Services,
    actor: Actor,
    organization: Option<OrganizationId>,
    scope: Scope,
    listener: Listener,
    authority: watch::Receiver<u64>,
    pulse: Interval,
    waiting: VecDeque<InboxEvent>,
    over: bool,
}

impl Watching {
    /// Tells everything that is open: requests that wait and chats that somebody has.
    async fn snapshot(&mut self) -> Result<()> {
        let filter = HandoffFilter {
            organization: self.organization,
            states: Some(vec![HandoffState::Requested, HandoffState::Accepted]),
            accepted_by: None,
        };
        let mut after = None;
        loop {
            let mut read = self.s.store.read().await?;
            let page = Page { first: BATCH, after };
            let open = handoff::handoffs(&mut read, &self.scope, &filter, &page).await?;
            let ids: Vec<ConversationId> = open.rows.iter().map(|handoff| handoff.conversation).collect();
            let rows = conversation::conversations_of(&mut read, &self.scope, &ids).await?;
            drop(read);
            for id in ids {
                if let Some(row) = rows.iter().find(|row| row.id == id) {
                    self.waiting.push_back(InboxEvent::Changed(seen(&self.s, &self.actor, Arc::new(row.clone()))));
                }
            }
            after = open.rows.last().map(|last| (last.requested_at, last.id));
            if !open.more {
                self.waiting.push_back(InboxEvent::Synced);
                return Ok(());
            }
        }
    }

    async fn next(&mut self) -> Option<Result<InboxEvent>> {
        loop {
            if let Some(event) = self.waiting.pop_front() {
                return Some(Ok(event));
            }
            if self.over {
                return None;
            }
            let stepped = tokio::select! {
                biased;
                changed = self.authority.changed() => match changed {
                    Ok(()) => Box::pin(self.ask_again()).await,
                    Err(_) => { self.over = true; Ok(()) }
                },
                heard = self.listener.hear() => match heard {
                    // What ended meanwhile is not in a snapshot: whoever listens has to forget it.
                    Heard::Missed => Box::pin(self.restart()).await,
                    Heard::News(News::Changed { conversation, .. } | News::Edited { conversation, .. }) => {
                        if self.scope.covers(&conversation.place()) && conversation.started_at.is_some() {
                            self.waiting.push_back(InboxEvent::Changed(seen(&self.s, &self.actor, conversation)));
                        }
                        Ok(())
                    }
                    Heard::News(_) => Ok(()),
                },
                // Whoever has the inbox open is there; several pages of one person are one sign.
                _ = self.pulse.tick() => {
                    Box::pin(presence::sign_quietly(&self.s, &self.actor)).await;
                    Ok(())
                }
            };
            if let Err(error) = stepped {
                self.over = true;
                return Some(Err(error));
            }
        }
    }

    async fn ask_again(&mut self) -> Result<()> {
        self.actor = identity::again(&self.s, &self.actor).await?;
        let before = std::mem::replace(
            &mut self.scope,
            super::reach(&self.s, &self.actor, Permission::LiveChatViewQueue, self.organization).await?,
        );
        if before.rows() == self.scope.rows() {
            return Ok(());
        }
        // More is within reach than before, or less. First listen where the news is, then tell what there is.
        self.listener = self.s.hub.listen(topic_of(&self.scope, self.organization), false);
        Box::pin(self.restart()).await
    }

    async fn restart(&mut self) -> Result<()> {
        self.waiting.clear();
        self.waiting.push_back(InboxEvent::Restarted);
        self.snapshot().await
    }
}

/// Where the news of a scope is told.
fn topic_of(scope: &Scope, organization: Option<OrganizationId>) -> Topic {
    match (organization, scope.organizations()) {
        (Some(organization), _) => Topic::Organization(organization),
        (None, Some([only])) => Topic::Organization(*only),
        (None, _) => Topic::Agency(scope.agency()),
    }
}

/// Follows the inbox of an organization, or of everything within the person's reach (W07).
pub async fn inbox_events(
    s: &Services,
    actor: &Actor,
    organization: Option<OrganizationId>,
) -> Result<impl Stream<Item = Result<InboxEvent>> + Send + use<>> {
    let mut authority = s.hub.authority();
    authority.mark_unchanged();
    let actor = &identity::again(s, actor).await?;
    let scope = super::reach(s, actor, Permission::LiveChatViewQueue, organization).await?;
    let topic = topic_of(&scope, organization);
    let mut pulse = tokio::time::interval(SIGN_EVERY);
    pulse.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut watching = Watching {
        s: s.clone(),
        actor: actor.clone(),
        organization,
        listener: s.hub.listen(topic, false),
        scope,
        authority,
        pulse,
        waiting: VecDeque::new(),
        over: false,
    };
    watching.snapshot().await?;
    Ok(stream::unfold(watching, |mut watching| async move {
        let event = watching.next().await?;
        Some((event, watching))
    }))
}

/// Resolves once the actor's access has ended: session ended, agency or widget gone.
pub async fn access_ended(s: Services, actor: Actor) {
    let mut authority = s.hub.authority();
    // A look through a client's eyes and many a key end by the clock as well, and nobody announces that.
    let looks = actor.person().is_some_and(|person| person.viewing_as.is_some())
        || actor.key().is_some_and(|key| key.expires_at.is_some());
    loop {
        let changed = async {
            if looks {
                tokio::time::timeout(LOOK_AGAIN, authority.changed()).await.unwrap_or(Ok(()))
            } else {
                authority.changed().await
            }
        };
        if changed.await.is_err() {
            return;
        }
        if let Err(error) = Box::pin(identity::again(&s, &actor)).await
            && matches!(error.code, crate::error::Code::Unauthenticated | crate::error::Code::NotFound)
        {
            return;
        }
    }
}

/// Where the history of a conversation is now.
pub async fn cursor_of(s: &Services, row: &Conversation) -> Result<Cursor> {
    let mut read = s.store.read().await?;
    Ok(Cursor { epoch: access::epoch(&mut read).await?, seq: row.last_seq })
}
