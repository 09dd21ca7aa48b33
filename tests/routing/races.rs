//! Races around turns, transfers, rights and capacity: whatever happens at once, what is left is one of the states that one
//! after the other could have left.

use std::net::{IpAddr, Ipv4Addr};
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use livery::domain::access::Actor;
use livery::domain::conversation::{HandoffState, State};
use livery::domain::id::{ConversationId, HandoffId, MembershipId, UserId};
use livery::domain::routing::{Presence, Route};
use livery::error::{Code, Error};
use livery::policy::Scope;
use livery::service::identity::{self, Origin, Shown};
use livery::service::people::member::{MemberChange, change};
use livery::service::transfer::{Said, To};
use livery::service::{handoff, presence, routing, setting, setup, transfer, visitor};
use livery::store::{people, presence as signs, routing as ways};

use crate::races::{Handicap, House, How, Lane, OPERATORS, Plan, Races, Raw, at_once, caught, told};
use crate::support::both;

/// All of them under make chaos, as many as fit in a quarter of a minute in make test.
fn plan() -> Plan {
    Plan::new(10_000, Duration::from_secs(15))
}

fn user(actor: &Actor) -> UserId {
    actor.person().expect("a person").user
}

fn anyway() -> Said {
    Said { note: String::new(), anyway: true }
}

/// The owner of the bakery, signed in.
async fn owner(house: &House) -> Actor {
    let s = &house.s;
    let origin = Origin {
        host: s.addresses.host.clone(),
        address: IpAddr::V4(Ipv4Addr::LOCALHOST),
        browser: "a test".to_owned(),
    };
    let shown = Shown { password: setup::DEMO_PASSWORD, code: None, new_password: None };
    Actor::Person(identity::sign_in(s, &origin, "owner@bluebakery.test", shown).await.expect("signed in").person)
}

async fn set(house: &House, owner: &Actor, key: &str, value: &str) {
    let organization = owner.person().and_then(|person| person.memberships[0].organization);
    setting::set(&house.s, owner, key, organization, Some(value)).await.expect("set");
}

fn scope(house: &House) -> Scope {
    Scope::system(house.operators[0].person().expect("a person").agency, "a race")
}

/// What is left of a race: who has the chat.
///
/// # Errors
///
/// What is wrong, when row and handoff do not say the same.
async fn left(house: &House, lane: &Lane, id: HandoffId, race: usize) -> Result<Option<UserId>, String> {
    let row = visitor::conversation(&house.s, &lane.visitor).await.expect("the row");
    let kept = house.handoff(id).await;
    let right = match row.state {
        State::Human => {
            (kept.state, kept.accepted_by) == (HandoffState::Accepted, row.assignee)
                && row.assignee.is_some()
                && kept.ended_at.is_none()
        }
        State::Requested => (kept.state, kept.accepted_by, row.assignee) == (HandoffState::Requested, None, None),
        _ => false,
    };
    if right {
        return Ok(row.assignee);
    }
    let (whose, by) = (row.assignee, kept.accepted_by);
    Err(format!("race {race} ended in {:?} of {whose:?}, the handoff {:?} by {by:?}", row.state, kept.state))
}

/// Ends what a race left, so that the next begins anew.
async fn end(house: &House, owner: &Actor, lane: &Lane, race: usize) {
    let given = transfer::reassign(&house.s, owner, lane.conversation, user(owner), anyway()).await;
    given.unwrap_or_else(|error| panic!("race {race}: {error}"));
    handoff::complete(&house.s, owner, lane.conversation).await.expect("completed");
}

fn conflict(error: &Error, reasons: &[&str], race: usize) {
    assert!(error.code == Code::Conflict && reasons.contains(&error.reason), "race {race}: {error}");
}

/// How a chat is handed on.
#[derive(Clone)]
enum Handing {
    /// As the product does.
    Product,
    /// The saboteur: looks who has it, then gives it away, without a condition.
    CheckThenGive(Raw),
}

/// A chat goes from one to another while a supervisor puts it back or not, and a third accepts.
async fn handovers(house: &House, owner: &Actor, plan: &Plan, handing: &Handing) -> Races {
    let lane = house.lane(1).await;
    let (mut done, mut outcomes, mut handicap) = (0, [0, 0], Handicap::none());
    while plan.goes_on(done) {
        let id = house.request(&lane, done).await;
        let [from, to, third] = [0, 1, 2].map(|at| house.operators[(done + at) % OPERATORS].clone());
        handoff::accept(&house.s, &from, id).await.expect("accepted");
        let (s, t, o, conversation) = (house.s.clone(), house.s.clone(), owner.clone(), lane.conversation);
        let (getter, accepter, boss, handing) = (user(&to), third.clone(), done.is_multiple_of(2), handing.clone());
        let (given, taken) = at_once(
            &handicap,
            |other| async move {
                let raw = match handing {
                    Handing::Product => {
                        let to = To::Operator(getter);
                        return transfer::transfer(&s, &from, conversation, to, anyway()).await.map(drop);
                    }
                    Handing::CheckThenGive(raw) => raw,
                };
                if raw.state(&conversation.to_string()).await.expect("a look") != "HUMAN" {
                    return Err(Error::conflict("WRONG_STATE", "Too late."));
                }
                other.wait().await;
                raw.give(&conversation.to_string(), &id.to_string(), &getter.to_string()).await.expect("given");
                Ok(())
            },
            // Put back by a supervisor, and taken by somebody at once.
            async move {
                if boss {
                    transfer::requeue(&t, &o, conversation).await.map(drop)?;
                }
                handoff::accept(&t, &accepter, id).await.map(drop)
            },
        )
        .await;
        let holder = left(house, &lane, id, done).await;
        done += 1;
        for told in [&given, &taken] {
            if let Err(error) = told {
                conflict(error, &["ALREADY_ACCEPTED", "NOT_YOURS", "WRONG_STATE", "CHANGED_MEANWHILE"], done);
            }
        }
        let right = holder.as_ref().is_ok_and(|holder| match (given.is_ok(), taken.is_ok()) {
            // Whoever accepted last has it; without that, whoever got it.
            (_, true) => *holder == Some(user(&third)),
            (true, false) => [Some(getter), None].contains(holder),
            (false, false) => *holder != Some(getter),
        });
        if !right {
            let told = format!("handing on gave {given:?}, accepting {taken:?}, and then {holder:?}");
            return (done, outcomes, Some(format!("race {done}: {told}")));
        }
        // Unless it is put back, accepting comes to nothing, whoever is first.
        if boss {
            handicap.won(given.is_ok());
        }
        outcomes[usize::from(taken.is_ok())] += 1;
        end(house, owner, &lane, done).await;
    }
    (done, outcomes, None)
}

both! {
    async fn accepting_while_a_chat_goes_from_hand_to_hand_leaves_one_holder(database) {
        let house = House::open(database).await;
        let (owner, began) = (owner(&house).await, Instant::now());
        let (done, outcomes, violation) = handovers(&house, &owner, &plan(), &Handing::Product).await;
        assert_eq!(violation, None);
        told("of accepting and handing on", &house.s, done, outcomes, began);
        house.close().await;
    }
}

both! {
    async fn looking_who_has_it_and_then_giving_it_away_fails_the_same_test(database) {
        let house = House::open(database).await;
        let (owner, handing) = (owner(&house).await, Handing::CheckThenGive(Raw::open(&house.database).await));
        let plan = Plan::new(10_000, Duration::from_secs(40));
        let (done, _, violation) = handovers(&house, &owner, &plan, &handing).await;
        caught(&house.s, done, violation);
    }
}

/// Somebody's membership in the bakery.
async fn membership(house: &House, actor: &Actor) -> MembershipId {
    let person = actor.person().expect("a person");
    let organization = person.memberships[0].organization;
    let mut read = house.s.store.read().await.expect("read");
    people::membership_in(&mut read, &scope(house), organization, person.user).await.expect("a look").expect("one")
}

/// Somebody gets a chat, in turn handed on to them and accepted by them, while their right to it is taken.
async fn suspensions(house: &House, owner: &Actor, plan: &Plan, how: &How) -> Races {
    let lane = house.lane(1).await;
    let (mut done, mut outcomes, mut handicap) = (0, [0, 0], Handicap::none());
    while plan.goes_on(done) {
        let id = house.request(&lane, done).await;
        let [from, to] = [0, 1].map(|at| house.operators[(done + at) % OPERATORS].clone());
        let theirs = membership(house, &to).await;
        let handed = done.is_multiple_of(2);
        if handed {
            handoff::accept(&house.s, &from, id).await.expect("accepted");
        }
        let (s, t, boss, conversation) = (house.s.clone(), house.s.clone(), owner.clone(), lane.conversation);
        let (getter, how) = (to.clone(), how.clone());
        let (taken, suspended) = at_once(
            &handicap,
            |other| async move {
                if handed {
                    let to = To::Operator(user(&getter));
                    return transfer::transfer(&s, &from, conversation, to, anyway()).await.map(drop);
                }
                how.accept(&s, &getter, conversation, id, other.wait()).await
            },
            async move { change(&t, &boss, theirs, MemberChange::Suspended(true)).await.map(drop) },
        )
        .await;
        suspended.expect("nothing holds that up");
        let holder = left(house, &lane, id, done).await;
        done += 1;
        if !holder.as_ref().is_ok_and(|holder| *holder != Some(user(&to))) {
            return (done, outcomes, Some(format!("race {done}: getting it gave {taken:?}, and then {holder:?}")));
        }
        handicap.won(taken.is_ok());
        outcomes[usize::from(taken.is_ok())] += 1;
        change(&house.s, owner, theirs, MemberChange::Suspended(false)).await.expect("back");
        end(house, owner, &lane, done).await;
    }
    (done, outcomes, None)
}

both! {
    async fn nobody_is_left_with_a_chat_whose_right_to_it_was_taken_meanwhile(database) {
        let house = House::open(database).await;
        let (owner, began) = (owner(&house).await, Instant::now());
        let (done, outcomes, violation) = suspensions(&house, &owner, &plan(), &How::Product).await;
        assert_eq!(violation, None);
        told("of taking and losing the right", &house.s, done, outcomes, began);
        house.close().await;
    }
}

both! {
    async fn taking_without_asking_for_the_right_again_fails_the_same_test(database) {
        let house = House::open(database).await;
        let (owner, how) = (owner(&house).await, How::CheckThenAct(Raw::open(&house.database).await));
        let plan = Plan::new(10_000, Duration::from_secs(40));
        let (done, _, violation) = suspensions(&house, &owner, &plan, &how).await;
        caught(&house.s, done, violation);
    }
}

both! {
    async fn a_chat_is_never_somebodys_while_it_is_offered_to_somebody_else(database) {
        let house = House::open(database).await;
        let (owner, lane) = (owner(&house).await, house.lane(1).await);
        set(&house, &owner, "routing.mode", "ROUND_ROBIN").await;
        presence::choose(&house.s, &house.operators[1], Presence::Online).await.expect("there");
        // Whoever does something is there, and would be offered it in turn.
        for busy in [&house.operators[2], &owner] {
            presence::choose(&house.s, busy, Presence::Away).await.expect("away");
        }
        let organization = owner.person().and_then(|person| person.memberships[0].organization).expect("one");
        let scope = scope(&house);
        let (plan, began) = (plan(), Instant::now());
        let (mut done, mut outcomes, mut handicap) = (0, [0, 0], Handicap::none());
        while plan.goes_on(done) {
            let id = house.request(&lane, done).await;
            let now = house.s.clock.now();
            // The offer to the first has run out just now; the second is next; the third accepts.
            let mut unit = house.s.store.write().await.expect("a unit");
            signs::choose(&mut unit, &scope, user(&house.operators[1]), Presence::Online, now).await.expect("there");
            let mut route = Route::new(id).offered(user(&house.operators[0]), now);
            route.offered_until = Some(now);
            ways::put_route(&mut unit, &scope, &route).await.expect("kept");
            unit.commit().await.expect("kept");
            let (s, t, third, agency) = (house.s.clone(), house.s.clone(), house.operators[2].clone(), scope.agency());
            let (accepted, led) = at_once(
                &handicap,
                |_| async move { handoff::accept(&s, &third, id).await.map(drop) },
                async move { routing::lead(&t, agency, organization, id).await },
            ).await;
            let led = led.expect("led or not");
            let holder = left(&house, &lane, id, done).await.unwrap_or_else(|wrong| panic!("{wrong}"));
            let kept = ways::route(&mut house.s.store.read().await.expect("read"), &scope, id).await.expect("a look");
            match &accepted {
                Ok(()) => {
                    assert_eq!(holder, Some(user(&house.operators[2])), "race {done}");
                    // When it was nobody's turn any more, whoever led it has left it to all.
                    assert_eq!(kept.offered_to, None, "race {done}");
                }
                Err(error) => {
                    conflict(error, &["OFFERED_TO_OTHER"], done);
                    assert_eq!((holder, kept.offered_to), (None, Some(user(&house.operators[1]))), "race {done}");
                    assert!(led && error.holder.is_some(), "race {done}");
                }
            }
            handicap.won(accepted.is_ok());
            outcomes[usize::from(accepted.is_ok())] += 1;
            end(&house, &owner, &lane, done).await;
            done += 1;
        }
        told("of accepting and an offer that runs out", &house.s, done, outcomes, began);
        house.close().await;
    }
}

/// How an operator takes chats.
#[derive(Clone, Copy, PartialEq)]
enum Room {
    /// As the product does.
    Product,
    /// The saboteur: counts, and then takes, in two steps.
    CountThenTake,
}

const ROOM: usize = 2;
const REACHED_FOR: usize = 4;

/// One operator reaches for four requests at once, from as many tabs, with room for two. Gives how many they got.
async fn reach(house: &House, actor: &Actor, lanes: &[Lane], round: usize, room: Room) -> usize {
    let mut ids = Vec::new();
    for lane in lanes {
        ids.push(house.request(lane, round).await);
    }
    let start = std::sync::Arc::new(tokio::sync::Barrier::new(ids.len()));
    let racers = ids.into_iter().map(|id| {
        let (s, actor, start, scope) = (house.s.clone(), actor.clone(), start.clone(), scope(house));
        tokio::spawn(async move {
            start.wait().await;
            if room == Room::CountThenTake {
                let mut read = s.store.read().await.expect("read");
                let chats = signs::chats_of(&mut read, &scope, &[user(&actor)]).await.expect("a look");
                // All have looked before anybody takes.
                start.wait().await;
                if chats.get(&user(&actor)).copied().unwrap_or(0) >= ROOM as i64 {
                    return false;
                }
            }
            match handoff::accept(&s, &actor, id).await {
                Ok(_) => true,
                Err(error) => {
                    conflict(&error, &["AT_CAPACITY"], round);
                    false
                }
            }
        })
    });
    join_all(racers).await.into_iter().filter(|got| *got.as_ref().expect("ended")).count()
}

async fn lanes(house: &House) -> Vec<Lane> {
    let mut lanes = Vec::new();
    for number in 1..=REACHED_FOR {
        lanes.push(house.lane(number).await);
    }
    lanes
}

async fn held(house: &House, actor: &Actor) -> usize {
    let mut read = house.s.store.read().await.expect("read");
    let chats = signs::chats_of(&mut read, &scope(house), &[user(actor)]).await.expect("a look");
    usize::try_from(chats.get(&user(actor)).copied().unwrap_or(0)).expect("a number")
}

async fn end_all(house: &House, owner: &Actor, conversations: impl Iterator<Item = ConversationId>) {
    for conversation in conversations {
        transfer::reassign(&house.s, owner, conversation, user(owner), anyway()).await.expect("given");
        handoff::complete(&house.s, owner, conversation).await.expect("completed");
    }
}

both! {
    async fn of_chats_accepted_at_once_nobody_gets_more_than_the_capacity(database) {
        let house = House::open(database).await;
        let owner = owner(&house).await;
        set(&house, &owner, "routing.capacity", &ROOM.to_string()).await;
        let lanes = lanes(&house).await;
        let (plan, began, mut done) = (plan(), Instant::now(), 0);
        while plan.goes_on(done) {
            let actor = house.operators[done % OPERATORS].clone();
            let got = reach(&house, &actor, &lanes, done, Room::Product).await;
            assert_eq!((got, held(&house, &actor).await), (ROOM, ROOM), "race {done}: no more, and no fewer");
            end_all(&house, &owner, lanes.iter().map(|lane| lane.conversation)).await;
            done += 1;
        }
        told("for room", &house.s, done, [done, 0], began);
        house.close().await;
    }
}

both! {
    async fn counting_first_and_then_taking_fails_the_same_test(database) {
        let house = House::open(database).await;
        let owner = owner(&house).await;
        set(&house, &owner, "routing.capacity", "50").await;
        let lanes = lanes(&house).await;
        let plan = Plan::new(2_000, Duration::from_secs(40));
        let mut most = 0;
        let mut done = 0;
        while plan.goes_on(done) && most <= ROOM {
            let actor = house.operators[done % OPERATORS].clone();
            most = reach(&house, &actor, &lanes, done, Room::CountThenTake).await;
            end_all(&house, &owner, lanes.iter().map(|lane| lane.conversation)).await;
            done += 1;
        }
        caught(&house.s, done, (most > ROOM).then(|| format!("{most} chats with room for {ROOM}")));
        house.close().await;
    }
}
