//! The desk: staff and client users.

pub mod access;
pub mod agency;
pub mod agent;
pub mod audit;
pub mod brand;
pub mod canned;
pub mod conversation;
pub mod coverage;
pub mod delivery_log;
pub mod domain;
pub mod file;
pub mod handoff;
pub mod hours;
pub mod identity;
pub mod key;
pub mod keyword;
pub mod knowledge;
pub mod ladder;
pub mod mail_text;
pub mod note;
pub mod notification;
pub mod offline;
pub mod organization;
pub mod people;
pub mod push;
pub mod readiness;
pub mod role;
pub mod routing;
pub mod sender;
pub mod setting;
pub mod stream;
pub mod suggestion;
pub mod viewing;
pub mod visitor;
pub mod webhook;
pub mod words;

use async_graphql::{Context, MergedObject};

use super::Asking;
use super::loaders::Loaders;
use crate::error::{Error, Result};
use crate::service::Services;

pub use stream::Subscription;

/// What the desk can be asked.
///
/// In groups: the row in which merged objects nest doubles the work of the compiler with each member.
#[derive(MergedObject, Default)]
pub struct Query(OfPeopleQuery, OfAgencyQuery, OfChatsQuery, OfWaitingQuery);

/// What is asked around people and what they may do.
#[derive(MergedObject, Default)]
pub struct OfPeopleQuery(
    identity::IdentityQuery,
    access::AccessQuery,
    role::RoleQuery,
    setting::SettingQuery,
    people::PeopleQuery,
    notification::NotificationQuery,
    delivery_log::DeliveryLogQuery,
    push::PushQuery,
);

/// What is asked around the agency and its organizations.
#[derive(MergedObject, Default)]
pub struct OfAgencyQuery(
    organization::OrganizationQuery,
    audit::AuditQuery,
    mail_text::MailTextQuery,
    sender::SenderQuery,
    hours::HoursQuery,
    brand::BrandQuery,
    domain::DomainQuery,
    webhook::WebhookQuery,
    keyword::KeywordAlertQuery,
    key::ApiKeyQuery,
);

/// What is asked around conversations and who has them.
#[derive(MergedObject, Default)]
pub struct OfChatsQuery(
    agent::AiAgentQuery,
    conversation::ConversationQuery,
    handoff::HandoffQuery,
    routing::RoutingQuery,
    coverage::CoverageQuery,
    readiness::ReadinessQuery,
);

/// What is asked around what is at hand in a chat, and when nobody comes.
#[derive(MergedObject, Default)]
pub struct OfWaitingQuery(
    file::FileQuery,
    canned::CannedReplyQuery,
    note::NoteQuery,
    words::WordsQuery,
    suggestion::SuggestionQuery,
    ladder::LadderQuery,
    offline::OfflineRootQuery,
    visitor::VisitorQuery,
);

/// What the desk can do.
///
/// In groups: the row in which merged objects nest doubles the work of the compiler with each member.
#[derive(MergedObject, Default)]
pub struct Mutation(OfPeopleMutation, OfAgencyMutation, OfChatsMutation, OfWaitingMutation);

/// What is done around people and what they may do.
#[derive(MergedObject, Default)]
pub struct OfPeopleMutation(
    identity::IdentityMutation,
    viewing::ViewingMutation,
    role::RoleMutation,
    setting::SettingMutation,
    people::PeopleMutation,
    identity::AccountMutation,
    notification::NotificationMutation,
    delivery_log::DeliveryLogMutation,
    push::PushMutation,
);

/// What is done around the agency and its organizations.
#[derive(MergedObject, Default)]
pub struct OfAgencyMutation(
    organization::OrganizationMutation,
    mail_text::MailTextMutation,
    sender::SenderMutation,
    hours::HoursMutation,
    brand::BrandMutation,
    domain::DomainMutation,
    webhook::WebhookMutation,
    keyword::KeywordAlertMutation,
    key::ApiKeyMutation,
);

/// What is done around conversations and who has them.
#[derive(MergedObject, Default)]
pub struct OfChatsMutation(
    agent::AiAgentMutation,
    knowledge::KnowledgeMutation,
    handoff::HandoffMutation,
    routing::RoutingMutation,
    routing::TransferMutation,
    conversation::ConversationMutation,
    coverage::CoverageMutation,
    readiness::ReadinessMutation,
);

/// What is done around what is at hand in a chat, and when nobody comes.
#[derive(MergedObject, Default)]
pub struct OfWaitingMutation(
    file::FileMutation,
    canned::CannedReplyMutation,
    note::NoteMutation,
    words::WordsMutation,
    suggestion::SuggestionMutation,
    ladder::LadderMutation,
    offline::OfflineMutation,
    visitor::VisitorMutation,
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
