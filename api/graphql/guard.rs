//! The guard before every execution: each field says in the SDL who may have it, and a field that says nothing is denied.
//!
//! What it lets pass is not allowed yet: the services ask the policy for the very place. It makes sure that no resolver
//! can be reached by somebody who holds its permission nowhere, whoever wrote it.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use async_graphql::parser::types::{
    BaseType, ExecutableDocument, FragmentDefinition, OperationType, Selection, SelectionSet, ServiceDocument,
    TypeKind, TypeSystemDefinition,
};
use async_graphql::parser::{Positioned, parse_schema};
use async_graphql::{Name, Value as ConstValue, Variables};
use async_graphql_value::Value;

use crate::domain::access::Actor;
use crate::domain::key;
use crate::domain::permission::Permission;
use crate::error::{Error, Result};
use crate::policy::Policy;
use crate::service::key::needs_a_person;
use crate::service::person_of;
use crate::service::viewing::refused;

/// Who may have a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Rule {
    /// Everybody.
    Public,
    /// Whoever it belongs to; the resolver gives them their own.
    OwnerOnly,
    /// Whoever holds the permission where the thing stands.
    Requires(Permission),
}

/// The type that is given to whoever has just signed in.
const SIGNS_IN: &str = "SignIn";

/// The one change of an account's matters that is open to whoever views as a client.
const ENDS_VIEW: &str = "endViewAsClient";

#[derive(Debug)]
struct Field {
    rule: Option<Rule>,
    gives: Name,
}

/// The rules of one schema.
#[derive(Debug)]
pub struct Guard {
    types: HashMap<Name, HashMap<Name, Field>>,
    roots: [Option<Name>; 3],
    visitors: bool,
}

fn rule_of(directives: &[Positioned<async_graphql::parser::types::ConstDirective>]) -> Result<Option<Rule>> {
    for directive in directives {
        match directive.node.name.node.as_str() {
            "public" => return Ok(Some(Rule::Public)),
            "ownerOnly" => return Ok(Some(Rule::OwnerOnly)),
            "requires" => {
                let named = directive.node.get_argument("permission").map(|value| &value.node);
                let Some(ConstValue::String(named)) = named else {
                    return Err(Error::internal("@requires without a permission"));
                };
                let permission = named
                    .parse()
                    .map_err(|_| Error::internal(format!("@requires names {named}, which is no permission")))?;
                return Ok(Some(Rule::Requires(permission)));
            }
            _ => {}
        }
    }
    Ok(None)
}

fn named(of: &BaseType) -> Name {
    match of {
        BaseType::Named(name) => name.clone(),
        BaseType::List(of) => named(&of.base),
    }
}

impl Guard {
    /// Reads the rules from a schema's own text: what is declared is what is enforced.
    ///
    /// # Errors
    /// INTERNAL for a directive that names no permission.
    pub fn of_sdl(sdl: &str) -> Result<Self> {
        let document: ServiceDocument = parse_schema(sdl).map_err(Error::internal)?;
        let mut types = HashMap::new();
        let mut roots = [Some(Name::new("Query")), Some(Name::new("Mutation")), Some(Name::new("Subscription"))];
        for definition in document.definitions {
            match definition {
                TypeSystemDefinition::Type(definition) => {
                    let whole = rule_of(&definition.node.directives)?;
                    if let TypeKind::Object(object) = definition.node.kind {
                        let mut fields = HashMap::new();
                        for field in object.fields {
                            let rule = rule_of(&field.node.directives)?.or(whole);
                            fields.insert(field.node.name.node, Field { rule, gives: named(&field.node.ty.node.base) });
                        }
                        types.insert(definition.node.name.node, fields);
                    }
                }
                TypeSystemDefinition::Schema(schema) => {
                    let name = |root: Option<Positioned<Name>>| root.map(|root| root.node);
                    roots = [name(schema.node.query), name(schema.node.mutation), name(schema.node.subscription)];
                }
                TypeSystemDefinition::Directive(_) => {}
            }
        }
        let visitors = types.contains_key("VisitorSession");
        Ok(Self { types, roots, visitors })
    }

    /// Every field of every type with its rule: `("Query", "viewer", rule)`.
    pub fn fields(&self) -> impl Iterator<Item = (&str, &str, Option<Rule>)> {
        self.types
            .iter()
            .flat_map(|(of, fields)| fields.iter().map(move |(name, field)| (of.as_str(), name.as_str(), field.rule)))
    }

    /// Refuses a document in which the actor may not have some field. Gives the rules it rests on, for [`Guard::still`].
    pub fn check(&self, policy: &Policy, actor: &Actor, document: &ExecutableDocument) -> Result<Arc<[Rule]>> {
        let mut walk = Walk {
            guard: self,
            fragments: &document.fragments,
            seen: HashSet::new(),
            rules: Vec::new(),
            touches_account: false,
            changes_rights: false,
        };
        for (_, operation) in document.operations.iter() {
            let root = match operation.node.ty {
                OperationType::Query => &self.roots[0],
                OperationType::Mutation => &self.roots[1],
                OperationType::Subscription => &self.roots[2],
            };
            if let Some(root) = root {
                walk.selections(root, &operation.node.selection_set.node)?;
            }
        }
        if walk.touches_account && actor.person().is_some_and(|person| person.viewing_as.is_some()) {
            return Err(refused());
        }
        // A key is nobody: it has no account, signs nobody in, and gives nobody any rights, itself least of all.
        if (walk.touches_account || walk.changes_rights) && actor.key().is_some() {
            return Err(needs_a_person());
        }
        let rules: Arc<[Rule]> = walk.rules.into();
        self.still(policy, actor, &rules)?;
        Ok(rules)
    }

    /// Whether this is the visitors' schema.
    pub fn is_of_visitors(&self) -> bool {
        self.visitors
    }

    /// The root fields by which a visitor would change something of theirs: whatever a document's mutations name and is not
    /// public. Nothing is exempt by its name.
    pub fn changes(&self, document: &ExecutableDocument) -> Vec<Name> {
        let mut names = Vec::new();
        let Some(root) = &self.roots[1] else { return names };
        let Some(fields) = self.types.get(root) else { return names };
        let mutations = document.operations.iter().filter(|(_, one)| one.node.ty == OperationType::Mutation);
        let mut sets: Vec<&SelectionSet> = mutations.map(|(_, one)| &one.node.selection_set.node).collect();
        let mut seen: HashSet<&Name> = HashSet::new();
        while let Some(set) = sets.pop() {
            for selection in &set.items {
                match &selection.node {
                    Selection::Field(field) => {
                        let name = &field.node.name.node;
                        if fields.get(name).is_some_and(|known| known.rule != Some(Rule::Public)) {
                            names.push(name.clone());
                        }
                    }
                    Selection::InlineFragment(fragment) => sets.push(&fragment.node.selection_set.node),
                    Selection::FragmentSpread(spread) => {
                        let name = &spread.node.fragment_name.node;
                        if let Some(fragment) = document.fragments.get(name)
                            && seen.insert(name)
                        {
                            sets.push(&fragment.node.selection_set.node);
                        }
                    }
                }
            }
        }
        names
    }

    /// Whether the actor, as they are now, still fulfils the rules.
    pub fn still(&self, policy: &Policy, actor: &Actor, rules: &[Rule]) -> Result<()> {
        for rule in rules {
            match rule {
                Rule::Public => {}
                Rule::OwnerOnly if self.visitors => {
                    actor
                        .visitor()
                        .ok_or_else(|| Error::unauthenticated("NO_SESSION", "There is no visitor's session."))?;
                }
                Rule::OwnerOnly => {
                    person_of(actor)?;
                }
                Rule::Requires(permission) => policy.may_somewhere(actor, *permission)?,
            }
        }
        Ok(())
    }
}

/// Every text that the arguments of a document's root fields hold: the ids of what it is about are among them.
pub(super) fn ids_named(document: &ExecutableDocument, variables: &Variables) -> Vec<String> {
    let mut texts = Vec::new();
    for (_, operation) in document.operations.iter() {
        for selection in &operation.node.selection_set.node.items {
            if let Selection::Field(field) = &selection.node {
                for (_, value) in &field.node.arguments {
                    match &value.node {
                        Value::String(text) => texts.push(text.clone()),
                        Value::Variable(name) => {
                            if let Some(ConstValue::String(text)) = variables.get(name) {
                                texts.push(text.clone());
                            }
                        }
                        _ => {}
                    }
                }
            }
        }
    }
    texts
}

struct Walk<'a> {
    guard: &'a Guard,
    fragments: &'a HashMap<Name, Positioned<FragmentDefinition>>,
    seen: HashSet<Name>,
    rules: Vec<Rule>,
    /// It changes something that is no tenant's but somebody's own, or signs in.
    touches_account: bool,
    /// It changes who may do what.
    changes_rights: bool,
}

impl Walk<'_> {
    /// Depth is bounded by the gate. What the library's validation will refuse anyway is passed over here.
    fn selections(&mut self, of: &Name, set: &SelectionSet) -> Result<()> {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) => {
                    let name = &field.node.name.node;
                    if name.starts_with("__") {
                        continue;
                    }
                    let Some(known) = self.guard.types.get(of).and_then(|fields| fields.get(name)) else { continue };
                    let rule = known
                        .rule
                        .ok_or_else(|| Error::internal(format!("{of}.{name} does not say who may have it")))?;
                    if self.guard.roots[1].as_ref() == Some(of)
                        && !matches!(rule, Rule::Requires(_))
                        && name.as_str() != ENDS_VIEW
                    {
                        self.touches_account = true;
                    }
                    if let Rule::Requires(permission) = rule {
                        self.changes_rights |=
                            self.guard.roots[1].as_ref() == Some(of) && key::is_of_rights(permission);
                    }
                    // In the order of the document: a refusal names the first that is missing.
                    if !self.rules.contains(&rule) {
                        self.rules.push(rule);
                    }
                    // Whoever asks this signs in by it: what is below belongs to the person who has just proven who they
                    // are, and its resolvers ask the policy about that person.
                    if known.gives == SIGNS_IN {
                        continue;
                    }
                    self.selections(&known.gives, &field.node.selection_set.node)?;
                }
                Selection::InlineFragment(fragment) => {
                    let on = fragment.node.type_condition.as_ref().map_or(of, |on| &on.node.on.node).clone();
                    self.selections(&on, &fragment.node.selection_set.node)?;
                }
                Selection::FragmentSpread(spread) => {
                    let name = &spread.node.fragment_name.node;
                    if self.seen.insert(name.clone())
                        && let Some(fragment) = self.fragments.get(name)
                    {
                        let on = fragment.node.type_condition.node.on.node.clone();
                        self.selections(&on, &fragment.node.selection_set.node)?;
                    }
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use async_graphql::parser::parse_query;

    const SDL: &str = "
        directive @requires(permission: String!) on FIELD_DEFINITION | OBJECT
        type Query { open: Int @public, mine: Int @ownerOnly, things: Thing @requires(permission: \"home.view\"), forgotten: Int }
        type Thing @requires(permission: \"home.view\") { name: String, more: Thing }
    ";

    #[test]
    fn what_is_not_declared_is_denied() {
        let guard = Guard::of_sdl(SDL).expect("rules");
        let policy = Policy::built_in().expect("policy");
        let check = |query: &str, expected: Option<&str>| {
            let document = parse_query(query).expect("document");
            let got = guard.check(&policy, &Actor::Anonymous, &document).err().map(|error| error.code.as_str());
            assert_eq!(got, expected, "{query}");
        };
        check("{ open }", None);
        check("{ forgotten }", Some("INTERNAL"));
        check("{ mine }", Some("UNAUTHENTICATED"));
        check("{ open ...F } fragment F on Query { things { name } }", Some("UNAUTHENTICATED"));
        check("{ ... on Query { ... { things { more { name } } } } }", Some("UNAUTHENTICATED"));
        check("query A { open } query B { mine }", Some("UNAUTHENTICATED"));
    }
}
