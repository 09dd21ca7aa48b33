//! People: how they come, what they may do with each other, how they go, and what ends then.

mod account;
mod factor;
mod invitation;
mod logs;
mod member;
mod redeem;
mod revoke;

use livery::domain::access::Membership;
use livery::domain::mail::Letter;
use livery::domain::tenant::User;
use livery::service::mail;
use serde_json::{Value, json};
use totp_rs::{Builder, Totp};

use crate::support::App;
use crate::support::app::{Client, Reply, client_id};

/// The id of a built-in role: their numbers are fixed.
pub fn role(key: &str) -> String {
    livery::store::access::role_id(key).to_string()
}

/// So many more people of an organization, with one of its roles. None of them can sign in.
pub async fn crowd(app: &App, organization: &str, role: &str, count: usize, name: impl Fn(usize) -> String) {
    let s = &app.services;
    let organization = organization.parse().expect("an id");
    let now = s.clock.now();
    let mut unit = s.store.write().await.expect("a unit");
    let agency = livery::store::agency::first_agency(&mut unit).await.expect("read").expect("an agency").id;
    for n in 0..count {
        let user = User { id: s.ids.next(now), agency, name: name(n), email: format!("p{n}@many.test") };
        livery::store::identity::insert_user(&mut unit, &user, "-", now).await.expect("a user");
        let membership = Membership {
            id: s.ids.next(now),
            agency,
            organization: Some(organization),
            role: livery::store::access::role_id(role),
            role_key: role.to_owned(),
            organizations: None,
            ai_agents: None,
        };
        livery::store::access::insert_membership(&mut unit, user.id, &membership, now).await.expect("a membership");
    }
    unit.commit().await.expect("kept");
}

/// The token of a link, wherever it leads.
pub fn token_of(link: &str) -> String {
    link.split("token=").nth(1).unwrap_or_else(|| panic!("no token in {link}")).to_owned()
}

/// The link of the newest letter to an address that has one.
pub async fn link_to(app: &App, email: &str) -> String {
    let letters = mail::mailbox(&app.services, 200).await.expect("a mailbox");
    let link = letters.into_iter().filter(|(mail, _)| mail.recipient == email).find_map(|(_, letter)| match letter {
        Letter::Invitation { link, .. } | Letter::PasswordReset { link, .. } | Letter::AddressChange { link, .. } => {
            Some(link)
        }
        _ => None,
    });
    link.unwrap_or_else(|| panic!("no link for {email}"))
}

/// Which kinds of letters an address got, newest first.
pub async fn letters_to(app: &App, email: &str) -> Vec<String> {
    let letters = mail::mailbox(&app.services, 200).await.expect("a mailbox");
    letters.into_iter().filter(|(mail, _)| mail.recipient == email).map(|(mail, _)| mail.kind).collect()
}

/// The only organization that somebody of a client sees.
pub async fn organization_of(client: &Client<'_>) -> String {
    let data = client.ask("{ organizations { nodes { id } } }", json!({})).await;
    data["organizations"]["nodes"][0]["id"].as_str().expect("an organization").to_owned()
}

pub const INVITE: &str = "mutation($c: String!, $o: ID, $e: String!, $r: ID!, $a: [ID!]) {
    inviteMember(clientId: $c, organizationId: $o, email: $e, roleId: $r, aiAgentIds: $a) {
        id email state expiresAt role { name } organization { name } invitedBy { name } aiAgents { id } } }";

/// Invites somebody, and gives the invitation's id and the secret of its link.
pub async fn invite(by: &Client<'_>, organization: Option<&str>, email: &str, key: &str) -> (String, String) {
    let variables = json!({ "c": client_id(), "o": organization, "e": email, "r": role(key) });
    let data = by.ask(INVITE, variables).await;
    let id = data["inviteMember"]["id"].as_str().expect("an id").to_owned();
    (id, token_of(&link_to(by.app, email).await))
}

pub const ACCEPT: &str = "mutation($t: String!, $n: String, $p: String!, $code: String) {
    acceptInvitation(token: $t, name: $n, password: $p, code: $code) { accessToken viewer { user { name email } memberships { id role { name } organization { name } } } } }";

pub const SIGN_IN: &str = "mutation($e: String!, $p: String!, $code: String, $new: String) {
    signIn(email: $e, password: $p, code: $code, newPassword: $new) { accessToken viewer { user { id name } memberships { id } mustSetUpSecondFactor } } }";

/// Whoever got an access token by a reply.
pub fn client_of<'a>(app: &'a App, reply: &Reply, field: &str) -> Client<'a> {
    let token = reply.json["data"][field]["accessToken"].as_str().unwrap_or_else(|| panic!("{}", reply.json));
    Client { app, path: "/graphql", token: Some(token.to_owned()) }
}

/// Somebody new in an organization, signed in.
pub async fn newcomer<'a>(by: &Client<'a>, organization: &str, email: &str, key: &str) -> Client<'a> {
    let (_, token) = invite(by, Some(organization), email, key).await;
    let variables = json!({ "t": token, "n": email, "p": "a fine password" });
    let reply = by.app.anonymous_post(ACCEPT, variables).await;
    client_of(by.app, &reply, "acceptInvitation")
}

pub const MEMBERS: &str = "query($o: ID, $s: String, $f: Int, $a: String) { members(organizationId: $o, search: $s, first: $f, after: $a) {
    nodes { id email user { id name } role { name } suspended allAiAgents aiAgents { id } allOrganizations organizations { id } hasSecondFactor mustChangePassword isViewer isLastOwner lastSeenAt }
    pageInfo { hasNextPage endCursor } } }";

/// The member with an address, as somebody sees them.
pub async fn member(by: &Client<'_>, organization: Option<&str>, email: &str) -> Value {
    let data = by.ask(MEMBERS, json!({ "o": organization, "s": email })).await;
    let nodes = data["members"]["nodes"].as_array().expect("members").clone();
    nodes.into_iter().find(|node| node["email"] == email).unwrap_or_else(|| panic!("no member {email}"))
}

/// The id of that member.
pub async fn membership(by: &Client<'_>, organization: Option<&str>, email: &str) -> String {
    member(by, organization, email).await["id"].as_str().expect("an id").to_owned()
}

/// The answer without the id of its request: what two answers have to have in common.
pub fn plain(reply: &Reply) -> Value {
    let mut json = reply.json.clone();
    if !json["errors"].is_null() {
        json["errors"][0]["extensions"]["requestId"] = Value::Null;
    }
    json
}

impl App {
    /// Posts to the desk as nobody.
    pub async fn anonymous_post(&self, document: &str, variables: Value) -> Reply {
        self.post("/graphql", None, document, variables).await
    }
}

/// Somebody's app.
pub struct Phone(Totp);

impl Phone {
    pub fn new(secret: &str) -> Self {
        let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        let bits: String = secret.chars().map(|c| format!("{:05b}", alphabet.find(c).expect("base 32"))).collect();
        let bytes: Vec<u8> =
            (0..20).map(|at| u8::from_str_radix(&bits[at * 8..at * 8 + 8], 2).expect("bits")).collect();
        let bytes: [u8; 20] = bytes.try_into().expect("20 bytes");
        Self(Builder::new().with_secret(bytes).build().expect("a generator"))
    }

    pub fn code(&self, app: &App) -> String {
        self.0.generate(u64::try_from(app.services.clock.now().micros() / 1_000_000).expect("after 1970")).to_string()
    }
}
