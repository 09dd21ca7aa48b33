//! The AI answers while a person takes over: whoever writes last, the AI says nothing once the chat is somebody's.

use livery::domain::conversation::Message;
use livery::domain::id::MessageId;

use super::*;

/// How the AI posts.
#[derive(Clone)]
enum Posting {
    /// As the product does.
    Product,
    /// The saboteur: looks whether the AI has the chat, then posts, without a condition.
    CheckThenPost(Raw),
}

impl Raw {
    /// Two statements that are right one by one.
    async fn speak(&self, conversation: &str, agency: &str, id: &str) -> Result<(), sqlx::Error> {
        const NEXT: &str =
            "update conversations set last_seq = last_seq + 1, version = version + 1 where id = $1 returning last_seq";
        const ENTRY: &str = "insert into messages (conversation_id, seq, id, agency_id, kind, author_kind, text, offers_human, \
                             sources, created_at) values ($1, $2, $3, $4, 'TEXT', 'AI', 'We are open on Sunday.', false, '', 0)";
        macro_rules! run {
            ($pool:expr) => {{
                let seq: i64 = sqlx::query_scalar(NEXT).bind(conversation).fetch_one($pool).await?;
                sqlx::query(ENTRY).bind(conversation).bind(seq).bind(id).bind(agency).execute($pool).await?;
            }};
        }
        match self {
            Self::Sqlite(pool) => run!(pool),
            Self::Postgres(pool) => run!(pool),
        }
        Ok(())
    }
}

/// The next question to the AI; what requests leave to be done, such as the steps of ladders, is passed over.
async fn question(s: &Services) -> job::Job {
    loop {
        let job = job::lease(s, 1, Duration::from_secs(600)).await.expect("a look").pop().expect("a job");
        if job.kind == conversation::ANSWER_JOB {
            return job;
        }
        job::finish(s, &job).await.expect("finished");
    }
}

/// Races until the plan is done: how many, in how many of them the AI spoke and in how many it did not, and what went wrong.
async fn answers(house: &House, lane: &Lane, plan: &Plan, posting: &Posting) -> Races {
    let (mut done, mut outcomes, mut handicap) = (0, [0, 0], Handicap::none());
    while plan.goes_on(done) {
        let asked =
            conversation::visitor_sends(&house.s, &lane.visitor, &format!("ask-{done}"), "When are you open?", &[])
                .await
                .expect("said");
        let job = question(&house.s).await;
        let task = answer::task(&house.s, &job).await.expect("a look").expect("the AI may speak");
        let actor = house.operators[done % OPERATORS].clone();
        let (s, t, operator, visitor) = (house.s.clone(), house.s.clone(), actor.clone(), lane.visitor.clone());
        let (conversation, round, posting) = (lane.conversation, done, posting.clone());
        let agency = actor.person().expect("a person").agency.to_string();
        let (posted, taken) = at_once(
            &handicap,
            |other| async move {
                let raw = match posting {
                    Posting::Product => {
                        let text = "We are open on Sunday.".to_owned();
                        let given = Answer { text, sources: Vec::new(), helped: true, wants_human: false };
                        return answer::post(&s, &job, &task, &given).await;
                    }
                    Posting::CheckThenPost(raw) => raw,
                };
                if raw.state(&conversation.to_string()).await.expect("a look") == "AI" {
                    other.wait().await;
                    let id: MessageId = s.ids.next(s.clock.now());
                    raw.speak(&conversation.to_string(), &agency, &id.to_string()).await.expect("said");
                }
                job::finish(&s, &job).await
            },
            // In turn: unasked, and after a request.
            async move {
                if round.is_multiple_of(2) {
                    return handoff::intervene(&t, &operator, conversation).await.map(|_| ());
                }
                let row = handoff::request(&t, &visitor, &format!("race-{round}"), None).await?;
                let id = row.handoff.ok_or_else(|| Error::not_found("handoff"))?;
                handoff::accept(&t, &operator, id).await.map(|_| ())
            },
        )
        .await;
        posted.expect("the job is finished, whether or not the AI still spoke");
        taken.expect("nothing holds a human up");
        handoff::complete(&house.s, &actor, lane.conversation).await.expect("completed");
        let entries = visitor::messages(&house.s, &lane.visitor, None, 10).await.expect("entries").rows;
        let since: Vec<Message> = entries.into_iter().filter(|entry| entry.seq > asked.seq).collect();
        let spoke = since.iter().position(|entry| entry.author_kind == AuthorKind::Ai);
        done += 1;
        if spoke.is_some_and(|at| at > 0) {
            let kinds: Vec<_> = since.iter().map(|entry| (entry.kind, entry.author_kind)).collect();
            return (done, outcomes, Some(format!("race {done}: the AI spoke after it had lost the chat: {kinds:?}")));
        }
        handicap.won(spoke.is_some());
        outcomes[usize::from(spoke.is_none())] += 1;
    }
    (done, outcomes, None)
}

both! {
    async fn the_ai_never_speaks_after_a_human_has_taken_over(database) {
        let house = House::open(database).await;
        let lane = house.lane(1).await;
        let began = Instant::now();
        let (done, outcomes, violation) = answers(&house, &lane, &Plan::new(SMALL.0, SMALL.1), &Posting::Product).await;
        assert_eq!(violation, None);
        // What the requests left for the ladder is nobody's here; no question is left.
        while let Some(job) = job::lease(&house.s, 1, Duration::from_secs(600)).await.expect("a look").pop() {
            assert_ne!(job.kind, conversation::ANSWER_JOB);
            job::finish(&house.s, &job).await.expect("finished");
        }
        told("of the AI and a human", &house.s, done, outcomes, began);
        house.close().await;
    }
}

both! {
    async fn an_ai_that_looks_first_and_then_speaks_fails_the_same_test(database) {
        let house = House::open(database).await;
        let lane = house.lane(1).await;
        let posting = Posting::CheckThenPost(Raw::open(&house.database).await);
        let (done, _, violation) = answers(&house, &lane, &Plan::new(SMALL.0, Duration::from_secs(40)), &posting).await;
        caught(&house.s, done, violation);
    }
}
