//! Setting up: an agency by the platform admin, and the data of demo mode.

use std::time::Duration;

use serde_json::json;

use super::{By, Services, people};
use crate::domain::access::Membership;
use crate::domain::agent::{AiAgent, KnowledgeEntry, Own, Position, Widget};
use crate::domain::brand::Brand;
use crate::domain::id::{AgencyId, OrganizationId, UserId, WidgetId};
use crate::domain::page::Page;
use crate::domain::tenant::{Agency, Organization, User};
use crate::domain::text;
use crate::domain::time::Time;
use crate::error::{Error, Result};
use crate::policy::Scope;
use crate::store::{Write, access, agency, agent, identity, knowledge};

/// Creates an agency, and a domain if one is given. Gives its id, and the link by which its owner comes: it is handed over
/// by whoever runs the platform, is good for seven days, and works once.
///
/// # Errors
/// INVALID for bad names or addresses; CONFLICT with HOST_TAKEN.
pub async fn create_agency(
    s: &Services,
    name: &str,
    owner_name: &str,
    owner_email: &str,
    host: Option<&str>,
) -> Result<(AgencyId, String)> {
    let name = text::line("name", name, 80)?;
    let brand = Brand { name: name.clone(), ..Brand::default() };
    let mut unit = s.store.write().await?;
    let id = add_agency(s, &mut unit, &name, brand, host, s.clock.now()).await?;
    let scope = Scope::system(id, "creating an agency");
    let by = By { actor: "platform", organization: None };
    s.note(&mut unit, &scope, &by, "agency.create", id, json!({ "name": name })).await?;
    let link = people::invite_owner(s, &mut unit, id, owner_email, owner_name).await?;
    unit.commit().await?;
    Ok((id, link))
}

/// Hands an agency over: gives the link by which the new owner comes. The owners of today stay until then, and are admins
/// from then on.
///
/// # Errors
/// NOT_FOUND when there is no such agency; CONFLICT with ALREADY_MEMBER or ALREADY_INVITED when the address belongs to its
/// staff, or was invited already.
pub async fn hand_over_agency(s: &Services, id: AgencyId, name: &str, email: &str) -> Result<String> {
    let email = text::email("email", email)?;
    let mut unit = s.store.write().await?;
    agency::agency(&mut unit, id).await?.ok_or_else(|| Error::not_found("agency"))?;
    super::agency::await_owner(s, &mut unit, id, &email).await?;
    let link = people::invite_owner(s, &mut unit, id, &email, name).await?;
    unit.commit().await?;
    Ok(link)
}

/// What this release needs of data that an earlier one has kept: done once, when the server starts.
pub async fn settle(s: &Services) -> Result<()> {
    super::audit::adopt(s).await
}

struct Account {
    name: String,
    email: String,
    hash: String,
}

async fn add_agency(
    s: &Services,
    unit: &mut Write,
    name: &str,
    brand: Brand,
    host: Option<&str>,
    now: Time,
) -> Result<AgencyId> {
    let new = Agency { id: s.ids.next(now), name: name.to_owned(), brand };
    agency::insert_agency(unit, &new, now).await?;
    if let Some(host) = host {
        super::domain::grant(s, unit, new.id, host, now).await?;
    }
    Ok(new.id)
}

async fn add_user(
    s: &Services,
    unit: &mut Write,
    agency: AgencyId,
    organization: Option<OrganizationId>,
    role: &str,
    account: Account,
) -> Result<UserId> {
    let now = s.clock.now();
    let user = User { id: s.ids.next(now), agency, name: account.name, email: account.email };
    identity::insert_user(unit, &user, &account.hash, now).await?;
    let membership = Membership {
        id: s.ids.next(now),
        agency,
        organization,
        role: access::role_id(role),
        role_key: role.to_owned(),
        organizations: None,
        ai_agents: None,
    };
    access::insert_membership(unit, user.id, &membership, now).await?;
    Ok(user.id)
}

/// The password of everybody in demo mode, which listens on this machine alone.
pub const DEMO_PASSWORD: &str = "demo-demo-demo";

/// The people of demo mode: address, and what they are there for.
pub const DEMO_PEOPLE: &[(&str, &str)] = &[
    ("owner@northlight.test", "owner of the agency Northlight"),
    ("owner@bluebakery.test", "owner of the organization Blue Bakery"),
    ("operator1@bluebakery.test", "operator of Blue Bakery"),
    ("operator2@bluebakery.test", "another operator of Blue Bakery"),
    ("viewer@bluebakery.test", "viewer of Blue Bakery: no settings, no live chats"),
    ("operator@harbordental.test", "operator of Harbor Dental"),
    ("owner@southpaw.test", "owner of the other agency, Southpaw"),
];

/// Puts the demo data into an empty database. One that has an agency is left as it is.
pub async fn seed_demo(s: &Services) -> Result<()> {
    let mut read = s.store.read().await?;
    if agency::first_agency(&mut read).await?.is_some() {
        return Ok(());
    }
    drop(read);
    let hash = s.passwords.hash(DEMO_PASSWORD).await?;
    let account =
        |name: &str, email: &str| Account { name: name.to_owned(), email: email.to_owned(), hash: hash.clone() };
    // Lists are ordered by id, and ids by milliseconds: whatever is made here has an instant of its own.
    let mut time = s.clock.now();
    let mut next = || {
        time = time.plus(Duration::from_millis(20));
        time
    };
    let mut unit = s.store.write().await?;
    let northlight = Brand {
        name: "Northlight".to_owned(),
        accent: "#0f5c5c".to_owned(),
        accent_dark: "#6fd0c8".to_owned(),
        support_email: Some("help@northlight.test".to_owned()),
        ..Brand::default()
    };
    let agency = add_agency(s, &mut unit, "Northlight", northlight, Some("northlight.localhost"), next()).await?;
    add_user(s, &mut unit, agency, None, "agency.owner", account("Nora Lindqvist", "owner@northlight.test")).await?;

    let bakery = add_organization(s, &mut unit, agency, "Blue Bakery", next()).await?;
    let people = [
        ("organization.owner", "Bruno Okafor", "owner@bluebakery.test"),
        ("organization.operator", "Olivia Hart", "operator1@bluebakery.test"),
        ("organization.operator", "Omar Reyes", "operator2@bluebakery.test"),
        ("organization.viewer", "Vera Blum", "viewer@bluebakery.test"),
    ];
    for (role, name, email) in people {
        add_user(s, &mut unit, agency, Some(bakery), role, account(name, email)).await?;
    }
    let crumb = Bot {
        name: "Crumb",
        title: "Blue Bakery",
        greeting: "Hi! I'm Crumb, the bakery's assistant. Ask me about bread, orders or opening hours.",
        accent: Some("#1f4e8c"),
        knowledge: BAKERY,
    };
    add_bot(s, &mut unit, agency, bakery, &crumb, next()).await?;

    let dental = add_organization(s, &mut unit, agency, "Harbor Dental", next()).await?;
    add_user(
        s,
        &mut unit,
        agency,
        Some(dental),
        "organization.operator",
        account("Hana Sato", "operator@harbordental.test"),
    )
    .await?;
    let molly = Bot {
        name: "Molly",
        title: "Harbor Dental",
        greeting: "Welcome to Harbor Dental. How can I help you today?",
        accent: None,
        knowledge: DENTAL,
    };
    add_bot(s, &mut unit, agency, dental, &molly, next()).await?;

    let southpaw = Brand {
        name: "Southpaw".to_owned(),
        accent: "#8a3b12".to_owned(),
        accent_dark: "#f0a878".to_owned(),
        radius: 4,
        ..Brand::default()
    };
    let other = add_agency(s, &mut unit, "Southpaw", southpaw, Some("southpaw.localhost"), next()).await?;
    add_user(s, &mut unit, other, None, "agency.owner", account("Sol Pereira", "owner@southpaw.test")).await?;
    unit.commit().await
}

async fn add_organization(
    s: &Services,
    unit: &mut Write,
    agency: AgencyId,
    name: &str,
    now: Time,
) -> Result<OrganizationId> {
    let new = Organization::new(s.ids.next(now), agency, name.to_owned(), now);
    agency::insert_organization(unit, &new).await?;
    let scope = Scope::system(agency, "the demo data");
    super::canned::start_with(s, unit, &scope, Some(new.id)).await?;
    Ok(new.id)
}

struct Bot {
    name: &'static str,
    title: &'static str,
    greeting: &'static str,
    accent: Option<&'static str>,
    knowledge: &'static [(&'static str, &'static str)],
}

async fn add_bot(
    s: &Services,
    unit: &mut Write,
    agency: AgencyId,
    organization: OrganizationId,
    bot: &Bot,
    now: Time,
) -> Result<()> {
    let scope = Scope::system(agency, "the demo data");
    let new = AiAgent {
        id: s.ids.next(now),
        agency,
        organization: Some(organization),
        name: bot.name.to_owned(),
        instructions: "Answer kindly and briefly, and only from what you have been told.".to_owned(),
        handoff_enabled: true,
        ask_contact: false,
        button_after_messages: 0,
        own: Own::default(),
        created_at: now,
    };
    agent::insert_ai_agent(unit, &new).await?;
    let widget = Widget {
        id: s.ids.next(now),
        agency,
        ai_agent: new.id,
        title: bot.title.to_owned(),
        greeting: bot.greeting.to_owned(),
        accent: bot.accent.map(str::to_owned),
        position: Position::BottomRight,
        allowed_origins: Vec::new(),
        rev: 1,
    };
    agent::insert_widget(unit, &widget, now).await?;
    for ((title, body), nth) in bot.knowledge.iter().zip(1..) {
        let now = now.plus(Duration::from_millis(nth));
        let entry = KnowledgeEntry {
            id: s.ids.next(now),
            ai_agent: new.id,
            title: (*title).to_owned(),
            body: (*body).to_owned(),
            updated_at: now,
        };
        knowledge::insert(unit, &scope, &entry, now).await?;
    }
    Ok(())
}

/// The widget that `/demo` shows: the bakery's, which was there first.
pub async fn demo_widget(s: &Services) -> Result<Option<WidgetId>> {
    let mut read = s.store.read().await?;
    let Some(first) = agency::first_agency(&mut read).await? else { return Ok(None) };
    let scope = Scope::system(first.id, "the widget of the demo page");
    let page = Page { first: 1, after: None };
    let agents = agent::ai_agents(&mut read, &scope, None, &page).await?;
    let ids: Vec<_> = agents.rows.iter().map(|agent| agent.id).collect();
    Ok(agent::widgets_of(&mut read, &scope, &ids).await?.pop().map(|widget| widget.id))
}

const BAKERY: &[(&str, &str)] = &[
    (
        "Opening hours",
        "We are open Tuesday to Saturday from 7:00 to 18:00 and on Sunday from 8:00 to 13:00. On Mondays the ovens rest.",
    ),
    (
        "Where are you?",
        "You find us at 12 Harbor Street, right behind the old lighthouse. The tram stop \"Lighthouse\" is two minutes away.",
    ),
    (
        "Sourdough bread",
        "Our sourdough ferments for 36 hours and is baked fresh each morning. A loaf of one kilo costs 6.50.",
    ),
    (
        "Gluten-free bread",
        "We bake a gluten-free buckwheat loaf on Thursdays, in a separate oven. Please order it until Wednesday noon.",
    ),
    (
        "Ordering a cake",
        "Cakes are made to order. Tell us the size, the flavour and the date at least three days ahead; a deposit of 20 percent is due when you order.",
    ),
    (
        "Delivery",
        "We deliver in town from Tuesday to Saturday. Orders placed before 16:00 arrive the next morning before 8:00. Delivery costs 4.00, and nothing above 30.00.",
    ),
    (
        "Allergens",
        "All our products may contain traces of nuts, sesame and milk. The full list of allergens hangs in the shop and is on each order confirmation.",
    ),
    (
        "Vegan products",
        "All our breads except the brioche are vegan. On Fridays there are vegan cinnamon rolls as well.",
    ),
    ("Paying", "We take cash, cards and mobile payment. Companies can pay monthly by invoice."),
    (
        "Cancelling an order",
        "Orders can be changed or cancelled free of charge until 14:00 on the day before. After that the dough is already rising, and we charge half of the price.",
    ),
    (
        "Baking courses",
        "Every first Sunday of the month Bruno teaches how to bake sourdough at home. A place costs 75.00 and includes your own starter.",
    ),
    ("Gift cards", "Gift cards of any value from 10.00 on are sold in the shop. They never expire."),
];

const DENTAL: &[(&str, &str)] = &[
    ("Opening hours", "Our practice is open Monday to Friday from 8:30 to 17:30, and until 20:00 on Thursdays."),
    (
        "Appointments",
        "Appointments can be made by telephone or through our reception. New patients usually get one within two weeks.",
    ),
    ("Emergencies", "With acute pain please call us as soon as we open: we keep two places free each morning."),
    ("Check-ups", "We recommend a check-up twice a year. It takes about 30 minutes."),
    ("Teeth cleaning", "A professional cleaning takes 45 minutes and costs 95.00. Most insurances pay a part of it."),
    ("Insurance", "We work with all insurances and send the bill to yours directly where that is possible."),
    ("Cancelling an appointment", "Please cancel at least 24 hours ahead; otherwise we charge 40.00."),
    ("Children", "Children are welcome from their first tooth on. Dr. Sato has been trained in treating children."),
    ("Anxiety", "If you are afraid of the dentist, tell us. We take more time, and offer sedation."),
    ("Whitening", "Whitening costs from 280.00 and lasts two to three years."),
    ("Implants", "Implants are planned in three visits. After an X-ray you get an estimate in writing."),
    ("Getting here", "The practice is at 4 Quay Road, first floor, with a lift. There is parking behind the house."),
];
