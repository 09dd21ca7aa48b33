//! What is expected, from the matrix alone; and the judge, who compares it with what was observed.

use std::collections::BTreeMap;

use super::schema::{Rule, Schema};

/// In which relation the thing asked for stands to the asker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Relation {
    /// Of their organization.
    Own,
    /// Of another organization of their agency.
    Sibling,
    /// Of another agency.
    Other,
    /// Of an AI agent of their agency that has no organization.
    Unassigned,
    /// Of their agency itself, as packages are.
    Agency,
}

impl Relation {
    /// Those in which everything stands that hangs on an AI agent.
    pub const ALL: [Self; 4] = [Self::Own, Self::Sibling, Self::Other, Self::Unassigned];
    /// Those of the desk.
    pub const DESK: [Self; 5] = [Self::Own, Self::Sibling, Self::Other, Self::Unassigned, Self::Agency];
}

/// Roles that the agency made, of odd mixes: the column, where it is given, and what it allows. What the matrix says of them
/// follows from these lists alone, as it does from `policies/decisions.csv` for the built-in ones.
pub const CUSTOM: &[(&str, &str, &[&str])] = &[
    // Of the agency: makes packages and turns on handoff, and neither answers chats nor sees how handoff is set up.
    (
        "custom.steward",
        "AGENCY",
        &[
            "home.view",
            "team.view",
            "package.edit",
            "conversation.read",
            "handoff.enable",
            "ai_agent.assign",
            "audit.view",
        ],
    ),
    // Of an organization: answers, and cannot complete; turns on what it cannot read.
    (
        "custom.night",
        "ORGANIZATION",
        &["home.view", "live_chat.view_queue", "live_chat.respond", "conversation.read", "handoff.enable"],
    ),
    // Of an organization: looks after it, and writes knowledge that it cannot read.
    (
        "custom.auditor",
        "ORGANIZATION",
        &["home.view", "team.view", "organization.edit", "knowledge.edit", "audit.view", "visitor.read_contact"],
    ),
];

/// People whose token is still good and whose rights are not: they are signed in, and reach nothing.
pub const GONE: &[&str] = &["gone.suspended", "gone.revoked"];

/// Whether the column is one of those.
pub fn is_gone(column: &str) -> bool {
    GONE.contains(&column)
}

/// How an answer came out. CONFLICT is told after the policy has let somebody through, and counts as allowed where the
/// case cannot be made without one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    Allowed,
    Forbidden,
    NotFound,
    Unauthenticated,
    /// Anything else, which is always wrong.
    Broken(String),
}

impl Outcome {
    pub fn of_code(code: &str) -> Self {
        match code {
            "FORBIDDEN" => Self::Forbidden,
            "NOT_FOUND" => Self::NotFound,
            "UNAUTHENTICATED" => Self::Unauthenticated,
            other => Self::Broken(other.to_owned()),
        }
    }

    fn of_letter(letter: char) -> Self {
        match letter {
            'A' => Self::Allowed,
            'F' => Self::Forbidden,
            'N' => Self::NotFound,
            'U' => Self::Unauthenticated,
            other => panic!("no letter of the matrix: {other}"),
        }
    }
}

/// `policies/decisions.csv`.
#[derive(Clone)]
pub struct Matrix {
    cells: BTreeMap<String, BTreeMap<String, [char; 4]>>,
}

impl Matrix {
    pub fn read() -> Self {
        let mut lines = include_str!("../../policies/decisions.csv").lines().filter(|line| !line.starts_with('#'));
        let split = |line: &'static str| line.split(',').map(str::trim).collect::<Vec<_>>();
        let columns = split(lines.next().expect("a header"));
        let row = |line: &'static str| {
            let row = split(line);
            let cell = |text: &str| -> [char; 4] { text.chars().collect::<Vec<_>>().try_into().expect("four letters") };
            let cells = columns.iter().zip(&row).skip(1).map(|(column, text)| ((*column).to_owned(), cell(text)));
            (row[0].to_owned(), cells.collect())
        };
        let mut cells: BTreeMap<String, BTreeMap<String, [char; 4]>> = lines.map(row).collect();
        for (permission, row) in &mut cells {
            for (column, level, held) in CUSTOM {
                let letters = match (*level, held.contains(&permission.as_str())) {
                    ("AGENCY", true) => ['A', 'A', 'N', 'A'],
                    ("AGENCY", false) => ['F', 'F', 'N', 'F'],
                    (_, true) => ['A', 'N', 'N', 'N'],
                    (_, false) => ['F', 'N', 'N', 'N'],
                };
                row.insert((*column).to_owned(), letters);
            }
            for column in GONE {
                row.insert((*column).to_owned(), ['F', 'N', 'N', 'N']);
            }
        }
        Self { cells }
    }

    fn cell(&self, permission: &str, column: &str) -> &[char; 4] {
        let row = self.cells.get(permission).unwrap_or_else(|| panic!("the matrix has no {permission}"));
        row.get(column).unwrap_or_else(|| panic!("the matrix has no {column}"))
    }

    /// The letter at a relation. The agency's Member has no more to do with AI agents of no organization than with those
    /// of one that is not assigned.
    pub fn letter(&self, permission: &str, column: &str, relation: Relation) -> char {
        let at = match relation {
            // Nothing is anybody's own who belongs nowhere.
            Relation::Own if is_gone(column) => return 'N',
            Relation::Own => 0,
            Relation::Sibling => 1,
            Relation::Other => 2,
            Relation::Unassigned if column == "agency.member" => 1,
            Relation::Unassigned | Relation::Agency => 3,
        };
        self.cell(permission, column)[at]
    }

    /// Everything that the column may do at a relation.
    pub fn held(&self, column: &str, relation: Relation) -> Vec<String> {
        let held = self.cells.keys().filter(|permission| self.letter(permission, column, relation) == 'A');
        held.cloned().collect()
    }

    /// The same with one letter turned round.
    pub fn flipped(&self, permission: &str, column: &str, at: usize) -> Self {
        let mut other = self.clone();
        let letter = &mut other.cells.get_mut(permission).expect("a row").get_mut(column).expect("a cell")[at];
        *letter = if *letter == 'A' { 'F' } else { 'A' };
        other
    }
}

/// Permissions over things that stand in the agency itself: whoever lacks them does not find the things.
const OF_THE_AGENCY: [&str; 1] = ["domain.manage"];

/// Who asked, as what the door takes them for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holder {
    /// With the credentials of this door.
    Known,
    /// With none.
    Nobody,
    /// With those of the other door, which prove nothing here.
    Stranger,
}

/// One cell: what was asked, and what came of it.
#[derive(Debug, Clone)]
pub struct Seen {
    pub of: String,
    pub field: String,
    pub column: &'static str,
    pub holder: Holder,
    /// None when it is about the asker alone.
    pub relation: Option<Relation>,
    /// The rules from the root to the field.
    pub rules: Vec<Rule>,
    pub document: String,
    pub outcome: Outcome,
}

/// Mutations that ask for more than their directive can say, by what their case is about.
const ALSO: &[(&str, &str)] = &[("setSetting", "organization.edit")];

/// The rules that a document meets. What hangs on a sign-in belongs to whoever has just proven who they are; what a role is
/// may be read by everybody who is signed in and meets it.
pub fn rules_of(schema: &Schema, chain: &[(String, String)]) -> Vec<Rule> {
    let mut rules = Vec::new();
    for (of, name) in chain {
        let field = schema.field(of, name);
        rules.push(if matches!(of.as_str(), "SignIn" | "Role") { Rule::Public } else { field.rule.clone() });
        let also = ALSO.iter().filter(|(field, _)| of == "Mutation" && field == name);
        rules.extend(also.map(|(_, permission)| Rule::Requires((*permission).to_owned())));
    }
    rules
}

/// What the matrix says: first whether each permission is held anywhere at all, then at the place, in order.
pub fn expected(matrix: &Matrix, column: &str, holder: Holder, relation: Option<Relation>, rules: &[Rule]) -> Outcome {
    if holder == Holder::Stranger {
        return Outcome::Unauthenticated;
    }
    for rule in rules {
        match rule {
            Rule::Public => {}
            Rule::Owner if holder == Holder::Known => {}
            Rule::Owner => return Outcome::Unauthenticated,
            Rule::Requires(permission) => {
                let cell = matrix.cell(permission, column);
                if !cell.contains(&'A') {
                    // Held nowhere: refused, unless the thing is out of reach, which is never said to be forbidden.
                    let reach = relation.map(|relation| matrix.letter("home.view", column, relation));
                    let hidden = relation.is_some() && OF_THE_AGENCY.contains(&permission.as_str());
                    let letter = if cell[0] == 'F' && (hidden || reach == Some('N')) { 'N' } else { cell[0] };
                    return Outcome::of_letter(letter);
                }
            }
        }
    }
    let Some(relation) = relation else { return Outcome::Allowed };
    for rule in rules {
        match rule {
            Rule::Requires(permission) => match matrix.letter(permission, column, relation) {
                'A' => {}
                letter => return Outcome::of_letter(letter),
            },
            // What belongs to somebody belongs to nobody else.
            Rule::Owner if relation != Relation::Own && column.contains('.') => return Outcome::NotFound,
            Rule::Owner | Rule::Public => {}
        }
    }
    Outcome::Allowed
}

/// Everything that did not come out as the matrix says.
pub fn judge<'a>(matrix: &Matrix, seen: impl IntoIterator<Item = &'a Seen>) -> Vec<String> {
    let mut wrong = Vec::new();
    for seen in seen {
        let wanted = expected(matrix, seen.column, seen.holder, seen.relation, &seen.rules);
        if wanted != seen.outcome {
            let Seen { of, field, column, relation, outcome, document, .. } = seen;
            wrong.push(format!("{of}.{field} as {column} {relation:?}: {outcome:?} instead of {wanted:?}: {document}"));
        }
    }
    wrong
}
