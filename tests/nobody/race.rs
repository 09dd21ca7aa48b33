//! Accepting against the last step of the ladder: a request is either somebody's or missed, never both and never neither.

use std::time::{Duration, Instant};

use livery::domain::conversation::{HandoffState, State};
use livery::domain::ladder::{Ladder, Rung, Whom};
use livery::error::Code;
use livery::policy::Scope;
use livery::service::{handoff, job, ladder, visitor};
use livery::store::ladder as kept;

use crate::races::{Handicap, House, OPERATORS, Plan, Raw, at_once, caught, told};
use crate::support::both;

/// How the last step is taken.
#[derive(Clone)]
enum How {
    /// As the product does.
    Product,
    /// The saboteur: looks whether the request still waits, then misses it, without a condition.
    CheckThenAct(Raw),
}

/// Every request is missed at once.
async fn hasty(house: &House) {
    let place = house.lane(0).await.visitor.visitor().expect("a visitor").clone();
    let rung = Rung { after: 0, whom: Whom::OfflineQuery, address: None, channels: Vec::new() };
    let hasty = Ladder::new(vec![rung], None).expect("a ladder");
    let scope = Scope::system(place.agency, "a race");
    let organization = place.organization.expect("the bakery");
    let mut unit = house.s.store.write().await.expect("a unit");
    let now = house.s.clock.now();
    kept::put_of_organization(&mut unit, &scope, organization, Some(&hasty), now).await.expect("kept");
    unit.commit().await.expect("kept");
}

/// The step that is due; what else a request leaves to be done is passed over.
async fn step(house: &House) -> job::Job {
    loop {
        let due = job::lease(&house.s, 1, Duration::from_secs(600)).await.expect("a look").pop().expect("a job");
        if due.kind == ladder::STEP_JOB {
            return due;
        }
        job::finish(&house.s, &due).await.expect("finished");
    }
}

/// Races until the plan is done: how many, won by whom, and the first that went wrong.
async fn races(house: &House, plan: &Plan, how: How) -> (usize, [usize; 2], Option<String>) {
    let lane = house.lane(1).await;
    let (mut done, mut outcomes, mut handicap) = (0, [0, 0], Handicap::none());
    while plan.goes_on(done) {
        let id = house.request(&lane, done).await;
        let due = step(house).await;
        let actor = house.operators[done % OPERATORS].clone();
        let (s, t, operator, how) = (house.s.clone(), house.s.clone(), actor.clone(), how.clone());
        let conversation = lane.conversation.to_string();
        let (missed, accepted) = at_once(
            &handicap,
            |other| async move {
                match how {
                    How::Product => ladder::take_step(&t, &due).await,
                    How::CheckThenAct(raw) => {
                        if raw.state(&conversation).await.expect("a look") == "REQUESTED" {
                            other.wait().await;
                            raw.miss(&conversation, &id.to_string()).await.expect("missed");
                        }
                        job::finish(&t, &due).await
                    }
                }
            },
            async move { handoff::accept(&s, &operator, id).await.map(|_| ()) },
        )
        .await;
        missed.expect("the step ends, one way or the other");
        let row = visitor::conversation(&house.s, &lane.visitor).await.expect("the row");
        let ended = house.handoff(id).await;
        let user = actor.person().map(|person| person.user);
        done += 1;
        handicap.won(accepted.is_err());
        let wrong = match (&accepted, row.state) {
            (Ok(()), State::Human)
                if (row.assignee, ended.state, ended.accepted_by) == (user, HandoffState::Accepted, user) =>
            {
                outcomes[0] += 1;
                handoff::complete(&house.s, &actor, lane.conversation).await.expect("completed");
                None
            }
            (Err(error), State::Missed)
                if error.code == Code::Conflict
                    && (row.assignee, ended.state, ended.accepted_by) == (None, HandoffState::Missed, None) =>
            {
                outcomes[1] += 1;
                None
            }
            _ => Some(format!(
                "race {done}: accepting gave {accepted:?}, the chat is {:?}, the handoff {:?}",
                row.state, ended.state
            )),
        };
        if wrong.is_some() {
            return (done, outcomes, wrong);
        }
    }
    (done, outcomes, None)
}

both! {
    async fn accepting_and_missing_leave_one_outcome(database) {
        let house = House::open(database).await;
        hasty(&house).await;
        let began = Instant::now();
        let (done, outcomes, wrong) = races(&house, &Plan::new(10_000, Duration::from_secs(20)), How::Product).await;
        assert_eq!(wrong, None);
        told("of accepting and missing", &house.s, done, outcomes, began);
        house.close().await;
    }
}

both! {
    async fn looking_first_and_then_missing_fails_the_same_test(database) {
        let house = House::open(database).await;
        hasty(&house).await;
        let raw = Raw::open(&house.database).await;
        let (done, _, wrong) = races(&house, &Plan::new(2_000, Duration::from_secs(40)), How::CheckThenAct(raw)).await;
        caught(&house.s, done, wrong);
    }
}
