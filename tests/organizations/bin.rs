//! Deleting, restoring, and taking away for good.

use std::collections::BTreeSet;
use std::time::Duration;

use livery::service::organization;
use livery::store::organization::PURGED;
use serde_json::json;

use super::{DELETE, RESTORE, RESUME, SUSPEND, act, hire, organizations, raw, text, visitor_of, widget_of};
use crate::support::{App, both};

const DAY: Duration = Duration::from_secs(24 * 3600);

both! {
    async fn a_deleted_organization_is_gone_and_comes_back_as_it_was(database) {
        let app = App::start(database).await;
        let (owner, operator, admin) = (app.owner().await, app.operator().await, {
            hire(&app, "admin@northlight.test", "agency.admin", None, None).await;
            app.sign_in("admin@northlight.test").await
        });
        let (bakery, _) = organizations(&app).await;
        let (widget, agent) = widget_of(&app, &bakery).await;
        let (visitor, conversation) = app.visitor().await;
        visitor.says("hello").await;
        visitor.asks_for_human().await;
        operator.accepts(&conversation).await;
        let wrong = "mutation($id: ID!) { deleteOrganization(organizationId: $id, name: \"Blue\") { id } }";
        assert_eq!(owner.refused(wrong, json!({ "id": bakery })).await, "INVALID NAME_DIFFERS");
        let delete = format!("mutation($id: ID!) {{ {DELETE} {{ id }} }}");
        assert_eq!(admin.refused(&delete, json!({ "id": bakery })).await, "FORBIDDEN MISSING_PERMISSION");
        act(&owner, SUSPEND, &bakery).await;
        assert_eq!(act(&owner, DELETE, &bakery).await["state"], "DELETED");
        // Gone from lists and by id, with all that is its; except for whoever may take it out again.
        for (client, refused) in [(&admin, "NOT_FOUND NOT_FOUND"), (&operator, "NOT_FOUND NOT_FOUND")] {
            for (document, id) in [
                ("query($id: ID!) { organization(id: $id) { id } }", &bakery),
                ("query($id: ID!) { conversation(id: $id) { id } }", &conversation),
                ("query($id: ID!) { aiAgent(id: $id) { id } }", &agent),
                ("query($id: ID!) { conversations(organizationId: $id) { nodes { id } } }", &bakery),
            ] {
                assert_eq!(client.refused(document, json!({ "id": id })).await, refused, "{document}");
            }
        }
        let lists = "{ organizations { nodes { name } } conversations { nodes { id } } handoffs { nodes { id } } aiAgents { nodes { name } } }";
        let seen = owner.ask(lists, json!({})).await;
        assert_eq!(seen["organizations"]["nodes"], json!([{ "name": "Harbor Dental" }]));
        assert_eq!((&seen["conversations"]["nodes"], &seen["handoffs"]["nodes"]), (&json!([]), &json!([])));
        assert_eq!(seen["aiAgents"]["nodes"], json!([{ "name": "Molly" }]));
        let bin = "{ organizations(states: [DELETED]) { nodes { id state deletedAt purgeAt } } }";
        let found = owner.ask(bin, json!({})).await["organizations"]["nodes"][0].clone();
        assert_eq!((&found["id"], &found["state"]), (&json!(bakery), &json!("DELETED")));
        assert!(found["purgeAt"].as_str() > found["deletedAt"].as_str());
        assert_eq!(admin.refused(bin, json!({})).await, "FORBIDDEN MISSING_PERMISSION");
        let shown = app.post("/widget/graphql", None, "query($id: ID!) { widgetConfig(widgetId: $id) { available } }", json!({ "id": widget })).await;
        assert_eq!(shown.json["data"]["widgetConfig"]["available"], false);

        assert_eq!(act(&owner, RESTORE, &bakery).await["state"], "SUSPENDED", "as it was");
        act(&owner, RESUME, &bakery).await;
        let found = operator.ask("query($id: ID!) { conversation(id: $id) { state handoff { state closedBecause } } }", json!({ "id": conversation })).await;
        assert_eq!(found["conversation"]["handoff"], json!({ "state": "CANCELLED", "closedBecause": "ORGANIZATION_SUSPENDED" }));
        visitor.says("I am back").await;
        app.close().await;
    }
}

both! {
    async fn after_thirty_days_it_is_taken_away_and_nobody_loses_an_account(database) {
        let raw_database = database.clone();
        let app = App::start(database).await;
        let owner = app.owner().await;
        let (bakery, dental) = organizations(&app).await;
        let (widget, agent) = widget_of(&app, &bakery).await;
        let (other, kept) = visitor_of(&app, &widget_of(&app, &dental).await.0).await;
        other.says("at the dentist's").await;
        let (visitor, gone) = app.visitor().await;
        visitor.asks_the_ai("hello").await;
        visitor.asks_for_human().await;
        // More conversations than one unit takes away.
        for _ in 0..3 {
            visitor_of(&app, &widget).await;
        }
        hire(&app, "limited@northlight.test", "agency.member", None, Some(&[&bakery, &dental])).await;
        act(&owner, DELETE, &bakery).await;
        app.later(29 * DAY);
        assert_eq!(organization::purge(&app.services).await.expect("a purge"), 0, "not yet");
        app.later(2 * DAY);
        let owner = app.owner().await;
        let late = owner.refused(&format!("mutation($id: ID!) {{ {RESTORE} {{ id }} }}"), json!({ "id": bakery })).await;
        assert_eq!(late, "CONFLICT TOO_LATE");
        assert_eq!(organization::purge(&app.services).await.expect("a purge"), 1);
        assert_eq!(organization::purge(&app.services).await.expect("a purge"), 0);
        assert_eq!(owner.refused("query($id: ID!) { organization(id: $id) { id } }", json!({ "id": bakery })).await, "NOT_FOUND NOT_FOUND");
        for table in ["memberships", "conversations", "handoffs", "membership_organizations"] {
            let left = raw::count(&raw_database, &format!("select count(*) from {table} where organization_id = '{bakery}'")).await;
            assert_eq!(left, 0, "{table}");
        }
        assert_eq!(raw::count(&raw_database, &format!("select count(*) from messages where conversation_id = '{gone}'")).await, 0);
        assert!(raw::count(&raw_database, &format!("select count(*) from messages where conversation_id = '{kept}'")).await > 0);
        assert_eq!(raw::count(&raw_database, &format!("select count(*) from visitors where widget_id = '{widget}'")).await, 0);
        assert!(raw::count(&raw_database, &format!("select count(*) from audit_entries where organization_id = '{bakery}'")).await > 0);
        // The people keep their accounts, and the AI agent is nobody's.
        let sign_in = "mutation { signIn(email: \"operator1@bluebakery.test\", password: \"demo-demo-demo\") { accessToken } }";
        assert_eq!(app.anonymous().refused(sign_in, json!({})).await, "UNAUTHENTICATED NO_MEMBERSHIP");
        let found = owner.ask("query($id: ID!) { aiAgent(id: $id) { name organization { id } handoff { enabled } } }", json!({ "id": agent })).await;
        assert_eq!(found["aiAgent"], json!({ "name": "Crumb", "organization": null, "handoff": { "enabled": false } }));
        let log = owner.ask("{ auditEntries(filter: { action: \"organization.purge\" }) { nodes { summary organization { id } actor { kind } } } auditCheck { whole } }", json!({})).await;
        assert_eq!(text(&log, "/auditEntries/nodes/0/summary"), "The system took the organization Blue Bakery away for good.");
        assert_eq!((&log["auditEntries"]["nodes"][0]["organization"], &log["auditCheck"]["whole"]), (&json!(null), &json!(true)));
        app.close().await;
    }
}

/// What belongs to an organization and goes with it has to be named where it is taken away.
#[tokio::test]
async fn every_table_that_hangs_on_an_organization_is_purged() {
    // Conversations have a function of their own with their visitors; the other two stay.
    const ELSEWHERE: [&str; 4] = ["conversations", "visitors", "ai_agents", "audit_entries"];
    let database = crate::support::database::Database::sqlite();
    let app = App::start(database.clone()).await;
    app.close().await;
    let named: BTreeSet<&str> = PURGED.iter().map(|(table, _)| *table).chain(ELSEWHERE).collect();
    let hanging = "select distinct t.name from pragma_table_list t join pragma_table_xinfo(t.name) c \
                   where t.schema = 'main' and t.type = 'table' and c.name = 'organization_id' \
                   union select distinct t.name from pragma_table_list t join pragma_foreign_key_list(t.name) f \
                   where t.schema = 'main' and t.type = 'table' \
                   and f.\"table\" in ('organizations', 'memberships', 'conversations', 'messages', 'handoffs', 'mails')";
    let missing: Vec<String> =
        raw::texts(&database, hanging).await.into_iter().filter(|table| !named.contains(table.as_str())).collect();
    assert!(missing.is_empty(), "store::organization::PURGED does not say what becomes of {missing:?}");
}
