//! Units of writing: all or nothing, in order, shared commits, nothing announced that was not kept.

use std::sync::{Arc, Mutex};

use livery::app::{system_clock, system_ids};
use livery::domain::brand::Brand;
use livery::domain::change::Change;
use livery::domain::id::{AgencyId, WidgetId};
use livery::domain::tenant::Agency;
use livery::store::{Store, agency};

use crate::support::database::Database;
use crate::support::{both, soon, until};

type Heard = Arc<Mutex<Vec<WidgetId>>>;

async fn open(database: &Database) -> (Store, Heard) {
    let heard = Heard::default();
    let ears = heard.clone();
    let announce = Arc::new(move |changes: Vec<Change>| {
        for change in changes {
            if let Change::Widget(id) = change {
                ears.lock().expect("lock").push(id);
            }
        }
    });
    (Store::open(&database.location(), announce).await.expect("a store"), heard)
}

fn any_agency(name: &str) -> Agency {
    let now = system_clock().now();
    Agency { id: system_ids().next(now), name: name.to_owned(), brand: Brand::default() }
}

/// Somebody's, or a job's.
fn mixed(store: &Store, job: bool) -> Store {
    if job { store.in_background() } else { store.clone() }
}

/// Lets everything go on that can.
async fn settle() {
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
}

async fn exists(store: &Store, id: AgencyId) -> bool {
    let mut read = store.read().await.expect("read");
    agency::agency(&mut read, id).await.expect("look").is_some()
}

both! {
    async fn what_is_not_committed_never_happened(database) {
        let (store, heard) = open(&database).await;
        let (lost, kept) = (any_agency("lost"), any_agency("kept"));
        let mut unit = store.write().await.expect("unit");
        agency::insert_agency(&mut unit, &lost, system_clock().now()).await.expect("insert");
        unit.note(Change::Widget(WidgetId::from_number(1)));
        drop(unit);
        let mut unit = store.write().await.expect("unit");
        agency::insert_agency(&mut unit, &kept, system_clock().now()).await.expect("insert");
        unit.note(Change::Widget(WidgetId::from_number(2)));
        unit.commit().await.expect("commit");
        assert!(!exists(&store, lost.id).await);
        assert!(exists(&store, kept.id).await);
        assert_eq!(*heard.lock().expect("lock"), [WidgetId::from_number(2)]);
        store.close().await;
    }
}

both! {
    async fn a_failing_unit_takes_none_of_its_group_with_it(database) {
        let (store, heard) = open(&database).await;
        let mut tasks = Vec::new();
        for number in 0..200u128 {
            let store = mixed(&store, number.is_multiple_of(4));
            tasks.push(tokio::spawn(async move {
                let new = any_agency("one of many");
                let mut unit = store.write().await.expect("unit");
                agency::insert_agency(&mut unit, &new, system_clock().now()).await.expect("insert");
                unit.note(Change::Widget(WidgetId::from_number(number)));
                if number.is_multiple_of(3) {
                    // Refused by the database: the same id once more.
                    agency::insert_agency(&mut unit, &new, system_clock().now()).await.expect_err("a second one");
                    drop(unit);
                    return (new.id, false);
                }
                unit.commit().await.expect("commit");
                (new.id, true)
            }));
        }
        let mut kept = 0;
        for task in tasks {
            let (id, committed) = soon(task).await.expect("task");
            assert_eq!(exists(&store, id).await, committed);
            kept += usize::from(committed);
        }
        assert_eq!(heard.lock().expect("lock").len(), kept);
        store.close().await;
    }
}

both! {
    async fn units_that_are_given_up_hold_nobody_up(database) {
        let (store, _) = open(&database).await;
        for round in 0..50u64 {
            let mut tasks = Vec::new();
            for number in 0..20u64 {
                let store = mixed(&store, number.is_multiple_of(3));
                tasks.push(tokio::spawn(async move {
                    let new = any_agency("given up, or not");
                    let mut unit = store.write().await.expect("unit");
                    agency::insert_agency(&mut unit, &new, system_clock().now()).await.expect("insert");
                    if (round + number).is_multiple_of(2) {
                        std::future::pending::<()>().await;
                    }
                    unit.commit().await.expect("commit");
                }));
            }
            // Clients go away at any point, of their turn or before it.
            for (number, task) in tasks.iter().enumerate() {
                if (round as usize + number).is_multiple_of(2) {
                    task.abort();
                } else if number.is_multiple_of(5) {
                    tokio::task::yield_now().await;
                }
            }
            for (number, task) in tasks.into_iter().enumerate() {
                if !(round as usize + number).is_multiple_of(2) {
                    soon(task).await.expect("nobody waits for those who gave up");
                }
            }
        }
        let last = any_agency("last");
        let mut unit = soon(store.write()).await.expect("unit");
        agency::insert_agency(&mut unit, &last, system_clock().now()).await.expect("insert");
        soon(unit.commit()).await.expect("commit");
        until(async || exists(&store, last.id).await.then_some(())).await;
        store.close().await;
    }
}

#[tokio::test]
async fn people_wait_for_one_job_at_most() {
    let database = Database::sqlite();
    let (store, _) = open(&database).await;
    let order = Arc::new(Mutex::new(Vec::new()));
    let turn = |store: Store, whose: &'static str| {
        let order = order.clone();
        tokio::spawn(async move {
            let unit = store.write().await.expect("unit");
            order.lock().expect("lock").push(whose);
            unit.commit().await.expect("commit");
        })
    };
    let held = store.write().await.expect("unit");
    let mut waiting: Vec<_> = (0..8).map(|_| turn(store.in_background(), "a job")).collect();
    settle().await;
    waiting.extend((0..2).map(|_| turn(store.clone(), "somebody")));
    settle().await;
    soon(held.commit()).await.expect("commit");
    for one in waiting {
        soon(one).await.expect("a turn");
    }
    let order = order.lock().expect("lock").clone();
    assert_eq!(order.len(), 10);
    let last = order.iter().rposition(|whose| *whose == "somebody");
    assert!(last <= Some(2), "{order:?}");
    store.close().await;
}

#[tokio::test]
async fn a_commit_that_somebody_waits_for_is_not_put_off_for_a_job() {
    let database = Database::sqlite();
    let (store, _) = open(&database).await;
    let held = store.write().await.expect("unit");
    let job = tokio::spawn({
        let store = store.in_background();
        async move {
            let unit = store.write().await.expect("unit");
            std::future::pending::<()>().await;
            drop(unit);
        }
    });
    settle().await;
    soon(held.commit()).await.expect("commit");
    job.abort();
    store.close().await;
}

#[tokio::test]
async fn what_is_committed_comes_into_the_file_itself_before_anybody_closes_it() {
    let database = Database::sqlite();
    let (store, _) = open(&database).await;
    let file = database.url.trim_start_matches("sqlite://").to_owned();
    let size = || std::fs::metadata(&file).expect("a file").len();
    let before = size();
    // Some two megabytes: far less than would make a commit fold the log by itself.
    for _ in 0..200 {
        let mut unit = store.write().await.expect("unit");
        agency::insert_agency(&mut unit, &any_agency(&"long ".repeat(2_000)), system_clock().now())
            .await
            .expect("insert");
        unit.commit().await.expect("commit");
    }
    until(async || (size() > before + 1_000_000).then_some(())).await;
    store.close().await;
}
