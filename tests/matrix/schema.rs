//! What a schema declares, read from its text, and independently of the guard that enforces it.

use std::collections::{BTreeMap, BTreeSet};

use livery::graphql::Guard;

use async_graphql::parser::types::{
    BaseType, ConstDirective, OperationType, Selection, SelectionSet, Type, TypeKind, TypeSystemDefinition,
};
use async_graphql::parser::{Positioned, parse_query, parse_schema};

/// Who may have a field, as its directive says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rule {
    Public,
    Owner,
    Requires(String),
}

/// One field of one type.
#[derive(Debug)]
pub struct Field {
    pub rule: Rule,
    pub gives: String,
    /// Arguments that cannot be left out.
    pub required: Vec<String>,
    /// Arguments that are ids.
    pub ids: Vec<String>,
}

/// The types of a schema with their fields.
pub struct Schema {
    pub types: BTreeMap<String, BTreeMap<String, Field>>,
    unions: BTreeSet<String>,
}

fn named(base: &BaseType) -> String {
    match base {
        BaseType::Named(name) => name.to_string(),
        BaseType::List(of) => named(&of.base),
    }
}

fn rule_of(directives: &[Positioned<ConstDirective>]) -> Option<Rule> {
    directives.iter().find_map(|directive| match directive.node.name.node.as_str() {
        "public" => Some(Rule::Public),
        "ownerOnly" => Some(Rule::Owner),
        "requires" => {
            let value =
                directive.node.get_argument("permission").expect("@requires names a permission").node.to_string();
            Some(Rule::Requires(value.trim_matches('"').to_owned()))
        }
        _ => None,
    })
}

impl Schema {
    pub fn read(sdl: &str) -> Self {
        let mut types = BTreeMap::new();
        let mut unions = BTreeSet::new();
        for definition in parse_schema(sdl).expect("a schema").definitions {
            let TypeSystemDefinition::Type(definition) = definition else { continue };
            let name = definition.node.name.node.to_string();
            let whole = rule_of(&definition.node.directives);
            match definition.node.kind {
                TypeKind::Object(object) => {
                    let fields = object.fields.into_iter().map(|field| {
                        let field = field.node;
                        let called = field.name.node.to_string();
                        let rule = rule_of(&field.directives).or_else(|| whole.clone());
                        let arguments = |fits: fn(&Type) -> bool| {
                            let fitting = field.arguments.iter().filter(|argument| fits(&argument.node.ty.node));
                            fitting.map(|argument| argument.node.name.node.to_string()).collect()
                        };
                        let found = Field {
                            rule: rule.unwrap_or_else(|| panic!("{name}.{called} does not say who may have it")),
                            gives: named(&field.ty.node.base),
                            required: arguments(|ty| !ty.nullable),
                            ids: arguments(|ty| named(&ty.base) == "ID"),
                        };
                        (called, found)
                    });
                    types.insert(name.clone(), fields.collect());
                }
                TypeKind::Union(_) => {
                    unions.insert(name);
                }
                _ => {}
            }
        }
        let schema = Self { types, unions };
        // The guard reads the same text for itself: neither may overlook a field.
        let guard = Guard::of_sdl(sdl).expect("the guard reads it");
        let guarded: BTreeSet<(String, String)> =
            guard.fields().map(|(of, field, _)| (of.to_owned(), field.to_owned())).collect();
        assert_eq!(guarded, schema.fields().map(|(of, field, _)| (of.to_owned(), field.to_owned())).collect());
        schema
    }

    /// Every field of every type.
    pub fn fields(&self) -> impl Iterator<Item = (&str, &str, &Field)> {
        self.types
            .iter()
            .flat_map(|(of, fields)| fields.iter().map(move |(name, field)| (of.as_str(), name.as_str(), field)))
    }

    pub fn field(&self, of: &str, name: &str) -> &Field {
        let found = self.types.get(of).and_then(|fields| fields.get(name));
        found.unwrap_or_else(|| panic!("the schema has no {of}.{name}"))
    }

    /// Whether a type has fields to select.
    pub fn has_fields(&self, name: &str) -> bool {
        self.types.contains_key(name) || self.unions.contains(name)
    }

    /// The fields that a document of these tests selects, from the root to the one that is asked for.
    pub fn chain(&self, document: &str) -> Vec<(String, String)> {
        let document = parse_query(document).unwrap_or_else(|error| panic!("{document}: {error}"));
        let (_, operation) = document.operations.iter().next().expect("an operation");
        let root = match operation.node.ty {
            OperationType::Query => "Query",
            OperationType::Mutation => "Mutation",
            OperationType::Subscription => "Subscription",
        };
        let mut chain = Vec::new();
        self.walk(root, &operation.node.selection_set.node, &mut chain);
        chain
    }

    fn walk(&self, of: &str, set: &SelectionSet, chain: &mut Vec<(String, String)>) {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) => {
                    let name = field.node.name.node.to_string();
                    if name != "__typename" {
                        let gives = self.field(of, &name).gives.clone();
                        chain.push((of.to_owned(), name));
                        self.walk(&gives, &field.node.selection_set.node, chain);
                    }
                }
                Selection::InlineFragment(fragment) => {
                    let on = fragment.node.type_condition.as_ref().expect("a type").node.on.node.to_string();
                    self.walk(&on, &fragment.node.selection_set.node, chain);
                }
                Selection::FragmentSpread(_) => panic!("these tests have no fragments"),
            }
        }
    }
}
