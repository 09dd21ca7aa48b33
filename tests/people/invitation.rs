//! Invitations, and members that are created at once.

use std::time::Duration;

use serde_json::{Value, json};

use super::*;
use crate::support::both;

const DAY: Duration = Duration::from_secs(24 * 3600);
const OFFER: &str =
    "query($t: String!) { invitation(token: $t) { email name place role inviter hasAccount expiresAt } }";

both! {
    async fn somebody_is_invited_accepts_and_works_there(database) {
        let app = App::start(database).await;
        let owner = app.sign_in("owner@bluebakery.test").await;
        let bakery = organization_of(&owner).await;
        let variables = json!({ "c": "one", "o": bakery, "e": " New@Person.test ", "r": role("organization.operator") });
        let data = owner.ask(INVITE, variables.clone()).await;
        let invitation = &data["inviteMember"];
        assert_eq!((&invitation["email"], &invitation["state"]), (&json!("new@person.test"), &json!("OPEN")));
        assert_eq!(invitation["role"]["name"], "Operator");
        assert_eq!(invitation["invitedBy"]["name"], "Bruno Okafor");
        // A retry is the same invitation and no second letter.
        assert_eq!(owner.ask(INVITE, variables).await, data);
        assert_eq!(letters_to(&app, "new@person.test").await, ["invitation"]);
        let link = link_to(&app, "new@person.test").await;
        assert!(link.starts_with("/invitation?token="), "{link}");
        let token = token_of(&link);
        let offer = app.anonymous_post(OFFER, json!({ "t": token })).await.json["data"]["invitation"].clone();
        assert_eq!(offer["place"], "Blue Bakery");
        assert_eq!((&offer["role"], &offer["inviter"], &offer["hasAccount"]), (&json!("Operator"), &json!("Bruno Okafor"), &json!(false)));

        for weak in ["short", "password1", "new@person.test"] {
            let reply = app.anonymous_post(ACCEPT, json!({ "t": token, "n": "Nell", "p": weak })).await;
            assert_eq!(reply.error(), "INVALID PASSWORD_TOO_WEAK", "{weak}");
        }
        let reply = app.anonymous_post(ACCEPT, json!({ "t": token, "n": "Nell Fry", "p": "a fine password" })).await;
        assert!(reply.headers.contains_key("set-cookie"), "{}", reply.json);
        let viewer = &reply.json["data"]["acceptInvitation"]["viewer"];
        assert_eq!(viewer["user"], json!({ "name": "Nell Fry", "email": "new@person.test" }));
        assert_eq!(viewer["memberships"][0]["organization"]["name"], "Blue Bakery");
        let nell = client_of(&app, &reply, "acceptInvitation");
        let (visitor, conversation) = app.visitor().await;
        visitor.says("hello").await;
        visitor.asks_for_human().await;
        nell.accepts(&conversation).await;
        nell.replies(&conversation, "Nell here").await;
        // Once.
        let again = app.anonymous_post(ACCEPT, json!({ "t": token, "n": "Nell", "p": "a fine password" })).await;
        assert_eq!(again.error(), "NOT_FOUND INVITATION_SPENT");
        assert_eq!(app.anonymous_post(OFFER, json!({ "t": token })).await.error(), "NOT_FOUND INVITATION_SPENT");
        // Whoever belongs there already is not invited again, nor is whoever is invited.
        let again = json!({ "c": client_id(), "o": bakery, "e": "new@person.test", "r": role("organization.viewer") });
        assert_eq!(owner.refused(INVITE, again).await, "CONFLICT ALREADY_MEMBER");
        invite(&owner, Some(&bakery), "other@person.test", "organization.viewer").await;
        let again = json!({ "c": client_id(), "o": bakery, "e": "other@person.test", "r": role("organization.viewer") });
        assert_eq!(owner.refused(INVITE, again).await, "CONFLICT ALREADY_INVITED");
        app.close().await;
    }
}

both! {
    async fn a_link_is_dead_after_seven_days_after_a_new_one_and_after_it_was_withdrawn(database) {
        let app = App::start(database).await;
        let sign_in = async || app.sign_in("owner@bluebakery.test").await;
        let owner = sign_in().await;
        let bakery = organization_of(&owner).await;
        let (id, first) = invite(&owner, Some(&bakery), "a@person.test", "organization.viewer").await;
        let resend = "mutation($i: ID!) { resendInvitation(invitationId: $i) { state } }";
        let revoke = "mutation($i: ID!) { revokeInvitation(invitationId: $i) { state } }";
        owner.ask(resend, json!({ "i": id })).await;
        let second = token_of(&link_to(&app, "a@person.test").await);
        assert_ne!(first, second);
        let offer = async |token: &str| app.anonymous_post(OFFER, json!({ "t": token })).await;
        assert_eq!(offer(&first).await.error(), "NOT_FOUND INVITATION_SPENT");
        assert!(offer(&second).await.json["errors"].is_null());
        app.later(DAY * 7 - Duration::from_secs(60));
        assert!(offer(&second).await.json["errors"].is_null());
        app.later(Duration::from_secs(60));
        assert_eq!(offer(&second).await.error(), "NOT_FOUND INVITATION_SPENT");
        let late = app.anonymous_post(ACCEPT, json!({ "t": second, "n": "A", "p": "a fine password" })).await;
        assert_eq!(late.error(), "NOT_FOUND INVITATION_SPENT");
        let owner = sign_in().await;
        let list = "query($o: ID) { invitations(organizationId: $o) { nodes { email state } } }";
        let listed = owner.ask(list, json!({ "o": bakery })).await;
        assert_eq!(listed["invitations"]["nodes"], json!([{ "email": "a@person.test", "state": "EXPIRED" }]));
        // One that ran out stands in nobody's way.
        let (id, third) = invite(&owner, Some(&bakery), "a@person.test", "organization.viewer").await;
        let revoked = owner.ask(revoke, json!({ "i": id })).await;
        assert_eq!(revoked["revokeInvitation"]["state"], "REVOKED");
        assert_eq!(offer(&third).await.error(), "NOT_FOUND INVITATION_SPENT");
        assert_eq!(owner.refused(resend, json!({ "i": id })).await, "CONFLICT INVITATION_SPENT");
        // All dead links, and those that never were, get the same answer.
        let answers = [plain(&offer(&first).await), plain(&offer(&third).await), plain(&offer("never").await)];
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
        app.close().await;
    }
}

both! {
    async fn an_account_of_the_agency_is_used_again_and_asks_for_its_password(database) {
        let app = App::start(database).await;
        let owner = app.owner().await;
        let data = owner.ask("{ organizations { nodes { id name } } }", json!({})).await;
        let dental = data["organizations"]["nodes"][1]["id"].as_str().expect("an id").to_owned();
        let email = "operator1@bluebakery.test";
        let (_, token) = invite(&owner, Some(&dental), email, "organization.viewer").await;
        let offer = app.anonymous_post(OFFER, json!({ "t": token })).await;
        assert_eq!(offer.json["data"]["invitation"]["hasAccount"], true);
        let wrong = app.anonymous_post(ACCEPT, json!({ "t": token, "n": "Mallory", "p": "a fine password" })).await;
        assert_eq!(wrong.error(), "UNAUTHENTICATED WRONG_CREDENTIALS");
        let right = app.anonymous_post(ACCEPT, json!({ "t": token, "p": "demo-demo-demo" })).await;
        let viewer = &right.json["data"]["acceptInvitation"]["viewer"];
        assert_eq!(viewer["user"]["name"], "Olivia Hart", "nobody is renamed by an invitation");
        let places: Vec<&str> = viewer["memberships"].as_array().expect("two").iter().filter_map(|m| m["organization"]["name"].as_str()).collect();
        assert_eq!(places, ["Blue Bakery", "Harbor Dental"]);
        // Another agency's account with the same address is another account.
        let southpaw = app.sign_in("owner@southpaw.test").await;
        let (_, token) = invite(&southpaw, None, email, "agency.admin").await;
        let offer = app.anonymous_post(OFFER, json!({ "t": token })).await;
        assert_eq!(offer.json["data"]["invitation"]["hasAccount"], false);
        app.close().await;
    }
}

both! {
    async fn nobody_gives_what_they_lack_not_even_later(database) {
        let app = App::start(database).await;
        let (agency, owner) = (app.owner().await, app.sign_in("owner@bluebakery.test").await);
        let bakery = organization_of(&owner).await;
        let admin = newcomer(&owner, &bakery, "admin@person.test", "organization.admin").await;
        let wish = |o: Value, e: &str, key: &str| json!({ "c": client_id(), "o": o, "e": e, "r": role(key) });
        // An agency's role is not for an organization, and the staff is out of a client's reach.
        assert_eq!(owner.refused(INVITE, wish(json!(bakery), "x@person.test", "agency.admin")).await, "INVALID ROLE_NOT_FOR_THIS");
        assert_eq!(owner.refused(INVITE, wish(Value::Null, "x@person.test", "agency.admin")).await, "NOT_FOUND NOT_FOUND");
        assert_eq!(agency.refused(INVITE, wish(Value::Null, "x@person.test", "organization.viewer")).await, "INVALID ROLE_NOT_FOR_THIS");
        // An agency's admin lacks what an owner has.
        let (_, token) = invite(&agency, None, "second@northlight.test", "agency.admin").await;
        let reply = app.anonymous_post(ACCEPT, json!({ "t": token, "n": "Second", "p": "a fine password" })).await;
        let second = client_of(&app, &reply, "acceptInvitation");
        assert_eq!(second.refused(INVITE, wish(Value::Null, "x@person.test", "agency.owner")).await, "FORBIDDEN CANNOT_GRANT");
        let boss = membership(&second, None, "owner@northlight.test").await;
        let demote = "mutation($m: ID!, $r: ID!) { setMemberRole(membershipId: $m, roleId: $r) { id } }";
        let variables = json!({ "m": boss, "r": role("agency.admin") });
        assert_eq!(second.refused(demote, variables).await, "FORBIDDEN CANNOT_CHANGE");
        let remove = "mutation($m: ID!) { removeMember(membershipId: $m) }";
        assert_eq!(second.refused(remove, json!({ "m": boss })).await, "FORBIDDEN CANNOT_CHANGE");

        // The right is asked again when the invitation is used.
        let (_, token) = invite(&admin, Some(&bakery), "late@person.test", "organization.supervisor").await;
        let id = membership(&owner, Some(&bakery), "admin@person.test").await;
        owner.ask(demote, json!({ "m": id, "r": role("organization.viewer") })).await;
        let reply = app.anonymous_post(ACCEPT, json!({ "t": token, "n": "Late", "p": "a fine password" })).await;
        assert_eq!(reply.error(), "FORBIDDEN INVITER_LACKS");
        let absent = app.anonymous_post(SIGN_IN, json!({ "e": "late@person.test", "p": "a fine password" })).await;
        assert_eq!(absent.error(), "UNAUTHENTICATED WRONG_CREDENTIALS");
        owner.ask(demote, json!({ "m": id, "r": role("organization.admin") })).await;
        let reply = app.anonymous_post(ACCEPT, json!({ "t": token, "n": "Late", "p": "a fine password" })).await;
        assert!(reply.json["errors"].is_null(), "{}", reply.json);
        app.close().await;
    }
}

both! {
    async fn a_created_member_has_to_choose_a_password_first(database) {
        let app = App::start(database).await;
        let owner = app.sign_in("owner@bluebakery.test").await;
        let bakery = organization_of(&owner).await;
        let create = "mutation($c: String!, $o: ID, $e: String!, $r: ID!) { createMember(clientId: $c, organizationId: $o, email: $e, name: \"Cleo\", roleId: $r) {
            password member { id email mustChangePassword role { name } } } }";
        let wish = |e: &str| json!({ "c": format!("create {e}").replace(' ', "-"), "o": bakery, "e": e, "r": role("organization.operator") });
        let created = owner.ask(create, wish("cleo@person.test")).await["createMember"].clone();
        assert_eq!(created["member"]["mustChangePassword"], true);
        assert_eq!(owner.ask(create, wish("cleo@person.test")).await["createMember"], created, "a retry gets the same password");
        let password = created["password"].as_str().expect("a password").to_owned();
        assert_eq!(letters_to(&app, "cleo@person.test").await, ["account_created"]);
        let sign_in = async |password: &str, new: Value| {
            app.anonymous_post(SIGN_IN, json!({ "e": "cleo@person.test", "p": password, "new": new })).await
        };
        assert_eq!(sign_in("wrong wrong", json!("another password")).await.error(), "UNAUTHENTICATED WRONG_CREDENTIALS");
        assert_eq!(sign_in(&password, Value::Null).await.error(), "UNAUTHENTICATED PASSWORD_CHANGE_REQUIRED");
        assert_eq!(sign_in(&password, json!(password)).await.error(), "INVALID PASSWORD_TOO_WEAK");
        assert!(sign_in(&password, json!("another password")).await.json["errors"].is_null());
        assert_eq!(sign_in(&password, Value::Null).await.error(), "UNAUTHENTICATED WRONG_CREDENTIALS");
        let reply = sign_in("another password", Value::Null).await;
        let cleo = client_of(&app, &reply, "signIn");
        assert_eq!(organization_of(&cleo).await, bakery);
        assert_eq!(owner.ask(create, wish("cleo@person.test")).await["createMember"]["password"], Value::Null);
        assert_eq!(member(&owner, Some(&bakery), "cleo@person.test").await["mustChangePassword"], false);
        // Whoever has an account keeps its password.
        let known = owner.ask(create, wish("operator@harbordental.test")).await["createMember"].clone();
        assert_eq!((&known["password"], &known["member"]["mustChangePassword"]), (&Value::Null, &json!(false)));
        assert_eq!(letters_to(&app, "operator@harbordental.test").await, ["member_added"]);
        app.close().await;
    }
}

both! {
    async fn the_first_owner_comes_by_a_link_of_the_platform(database) {
        let app = App::start(database).await;
        let s = &app.services;
        let (agency, link) = livery::service::setup::create_agency(s, "Third", "Bo Third", "boss@third.test", None).await.expect("an agency");
        assert!(link.starts_with("http://127.0.0.1:8080/invitation?token="), "{link}");
        assert_eq!(letters_to(&app, "boss@third.test").await, Vec::<String>::new());
        let offer = app.anonymous_post(OFFER, json!({ "t": token_of(&link) })).await.json["data"]["invitation"].clone();
        assert_eq!((&offer["name"], &offer["inviter"], &offer["role"]), (&json!("Bo Third"), &Value::Null, &json!("Owner")));
        let reply = app.anonymous_post(ACCEPT, json!({ "t": token_of(&link), "p": "a fine password" })).await;
        let boss = client_of(&app, &reply, "acceptInvitation");
        assert_eq!(member(&boss, None, "boss@third.test").await["isViewer"], true);
        let mut unit = s.store.write().await.expect("a unit");
        let twice = livery::service::people::invite_owner(s, &mut unit, agency, "boss@third.test", "Bo").await;
        drop(unit);
        assert_eq!(twice.expect_err("a member").reason, "ALREADY_MEMBER");
        app.close().await;
    }
}

both! {
    async fn an_invitation_carries_its_limits_along(database) {
        let app = App::start(database).await;
        let owner = app.sign_in("owner@bluebakery.test").await;
        let bakery = organization_of(&owner).await;
        let agent = owner.ask("{ aiAgents { nodes { id } } }", json!({})).await["aiAgents"]["nodes"][0]["id"].clone();
        let stranger = app.stranger().await;
        let other = stranger.ask("{ aiAgents { nodes { id } } }", json!({})).await["aiAgents"]["nodes"][0]["id"].clone();
        let wish = |e: &str, a: Value| json!({ "c": client_id(), "o": bakery, "e": e, "r": role("organization.operator"), "a": a });
        assert_eq!(owner.refused(INVITE, wish("x@person.test", json!([other]))).await, "NOT_FOUND NOT_FOUND");
        owner.ask(INVITE, wish("one@person.test", json!([agent]))).await;
        let token = token_of(&link_to(&app, "one@person.test").await);
        app.anonymous_post(ACCEPT, json!({ "t": token, "n": "One", "p": "a fine password" })).await;
        let one = member(&owner, Some(&bakery), "one@person.test").await;
        assert_eq!((&one["allAiAgents"], &one["aiAgents"]), (&json!(false), &json!([{ "id": agent }])));
        app.close().await;
    }
}
