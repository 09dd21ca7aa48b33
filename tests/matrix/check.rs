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
}

impl Relation {
    pub const ALL: [Self; 4] = [Self::Own, Self::Sibling, Self::Other, Self::Unassigned];
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
        Self { cells: lines.map(row).collect() }
    }

    fn cell(&self, permission: &str, column: &str) -> &[char; 4] {
        let row = self.cells.get(permission).unwrap_or_else(|| panic!("the matrix has no {permission}"));
        row.get(column).unwrap_or_else(|| panic!("the matrix has no {column}"))
    }

    /// The letter at a relation. The agency's Member has no more to do with AI agents of no organization than with those
    /// of one that is not assigned.
    pub fn letter(&self, permission: &str, column: &str, relation: Relation) -> char {
        let at = match relation {
            Relation::Own => 0,
            Relation::Sibling => 1,
            Relation::Other => 2,
            Relation::Unassigned if column == "agency.member" => 1,
            Relation::Unassigned => 3,
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

/// The rules that a document meets. What hangs on a sign-in belongs to whoever has just proven who they are.
pub fn rules_of(schema: &Schema, chain: &[(String, String)]) -> Vec<Rule> {
    let mut rules = Vec::new();
    for (of, name) in chain {
        let field = schema.field(of, name);
        rules.push(if of == "SignIn" { Rule::Public } else { field.rule.clone() });
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
                    let letter = if cell[0] == 'F' && reach == Some('N') { 'N' } else { cell[0] };
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
