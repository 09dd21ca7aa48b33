//! Asking: one field of one document, as one asker, about one relation.

use std::collections::BTreeMap;
use std::sync::Arc;

use http::Request;
use livery::domain::change::Change;
use livery::domain::conversation::AuthorKind;
use livery::domain::id::NotificationDecisionKind;
use livery::domain::notification::{Kind, Through};
use livery::domain::push::PushState;
use livery::live::{News, Topic};
use livery::policy::Scope;
use livery::store::notification::{self, Decision, Notification};
use livery::store::push::{self, Device, PushMessage};
use serde_json::{Value, json};

use super::cases::{ARGUMENTS, DESK_MUTATIONS, Prepare};
use super::check::{Holder, Matrix, Outcome, Relation, Seen, expected, is_gone, rules_of};
use super::schema::Schema;
use super::world::{
    Asker, Things, World, create_package, put_calendar, put_mail, put_sender, put_words, text, visitor_of,
};
use crate::support::app::{Client, client_id};
use crate::support::socket::Socket;
use crate::support::{App, PATIENCE};

/// Slots that are no things of a relation.
const OWN_SLOTS: [&str; 7] = ["$email", "$fresh", "$client", "$someone", "$link", "$code", "$device"];

/// What is put into a document in place of names.
pub type Slots = BTreeMap<&'static str, String>;

/// Whether a case is about a thing of a relation.
pub fn has_place(template: &str) -> bool {
    template.matches('$').count() > OWN_SLOTS.iter().map(|slot| template.matches(slot).count()).sum::<usize>()
}

/// The template with ids in place of names; none when the relation has no such thing.
pub fn fill(template: &str, slots: &Slots) -> Option<String> {
    let mut document = template.to_owned();
    for (name, value) in slots {
        let value = if *name == "on" { value.clone() } else { format!("\"{value}\"") };
        document = document.replace(&format!("${name}"), &value);
    }
    document = document.replace("$fresh", &format!("\"{}\"", client_id()));
    document = document.replace("$someone", &format!("\"{}\"", super::prepare::address()));
    (!document.contains('$')).then_some(document)
}

/// How one field is selected.
pub fn selection(schema: &Schema, of: &str, name: &str) -> String {
    let field = schema.field(of, name);
    let arguments = ARGUMENTS.iter().find(|(called, _)| *called == name).map_or("", |(_, arguments)| *arguments);
    assert!(field.required.is_empty() || !arguments.is_empty(), "{of}.{name} needs arguments: say which in ARGUMENTS");
    let below = if schema.has_fields(&field.gives) { " { __typename }" } else { "" };
    format!("{name}{arguments}{below}")
}

/// Whether the data has what was asked for, at the end of the chain.
fn reaches(data: &Value, chain: &[(String, String)]) -> bool {
    match (data, chain) {
        (Value::Array(rows), _) => rows.iter().any(|row| reaches(row, chain)),
        (_, []) => true,
        (data, [(_, name), rest @ ..]) => data
            .get(name)
            .is_some_and(|below| if rest.is_empty() { true } else { !below.is_null() && reaches(below, rest) }),
    }
}

/// How an answer came out.
pub fn outcome_of(json: &Value, chain: &[(String, String)]) -> Outcome {
    if let Some(code) = json["errors"][0]["extensions"]["code"].as_str() {
        return Outcome::of_code(code);
    }
    if json["errors"].is_null() && reaches(&json["data"], chain) {
        return Outcome::Allowed;
    }
    Outcome::Broken(format!("no data: {json}"))
}

/// Everything that is asked with.
pub struct Asking<'a> {
    pub world: &'a World<'a>,
    pub schema: &'a Schema,
    pub matrix: &'a Matrix,
}

impl<'a> Asking<'a> {
    fn app(&self) -> &'a App {
        self.world.app
    }

    pub fn holder(asker: &Asker) -> Holder {
        match asker.column {
            "visitor" => Holder::Stranger,
            "anonymous" => Holder::Nobody,
            _ => Holder::Known,
        }
    }

    /// The slots of a relation, with the asker's own.
    pub fn slots(&self, asker: &Asker, relation: Relation) -> Slots {
        let mut slots = self.world.slots(relation);
        slots.insert("email", asker.email.clone());
        slots.insert("client", self.world.things[&Relation::Own].slots["member"].clone());
        slots.insert("link", "x".to_owned());
        slots.insert("code", "000000".to_owned());
        slots.insert("device", "psh_00000000000000000000000000".to_owned());
        slots
    }

    /// Nothing may be told of what is out of reach.
    pub fn keeps_still(&self, asker: &Asker, body: &str, document: &str) {
        for (relation, things) in &self.world.things {
            for (permission, mark) in &things.marks {
                let visible = self.matrix.letter(permission, asker.column, *relation) == 'A';
                assert!(
                    visible || !body.contains(mark),
                    "{} sees {mark} of {relation:?} in {document}: {body}",
                    asker.column
                );
            }
        }
    }

    /// Asks at the desk, and says what came of it.
    pub async fn ask(&self, asker: &Asker, relation: Option<Relation>, document: &str) -> Seen {
        self.ask_as(asker, relation, document, asker.token.as_deref(), None, false).await
    }

    async fn ask_as(
        &self,
        asker: &Asker,
        relation: Option<Relation>,
        document: &str,
        token: Option<&str>,
        cookie: Option<&str>,
        conflict: bool,
    ) -> Seen {
        let mut request =
            Request::post("/graphql").header("host", "127.0.0.1:8080").header("content-type", "application/json");
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        if let Some(cookie) = cookie {
            request = request.header("cookie", cookie).header("x-csrf", "1");
        }
        let body = json!({ "query": document }).to_string();
        let reply = self.app().send(request.body(body.into()).expect("a request")).await;
        self.keeps_still(asker, &String::from_utf8_lossy(&reply.bytes), document);
        let chain = self.schema.chain(document);
        let mut outcome = outcome_of(&reply.json, &chain);
        if conflict && outcome == Outcome::Broken("CONFLICT".to_owned()) {
            outcome = Outcome::Allowed;
        }
        self.seen(asker, relation, document, chain, outcome)
    }

    fn seen(
        &self,
        asker: &Asker,
        relation: Option<Relation>,
        document: &str,
        chain: Vec<(String, String)>,
        outcome: Outcome,
    ) -> Seen {
        let rules = rules_of(self.schema, &chain);
        // The membership that is named is out of reach of whoever belongs nowhere: not found, before anything is forbidden.
        let named =
            relation.is_none() && is_gone(asker.column) && chain.iter().any(|(_, field)| field == "viewAsClient");
        let outcome = if named && outcome == Outcome::NotFound { Outcome::Forbidden } else { outcome };
        let (of, field) = chain.last().cloned().expect("a field");
        let holder = Self::holder(asker);
        Seen { of, field, column: asker.column, holder, relation, rules, document: document.to_owned(), outcome }
    }

    /// Asks for a mutation, having made what it changes when the matrix allows it.
    pub async fn change(
        &self,
        asker: &Asker,
        relation: Option<Relation>,
        template: &str,
        prepare: Prepare,
    ) -> Option<Seen> {
        let mut slots = self.slots(asker, relation.unwrap_or(Relation::Own));
        let mut token = asker.token.clone();
        let (mut cookie, mut conflict) = (None, false);
        let chain = self.schema.chain(&fill(template, &slots)?);
        let rules = rules_of(self.schema, &chain);
        let allowed = expected(self.matrix, asker.column, Self::holder(asker), relation, &rules) == Outcome::Allowed;
        if allowed {
            let known = self.world.things.get(&relation.unwrap_or(Relation::Own));
            // What is asked of the agency itself is prepared among the asker's own things.
            let things = known.unwrap_or(&self.world.things[&Relation::Own]);
            match prepare {
                Prepare::Nothing => {}
                Prepare::Session => {
                    let other = self.sign_in(&asker.email).await;
                    // The session of whoever lent the address is their own to end.
                    if relation.is_none() || is_gone(asker.column) {
                        token = Some(other.0);
                    }
                    slots.insert("session", other.2);
                }
                Prepare::Device => {
                    let register =
                        DESK_MUTATIONS.iter().find(|(name, ..)| *name == "registerPushSubscription").expect("a case").1;
                    let data =
                        self.world.client(asker).ask(&format!("mutation {{ {register} {{ id }} }}"), json!({})).await;
                    slots.insert("device", text(&data, "/registerPushSubscription/id"));
                }
                Prepare::Cookie => {
                    token = None;
                    cookie = Some(self.sign_in(&asker.email).await.1);
                }
                Prepare::Entry => {
                    let document = "mutation($c: String!, $a: ID!) { createKnowledgeEntry(clientId: $c, aiAgentId: $a, title: \"t\", body: \"b\") { id } }";
                    let variables = json!({ "c": client_id(), "a": slots["agent"] });
                    // Made by somebody who sees what they made: not everybody who writes entries may read them.
                    let owner =
                        self.world.askers.iter().find(|asker| asker.column == "agency.owner").expect("an owner");
                    let data = self.world.client(owner).ask(document, variables).await;
                    slots.insert("entry", text(&data, "/createKnowledgeEntry/id"));
                }
                Prepare::Package => {
                    let made =
                        create_package(&self.world.client(asker), &client_id(), "ORGANIZATION", &["home.view"]).await;
                    slots.insert("package", made);
                }
                Prepare::Reply => {
                    slots.insert("reply", super::prepare::reply(self.app(), &things.slots).await);
                }
                Prepare::Webhook => {
                    let (webhook, delivery) = super::prepare::webhook(self.app(), &things.slots).await;
                    slots.extend([("webhook", webhook), ("delivery", delivery)]);
                }
                Prepare::Alert => {
                    let (alert, _) = super::prepare::keyword_alert(self.app(), &things.slots).await;
                    slots.insert("alert", alert);
                }
                Prepare::Key => {
                    slots.insert("key", super::prepare::key(self.app(), &things.slots).await);
                }
                Prepare::Note => {
                    let document = "mutation($c: String!, $v: ID!) { addNote(clientId: $c, conversationId: $v, text: \"x\") { id } }";
                    let variables = json!({ "c": client_id(), "v": slots["conversation"] });
                    let data = self.world.client(asker).ask(document, variables).await;
                    slots.insert("note", text(&data, "/addNote/id"));
                }
                Prepare::Calendar => {
                    slots.insert("calendar", put_calendar(self.app(), things.agency).await);
                }
                Prepare::Team => {
                    slots.insert("team", super::hands::team(self.app(), &things.slots, "").await);
                }
                Prepare::Sender => put_sender(self.app(), things.agency).await,
                Prepare::Words => put_words(self.app(), things.agency).await,
                Prepare::Mail => {
                    let organization = slots.get("organization").map(|id| id.parse().expect("an organization's id"));
                    slots.insert("mail", put_mail(self.app(), things.agency, organization).await);
                }
                Prepare::Untold => {
                    let untold = super::prepare::untold(self.app(), things.agency, &things.slots).await;
                    slots.insert("decision", untold);
                }
                Prepare::Spare => {
                    let there = relation != Some(Relation::Unassigned);
                    let (agent, organization) =
                        self.world.spare(things.slots.get("organization").filter(|_| there)).await;
                    slots.insert("agent", agent);
                    if slots.contains_key("organization") {
                        slots.insert("organization", organization);
                    }
                }
                Prepare::Member => {
                    drop(slots.insert("member", super::prepare::member(self.app(), &things.slots).await))
                }
                Prepare::ClientMember => {
                    conflict = true;
                    slots.insert("member", super::prepare::member(self.app(), &things.slots).await);
                }
                Prepare::Visitor => {
                    let (visitor, _) = visitor_of(self.app(), &things.slots["widget"]).await;
                    slots.insert("visitor", super::prepare::visitor_id(self.app(), visitor.token.as_deref()));
                    // Where nobody can write, nobody is kept from it.
                    conflict = relation == Some(Relation::Unassigned);
                }
                Prepare::Block => {
                    if things.slots.contains_key("organization") {
                        slots.insert("block", super::prepare::block(self.app(), &things.slots).await);
                    }
                }
                Prepare::Invitation => {
                    slots.insert("invitation", super::prepare::invitation(self.app(), &things.slots).await);
                }
                Prepare::InvitationLink | Prepare::ResetLink | Prepare::AddressLink | Prepare::UnsubscribeLink => {
                    slots.insert("link", super::prepare::link(self.app(), prepare).await);
                }
                Prepare::FactorBegun | Prepare::FactorSet => {
                    let set = prepare == Prepare::FactorSet;
                    slots.insert("code", super::prepare::code(&self.world.client(asker), set).await);
                }
                Prepare::Coverage => {
                    slots.insert("coverage", super::prepare::coverage(self.app(), &things.slots).await);
                }
                Prepare::Rehearsal if relation != Some(Relation::Unassigned) => {
                    slots.insert("rehearsal", super::prepare::rehearsal(self.app(), &things.slots).await);
                }
                Prepare::Rehearsed => conflict = true,
                // Without an organization there is nobody to hand over to, and says so to whoever may.
                _ if relation == Some(Relation::Unassigned) => conflict = true,
                prepare => self.chat(asker, known.expect("things of AI agents"), prepare, &mut slots).await,
            }
        }
        let document = fill(template, &slots)?;
        Some(self.ask_as(asker, relation, &document, token.as_deref(), cookie.as_deref(), conflict).await)
    }

    /// A new chat, in the state that the asker needs.
    async fn chat(&self, asker: &Asker, things: &Things, prepare: Prepare, slots: &mut Slots) {
        let (visitor, conversation) = visitor_of(self.app(), &things.slots["widget"]).await;
        let client: Client<'_> = self.world.client(asker);
        if prepare == Prepare::Live {
            visitor.says("hello").await;
        } else {
            visitor.asks_for_human().await;
            slots.insert("handoff", client.handoff_of(&conversation).await);
        }
        if matches!(prepare, Prepare::Accepted | Prepare::Said) {
            client.accepts(&conversation).await;
        }
        if prepare == Prepare::Said {
            let document =
                "mutation($c: String!, $v: ID!) { sendMessage(clientId: $c, conversationId: $v, text: \"x\") { id } }";
            let data = client.ask(document, json!({ "c": client_id(), "v": conversation })).await;
            slots.insert("message", text(&data, "/sendMessage/id"));
        }
        slots.insert("conversation", conversation);
    }

    /// Another session of somebody: its token, its cookie and its id.
    async fn sign_in(&self, email: &str) -> (String, String, String) {
        let document = "mutation($email: String!, $password: String!) {
            signIn(email: $email, password: $password) { accessToken viewer { session { id } } } }";
        let password = livery::service::setup::DEMO_PASSWORD;
        let reply = self.app().post("/graphql", None, document, json!({ "email": email, "password": password })).await;
        let cookie = reply.headers["set-cookie"].to_str().expect("ASCII").split(';').next().expect("a pair").to_owned();
        let token = text(&reply.json, "/data/signIn/accessToken");
        (token, cookie, text(&reply.json, "/data/signIn/viewer/session/id"))
    }

    /// Follows a document until an event of its type, or the refusal.
    pub async fn follow(
        &self,
        asker: &Asker,
        socket: &mut Option<Socket>,
        relation: Option<Relation>,
        document: &str,
        wanted: Option<&str>,
    ) -> Seen {
        let chain = self.schema.chain(document);
        let outcome = match socket {
            // A socket is not even opened to credentials of the other door.
            None => Outcome::Unauthenticated,
            Some(socket) => {
                let id = socket.subscribe(document, json!({})).await;
                let about = relation.unwrap_or(Relation::Own);
                let first = self.first(asker, socket, &id, about, &chain, wanted, document);
                // Pings keep a socket busy: whoever waits for what never comes says for what.
                let outcome = tokio::time::timeout(PATIENCE, first).await;
                let outcome =
                    outcome.unwrap_or_else(|_| panic!("{} {relation:?} hears nothing of {document}", asker.column));
                socket.send(&json!({ "type": "complete", "id": id })).await;
                outcome
            }
        };
        self.seen(asker, relation, document, chain, outcome)
    }

    #[expect(clippy::too_many_arguments, reason = "the half of `follow` that waits")]
    async fn first(
        &self,
        asker: &Asker,
        socket: &mut Socket,
        id: &str,
        relation: Relation,
        chain: &[(String, String)],
        wanted: Option<&str>,
        document: &str,
    ) -> Outcome {
        loop {
            let Some(message) = socket.receive().await else {
                return Outcome::Broken("the socket was closed".to_owned());
            };
            if message["id"] != id {
                continue;
            }
            self.keeps_still(asker, &message.to_string(), document);
            self.keeps_still(asker, &message.to_string(), document);
            match message["type"].as_str() {
                Some("error") => return Outcome::of_code(&text(&message, "/payload/0/extensions/code")),
                Some("next") => {}
                _ => return Outcome::Broken(message.to_string()),
            }
            if let Some(code) = message["payload"]["errors"][0]["extensions"]["code"].as_str() {
                return Outcome::of_code(code);
            }
            let event = &message["payload"]["data"][&chain[0].1];
            let kind = event["__typename"].as_str().unwrap_or_default();
            if wanted.is_none_or(|wanted| wanted == kind) {
                return outcome_of(&message["payload"], chain);
            }
            // Whoever cannot follow is told to begin anew.
            if kind == "InboxSynced" && wanted == Some("InboxRestarted") {
                self.flood(&self.world.things[&relation].slots["organization"]);
            }
            if kind == "NotificationsChanged" && wanted == Some("NotificationArrived") {
                self.ring(asker).await;
            }
            // Caught up: from here on it is live.
            if kind == "ConversationChanged" {
                self.pass_by(&self.world.things[&relation].slots["conversation"]);
            }
        }
    }

    /// An entry at the asker's own bell, and a line of their delivery log; for whoever could have one.
    pub async fn ring(&self, asker: &Asker) {
        let services = &self.app().services;
        let now = services.clock.now();
        let token = asker.token.as_deref().unwrap_or_default();
        let Ok(claims) = services.tokens.verify_access(token, now).map(|proven| proven.claims) else { return };
        let (user, scope) = (claims.user, Scope::system(claims.agency, "a test"));
        let new = Notification {
            id: services.ids.next(now),
            user,
            organization: None,
            ai_agent: None,
            conversation: None,
            kind: Kind::Test,
            subject: "matrix".to_owned(),
            title: "A test".to_owned(),
            preview: None,
            link: "/".to_owned(),
            count: 1,
            happened_at: now,
            read_at: None,
        };
        let mut unit = services.store.write().await.expect("a unit");
        let kept = notification::ring(&mut unit, &scope, &[new]).await.expect("kept").remove(0);
        unit.note(Change::Notification { user, entry: Some(kept.id) });
        let decision = Decision {
            id: services.ids.next(now),
            event: services.ids.next::<NotificationDecisionKind>(now).to_string(),
            user,
            through: Through::Push,
            organization: None,
            conversation: None,
            kind: Kind::Test,
            verdict: "NOW".to_owned(),
            reason: None,
            due_at: now,
            mail: None,
            entry: Some(kept.id),
            at: now,
        };
        notification::decide(&mut unit, &scope, std::slice::from_ref(&decision)).await.expect("kept");
        let device = Device {
            id: services.ids.next(now),
            user,
            session: claims.session,
            hash: user.to_string(),
            endpoint: String::new(),
            p256dh: String::new(),
            auth: String::new(),
            browser: "A browser".to_owned(),
            created_at: now,
            seen_at: now,
            sent_at: None,
            trouble: None,
        };
        let device = push::register(&mut unit, &scope, &device).await.expect("registered");
        let message = PushMessage {
            id: services.ids.next(now),
            decision: decision.id,
            device: device.id,
            browser: device.browser,
            state: PushState::Sent,
            attempts: 1,
            plain: false,
            trouble: None,
            created_at: now,
            expires_at: now,
            settled_at: Some(now),
        };
        push::insert(&mut unit, &scope, &[message]).await.expect("kept");
        unit.commit().await.expect("committed");
    }

    /// More news than anybody's queue holds.
    fn flood(&self, organization: &str) {
        let topic = Topic::Organization(organization.parse().expect("an organization's id"));
        for _ in 0..500 {
            let news = News::Typing { author: AuthorKind::Visitor, name: None, typing: true };
            self.app().services.hub.tell(topic, &news);
        }
    }

    /// News that are not kept: somebody types, the AI writes.
    pub fn pass_by(&self, conversation: &str) {
        let services = &self.app().services;
        let topic = Topic::Conversation(conversation.parse().expect("a conversation's id"));
        for author in [AuthorKind::Visitor, AuthorKind::Operator] {
            services.hub.tell(topic, &News::Typing { author, name: None, typing: true });
        }
        let id = services.ids.next(services.clock.now());
        services.hub.tell(topic, &News::Answer { id, text: Arc::from("so far") });
    }
}
