//! Everybody who asks, and everything that can be asked for, in each relation to them.

use std::collections::BTreeMap;

use livery::domain::access::{BUILT_IN_ROLES, Membership};
use livery::domain::calendar::{self, HolidayCalendar};
use livery::domain::change::Change;
use livery::domain::conversation::{AuthorKind, EntryKind, Message};
use livery::domain::file::{File, FileState};
use livery::domain::hours::{Exception, Hours, HoursPlace, Kept};
use livery::domain::id::{AgencyId, ConversationId, HolidayCalendarId, MailId, MembershipId, OrganizationId};
use livery::domain::mail::{Letter, MailState};
use livery::domain::mail_text::MailText;
use livery::domain::permission::Level;
use livery::domain::sender::{Fallback, Proof, ProofKind, ProofState, Record, Security, Sender, SenderState};
use livery::domain::tenant::{Organization, User};
use livery::policy::Scope;
use livery::service::setup::DEMO_PASSWORD;
use livery::store::mail::Mail;
use livery::store::{
    access, agency, conversation, file, hours, identity, locate, mail, mail_text, message, people, sender,
};
use serde_json::{Value, json};

use super::ask::Slots;
use super::check::{CUSTOM, GONE, Relation};
use crate::support::App;
use crate::support::app::{Client, client_id};

/// The things of one relation, by the names that documents give them.
pub struct Things {
    pub slots: BTreeMap<&'static str, String>,
    /// What must not be seen by whoever does not hold the permission there.
    pub marks: Vec<(&'static str, String)>,
    /// The token of the visitor whose conversation it is.
    pub visitor: String,
    /// The agency that they belong to.
    pub agency: AgencyId,
}

/// Somebody who asks at the desk: a role, a visitor or nobody.
pub struct Asker {
    pub column: &'static str,
    pub email: String,
    pub token: Option<String>,
}

pub struct World<'a> {
    pub app: &'a App,
    pub askers: Vec<Asker>,
    pub things: BTreeMap<Relation, Things>,
    /// What stands at the agency itself.
    pub agency: Slots,
}

/// Makes a role of the agency, and gives its id.
pub async fn create_package(client: &Client<'_>, name: &str, level: &str, permissions: &[&str]) -> String {
    let document = "mutation($c: String!, $n: String!, $l: RoleLevel!, $p: [String!]!) {
        createPackage(clientId: $c, name: $n, level: $l, permissions: $p) { id } }";
    let variables = json!({ "c": client_id(), "n": name, "l": level, "p": permissions });
    text(&client.ask(document, variables).await, "/createPackage/id")
}

/// A role that is tried: its column, its key, where it is given.
struct Tried {
    column: &'static str,
    key: String,
    in_organization: bool,
    assigned_only: bool,
}

/// Suspends somebody in the middle of a session.
async fn suspend(app: &App, agency: AgencyId, membership: MembershipId) {
    let s = &app.services;
    let scope = Scope::system(agency, "a matrix of tests");
    let mut unit = s.store.write().await.expect("a unit");
    people::set_suspended(&mut unit, &scope, membership, Some(s.clock.now())).await.expect("suspended");
    access::raise_authority(&mut unit).await.expect("raised");
    unit.note(Change::Authority { user: None });
    unit.commit().await.expect("kept");
}

/// Takes a membership away while its access token is still good.
async fn revoke(app: &App, agency: AgencyId, membership: MembershipId) {
    let scope = Scope::system(agency, "a matrix of tests");
    let mut unit = app.services.store.write().await.expect("a unit");
    assert!(access::delete_membership(&mut unit, &scope, membership).await.expect("a membership"));
    unit.note(Change::Authority { user: None });
    unit.commit().await.expect("kept");
}

/// The text at a path of an answer.
pub fn text(value: &Value, path: &str) -> String {
    value.pointer(path).and_then(Value::as_str).unwrap_or_else(|| panic!("no {path} in {value}")).to_owned()
}

/// One person for each role, in Northlight or in its bakery. Gives their addresses and memberships.
async fn add_people(
    app: &App,
    northlight: AgencyId,
    bakery: OrganizationId,
    roles: &[Tried],
) -> Vec<(&'static str, String, MembershipId)> {
    let s = &app.services;
    let hash = s.passwords.hash(DEMO_PASSWORD).await.expect("a hash");
    let now = s.clock.now();
    let mut unit = s.store.write().await.expect("a unit");
    let mut people = Vec::new();
    for role in roles {
        let email = format!("{}@matrix.test", role.column);
        let user = User { id: s.ids.next(now), agency: northlight, name: role.column.to_owned(), email: email.clone() };
        identity::insert_user(&mut unit, &user, &hash, now).await.expect("a user");
        let membership = Membership {
            id: s.ids.next(now),
            agency: northlight,
            organization: role.in_organization.then_some(bakery),
            role: access::role_id(&role.key),
            role_key: role.key.clone(),
            organizations: role.assigned_only.then(|| vec![bakery]),
            ai_agents: None,
        };
        access::insert_membership(&mut unit, user.id, &membership, now).await.expect("a membership");
        people.push((role.column, email, membership.id));
    }
    unit.commit().await.expect("kept");
    people
}

/// A client user of that organization, whose name nobody has to keep secret. Gives the membership.
async fn add_client(app: &App, organization: &str, mark: &str) -> String {
    let s = &app.services;
    let now = s.clock.now();
    let organization: OrganizationId = organization.parse().expect("an organization's id");
    let mut unit = s.store.write().await.expect("a unit");
    let place = locate::organization(&mut unit, organization).await.expect("a look").expect("an organization");
    let email = format!("{mark}@client.test");
    let user = User { id: s.ids.next(now), agency: place.agency, name: "A client".to_owned(), email };
    identity::insert_user(&mut unit, &user, "-", now).await.expect("a user");
    let membership = Membership {
        id: s.ids.next(now),
        agency: place.agency,
        organization: Some(organization),
        role: access::role_id("organization.viewer"),
        role_key: "organization.viewer".to_owned(),
        organizations: None,
        ai_agents: None,
    };
    access::insert_membership(&mut unit, user.id, &membership, now).await.expect("a membership");
    unit.commit().await.expect("kept");
    membership.id.to_string()
}

async fn add_organization(app: &App, agency: AgencyId) -> OrganizationId {
    let s = &app.services;
    let now = s.clock.now();
    let new = Organization::new(s.ids.next(now), agency, "Left Bank".to_owned(), now);
    let mut unit = s.store.write().await.expect("a unit");
    agency::insert_organization(&mut unit, &new).await.expect("an organization");
    unit.commit().await.expect("kept");
    new.id
}

/// A new visitor of a widget, and the id of their conversation.
pub async fn visitor_of<'a>(app: &'a App, widget: &str) -> (Client<'a>, String) {
    let document = "mutation($widget: ID!) { session(widgetId: $widget) { token conversation { id } } }";
    let reply = app.post("/widget/graphql", None, document, json!({ "widget": widget })).await;
    let token = text(&reply.json, "/data/session/token");
    let client = Client { app, path: "/widget/graphql", token: Some(token) };
    (client, text(&reply.json, "/data/session/conversation/id"))
}

async fn create_agent(boss: &Client<'_>, organization: Option<&str>) -> String {
    let document =
        "mutation($c: String!, $o: ID) { createAiAgent(clientId: $c, name: \"Bot\", organizationId: $o) { id } }";
    let data = boss.ask(document, json!({ "c": client_id(), "o": organization })).await;
    text(&data, "/createAiAgent/id")
}

/// Gives an agency words for the summary in their first version, whatever it had.
pub async fn put_words(app: &App, agency: AgencyId) {
    let s = &app.services;
    let scope = Scope::system(agency, "the matrix");
    let new = MailText {
        agency,
        kind: "summary".to_owned(),
        language: "en".to_owned(),
        subject: "A".to_owned(),
        heading: "B".to_owned(),
        body: "C".to_owned(),
        button: None,
        after: String::new(),
        version: 1,
        updated_at: s.clock.now(),
        trouble: None,
        trouble_at: None,
    };
    let mut unit = s.store.write().await.expect("a unit");
    if let Some(old) = mail_text::one(&mut unit, &scope, &new.kind, &new.language).await.expect("look") {
        mail_text::delete(&mut unit, &scope, &old.kind, &old.language, old.version).await.expect("gone");
    }
    assert!(mail_text::insert(&mut unit, &scope, &new).await.expect("words"));
    unit.commit().await.expect("kept");
}

/// Gives an agency a sender in its first version, whatever it had.
pub async fn put_sender(app: &App, agency: AgencyId) {
    let s = &app.services;
    let scope = Scope::system(agency, "the matrix");
    let record = Record {
        kind: "TXT".to_owned(),
        name: "matrix.test".to_owned(),
        value: "x".to_owned(),
        found: Vec::new(),
        ok: false,
    };
    let proof = Proof {
        kind: ProofKind::Ownership,
        state: ProofState::Missing,
        explanation: "Nothing.".to_owned(),
        record: Some(record),
    };
    let new = Sender {
        agency,
        version: 1,
        from_name: String::new(),
        from_address: "jo@matrix.test".to_owned(),
        reply_to: None,
        host: "mail.matrix.test".to_owned(),
        port: 587,
        security: Security::Tls,
        username: String::new(),
        password: None,
        fallback: Fallback::Neutral,
        state: SenderState::Unproved,
        proof: "x".to_owned(),
        proofs: vec![proof],
        trouble: None,
        checked_at: None,
    };
    let mut unit = s.store.write().await.expect("a unit");
    sender::delete(&mut unit, &scope).await.expect("gone");
    assert!(sender::insert(&mut unit, &new).await.expect("a sender"));
    unit.commit().await.expect("kept");
}

/// A holiday calendar of an agency.
pub async fn put_calendar(app: &App, agency: AgencyId) -> String {
    let s = &app.services;
    let now = s.clock.now();
    let text = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20991225\nEND:VEVENT\nEND:VCALENDAR";
    let holidays = calendar::parse(text, now).expect("a calendar");
    let id: HolidayCalendarId = s.ids.next(now);
    let new = HolidayCalendar { id, agency, name: "Holidays".to_owned(), holidays, rev: 1, updated_at: now };
    let mut unit = s.store.write().await.expect("a unit");
    hours::insert_calendar(&mut unit, &Scope::system(agency, "a test"), &new).await.expect("a calendar");
    unit.commit().await.expect("kept");
    id.to_string()
}

/// Hours that never close, with an exception and a calendar, of an organization. They do not count.
async fn put_hours(app: &App, agency: AgencyId, organization: OrganizationId, calendar: &str) {
    let s = &app.services;
    let date = livery::domain::hours::date("2099-12-24").expect("a date");
    let exception = Exception { date, name: "e".to_owned(), intervals: Vec::new() };
    let kept = Kept {
        place: HoursPlace { agency, organization: Some(organization), ai_agent: None },
        enabled: false,
        hours: Hours { exceptions: vec![exception], ..Hours::usual("UTC") },
        calendars: vec![calendar.parse().expect("an id")],
        rev: 1,
    };
    let mut unit = s.store.write().await.expect("a unit");
    hours::put(&mut unit, &Scope::system(agency, "a test"), &kept, s.clock.now()).await.expect("hours");
    unit.commit().await.expect("kept");
}

/// A mail that could not be sent: a test of the sender, about an organization or the agency itself.
pub async fn put_mail(app: &App, agency: AgencyId, organization: Option<OrganizationId>) -> String {
    let s = &app.services;
    let now = s.clock.now();
    let id: MailId = s.ids.next(now);
    let letter = serde_json::to_string(&Letter::SenderTest { by: "Jo".to_owned() }).expect("a letter");
    let new = Mail {
        id,
        agency,
        organization,
        recipient: "jo@matrix.test".to_owned(),
        kind: "sender_test".to_owned(),
        subject: "A test".to_owned(),
        letter: s.seal.close(&format!("mails.letter {id}"), &letter).expect("sealed"),
        state: MailState::Failed,
        attempts: 1,
        trouble: None,
        created_at: now,
        settled_at: None,
    };
    let mut unit = s.store.write().await.expect("a unit");
    mail::insert(&mut unit, std::slice::from_ref(&new)).await.expect("a mail");
    unit.commit().await.expect("kept");
    id.to_string()
}

/// What a visitor said at a time when they could.
async fn said_before(app: &App, id: &str, text: &str, organization: OrganizationId) -> String {
    let s = &app.services;
    let now = s.clock.now();
    let id: ConversationId = id.parse().expect("a conversation's id");
    let mut unit = s.store.write().await.expect("a unit");
    let place = locate::conversation(&mut unit, id).await.expect("a look").expect("a conversation");
    let scope = Scope::system(place.agency, "a test");
    let row =
        conversation::visitor_wrote(&mut unit, &scope, id, text, now).await.expect("kept").expect("a conversation");
    let brought = File {
        id: s.ids.next(now),
        agency: place.agency,
        organization,
        conversation: id,
        uploader: row.visitor.to_string(),
        name: "words.txt".to_owned(),
        promised: 5,
        size: 5,
        state: FileState::Reserved,
        media_type: "text/plain".to_owned(),
        width: None,
        height: None,
        blob: Some("x".to_owned()),
        hash: None,
        source_hash: None,
        created_at: now,
        expires_at: Some(now),
    };
    file::insert(&mut unit, &scope, &brought).await.expect("kept");
    assert!(file::arrived(&mut unit, &scope, &brought).await.expect("kept"));
    let entry = Message {
        id: s.ids.next(now),
        conversation: id,
        seq: row.last_seq,
        kind: EntryKind::Text,
        author_kind: AuthorKind::Visitor,
        author_id: Some(row.visitor.to_string()),
        author_name: None,
        text: text.to_owned(),
        offers_human: false,
        sources: String::new(),
        client_id: Some(client_id()),
        created_at: now,
        via: livery::domain::conversation::Via::Chat,
        edited_at: None,
        deleted_at: None,
        attachments: vec![brought.attachment()],
    };
    message::insert(&mut unit, &scope, &entry).await.expect("kept");
    assert_eq!(file::send(&mut unit, &scope, &[brought.id], entry.id).await.expect("kept"), 1);
    unit.commit().await.expect("kept");
    brought.id.to_string()
}

/// The id of a role that is nobody's.
fn absent_role(mark: &str) -> String {
    livery::domain::id::RoleId::from_number(1_000_000_000 + u128::from(mark.as_bytes()[0])).to_string()
}

/// Fills a relation: the AI agent's prompt, knowledge, a conversation that waits, and one that `holder` has.
async fn fill(
    app: &App,
    boss: &Client<'_>,
    holder: &Client<'_>,
    mark: &str,
    agent: String,
    organization: Option<String>,
) -> Things {
    let document = "mutation($a: ID!, $i: String) { updateAiAgent(aiAgentId: $a, instructions: $i) { widget { id } } }";
    let secret = format!("{mark}prompt");
    let data = boss.ask(document, json!({ "a": agent, "i": secret })).await;
    let widget = text(&data, "/updateAiAgent/widget/id");
    let enable = "mutation($a: ID!, $on: Boolean!) { setHandoffEnabled(aiAgentId: $a, enabled: $on) { id } }";
    boss.ask(enable, json!({ "a": agent, "on": organization.is_some() })).await;
    let document = "mutation($c: String!, $a: ID!, $t: String!) { createKnowledgeEntry(clientId: $c, aiAgentId: $a, title: $t, body: $t) { id } }";
    let known = format!("{mark}knowledge");
    let data = boss.ask(document, json!({ "c": client_id(), "a": agent, "t": known })).await;
    let entry = text(&data, "/createKnowledgeEntry/id");

    let (visitor, conversation) = visitor_of(app, &widget).await;
    let said = format!("{mark}words");
    let file = match organization {
        Some(_) => {
            visitor.says(&said).await;
            let file = crate::files::bring(&visitor, None, "words.txt", b"words").await;
            let send =
                "mutation($c: String!, $f: [ID!]) { sendMessage(clientId: $c, text: \"\", fileIds: $f) { seq } }";
            visitor.ask(send, json!({ "c": client_id(), "f": [file] })).await;
            file
        }
        // Through a widget of no organization nobody can write: this was said before its AI agent was unassigned.
        None => {
            let organizations = boss.ask("{ organizations { nodes { id } } }", json!({})).await;
            let before = text(&organizations, "/organizations/nodes/0/id").parse().expect("an organization's id");
            said_before(app, &conversation, &said, before).await
        }
    };
    let who = holder.ask("{ viewer { user { id } session { id } agency { id } } }", json!({})).await;
    let agency: AgencyId = text(&who, "/viewer/agency/id").parse().expect("an agency's id");
    let on = organization.is_some().to_string();
    let note = format!("{mark}note");
    super::hands::hands_and_eyes(app, agency, &conversation, &text(&who, "/viewer/user/id"), &note).await;
    let mut marks = vec![
        ("home.view", agent.clone()),
        ("home.view", widget.clone()),
        ("conversation.read", conversation.clone()),
        ("conversation.read", said),
        ("conversation.read", note),
        ("knowledge.read", known),
        ("knowledge.read", entry.clone()),
        ("ai_agent.edit_prompt", secret),
    ];
    let mut slots = BTreeMap::from([
        ("agent", agent),
        ("widget", widget.clone()),
        ("conversation", conversation.clone()),
        ("entry", entry),
        ("user", text(&who, "/viewer/user/id")),
        ("session", text(&who, "/viewer/session/id")),
        ("on", on),
        ("visitor", super::prepare::visitor_id(app, visitor.token.as_deref())),
    ]);
    marks.push(("conversation.read", file.clone()));
    slots.insert("file", file);
    let add =
        "mutation($c: String!, $v: ID!, $t: String!) { addNote(clientId: $c, conversationId: $v, text: $t) { id } }";
    let noted = format!("{mark}note");
    let data = boss.ask(add, json!({ "c": client_id(), "v": conversation, "t": noted })).await;
    marks.push(("conversation.note", noted));
    slots.insert("note", text(&data, "/addNote/id"));
    let user = slots["user"].parse().expect("a user's id");
    let message = super::prepare::words(app, &conversation, user).await;
    // No agency has roles of its own yet: what stands for one of another's is one that is not there.
    let own = mark == "amberfox";
    slots.insert("role", if own { access::role_id("organization.viewer").to_string() } else { absent_role(mark) });
    if let Some(organization) = organization {
        let email = format!("{mark}@people.test");
        let create = "mutation($c: String!, $o: ID, $e: String!, $r: ID!) { createMember(clientId: $c, organizationId: $o, email: $e, name: \"M\", roleId: $r) { member { id } } }";
        let viewer = access::role_id("organization.viewer").to_string();
        let wish = json!({ "c": client_id(), "o": organization, "e": email, "r": viewer });
        let member = text(&boss.ask(create, wish).await, "/createMember/member/id");
        let invited = format!("{mark}-invited@people.test");
        let (invitation, token) =
            crate::people::invite(boss, Some(&organization), &invited, "organization.viewer").await;
        marks.push(("team.view", email));
        marks.push(("team.view", member.clone()));
        marks.push(("team.view", invitation.clone()));
        slots.extend([("member", member), ("invitation", invitation), ("token", token)]);
        let me = boss.ask("{ viewer { user { id } agency { id } } }", json!({})).await;
        let (user, agency) = (text(&me, "/viewer/user/id"), text(&me, "/viewer/agency/id"));
        let (user, agency) = (user.parse().expect("a user"), agency.parse().expect("an agency"));
        slots.insert("stop", livery::service::notification::unsubscribe::token(&app.services, agency, user, None));
        let about = organization.parse().expect("an organization's id");
        slots.insert("organization", organization.clone());
        slots.insert("reply", super::prepare::reply(app, &slots).await);
        let (webhook, delivery) = super::prepare::webhook(app, &slots).await;
        marks.extend([("webhook.manage", webhook.clone()), ("webhook.manage", delivery.clone())]);
        slots.extend([("webhook", webhook), ("delivery", delivery)]);
        let (alert, hit) = super::prepare::keyword_alert(app, &slots).await;
        marks.extend([("keyword_alert.edit", alert.clone()), ("keyword_alert.edit", hit)]);
        slots.insert("alert", alert);
        let key = super::prepare::key(app, &slots).await;
        marks.push(("api_key.manage", key.clone()));
        slots.insert("key", key);
        slots.insert("message", message);
        let mail = put_mail(app, agency, Some(about)).await;
        let calendar = put_calendar(app, agency).await;
        put_hours(app, agency, about, &calendar).await;
        marks.push(("sender.manage", mail.clone()));
        slots.insert("mail", mail);
        slots.insert("decision", super::prepare::untold(app, agency, &slots).await);
        slots.insert("organization", organization.clone());
        let block = super::prepare::block(app, &slots).await;
        marks.push(("live_chat.supervise", block.clone()));
        slots.insert("block", block);
        visitor.asks_for_human().await;
        let leave = "mutation($c: String!) { submitOfflineQuery(clientId: $c, email: \"jo@x.test\", message: \"hello\") { id } }";
        let left = visitor.ask(leave, json!({ "c": client_id() })).await;
        let left = text(&left, "/submitOfflineQuery/id");
        marks.push(("live_chat.view_queue", left.clone()));
        slots.insert("offline", left);
        let handoff = boss.handoff_of(&conversation).await;
        let (other, held) = visitor_of(app, &widget).await;
        other.says("hello").await;
        other.asks_for_human().await;
        holder.accepts(&held).await;
        // It is asked about for minutes, on a slow machine, and whoever has it gives no sign meanwhile.
        let patient = "mutation($o: ID!) { setSetting(key: \"routing.gone_seconds\", organizationId: $o, value: \"3600\") { value } }";
        boss.ask(patient, json!({ "o": organization })).await;
        marks.push(("home.view", organization.clone()));
        marks.push(("live_chat.view_queue", handoff.clone()));
        marks.push(("conversation.read", held.clone()));
        let member = add_client(app, &organization, mark).await;
        let place = Slots::from([("organization", organization.clone())]);
        let team = super::hands::team(app, &place, mark).await;
        marks.push(("live_chat.view_queue", team.clone()));
        slots.insert("team", team);
        slots.insert("organization", organization.clone());
        let (coverage, rehearsal) =
            (super::prepare::coverage(app, &slots).await, super::prepare::rehearsal(app, &slots).await);
        marks.push(("team.view", coverage.clone()));
        marks.push(("handoff.read", rehearsal.clone()));
        let staff = super::prepare::staff(app, agency).await.to_string();
        slots.extend([("coverage", coverage), ("rehearsal", rehearsal), ("staff", staff)]);
        slots.extend([("organization", organization), ("handoff", handoff), ("held", held), ("member", member)]);
    }
    Things { slots, marks, visitor: visitor.token.clone().expect("a token"), agency }
}

/// The domain that the platform gave an agency, and another one that it claims.
async fn domains_of(client: &Client<'_>) -> (String, String) {
    let given = client.ask("{ domains { id } }", json!({})).await;
    let document = "mutation($c: String!) { addDomain(clientId: $c, host: \"spare.matrix.example\") { id } }";
    let data = client.ask(document, json!({ "c": client_id() })).await;
    (text(&given, "/domains/0/id"), text(&data, "/addDomain/id"))
}

impl<'a> World<'a> {
    pub async fn build(app: &'a App) -> Self {
        let (boss, southpaw) = (app.owner().await, app.sign_in("owner@southpaw.test").await);
        // Everybody who asks takes many chats.
        let roomy = "mutation { setSetting(key: \"routing.capacity\", value: \"50\") { value } }";
        for owner in [&boss, &southpaw] {
            owner.ask(roomy, json!({})).await;
        }
        let overview = "{ viewer { agency { id } } organizations { nodes { id name aiAgents { nodes { id } } } } }";
        let (ours, theirs) = (boss.ask(overview, json!({})).await, southpaw.ask(overview, json!({})).await);
        let agency = |data: &Value| -> AgencyId { text(data, "/viewer/agency/id").parse().expect("an agency's id") };
        let organization = |at: usize| text(&ours, &format!("/organizations/nodes/{at}/id"));
        let agent = |at: usize| text(&ours, &format!("/organizations/nodes/{at}/aiAgents/nodes/0/id"));
        let left_bank = add_organization(app, agency(&theirs)).await.to_string();
        let left_bot = create_agent(&southpaw, Some(&left_bank)).await;
        let idle = create_agent(&boss, None).await;
        let bakery = organization(0).parse().expect("an organization's id");
        let mut roles: Vec<Tried> = BUILT_IN_ROLES
            .iter()
            .map(|role| Tried {
                column: role.key,
                key: role.key.to_owned(),
                in_organization: role.level == Level::Organization,
                assigned_only: role.assigned_only,
            })
            .collect();
        for (column, level, permissions) in CUSTOM {
            let key = create_package(&boss, column, level, permissions).await;
            roles.push(Tried { column, key, in_organization: *level == "ORGANIZATION", assigned_only: false });
        }
        let package = roles.last().map(|role| role.key.clone()).expect("a package that somebody has");
        let spare = create_package(&boss, "Spare", "ORGANIZATION", &["home.view"]).await;
        let theirs = create_package(&southpaw, "Theirs", "ORGANIZATION", &["home.view"]).await;
        for (column, key) in GONE.iter().zip(["organization.owner", "agency.owner"]) {
            let in_organization = key.starts_with("organization");
            roles.push(Tried { column, key: key.to_owned(), in_organization, assigned_only: false });
        }
        let people = add_people(app, agency(&ours), bakery, &roles).await;

        let (operator, stranger) = (app.operator().await, app.stranger().await);
        let own = fill(app, &boss, &operator, "amberfox", agent(0), Some(organization(0))).await;
        let sibling = fill(app, &boss, &stranger, "quartzowl", agent(1), Some(organization(1))).await;
        let mut other = fill(app, &southpaw, &southpaw, "cobaltelk", left_bot, Some(left_bank)).await;
        let unassigned = fill(app, &boss, &boss, "silverbee", idle, None).await;
        let (mut own, mut sibling) = (own, sibling);
        for (client, relations) in [(&boss, vec![&mut own, &mut sibling]), (&southpaw, vec![&mut other])] {
            let (domain, spare) = domains_of(client).await;
            for things in relations {
                things.slots.extend([("domain", domain.clone()), ("idleDomain", spare.clone())]);
            }
        }
        crate::brand::bring_logo(&boss).await;
        put_sender(app, agency(&ours)).await;
        let mut askers = Vec::new();
        for (column, email, membership) in people {
            let token = app.sign_in(&email).await.token;
            match column {
                "gone.suspended" => suspend(app, agency(&ours), membership).await,
                "gone.revoked" => revoke(app, agency(&ours), membership).await,
                _ => {}
            }
            // Whoever belongs nowhere cannot sign in again: what that takes is asked with somebody else's address.
            let email = if GONE.contains(&column) { "operator1@bluebakery.test".to_owned() } else { email };
            askers.push(Asker { column, email, token });
        }
        // Nobody in Northlight ever sees the package of the others.
        other.marks.push(("package.edit", theirs.clone()));
        other.slots.extend([("package", theirs.clone()), ("spare", theirs)]);
        let calendar = put_calendar(app, agency(&ours)).await;
        let at_the_agency = Slots::from([("package", package), ("spare", spare), ("calendar", calendar)]);
        let calendar = put_calendar(app, other.agency).await;
        other.marks.push(("package.edit", calendar.clone()));
        other.slots.extend([("calendar", calendar.clone()), ("theirCalendar", calendar)]);
        let email = "operator1@bluebakery.test".to_owned();
        askers.push(Asker { column: "visitor", email: email.clone(), token: Some(own.visitor.clone()) });
        askers.push(Asker { column: "anonymous", email, token: None });
        let things = BTreeMap::from([
            (Relation::Own, own),
            (Relation::Sibling, sibling),
            (Relation::Other, other),
            (Relation::Unassigned, unassigned),
        ]);
        Self { app, askers, things, agency: at_the_agency }
    }

    /// What stands in a relation, by the names that documents give it.
    pub fn slots(&self, relation: Relation) -> Slots {
        match relation {
            Relation::Agency => self.agency.clone(),
            relation => self.things[&relation].slots.clone(),
        }
    }

    /// An AI agent in that organization of Northlight, or in none, and an organization: for whoever takes them away.
    pub async fn spare(&self, organization: Option<&String>) -> (String, String) {
        let boss = self.app.owner().await;
        let agent = create_agent(&boss, organization.map(String::as_str)).await;
        let document = "mutation($c: String!) { createOrganization(clientId: $c, name: \"Spare\") { id } }";
        let data = boss.ask(document, json!({ "c": client_id() })).await;
        (agent, text(&data, "/createOrganization/id"))
    }

    pub fn client(&self, asker: &Asker) -> Client<'a> {
        Client { app: self.app, path: "/graphql", token: asker.token.clone() }
    }
}
