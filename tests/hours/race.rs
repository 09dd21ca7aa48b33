//! Accept against closing time: a request is either accepted before it, or missed; never both, never neither.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use livery::app;
use livery::domain::access::{Actor, Membership};
use livery::domain::conversation::{HandoffState, State};
use livery::domain::hours::{Hours, HoursPlace, Interval, Kept};
use livery::domain::id::{ConversationId, HandoffId};
use livery::domain::setting::{Key, Mode, Rule};
use livery::domain::tenant::User;
use livery::domain::time::{Clock, Time};
use livery::error::Code;
use livery::policy::Scope;
use livery::service::identity::{self, Origin, Shown};
use livery::service::visitor::Opening;
use livery::service::{Services, handoff, hours, job, setup, visitor};
use livery::store::{access, hours as kept, identity as accounts, setting};

use crate::races::{Handicap, Plan, Races, Raw, SMALL, at_once, caught, told};
use crate::support::database::Database;
use crate::support::{app as harness, both};

/// How it is closed.
#[derive(Clone, Copy, PartialEq)]
enum How {
    /// As the product does.
    Product,
    /// The saboteur: looks whether the request waits, then ends it, without a condition.
    CheckThenClose,
}

const DAY: i64 = 86_400_000_000;

/// The services without the workers, in a time of their own.
struct House {
    s: Services,
    clock: Arc<AtomicI64>,
    operator: Actor,
    visitor: Actor,
    conversation: ConversationId,
    raw: Raw,
    _database: Database,
}

impl House {
    /// Open from midnight to noon, every day; what waits then is missed.
    async fn open(database: Database) -> Self {
        let config = harness::config(&database);
        let began = app::system_clock().now().micros();
        let clock = Arc::new(AtomicI64::new(began - began.rem_euclid(DAY)));
        let told = clock.clone();
        let own = Clock::new(move || Time::from_micros(told.fetch_add(1, Ordering::SeqCst)));
        let s = app::services(&config, own, app::system_ids()).await.expect("services");
        setup::seed_demo(&s).await.expect("demo data");
        let widget = setup::demo_widget(&s).await.expect("a look").expect("the bakery's widget");
        let address = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let opening = Opening { page_url: None, browser: None, address };
        let opened = visitor::open(&s, widget, None, opening).await.expect("a session");
        let place = opened.actor.visitor().expect("a visitor").clone();
        let now = s.clock.now();
        let hash = s.passwords.hash(setup::DEMO_PASSWORD).await.expect("a hash");
        let email = "racer@bluebakery.test".to_owned();
        let user = User { id: s.ids.next(now), agency: place.agency, name: "Racer".to_owned(), email };
        let membership = Membership {
            id: s.ids.next(now),
            agency: place.agency,
            organization: place.organization,
            role: access::role_id("organization.operator"),
            role_key: "organization.operator".to_owned(),
            organizations: None,
            ai_agents: None,
        };
        let mut hours = Hours::usual("UTC");
        hours.week = std::array::from_fn(|_| vec![Interval::parse("00:00", "12:00").expect("an interval")]);
        let there = HoursPlace { agency: place.agency, organization: None, ai_agent: Some(place.ai_agent) };
        let own = Kept { place: there, enabled: true, hours, calendars: Vec::new(), rev: 1 };
        let rule = Rule { mode: Mode::Free, value: Some("OFFER_OFFLINE_QUERY".to_owned()), ..Rule::NONE };
        let scope = Scope::system(place.agency, "a test");
        let mut unit = s.store.write().await.expect("a unit");
        accounts::insert_user(&mut unit, &user, &hash, now).await.expect("a user");
        access::insert_membership(&mut unit, user.id, &membership, now).await.expect("a membership");
        kept::put(&mut unit, &scope, &own, now).await.expect("hours");
        setting::put_agency_rule(&mut unit, &scope, Key::HoursClosingRule, &rule).await.expect("a rule");
        unit.commit().await.expect("kept");
        let origin = Origin { host: s.addresses.host.clone(), address, browser: "a test".to_owned() };
        let shown = Shown { password: setup::DEMO_PASSWORD, code: None, new_password: None };
        let signed_in = identity::sign_in(&s, &origin, &user.email, shown).await.expect("signed in");
        let raw = Raw::open(&database).await;
        let (operator, conversation) = (Actor::Person(signed_in.person), opened.conversation.id);
        Self { s, clock, operator, visitor: opened.actor, conversation, raw, _database: database }
    }
}

/// What the worker does when it is time: everything that is due, again when somebody was faster.
async fn work(s: &Services) -> usize {
    let mut done = 0;
    while let Some(due) = job::lease(s, 1, Duration::from_secs(600)).await.expect("a look").pop() {
        // The steps of ladders are another test's.
        if due.kind != hours::CLOSE_JOB {
            job::finish(s, &due).await.expect("finished");
            continue;
        }
        match hours::close(s, &due).await {
            Ok(()) => done += 1,
            Err(error) if error.code == Code::Conflict => {
                job::put_off(s, &due, Some(Duration::ZERO), "again").await.expect("put off");
            }
            Err(error) => panic!("{error}"),
        }
    }
    done
}

/// One race, and what is wrong with how it ended.
async fn race(house: &House, round: usize, handicap: &Handicap, how: How) -> Result<State, String> {
    let noon = house.clock.load(Ordering::SeqCst) / DAY * DAY + DAY + DAY / 2;
    house.clock.store(noon - 1_000_000, Ordering::SeqCst);
    let row = handoff::request(&house.s, &house.visitor, &format!("race-{round}"), None).await.expect("a request");
    let id: HandoffId = row.handoff.expect("a handoff");
    let (s, t, operator, clock) = (house.s.clone(), house.s.clone(), house.operator.clone(), house.clock.clone());
    let (raw, conversation) = (house.raw.clone(), house.conversation.to_string());
    let ((), accepted) = at_once(
        handicap,
        |other| async move {
            if how == How::CheckThenClose {
                if raw.state(&conversation).await.expect("a look") == "REQUESTED" {
                    other.wait().await;
                    raw.miss(&conversation, &id.to_string()).await.expect("missed");
                }
                return;
            }
            clock.store(noon, Ordering::SeqCst);
            work(&t).await;
        },
        async move { handoff::accept(&s, &operator, id).await.map(|seen| seen.conversation.state) },
    )
    .await;
    if how == How::Product {
        house.clock.store(noon, Ordering::SeqCst);
        work(&house.s).await;
    }
    let row = visitor::conversation(&house.s, &house.visitor).await.expect("the row");
    let found =
        handoff::handoffs_of(&house.s, &house.operator, &[id]).await.expect("a look").pop().expect("the handoff");
    let user = house.operator.person().map(|person| person.user);
    let ended =
        format!("{accepted:?}, {:?} of {:?}, {:?} of {:?}", row.state, row.assignee, found.state, found.accepted_by);
    let right = match (&accepted, row.state) {
        (Ok(State::Human), State::Human) => {
            row.assignee == user
                && found.state == HandoffState::Accepted
                && found.accepted_by == user
                && found.ended_at.is_none()
        }
        (Err(error), State::Missed) => {
            error.code == Code::Conflict
                && row.assignee.is_none()
                && found.state == HandoffState::Missed
                && found.accepted_by.is_none()
                && found.ended_at.is_some()
        }
        _ => false,
    };
    if !right {
        return Err(format!("race {round}: {ended}"));
    }
    if row.state == State::Human {
        handoff::complete(&house.s, &house.operator, house.conversation).await.expect("completed");
    }
    Ok(row.state)
}

/// Races until the plan is done: how many, won by whom, and the first that went wrong.
async fn races(house: &House, plan: &Plan, how: How) -> Races {
    let (mut done, mut outcomes, mut handicap) = (0, [0, 0], Handicap::none());
    while plan.goes_on(done) {
        let ended = race(house, done, &handicap, how).await;
        done += 1;
        match ended {
            Ok(state) => {
                handicap.won(state == State::Missed);
                outcomes[usize::from(state == State::Missed)] += 1;
            }
            Err(violation) => return (done, outcomes, Some(violation)),
        }
    }
    (done, outcomes, None)
}

both! {
    async fn accepting_and_closing_time_leave_one_outcome(database) {
        let house = House::open(database).await;
        let began = Instant::now();
        let (done, outcomes, violation) = races(&house, &Plan::new(SMALL.0, SMALL.1), How::Product).await;
        assert_eq!(violation, None);
        assert_eq!(job::open(&house.s).await.expect("a look"), 0, "nothing is left to look at");
        told("of accepting and closing time", &house.s, done, outcomes, began);
        assert!(outcomes.iter().all(|won| *won > 0), "{done} races say little: {outcomes:?}");
        house.s.store.close().await;
    }
}

both! {
    async fn closing_without_a_condition_fails_the_same_test(database) {
        let house = House::open(database).await;
        let plan = Plan::new(SMALL.0, Duration::from_secs(40));
        let (done, _, violation) = races(&house, &plan, How::CheckThenClose).await;
        caught(&house.s, done, violation);
        house.s.store.close().await;
    }
}
