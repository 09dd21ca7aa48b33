//! Why somebody may, or may not (W01).

use super::{Services, person_of};
use crate::domain::access::{Actor, Membership, Person, Place};
use crate::domain::id::{
    AiAgentKind, ConversationKind, HandoffId, HandoffKind, Id, Kind, KnowledgeEntryKind, OrganizationKind, SessionId,
    UserId, WidgetKind,
};
use crate::domain::permission::Permission;
use crate::domain::tenant::User;
use crate::error::{Code, Error, Result};
use crate::policy::{Explanation, Scope};
use crate::store::{Reads, access, identity, locate};

/// An explanation, and who could change it.
pub struct Explained {
    /// The decision and its reason.
    pub explanation: Explanation,
    /// People of the organization, or of the agency, who may change roles there. At most five.
    pub grantable_by: Vec<User>,
}

/// Where the thing of that id stands, with the word for its kind. No id of ours stands nowhere.
async fn place_of(read: &mut impl Reads, object: &str) -> Result<Option<(Option<Place>, &'static str)>> {
    macro_rules! places {
        ($($kind:ident $look:expr;)*) => {
            $(if let Ok(id) = object.parse::<Id<$kind>>() {
                return Ok(Some(($look(read, id).await?, $kind::NOUN)));
            })*
        };
    }
    places! {
        OrganizationKind locate::organization;
        AiAgentKind locate::ai_agent;
        WidgetKind locate::widget;
        KnowledgeEntryKind locate::knowledge_entry;
        ConversationKind locate::conversation;
    }
    if let Ok(id) = object.parse::<HandoffId>() {
        return Ok(Some((locate::handoff(read, id).await?.map(|(place, _)| place), HandoffKind::NOUN)));
    }
    Ok(None)
}

/// Whether the thing of that id is within the person's reach, whatever they may do to it. A text that is no id of a thing
/// that stands somewhere is passed over.
///
/// # Errors
/// NOT_FOUND when it is not, or does not exist.
pub async fn look_for(s: &Services, actor: &Actor, object: &str) -> Result<()> {
    let mut read = s.store.read().await?;
    let Some((place, noun)) = place_of(&mut read, object).await? else { return Ok(()) };
    let place = place.ok_or_else(|| Error::not_found(noun))?;
    match s.policy.allow(actor, Permission::HomeView, &place, noun) {
        Err(error) if error.code == Code::NotFound => Err(error),
        _ => Ok(()),
    }
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
        place_of(&mut read, object).await?.and_then(|(place, _)| place).ok_or_else(|| Error::not_found("object"))?
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
            let subject = Person { user, agency: found.agency, session, name: found.name, memberships };
            // Nor is it a way to learn the names of other organizations' people: they belong to where the asker may look
            // at the team, or are at the object themselves.
            let looks_after = |membership: &Membership| {
                let there = membership.organization;
                let there = there
                    .map_or(Place::agency(membership.agency), |there| Place::organization(membership.agency, there));
                s.policy.may(actor, Permission::TeamView, &there)
            };
            let is_there =
                s.policy.may(&Actor::Person(std::sync::Arc::new(subject.clone())), Permission::HomeView, &place);
            if !is_there && !subject.memberships.iter().any(looks_after) {
                return Err(Error::not_found("user"));
            }
            subject
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
