//! One inbox over all organizations (W07).

use livery::domain::change::Change;
use livery::domain::id::MembershipId;
use livery::store::access;
use serde_json::{Value, json};

use super::{SUSPEND, act, hire, organizations, raw, visitor_of, widget_of};
use crate::support::database::Database;
use crate::support::socket::Socket;
use crate::support::{App, both};

const FOLLOW: &str = "subscription { inboxEvents { __typename
    ... on InboxChanged { conversation { id state organization { name } handoff { state } } } } }";

/// The conversations that a snapshot tells, up to its end.
async fn snapshot(socket: &mut Socket) -> Vec<String> {
    let mut told = Vec::new();
    loop {
        let event = socket.event().await["inboxEvents"].clone();
        match event["__typename"].as_str() {
            Some("InboxSynced") => return told,
            Some("InboxChanged") => told.push(event["conversation"]["id"].as_str().expect("an id").to_owned()),
            _ => {}
        }
    }
}

/// Events until the conversation is in that state.
async fn seen(socket: &mut Socket, id: &str, state: &str) -> Value {
    let fits = |event: &Value| {
        let conversation = &event["inboxEvents"]["conversation"];
        conversation["id"] == id && conversation["state"] == state
    };
    socket.event_where(fits).await["inboxEvents"]["conversation"].clone()
}

async fn restarted(socket: &mut Socket) -> Vec<String> {
    socket.event_where(|event| event["inboxEvents"]["__typename"] == "InboxRestarted").await;
    snapshot(socket).await
}

/// Gives or takes an organization of limited staff, as the house does it.
async fn limit(
    app: &App,
    database: &Database,
    membership: MembershipId,
    agency: &str,
    organization: &str,
    given: bool,
) {
    let statement = match given {
        true => format!(
            "insert into membership_organizations (agency_id, membership_id, organization_id) values ('{agency}', '{membership}', '{organization}')"
        ),
        false => format!(
            "delete from membership_organizations where membership_id = '{membership}' and organization_id = '{organization}'"
        ),
    };
    raw::run(database, &statement).await.expect("changed");
    let mut unit = app.services.store.write().await.expect("a unit");
    access::raise_authority(&mut unit).await.expect("raised");
    unit.note(Change::Authority { user: None });
    unit.commit().await.expect("kept");
}

both! {
    async fn staff_have_one_inbox_over_all_their_organizations(database) {
        let raw_database = database.clone();
        let app = App::start(database).await;
        let (bakery, dental) = organizations(&app).await;
        let (bread, teeth) = (widget_of(&app, &bakery).await.0, widget_of(&app, &dental).await.0);
        let (hungry, first) = visitor_of(&app, &bread).await;
        hungry.says("bread").await;
        hungry.asks_for_human().await;
        let (owner, operator) = (app.owner().await, app.operator().await);
        let membership = hire(&app, "some@northlight.test", "agency.member", None, Some(&[&dental])).await;
        let some = app.sign_in("some@northlight.test").await;

        let (mut all, mut limited) = (owner.socket().await, some.socket().await);
        all.subscribe(FOLLOW, json!({})).await;
        limited.subscribe(FOLLOW, json!({})).await;
        assert_eq!(snapshot(&mut all).await, [first.as_str()]);
        assert_eq!(snapshot(&mut limited).await, [] as [String; 0]);
        let (sore, second) = visitor_of(&app, &teeth).await;
        sore.says("tooth").await;
        sore.asks_for_human().await;
        let told = seen(&mut all, &second, "REQUESTED").await;
        assert_eq!(told["organization"]["name"], "Harbor Dental");
        seen(&mut limited, &second, "REQUESTED").await;
        // Lists say the same as the stream.
        let lists = "{ handoffs(states: [REQUESTED]) { nodes { conversation { id } } } conversations { nodes { id } } }";
        let both = owner.ask(lists, json!({})).await;
        assert_eq!(both["handoffs"]["nodes"], json!([{ "conversation": { "id": first } }, { "conversation": { "id": second } }]));
        assert_eq!(both["conversations"]["nodes"].as_array().map(Vec::len), Some(2));
        let one = some.ask(lists, json!({})).await;
        assert_eq!(one["handoffs"]["nodes"], json!([{ "conversation": { "id": second } }]));

        // Given another organization while the stream is open: all of it is told anew, and it is live there.
        let agency = membership.agency.to_string();
        limit(&app, &raw_database, membership.id, &agency, &bakery, true).await;
        let mut told = restarted(&mut limited).await;
        told.sort();
        let mut expected = [first.clone(), second.clone()];
        expected.sort();
        assert_eq!(told, expected);
        operator.accepts(&first).await;
        seen(&mut limited, &first, "HUMAN").await;
        // Taken away: it is forgotten, and nothing of it comes any more.
        limit(&app, &raw_database, membership.id, &agency, &bakery, false).await;
        assert_eq!(restarted(&mut limited).await, [second.as_str()]);
        operator.replies(&first, "Not for their eyes").await;
        operator.ask("mutation($id: ID!) { completeConversation(conversationId: $id) { id } }", json!({ "id": first })).await;
        sore.says("still sore").await;
        let next = limited.event().await["inboxEvents"]["conversation"]["id"].clone();
        assert_eq!(next, json!(second), "the first thing heard is their own");
        // Suspended while the stream is open: what was open there ends.
        act(&owner, SUSPEND, &dental).await;
        assert_eq!(seen(&mut all, &second, "AI").await["handoff"]["state"], "CANCELLED");
        assert_eq!(seen(&mut limited, &second, "AI").await["handoff"]["state"], "CANCELLED");
        let mut again = owner.socket().await;
        again.subscribe(FOLLOW, json!({})).await;
        assert_eq!(snapshot(&mut again).await, [] as [String; 0]);
        // Taken the last one: there is nothing left to follow.
        limit(&app, &raw_database, membership.id, &agency, &dental, false).await;
        assert_eq!(restarted(&mut limited).await, [] as [String; 0]);
        app.close().await;
    }
}
