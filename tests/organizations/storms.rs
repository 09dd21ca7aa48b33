//! Races: whoever suspends an organization, or takes an AI agent from it, against whoever asks for a human or accepts.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Instant;

use livery::app;
use livery::domain::access::Actor;
use livery::domain::id::{AiAgentId, HandoffId, OrganizationId};
use livery::error::Code;
use livery::service::identity::{self, Origin, Shown};
use livery::service::visitor::Opening;
use livery::service::{Services, agent, handoff, organization, setup, visitor};
use tokio::sync::Barrier;

use super::raw;
use crate::support::database::Database;
use crate::support::{app as harness, both, soon};

/// How many races of each kind.
const RACES: usize = 1_000;

struct House {
    s: Services,
    eye: raw::Eye,
    /// Its folder goes with the last copy.
    _database: Database,
    owner: Actor,
    operator: Actor,
    visitor: Actor,
    organization: OrganizationId,
    ai_agent: AiAgentId,
}

impl House {
    async fn open(database: Database) -> Self {
        let config = harness::config(&database);

        let s = app::services(&config, app::system_clock(), app::system_ids()).await.expect("services");
        setup::seed_demo(&s).await.expect("demo data");
        let origin = Origin {
            host: s.addresses.host.clone(),
            address: IpAddr::V4(Ipv4Addr::LOCALHOST),
            browser: "a test".to_owned(),
        };
        let sign_in = async |email| {
            let shown = Shown { password: setup::DEMO_PASSWORD, code: None, new_password: None };
            let signed_in = identity::sign_in(&s, &origin, email, shown).await.expect("signed in");
            Actor::Person(signed_in.person)
        };
        let (owner, operator) = (sign_in("owner@northlight.test").await, sign_in("operator1@bluebakery.test").await);
        let widget = setup::demo_widget(&s).await.expect("a look").expect("the bakery's widget");
        let opening = Opening { page_url: None, browser: None, address: IpAddr::V4(Ipv4Addr::LOCALHOST) };
        let visitor = visitor::open(&s, widget, None, opening).await.expect("a session").actor;
        let place = visitor.visitor().expect("a visitor").clone();
        let organization = place.organization.expect("assigned");
        let eye = raw::Eye::open(&database).await;
        Self { s, eye, _database: database, owner, operator, visitor, organization, ai_agent: place.ai_agent }
    }

    async fn request(&self, round: &str) -> Option<HandoffId> {
        match handoff::request(&self.s, &self.visitor, round, None).await {
            Ok(row) => row.handoff,
            Err(error) => {
                assert!(matches!(error.code, Code::Conflict | Code::Forbidden), "{error}");
                None
            }
        }
    }

    /// What is open in the organization, which must be nothing.
    async fn open_chats(&mut self) -> i64 {
        let organization = self.organization;
        let open = format!(
            "select (select count(*) from handoffs where organization_id = '{organization}' and state in ('REQUESTED', 'ACCEPTED')) \
             + (select count(*) from conversations where organization_id = '{organization}' and state in ('REQUESTED', 'HUMAN'))"
        );
        self.eye.count(&open).await
    }
}

/// Runs two things as much at once as there is.
async fn together<A, B>(first: impl Future<Output = A>, second: impl Future<Output = B>) -> (A, B) {
    let start = Arc::new(Barrier::new(2));
    let (one, other) = (start.clone(), start);
    soon(async {
        tokio::join!(
            async {
                one.wait().await;
                first.await
            },
            async {
                other.wait().await;
                second.await
            }
        )
    })
    .await
}

both! {
    async fn nothing_is_open_in_a_suspended_organization_whoever_accepts_meanwhile(database) {
        let mut house = House::open(database).await;
        let (s, owner, id) = (&house.s.clone(), &house.owner.clone(), house.organization);
        let (mut first, begun) = (0, Instant::now());
        for round in 0..RACES {
            let waiting = house.request(&format!("accept-{round}")).await.expect("a request");
            let accepting = handoff::accept(s, &house.operator, waiting);
            let (suspended, taken) = together(organization::suspend(s, owner, id, "a race"), accepting).await;
            suspended.expect("suspended");
            first += usize::from(taken.is_ok());
            assert_eq!(house.open_chats().await, 0, "round {round}");
            organization::resume(s, owner, id).await.expect("resumed");
        }
        println!("{RACES} races in {:?}: {first} accepted first", begun.elapsed());
        s.store.close().await;
    }
}

both! {
    async fn nothing_is_open_in_a_suspended_organization_whoever_asks_meanwhile(database) {
        let mut house = House::open(database).await;
        let (s, owner, id) = (&house.s.clone(), &house.owner.clone(), house.organization);
        let (mut first, begun) = (0, Instant::now());
        for round in 0..RACES {
            let key = format!("ask-{round}");
            let (suspended, asked) = together(organization::suspend(s, owner, id, "a race"), house.request(&key)).await;
            suspended.expect("suspended");
            first += usize::from(asked.is_some());
            assert_eq!(house.open_chats().await, 0, "round {round}");
            organization::resume(s, owner, id).await.expect("resumed");
        }
        println!("{RACES} races in {:?}: {first} asked first", begun.elapsed());
        s.store.close().await;
    }
}

both! {
    async fn nothing_is_open_of_an_ai_agent_that_was_taken_away_meanwhile(database) {
        let mut house = House::open(database).await;
        let (s, owner) = (&house.s.clone(), &house.owner.clone());
        for round in 0..RACES / 5 {
            let key = format!("ask-{round}");
            let (taken, _) = together(agent::assign(s, owner, house.ai_agent, None), house.request(&key)).await;
            taken.expect("unassigned");
            assert_eq!(house.open_chats().await, 0, "round {round}");
            agent::assign(s, owner, house.ai_agent, Some(house.organization)).await.expect("assigned");
            agent::set_handoff_enabled(s, owner, house.ai_agent, true).await.expect("enabled");
        }
        s.store.close().await;
    }
}
