//! Teams, and what goes from hand to hand: made in the database, past everything that is asked about.

use livery::domain::id::{AgencyId, OrganizationId};
use livery::domain::routing::{Team, Transfer};
use livery::live::Looker;
use livery::policy::Scope;
use livery::store::{locate, routing};

use super::ask::Slots;
use crate::support::App;

/// A team of the organization of a relation.
pub async fn team(app: &App, slots: &Slots, mark: &str) -> String {
    let s = &app.services;
    let now = s.clock.now();
    let organization: OrganizationId = slots["organization"].parse().expect("an organization's id");
    let mut unit = s.store.write().await.expect("a unit");
    let agency = locate::organization(&mut unit, organization).await.expect("read").expect("a place").agency;
    let scope = Scope::system(agency, "a matrix of tests");
    let id = s.ids.next(now);
    let name = format!("{mark}{id}");
    let new = Team { id, agency, organization, name, topics: String::new(), created_at: now };
    assert!(routing::insert_team(&mut unit, &scope, &new).await.expect("a team"));
    unit.commit().await.expect("kept");
    id.to_string()
}

/// Somebody handed a conversation on, and somebody looks at it until the test is over.
pub async fn hands_and_eyes(app: &App, agency: AgencyId, conversation: &str, user: &str, note: &str) {
    let s = &app.services;
    let (conversation, user) = (conversation.parse().expect("an id"), user.parse().expect("an id"));
    let mut unit = s.store.write().await.expect("a unit");
    let scope = Scope::system(agency, "a matrix of tests");
    let new = Transfer {
        conversation,
        seq: 1,
        from: user,
        to_user: Some(user),
        to_team: None,
        team_name: None,
        note: note.to_owned(),
        at: s.clock.now(),
    };
    routing::insert_transfer(&mut unit, &scope, &new).await.expect("a transfer");
    unit.commit().await.expect("kept");
    std::mem::forget(s.hub.look(conversation, Looker { user, name: "Somebody".into() }));
}
