//! Who is told that a visitor waits (W05, A10, S135-S142).

use livery::domain::mail::MailState;
use livery::service::job as leased;
use livery::service::ladder::{STEP_JOB, take_step};
use livery::store::mail as kept;
use serde_json::json;

use super::{mails, seconds, steps, until_state, until_steps, written_to};
use crate::mail::app_with;
use crate::matrix::create_package;
use crate::organizations::{hire, organizations};
use crate::support::app::client_id;
use crate::support::smtp::{MailServer, Mode, Read};
use crate::support::{App, both, until};

const TEAM: [&str; 2] = ["operator1@bluebakery.test", "operator2@bluebakery.test"];

const UPDATE: &str = "mutation($o: ID, $s: [EscalationStepInput!], $r: Int) {
    updateEscalationLadder(organizationId: $o, steps: $s, repeatSeconds: $r) { origin repeatSeconds editable steps { afterSeconds whom address channels } } }";
const READ: &str = "query($o: ID) { escalationLadder(organizationId: $o) { origin repeatSeconds editable steps { afterSeconds whom } } }";

/// Everybody who was written that somebody asks for a person.
async fn team(app: &App) -> Vec<String> {
    until(async || Some(written_to(app, "handoff_requested").await).filter(|to| !to.is_empty())).await
}

both! {
    async fn the_team_is_told_at_once_and_again_and_then_the_request_is_missed(database) {
        let app = App::start(database).await;
        let (visitor, conversation) = app.visitor().await;
        visitor.asks_the_ai("Do you bake on Sundays?").await;
        visitor.asks_for_human().await;
        let operator = app.operator().await;
        let (state, first) = until_steps(&operator, &conversation, 2).await;
        let people = team(&app).await;
        assert!(TEAM.iter().all(|one| people.contains(&(*one).to_owned())), "{people:?}");
        assert!(people.iter().all(|to| to.ends_with("@bluebakery.test") && !to.starts_with("viewer")), "{people:?}");
        let mailed = format!("TEAM EMAIL MAILED {}", people.len());
        assert_eq!((state.as_str(), first), ("REQUESTED REQUESTED", vec!["TEAM RING RANG 0".to_owned(), mailed.clone()]));
        // Name and info, the AI agent, the words, and the way to Live Chats on the agency's own host.
        let mail = mails(&app, "handoff_requested").await.pop().expect("a mail");
        assert_eq!(mail.subject.as_str(), "A visitor asks for a person at Blue Bakery");
        for part in ["Crumb", "Firefox on Linux", "“Do you bake on Sundays?”"] {
            assert!(mail.text.contains(part) && mail.html.contains(part), "{part}: {}", mail.text);
        }
        let link = format!("http://northlight.localhost:8080/live-chats/{conversation}");
        assert!(mail.text.contains(&link) && mail.html.contains(&link), "{}", mail.text);

        app.later(seconds(301));
        let (_, again) = until_steps(&operator, &conversation, 4).await;
        assert_eq!(again[2..], ["TEAM RING RANG 0".to_owned(), mailed]);
        let waiting = mails(&app, "handoff_waiting").await;
        assert_eq!(waiting.len(), people.len());
        assert!(waiting[0].subject.as_str().contains("has been waiting for 5 minutes"), "{}", waiting[0].subject.as_str());

        app.later(seconds(600));
        let operator = app.operator().await;
        let all = until_state(&operator, &conversation, "MISSED MISSED", 5).await;
        assert_eq!(all[4], format!("OFFLINE_QUERY - MISSED {}", people.len()));
        assert_eq!(written_to(&app, "handoff_missed").await, people);
        // The visitor is told, and the AI has the chat again.
        let document = "{ session { conversation { state messages { nodes { kind } } } } }";
        let seen = visitor.ask(document, json!({})).await["session"]["conversation"].clone();
        assert_eq!((&seen["state"], &seen["messages"]["nodes"][3]["kind"]), (&json!("MISSED"), &json!("MISSED")));
        visitor.asks_the_ai("And on Mondays?").await;
        assert_eq!(steps(&operator, &conversation).await.0, "AI MISSED");
        // Nothing follows.
        app.later(seconds(86_400));
        let operator = app.operator().await;
        assert_eq!(steps(&operator, &conversation).await.1.len(), 5);
        app.close().await;
    }
}

both! {
    async fn nothing_more_is_told_once_somebody_has_accepted_or_the_visitor_has_withdrawn(database) {
        let app = App::start(database).await;
        let (visitor, conversation) = app.visitor().await;
        visitor.says("hello").await;
        visitor.asks_for_human().await;
        let operator = app.operator().await;
        until_steps(&operator, &conversation, 2).await;
        operator.accepts(&conversation).await;
        let (other, withdrawn) = app.visitor().await;
        other.says("hello").await;
        other.asks_for_human().await;
        until_steps(&operator, &withdrawn, 2).await;
        other.ask("mutation { cancelHandoff { state } }", json!({})).await;
        app.later(seconds(301));
        let (_, claimed) = until_steps(&operator, &conversation, 4).await;
        assert_eq!(claimed[2..], ["TEAM RING CLAIMED 0", "TEAM EMAIL CLAIMED 0"]);
        let (_, cancelled) = until_steps(&operator, &withdrawn, 4).await;
        assert_eq!(cancelled[2..], ["TEAM RING CANCELLED 0", "TEAM EMAIL CANCELLED 0"]);
        assert!(mails(&app, "handoff_waiting").await.is_empty());
        // Given back, it begins anew.
        let release = "mutation($id: ID!) { releaseConversation(conversationId: $id) { state } }";
        operator.ask(release, json!({ "id": conversation })).await;
        let (state, anew) = until_steps(&operator, &conversation, 6).await;
        assert_eq!(state, "REQUESTED REQUESTED");
        assert!(anew[4] == "TEAM RING RANG 0" && anew[5].starts_with("TEAM EMAIL MAILED "), "{anew:?}");
        app.later(seconds(301));
        let operator = app.operator().await;
        let (_, again) = until_steps(&operator, &conversation, 8).await;
        assert!(again[7].starts_with("TEAM EMAIL MAILED "), "{again:?}");
        app.close().await;
    }
}

both! {
    async fn a_mail_that_nobody_needs_any_more_is_dropped(database) {
        let server = MailServer::start(Mode::Greets("421 not now")).await;
        let app = app_with(database, Some(&format!("{}?tls=none", server.url())), &[], &[]).await;
        let (visitor, conversation) = app.visitor().await;
        visitor.says("hello").await;
        visitor.asks_for_human().await;
        let operator = app.operator().await;
        until_steps(&operator, &conversation, 2).await;
        let owner = app.owner().await;
        let states = async |wanted: &str| {
            let data = owner.ask("{ mails(first: 100) { nodes { kind state attempts } } }", json!({})).await;
            let all = data["mails"]["nodes"].as_array().expect("mails").clone();
            let ours: Vec<_> = all.into_iter().filter(|mail| mail["kind"] == "handoff_requested").collect();
            (!ours.is_empty() && ours.iter().all(|mail| mail["state"] == wanted && mail["attempts"].as_i64() > Some(0))).then_some(())
        };
        until(async || states("QUEUED").await).await;
        operator.accepts(&conversation).await;
        server.set(Mode::Good);
        app.later(seconds(400));
        until(async || states("DROPPED").await).await;
        assert!(server.taken().is_empty(), "nobody was written");
        app.close().await;
    }
}

both! {
    async fn a_step_whose_worker_died_is_taken_once(database) {
        let server = MailServer::start(Mode::Good).await;
        let app = app_with(database, Some(&format!("{}?tls=none", server.url())), &[], &[]).await;
        let (visitor, conversation) = app.visitor().await;
        visitor.says("hello").await;
        visitor.asks_for_human().await;
        let operator = app.operator().await;
        let (_, first) = until_steps(&operator, &conversation, 2).await;
        let people: usize = first[1].rsplit(' ').next().expect("a count").parse().expect("a number");
        until(async || (server.taken().len() == people).then_some(())).await;
        // The second step is leased by a worker that dies over it; its lease runs out, and another takes the step. The first
        // one, not quite dead, comes late.
        app.later(seconds(301));
        let s = &app.services;
        let late = until(async || {
            let all = leased::lease(s, 10, seconds(1)).await.expect("a look");
            all.into_iter().find(|job| job.kind == STEP_JOB)
        });
        // The app's own worker may be faster: then there is nothing left to take, which is as good.
        let late = tokio::time::timeout(seconds(3), late).await.ok();
        until_steps(&operator, &conversation, 4).await;
        if let Some(late) = late {
            take_step(s, &late).await.expect("nothing to do");
        }
        until(async || (server.taken().len() == 2 * people).then_some(())).await;
        let (_, all) = steps(&operator, &conversation).await;
        assert_eq!(all.len(), 4, "{all:?}");
        let mut to: Vec<String> = server.taken().into_iter().flat_map(|mail| mail.to).collect();
        to.sort();
        assert!(to.chunks(2).all(|pair| pair[0] == pair[1]), "each was written once for each step: {to:?}");
        let mail = Read::of(&server.mail(people).await.data);
        assert!(mail.words("subject").contains("has been waiting for 5 minutes"), "{}", mail.words("subject"));
        assert_eq!(mail.header("auto-submitted"), "auto-generated");
        app.close().await;
    }
}

both! {
    async fn who_is_told_and_what_they_may_know(database) {
        let app = App::start(database).await;
        let owner = app.owner().await;
        let (bakery, dental) = organizations(&app).await;
        // One who may answer and not see addresses; one limited to another AI agent; one who is suspended; staff everywhere.
        let blind = create_package(&owner, "Blind", "ORGANIZATION", &["home.view", "live_chat.view_queue", "live_chat.respond"]).await;
        hire(&app, "blind@bluebakery.test", &blind, Some(&bakery), None).await;
        let limited = hire(&app, "limited@bluebakery.test", "organization.operator", Some(&bakery), None).await;
        let create = "mutation($c: String!, $o: ID) { createAiAgent(clientId: $c, name: \"Other\", organizationId: $o) { id } }";
        let made = owner.ask(create, json!({ "c": client_id(), "o": bakery })).await["createAiAgent"]["id"].clone();
        owner.ask("mutation($m: ID!) { limitMemberToAiAgents(membershipId: $m, limited: true) { id } }", json!({ "m": limited.id.to_string() })).await;
        owner.ask("mutation($m: ID!, $a: ID!) { addMemberAiAgent(membershipId: $m, aiAgentId: $a) { id } }", json!({ "m": limited.id.to_string(), "a": made })).await;
        let resting = hire(&app, "resting@bluebakery.test", "organization.operator", Some(&bakery), None).await;
        owner.ask("mutation($m: ID!) { suspendMember(membershipId: $m) { id } }", json!({ "m": resting.id.to_string() })).await;
        hire(&app, "near@northlight.test", "agency.member", None, Some(&[&bakery])).await;
        hire(&app, "far@northlight.test", "agency.member", None, Some(&[&dental])).await;
        let ladder = json!([
            { "afterSeconds": 0, "whom": "TEAM", "channels": ["EMAIL"] },
            { "afterSeconds": 60, "whom": "SUPERVISORS", "channels": ["EMAIL"] },
            { "afterSeconds": 120, "whom": "AGENCY", "channels": ["EMAIL", "RING"] },
            { "afterSeconds": 180, "whom": "ADDRESS", "address": "Desk@Partner.test", "channels": ["EMAIL"] },
        ]);
        owner.ask(UPDATE, json!({ "o": bakery, "s": ladder, "r": 600 })).await;
        let (visitor, conversation) = app.visitor().await;
        visitor.says("a secret of mine").await;
        let ask = "mutation($c: String!) { requestHandoff(clientId: $c, name: \"Vera\", email: \"vera@visitor.test\") { state } }";
        visitor.ask(ask, json!({ "c": client_id() })).await;
        until_steps(&owner, &conversation, 1).await;
        let team = written_to(&app, "handoff_requested").await;
        for (who, told) in [("operator1@bluebakery.test", true), ("blind@bluebakery.test", true), ("near@northlight.test", true),
            ("limited@bluebakery.test", false), ("resting@bluebakery.test", false), ("far@northlight.test", false),
            ("owner@northlight.test", false), ("viewer@bluebakery.test", false)] {
            assert_eq!(team.contains(&who.to_owned()), told, "{who}: {team:?}");
        }
        let to = async |kind: &str, who: &str| mails(&app, kind).await.into_iter().find(|mail| mail.to == who).expect("a mail");
        let seeing = to("handoff_requested", "operator1@bluebakery.test").await;
        assert!(seeing.text.contains("Vera") && seeing.text.contains("vera@visitor.test") && seeing.text.contains("a secret of mine"));
        let masked = to("handoff_requested", "blind@bluebakery.test").await;
        assert!(masked.text.contains("Vera") && masked.text.contains("v•••@v•••.test"), "{}", masked.text);
        for hidden in ["vera@visitor.test", "a secret of mine"] {
            assert!(!format!("{}{}", masked.text, masked.html).contains(hidden), "{}", masked.text);
        }
        app.later(seconds(61));
        until_steps(&owner, &conversation, 2).await;
        let supervisors = written_to(&app, "handoff_waiting").await;
        assert!(!supervisors.contains(&"operator1@bluebakery.test".to_owned()), "{supervisors:?}");
        app.later(seconds(60));
        let owner = app.owner().await;
        until_steps(&owner, &conversation, 4).await;
        let agency = written_to(&app, "handoff_waiting").await;
        assert!(agency.contains(&"owner@northlight.test".to_owned()), "{agency:?}");
        app.later(seconds(60));
        until_steps(&owner, &conversation, 5).await;
        let outside = to("handoff_waiting", "desk@partner.test").await;
        assert!(!outside.text.contains("a secret of mine") && outside.text.contains("v•••@v•••.test"), "{}", outside.text);
        // The last step comes again, until somebody accepts.
        app.later(seconds(600));
        let owner = app.owner().await;
        let (state, all) = until_steps(&owner, &conversation, 6).await;
        assert_eq!((state.as_str(), all[5].as_str()), ("REQUESTED REQUESTED", "ADDRESS EMAIL MAILED 1"));
        app.close().await;
    }
}

both! {
    async fn a_ladder_is_the_organizations_own_the_agencys_or_the_platforms(database) {
        let app = App::start(database).await;
        let (owner, operator, stranger) = (app.owner().await, app.operator().await, app.stranger().await);
        let (bakery, dental) = organizations(&app).await;
        let read = async |organization: Option<&str>| {
            let data = owner.ask(READ, json!({ "o": organization })).await["escalationLadder"].clone();
            let after: Vec<i64> = data["steps"].as_array().expect("steps").iter().filter_map(|step| step["afterSeconds"].as_i64()).collect();
            (data["origin"].as_str().expect("an origin").to_owned(), after)
        };
        assert_eq!(read(Some(&bakery)).await, ("PLATFORM".to_owned(), vec![0, 300, 900]));
        let once = |after: i64| json!([{ "afterSeconds": after, "whom": "TEAM", "channels": ["RING"] }]);
        owner.ask(UPDATE, json!({ "s": once(7) })).await;
        assert_eq!(read(Some(&bakery)).await, ("AGENCY".to_owned(), vec![7]));
        let changed = owner.ask(UPDATE, json!({ "o": bakery, "s": once(9), "r": 60 })).await["updateEscalationLadder"].clone();
        assert_eq!((&changed["origin"], &changed["repeatSeconds"], &changed["editable"]), (&json!("ORGANIZATION"), &json!(60), &json!(true)));
        assert_eq!(read(Some(&bakery)).await.1, [9]);
        assert_eq!(read(Some(&dental)).await, ("AGENCY".to_owned(), vec![7]));
        owner.ask(UPDATE, json!({ "o": bakery })).await;
        assert_eq!(read(Some(&bakery)).await, ("AGENCY".to_owned(), vec![7]));
        owner.ask(UPDATE, json!({})).await;
        assert_eq!(read(None).await, ("PLATFORM".to_owned(), vec![0, 300, 900]));
        // Who may, and what is a ladder.
        assert_eq!(operator.refused(UPDATE, json!({ "o": bakery, "s": once(1) })).await, "FORBIDDEN MISSING_PERMISSION");
        assert_eq!(stranger.refused(READ, json!({ "o": bakery })).await, "NOT_FOUND NOT_FOUND");
        let client = app.sign_in("owner@bluebakery.test").await;
        client.ask(UPDATE, json!({ "o": bakery, "s": once(1) })).await;
        let refused = client.post(UPDATE, json!({ "s": once(1) })).await.error();
        assert!(["NOT_FOUND NOT_FOUND", "FORBIDDEN MISSING_PERMISSION"].contains(&refused.as_str()), "{refused}");
        assert_eq!(owner.refused(UPDATE, json!({ "o": bakery, "s": [] })).await, "INVALID EMPTY");
        let backwards = json!([{ "afterSeconds": 9, "whom": "TEAM", "channels": ["RING"] }, { "afterSeconds": 1, "whom": "TEAM", "channels": ["RING"] }]);
        assert_eq!(owner.refused(UPDATE, json!({ "o": bakery, "s": backwards })).await, "INVALID NOT_IN_ORDER");
        let log = owner.ask("{ auditEntries(filter: { action: \"escalation_ladder.update\" }) { nodes { summary } } auditCheck { whole } }", json!({})).await;
        assert_eq!(log["auditEntries"]["nodes"].as_array().map(Vec::len), Some(5));
        assert_eq!(log["auditCheck"]["whole"], true);
        app.close().await;
    }
}

both! {
    async fn what_an_operator_has_not_seen_for_three_minutes_is_mailed_once(database) {
        let app = App::start(database).await;
        let (visitor, conversation) = app.visitor().await;
        visitor.says("hello").await;
        visitor.asks_for_human().await;
        let operator = app.operator().await;
        operator.accepts(&conversation).await;
        let read = "mutation($id: ID!, $seq: Int!) { markRead(conversationId: $id, seq: $seq) { unread } }";
        let seq = visitor.says("are you there?").await;
        operator.ask(read, json!({ "id": conversation, "seq": seq })).await;
        app.later(seconds(181));
        let jobs = async |app: &App| (leased::open(&app.services).await.expect("a look") == 0).then_some(());
        until(async || jobs(&app).await).await;
        assert!(mails(&app, "message_unseen").await.is_empty(), "it was seen");
        visitor.says("I am in a hurry").await;
        visitor.says("please").await;
        app.later(seconds(181));
        let mail = until(async || mails(&app, "message_unseen").await.pop()).await;
        assert_eq!((mail.to.as_str(), mail.subject.as_str()), ("operator1@bluebakery.test", "A visitor wrote to you at Blue Bakery"));
        assert!(mail.text.contains("“please”") && mail.text.contains(&format!("/live-chats/{conversation}")), "{}", mail.text);
        // Nothing more until they have looked.
        let last = visitor.says("hello?").await;
        app.later(seconds(181));
        until(async || jobs(&app).await).await;
        assert_eq!(mails(&app, "message_unseen").await.len(), 1);
        let operator = app.operator().await;
        operator.ask(read, json!({ "id": conversation, "seq": last })).await;
        visitor.says("still there?").await;
        app.later(seconds(181));
        until(async || (mails(&app, "message_unseen").await.len() == 2).then_some(())).await;
        let scope = livery::policy::Scope::system(crate::mail::agency_of(&app.owner().await).await, "a test");
        let newest = kept::newest_of(&mut app.services.store.read().await.expect("read"), &scope, "message_unseen").await.expect("a look");
        assert_eq!(newest.map(|mail| mail.state), Some(MailState::Sent));
        app.close().await;
    }
}
