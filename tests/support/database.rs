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

/// A folder that is removed when it is dropped, and the database on the tests' PostgreSQL that goes with it: hundreds of
/// tests would fill the disk.
pub struct Folder {
    path: PathBuf,
    on_server: Option<String>,
}

impl Folder {
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.path).ok();
        if let Some(url) = &self.on_server {
            Command::new(SCRIPT).args(["drop", url]).status().ok();
        }
    }
}

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/postgres");

fn unique() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let nanos = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970").as_nanos();
    format!("test_{}_{}_{}", std::process::id(), nanos % 1_000_000_007, NEXT.fetch_add(1, Ordering::Relaxed))
}

fn folder(name: &str, on_server: Option<String>) -> Arc<Folder> {
    let path = std::env::temp_dir().join(format!("livery-{name}"));
    std::fs::create_dir_all(&path).expect("a folder for the test");
    Arc::new(Folder { path, on_server })
}

impl Database {
    pub fn sqlite() -> Self {
        let folder = folder(&unique(), None);
        Self { url: format!("sqlite://{}/test.db", folder.path().display()), folder }
    }

    pub fn postgres() -> Self {
        let name = unique();
        let made = Command::new(SCRIPT).args(["database", &name]).output().expect("scripts/postgres runs");
        assert!(made.status.success(), "no database: {}", String::from_utf8_lossy(&made.stderr));
        let url = String::from_utf8(made.stdout).expect("a URL").trim().to_owned();
        Self { folder: folder(&name, Some(url.clone())), url }
    }

    pub fn location(&self) -> Location {
        Location::parse(&self.url).expect("a database URL")
    }

    pub fn is_postgres(&self) -> bool {
        self.url.starts_with("postgres")
    }
}
