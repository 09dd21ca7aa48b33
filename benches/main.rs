//! How fast it is, against a reference that is measured in the same run: one JSON object per line.
//!
//! `cargo bench -- message` runs the parts whose name begins so. References and values alternate, each figure is the
//! median of at least three, and every row carries the load of the machine. Nothing here fails because of a time.

mod bare;
mod child;
mod idle;
mod message;
mod notify;
mod permission;
mod row;
mod sizes;
// The strangers of the tests: a mail server and a push service. The benchmarks need few of them.
#[expect(dead_code, unused_imports, unused_macros, reason = "tests need the rest")]
#[expect(clippy::disallowed_methods, reason = "they ask the machine for time, chance and environment")]
#[path = "../tests/support/mod.rs"]
mod support;
mod trouble;
mod widget;
mod wire;

use std::process::ExitCode;

/// As in the server: this binary is also the server that is measured.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The parts, in the order in which they run.
const PARTS: &[(&str, fn())] = &[
    ("sizes", sizes::run),
    ("permission", permission::run),
    ("widget_config", widget::run),
    ("message_latency", message::latency),
    ("message_path_sqlite", message::path_sqlite),
    ("message_path_postgres", message::path_postgres),
    ("notify_sqlite", notify::sqlite),
    ("notify_postgres", notify::postgres),
    ("smtp_trouble", trouble::run),
    ("idle_socket", idle::run),
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.first().is_some_and(|first| first == child::MARK) {
        return child::main(&arguments[1..]);
    }
    let wanted: Vec<&String> = arguments.iter().filter(|argument| !argument.starts_with('-')).collect();
    for (name, part) in PARTS {
        if wanted.is_empty() || wanted.iter().any(|wanted| name.starts_with(wanted.as_str())) {
            eprintln!("-- {name}");
            part();
        }
    }
    ExitCode::SUCCESS
}
