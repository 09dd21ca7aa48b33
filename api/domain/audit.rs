//! The audit log: who did what, to what, from where; the chain that shows whether it was tampered with; and the sentence
//! that says each entry to people.

use std::fmt::Write as _;

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::id::{AgencyId, AuditEntryId, OrganizationId};
use super::permission::Permission;
use super::time::Time;

/// One entry of the audit log.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditEntry {
    /// Its id.
    pub id: AuditEntryId,
    /// The agency it happened in.
    pub agency: AgencyId,
    /// The organization it happened in, if in one.
    pub organization: Option<OrganizationId>,
    /// Who did it: the id of a user, an API key or a visitor, `platform`, or `house`.
    pub actor: String,
    /// Through whose eyes they looked, if through anybody's.
    pub as_actor: Option<String>,
    /// What was done: `handoff.enable`.
    pub action: String,
    /// Id of what it was done to.
    pub object: String,
    /// What it was before and after, or what else there is to say, as JSON.
    pub detail: String,
    /// The network address it came from; empty when the house did it by itself.
    pub address: String,
    /// When.
    pub created_at: Time,
    /// Its number in the agency's chain, from one; given when it is kept.
    pub seq: Option<i64>,
    /// The hash over it and the one before it, in hexadecimal digits; given when it is kept.
    pub hash: Option<String>,
}

impl AuditEntry {
    /// The hash of this entry as number `seq` of its agency's chain: SHA-256 over the hash before it and one canonical
    /// text of the entry. A JSON array of texts, numbers and nulls: whatever stands in one field cannot pass for another.
    pub fn hash_after(&self, before: &str, seq: i64) -> String {
        let canonical = serde_json::json!([
            before,
            self.agency.to_string(),
            seq,
            self.id.to_string(),
            self.organization.map(|id| id.to_string()),
            self.actor,
            self.as_actor,
            self.action,
            self.object,
            self.detail,
            self.address,
            self.created_at.micros(),
        ]);
        let mut text = String::with_capacity(64);
        for byte in Sha256::digest(canonical.to_string().as_bytes()) {
            // Writing into a text cannot fail.
            write!(text, "{byte:02x}").ok();
        }
        text
    }

    /// What was said of it, parsed.
    pub fn details(&self) -> Value {
        serde_json::from_str(&self.detail).unwrap_or(Value::Null)
    }
}

/// Where a list of entries goes on, and what it is narrowed to.
#[derive(Debug, Clone, Default)]
pub struct AuditFilter {
    /// Done by that user or visitor, or through their eyes.
    pub actor: Option<String>,
    /// Exactly that action.
    pub action: Option<String>,
    /// Done to that.
    pub object: Option<String>,
    /// Not before this.
    pub from: Option<Time>,
    /// Before this.
    pub to: Option<Time>,
    /// With these words in it.
    pub search: Option<String>,
}

/// What a walk along the chain has found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditCheck {
    /// How many entries were looked at.
    pub entries: i64,
    /// Whether all of it is as it was written.
    pub whole: bool,
    /// The first entry that is not, or after which one is missing.
    pub broken_at: Option<AuditEntryId>,
    /// The hash of the newest entry: whoever notes it down can tell later that nothing before it was rewritten.
    pub head: String,
}

/// Every action and its sentence. `{actor}` and `{object}` are names as they are now; `{x.y}` is what the detail says
/// there. A test finds actions that are noted anywhere and have no sentence.
pub const SENTENCES: &[(&str, &str)] = &[
    ("address.change", "{actor} changed their address from {before} to {after}."),
    ("address.request_change", "{actor} asked for another address: {after} instead of {before}."),
    ("agency.create", "{actor} created the agency {object}."),
    ("agency.hand_over", "{actor} handed the agency {object} over to {email}."),
    ("agency.handed_over", "{actor} is the owner of the agency {object} now."),
    ("agency.resume", "{actor} resumed the agency {object}."),
    ("agency.suspend", "{actor} suspended the agency {object}: {reason}."),
    ("ai_agent.assign", "{actor} assigned the AI agent {object} to {to}; before it was assigned to {from}."),
    ("ai_agent.create", "{actor} created the AI agent {object}."),
    ("ai_agent.delete", "{actor} deleted the AI agent {object}."),
    ("api_key.create", "{actor} made the API key {name} with the role {role}."),
    ("api_key.revoke", "{actor} revoked the API key {name}."),
    ("ai_agent.edit_prompt", "{actor} changed name or instructions of the AI agent {object}."),
    ("branding.edit", "{actor} changed the brand."),
    ("branding.edit_image", "{actor} changed a picture of the brand: {kind}."),
    ("business_hours.edit", "{actor} changed the business hours of {object}."),
    ("conversation.reassigned", "{actor} gave the chat {object} to {to}."),
    ("conversation.requeued", "{actor} put the chat {object} of {from} back into the queue."),
    ("canned_reply.create", "{actor} wrote a canned reply."),
    ("canned_reply.delete", "{actor} deleted a canned reply."),
    ("canned_reply.edit", "{actor} changed a canned reply."),
    ("canned_reply.starters", "{actor} added the canned replies to begin with."),
    ("conversation.email_transcript", "{actor} had the transcript of {object} sent by mail."),
    ("coverage.begins", "The coverage agreement {name} began to count."),
    ("coverage.create", "{actor} made the coverage agreement {name}."),
    ("coverage.end", "{actor} ended the coverage agreement {name}."),
    ("coverage.pauses", "The coverage agreement {name} stopped counting for the time being."),
    ("conversation.supervised", "{actor} looked into {object}, which somebody else handles."),
    ("conversation.transferred", "{actor} handed the chat {object} on to {to}."),
    ("domain.add", "{actor} added the domain {host}."),
    ("domain.check", "The domain {host} became {after}; before it was {before}."),
    ("domain.make_primary", "{actor} made {host} the domain that links lead to."),
    ("domain.release", "{actor} released the domain {host}."),
    ("handoff.edit", "{actor} changed how the AI agent {object} hands over."),
    ("handoff.enable", "{actor} turned handoff of the AI agent {object} {onoff}."),
    ("holiday_calendar.delete", "{actor} removed the holiday calendar {name}."),
    ("holiday_calendar.edit", "{actor} changed the holiday calendar {after.name}."),
    ("holiday_calendar.import", "{actor} imported the holiday calendar {name}."),
    ("keyword_alert.create", "{actor} set the keyword alert {name}."),
    ("keyword_alert.delete", "{actor} deleted the keyword alert {name}."),
    ("keyword_alert.disable", "{actor} switched the keyword alert {name} off."),
    ("keyword_alert.enable", "{actor} switched the keyword alert {name} on."),
    ("keyword_alert.update", "{actor} changed the keyword alert {after.name}."),
    ("knowledge.create", "{actor} added the knowledge entry {object}."),
    ("knowledge.delete", "{actor} removed the knowledge entry {object}."),
    ("knowledge.edit", "{actor} changed the knowledge entry {object}."),
    ("mail.resend", "{actor} had a mail to {recipient} sent again."),
    ("mail_text.restore", "{actor} restored the original text of the mail {title}."),
    ("mail_text.save", "{actor} changed the text of the mail {title}."),
    ("note.delete", "{actor} deleted a note."),
    ("organization.create", "{actor} created the organization {object}."),
    ("organization.delete", "{actor} put the organization {object} into the bin."),
    ("organization.edit", "{actor} renamed the organization {before.name} to {after.name}."),
    ("organization.edit_logo", "{actor} changed the logo of the organization {object}."),
    ("organization.purge", "{actor} took the organization {object} away for good."),
    ("organization.restore", "{actor} took the organization {object} out of the bin."),
    ("organization.resume", "{actor} resumed the organization {object}."),
    ("organization.suspend", "{actor} suspended the organization {object}: {reason}."),
    ("package.create", "{actor} created the package {object}."),
    ("package.delete", "{actor} deleted the package {object}."),
    ("package.update", "{actor} changed the package {object}."),
    ("password.change", "{actor} changed their password."),
    ("password.request_reset", "Somebody asked for a new password for {object}."),
    ("password.reset", "{actor} chose a new password by a link."),
    ("profile.update", "{actor} changed their name, language or time zone."),
    ("routing.add_team_member", "{actor} put {user} into the team {object}."),
    ("routing.create_team", "{actor} made the team {name}."),
    ("routing.delete_team", "{actor} removed the team {name}."),
    ("routing.remove_team_member", "{actor} took {user} out of the team {object}."),
    ("routing.update_team", "{actor} changed the team {after.name}."),
    ("push.resend", "{actor} had a push notification sent again."),
    ("rehearsal.start", "{actor} began a rehearsal."),
    ("second_factor.demand", "{actor} turned the demand of a second factor for everybody {onoff}."),
    ("second_factor.off", "{actor} signs in without a second factor from now on."),
    ("second_factor.on", "{actor} signs in with a second factor from now on."),
    ("second_factor.renew_codes", "{actor} got new recovery codes."),
    ("second_factor.start", "{actor} began to set up a second factor."),
    ("sender.check", "{actor} had the sender checked."),
    ("sender.edit", "{actor} changed the sender of mails."),
    ("sender.proof", "The sender of mails became {after}; before it was {before}."),
    ("sender.remove", "{actor} removed the sender of mails."),
    ("sender.test", "{actor} sent a test mail."),
    ("session.begin", "{actor} signed in with {browser}."),
    ("session.end", "{actor} ended a session."),
    ("session.end_others", "{actor} ended all of their other sessions."),
    ("session.reuse_detected", "A copy of a session of {actor} was shown; the session was ended."),
    ("escalation_ladder.update", "{actor} changed the escalation ladder."),
    ("notification_defaults.update", "{actor} changed what people of the organization are told of by default."),
    ("offline_query.answer", "{actor} answered an offline query."),
    ("offline_query.close", "{actor} closed an offline query."),
    ("offline_query.reopen", "{actor} opened an offline query again."),
    ("setting.set", "{actor} changed the setting {key}."),
    ("setting.set_mode", "{actor} changed what is left open of the setting {key}."),
    ("team.accept", "{actor} accepted the invitation of {email}."),
    ("team.create_member", "{actor} made an account for {email}."),
    ("team.invite", "{actor} invited {email}."),
    ("team.invite_again", "{actor} sent the invitation of {email} again."),
    ("team.limit_ai_agents", "{actor} changed which AI agents {object} reaches."),
    ("team.limit_organizations", "{actor} changed which organizations {object} reaches."),
    ("team.remove", "{actor} removed {email}."),
    ("team.reset_second_factor", "{actor} took away the second factor of {object}."),
    ("team.resume", "{actor} let {object} in again."),
    ("team.revoke_invitation", "{actor} revoked the invitation of {email}."),
    ("team.set_role", "{actor} changed the role of {object}."),
    ("team.suspend", "{actor} suspended {object}."),
    ("viewing.begin", "{actor} began to look through the eyes of {object}: {reason}."),
    ("viewing.end", "{actor} stopped looking through the eyes of {object}."),
    ("visitor.block", "{actor} blocked a visitor: {reason}."),
    ("visitor.forget", "{actor} had what is known of a visitor erased."),
    ("visitor.unblock", "{actor} lifted the block of a visitor."),
    ("webhook.create", "{actor} made the webhook {name} to {host}."),
    ("webhook.delete", "{actor} deleted the webhook {name}."),
    ("webhook.disable", "{actor} switched the webhook {name} off: {because}."),
    ("webhook.enable", "{actor} switched the webhook {name} on again."),
    ("webhook.replay", "{actor} had the webhook {name} told again: {deliveries} deliveries."),
    ("webhook.rotate_secret", "{actor} made a new secret for the webhook {name}."),
    ("webhook.update", "{actor} changed the webhook {after.name}."),
    ("widget.edit_appearance", "{actor} changed the looks of the widget {object}."),
    ("widget.edit_origins", "{actor} changed which pages may show the widget {object}."),
    ("widget.rotate_secret", "{actor} made a new secret to sign for visitors of the widget {object}."),
];

/// What somebody has to hold, besides the right to read the log, to be told what an entry says of its object: the log is no
/// way around the permission that guards the thing itself.
pub fn guarded_by(action: &str) -> Option<Permission> {
    Some(match action.split('.').next().unwrap_or_default() {
        "ai_agent" if action == "ai_agent.edit_prompt" => Permission::AiAgentEditPrompt,
        "api_key" => Permission::ApiKeyManage,
        "branding" => Permission::BrandingEdit,
        "conversation" | "note" => Permission::ConversationRead,
        "domain" => Permission::DomainManage,
        "knowledge" => Permission::KnowledgeRead,
        "mail" | "mail_text" | "sender" => Permission::SenderManage,
        "package" => Permission::PackageEdit,
        "rehearsal" => Permission::HandoffRead,
        "address" | "coverage" | "team" => Permission::TeamView,
        "webhook" => Permission::WebhookManage,
        "keyword_alert" => Permission::KeywordAlertEdit,
        _ => return None,
    })
}

/// One plain sentence about an entry, for people. An action without a sentence is said as it is.
pub fn sentence(action: &str, actor: &str, object: &str, detail: &Value) -> String {
    let known = SENTENCES.iter().find(|(name, _)| *name == action).map(|(_, sentence)| *sentence);
    let mut rest = known.unwrap_or("{actor} did “{action}” to {object}.");
    let mut said = String::with_capacity(rest.len() + 64);
    while let Some((plain, after)) = rest.split_once('{') {
        said.push_str(plain);
        let (name, after) = after.split_once('}').unwrap_or((after, ""));
        match name {
            "actor" => said.push_str(actor),
            "object" => said.push_str(object),
            "action" => said.push_str(action),
            "onoff" => said.push_str(if detail["after"] == true { "on" } else { "off" }),
            path => {
                let value = path.split('.').fold(detail, |value, step| &value[step]);
                match value {
                    Value::String(text) => said.push_str(text.trim_end_matches('.')),
                    Value::Null => said.push('–'),
                    other => said.push_str(&other.to_string()),
                }
            }
        }
        rest = after;
    }
    said.push_str(rest);
    said
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn entry() -> AuditEntry {
        AuditEntry {
            id: AuditEntryId::from_number(1),
            agency: AgencyId::from_number(2),
            organization: None,
            actor: "usr_a".to_owned(),
            as_actor: None,
            action: "organization.edit".to_owned(),
            object: "org_b".to_owned(),
            detail: "{}".to_owned(),
            address: "192.0.2.1".to_owned(),
            created_at: Time::from_micros(5),
            seq: None,
            hash: None,
        }
    }

    #[test]
    fn every_field_is_in_the_hash_and_none_passes_for_another() {
        let first = entry().hash_after("", 1);
        let changed = [
            AuditEntry { id: AuditEntryId::from_number(9), ..entry() },
            AuditEntry { agency: AgencyId::from_number(9), ..entry() },
            AuditEntry { organization: Some(OrganizationId::from_number(9)), ..entry() },
            AuditEntry { actor: "usr_b".to_owned(), ..entry() },
            AuditEntry { as_actor: Some("usr_c".to_owned()), ..entry() },
            AuditEntry { action: "organization.editorg_b".to_owned(), object: String::new(), ..entry() },
            AuditEntry { object: "org_c".to_owned(), ..entry() },
            AuditEntry { detail: "{ }".to_owned(), ..entry() },
            AuditEntry { address: String::new(), ..entry() },
            AuditEntry { created_at: Time::from_micros(6), ..entry() },
        ];
        assert!(changed.iter().all(|other| other.hash_after("", 1) != first));
        assert!(entry().hash_after("", 2) != first && entry().hash_after("x", 1) != first);
        assert_eq!(entry().hash_after("", 1), first);
    }

    #[test]
    fn sentences_are_plain() {
        let check = |action: &str, detail: Value, expected: &str| {
            assert_eq!(sentence(action, "Nora", "Blue Bakery", &detail), expected);
        };
        check("organization.create", json!({}), "Nora created the organization Blue Bakery.");
        let detail = json!({ "before": { "name": "Red" }, "after": { "name": "Blue" } });
        check("organization.edit", detail, "Nora renamed the organization Red to Blue.");
        check(
            "organization.suspend",
            json!({ "reason": "unpaid." }),
            "Nora suspended the organization Blue Bakery: unpaid.",
        );
        check("handoff.enable", json!({ "after": true }), "Nora turned handoff of the AI agent Blue Bakery on.");
        check("some.thing", json!({}), "Nora did “some.thing” to Blue Bakery.");
    }
}
