//! Settings: what counts, and who said it.

use async_graphql::{Context, Enum, ID, Object, Result, SimpleObject};

use super::{asking, services};
use crate::domain::setting::{Effective, Kind};
use crate::graphql::wire::{mirror, optional_id, requires};
use crate::service::setting::{self, Wanted};

/// What values a setting has.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum SettingKind {
    /// `true` or `false`.
    Boolean,
    /// A number.
    Integer,
    /// One of several words. When `choices` is empty there are too many to list, as with time zones.
    Choice,
    /// A line of text.
    Text,
}

mirror! {
    /// Who said the value that counts.
    SettingOrigin = crate::domain::setting::Origin {
        /// Nobody: the platform's default.
        Platform,
        /// The agency.
        Agency,
        /// The organization itself.
        Organization,
    }
}

mirror! {
    /// How far organizations may depart from what their agency says.
    SettingMode = crate::domain::setting::Mode {
        /// As they like.
        Free,
        /// Within bounds.
        Bounded,
        /// Not at all.
        Locked,
    }
}

/// One setting: the value that counts, who said it, and what may be said instead.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = requires::apply("home.view".to_owned()))]
pub struct Setting {
    /// Which, as in `handoff.enabled`: the area before the point, and what is set there.
    pub key: String,
    /// What people call it.
    pub name: String,
    /// What it does.
    pub description: String,
    /// What values it has.
    pub kind: SettingKind,
    /// The value that counts: "true", "3", "en".
    pub value: String,
    /// Who said it.
    pub origin: SettingOrigin,
    /// How far organizations may depart from what the agency says.
    pub mode: SettingMode,
    /// The least number that may be chosen here; null for other kinds.
    pub minimum: Option<i64>,
    /// The greatest number that may be chosen here; null for other kinds.
    pub maximum: Option<i64>,
    /// What may be chosen here.
    pub choices: Vec<String>,
    /// The permission that sets it in an organization.
    pub permission: String,
    /// The length of the longest text; null for other kinds.
    pub longest: Option<i64>,
    /// Whether the viewer may change it here.
    pub editable: bool,
    /// Why not: SETTING_LOCKED or MISSING_PERMISSION.
    pub reason: Option<String>,
    /// What the agency says, whether or not it is what counts.
    pub agency_value: Option<String>,
    /// What the organization says, whether or not it is what counts.
    pub own_value: Option<String>,
}

impl Setting {
    fn of(effective: Effective) -> Self {
        let definition = effective.key.definition();
        let bounds = effective.bounds();
        Self {
            key: effective.key.as_str().to_owned(),
            name: definition.name.to_owned(),
            description: definition.description.to_owned(),
            kind: match definition.kind {
                Kind::Boolean => SettingKind::Boolean,
                Kind::Integer(..) => SettingKind::Integer,
                Kind::Choice(_) | Kind::TimeZone => SettingKind::Choice,
                Kind::Text(_) => SettingKind::Text,
            },
            minimum: bounds.map(|(least, _)| least),
            maximum: bounds.map(|(_, most)| most),
            choices: effective.choices(),
            permission: definition.edited_by.as_str().to_owned(),
            longest: match definition.kind {
                Kind::Text(most) => i64::try_from(most).ok(),
                _ => None,
            },
            value: effective.value,
            origin: effective.origin.into(),
            mode: effective.rule.mode.into(),
            editable: effective.editable,
            reason: effective.reason.map(str::to_owned),
            agency_value: effective.agency_value,
            own_value: effective.own_value,
        }
    }
}

/// Queries of settings.
#[derive(Default)]
pub struct SettingQuery;

#[Object]
impl SettingQuery {
    /// The settings of an organization, each with the value that counts and who said it; the agency's own defaults when no
    /// organization is named.
    #[graphql(directive = requires::apply("home.view".to_owned()))]
    async fn settings(&self, ctx: &Context<'_>, organization_id: Option<ID>) -> Result<Vec<Setting>> {
        let organization = optional_id("organizationId", organization_id.as_ref())?;
        let found = setting::settings(services(ctx)?, &asking(ctx)?.actor, organization).await?;
        Ok(found.into_iter().map(Setting::of).collect())
    }
}

/// Changes of settings.
#[derive(Default)]
pub struct SettingMutation;

#[Object]
impl SettingMutation {
    /// Leaves a setting free, bounds it or locks it, for all organizations or for the one that is named. Without a value the
    /// agency's stays as it is. Saying of one organization what is said of all takes back what was said of it alone. INVALID
    /// with UNKNOWN_SETTING, NOT_A_VALUE, OUT_OF_BOUNDS, OUT_OF_RANGE or CANNOT_BE_BOUNDED.
    #[expect(clippy::too_many_arguments, reason = "the arguments of the field")]
    #[graphql(directive = requires::apply("package.edit".to_owned()))]
    async fn set_setting_mode(
        &self,
        ctx: &Context<'_>,
        key: String,
        organization_id: Option<ID>,
        mode: SettingMode,
        value: Option<String>,
        minimum: Option<i64>,
        maximum: Option<i64>,
        choices: Option<Vec<String>>,
    ) -> Result<Vec<Setting>> {
        let organization = optional_id("organizationId", organization_id.as_ref())?;
        let wanted = Wanted { mode: mode.into(), value, minimum, maximum, choices };
        let found = setting::set_mode(services(ctx)?, &asking(ctx)?.actor, &key, organization, wanted).await?;
        Ok(found.into_iter().map(Setting::of).collect())
    }

    /// Says what a setting is: in an organization, by whoever may edit it there (organization.edit, handoff.enable,
    /// handoff.edit or widget.edit_appearance, by its key), or the agency's default, by whoever holds package.edit. Without a
    /// value, what lies below counts again. FORBIDDEN with SETTING_LOCKED where the agency locked it; INVALID with
    /// UNKNOWN_SETTING, NOT_A_VALUE or OUT_OF_BOUNDS.
    #[graphql(directive = requires::apply("home.view".to_owned()))]
    async fn set_setting(
        &self,
        ctx: &Context<'_>,
        key: String,
        organization_id: Option<ID>,
        value: Option<String>,
    ) -> Result<Setting> {
        let organization = optional_id("organizationId", organization_id.as_ref())?;
        let (services, actor) = (services(ctx)?, &asking(ctx)?.actor);
        Ok(Setting::of(setting::set(services, actor, &key, organization, value.as_deref()).await?))
    }
}
