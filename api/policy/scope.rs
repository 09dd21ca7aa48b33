//! The handle that a permission returns, and the only way to tenant data: what may be touched, and nothing about why.

use crate::domain::access::{Place, VisitorActor};
use crate::domain::id::{AgencyId, AiAgentId, ConversationId, OrganizationId, UserId, VisitorId, WidgetId};

/// What one membership opens.
#[derive(Debug, Clone, Copy)]
pub(super) struct Grant<'a> {
    /// Where.
    pub(super) places: Places<'a>,
    /// Only these AI agents; none means all.
    pub(super) ai_agents: Option<&'a [AiAgentId]>,
}

/// Which organizations a grant opens.
#[derive(Debug, Clone, Copy)]
pub(super) enum Places<'a> {
    /// All of the agency, and the agency itself.
    Agency,
    /// These organizations; with `agency_itself` also what needs no organization and no AI agent.
    Listed { organizations: &'a [OrganizationId], agency_itself: bool },
}

/// What may be touched: every store function on tenant data takes one, and only this room makes them.
#[derive(Debug, Clone)]
pub struct Scope {
    agency: AgencyId,
    holder: Holder,
    extent: Extent,
}

#[derive(Debug, Clone, Copy)]
enum Holder {
    User(UserId),
    Visitor { visitor: VisitorId, widget: WidgetId },
    House(&'static str),
}

#[derive(Debug, Clone)]
enum Extent {
    /// All of the agency.
    Agency,
    /// All of one organization. By far the most common, hence without a list: making one allocates nothing.
    Organization(OrganizationId),
    /// Several grants, or grants limited to AI agents.
    Mixed(Box<Mixed>),
    /// One conversation.
    Conversation(ConversationId),
}

#[derive(Debug, Clone, Default)]
struct Mixed {
    /// All organizations are opened, if only for some AI agents.
    all_organizations: bool,
    agency_itself: bool,
    /// Sorted: those opened at all, besides.
    organizations: Vec<OrganizationId>,
    /// Sorted: those opened with all of their AI agents.
    whole: Vec<OrganizationId>,
    /// Sorted: AI agents opened in one organization.
    pairs: Vec<(OrganizationId, AiAgentId)>,
    /// Sorted: AI agents opened wherever they stand.
    ai_agents: Vec<AiAgentId>,
}

/// Which rows of AI agents (conversations, widgets, knowledge) lie in a scope that is not the whole agency.
///
/// A row does when its organization is in `organizations`, or its AI agent is in `ai_agents`, or both together are in
/// `pairs`. Pairs, because what an AI agent did for one organization stays there when it moves to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rows<'a> {
    /// Organizations of which every row counts. Sorted.
    pub organizations: &'a [OrganizationId],
    /// AI agents whose rows count in one organization. Sorted.
    pub pairs: &'a [(OrganizationId, AiAgentId)],
    /// AI agents whose rows count in any organization, or in none. Sorted.
    pub ai_agents: &'a [AiAgentId],
}

impl Scope {
    /// Exactly the conversation of a visitor, whose token the door has checked.
    pub fn of_visitor(actor: &VisitorActor) -> Self {
        Self {
            agency: actor.agency,
            holder: Holder::Visitor { visitor: actor.visitor, widget: actor.widget },
            extent: Extent::Conversation(actor.conversation),
        }
    }

    /// All of an agency, for work that nobody asked for. `reason` says why, for whoever searches for these.
    pub fn system(agency: AgencyId, reason: &'static str) -> Self {
        Self { agency, holder: Holder::House(reason), extent: Extent::Agency }
    }

    /// All of one organization.
    pub(super) fn of_organization(agency: AgencyId, user: UserId, organization: OrganizationId) -> Self {
        Self { agency, holder: Holder::User(user), extent: Extent::Organization(organization) }
    }

    /// All that the grants open together; nothing when there are none.
    pub(super) fn of_grants<'a>(agency: AgencyId, user: UserId, grants: impl IntoIterator<Item = Grant<'a>>) -> Self {
        let mut mixed = Mixed::default();
        for grant in grants {
            match (grant.places, grant.ai_agents) {
                (Places::Agency, None) => return Self { agency, holder: Holder::User(user), extent: Extent::Agency },
                (Places::Agency, Some(ai_agents)) => {
                    mixed.all_organizations = true;
                    mixed.agency_itself = true;
                    mixed.ai_agents.extend(ai_agents);
                }
                (Places::Listed { organizations, agency_itself }, ai_agents) => {
                    mixed.agency_itself |= agency_itself;
                    mixed.organizations.extend(organizations);
                    match ai_agents {
                        None => mixed.whole.extend(organizations),
                        Some(limit) => {
                            let pairs = organizations.iter().flat_map(|o| limit.iter().map(|a| (*o, *a)));
                            mixed.pairs.extend(pairs);
                        }
                    }
                }
            }
        }
        Self { agency, holder: Holder::User(user), extent: mixed.settle() }
    }

    /// The agency. Whatever else the scope says, rows of another one are never in it.
    pub fn agency(&self) -> AgencyId {
        self.agency
    }

    /// The user on whose behalf this is; none for visitors and for the house itself.
    pub fn user(&self) -> Option<UserId> {
        match self.holder {
            Holder::User(user) => Some(user),
            Holder::Visitor { .. } | Holder::House(_) => None,
        }
    }

    /// The visitor on whose behalf this is, and their widget.
    pub fn visitor(&self) -> Option<(VisitorId, WidgetId)> {
        match self.holder {
            Holder::Visitor { visitor, widget } => Some((visitor, widget)),
            Holder::User(_) | Holder::House(_) => None,
        }
    }

    /// Why the house itself acts, when it does.
    pub fn system_reason(&self) -> Option<&'static str> {
        match self.holder {
            Holder::House(reason) => Some(reason),
            Holder::User(_) | Holder::Visitor { .. } => None,
        }
    }

    /// The only conversation within reach, for visitors. None means that it is no visitor's scope.
    pub fn conversation(&self) -> Option<ConversationId> {
        match self.extent {
            Extent::Conversation(conversation) => Some(conversation),
            Extent::Agency | Extent::Organization(_) | Extent::Mixed(_) => None,
        }
    }

    /// For rows that belong to an organization and to no AI agent: those within reach, sorted. None means all of the
    /// agency and what is not assigned to any. For a visitor there are none: a list that forgets visitors stays empty.
    pub fn organizations(&self) -> Option<&[OrganizationId]> {
        match &self.extent {
            Extent::Agency => None,
            Extent::Organization(organization) => Some(std::slice::from_ref(organization)),
            Extent::Mixed(mixed) if mixed.all_organizations => None,
            Extent::Mixed(mixed) => Some(&mixed.organizations),
            Extent::Conversation(_) => Some(&[]),
        }
    }

    /// For rows that belong to an AI agent: which are within reach. None means all of the agency. For a visitor there
    /// are none but [`Self::conversation`].
    pub fn rows(&self) -> Option<Rows<'_>> {
        let nothing = Rows { organizations: &[], pairs: &[], ai_agents: &[] };
        match &self.extent {
            Extent::Agency => None,
            Extent::Organization(organization) => {
                Some(Rows { organizations: std::slice::from_ref(organization), ..nothing })
            }
            Extent::Mixed(mixed) => {
                Some(Rows { organizations: &mixed.whole, pairs: &mixed.pairs, ai_agents: &mixed.ai_agents })
            }
            Extent::Conversation(_) => Some(nothing),
        }
    }

    /// Whether a thing that stands there is within reach. Never so for a visitor, who reaches no place but one
    /// conversation: see [`Self::covers_conversation`].
    pub fn covers(&self, place: &Place) -> bool {
        if place.agency != self.agency {
            return false;
        }
        let mixed = match &self.extent {
            Extent::Agency => return true,
            Extent::Organization(organization) => return place.organization == Some(*organization),
            Extent::Conversation(_) => return false,
            Extent::Mixed(mixed) => mixed,
        };
        match (place.organization, place.ai_agent) {
            (None, None) => mixed.agency_itself,
            (Some(organization), None) => {
                mixed.all_organizations || mixed.organizations.binary_search(&organization).is_ok()
            }
            (None, Some(ai_agent)) => mixed.ai_agents.binary_search(&ai_agent).is_ok(),
            (Some(organization), Some(ai_agent)) => {
                mixed.whole.binary_search(&organization).is_ok()
                    || mixed.ai_agents.binary_search(&ai_agent).is_ok()
                    || mixed.pairs.binary_search(&(organization, ai_agent)).is_ok()
            }
        }
    }

    /// Whether that conversation, which stands there, is within reach; for people and visitors alike.
    pub fn covers_conversation(&self, place: &Place, conversation: ConversationId) -> bool {
        match self.extent {
            Extent::Conversation(own) => place.agency == self.agency && conversation == own,
            Extent::Agency | Extent::Organization(_) | Extent::Mixed(_) => self.covers(place),
        }
    }
}

impl Mixed {
    /// Sorts, drops what is said twice, and takes the short form where there is one.
    fn settle(mut self) -> Extent {
        fn tidy<T: Ord>(list: &mut Vec<T>) {
            list.sort_unstable();
            list.dedup();
        }
        tidy(&mut self.organizations);
        tidy(&mut self.whole);
        tidy(&mut self.pairs);
        tidy(&mut self.ai_agents);
        let whole = &self.whole;
        self.pairs.retain(|(organization, _)| whole.binary_search(organization).is_err());
        match (self.whole.as_slice(), self.organizations.as_slice()) {
            ([only], [_]) if !self.all_organizations && !self.agency_itself => Extent::Organization(*only),
            _ => Extent::Mixed(Box::new(self)),
        }
    }
}
