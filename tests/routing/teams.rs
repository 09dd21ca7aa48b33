//! Looking after teams.

use serde_json::json;

use super::{organization_of, team, user_of};
use crate::support::app::client_id;
use crate::support::{App, both};

const CREATE: &str = "mutation($c: String!, $o: ID!, $n: String!, $t: [String!]) {
    createTeam(clientId: $c, organizationId: $o, name: $n, topics: $t) { id name topics members { name } } }";
const TEAMS: &str = "query($o: ID!) { teams(organizationId: $o) { id name topics members { name } } }";

both! {
    async fn teams_are_made_changed_and_removed_by_whoever_edits_routing(database) {
        let app = App::start(database).await;
        let (owner, operator) = (app.sign_in("owner@bluebakery.test").await, app.operator().await);
        let organization = organization_of(&owner).await;
        let client = client_id();
        let variables = json!({ "c": client, "o": organization, "n": "Invoices", "t": ["invoice", "invoice", "refund"] });
        let made = owner.ask(CREATE, variables.clone()).await["createTeam"].clone();
        assert_eq!(made["topics"], json!(["invoice", "refund"]));
        assert_eq!(owner.ask(CREATE, variables).await["createTeam"]["id"], made["id"], "a retry is no second one");
        let again = json!({ "c": client_id(), "o": organization, "n": "Invoices" });
        assert_eq!(owner.refused(CREATE, again.clone()).await, "CONFLICT NAME_TAKEN");
        assert_eq!(operator.refused(CREATE, again).await, "FORBIDDEN MISSING_PERMISSION");
        let update = "mutation($t: ID!, $n: String!) { updateTeam(teamId: $t, name: $n, topics: [\"bill\"]) { name topics } }";
        let data = owner.ask(update, json!({ "t": made["id"], "n": "Money" })).await;
        assert_eq!(data["updateTeam"], json!({ "name": "Money", "topics": ["bill"] }));
        let add = "mutation($t: ID!, $u: ID!) { addTeamMember(teamId: $t, userId: $u) { members { name } } }";
        let data = owner.ask(add, json!({ "t": made["id"], "u": user_of(&operator).await })).await;
        assert_eq!(data["addTeamMember"]["members"], json!([{ "name": "Olivia Hart" }]));
        let viewer = user_of(&app.sign_in("viewer@bluebakery.test").await).await;
        assert_eq!(owner.refused(add, json!({ "t": made["id"], "u": viewer })).await, "CONFLICT CANNOT_ANSWER");
        let stranger = user_of(&app.stranger().await).await;
        assert_eq!(owner.refused(add, json!({ "t": made["id"], "u": stranger })).await, "NOT_FOUND NOT_FOUND");
        assert_eq!(operator.ask(TEAMS, json!({ "o": organization })).await["teams"][0]["name"], "Money", "operators see them");
        assert_eq!(app.stranger().await.refused(TEAMS, json!({ "o": organization })).await, "NOT_FOUND NOT_FOUND");
        let remove = "mutation($t: ID!, $u: ID!) { removeTeamMember(teamId: $t, userId: $u) { members { name } } }";
        let data = owner.ask(remove, json!({ "t": made["id"], "u": user_of(&operator).await })).await;
        assert_eq!(data["removeTeamMember"]["members"], json!([]));
        owner.ask("mutation($t: ID!) { deleteTeam(teamId: $t) }", json!({ "t": made["id"] })).await;
        assert_eq!(owner.ask(TEAMS, json!({ "o": organization })).await["teams"], json!([]));
        app.close().await;
    }
}

both! {
    async fn whoever_may_not_answer_any_more_is_no_member_of_a_team(database) {
        let app = App::start(database).await;
        let (owner, operator) = (app.sign_in("owner@bluebakery.test").await, app.operator().await);
        let organization = organization_of(&owner).await;
        team(&app, "Invoices", &[], &[&user_of(&operator).await]).await;
        let members = "query($o: ID!) { members(organizationId: $o, search: \"Olivia\") { nodes { id } } }";
        let id = owner.ask(members, json!({ "o": organization })).await["members"]["nodes"][0]["id"].clone();
        owner.ask("mutation($id: ID!) { suspendMember(membershipId: $id) { id } }", json!({ "id": id })).await;
        assert_eq!(owner.ask(TEAMS, json!({ "o": organization })).await["teams"][0]["members"], json!([]));
        app.close().await;
    }
}
