//! The desk: staff and client users.

pub mod access;
pub mod agency;
pub mod agent;
pub mod audit;
pub mod brand;
pub mod canned;
pub mod conversation;
pub mod coverage;
pub mod domain;
pub mod file;
pub mod handoff;
pub mod hours;
pub mod identity;
pub mod knowledge;
pub mod ladder;
pub mod note;
pub mod offline;
pub mod organization;
pub mod people;
pub mod readiness;
pub mod role;
pub mod routing;
pub mod sender;
pub mod setting;
pub mod stream;
pub mod suggestion;
pub mod viewing;
pub mod visitor;
pub mod words;

use async_graphql::{Context, MergedObject};

use super::Asking;
use super::loaders::Loaders;
use crate::error::{Error, Result};
use crate::service::Services;

pub use stream::Subscription;

/// What the desk can be asked.
#[derive(MergedObject, Default)]
pub struct Query(
    identity::IdentityQuery,
    organization::OrganizationQuery,
    audit::AuditQuery,
    agent::AiAgentQuery,
    conversation::ConversationQuery,
    handoff::HandoffQuery,
    routing::RoutingQuery,
    access::AccessQuery,
    sender::SenderQuery,
    role::RoleQuery,
    setting::SettingQuery,
    people::PeopleQuery,
    AroundChatsQuery,
    AroundHandoffQuery,
);

/// What is asked around chats. A group of its own: one long row of objects nests deeper than the compiler looks.
#[derive(MergedObject, Default)]
pub struct AroundChatsQuery(
    file::FileQuery,
    canned::CannedReplyQuery,
    note::NoteQuery,
    words::WordsQuery,
    suggestion::SuggestionQuery,
    ladder::LadderQuery,
    offline::OfflineRootQuery,
    visitor::VisitorQuery,
);

/// What is asked around handing over, and around the brand. See [`AroundChatsQuery`].
#[derive(MergedObject, Default)]
pub struct AroundHandoffQuery(
    hours::HoursQuery,
    coverage::CoverageQuery,
    readiness::ReadinessQuery,
    brand::BrandQuery,
    domain::DomainQuery,
);

/// What the desk can do.
#[derive(MergedObject, Default)]
pub struct Mutation(
    identity::IdentityMutation,
    organization::OrganizationMutation,
    viewing::ViewingMutation,
    agent::AiAgentMutation,
    knowledge::KnowledgeMutation,
    handoff::HandoffMutation,
    routing::RoutingMutation,
    routing::TransferMutation,
    conversation::ConversationMutation,
    sender::SenderMutation,
    role::RoleMutation,
    setting::SettingMutation,
    people::PeopleMutation,
    identity::AccountMutation,
    AroundChatsMutation,
    AroundHandoffMutation,
);

/// What is done around chats. A group of its own: one long row of objects nests deeper than the compiler looks.
#[derive(MergedObject, Default)]
pub struct AroundChatsMutation(
    file::FileMutation,
    canned::CannedReplyMutation,
    note::NoteMutation,
    words::WordsMutation,
    suggestion::SuggestionMutation,
    ladder::LadderMutation,
    offline::OfflineMutation,
    visitor::VisitorMutation,
);

/// What is done around handing over, and around the brand. See [`AroundChatsMutation`].
#[derive(MergedObject, Default)]
pub struct AroundHandoffMutation(
    hours::HoursMutation,
    coverage::CoverageMutation,
    readiness::ReadinessMutation,
    brand::BrandMutation,
    domain::DomainMutation,
);

/// The services of this schema.
pub(super) fn services<'a>(ctx: &Context<'a>) -> Result<&'a Services> {
    ctx.data::<Services>().map_err(|error| Error::internal(error.message))
}

/// Who asks.
pub(super) fn asking<'a>(ctx: &Context<'a>) -> Result<&'a Asking> {
    ctx.data::<Asking>().map_err(|error| Error::internal(error.message))
}

/// The loader of this request.
pub(super) fn loaders<'a>(ctx: &Context<'a>) -> Result<&'a Loaders> {
    ctx.data::<Loaders>().map_err(|error| Error::internal(error.message))
}
