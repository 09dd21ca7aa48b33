//! Coverage agreements: who of the agency answers an organization's live chats, and when.

use async_graphql::{ComplexObject, Context, ID, InputObject, Object, Result, SimpleObject};

use super::agency::Organization;
use super::identity::User;
use super::role::Role;
use super::{asking, loaders, services};
use crate::domain::hours::{Hours, Interval};
use crate::domain::id::{OrganizationId, UserId};
use crate::error::Error;
use crate::graphql::wire::{Time, id, optional_id, optional_ids, requires};
use crate::service::coverage::{self, Shown, Wanted};
use crate::service::team;

/// From one time of a day to another; an end that is not after the start is on the next day.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = requires::apply("team.view".to_owned()))]
pub struct CoverageHours {
    /// The day: 1 is Monday, 7 is Sunday.
    pub day: i32,
    /// When it begins, as `HH:MM` in the agreement's zone.
    pub from: String,
    /// When it ends; 24:00 is the end of the day.
    pub to: String,
}

/// From one time of a day to another; an end that is not after the start is on the next day.
#[derive(InputObject, Debug, Clone)]
pub struct CoverageHoursInput {
    /// The day: 1 is Monday, 7 is Sunday.
    pub day: i32,
    /// When it begins, as `HH:MM` in the agreement's zone.
    pub from: String,
    /// When it ends; 24:00 is the end of the day.
    pub to: String,
}

/// People of the agency answer an organization's live chats in certain hours.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(complex, directive = requires::apply("team.view".to_owned()))]
pub struct Coverage {
    /// The id: `cov_...`.
    pub id: ID,
    /// What people call it.
    pub name: String,
    /// The zone of its hours.
    pub time_zone: String,
    /// Its hours, in order.
    pub hours: Vec<CoverageHours>,
    /// From when on it counts.
    pub starts_at: Time,
    /// Until when; null means until it is ended.
    pub ends_at: Option<Time>,
    /// When it was ended.
    pub ended_at: Option<Time>,
    /// Whether it counts now.
    pub active: bool,
    /// When that changes; null when it does not.
    pub next_change_at: Option<Time>,
    #[graphql(skip)]
    of: (OrganizationId, String, Vec<UserId>),
}

impl Coverage {
    fn of(shown: Shown) -> Self {
        let agreed = shown.coverage;
        let hours = agreed.hours();
        let week = hours.iter().flat_map(|hours| hours.week.iter().enumerate());
        let hours_of = |(day, intervals): (usize, &Vec<Interval>)| {
            let day = i32::try_from(day + 1).unwrap_or_default();
            let written = intervals.iter().map(|interval| interval.written());
            written.map(|(from, to)| CoverageHours { day, from, to }).collect::<Vec<_>>()
        };
        Self {
            id: agreed.id.to_string().into(),
            hours: week.flat_map(hours_of).collect(),
            time_zone: hours.as_ref().map(|hours| hours.time_zone.clone()).unwrap_or_default(),
            name: agreed.name,
            starts_at: agreed.starts_at.into(),
            ends_at: agreed.ends_at.map(Into::into),
            ended_at: agreed.ended_at.map(Into::into),
            active: shown.active,
            next_change_at: shown.next_change_at.map(Into::into),
            of: (agreed.organization, agreed.role, shown.users),
        }
    }
}

#[ComplexObject]
impl Coverage {
    /// The organization that is covered.
    #[graphql(directive = requires::apply("team.view".to_owned()))]
    async fn organization(&self, ctx: &Context<'_>) -> Result<Organization> {
        Ok(Organization::of(loaders(ctx)?.one(self.of.0, "organization").await?))
    }

    /// The role that those who cover have meanwhile.
    #[graphql(directive = requires::apply("team.view".to_owned()))]
    async fn role(&self, ctx: &Context<'_>) -> Result<Role> {
        let services = services(ctx)?;
        let agency = crate::service::agency_of(&asking(ctx)?.actor)?;
        Ok(Role::of(team::role_named(services, agency, &self.of.1).await?))
    }

    /// Who covers.
    #[graphql(directive = requires::apply("team.view".to_owned()))]
    async fn users(&self, ctx: &Context<'_>) -> Result<Vec<User>> {
        let mut users = Vec::new();
        for user in &self.of.2 {
            users.push(User::of(loaders(ctx)?.one(*user, "user").await?));
        }
        Ok(users)
    }
}

/// The hours of a wish.
fn hours(time_zone: String, given: &[CoverageHoursInput]) -> crate::error::Result<Hours> {
    let mut week: [Vec<Interval>; 7] = Default::default();
    for one in given {
        let refused = || {
            let message = "Write times as in 08:00, and days from 1 (Monday) to 7 (Sunday).";
            Error::invalid("hours", "NOT_HOURS", message)
        };
        let day = usize::try_from(one.day - 1).ok().and_then(|day| week.get_mut(day)).ok_or_else(refused)?;
        day.push(Interval::parse(&one.from, &one.to).ok_or_else(refused)?);
    }
    Ok(Hours { time_zone, week, exceptions: Vec::new() })
}

/// Queries of coverage.
#[derive(Default)]
pub struct CoverageQuery;

#[Object]
impl CoverageQuery {
    /// Coverage agreements of an organization, or of all within the viewer's reach: those that run first, the newest first.
    #[graphql(directive = requires::apply("team.view".to_owned()))]
    async fn coverages(&self, ctx: &Context<'_>, organization_id: Option<ID>) -> Result<Vec<Coverage>> {
        let organization = optional_id("organizationId", organization_id.as_ref())?;
        let found = coverage::coverages(services(ctx)?, &asking(ctx)?.actor, organization).await?;
        Ok(found.into_iter().map(Coverage::of).collect())
    }
}

/// Changes of coverage.
#[derive(Default)]
pub struct CoverageMutation;

#[Object]
impl CoverageMutation {
    /// Agrees that people of the agency answer an organization's live chats in these hours, with that role. NOT_FOUND for
    /// who is not staff; INVALID with NEVER, ENDS_BEFORE_IT_STARTS or NOT_HOURS; FORBIDDEN with CANNOT_GRANT.
    #[graphql(directive = requires::apply("coverage.manage".to_owned()))]
    #[expect(clippy::too_many_arguments, reason = "an agreement says all of this")]
    async fn create_coverage(
        &self,
        ctx: &Context<'_>,
        client_id: String,
        organization_id: ID,
        name: String,
        user_ids: Vec<ID>,
        role_id: ID,
        time_zone: String,
        hours: Vec<CoverageHoursInput>,
        starts_at: Option<Time>,
        ends_at: Option<Time>,
    ) -> Result<Coverage> {
        let organization = id("organizationId", &organization_id)?;
        let wanted = Wanted {
            name,
            users: optional_ids("userIds", Some(&user_ids))?.unwrap_or_default(),
            role: id("roleId", &role_id)?,
            hours: self::hours(time_zone, &hours)?,
            starts_at: starts_at.map(|at| at.0),
            ends_at: ends_at.map(|at| at.0),
        };
        let (services, actor) = (services(ctx)?, &asking(ctx)?.actor);
        Ok(Coverage::of(coverage::create(services, actor, &client_id, organization, wanted).await?))
    }

    /// Ends an agreement at once: chats that are held through it go back to the queue.
    #[graphql(directive = requires::apply("coverage.manage".to_owned()))]
    async fn end_coverage(&self, ctx: &Context<'_>, coverage_id: ID) -> Result<Coverage> {
        let id = id("coverageId", &coverage_id)?;
        Ok(Coverage::of(coverage::end(services(ctx)?, &asking(ctx)?.actor, id).await?))
    }
}
