//! Races for one request: exactly one of all who reach for it gets it, and whoever does not learns who did.

mod answering;
mod calling;
mod pair;

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use livery::app;
use livery::domain::access::{Actor, Membership};
use livery::domain::answer::Answer;
use livery::domain::conversation::{AuthorKind, EntryKind, Handoff, HandoffState, State};
use livery::domain::id::{ConversationId, HandoffId};
use livery::domain::tenant::User;
use livery::error::{Code, Error};
use livery::service::identity::{self, Origin, Shown};
use livery::service::visitor::Opening;
use livery::service::{Services, answer, conversation, handoff, job, setup, visitor};
use livery::store::{access, identity as accounts};
use sqlx::{PgPool, SqlitePool};
use tokio::sync::Barrier;
use tokio::task::JoinSet;

use crate::support::database::Database;
use crate::support::{app as harness, both, soon};

pub use pair::{Handicap, at_once, caught};

/// How many operators reach for one request.
pub const OPERATORS: usize = 8;

/// How many requests are raced for side by side.
const LANES: usize = 4;

/// How many requests eight operators race for.
const RACES: usize = 10_000;

/// Whether this is `make chaos`.
fn is_long() -> bool {
    std::env::var_os("LIVERY_CHAOS_KILLS").is_some()
}

/// How many races there are to be, and for how long at most: they stop at the time in `make test`, and run to their count in
/// `make chaos`.
pub struct Plan {
    races: usize,
    until: Option<Instant>,
}

impl Plan {
    pub fn new(races: usize, at_most: Duration) -> Self {
        Self { races, until: (!is_long()).then(|| Instant::now() + at_most) }
    }

    pub fn goes_on(&self, done: usize) -> bool {
        done < self.races && self.until.is_none_or(|until| Instant::now() < until)
    }
}

/// The services over the demo data, without the workers: nobody acts but the racers.
pub struct House {
    pub s: Services,
    pub operators: Vec<Actor>,
    pub database: Database,
}

/// A visitor, and the conversation that is raced for again and again.
pub struct Lane {
    number: usize,
    pub visitor: Actor,
    pub conversation: ConversationId,
}

impl House {
    pub async fn open(database: Database) -> Self {
        let config = harness::config(&database);
        let s = app::services(&config, app::system_clock(), app::system_ids()).await.expect("services");
        setup::seed_demo(&s).await.expect("demo data");
        let mut house = Self { s, operators: Vec::new(), database };
        house.hire().await;
        house
    }

    /// Eight operators of the bakery, signed in.
    async fn hire(&mut self) {
        let s = &self.s;
        let bakery = self.lane(0).await;
        let place = bakery.visitor.visitor().expect("a visitor").clone();
        let hash = s.passwords.hash(setup::DEMO_PASSWORD).await.expect("a hash");
        let origin = Origin {
            host: s.addresses.host.clone(),
            address: IpAddr::V4(Ipv4Addr::LOCALHOST),
            browser: "a test".to_owned(),
        };
        let mut operators = Vec::new();
        for number in 1..=OPERATORS {
            let now = s.clock.now();
            let email = format!("racer{number}@bluebakery.test");
            let user = User { id: s.ids.next(now), agency: place.agency, name: format!("Racer {number}"), email };
            let membership = Membership {
                id: s.ids.next(now),
                agency: place.agency,
                organization: place.organization,
                role: access::role_id("organization.operator"),
                role_key: "organization.operator".to_owned(),
                organizations: None,
                ai_agents: None,
            };
            let mut unit = s.store.write().await.expect("a unit");
            accounts::insert_user(&mut unit, &user, &hash, now).await.expect("a user");
            access::insert_membership(&mut unit, user.id, &membership, now).await.expect("a membership");
            unit.commit().await.expect("kept");
            let shown = Shown { password: setup::DEMO_PASSWORD, code: None, new_password: None };
            let signed_in = identity::sign_in(s, &origin, &user.email, shown).await.expect("signed in");
            operators.push(Actor::Person(signed_in.person));
        }
        self.operators = operators;
    }

    pub async fn lane(&self, number: usize) -> Lane {
        let widget = setup::demo_widget(&self.s).await.expect("a look").expect("the bakery's widget");
        let opening = Opening { page_url: None, browser: None, address: IpAddr::V4(Ipv4Addr::LOCALHOST) };
        let opened = visitor::open(&self.s, widget, None, opening).await.expect("a session");
        Lane { number, visitor: opened.actor, conversation: opened.conversation.id }
    }

    /// The visitor asks for a human: what there is to race for.
    pub async fn request(&self, lane: &Lane, round: usize) -> HandoffId {
        let client_id = format!("race-{}-{round}", lane.number);
        let row = handoff::request(&self.s, &lane.visitor, &client_id, None).await.expect("a request");
        assert_eq!(row.state, State::Requested, "round {round}");
        row.handoff.expect("a handoff")
    }

    pub async fn handoff(&self, id: HandoffId) -> Handoff {
        let mut found = handoff::handoffs_of(&self.s, &self.operators[0], &[id]).await.expect("a look");
        found.pop().expect("the handoff")
    }

    pub async fn close(self) {
        self.s.store.close().await;
    }
}

fn name(actor: &Actor) -> &str {
    &actor.person().expect("a person").name
}

/// How the racers accept.
#[derive(Clone)]
pub enum How {
    /// As the product does.
    Product,
    /// The saboteur: looks whether the request is free, then takes it, without a condition.
    CheckThenAct(Raw),
}

/// The test's own connections, past the store.
#[derive(Clone)]
pub enum Raw {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

impl Raw {
    pub async fn open(database: &Database) -> Self {
        if database.is_postgres() {
            return Self::Postgres(PgPool::connect(&database.url).await.expect("a pool"));
        }
        Self::Sqlite(SqlitePool::connect(&database.url).await.expect("a pool"))
    }

    pub async fn state(&self, conversation: &str) -> Result<String, sqlx::Error> {
        const LOOK: &str = "select state from conversations where id = $1";
        match self {
            Self::Sqlite(pool) => sqlx::query_scalar(LOOK).bind(conversation).fetch_one(pool).await,
            Self::Postgres(pool) => sqlx::query_scalar(LOOK).bind(conversation).fetch_one(pool).await,
        }
    }

    /// Two statements that are right one by one.
    pub async fn miss(&self, conversation: &str, handoff: &str) -> Result<(), sqlx::Error> {
        const OWNER: &str = "update conversations set state = 'MISSED', assignee_id = null, version = version + 1, rev = rev + 1 \
                             where id = $1";
        const HANDOFF: &str = "update handoffs set state = 'MISSED', ended_at = 1 where id = $1";
        match self {
            Self::Sqlite(pool) => {
                sqlx::query(OWNER).bind(conversation).execute(pool).await?;
                sqlx::query(HANDOFF).bind(handoff).execute(pool).await?;
            }
            Self::Postgres(pool) => {
                sqlx::query(OWNER).bind(conversation).execute(pool).await?;
                sqlx::query(HANDOFF).bind(handoff).execute(pool).await?;
            }
        }
        Ok(())
    }

    /// Two more.
    pub async fn give(&self, conversation: &str, handoff: &str, user: &str) -> Result<(), sqlx::Error> {
        const OWNER: &str = "update conversations set state = 'HUMAN', assignee_id = $2, version = version + 1, rev = rev + 1 \
                             where id = $1";
        const HANDOFF: &str = "update handoffs set state = 'ACCEPTED', accepted_at = 1, accepted_by = $2 where id = $1";
        match self {
            Self::Sqlite(pool) => {
                sqlx::query(OWNER).bind(conversation).bind(user).execute(pool).await?;
                sqlx::query(HANDOFF).bind(handoff).bind(user).execute(pool).await?;
            }
            Self::Postgres(pool) => {
                sqlx::query(OWNER).bind(conversation).bind(user).execute(pool).await?;
                sqlx::query(HANDOFF).bind(handoff).bind(user).execute(pool).await?;
            }
        }
        Ok(())
    }

    /// Three statements that are right one by one.
    async fn take(
        &self,
        conversation: &str,
        handoff: &str,
        user: &str,
        agency: &str,
        entry: &str,
    ) -> Result<(), sqlx::Error> {
        const OWNER: &str = "update conversations set state = 'HUMAN', assignee_id = $2, version = version + 1, rev = rev + 1, \
                             last_seq = last_seq + 1 where id = $1 returning last_seq";
        const ENTRY: &str = "insert into messages (conversation_id, seq, id, agency_id, kind, author_kind, author_id, text, \
                             offers_human, sources, created_at) \
                             values ($1, $2, $3, $4, 'HANDOFF_ACCEPTED', 'SYSTEM', $5, 'joined', false, '', 0)";
        const HANDOFF: &str = "update handoffs set state = 'ACCEPTED', accepted_at = 1, accepted_by = $2 where id = $1";
        match self {
            Self::Sqlite(pool) => {
                let seq: i64 = sqlx::query_scalar(OWNER).bind(conversation).bind(user).fetch_one(pool).await?;
                sqlx::query(ENTRY)
                    .bind(conversation)
                    .bind(seq)
                    .bind(entry)
                    .bind(agency)
                    .bind(user)
                    .execute(pool)
                    .await?;
                sqlx::query(HANDOFF).bind(handoff).bind(user).execute(pool).await?;
            }
            Self::Postgres(pool) => {
                let seq: i64 = sqlx::query_scalar(OWNER).bind(conversation).bind(user).fetch_one(pool).await?;
                sqlx::query(ENTRY)
                    .bind(conversation)
                    .bind(seq)
                    .bind(entry)
                    .bind(agency)
                    .bind(user)
                    .execute(pool)
                    .await?;
                sqlx::query(HANDOFF).bind(handoff).bind(user).execute(pool).await?;
            }
        }
        Ok(())
    }
}

impl How {
    /// Accepts; the saboteur waits for the sabotage between looking and taking.
    pub async fn accept(
        &self,
        s: &Services,
        actor: &Actor,
        conversation: ConversationId,
        id: HandoffId,
        sabotage: impl Future<Output = ()>,
    ) -> Result<(), Error> {
        let raw = match self {
            Self::Product => return handoff::accept(s, actor, id).await.map(|_| ()),
            Self::CheckThenAct(raw) => raw,
        };
        let (conversation, id) = (conversation.to_string(), id.to_string());
        if raw.state(&conversation).await.expect("a look") != "REQUESTED" {
            return Err(Error::conflict("ALREADY_ACCEPTED", "Too late."));
        }
        sabotage.await;
        let person = actor.person().expect("a person");
        let entry: livery::domain::id::MessageId = s.ids.next(s.clock.now());
        let (user, agency) = (person.user.to_string(), person.agency.to_string());
        raw.take(&conversation, &id, &user, &agency, &entry.to_string()).await.expect("taken");
        Ok(())
    }
}

/// What one race left behind.
struct Finish {
    /// Each racer, by name, and what they were told.
    told: Vec<(String, Result<(), Error>)>,
    /// Whom the handoff's row names.
    accepted_by: Option<String>,
    /// How many entries say that somebody accepted.
    entries: usize,
}

/// What is wrong with how a race ended.
fn violation(finish: &Finish) -> Option<String> {
    let winners: Vec<&str> =
        finish.told.iter().filter(|(_, told)| told.is_ok()).map(|(name, _)| name.as_str()).collect();
    let [winner] = winners[..] else { return Some(format!("{} winners: {winners:?}", winners.len())) };
    if finish.accepted_by.as_deref() != Some(winner) {
        return Some(format!("{winner} won, the handoff names {:?}", finish.accepted_by));
    }
    if finish.entries != 1 {
        return Some(format!("{} entries say that somebody accepted", finish.entries));
    }
    finish.told.iter().find_map(|(name, told)| match told {
        Ok(()) => None,
        Err(error)
            if error.code == Code::Conflict
                && error.reason == "ALREADY_ACCEPTED"
                && error.holder.as_deref() == Some(winner) =>
        {
            None
        }
        Err(error) => Some(format!(
            "{name} lost to {winner} and heard {error}, held by {:?}, for {:?}",
            error.holder, error.cause
        )),
    })
}

/// All eight reach for the request at once.
async fn race(house: &House, lane: &Lane, round: usize, how: &How) -> Finish {
    let id = house.request(lane, round).await;
    let start = Arc::new(Barrier::new(OPERATORS));
    let mut racers = JoinSet::new();
    for actor in &house.operators {
        let (s, start, how, actor, conversation) =
            (house.s.clone(), start.clone(), how.clone(), actor.clone(), lane.conversation);
        racers.spawn(async move {
            start.wait().await;
            let all_have_looked = async {
                start.wait().await;
            };
            let told = how.accept(&s, &actor, conversation, id, all_have_looked).await;
            (name(&actor).to_owned(), told)
        });
    }
    let told = soon(racers.join_all()).await;
    let by = house.handoff(id).await.accepted_by;
    let accepted_by = house.operators.iter().find(|actor| actor.person().map(|person| person.user) == by).map(name);
    let entries = visitor::messages(&house.s, &lane.visitor, None, OPERATORS + 1).await.expect("entries").rows;
    let asked = entries.iter().rposition(|entry| entry.kind == EntryKind::HandoffRequested).map_or(0, |at| at + 1);
    let entries = entries[asked..].iter().filter(|entry| entry.kind == EntryKind::HandoffAccepted).count();
    Finish { told, accepted_by: accepted_by.map(str::to_owned), entries }
}

/// Races in one lane until the plan is done; the number of races, and the first that went wrong.
async fn races(house: &House, lane: Lane, plan: &Plan, how: How) -> (usize, Option<String>) {
    let mut done = 0;
    while plan.goes_on(done * LANES) {
        let finish = race(house, &lane, done, &how).await;
        done += 1;
        if let Some(violation) = violation(&finish) {
            return (done, Some(format!("race {done} of lane {}: {violation}", lane.number)));
        }
        let winner = finish.accepted_by.unwrap_or_default();
        let winner = house.operators.iter().find(|actor| name(actor) == winner).expect("a winner");
        let ended = handoff::complete(&house.s, winner, lane.conversation).await.expect("completed");
        assert_eq!(ended.conversation.state, State::Ended);
    }
    (done, None)
}

async fn in_all_lanes(house: &Arc<House>, plan: Plan, how: How) -> (usize, Option<String>) {
    let plan = Arc::new(plan);
    let mut lanes = JoinSet::new();
    for number in 1..=LANES {
        let (house, plan, how, lane) = (house.clone(), plan.clone(), how.clone(), house.lane(number).await);
        lanes.spawn(async move { races(&house, lane, &plan, how).await });
    }
    let ended = lanes.join_all().await;
    (ended.iter().map(|(done, _)| done).sum(), ended.into_iter().find_map(|(_, violation)| violation))
}

both! {
    async fn of_eight_operators_exactly_one_accepts(database) {
        let house = Arc::new(House::open(database).await);
        let began = Instant::now();
        let (done, violation) = in_all_lanes(&house, Plan::new(RACES, Duration::from_secs(45)), How::Product).await;
        let took = began.elapsed().as_secs_f64();
        println!("{done} races of {OPERATORS} on {} in {took:.1} s", house.s.store.engine_name());
        assert_eq!(violation, None);
        assert!(done >= if is_long() { RACES } else { 200 }, "{done} races");
        Arc::into_inner(house).expect("no racer is left").close().await;
    }
}

both! {
    async fn checking_first_and_then_acting_fails_the_same_test(database) {
        let house = Arc::new(House::open(database).await);
        let raw = Raw::open(&house.database).await;
        let (done, violation) = in_all_lanes(&house, Plan::new(2_000, Duration::from_secs(40)), How::CheckThenAct(raw)).await;
        let violation = caught(&house.s, done, violation);
        assert!(violation.contains("winners: ["), "{violation}");
    }
}

/// What the one of two got who got what they wanted, if that was exactly one, and the other was told that it was too late,
/// not that something broke.
fn one_of(one: Result<State, Error>, other: Result<State, Error>) -> Option<State> {
    match (one, other) {
        (Ok(state), Err(error)) | (Err(error), Ok(state)) if error.code == Code::Conflict => Some(state),
        _ => None,
    }
}

pub fn told(what: &str, s: &Services, done: usize, outcomes: [usize; 2], began: Instant) {
    let (engine, took) = (s.store.engine_name(), began.elapsed().as_secs_f64());
    println!("{done} races {what} on {engine} in {took:.1} s, won {} : {}", outcomes[0], outcomes[1]);
    assert!(done >= 50, "{done} races say little");
}

/// What one race of two, ended badly or well, adds up to: how many, won by whom, and what went wrong.
pub type Races = (usize, [usize; 2], Option<String>);

pub const SMALL: (usize, Duration) = (10_000, Duration::from_secs(15));

/// An operator accepts while the visitor thinks better of it.
async fn withdrawals(house: &House, lane: &Lane, plan: &Plan, how: &How) -> Races {
    let (mut done, mut outcomes, mut handicap) = (0, [0, 0], Handicap::none());
    while plan.goes_on(done) {
        let id = house.request(lane, done).await;
        let actor = house.operators[done % OPERATORS].clone();
        let (s, t, operator, visitor) = (house.s.clone(), house.s.clone(), actor.clone(), lane.visitor.clone());
        let (how, conversation) = (how.clone(), lane.conversation);
        let (accepted, cancelled) =
            at_once(
                &handicap,
                |other| async move {
                    how.accept(&s, &operator, conversation, id, other.wait()).await.map(|()| State::Human)
                },
                async move { handoff::cancel(&t, &visitor).await.map(|row| row.state) },
            )
            .await;
        let row = visitor::conversation(&house.s, &lane.visitor).await.expect("the row");
        let kept = house.handoff(id).await;
        let user = actor.person().map(|person| person.user);
        done += 1;
        let told = format!("accepting gave {accepted:?}, cancelling {cancelled:?}");
        let held = (row.assignee, kept.state, kept.accepted_by, kept.ended_at.is_some());
        let right = one_of(accepted, cancelled) == Some(row.state)
            && match row.state {
                State::Human => held == (user, HandoffState::Accepted, user, false),
                State::Ai => held == (None, HandoffState::Cancelled, None, true),
                _ => false,
            };
        if !right {
            return (done, outcomes, Some(format!("race {done}: {told}, and then {:?}, {held:?}", row.state)));
        }
        if row.state == State::Human {
            handoff::complete(&house.s, &actor, lane.conversation).await.expect("completed");
        }
        handicap.won(row.state == State::Human);
        outcomes[usize::from(row.state == State::Ai)] += 1;
    }
    (done, outcomes, None)
}

both! {
    async fn accepting_and_cancelling_leave_one_outcome(database) {
        let house = House::open(database).await;
        let lane = house.lane(1).await;
        let began = Instant::now();
        let (done, outcomes, violation) = withdrawals(&house, &lane, &Plan::new(SMALL.0, SMALL.1), &How::Product).await;
        assert_eq!(violation, None);
        told("of accepting and cancelling", &house.s, done, outcomes, began);
        house.close().await;
    }
}

both! {
    async fn accepting_what_may_be_cancelled_without_a_condition_fails_the_same_test(database) {
        let house = House::open(database).await;
        let lane = house.lane(1).await;
        let how = How::CheckThenAct(Raw::open(&house.database).await);
        let (done, _, violation) = withdrawals(&house, &lane, &Plan::new(SMALL.0, Duration::from_secs(40)), &how).await;
        caught(&house.s, done, violation);
    }
}

both! {
    async fn releasing_and_completing_leave_one_outcome(database) {
        let house = House::open(database).await;
        let lane = house.lane(1).await;
        let (plan, began) = (Plan::new(SMALL.0, SMALL.1), Instant::now());
        let (mut done, mut outcomes, mut handicap) = (0, [0, 0], Handicap::none());
        while plan.goes_on(done) {
            let id = house.request(&lane, done).await;
            let actor = house.operators[done % OPERATORS].clone();
            handoff::accept(&house.s, &actor, id).await.expect("accepted");
            let (s, t, one, other) = (house.s.clone(), house.s.clone(), actor.clone(), actor.clone());
            let conversation = lane.conversation;
            let (released, completed) = at_once(
                &handicap,
                |_| async move { handoff::release(&s, &one, conversation).await.map(|seen| seen.conversation.state) },
                async move { handoff::complete(&t, &other, conversation).await.map(|seen| seen.conversation.state) },
            ).await;
            let state = one_of(released, completed).expect("one of the two");
            let row = visitor::conversation(&house.s, &lane.visitor).await.expect("the row");
            let kept = house.handoff(id).await;
            assert_eq!((row.state, row.assignee), (state, None), "race {done}");
            handicap.won(state == State::Requested);
            match state {
                State::Requested => {
                    assert_eq!((kept.state, kept.accepted_by, kept.ended_at), (HandoffState::Requested, None, None), "race {done}");
                    handoff::accept(&house.s, &actor, id).await.expect("accepted again");
                    handoff::complete(&house.s, &actor, conversation).await.expect("completed");
                    outcomes[0] += 1;
                }
                State::Ended => {
                    assert_eq!(kept.state, HandoffState::Completed, "race {done}");
                    assert!(kept.ended_at.is_some() && kept.accepted_by.is_some(), "race {done}");
                    outcomes[1] += 1;
                }
                state => panic!("race {done} ended in {state:?}"),
            }
            done += 1;
        }
        told("of releasing and completing", &house.s, done, outcomes, began);
        house.close().await;
    }
}
