//! Why somebody may, or may not (W01); and who may what, as a table (W17).

use std::collections::HashMap;
use std::sync::Arc;

use super::role::{self, Role};
use super::{Services, agency_of, coverage, person_of, setting, team};
use crate::domain::access::{Actor, Membership, Person, Place};
use crate::domain::agent::AiAgent;
use crate::domain::id::{
    AiAgentId, AiAgentKind, ApiKeyKind, BlockKind, CannedReplyKind, ConversationKind, CoverageKind, DomainId,
    DomainKind, FileKind, HandoffId, HandoffKind, HolidayCalendarKind, Id, InvitationKind, KeywordAlertKind,
    KeywordHitKind, Kind, KnowledgeEntryKind, MailKind, MembershipKind, MessageId, MessageKind, NoteId, NoteKind,
    NotificationDecisionKind, OfflineQueryKind, OrganizationId, OrganizationKind, RehearsalKind, RoleId, RoleKind,
    SessionId, TeamKind, UserId, VisitorKind, WebhookDeliveryKind, WebhookKind, WidgetKind,
};
use crate::domain::permission::{Permission, PermissionSet, switches};
use crate::domain::setting::{Key, SETTING_LOCKED};
use crate::domain::tenant::User;
use crate::error::{Code, Error, Result};
use crate::policy::{Explanation, Scope};
use crate::store::{Reads, access, agent, identity, locate, role as store};

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
        FileKind locate::file;
        VisitorKind locate::visitor;
        BlockKind locate::block;
        MailKind locate::mail;
        NotificationDecisionKind locate::notification_decision;
        MembershipKind locate::membership;
        InvitationKind locate::invitation;
        HolidayCalendarKind locate::holiday_calendar;
        TeamKind locate::team;
        CoverageKind locate::coverage;
        RehearsalKind locate::rehearsal;
        OfflineQueryKind locate::offline_query;
        CannedReplyKind locate::canned_reply;
        WebhookKind locate::webhook;
        WebhookDeliveryKind locate::webhook_delivery;
        KeywordAlertKind locate::keyword_alert;
        KeywordHitKind locate::keyword_hit;
        ApiKeyKind locate::api_key;
    }
    // What stands in a conversation stands where that does.
    let inside = if let Ok(id) = object.parse::<MessageId>() {
        Some((locate::message(read, id).await?, MessageKind::NOUN))
    } else if let Ok(id) = object.parse::<NoteId>() {
        Some((locate::note(read, id).await?, NoteKind::NOUN))
    } else {
        None
    };
    if let Some((conversation, noun)) = inside {
        let place = match conversation {
            Some(conversation) => locate::conversation(read, conversation).await?,
            None => None,
        };
        return Ok(Some((place, noun)));
    }
    if let Ok(id) = object.parse::<RoleId>() {
        // Built-in roles stand nowhere: everybody knows them.
        let built_in = crate::domain::access::BUILT_IN_ROLES.iter().any(|role| access::role_id(role.key) == id);
        return Ok(if built_in { None } else { Some((locate::role(read, id).await?, RoleKind::NOUN)) });
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
    // Domains are found by those who look after them, and by nobody else.
    if let Ok(id) = object.parse::<DomainId>() {
        let absent = || Error::not_found(DomainKind::NOUN);
        let agency = locate::domain(&mut read, id).await?.ok_or_else(absent)?;
        let allowed = s.policy.allow(actor, Permission::DomainManage, &Place::agency(agency), DomainKind::NOUN);
        return allowed.map(|_| ()).map_err(|_| absent());
    }
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
    let mut resting = Vec::new();
    let subject = match user {
        Some(user) if user != asker.user => {
            let scope = s.policy.allow(actor, Permission::TeamView, &place, "object")?;
            let found = identity::users_of(&mut read, &scope, &[user]).await?.pop();
            let found = found.ok_or_else(|| Error::not_found("user"))?;
            let memberships = team::memberships(s, &mut read, found.agency, user).await?;
            let rest = access::resting_memberships_of_users(&mut read, &scope, &[user]).await?;
            resting.extend(rest.into_iter().map(|(_, membership)| membership));
            role::learn(s, &mut read, found.agency, memberships.iter().chain(&resting)).await?;
            let session = SessionId::from_number(0);
            let subject =
                Person { user, agency: found.agency, session, name: found.name, memberships, viewing_as: None };
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
            if !is_there && !subject.memberships.iter().chain(&resting).any(looks_after) {
                return Err(Error::not_found("user"));
            }
            subject
        }
        _ => Person::clone(asker),
    };
    let scope = Scope::system(asker.agency, "who can change an answer");
    let locked = permission == Permission::HandoffEnable
        && setting::governing(&mut read, place.agency, place.organization).await?.one(Key::HandoffEnabled).locked();
    // What the agency locked, only whoever makes its packages can free; no role helps.
    let wanted = if locked { Permission::PackageEdit } else { permission };
    let grantable_by = who_gives(s, &mut read, &scope, wanted, &place).await?;
    let grantable_by = identity::users_of(&mut read, &scope, &grantable_by).await?;
    let names: Vec<String> = grantable_by.iter().map(|user| user.name.clone()).collect();
    let mut explanation = s.policy.explain(&subject, permission, &place, &names);
    if !explanation.allowed && !resting.is_empty() {
        let awake = resting.into_iter().chain(subject.memberships.iter().cloned()).collect();
        if s.policy.may(&team::as_actor(subject.agency, subject.user, awake), permission, &place) {
            explanation.reason = MEMBERSHIP_SUSPENDED;
            explanation.message = format!("{} is suspended here, and may do nothing until that ends.", subject.name);
        }
    }
    if let Some(organization) = place.organization {
        tell_coverage(s, &mut read, &subject, permission, organization, &mut explanation).await?;
    }
    if locked && explanation.allowed {
        explanation.allowed = false;
        explanation.reason = SETTING_LOCKED;
        explanation.message = "The agency has locked handoff here, for everybody.".to_owned();
        if !names.is_empty() {
            explanation.message.push_str(&format!(" Who can change that: {}.", names.join(", ")));
        }
    }
    Ok(Explained { explanation, grantable_by })
}

/// Says of an answer that it comes from a coverage agreement, or that one would give it at another hour.
async fn tell_coverage(
    s: &Services,
    read: &mut impl Reads,
    subject: &Person,
    permission: Permission,
    organization: OrganizationId,
    explanation: &mut Explanation,
) -> Result<()> {
    for agreed in coverage::behind(s, read, subject.agency, subject.user, organization).await? {
        let name = &agreed.coverage.name;
        let when = agreed.next_change_at.map(|at| format!(" until {at}")).unwrap_or_default();
        let given = explanation.membership.is_some_and(|id| id.number() == agreed.coverage.id.number());
        if explanation.allowed && given {
            explanation.message.push_str(&format!(" It comes from the coverage agreement “{name}”{when}."));
        }
        let would = s.policy.permissions_of(&agreed.coverage.role).is_some_and(|held| held.contains(permission));
        if !explanation.allowed && !agreed.active && would {
            let begins = agreed.next_change_at.map(|at| format!(" It does from {at} on.")).unwrap_or_default();
            explanation.reason = COVERAGE_NOT_NOW;
            explanation.message = format!("The coverage agreement “{name}” does not count at this hour.{begins}");
        }
    }
    Ok(())
}

/// Why somebody may not who could at another hour, by a coverage agreement.
const COVERAGE_NOT_NOW: &str = "COVERAGE_NOT_NOW";

/// Why somebody may not who could, if they were not suspended.
const MEMBERSHIP_SUSPENDED: &str = "MEMBERSHIP_SUSPENDED";

/// How many people are named who can change an answer.
const NAMED: usize = 5;
/// How many of those whose role could give it are looked at.
const LOOKED_AT: i64 = 100;

/// People who can give a permission at a place: those who may give roles there, and hold it themselves. They are found by
/// their roles, so that this costs the same in a large agency as in a small one.
async fn who_gives(
    s: &Services,
    read: &mut impl Reads,
    scope: &Scope,
    permission: Permission,
    place: &Place,
) -> Result<Vec<UserId>> {
    let gives = PermissionSet::of(&[Permission::TeamSetRoles, permission]);
    let own = store::roles(read, scope).await?;
    let built_in = crate::domain::access::BUILT_IN_ROLES.iter().map(|role| role.key.to_owned());
    let built_in = built_in.filter(|key| s.policy.permissions_of(key).is_some_and(|held| held.contains_all(gives)));
    let own = own.iter().filter(|role| role.permissions.contains_all(gives)).map(|role| role.id.to_string());
    let keys: Vec<String> = built_in.chain(own).collect();
    let users = store::people_at(read, scope, place.organization, Some(&keys), LOOKED_AT).await?;
    let people = role::people(s, read, scope, &users).await?;
    let may = |person: &Person| {
        let actor = Actor::Person(Arc::new(person.clone()));
        s.policy.may(&actor, Permission::TeamSetRoles, place) && s.policy.may(&actor, permission, place)
    };
    Ok(people.iter().filter(|person| may(person)).map(|person| person.user).take(NAMED).collect())
}

/// Who may do what somewhere.
pub struct AccessMatrix {
    /// A row for each membership that reaches the place: first the organization's own people, then staff, each by name.
    pub rows: Vec<AccessRow>,
}

/// What one membership allows somewhere.
pub struct AccessRow {
    /// Whose it is.
    pub user: User,
    /// Their role.
    pub role: Role,
    /// Whether they are staff of the agency.
    pub staff: bool,
    /// The AI agents that they are limited to; empty when they are not.
    pub limited_to: Vec<AiAgent>,
    /// What they may do there, as the policy says.
    pub permissions: PermissionSet,
    /// Whether the membership, or the organization that it is in, is suspended, and it allows nothing for the time being.
    pub suspended: bool,
}

/// How many people a matrix has at most.
const MOST: i64 = 5_000;

/// Who may do what in an organization, or in the agency itself: asked of the policy, membership by membership.
///
/// # Errors
/// NOT_FOUND for an organization out of reach; FORBIDDEN without `team.view` there.
pub async fn matrix(s: &Services, actor: &Actor, organization: Option<OrganizationId>) -> Result<AccessMatrix> {
    s.policy.may_somewhere(actor, Permission::TeamView)?;
    let mut read = s.store.read().await?;
    let place = match organization {
        Some(organization) => {
            locate::organization(&mut read, organization).await?.ok_or_else(|| Error::not_found("organization"))?
        }
        None => Place::agency(agency_of(actor)?),
    };
    s.policy.allow(actor, Permission::TeamView, &place, "organization")?;
    let scope = Scope::system(place.agency, "who may do what");
    let users = store::people_at(&mut read, &scope, organization, None, MOST).await?;
    let count = access::memberships_of_users(&mut read, &scope, &users).await?;
    let rest = access::resting_memberships_of_users(&mut read, &scope, &users).await?;
    let all = || count.iter().map(|one| (one, false)).chain(rest.iter().map(|one| (one, true)));
    role::learn(s, &mut read, place.agency, all().map(|((_, membership), _)| membership)).await?;
    let named = identity::users_of(&mut read, &scope, &users).await?;
    let named: HashMap<UserId, User> = named.into_iter().map(|user| (user.id, user)).collect();
    let mut limits: Vec<AiAgentId> =
        all().flat_map(|((_, membership), _)| membership.ai_agents.iter().flatten()).copied().collect();
    limits.sort_unstable();
    limits.dedup();
    let agents = agent::ai_agents_of(&mut read, &scope, &limits).await?;
    let mut rows = Vec::new();
    for ((user, membership), suspended) in all() {
        let Some(named) = named.get(user) else { continue };
        let staff = membership.organization.is_none();
        if !staff && membership.organization != organization {
            continue;
        }
        let alone = team::as_actor(place.agency, *user, vec![membership.clone()]);
        let permissions = s.policy.permissions_at(&alone, &place);
        // Staff who do not reach the organization are nobody there. Whoever is in it and may do nothing is shown so.
        if staff && permissions.is_empty() {
            continue;
        }
        let limit = membership.ai_agents.as_deref().unwrap_or_default();
        rows.push(AccessRow {
            user: named.clone(),
            role: role::role_of(s, membership),
            staff,
            limited_to: agents.iter().filter(|agent| limit.contains(&agent.id)).cloned().collect(),
            permissions: if suspended { PermissionSet::EMPTY } else { permissions },
            suspended,
        });
    }
    rows.sort_by_cached_key(|row| (row.staff, crate::domain::text::searchable(&row.user.name), row.user.id));
    Ok(AccessMatrix { rows })
}

/// The matrix as CSV (RFC 4180): a line for each row, a column for each permission.
pub async fn matrix_csv(s: &Services, actor: &Actor, organization: Option<OrganizationId>) -> Result<String> {
    let matrix = matrix(s, actor, organization).await?;
    let shown: Vec<Permission> = switches()
        .into_iter()
        .flat_map(|switch| switch.permissions)
        .filter(|permission| organization.is_none() || PermissionSet::OF_AN_ORGANIZATION.contains(*permission))
        .collect();
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    let head = ["Name", "Address", "Role", "Staff", "AI agents"].map(str::to_owned);
    let permissions = shown.iter().map(|permission| permission.as_str().to_owned());
    writer.write_record(head.into_iter().chain(permissions)).map_err(Error::internal)?;
    for row in matrix.rows {
        let agents: Vec<&str> = row.limited_to.iter().map(|agent| agent.name.as_str()).collect();
        let agents = if agents.is_empty() { "all".to_owned() } else { agents.join(", ") };
        let staff = if row.staff { "yes" } else { "no" }.to_owned();
        let role = if row.suspended { format!("{} (suspended)", row.role.name) } else { row.role.name };
        let head = [row.user.name, row.user.email, role, staff, agents];
        let cells =
            shown.iter().map(|permission| if row.permissions.contains(*permission) { "yes" } else { "" }.to_owned());
        writer.write_record(head.into_iter().chain(cells).map(harmless)).map_err(Error::internal)?;
    }
    let bytes = writer.into_inner().map_err(|error| Error::internal(error.to_string()))?;
    String::from_utf8(bytes).map_err(Error::internal)
}

/// A cell that a spreadsheet would take for a formula begins with an apostrophe instead.
fn harmless(cell: String) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) { format!("'{cell}") } else { cell }
}

/// Names of users, for things that the person has been allowed to see.
pub async fn users_of(s: &Services, actor: &Actor, ids: &[UserId]) -> Result<Vec<User>> {
    let scope = Scope::system(agency_of(actor)?, "names on a thing that may be seen");
    let mut read = s.store.read().await?;
    identity::users_of(&mut read, &scope, ids).await
}

#[cfg(test)]
mod tests {
    use super::harmless;

    #[test]
    fn no_cell_is_a_formula() {
        for (cell, expected) in [
            ("=1+1", "'=1+1"),
            ("+49 30", "'+49 30"),
            ("-2", "'-2"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\t=1"),
            ("Nora = Owner", "Nora = Owner"),
            ("", ""),
        ] {
            assert_eq!(harmless(cell.to_owned()), expected);
        }
    }
}
