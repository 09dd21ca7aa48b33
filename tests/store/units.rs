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
            let store = store.clone();
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
                let store = store.clone();
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
