//! Links are used once, however many use them at once.
//!
//! What decides is one conditional write, and that is raced for a thousand times for each kind of link. The whole way
//! through the router, which hashes a password for each of the eight, is raced fewer times.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Instant;

use axum::body::Body;
use http::Request;
use livery::domain::id::{AgencyId, InvitationId};
use livery::domain::people::{AddressChange, Invitation, InvitationState};
use livery::domain::tenant::User;
use livery::policy::Scope;
use livery::service::Services;
use livery::service::identity::Origin;
use livery::service::people::account;
use livery::service::seal::hash_of;
use livery::store::token::{Purpose, Token};
use livery::store::{agency, identity, people, token};
use serde_json::{Value, json};
use tokio::sync::Barrier;

use super::*;
use crate::support::app::config_with;
use crate::support::both;
use crate::support::database::Database;

const AT_ONCE: usize = 8;
const ROUNDS: usize = 1_000;
/// Through the router each of the eight hashes a password: 20 ms of a core.
const WHOLE_ROUNDS: usize = 15;

async fn northlight(s: &Services) -> AgencyId {
    agency::first_agency(&mut s.store.read().await.expect("read")).await.expect("look").expect("an agency").id
}

/// An open invitation of the platform, by a link with that secret.
async fn open_invitation(s: &Services, agency: AgencyId, secret: &str) -> InvitationId {
    let now = s.clock.now();
    let new = Invitation {
        id: s.ids.next(now),
        agency,
        organization: None,
        email: format!("{secret}@race.test"),
        name: Some("Racer".to_owned()),
        role_key: "agency.admin".to_owned(),
        organizations: None,
        ai_agents: None,
        invited_by: None,
        state: InvitationState::Open,
        created_at: now,
        sent_at: now,
        expires_at: now.plus(std::time::Duration::from_secs(3600)),
    };
    let mut unit = s.store.write().await.expect("a unit");
    assert!(people::insert_invitation(&mut unit, &new, &hash_of(secret)).await.expect("kept"));
    unit.commit().await.expect("kept");
    new.id
}

/// Somebody with tokens of a purpose, by links with those secrets.
async fn with_tokens(s: &Services, agency: AgencyId, purpose: Purpose, secrets: &[&str]) -> User {
    let now = s.clock.now();
    let email = format!("{}@race.test", secrets[0]);
    let user = User { id: s.ids.next(now), agency, name: "Racer".to_owned(), email: email.clone() };
    let mut unit = s.store.write().await.expect("a unit");
    identity::insert_user(&mut unit, &user, "-", now).await.expect("a user");
    for secret in secrets {
        let new = Token {
            hash: hash_of(secret),
            agency,
            user: user.id,
            pair: secrets[0].to_owned(),
            email: format!("new-{email}"),
            created_at: now,
            expires_at: now.plus(std::time::Duration::from_secs(600)),
        };
        token::insert(&mut unit, purpose, &new).await.expect("a token");
    }
    unit.commit().await.expect("kept");
    user
}

/// So many at once; gives how many won.
async fn race<F: Future<Output = bool> + Send + 'static>(one: impl Fn(usize) -> F) -> usize {
    let racing: Vec<_> = (0..AT_ONCE).map(|at| tokio::spawn(one(at))).collect();
    let mut won = 0;
    for racer in racing {
        won += usize::from(racer.await.expect("a racer arrives"));
    }
    won
}

/// From an address of its own for each.
fn origin(number: usize) -> Origin {
    let bits = 0x0a00_0000 + u32::try_from(number).expect("few");
    Origin { host: "127.0.0.1".to_owned(), address: IpAddr::V4(Ipv4Addr::from_bits(bits)), browser: "Racer".to_owned() }
}

async fn app_behind_a_proxy(database: Database) -> Arc<App> {
    let config = config_with(&database, &[("LIVERY_TRUSTED_PROXIES", "0.0.0.0")]);
    Arc::new(App::with(database, config).await)
}

async fn end(app: Arc<App>) {
    Arc::into_inner(app).expect("nobody else has it").close().await;
}

/// Posts from an address of its own; whether it succeeded, and how it failed.
async fn post_from(app: &App, number: usize, document: &str, variables: Value) -> Reply {
    let request = Request::post("/graphql")
        .header("host", "127.0.0.1:8080")
        .header("content-type", "application/json")
        .header("x-forwarded-for", origin(number).address.to_string());
    let body = json!({ "query": document, "variables": variables }).to_string();
    app.send(request.body(Body::from(body)).expect("a request")).await
}

both! {
    async fn an_invitation_is_accepted_once_of_eight_at_once(database) {
        let app = app_behind_a_proxy(database).await;
        let s = &app.services;
        let agency = northlight(s).await;
        let started = Instant::now();
        for round in 0..ROUNDS {
            let secret = format!("invitation-{round}");
            let id = open_invitation(s, agency, &secret).await;
            let won = race(|_| {
                let (s, secret) = (s.clone(), secret.clone());
                async move {
                    let scope = Scope::system(agency, "a race");
                    let mut unit = s.store.write().await.expect("a unit");
                    let now = s.clock.now();
                    let won = people::redeem_invitation(&mut unit, &scope, id, &hash_of(&secret), now).await.expect("asked");
                    if won {
                        unit.commit().await.expect("kept");
                    }
                    won
                }
            })
            .await;
            assert_eq!(won, 1, "round {round}");
        }
        println!("{ROUNDS} invitations by {AT_ONCE} at once: {:?}", started.elapsed());
        let started = Instant::now();
        for round in 0..WHOLE_ROUNDS {
            let secret = format!("whole-{round}");
            open_invitation(s, agency, &secret).await;
            let won = race(|at| {
                let (app, secret) = (app.clone(), secret.clone());
                async move {
                    let variables = json!({ "t": secret, "n": "Racer", "p": "a fine password" });
                    let reply = post_from(&app, round * AT_ONCE + at, ACCEPT, variables).await;
                    let won = reply.json["errors"].is_null();
                    assert!(won || reply.error() == "NOT_FOUND INVITATION_SPENT", "{}", reply.json);
                    won
                }
            })
            .await;
            assert_eq!(won, 1, "round {round}");
        }
        println!("{WHOLE_ROUNDS} of them through the router: {:?}", started.elapsed());
        end(app).await;
    }
}

both! {
    async fn a_password_is_reset_once_of_eight_at_once(database) {
        let app = app_behind_a_proxy(database).await;
        let s = &app.services;
        let agency = northlight(s).await;
        let started = Instant::now();
        for round in 0..ROUNDS {
            let secret = format!("reset-{round}");
            with_tokens(s, agency, Purpose::Reset, &[&secret]).await;
            let won = race(|_| {
                let (s, secret) = (s.clone(), secret.clone());
                async move {
                    let mut unit = s.store.write().await.expect("a unit");
                    let now = s.clock.now();
                    let won = token::spend(&mut unit, Purpose::Reset, &hash_of(&secret), now).await.expect("asked");
                    if won {
                        unit.commit().await.expect("kept");
                    }
                    won
                }
            })
            .await;
            assert_eq!(won, 1, "round {round}");
        }
        println!("{ROUNDS} resets by {AT_ONCE} at once: {:?}", started.elapsed());
        let started = Instant::now();
        let document = "mutation($t: String!, $p: String!) { resetPassword(token: $t, password: $p) }";
        for round in 0..WHOLE_ROUNDS {
            let secret = format!("whole-{round}");
            with_tokens(s, agency, Purpose::Reset, &[&secret]).await;
            let won = race(|at| {
                let (app, secret) = (app.clone(), secret.clone());
                async move {
                    let variables = json!({ "t": secret, "p": format!("password number {at}") });
                    let reply = post_from(&app, round * AT_ONCE + at, document, variables).await;
                    let won = reply.json["errors"].is_null();
                    assert!(won || reply.error() == "NOT_FOUND RESET_SPENT", "{}", reply.json);
                    won
                }
            })
            .await;
            assert_eq!(won, 1, "round {round}");
        }
        println!("{WHOLE_ROUNDS} of them through the router: {:?}", started.elapsed());
        end(app).await;
    }
}

both! {
    async fn an_address_is_confirmed_once_at_each_end_of_eight_at_once(database) {
        let app = App::start(database).await;
        let s = &app.services;
        let agency = northlight(s).await;
        let started = Instant::now();
        for round in 0..ROUNDS {
            let (old, new) = (format!("old-{round}"), format!("new-{round}"));
            let user = with_tokens(s, agency, Purpose::Address, &[&old, &new]).await;
            let done = Arc::new(std::sync::atomic::AtomicUsize::new(0));
            // Four at each end: each end counts once, and whoever is second sees that the other was first.
            let won = race(|at| {
                let (s, done) = (s.clone(), done.clone());
                let secret = if at % 2 == 0 { old.clone() } else { new.clone() };
                async move {
                    match account::confirm_address_change(&s, &origin(round * AT_ONCE + at), &secret).await {
                        Ok(state) => {
                            done.fetch_add(usize::from(state == AddressChange::Done), std::sync::atomic::Ordering::SeqCst);
                            true
                        }
                        Err(error) => {
                            assert_eq!(error.reason, "ADDRESS_CHANGE_SPENT", "{error}");
                            false
                        }
                    }
                }
            })
            .await;
            assert_eq!((won, done.load(std::sync::atomic::Ordering::SeqCst)), (2, 1), "round {round}");
            let scope = Scope::system(agency, "a look");
            let now = identity::users_of(&mut s.store.read().await.expect("read"), &scope, &[user.id]).await.expect("users");
            assert_eq!(now[0].email, format!("new-old-{round}@race.test"));
        }
        println!("{ROUNDS} changes of address by {AT_ONCE} at once: {:?}", started.elapsed());
        app.close().await;
    }
}

both! {
    async fn looking_first_and_marking_afterwards_lets_more_than_one_through(database) {
        // The saboteur: the same race, with the one conditional write taken apart.
        let app = App::start(database).await;
        let s = &app.services;
        let agency = northlight(s).await;
        with_tokens(s, agency, Purpose::Reset, &["sabotage"]).await;
        let all_looked = Arc::new(Barrier::new(AT_ONCE));
        let won = race(|_| {
            let (s, all_looked) = (s.clone(), all_looked.clone());
            async move {
                let (hash, now) = (hash_of("sabotage"), s.clock.now());
                let mut read = s.store.read().await.expect("read");
                let good = token::look(&mut read, Purpose::Reset, &hash, now).await.expect("look").is_some();
                drop(read);
                all_looked.wait().await;
                let mut unit = s.store.write().await.expect("a unit");
                token::spend(&mut unit, Purpose::Reset, &hash, now).await.expect("asked");
                unit.commit().await.expect("kept");
                good
            }
        })
        .await;
        assert!(won > 1, "{won}");
        app.close().await;
    }
}
