//! What a document must be before the GraphQL library's parser may see it.
//!
//! The library applies its own limits after parsing and expanding, which is too late for crafted documents. The gate
//! reads a document once, from left to right, without recursion and with memory bounded by [`Limits`], and refuses what
//! is too large, too deep or too costly. It is pure and knows no library; where it is in doubt it refuses.
//!
//! Its reading of braces, names and spreads follows the GraphQL specification, October 2021, chapter 2. It is stricter
//! than the library's parser wherever the two could disagree about which field belongs to which selection set, because a
//! disagreement would be a way around the count of root fields.

use std::collections::HashMap;

/// How large, deep and costly a request may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Document, in bytes of UTF-8.
    pub bytes: usize,
    /// Lexical tokens of a document (specification 2.1.6), commas and comments not counted.
    pub tokens: usize,
    /// Braces, brackets and parentheses open at once, in selections and in values.
    pub nesting: usize,
    /// Selection sets inside each other once every fragment has been put in its place.
    pub depth: usize,
    /// Directives used in a document.
    pub directives: usize,
    /// Aliased fields in a document.
    pub aliases: usize,
    /// Fragment definitions in a document.
    pub fragments: usize,
    /// Operation definitions in a document.
    pub operations: usize,
    /// Fields and fragments of one operation once every fragment has been put in each of its places.
    pub cost: u64,
    /// Root fields of a query; mutations and subscriptions have one. The library runs a field that is asked for twice twice.
    pub root_fields: u64,
    /// Objects and arrays open at once in a JSON message, the message itself included.
    pub json_nesting: usize,
    /// Members and elements in a JSON message.
    pub json_values: usize,
}

impl Limits {
    /// What the public doors use. The standard introspection query has 300 tokens, a depth of 19 and a cost of 170.
    pub const DEFAULT: Self = Self {
        bytes: 32 * 1024,
        tokens: 4_000,
        nesting: 24,
        depth: 24,
        directives: 32,
        aliases: 64,
        fragments: 64,
        operations: 16,
        cost: 1_500,
        root_fields: 24,
        json_nesting: 16,
        json_values: 4_000,
    };
}

/// Why a request was refused before it was parsed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refusal {
    /// Stable, in capitals; the `extensions.reason` of the answer.
    pub reason: &'static str,
    /// One sentence for a person.
    pub message: &'static str,
}

impl Refusal {
    const fn new(reason: &'static str, message: &'static str) -> Self {
        Self { reason, message }
    }
}

const SYNTAX: Refusal = Refusal::new("SYNTAX", "The document is not valid GraphQL.");
const NESTING: Refusal = Refusal::new("TOO_DEEP", "The document is nested too deeply.");
const ROOT_FIELDS: Refusal =
    Refusal::new("ROOT_FIELDS", "A mutation or subscription selects exactly one field at its root.");

/// Reads a document and refuses it if it is outside of the limits.
pub fn document(source: &str, limits: &Limits) -> Result<(), Refusal> {
    if source.len() > limits.bytes {
        return Err(Refusal::new("DOCUMENT_TOO_LARGE", "The document is too large."));
    }
    let mut reader = Reader::new(source.as_bytes(), limits);
    let mut lexer = Lexer { source: source.as_bytes(), at: 0 };
    let mut tokens = 0;
    while let Some(token) = lexer.next_token()? {
        tokens += 1;
        if tokens > limits.tokens {
            return Err(Refusal::new("TOO_MANY_TOKENS", "The document has too many tokens."));
        }
        reader.take(token)?;
    }
    expand(reader.finish()?, limits)
}

/// Scans a JSON message, without building it, for its nesting and the number of its values. Its syntax is left to the
/// JSON parser, which may recurse once this has passed.
pub fn json(source: &[u8], limits: &Limits) -> Result<(), Refusal> {
    let (mut depth, mut values, mut started) = (0_usize, 0_usize, false);
    let mut bytes = source.iter();
    while let Some(&byte) = bytes.next() {
        match byte {
            b'"' => {
                while let Some(&byte) = bytes.next() {
                    match byte {
                        b'\\' => {
                            bytes.next();
                        }
                        b'"' => break,
                        _ => {}
                    }
                }
            }
            b'[' | b'{' => {
                if byte == b'[' && !started {
                    return Err(Refusal::new("BATCH", "Requests are sent one at a time, not as an array."));
                }
                depth += 1;
                values += 1;
            }
            b']' | b'}' => depth = depth.saturating_sub(1),
            b',' => values += 1,
            _ => {}
        }
        started |= !byte.is_ascii_whitespace();
        if depth > limits.json_nesting {
            return Err(Refusal::new("VARIABLES_TOO_DEEP", "The message is nested too deeply."));
        }
        if values > limits.json_values {
            return Err(Refusal::new("VARIABLES_TOO_LARGE", "The message has too many values."));
        }
    }
    Ok(())
}

/// One token, as far as the structure of a document is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token {
    /// From one byte to another.
    Name(usize, usize),
    /// `...`
    Spread,
    /// One of `{ } ( ) [ ] : = ! $ @`.
    Mark(u8),
    /// A number or a string.
    Value,
}

struct Lexer<'a> {
    source: &'a [u8],
    at: usize,
}

impl Lexer<'_> {
    fn next_token(&mut self) -> Result<Option<Token>, Refusal> {
        loop {
            let rest = &self.source[self.at..];
            let Some(&byte) = rest.first() else { return Ok(None) };
            let start = self.at;
            self.at += 1;
            match byte {
                b' ' | b'\t' | b'\n' | b'\r' | b',' => {}
                0xEF if rest.starts_with(b"\xEF\xBB\xBF") => self.at += 2,
                b'#' => self.skip(|byte| !matches!(byte, b'\n' | b'\r')),
                b'{' | b'}' | b'(' | b')' | b'[' | b']' | b':' | b'=' | b'!' | b'$' | b'@' => {
                    return Ok(Some(Token::Mark(byte)));
                }
                b'.' if rest.starts_with(b"...") => {
                    self.at += 2;
                    return Ok(Some(Token::Spread));
                }
                b'"' if rest.starts_with(b"\"\"\"") => {
                    self.at += 2;
                    return self.block_string().map(Some);
                }
                b'"' => return self.string().map(Some),
                b'A'..=b'Z' | b'a'..=b'z' | b'_' => {
                    self.skip(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
                    return Ok(Some(Token::Name(start, self.at)));
                }
                b'-' | b'0'..=b'9' => {
                    self.skip(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'_'));
                    // A fraction, but not the dots of a spread, which no number may touch anyway.
                    while self.source.get(self.at) == Some(&b'.') {
                        self.at += 1;
                        self.skip(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'_'));
                    }
                    // `1e-5`: the sign belongs to the exponent.
                    if self.source.get(self.at) == Some(&b'-')
                        && matches!(self.source.get(self.at - 1), Some(b'e' | b'E'))
                    {
                        self.at += 1;
                        self.skip(|byte| byte.is_ascii_digit());
                    }
                    return Ok(Some(Token::Value));
                }
                _ => return Err(SYNTAX),
            }
        }
    }

    fn skip(&mut self, wanted: impl Fn(u8) -> bool) {
        let rest = &self.source[self.at..];
        self.at += rest.iter().position(|&byte| !wanted(byte)).unwrap_or(rest.len());
    }

    fn string(&mut self) -> Result<Token, Refusal> {
        loop {
            let byte = self.source.get(self.at).ok_or(SYNTAX)?;
            self.at += 1;
            match byte {
                b'"' => return Ok(Token::Value),
                b'\n' | b'\r' => return Err(SYNTAX),
                b'\\' => self.at += 1,
                _ => {}
            }
        }
    }

    fn block_string(&mut self) -> Result<Token, Refusal> {
        loop {
            let rest = self.source.get(self.at..).unwrap_or_default();
            if rest.is_empty() {
                return Err(SYNTAX);
            }
            if rest.starts_with(b"\"\"\"") {
                self.at += 3;
                return Ok(Token::Value);
            }
            self.at += if rest.starts_with(b"\\\"\"\"") { 4 } else { 1 };
        }
    }
}

/// What is known of one operation or fragment.
#[derive(Debug, Default)]
struct Definition {
    /// Mutations and subscriptions select one root field.
    single_root: bool,
    /// `None` for operations.
    fragment: Option<(usize, usize)>,
    /// Its own fields and fragments. These count because a spread costs time even where there is no field behind it.
    cost: u64,
    /// Its own fields at its root, those in inline fragments included.
    roots: u64,
    /// Its own selection sets inside each other.
    depth: usize,
    /// Where its spreads begin in [`Document::spreads`]; they end where those of the next one begin.
    spreads: usize,
}

#[derive(Debug)]
struct Spread {
    name: (usize, usize),
    /// Selection sets around it.
    depth: usize,
    /// Whether its fields are root fields of the definition it stands in.
    at_root: bool,
}

struct Document<'a> {
    source: &'a [u8],
    definitions: Vec<Definition>,
    spreads: Vec<Spread>,
}

/// An open bracket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Open {
    /// `{` of a selection set; whether its fields are root fields.
    Selection { root: bool },
    /// `(`, `[`, or the `{` of an object value.
    Other(u8),
}

/// What the last tokens inside the innermost selection set, or before the first, were.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Last {
    /// Nothing that could go on.
    Nothing,
    /// `query`, `mutation`, `subscription`.
    Operation,
    /// `fragment`
    Fragment,
    /// `fragment Name`
    FragmentName,
    /// `fragment Name on`, ending at that byte.
    FragmentOn(usize),
    /// `fragment Name on Type`
    FragmentType,
    /// A name that is a field or an alias.
    Name,
    /// `alias:`
    Alias,
    /// A field with arguments or directives.
    Field,
    /// `...`
    Spread,
    /// `... on`, ending at that byte.
    SpreadOn(usize),
    /// `... on Type`, or `...` with directives: a selection set must follow.
    Inline,
    /// `...Name`
    SpreadName,
}

struct Reader<'a> {
    limits: &'a Limits,
    document: Document<'a>,
    open: Vec<Open>,
    last: Last,
    /// `@` was read: the next token is a directive's name.
    directive: bool,
    directives: usize,
    aliases: usize,
    operations: usize,
    fragments: usize,
    /// Selection sets open.
    selections: usize,
}

impl<'a> Reader<'a> {
    fn new(source: &'a [u8], limits: &'a Limits) -> Self {
        Self {
            limits,
            document: Document { source, definitions: Vec::new(), spreads: Vec::new() },
            open: Vec::new(),
            last: Last::Nothing,
            directive: false,
            directives: 0,
            aliases: 0,
            operations: 0,
            fragments: 0,
            selections: 0,
        }
    }

    fn take(&mut self, token: Token) -> Result<(), Refusal> {
        if std::mem::take(&mut self.directive) {
            return if matches!(token, Token::Name(..)) { Ok(()) } else { Err(SYNTAX) };
        }
        if token == Token::Mark(b'@') {
            self.directive = true;
            self.directives += 1;
            if self.directives > self.limits.directives {
                return Err(Refusal::new("TOO_MANY_DIRECTIVES", "The document has too many directives."));
            }
        }
        match self.open.last().copied() {
            None => self.take_outside(token),
            Some(Open::Selection { root }) => self.take_in_selection(token, root),
            Some(Open::Other(_)) => self.take_in_value(token),
        }
    }

    /// Outside of all brackets: the start of a definition, or what stands before its selection set.
    fn take_outside(&mut self, token: Token) -> Result<(), Refusal> {
        self.last = match (self.last, token) {
            (Last::Nothing, Token::Mark(b'{')) => {
                self.define(false, false)?;
                return self.push(Open::Selection { root: true });
            }
            (Last::Nothing, Token::Name(from, to)) => match &self.document.source[from..to] {
                b"query" => self.define(false, false)?,
                b"mutation" | b"subscription" => self.define(true, false)?,
                b"fragment" => self.define(false, true)?,
                _ => return Err(SYNTAX),
            },
            (Last::Fragment, Token::Name(from, to)) if &self.document.source[from..to] != b"on" => {
                if let Some(definition) = self.document.definitions.last_mut() {
                    definition.fragment = Some((from, to));
                }
                Last::FragmentName
            }
            (Last::FragmentName, Token::Name(from, to)) if &self.document.source[from..to] == b"on" => {
                Last::FragmentOn(to)
            }
            (Last::FragmentOn(end), Token::Name(from, _)) if self.plain_gap(end, from) => Last::FragmentType,
            (Last::Operation | Last::FragmentType, Token::Mark(b'{')) => {
                return self.push(Open::Selection { root: true });
            }
            // The name of an operation, its variables, and directives with their arguments, in whatever order: the parser
            // sorts that out. None of them holds a selection set.
            (Last::Operation, Token::Name(..)) => Last::Operation,
            (Last::Operation | Last::FragmentType, Token::Mark(b'(')) => return self.push(Open::Other(b')')),
            (Last::Operation | Last::FragmentType, Token::Mark(b'@')) => self.last,
            _ => return Err(SYNTAX),
        };
        Ok(())
    }

    fn define(&mut self, single_root: bool, fragment: bool) -> Result<Last, Refusal> {
        let (count, limit) = if fragment {
            (&mut self.fragments, self.limits.fragments)
        } else {
            (&mut self.operations, self.limits.operations)
        };
        *count += 1;
        if *count > limit {
            return Err(Refusal::new("TOO_MANY_DEFINITIONS", "The document has too many operations or fragments."));
        }
        let spreads = self.document.spreads.len();
        self.document.definitions.push(Definition { single_root, spreads, ..Definition::default() });
        Ok(if fragment { Last::Fragment } else { Last::Operation })
    }

    fn take_in_selection(&mut self, token: Token, root: bool) -> Result<(), Refusal> {
        let source = self.document.source;
        self.last = match (self.last, token) {
            // `alias: name` was counted when its alias was read.
            (Last::Alias, Token::Name(..)) => Last::Field,
            (Last::Spread, Token::Name(from, to)) if &source[from..to] == b"on" => Last::SpreadOn(to),
            (Last::SpreadOn(end), Token::Name(from, _)) if self.plain_gap(end, from) => Last::Inline,
            (Last::Spread, Token::Name(from, to)) => {
                let spread = Spread { name: (from, to), depth: self.selections, at_root: root };
                self.document.spreads.push(spread);
                Last::SpreadName
            }
            (Last::Spread | Last::Inline, Token::Mark(b'{')) => return self.push(Open::Selection { root }),
            (Last::Spread, Token::Mark(b'@')) => Last::Inline,
            (Last::Name, Token::Mark(b':')) => {
                self.aliases += 1;
                if self.aliases > self.limits.aliases {
                    return Err(Refusal::new("TOO_MANY_ALIASES", "The document has too many aliases."));
                }
                Last::Alias
            }
            (Last::Name | Last::Field, Token::Mark(b'{')) => return self.push(Open::Selection { root: false }),
            (Last::Name | Last::Field, Token::Mark(b'@')) => Last::Field,
            (Last::Inline | Last::SpreadName, Token::Mark(b'@')) => self.last,
            (Last::Name | Last::Field | Last::Inline | Last::SpreadName, Token::Mark(b'(')) => {
                if self.last == Last::Name {
                    self.last = Last::Field;
                }
                return self.push(Open::Other(b')'));
            }
            (Last::Nothing | Last::Name | Last::Field | Last::SpreadName, Token::Name(..)) => {
                if let Some(definition) = self.document.definitions.last_mut() {
                    definition.cost += 1;
                    definition.roots += u64::from(root);
                }
                Last::Name
            }
            (Last::Nothing | Last::Name | Last::Field | Last::SpreadName, Token::Spread) => {
                if let Some(definition) = self.document.definitions.last_mut() {
                    definition.cost += 1;
                }
                Last::Spread
            }
            (Last::Name | Last::Field | Last::SpreadName | Last::Nothing, Token::Mark(b'}')) => {
                self.open.pop();
                self.selections -= 1;
                // A finished selection set finishes its field too, and the last one its definition.
                Last::Nothing
            }
            _ => return Err(SYNTAX),
        };
        Ok(())
    }

    /// In arguments, variable definitions, lists and objects, which hold no selections.
    fn take_in_value(&mut self, token: Token) -> Result<(), Refusal> {
        match token {
            Token::Mark(b'(') => self.push(Open::Other(b')')),
            Token::Mark(b'[') => self.push(Open::Other(b']')),
            Token::Mark(b'{') => self.push(Open::Other(b'}')),
            Token::Mark(close @ (b')' | b']' | b'}')) => match self.open.pop() {
                Some(Open::Other(open)) if open == close => Ok(()),
                _ => Err(SYNTAX),
            },
            Token::Spread => Err(SYNTAX),
            Token::Mark(_) | Token::Name(..) | Token::Value => Ok(()),
        }
    }

    fn push(&mut self, open: Open) -> Result<(), Refusal> {
        if self.open.len() >= self.limits.nesting {
            return Err(NESTING);
        }
        self.open.push(open);
        if matches!(open, Open::Selection { .. }) {
            self.selections += 1;
            self.last = Last::Nothing;
            if let Some(definition) = self.document.definitions.last_mut() {
                definition.depth = definition.depth.max(self.selections);
            }
        }
        Ok(())
    }

    /// The library's parser takes `on` for a type condition only if white space alone, no comment, stands behind it.
    fn plain_gap(&self, from: usize, to: usize) -> bool {
        from < to && !self.document.source[from..to].contains(&b'#')
    }

    fn finish(self) -> Result<Document<'a>, Refusal> {
        if self.open.is_empty() && self.last == Last::Nothing && !self.directive && self.operations > 0 {
            Ok(self.document)
        } else {
            Err(SYNTAX)
        }
    }
}

/// What one definition comes to with every fragment in its place.
#[derive(Debug, Clone, Copy, Default)]
struct Total {
    cost: u64,
    roots: u64,
    depth: usize,
}

/// Puts every fragment in each of its places, by arithmetic: each is visited once, however often it is spread.
fn expand(document: Document<'_>, limits: &Limits) -> Result<(), Refusal> {
    let Document { source, definitions, spreads } = &document;
    let text = |(from, to): (usize, usize)| &source[from..to];
    let by_name: HashMap<&[u8], usize> = definitions
        .iter()
        .enumerate()
        .filter_map(|(index, definition)| Some((text(definition.fragment?), index)))
        .collect();
    let end = |index: usize| definitions.get(index + 1).map_or(spreads.len(), |next| next.spreads);

    let mut totals: Vec<Total> = definitions
        .iter()
        .map(|definition| Total { cost: definition.cost, roots: definition.roots, depth: definition.depth })
        .collect();
    let mut done = vec![false; definitions.len()];
    let mut entered = vec![false; definitions.len()];
    // Definitions being visited, each with the next of its spreads. No recursion: a chain of fragments may be long.
    let mut path: Vec<(usize, usize)> = Vec::new();

    for start in 0..definitions.len() {
        if done[start] {
            continue;
        }
        entered[start] = true;
        path.push((start, definitions[start].spreads));
        while let Some((index, next)) = path.last_mut() {
            let index = *index;
            let Some(spread) = spreads[..end(index)].get(*next) else {
                if totals[index].cost > limits.cost {
                    return Err(Refusal::new("TOO_COSTLY", "The document selects too many fields."));
                }
                if totals[index].depth > limits.depth {
                    return Err(NESTING);
                }
                done[index] = true;
                path.pop();
                continue;
            };
            // A fragment that is not there is left to validation, which says so more kindly.
            let Some(&fragment) = by_name.get(text(spread.name)) else {
                *next += 1;
                continue;
            };
            if done[fragment] {
                *next += 1;
                let part = totals[fragment];
                let total = &mut totals[index];
                total.cost = total.cost.saturating_add(part.cost);
                total.depth = total.depth.max(spread.depth + part.depth);
                if spread.at_root {
                    total.roots = total.roots.saturating_add(part.roots);
                }
            } else if entered[fragment] {
                return Err(Refusal::new("FRAGMENT_CYCLE", "A fragment contains itself."));
            } else {
                entered[fragment] = true;
                path.push((fragment, definitions[fragment].spreads));
            }
        }
    }

    for (definition, total) in definitions.iter().zip(&totals) {
        if definition.single_root && total.roots != 1 {
            return Err(ROOT_FIELDS);
        }
        if definition.fragment.is_none() && total.roots > limits.root_fields {
            return Err(Refusal::new("ROOT_FIELDS", "The query selects too many fields at its root."));
        }
    }
    Ok(())
}
