//! A thousand times: somebody's right ends while they listen, then something is said. They hear nothing of it.

use std::time::{Duration, Instant};

use livery::domain::access::Membership;
use livery::domain::id::{AgencyId, OrganizationId, SessionId, UserId};
use livery::domain::tenant::User;
use livery::service::identity::token::AccessClaims;
use livery::store::identity::NewSession;
use livery::store::{access, agency, identity};
use serde_json::json;

use super::*;
use crate::support::socket::{DESK_EVENTS, Socket};
use crate::support::{both, soon};

const ROUNDS: usize = 1_000;
const LANES: usize = 4;
/// Within this time the socket is closed.
const AT_MOST: Duration = Duration::from_secs(2);

/// How somebody's right ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Removed,
    Suspended,
    RoleChanged,
    SessionEnded,
}

const ENDS: [End; 4] = [End::Removed, End::Suspended, End::RoleChanged, End::SessionEnded];

/// A supervisor, who may see what is said in everybody's chats; past sign-in and passwords.
struct Watcher<'a> {
    client: Client<'a>,
    /// The same person, signed in elsewhere.
    elsewhere: Client<'a>,
    membership: String,
    session: String,
}

async fn watcher<'a>(app: &'a App, agency: AgencyId, organization: OrganizationId, name: &str) -> Watcher<'a> {
    let s = &app.services;
    let now = s.clock.now();
    let user = User { id: s.ids.next(now), agency, name: name.to_owned(), email: format!("{name}@watch.test") };
    let membership = Membership {
        id: s.ids.next(now),
        agency,
        organization: Some(organization),
        role: access::role_id("organization.supervisor"),
        role_key: "organization.supervisor".to_owned(),
        organizations: None,
        ai_agents: None,
    };
    let mut unit = s.store.write().await.expect("a unit");
    identity::insert_user(&mut unit, &user, "-", now).await.expect("a user");
    access::insert_membership(&mut unit, user.id, &membership, now).await.expect("a membership");
    let sessions: [SessionId; 2] = [s.ids.next(now), s.ids.next(now)];
    for id in sessions {
        let expires_at = now.plus(Duration::from_secs(3600));
        let session = NewSession {
            id,
            agency,
            user: user.id,
            refresh_hash: "-",
            now,
            expires_at,
            browser: "Firefox on Linux",
            address: "127.0.0.1",
        };
        identity::insert_session(&mut unit, &session).await.expect("a session");
    }
    unit.commit().await.expect("kept");
    let client =
        |session: SessionId| Client { app, path: "/graphql", token: Some(token(app, user.id, session, agency)) };
    Watcher {
        client: client(sessions[0]),
        elsewhere: client(sessions[1]),
        membership: membership.id.to_string(),
        session: sessions[0].to_string(),
    }
}

fn token(app: &App, user: UserId, session: SessionId, agency: AgencyId) -> String {
    let claims = AccessClaims { user, session, agency };
    app.services.tokens.issue_access(&claims, app.services.clock.now()).expect("a token").token
}

/// Everything that a socket still says, until it is closed, or until it has answered a question of ours.
async fn rest(socket: &mut Socket, closes: bool) -> (String, Option<u16>) {
    if closes {
        return soon(socket.texts_and_code()).await;
    }
    let id = socket.subscribe("{ viewer { user { name } } }", json!({})).await;
    let mut said = String::new();
    loop {
        let message = socket.receive().await.expect("an open socket");
        said.push_str(&message.to_string());
        if message["id"] == id.as_str() && message["type"] == "complete" {
            return (said, None);
        }
    }
}

/// One lane: gives the longest time that a socket stayed open.
async fn lane(app: &App, owner: &Client<'_>, lane: usize, revoke: bool) -> (Duration, usize) {
    let s = &app.services;
    let agency = agency::first_agency(&mut s.store.read().await.expect("read")).await.expect("look").expect("one").id;
    let bakery: OrganizationId = organization_of(owner).await.parse().expect("an id");
    let (visitor, conversation) = app.visitor().await;
    visitor.says("hello").await;
    visitor.asks_for_human().await;
    owner.accepts(&conversation).await;
    let (mut longest, mut heard) = (Duration::ZERO, 0);
    let rounds = if revoke { ROUNDS / LANES } else { 4 };
    for round in 0..rounds {
        let end = ENDS[round % ENDS.len()];
        let watcher = watcher(app, agency, bakery, &format!("watcher-{lane}-{round}")).await;
        let before = visitor.says("before").await;
        let mut socket = watcher.client.socket().await;
        let after = format!("1.{before}");
        socket.subscribe(DESK_EVENTS, json!({ "id": conversation, "after": after })).await;
        socket.event_where(|event| event["conversationEvents"]["__typename"] == "ConversationChanged").await;
        // It listens, and hears.
        visitor.says("still heard").await;
        socket.event_where(|event| event["conversationEvents"]["message"]["text"] == "still heard").await;

        let id = json!({ "m": watcher.membership });
        let done = Instant::now();
        if revoke {
            match end {
                End::Removed => owner.ask("mutation($m: ID!) { removeMember(membershipId: $m) }", id).await,
                End::Suspended => owner.ask("mutation($m: ID!) { suspendMember(membershipId: $m) { id } }", id).await,
                End::RoleChanged => {
                    let document = "mutation($m: ID!, $r: ID!) { setMemberRole(membershipId: $m, roleId: $r) { id } }";
                    let to = role("organization.operator");
                    owner.ask(document, json!({ "m": watcher.membership, "r": to })).await
                }
                End::SessionEnded => {
                    let document = "mutation($s: ID!) { endSession(sessionId: $s) }";
                    watcher.elsewhere.ask(document, json!({ "s": watcher.session })).await
                }
            };
        }
        let secret = format!("secret-{lane}-{round}");
        visitor.says(&secret).await;
        let closes = revoke && end != End::RoleChanged;
        let (said, code) = rest(&mut socket, closes).await;
        heard += usize::from(said.contains(&secret));
        if !revoke {
            continue;
        }
        assert!(!said.contains(&secret), "{end:?} in round {round}: {said}");
        let took = done.elapsed();
        longest = longest.max(took);
        let history = "query($id: ID!) { conversation(id: $id) { messages { nodes { text } } } }";
        let refused = watcher.client.refused(history, json!({ "id": conversation })).await;
        if closes {
            assert!(took < AT_MOST, "{end:?} took {took:?}");
            assert!(matches!(code, Some(4401 | 4403)), "{end:?}: {code:?}");
            assert_eq!(refused, "UNAUTHENTICATED SESSION_ENDED");
        } else {
            // The chat is somebody else's, and an operator sees a stub of it.
            assert_eq!(refused, "FORBIDDEN CLAIMED_BY_OTHER");
        }
    }
    (longest, heard)
}

both! {
    async fn after_a_thousand_revocations_nothing_is_heard(database) {
        let app = App::start(database).await;
        let owner = app.sign_in("owner@bluebakery.test").await;
        // Whoever has the chat keeps it for all the minutes, and gives no sign meanwhile.
        crate::routing::set(&app, "routing.gone_seconds", "3600").await;
        let started = Instant::now();
        let lanes = futures_util::future::join_all((0..LANES).map(|at| lane(&app, &owner, at, true))).await;
        let longest = lanes.iter().map(|(longest, _)| *longest).max().expect("lanes");
        println!("{ROUNDS} revocations in {:?}; the last word of any socket after {longest:?}", started.elapsed());
        assert_eq!(lanes.iter().map(|(_, heard)| heard).sum::<usize>(), 0);
        app.close().await;
    }
}

both! {
    async fn without_the_revocation_everything_is_heard(database) {
        // The saboteur: the same rounds, and nobody's right ends.
        let app = App::start(database).await;
        let owner = app.sign_in("owner@bluebakery.test").await;
        let (_, heard) = lane(&app, &owner, 0, false).await;
        assert_eq!(heard, 4);
        app.close().await;
    }
}
