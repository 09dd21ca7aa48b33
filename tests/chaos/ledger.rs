//! What was acknowledged, in a file of its own, and whether the database and the subscribers agree with it.

use std::collections::HashMap;
use std::fmt;
use std::fs::File;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Mutex;

use serde_json::{Value, json};
use sqlx::{PgPool, SqlitePool};

use crate::support::database::Database;

/// One message that the server said it has kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acked {
    pub sender: String,
    pub client_id: String,
    pub conversation: String,
    pub seq: i64,
    pub text: String,
}

/// One entry of a conversation, as the database or a subscriber has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub conversation: String,
    pub seq: i64,
    pub client_id: Option<String>,
    pub text: String,
}

/// The file: a line for each acknowledgement, written before its sender goes on.
pub struct Ledger {
    path: PathBuf,
    file: Mutex<File>,
}

impl Ledger {
    pub fn new(database: &Database) -> Self {
        let path = database.folder.path().join("ledger.jsonl");
        let file = Mutex::new(File::create(&path).expect("a ledger"));
        Self { path, file }
    }

    pub fn note(&self, acked: &Acked) {
        let line = json!([acked.sender, acked.client_id, acked.conversation, acked.seq, acked.text]);
        writeln!(self.file.lock().expect("lock"), "{line}").expect("a line of the ledger");
    }

    pub fn read(&self) -> Vec<Acked> {
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        let lines = std::fs::read_to_string(&self.path).expect("the ledger");
        let read = |line: &str| {
            let line: Value = serde_json::from_str(line).expect("a line of the ledger");
            let seq = line[3].as_i64().expect("a number");
            Acked {
                sender: text(&line[0]),
                client_id: text(&line[1]),
                conversation: text(&line[2]),
                seq,
                text: text(&line[4]),
            }
        };
        lines.lines().map(read).collect()
    }
}

/// Every entry that the database has, conversation by conversation in order, and how many each conversation says it has.
pub async fn kept(database: &Database) -> (Vec<Entry>, HashMap<String, i64>) {
    const ENTRIES: &str = "select conversation_id, seq, client_id, text from messages order by conversation_id, seq";
    const ENDS: &str = "select id, last_seq from conversations";
    type Row = (String, i64, Option<String>, String);
    let (rows, ends): (Vec<Row>, Vec<(String, i64)>) = if database.is_postgres() {
        let pool = PgPool::connect(&database.url).await.expect("a pool");
        let rows = sqlx::query_as(ENTRIES).fetch_all(&pool).await.expect("entries");
        (rows, sqlx::query_as(ENDS).fetch_all(&pool).await.expect("conversations"))
    } else {
        let pool = SqlitePool::connect(&database.url).await.expect("a pool");
        let rows = sqlx::query_as(ENTRIES).fetch_all(&pool).await.expect("entries");
        (rows, sqlx::query_as(ENDS).fetch_all(&pool).await.expect("conversations"))
    };
    let entry = |(conversation, seq, client_id, text): Row| Entry { conversation, seq, client_id, text };
    (rows.into_iter().map(entry).collect(), ends.into_iter().collect())
}

/// What must never be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Violation {
    /// Acknowledged, and not there.
    Lost(String),
    /// There more than once.
    Doubled(String),
    /// There, but not as it was acknowledged: another number, text or conversation.
    Other { acked: Acked, kept: Entry },
    /// There, and never acknowledged, though every sender went on until it was.
    Unknown(Entry),
    /// A sender's later message stands before an earlier one.
    Disorder { sender: String, first: i64, then: i64 },
    /// The numbers of a conversation are not 1, 2, 3 up to its last.
    Gap { conversation: String, expected: i64, got: i64 },
    /// A subscriber did not see what was kept, once and in order.
    Unseen { conversation: String, kept: usize, seen: usize },
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

/// Compares what was acknowledged with what was kept, and that with what each subscriber saw of one conversation.
pub fn violations(
    acked: &[Acked],
    kept: &[Entry],
    ends: &HashMap<String, i64>,
    seen: &[(String, Vec<Entry>)],
) -> Vec<Violation> {
    let mut found = Vec::new();
    let mut by_id: HashMap<&str, Vec<&Entry>> = HashMap::new();
    let mut numbers: HashMap<&str, i64> = HashMap::new();
    for entry in kept {
        if let Some(id) = &entry.client_id {
            by_id.entry(id).or_default().push(entry);
        }
        let last = numbers.entry(&entry.conversation).or_insert(0);
        *last += 1;
        if *last != entry.seq {
            found.push(Violation::Gap { conversation: entry.conversation.clone(), expected: *last, got: entry.seq });
            *last = entry.seq;
        }
    }
    for (conversation, end) in ends {
        let got = numbers.get(conversation.as_str()).copied().unwrap_or(0);
        if got != *end {
            found.push(Violation::Gap { conversation: conversation.clone(), expected: *end, got });
        }
    }
    let mut last: HashMap<&str, i64> = HashMap::new();
    for acked in acked {
        match by_id.remove(acked.client_id.as_str()).as_deref() {
            None => found.push(Violation::Lost(acked.client_id.clone())),
            Some([one]) => {
                if (&one.conversation, one.seq, &one.text) != (&acked.conversation, acked.seq, &acked.text) {
                    found.push(Violation::Other { acked: acked.clone(), kept: (*one).clone() });
                }
                let first = last.insert(&acked.sender, one.seq).unwrap_or(0);
                if first >= one.seq {
                    found.push(Violation::Disorder { sender: acked.sender.clone(), first, then: one.seq });
                }
            }
            Some(_) => found.push(Violation::Doubled(acked.client_id.clone())),
        }
    }
    found.extend(by_id.into_values().flatten().map(|entry| Violation::Unknown(entry.clone())));
    for (conversation, seen) in seen {
        let kept: Vec<&Entry> = kept.iter().filter(|entry| entry.conversation == *conversation).collect();
        if !kept.iter().copied().eq(seen) {
            let (kept, seen) = (kept.len(), seen.len());
            found.push(Violation::Unseen { conversation: conversation.clone(), kept, seen });
        }
    }
    found
}

#[test]
fn a_checker_that_cannot_fail_guards_nothing() {
    let acked = |id: &str, seq: i64| Acked {
        sender: "a".to_owned(),
        client_id: id.to_owned(),
        conversation: "c".to_owned(),
        seq,
        text: id.to_owned(),
    };
    let entry = |id: &str, seq: i64| Entry {
        conversation: "c".to_owned(),
        seq,
        client_id: Some(id.to_owned()),
        text: id.to_owned(),
    };
    let ends = |end: i64| HashMap::from([("c".to_owned(), end)]);
    let good = [entry("1", 1), entry("2", 2)];
    let said = [acked("1", 1), acked("2", 2)];
    let saw = |seen: &[Entry]| [("c".to_owned(), seen.to_vec())];
    assert_eq!(violations(&said, &good, &ends(2), &saw(&good)), []);
    // A check of each kind, on the smallest history that has it.
    let first = |found: Vec<Violation>| found.into_iter().next().expect("a violation");
    assert_eq!(first(violations(&said, &good[..1], &ends(1), &[])), Violation::Lost("2".to_owned()));
    let doubled = [entry("1", 1), entry("2", 2), entry("2", 3)];
    assert_eq!(first(violations(&said, &doubled, &ends(3), &[])), Violation::Doubled("2".to_owned()));
    let other = Violation::Other { acked: acked("2", 3), kept: entry("2", 2) };
    assert_eq!(first(violations(&[acked("1", 1), acked("2", 3)], &good, &ends(2), &[])), other);
    assert_eq!(first(violations(&said[..1], &good, &ends(2), &[])), Violation::Unknown(entry("2", 2)));
    let disorder = Violation::Disorder { sender: "a".to_owned(), first: 2, then: 1 };
    assert_eq!(first(violations(&[acked("2", 2), acked("1", 1)], &good, &ends(2), &[])), disorder);
    let gap = |expected, got| Violation::Gap { conversation: "c".to_owned(), expected, got };
    assert_eq!(
        first(violations(&[acked("1", 1), acked("2", 3)], &[entry("1", 1), entry("2", 3)], &ends(3), &[])),
        gap(2, 3)
    );
    assert_eq!(first(violations(&said, &good, &ends(3), &[])), gap(3, 2));
    let unseen = Violation::Unseen { conversation: "c".to_owned(), kept: 2, seen: 1 };
    assert_eq!(first(violations(&said, &good, &ends(2), &saw(&good[1..]))), unseen);
}
