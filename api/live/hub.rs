//! The switchboard between what was committed and who is connected to this node.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{Notify, mpsc, watch};

use crate::domain::change::Change;
use crate::domain::conversation::{AuthorKind, Conversation, Message};
use crate::domain::id::{AgencyId, ConversationId, MessageId, NotificationId, OrganizationId, UserId};

/// How many pieces of news wait for a slow listener before it is told to read again.
const QUEUE: usize = 64;

/// What can be listened to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Topic {
    /// One conversation, typing and growing answers included.
    Conversation(ConversationId),
    /// All conversations of an organization.
    Organization(OrganizationId),
    /// All conversations of an agency.
    Agency(AgencyId),
    /// The bell of somebody.
    User(UserId),
}

/// Something that happened.
#[derive(Debug, Clone)]
pub enum News {
    /// Kept: a conversation changed, maybe by a new entry.
    Changed {
        /// The row after it.
        conversation: Arc<Conversation>,
        /// The new entry.
        message: Option<Arc<Message>>,
    },
    /// Kept: an entry that was told before was changed or taken back.
    Edited {
        /// The row after it.
        conversation: Arc<Conversation>,
        /// The entry as it is now.
        message: Arc<Message>,
    },
    /// Passing: somebody types, or has stopped.
    Typing {
        /// Visitor or operator.
        author: AuthorKind,
        /// An operator's name.
        name: Option<Arc<str>>,
        /// Whether they do.
        typing: bool,
    },
    /// Passing: somebody began to look at the conversation, or has stopped. Who does is asked of [`Hub::lookers`].
    Lookers,
    /// The visitor goes on elsewhere, or has become another: their streams ask whether they are still theirs.
    Left,
    /// What was said is not what it was: to be read anew.
    Erased,
    /// Kept: somebody's bell has that entry, new or once more; or, without one, entries of it were read.
    Notified(Option<NotificationId>),
    /// Passing: the AI has written so far.
    Answer {
        /// The id that the message will have.
        id: MessageId,
        /// All of the text so far.
        text: Arc<str>,
    },
}

/// What a listener gets.
#[derive(Debug, Clone)]
pub enum Heard {
    /// News.
    News(News),
    /// Something was missed: read again what was kept after what you know.
    Missed,
}

struct Entry {
    id: u64,
    visitor: bool,
    sender: mpsc::Sender<News>,
    missed: Arc<AtomicBool>,
    wake: Arc<Notify>,
}

/// Somebody of the desk who looks at a conversation now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Looker {
    /// Who.
    pub user: UserId,
    /// What people call them.
    pub name: Arc<str>,
}

/// The switchboard. One for a node.
pub struct Hub {
    lookers: Mutex<HashMap<ConversationId, Vec<(u64, Looker)>>>,
    topics: Mutex<HashMap<Topic, Vec<Entry>>>,
    next: AtomicU64,
    authority: watch::Sender<u64>,
    jobs: Notify,
}

impl Default for Hub {
    fn default() -> Self {
        Self {
            lookers: Mutex::default(),
            topics: Mutex::default(),
            next: AtomicU64::new(1),
            authority: watch::channel(0).0,
            jobs: Notify::new(),
        }
    }
}

impl Hub {
    /// Hands on what was committed. Never waits.
    pub fn announce(&self, changes: Vec<Change>) {
        for change in changes {
            match change {
                Change::Conversation { conversation, message } => {
                    let row = conversation.clone();
                    self.tell_of(&row, &News::Changed { conversation, message });
                }
                Change::Message { conversation, message } => {
                    let row = conversation.clone();
                    self.tell_of(&row, &News::Edited { conversation, message });
                }
                Change::Left(id) => self.tell(Topic::Conversation(id), &News::Left),
                Change::Erased(id) => self.tell(Topic::Conversation(id), &News::Erased),
                Change::Authority { .. } => self.authority.send_modify(|generation| *generation += 1),
                Change::Notification { user, entry } => self.tell(Topic::User(user), &News::Notified(entry)),
                Change::Job => self.jobs.notify_one(),
                Change::Widget(_) => {}
            }
        }
    }

    /// Tells everybody to whom a conversation's news goes.
    fn tell_of(&self, row: &Conversation, news: &News) {
        let topics = [
            Some(Topic::Conversation(row.id)),
            row.organization.map(Topic::Organization),
            Some(Topic::Agency(row.agency)),
        ];
        for topic in topics.into_iter().flatten() {
            self.tell(topic, news);
        }
    }

    /// Tells of something that is not kept.
    pub fn tell(&self, topic: Topic, news: &News) {
        let topics = self.topics.lock().unwrap_or_else(PoisonError::into_inner);
        for entry in topics.get(&topic).into_iter().flatten() {
            if entry.sender.try_send(news.clone()).is_err() {
                entry.missed.store(true, Ordering::Release);
                entry.wake.notify_one();
            }
        }
    }

    /// Begins to listen. What is announced from now on is heard. `visitor` says that the visitor is there.
    pub fn listen(self: &Arc<Self>, topic: Topic, visitor: bool) -> Listener {
        let (sender, receiver) = mpsc::channel(QUEUE);
        let (missed, wake) = (Arc::new(AtomicBool::new(false)), Arc::new(Notify::new()));
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let entry = Entry { id, visitor, sender, missed: missed.clone(), wake: wake.clone() };
        self.topics.lock().unwrap_or_else(PoisonError::into_inner).entry(topic).or_default().push(entry);
        Listener { hub: self.clone(), topic, id, receiver, missed, wake }
    }

    /// Whether the visitor of a conversation is connected to this node.
    pub fn visitor_connected(&self, conversation: ConversationId) -> bool {
        let topics = self.topics.lock().unwrap_or_else(PoisonError::into_inner);
        topics.get(&Topic::Conversation(conversation)).is_some_and(|entries| entries.iter().any(|entry| entry.visitor))
    }

    /// Somebody of the desk begins to look at a conversation, until what is given is dropped. Not kept, and known to this
    /// node alone.
    pub fn look(self: &Arc<Self>, conversation: ConversationId, looker: Looker) -> Looking {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let mut lookers = self.lookers.lock().unwrap_or_else(PoisonError::into_inner);
        lookers.entry(conversation).or_default().push((id, looker));
        drop(lookers);
        self.tell(Topic::Conversation(conversation), &News::Lookers);
        Looking { hub: self.clone(), conversation, id }
    }

    /// Who looks at a conversation: each once, however many pages they have open.
    pub fn lookers(&self, conversation: ConversationId) -> Vec<Looker> {
        let lookers = self.lookers.lock().unwrap_or_else(PoisonError::into_inner);
        let mut found: Vec<Looker> =
            lookers.get(&conversation).into_iter().flatten().map(|(_, looker)| looker.clone()).collect();
        found.sort_by(|a, b| (&a.name, a.user).cmp(&(&b.name, b.user)));
        found.dedup_by_key(|looker| looker.user);
        found
    }

    /// Whether anybody listens to a topic; for tests and for skipping work that nobody would see.
    pub fn listeners(&self, topic: Topic) -> usize {
        self.topics.lock().unwrap_or_else(PoisonError::into_inner).get(&topic).map_or(0, Vec::len)
    }

    /// The generation of what people may do, as this node knows it; changes wake whoever watches.
    pub fn authority(&self) -> watch::Receiver<u64> {
        self.authority.subscribe()
    }

    /// Waits until there may be work for the jobs.
    pub async fn job_added(&self) {
        self.jobs.notified().await;
    }
}

/// One who listens. Dropped, it is forgotten.
pub struct Listener {
    hub: Arc<Hub>,
    topic: Topic,
    id: u64,
    receiver: mpsc::Receiver<News>,
    missed: Arc<AtomicBool>,
    wake: Arc<Notify>,
}

impl Listener {
    /// Waits for the next thing to hear.
    pub async fn hear(&mut self) -> Heard {
        loop {
            if self.missed.swap(false, Ordering::Acquire) {
                // What is still queued is older than what is read next, and will be recognised as known.
                return Heard::Missed;
            }
            tokio::select! {
                news = self.receiver.recv() => match news {
                    Some(news) => return Heard::News(news),
                    None => return Heard::Missed,
                },
                () = self.wake.notified() => {}
            }
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let mut topics = self.hub.topics.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(entries) = topics.get_mut(&self.topic) {
            entries.retain(|entry| entry.id != self.id);
            if entries.is_empty() {
                topics.remove(&self.topic);
            }
        }
    }
}

/// A look at a conversation. Dropped, it is over.
pub struct Looking {
    hub: Arc<Hub>,
    conversation: ConversationId,
    id: u64,
}

impl Drop for Looking {
    fn drop(&mut self) {
        let mut lookers = self.hub.lookers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(looking) = lookers.get_mut(&self.conversation) {
            looking.retain(|(id, _)| *id != self.id);
            if looking.is_empty() {
                lookers.remove(&self.conversation);
            }
        }
        drop(lookers);
        self.hub.tell(Topic::Conversation(self.conversation), &News::Lookers);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typing() -> News {
        News::Typing { author: AuthorKind::Visitor, name: None, typing: true }
    }

    #[tokio::test]
    async fn a_slow_listener_is_told_that_it_missed_something() {
        let hub = Arc::new(Hub::default());
        let topic = Topic::Conversation(ConversationId::from_number(1));
        let mut slow = hub.listen(topic, false);
        for _ in 0..QUEUE {
            hub.tell(topic, &typing());
        }
        assert!(matches!(slow.hear().await, Heard::News(_)));
        for _ in 0..2 {
            hub.tell(topic, &typing());
        }
        assert!(matches!(slow.hear().await, Heard::Missed));
        assert!(matches!(slow.hear().await, Heard::News(_)));
    }

    #[tokio::test]
    async fn who_hangs_up_is_forgotten() {
        let hub = Arc::new(Hub::default());
        let id = ConversationId::from_number(1);
        let listener = hub.listen(Topic::Conversation(id), true);
        assert!(hub.visitor_connected(id));
        drop(listener);
        assert!(!hub.visitor_connected(id));
        assert_eq!(hub.listeners(Topic::Conversation(id)), 0);
    }
}
