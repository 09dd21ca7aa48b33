//! Why somebody may, or may not (W01).

use super::{Services, person_of};
use crate::domain::access::{Actor, Person, Place};
use crate::domain::id::{
    AiAgentId, ConversationId, HandoffId, Kind, KnowledgeEntryId, OrganizationId, SessionId, UserId, WidgetId,
};
use crate::domain::permission::Permission;
use crate::domain::tenant::User;
use crate::error::{Error, Result};
use crate::policy::{Explanation, Scope};
use crate::store::{Reads, access, identity, locate};

/// An explanation, and who could change it.
pub struct Explained {
    /// The decision and its reason.
    pub explanation: Explanation,
    /// People of the organization, or of the agency, who may change roles there. At most five.
    pub grantable_by: Vec<User>,
}

/// Where the thing of that id stands, whatever kind it is. A bare organization id means the organization.
async fn place_of(read: &mut impl Reads, object: &str) -> Result<Place> {
    fn is<K: Kind>(object: &str) -> Option<crate::domain::id::Id<K>> {
        object.parse().ok()
    }
    let found = if let Some(id) = is(object).map(|id: OrganizationId| id) {
        locate::organization(read, id).await?
    } else if let Some(id) = is(object).map(|id: AiAgentId| id) {
        locate::ai_agent(read, id).await?
    } else if let Some(id) = is(object).map(|id: WidgetId| id) {
        locate::widget(read, id).await?
    } else if let Some(id) = is(object).map(|id: KnowledgeEntryId| id) {
        locate::knowledge_entry(read, id).await?
    } else if let Some(id) = is(object).map(|id: ConversationId| id) {
        locate::conversation(read, id).await?
    } else if let Some(id) = is(object).map(|id: HandoffId| id) {
        locate::handoff(read, id).await?.map(|(place, _)| place)
    } else {
        None
    };
    found.ok_or_else(|| Error::not_found("object"))
}

/// Why that user (oneself, when left out) may or may not do something to an object.
///
/// # Errors
/// NOT_FOUND for objects out of the asker's own reach, and for users of other agencies; FORBIDDEN when asking about
/// somebody else without `team.view` there; INVALID for a permission that does not exist.
pub async fn explain(
    s: &Services,
    actor: &Actor,
    user: Option<UserId>,
    permission: &str,
    object: &str,
) -> Result<Explained> {
    let asker = person_of(actor)?;
    let permission: Permission = permission
        .parse()
        .map_err(|_| Error::invalid("permission", "UNKNOWN_PERMISSION", "There is no such permission."))?;
    let mut read = s.store.read().await?;
    let place = if object == asker.agency.to_string() {
        Place::agency(asker.agency)
    } else {
        place_of(&mut read, object).await?
    };
    // Whoever asks must reach the object themselves: an explanation is not a way to probe for what exists.
    s.policy.allow(actor, Permission::HomeView, &place, "object")?;
    let subject = match user {
        Some(user) if user != asker.user => {
            let scope = s.policy.allow(actor, Permission::TeamView, &place, "object")?;
            let found = identity::users_of(&mut read, &scope, &[user]).await?.pop();
            let found = found.ok_or_else(|| Error::not_found("user"))?;
            let memberships = access::memberships_of(&mut read, user).await?;
            let session = SessionId::from_number(0);
            Person { user, agency: found.agency, session, name: found.name, memberships }
        }
        _ => Person::clone(asker),
    };
    let scope = Scope::system(asker.agency, "who can change an answer");
    let mut grantable_by = Vec::new();
    for (candidate, membership) in access::members(&mut read, &scope, place.organization).await? {
        let session = SessionId::from_number(0);
        let memberships = vec![membership];
        let person = Person { user: candidate, agency: asker.agency, session, name: String::new(), memberships };
        let person = Actor::Person(std::sync::Arc::new(person));
        // Nobody grants what they do not hold.
        let gives =
            s.policy.may(&person, Permission::TeamSetRoles, &place) && s.policy.may(&person, permission, &place);
        if gives && !grantable_by.contains(&candidate) && grantable_by.len() < 5 {
            grantable_by.push(candidate);
        }
    }
    let grantable_by = identity::users_of(&mut read, &scope, &grantable_by).await?;
    let names: Vec<String> = grantable_by.iter().map(|user| user.name.clone()).collect();
    Ok(Explained { explanation: s.policy.explain(&subject, permission, &place, &names), grantable_by })
}

/// Names of users, for things that the person has been allowed to see.
pub async fn users_of(s: &Services, actor: &Actor, ids: &[UserId]) -> Result<Vec<User>> {
    let scope = Scope::system(person_of(actor)?.agency, "names on a thing that may be seen");
    let mut read = s.store.read().await?;
    identity::users_of(&mut read, &scope, ids).await
}
