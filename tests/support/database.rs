//! An empty database of a test's own: a file in a folder that goes away, or one on the tests' PostgreSQL.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use livery::store::Location;

/// Where it is. The folder, which tests may use for other files too, is removed with the last copy.
#[derive(Clone)]
pub struct Database {
    pub url: String,
    pub folder: Arc<Folder>,
}

/// A folder that is removed when it is dropped.
pub struct Folder(PathBuf);

impl Folder {
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).ok();
    }
}

fn unique() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let nanos = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970").as_nanos();
    format!("test_{}_{}_{}", std::process::id(), nanos % 1_000_000_007, NEXT.fetch_add(1, Ordering::Relaxed))
}

fn folder(name: &str) -> Arc<Folder> {
    let path = std::env::temp_dir().join(format!("livery-{name}"));
    std::fs::create_dir_all(&path).expect("a folder for the test");
    Arc::new(Folder(path))
}

impl Database {
    pub fn sqlite() -> Self {
        let folder = folder(&unique());
        Self { url: format!("sqlite://{}/test.db", folder.path().display()), folder }
    }

    pub fn postgres() -> Self {
        let name = unique();
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/postgres");
        let made = Command::new(script).args(["database", &name]).output().expect("scripts/postgres runs");
        assert!(made.status.success(), "no database: {}", String::from_utf8_lossy(&made.stderr));
        let url = String::from_utf8(made.stdout).expect("a URL").trim().to_owned();
        Self { url, folder: folder(&name) }
    }

    pub fn location(&self) -> Location {
        Location::parse(&self.url).expect("a database URL")
    }

    pub fn is_postgres(&self) -> bool {
        self.url.starts_with("postgres")
    }
}
