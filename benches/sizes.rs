//! What browsers load and what is installed.

use std::io::Write;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::row::Row;

/// Bytes of a file after gzip.
fn gzip(file: &Path) -> std::io::Result<f64> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(&std::fs::read(file)?)?;
    Ok(encoder.finish()?.len() as f64)
}

fn sum(files: &[PathBuf]) -> std::io::Result<f64> {
    files.iter().map(|file| gzip(file)).sum()
}

/// A page and what it names under a path of ours: scripts, preloads, styles. They are loaded before anything shows.
fn first_paint(page: &Path, prefix: &str, folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let text = std::fs::read_to_string(page)?;
    let named = text.split('"').filter_map(|part| part.strip_prefix(prefix)).map(|rest| folder.join(rest));
    Ok(std::iter::once(page.to_path_buf()).chain(named).collect())
}

/// Everything below a folder.
fn below(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    std::fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect()
}

/// Prints the rows of what has been built.
pub fn run() {
    let dist = Path::new(env!("CARGO_MANIFEST_DIR")).join("dashboard/dist");
    let (app, widget) = (dist.join("app"), dist.join("widget"));
    let panel = || {
        let mut files = below(&widget.join("assets"))?;
        files.push(widget.join("frame.html"));
        sum(&files)
    };
    let sizes = [
        ("size_widget_loader", gzip(&widget.join("w.js")), 2_000.0),
        ("size_widget_panel", panel(), 15_000.0),
        (
            "size_dashboard_first_paint",
            first_paint(&app.join("index.html"), "/assets/", &app.join("assets")).and_then(|files| sum(&files)),
            180_000.0,
        ),
    ];
    for (bench, size, limit) in sizes {
        match size {
            Ok(size) => Row::lower(bench, size, "bytes gzip", limit, 1.0).print(),
            Err(error) => eprintln!("{bench}: {error}; make build makes it"),
        }
    }
    match std::fs::metadata(env!("CARGO_BIN_EXE_livery")) {
        Ok(binary) => Row::lower("size_binary", binary.len() as f64 / 1e6, "MB", 40.0, 1.0).print(),
        Err(error) => eprintln!("size_binary: {error}"),
    }
}
