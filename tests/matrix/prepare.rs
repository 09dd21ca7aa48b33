//! What has to be there for a change of people: made in the database, past everything that is asked about.

use std::sync::atomic::{AtomicU32, Ordering};

use livery::domain::access::Membership;
use livery::domain::block::Block;
use livery::domain::canned::CannedReply;
use livery::domain::conversation::Message;
use livery::domain::coverage::Coverage;
use livery::domain::id::{
    AgencyId, ApiKeyId, CannedReplyId, ConversationId, OrganizationId, UserId, WebhookDeliveryId, WebhookId,
};
use livery::domain::key::ApiKey;
use livery::domain::keyword::{KeywordAlert, KeywordHit, Speaker, Term, TermKind};
use livery::domain::notification::{Kind, Through};
use livery::domain::people::{Invitation, InvitationState};
use livery::domain::push::PushState;
use livery::domain::readiness::Rehearsal;
use livery::domain::tenant::User;
use livery::domain::webhook::{Delivery, DeliveryState, Event, Format, Webhook};
use livery::policy::Scope;
use livery::service::seal::hash_of;
use livery::store::notification::Decision;
use livery::store::push::PushMessage;
use livery::store::token::{Purpose, Token};
use livery::store::{
    self, access, agency, canned, conversation, coverage as coverages, identity, key as keys, keyword, locate, message,
    notification, people, push, rehearsal as rehearsals, tag, token, visitor, webhook,
};
use serde_json::json;

use super::ask::Slots;
use super::cases::Prepare;
use crate::people::Phone;
use crate::support::App;
use crate::support::app::Client;

/// An address that nobody has.
pub fn address() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    format!("someone-{}@matrix.test", NEXT.fetch_add(1, Ordering::Relaxed))
}

/// A decision whose push notification could not be sent, about an organization or the agency itself.
pub async fn untold(app: &App, agency: AgencyId, slots: &Slots) -> String {
    let s = &app.services;
    let (now, scope) = (s.clock.now(), Scope::system(agency, "the matrix"));
    let mut unit = s.store.write().await.expect("a unit");
    let user = User { id: s.ids.next(now), agency, name: "Somebody".to_owned(), email: address() };
    identity::insert_user(&mut unit, &user, "-", now).await.expect("a user");
    let decision = Decision {
        id: s.ids.next(now),
        event: user.id.to_string(),
        user: user.id,
        through: Through::Push,
        organization: slots.get("organization").map(|id| id.parse().expect("an organization's id")),
        conversation: None,
        kind: Kind::Test,
        verdict: "NOW".to_owned(),
        reason: None,
        due_at: now,
        mail: None,
        entry: None,
        at: now,
    };
    notification::decide(&mut unit, &scope, std::slice::from_ref(&decision)).await.expect("kept");
    let message = PushMessage {
        id: s.ids.next(now),
        decision: decision.id,
        device: s.ids.next(now),
        browser: "A browser".to_owned(),
        state: PushState::Failed,
        attempts: 1,
        plain: false,
        trouble: Some("It is too long for the push service.".to_owned()),
        created_at: now,
        expires_at: now,
        settled_at: Some(now),
    };
    push::insert(&mut unit, &scope, std::slice::from_ref(&message)).await.expect("kept");
    unit.commit().await.expect("kept");
    decision.id.to_string()
}

/// Somebody new in the organization of a relation: the id of their membership.
pub async fn member(app: &App, slots: &Slots) -> String {
    let s = &app.services;
    let now = s.clock.now();
    let organization: OrganizationId = slots["organization"].parse().expect("an organization's id");
    let mut unit = s.store.write().await.expect("a unit");
    let agency = locate::organization(&mut unit, organization).await.expect("read").expect("a place").agency;
    let user = User { id: s.ids.next(now), agency, name: "Somebody".to_owned(), email: address() };
    identity::insert_user(&mut unit, &user, "-", now).await.expect("a user");
    let membership = Membership {
        id: s.ids.next(now),
        agency,
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

/// A canned reply of the organization of a relation.
pub async fn reply(app: &App, slots: &Slots) -> String {
    let s = &app.services;
    let now = s.clock.now();
    let organization: OrganizationId = slots["organization"].parse().expect("an organization's id");
    let mut unit = s.store.write().await.expect("a unit");
    let agency = locate::organization(&mut unit, organization).await.expect("read").expect("a place").agency;
    let id: CannedReplyId = s.ids.next(now);
    let new = CannedReply {
        id,
        agency,
        organization: Some(organization),
        shortcut: id.to_string().to_lowercase(),
        title: "t".to_owned(),
        body: "x".to_owned(),
        tags: String::new(),
        position: 1,
        updated_at: now,
    };
    let scope = Scope::system(agency, "the matrix");
    assert!(canned::insert(&mut unit, &scope, &new).await.expect("kept"));
    unit.commit().await.expect("kept");
    id.to_string()
}

/// What the first entry of a conversation said before, a tag, and what the visitor's site says of them. Gives the entry's id.
pub async fn words(app: &App, conversation: &str, user: UserId) -> String {
    let s = &app.services;
    let now = s.clock.now();
    let id: ConversationId = conversation.parse().expect("a conversation's id");
    let mut unit = s.store.write().await.expect("a unit");
    let place = locate::conversation(&mut unit, id).await.expect("a look").expect("a conversation");
    let scope = Scope::system(place.agency, "the matrix");
    let row = conversation::conversation(&mut unit, &scope, id).await.expect("read").expect("a conversation");
    let entry = message::after(&mut unit, &scope, id, 0, 1).await.expect("read").pop().expect("an entry");
    message::keep_earlier(&mut unit, &scope, &Message { text: "before".to_owned(), ..entry.clone() }, user, "N", now)
        .await
        .expect("kept");
    message::change_text(&mut unit, &scope, &Message { edited_at: Some(now), ..entry.clone() }).await.expect("kept");
    tag::file(&mut unit, &scope, id, &["filed".to_owned()]).await.expect("kept");
    let mut known = visitor::visitors_of(&mut unit, &scope, &[row.visitor]).await.expect("read").pop().expect("one");
    known.attributes = json!({ "plan": "gold" }).to_string();
    visitor::update(&mut unit, &scope, &known).await.expect("kept");
    unit.commit().await.expect("kept");
    entry.id.to_string()
}

/// The id of the visitor who has that token.
pub fn visitor_id(app: &App, token: Option<&str>) -> String {
    let s = &app.services;
    let proven = s.tokens.verify_visitor(token.expect("a token"), s.clock.now()).expect("a good token");
    proven.claims.visitor.to_string()
}

/// A block of a network in the organization of a relation.
pub async fn block(app: &App, slots: &Slots) -> String {
    let s = &app.services;
    let now = s.clock.now();
    let organization: OrganizationId = slots["organization"].parse().expect("an organization's id");
    let mut unit = s.store.write().await.expect("a unit");
    let agency = locate::organization(&mut unit, organization).await.expect("read").expect("a place").agency;
    let new = Block {
        id: s.ids.next(now),
        organization,
        visitor: None,
        address: Some("203.0.113.7/32".to_owned()),
        reason: "Somebody".to_owned(),
        created_by: slots["user"].parse().expect("a user's id"),
        created_at: now,
    };
    let scope = Scope::system(agency, "a test keeps somebody out");
    store::block::insert(&mut unit, &scope, &new).await.expect("kept");
    unit.commit().await.expect("kept");
    new.id.to_string()
}

/// An invitation to the organization of a relation.
pub async fn invitation(app: &App, slots: &Slots) -> String {
    let s = &app.services;
    let now = s.clock.now();
    let organization: OrganizationId = slots["organization"].parse().expect("an organization's id");
    let mut unit = s.store.write().await.expect("a unit");
    let agency = locate::organization(&mut unit, organization).await.expect("read").expect("a place").agency;
    let new = Invitation {
        id: s.ids.next(now),
        agency,
        organization: Some(organization),
        email: address(),
        name: None,
        role_key: "organization.viewer".to_owned(),
        organizations: None,
        ai_agents: None,
        invited_by: None,
        state: InvitationState::Open,
        created_at: now,
        sent_at: now,
        expires_at: now.plus(std::time::Duration::from_secs(3600)),
    };
    assert!(people::insert_invitation(&mut unit, &new, &hash_of(&new.email)).await.expect("kept"));
    unit.commit().await.expect("kept");
    new.id.to_string()
}

/// A webhook of the organization of a relation, and what it was told without success.
pub async fn webhook(app: &App, slots: &Slots) -> (String, String) {
    let s = &app.services;
    let now = s.clock.now();
    let organization: OrganizationId = slots["organization"].parse().expect("an organization's id");
    let mut unit = s.store.write().await.expect("a unit");
    let agency = locate::organization(&mut unit, organization).await.expect("read").expect("a place").agency;
    let scope = Scope::system(agency, "the matrix");
    let id: WebhookId = s.ids.next(now);
    let new = Webhook {
        id,
        agency,
        organization: Some(organization),
        name: "w".to_owned(),
        url: s.seal.close(&format!("webhooks.url {id}"), "https://hooks.matrix.test/").expect("sealed"),
        host: "hooks.matrix.test".to_owned(),
        format: Format::Standard,
        events: vec![Event::Rated],
        created_at: now,
        disabled_at: None,
        disabled_because: None,
        failing_since: None,
        delivered_at: None,
        trouble: None,
    };
    webhook::insert(&mut unit, &scope, &new).await.expect("kept");
    let delivery: WebhookDeliveryId = s.ids.next(now);
    let told = Delivery {
        id: delivery,
        webhook: id,
        organization: Some(organization),
        conversation: None,
        event: Event::Test,
        subject: delivery.to_string(),
        body: "{}".to_owned(),
        state: DeliveryState::Failed,
        attempts: 1,
        tries: 1,
        status: None,
        answer: None,
        trouble: None,
        created_at: now,
        attempted_at: None,
        next_at: None,
        settled_at: Some(now),
    };
    webhook::insert_delivery(&mut unit, &scope, &told).await.expect("kept");
    unit.commit().await.expect("kept");
    (id.to_string(), delivery.to_string())
}

/// A keyword alert of the organization of a relation, and what it found in the conversation.
pub async fn keyword_alert(app: &App, slots: &Slots) -> (String, String) {
    let s = &app.services;
    let now = s.clock.now();
    let organization: OrganizationId = slots["organization"].parse().expect("an organization's id");
    let mut unit = s.store.write().await.expect("a unit");
    let agency = locate::organization(&mut unit, organization).await.expect("read").expect("a place").agency;
    let scope = Scope::system(agency, "the matrix");
    let new = KeywordAlert {
        id: s.ids.next(now),
        agency,
        organization,
        name: "k".to_owned(),
        terms: vec![Term { kind: TermKind::Word, text: "refund".to_owned() }],
        ai_agents: Vec::new(),
        speakers: vec![Speaker::Operator],
        users: Vec::new(),
        through: Vec::new(),
        cooldown: 10,
        enabled: true,
        created_at: now,
    };
    keyword::insert(&mut unit, &scope, &new).await.expect("kept");
    let hit = KeywordHit {
        id: s.ids.next(now),
        alert: new.id,
        conversation: slots["conversation"].parse().expect("a conversation's id"),
        seq: 1,
        speaker: Speaker::Operator,
        terms: vec!["refund".to_owned()],
        at: now,
        told: false,
    };
    assert!(keyword::insert_hit(&mut unit, &scope, &hit).await.expect("kept"));
    unit.commit().await.expect("kept");
    (new.id.to_string(), hit.id.to_string())
}

/// An API key of the organization of a relation.
pub async fn key(app: &App, slots: &Slots) -> String {
    let s = &app.services;
    let now = s.clock.now();
    let organization: OrganizationId = slots["organization"].parse().expect("an organization's id");
    let mut read = s.store.read().await.expect("read");
    let agency = locate::organization(&mut read, organization).await.expect("read").expect("a place").agency;
    drop(read);
    let created_by = staff(app, agency).await;
    let mut unit = s.store.write().await.expect("a unit");
    let scope = Scope::system(agency, "the matrix");
    let id: ApiKeyId = s.ids.next(now);
    let new = ApiKey {
        id,
        agency,
        organization: Some(organization),
        name: id.to_string(),
        role_key: "organization.viewer".to_owned(),
        hint: "lvk_Matr".to_owned(),
        created_by,
        created_at: now,
        expires_at: None,
        last_used_at: None,
        revoked_by: None,
        revoked_at: None,
    };
    keys::insert(&mut unit, &scope, &new, &id.to_string()).await.expect("kept");
    unit.commit().await.expect("kept");
    id.to_string()
}

/// A member of staff of an agency, as the id of a user: the first that there is.
pub async fn staff(app: &App, agency: AgencyId) -> UserId {
    let scope = Scope::system(agency, "a matrix of tests");
    let mut read = app.services.store.read().await.expect("read");
    let page = livery::domain::page::Page { first: 1, after: None };
    let found = people::members(&mut read, &scope, None, None, &page).await.expect("members");
    found.rows.first().expect("somebody").user.id
}

/// A coverage agreement with the organization of a relation.
pub async fn coverage(app: &App, slots: &Slots) -> String {
    let s = &app.services;
    let now = s.clock.now();
    let organization: OrganizationId = slots["organization"].parse().expect("an organization's id");
    let agency = {
        let mut read = s.store.read().await.expect("read");
        locate::organization(&mut read, organization).await.expect("read").expect("a place").agency
    };
    let by = staff(app, agency).await;
    let hours = livery::domain::hours::Hours::usual("UTC");
    let new = Coverage {
        id: s.ids.next(now),
        agency,
        organization,
        name: "Days".to_owned(),
        role: "organization.operator".to_owned(),
        schedule: livery::domain::coverage::written(&hours).expect("text"),
        starts_at: now,
        ends_at: None,
        active: false,
        created_at: now,
        ended_at: None,
    };
    let scope = Scope::system(agency, "a matrix of tests");
    let mut unit = s.store.write().await.expect("a unit");
    coverages::insert(&mut unit, &scope, &new, None, by, &[by]).await.expect("kept");
    unit.commit().await.expect("kept");
    new.id.to_string()
}

/// A rehearsal at the AI agent of a relation, in its conversation.
pub async fn rehearsal(app: &App, slots: &Slots) -> String {
    let s = &app.services;
    let now = s.clock.now();
    let agent: livery::domain::id::AiAgentId = slots["agent"].parse().expect("an id");
    let conversation = slots["conversation"].parse().expect("a conversation's id");
    let place = {
        let mut read = s.store.read().await.expect("read");
        locate::ai_agent(&mut read, agent).await.expect("read").expect("a place")
    };
    let new = Rehearsal {
        id: s.ids.next(now),
        agency: place.agency,
        organization: place.organization.expect("an organization"),
        ai_agent: agent,
        conversation,
        started_by: staff(app, place.agency).await,
        started_at: now,
        ends_at: now.plus(std::time::Duration::from_secs(3600)),
        ended_at: None,
    };
    let scope = Scope::system(place.agency, "a matrix of tests");
    let mut unit = s.store.write().await.expect("a unit");
    rehearsals::insert(&mut unit, &scope, &new).await.expect("kept");
    unit.commit().await.expect("kept");
    new.id.to_string()
}

/// The secret of a link of somebody in the first agency.
pub async fn link(app: &App, what: Prepare) -> String {
    let s = &app.services;
    let now = s.clock.now();
    let mut unit = s.store.write().await.expect("a unit");
    let agency = agency::first_agency(&mut unit).await.expect("read").expect("an agency").id;
    if what == Prepare::InvitationLink {
        let asked = livery::service::people::invite_owner(s, &mut unit, agency, &address(), "Somebody").await;
        let link = asked.expect("a link");
        unit.commit().await.expect("kept");
        return crate::people::token_of(&link);
    }
    let user = User { id: s.ids.next(now), agency, name: "Somebody".to_owned(), email: address() };
    identity::insert_user(&mut unit, &user, "-", now).await.expect("a user");
    if what == Prepare::UnsubscribeLink {
        unit.commit().await.expect("kept");
        return livery::service::notification::unsubscribe::token(s, agency, user.id, None);
    }
    let secret = format!("secret {}", user.id);
    let purpose = if what == Prepare::ResetLink { Purpose::Reset } else { Purpose::Address };
    let new = Token {
        hash: hash_of(&secret),
        agency,
        user: user.id,
        pair: secret.clone(),
        email: address(),
        created_at: now,
        expires_at: now.plus(std::time::Duration::from_secs(600)),
    };
    token::insert(&mut unit, purpose, &new).await.expect("a token");
    unit.commit().await.expect("kept");
    secret
}

/// A code of a second factor of the asker: of their app for one that is yet to be confirmed, else a recovery code.
pub async fn code(client: &Client<'_>, set: bool) -> String {
    let s = &client.app.services;
    // Whoever belongs nowhere may not even see their own name; who they are stands in their token.
    let token = client.token.as_deref().expect("a token");
    let proven = s.tokens.verify_access(token, s.clock.now()).expect("a good token").claims;
    let (user, agency) = (proven.user, proven.agency);
    let mut unit = s.store.write().await.expect("a unit");
    let scope = Scope::system(agency, "a test begins anew");
    token::remove_factor(&mut unit, &scope, user).await.expect("removed");
    unit.commit().await.expect("kept");
    let start = "mutation { startSecondFactor(password: \"demo-demo-demo\") { secret } }";
    let begun = client.ask(start, json!({})).await;
    let phone = Phone::new(begun["startSecondFactor"]["secret"].as_str().expect("a secret"));
    let code = phone.code(client.app);
    if !set {
        return code;
    }
    let confirm = "mutation($c: String!) { confirmSecondFactor(code: $c) { codes } }";
    let data = client.ask(confirm, json!({ "c": code })).await;
    data["confirmSecondFactor"]["codes"][0].as_str().expect("a code").to_owned()
}
