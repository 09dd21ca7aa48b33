//! What tests stand on: the app on either database, people, sockets, fakes of strangers' services.

pub mod app;
pub mod database;
pub mod dns;
pub mod forged;
pub mod listener;
pub mod model;
pub mod push;
pub mod smtp;
pub mod socket;
pub mod webhook;

pub use app::App;

use std::time::Duration;

/// How long a test waits for what must happen; only a failing one waits so long.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// Waits for something that must happen.
pub async fn soon<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, what).await.expect("it should have happened by now")
}

/// Asks again and again until there is an answer.
pub async fn until<T>(mut look: impl AsyncFnMut() -> Option<T>) -> T {
    soon(async {
        loop {
            if let Some(found) = look().await {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    })
    .await
}

/// Gives a test on both databases: `name::sqlite` and `name::postgres`.
macro_rules! both {
    ($(#[$attribute:meta])* async fn $name:ident($database:ident) $body:block) => {
        mod $name {
            use super::*;

            async fn body($database: crate::support::database::Database) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                body(crate::support::database::Database::sqlite()).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                body(crate::support::database::Database::postgres()).await;
            }
        }
    };
}
pub(crate) use both;
