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
use livery::error::{Code, Error};
use livery::policy::Scope;
use livery::service::identity::{self, Origin, Shown};
use livery::service::visitor::Opening;
use livery::service::{Services, handoff, hours, job, setup, visitor};
use livery::store::{access, hours as kept, identity as accounts, setting};
use sqlx::{PgPool, SqlitePool};
use tokio::sync::Barrier;

use crate::support::database::Database;
use crate::support::{app as harness, both, soon};

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

/// The test's own connections, past the store.
#[derive(Clone)]
enum Raw {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

impl Raw {
    /// Looks whether the request waits, then ends it without a condition.
    async fn close(&self, conversation: &str, handoff: &str) {
        const LOOK: &str = "select state from conversations where id = $1";
        const END: &str =
            "update conversations set state = 'MISSED', assignee_id = null, version = version + 1 where id = $1";
        const SETTLE: &str = "update handoffs set state = 'MISSED', ended_at = 1 where id = $1";
        macro_rules! run {
            ($pool:expr) => {{
                let state: String = sqlx::query_scalar(LOOK).bind(conversation).fetch_one($pool).await.expect("a look");
                if state == "REQUESTED" {
                    tokio::task::yield_now().await;
                    sqlx::query(END).bind(conversation).execute($pool).await.expect("ended");
                    sqlx::query(SETTLE).bind(handoff).execute($pool).await.expect("settled");
                }
            }};
        }
        match self {
            Self::Sqlite(pool) => run!(pool),
            Self::Postgres(pool) => run!(pool),
        }
    }
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
        let raw = if database.is_postgres() {
            Raw::Postgres(PgPool::connect(&database.url).await.expect("a pool"))
        } else {
            Raw::Sqlite(SqlitePool::connect(&database.url).await.expect("a pool"))
        };
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
async fn race(house: &House, round: usize, sabotaged: bool) -> Result<State, String> {
    let noon = house.clock.load(Ordering::SeqCst) / DAY * DAY + DAY + DAY / 2;
    house.clock.store(noon - 1_000_000, Ordering::SeqCst);
    let row = handoff::request(&house.s, &house.visitor, &format!("race-{round}"), None).await.expect("a request");
    let id: HandoffId = row.handoff.expect("a handoff");
    let start = Arc::new(Barrier::new(2));
    let accepting = {
        let (s, operator, start) = (house.s.clone(), house.operator.clone(), start.clone());
        tokio::spawn(async move {
            start.wait().await;
            handoff::accept(&s, &operator, id).await.map(|seen| seen.conversation.state)
        })
    };
    let closing = {
        let (s, clock, raw, conversation) =
            (house.s.clone(), house.clock.clone(), house.raw.clone(), house.conversation);
        tokio::spawn(async move {
            start.wait().await;
            // Sometimes the clock strikes first, sometimes later: so that either wins, however slow the machine is.
            let later = u64::try_from(round % 12).unwrap_or_default();
            tokio::time::sleep(Duration::from_millis(later * later / 2)).await;
            if sabotaged {
                return raw.close(&conversation.to_string(), &id.to_string()).await;
            }
            clock.store(noon, Ordering::SeqCst);
            work(&s).await;
        })
    };
    let (accepted, closed) = soon(async { tokio::join!(accepting, closing) }).await;
    let accepted: Result<State, Error> = accepted.expect("accepted or refused");
    closed.expect("closed");
    if !sabotaged {
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

/// So many in `make chaos`, as many as there is time for in `make test`.
fn goes_on(done: usize, until: Instant) -> bool {
    done < 10_000 && (std::env::var_os("LIVERY_CHAOS_KILLS").is_some() || Instant::now() < until)
}

both! {
    async fn accepting_and_closing_time_leave_one_outcome(database) {
        let house = House::open(database).await;
        let (began, mut outcomes, mut done) = (Instant::now(), [0, 0], 0);
        while goes_on(done, began + Duration::from_secs(15)) {
            let state = race(&house, done, false).await.unwrap_or_else(|violation| panic!("{violation}"));
            outcomes[usize::from(state == State::Missed)] += 1;
            done += 1;
        }
        assert_eq!(job::open(&house.s).await.expect("a look"), 0, "nothing is left to look at");
        let (engine, took) = (house.s.store.engine_name(), began.elapsed().as_secs_f64());
        println!("{done} races of accepting and closing time on {engine} in {took:.1} s, won {} : {}", outcomes[0], outcomes[1]);
        assert!(done >= 50 && outcomes.iter().all(|won| *won > 0), "{done} races say little: {outcomes:?}");
        house.s.store.close().await;
    }
}

both! {
    async fn closing_without_a_condition_fails_the_same_test(database) {
        let house = House::open(database).await;
        let (until, mut done, mut violation) = (Instant::now() + Duration::from_secs(40), 0, None);
        while violation.is_none() && done < 5_000 && Instant::now() < until {
            violation = race(&house, done, true).await.err();
            done += 1;
        }
        let violation = violation.unwrap_or_else(|| panic!("{done} races of the saboteur, and nobody minded"));
        println!("the saboteur on {}: {violation}", house.s.store.engine_name());
        house.s.store.close().await;
    }
}
