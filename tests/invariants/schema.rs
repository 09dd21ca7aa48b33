//! The committed SDL is the server's, and says of each field what it is and who may see it.

use async_graphql::Positioned;
use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{ConstDirective, FieldDefinition, TypeKind, TypeSystemDefinition};

use super::{complains, none, read, root};

const ACCESS: &[&str] = &["requires", "public", "ownerOnly"];

#[test]
fn the_committed_desk_schema_is_the_servers() {
    fresh("schema/desk.graphql", &livery::graphql::desk_sdl());
}

#[test]
fn the_committed_widget_schema_is_the_servers() {
    fresh("schema/widget.graphql", &livery::graphql::widget_sdl());
}

fn fresh(path: &str, generated: &str) {
    let committed = read(&root().join(path));
    let differing = committed.lines().zip(generated.lines()).position(|(old, new)| old != new);
    let line = differing.unwrap_or_else(|| committed.lines().count().min(generated.lines().count())) + 1;
    assert!(committed == generated, "{path}:{line}: is stale; run make schema");
}

#[test]
fn every_field_is_described_and_says_who_may_see_it() {
    none(&complaints("desk", &livery::graphql::desk_sdl()));
    none(&complaints("widget", &livery::graphql::widget_sdl()));
}

fn complaints(api: &str, sdl: &str) -> Vec<String> {
    let document = match parse_schema(sdl) {
        Ok(document) => document,
        Err(error) => return vec![format!("{api}: is no schema: {error}")],
    };
    let mut complaints = Vec::new();
    for definition in document.definitions {
        let TypeSystemDefinition::Type(definition) = definition else { continue };
        let definition = definition.node;
        let name = definition.name.node.as_str();
        if definition.description.is_none() {
            complaints.push(format!("{api}: {name} has no description"));
        }
        let fields = match &definition.kind {
            TypeKind::Object(object) => &object.fields,
            TypeKind::Interface(interface) => &interface.fields,
            TypeKind::InputObject(input) => {
                let bare = input.fields.iter().filter(|field| field.node.description.is_none());
                complaints
                    .extend(bare.map(|field| format!("{api}: {name}.{} has no description", field.node.name.node)));
                continue;
            }
            TypeKind::Enum(values) => {
                let bare = values.values.iter().filter(|value| value.node.description.is_none());
                complaints
                    .extend(bare.map(|value| format!("{api}: {name}.{} has no description", value.node.value.node)));
                continue;
            }
            TypeKind::Scalar | TypeKind::Union(_) => continue,
        };
        let whole_type = declared(&definition.directives);
        complaints.extend(fields.iter().flat_map(|field| of_field(api, name, &field.node, whole_type)));
    }
    complaints
}

fn of_field(api: &str, type_name: &str, field: &FieldDefinition, whole_type: usize) -> Vec<String> {
    let name = field.name.node.as_str();
    let mut complaints = Vec::new();
    if field.description.is_none() {
        complaints.push(format!("{api}: {type_name}.{name} has no description"));
    }
    match declared(&field.directives) {
        0 if whole_type == 1 => {}
        1 => {}
        0 => complaints.push(format!(
            "{api}: {type_name}.{name} says not who may see it (rule: @requires, @public or @ownerOnly on it or its type)"
        )),
        _ => complaints.push(format!("{api}: {type_name}.{name} says twice who may see it")),
    }
    complaints
}

fn declared(directives: &[Positioned<ConstDirective>]) -> usize {
    directives.iter().filter(|directive| ACCESS.contains(&directive.node.name.node.as_str())).count()
}

#[test]
fn a_bare_field_is_found() {
    let good = r#"
        """Q""" type Query { """A""" a: X @public """B""" b: In }
        """X""" type X @requires(permission: "home.view") { """C""" c: Int }
        """I""" input In { """D""" d: E }
        """E""" enum E { """F""" F }
        """U""" union U = X
    "#;
    complains(&complaints("desk", good), &["desk: Query.b says not who may see it"]);
    let bad = r#"
        type Query { a: XConnection @public @ownerOnly }
        """X""" type XConnection { """E""" edges: [Int!]! }
        """I""" input In { d: E }
        """E""" enum E { F }
    "#;
    complains(
        &complaints("desk", bad),
        &[
            "desk: Query has no description",
            "desk: Query.a has no description",
            "desk: Query.a says twice",
            "desk: XConnection.edges says not",
            "desk: In.d has no description",
            "desk: E.F has no description",
        ],
    );
    complains(&complaints("desk", "type {"), &["is no schema"]);
}
