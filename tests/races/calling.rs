//! Races of what calls a person by itself against those who act at the same time: never two requests, never a chat taken from
//! whoever has it, never a word of the AI after that.

use livery::domain::agent::AiAgent;
use livery::domain::conversation::{Conversation, Message};
use livery::domain::setting::Key;
use livery::policy::Scope;
use livery::store::{Reads, agent};

use super::*;

/// One answer that does not help is enough, from here on.
async fn call_after_one_failure(house: &House, lane: &Lane) {
    async fn of(read: &mut impl Reads, scope: &Scope, lane: &Lane) -> AiAgent {
        let place = lane.visitor.visitor().expect("a visitor");
        agent::ai_agent(read, scope, place.ai_agent).await.expect("the AI agent")
    }
    let scope = Scope::system(lane.visitor.visitor().expect("a visitor").agency, "a test of races");
    let mut unit = house.s.store.write().await.expect("a unit");
    let mut crumb = of(&mut unit, &scope, lane).await;
    crumb.own.say(Key::HandoffAfterFailures, "1".to_owned());
    agent::update_ai_agent(&mut unit, &scope, &crumb).await.expect("kept");
    unit.commit().await.expect("kept");
}

/// What one race left behind, for whoever looks for what is wrong with it.
struct End<'a> {
    /// Whether the operator was told that the chat is theirs.
    taken: bool,
    operator: &'a Actor,
    row: &'a Conversation,
    since: &'a [Message],
}

fn violation(end: &End<'_>) -> Option<String> {
    let requests = end.since.iter().filter(|entry| entry.kind == EntryKind::HandoffRequested).count();
    if requests > 1 {
        return Some(format!("{requests} requests"));
    }
    let user = end.operator.person().map(|person| person.user);
    if end.taken && (end.row.state, end.row.assignee) != (State::Human, user) {
        return Some(format!("taken, and then {:?} of {:?}", end.row.state, end.row.assignee));
    }
    let taken_at =
        end.since.iter().position(|entry| matches!(entry.kind, EntryKind::Intervened | EntryKind::HandoffAccepted));
    let spoke = end.since.iter().rposition(|entry| entry.author_kind == AuthorKind::Ai);
    match (taken_at, spoke) {
        (Some(taken_at), Some(spoke)) if spoke > taken_at => Some("the AI spoke after a person had it".to_owned()),
        _ => None,
    }
}

/// The saboteur: looks whether the AI has the chat, then calls a person, without a condition.
async fn check_then_call(raw: &Raw, conversation: &str, sabotage: impl Future<Output = ()>) {
    const CALL: &str = "update conversations set state = 'REQUESTED', assignee_id = null, version = version + 1, rev = rev + 1 where id = $1";
    if raw.state(conversation).await.expect("a look") != "AI" {
        return;
    }
    sabotage.await;
    match raw {
        Raw::Sqlite(pool) => drop(sqlx::query(CALL).bind(conversation).execute(pool).await.expect("called")),
        Raw::Postgres(pool) => drop(sqlx::query(CALL).bind(conversation).execute(pool).await.expect("called")),
    }
}

/// Leaves the conversation with the AI for the next round.
async fn end(house: &House, lane: &Lane, actor: &Actor) {
    let row = visitor::conversation(&house.s, &lane.visitor).await.expect("the row");
    match row.state {
        State::Requested => drop(handoff::cancel(&house.s, &lane.visitor).await.expect("withdrawn")),
        State::Human => drop(handoff::complete(&house.s, actor, lane.conversation).await.expect("completed")),
        _ => {}
    }
}

/// Races until the plan is done; how many, how they came out, and what went wrong.
async fn races(house: &House, lane: &Lane, plan: &Plan, raw: Option<&Raw>) -> (usize, [usize; 2], Option<String>) {
    let (mut done, mut outcomes, mut handicap) = (0, [0, 0], Handicap::none());
    while plan.goes_on(done) {
        let asked =
            conversation::visitor_sends(&house.s, &lane.visitor, &format!("ask-{done}"), "Do you sell rockets?", &[])
                .await
                .expect("said");
        let job = job::lease(&house.s, 1, Duration::from_secs(600)).await.expect("a look").pop().expect("a job");
        let task = answer::task(&house.s, &job).await.expect("a look").expect("the AI may speak");
        let actor = house.operators[done % OPERATORS].clone();
        let (s, t, operator, visitor) = (house.s.clone(), house.s.clone(), actor.clone(), lane.visitor.clone());
        let (conversation, round, also) = (lane.conversation, done, raw.cloned());
        let (called, taken) = at_once(
            &handicap,
            |other| async move {
                if let Some(raw) = also {
                    check_then_call(&raw, &conversation.to_string(), other.wait()).await;
                    return job::finish(&s, &job).await;
                }
                let text = "I could not find that.".to_owned();
                let given = Answer { text, sources: Vec::new(), helped: false, wants_human: false };
                answer::post(&s, &job, &task, &given).await
            },
            // In turn: somebody takes over; the visitor presses the button; the visitor asks in words, and somebody takes over.
            async move {
                match round % 3 {
                    0 => handoff::intervene(&t, &operator, conversation).await.map(|_| true),
                    1 => handoff::request(&t, &visitor, &format!("race-{round}"), None).await.map(|_| false),
                    _ => {
                        let words =
                            conversation::visitor_sends(&t, &visitor, &format!("words-{round}"), "I need a human", &[])
                                .await;
                        words?;
                        handoff::intervene(&t, &operator, conversation).await.map(|_| true)
                    }
                }
            },
        )
        .await;
        called.expect("the job is finished, whatever came of it");
        let taken = taken.expect("nothing holds a person up");
        let row = visitor::conversation(&house.s, &lane.visitor).await.expect("the row");
        let entries = visitor::messages(&house.s, &lane.visitor, None, 12).await.expect("entries").rows;
        let since: Vec<Message> = entries.into_iter().filter(|entry| entry.seq > asked.seq).collect();
        done += 1;
        if let Some(wrong) = violation(&End { taken, operator: &actor, row: &row, since: &since }) {
            return (done, outcomes, Some(format!("race {done}: {wrong}")));
        }
        let spoke = since.iter().any(|entry| entry.author_kind == AuthorKind::Ai);
        handicap.won(spoke);
        outcomes[usize::from(!spoke)] += 1;
        end(house, lane, &actor).await;
        // What the visitor's words left to be answered is nobody's any more, nor is what tells the team of requests.
        loop {
            let left = job::lease(&house.s, 100, Duration::from_secs(600)).await.expect("a look");
            if left.is_empty() {
                break;
            }
            for job in left {
                job::finish(&house.s, &job).await.expect("finished");
            }
        }
    }
    (done, outcomes, None)
}

both! {
    async fn what_calls_a_person_by_itself_never_takes_a_chat_from_anybody_and_never_calls_twice(database) {
        let house = House::open(database).await;
        let lane = house.lane(1).await;
        call_after_one_failure(&house, &lane).await;
        let (plan, began) = (Plan::new(SMALL.0, SMALL.1), Instant::now());
        let (done, outcomes, violation) = races(&house, &lane, &plan, None).await;
        assert_eq!(violation, None);
        told("of calls and those who act", &house.s, done, outcomes, began);
        house.close().await;
    }
}

both! {
    async fn calling_without_a_condition_fails_the_same_test(database) {
        let house = House::open(database).await;
        let lane = house.lane(1).await;
        let raw = Raw::open(&house.database).await;
        let plan = Plan::new(SMALL.0, Duration::from_secs(40));
        let (done, _, violation) = races(&house, &lane, &plan, Some(&raw)).await;
        let violation = caught(&house.s, done, violation);
        assert!(violation.contains("taken, and then"), "{violation}");
    }
}
