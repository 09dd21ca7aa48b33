//! Two thousand organizations: every order, pages without gap or double, and an index behind them.

use std::time::{Duration, Instant};

use livery::domain::id::OrganizationId;
use livery::domain::tenant::Organization;
use livery::store::{locate, organization};
use serde_json::{Value, json};

use super::{hire, organizations, raw, text, visitor_of, widget_of};
use crate::support::{App, both};

const MANY: usize = 2_000;

async fn found(app: &App, many: usize) {
    let s = &app.services;
    let (bakery, _) = organizations(app).await;
    let bakery: OrganizationId = bakery.parse().expect("an id");
    let mut unit = s.store.write().await.expect("a unit");
    let agency = locate::organization(&mut unit, bakery).await.expect("a look").expect("the bakery").agency;
    let now = s.clock.now();
    for number in 0..many {
        let at = now.plus(Duration::from_millis(number as u64));
        // Names that sort otherwise than they were made, some of them alike.
        let name = format!("Café {:04}", number * 7919 % 1_000);
        organization::insert(&mut unit, &Organization::new(s.ids.next(at), agency, name, at)).await.expect("kept");
    }
    unit.commit().await.expect("kept");
}

both! {
    async fn two_thousand_organizations_are_listed_in_every_order_without_gap_or_double(database) {
        let raw_database = database.clone();
        let app = App::start(database).await;
        let (bakery, dental) = organizations(&app).await;
        let (visitor, _) = visitor_of(&app, &widget_of(&app, &dental).await.0).await;
        visitor.says("something happens").await;
        found(&app, MANY).await;
        let owner = app.owner().await;
        let document = "query($sort: OrganizationSort, $after: String, $search: String) {
            organizations(sort: $sort, first: 100, after: $after, search: $search) {
                nodes { id name createdAt lastActivityAt memberCount aiAgentCount waitingCount language } pageInfo { endCursor hasNextPage } } }";
        for sort in ["NAME", "CREATED", "ACTIVITY"] {
            let (mut rows, mut after, mut slowest) = (Vec::<Value>::new(), Value::Null, Duration::ZERO);
            loop {
                let begun = Instant::now();
                let page = owner.ask(document, json!({ "sort": sort, "after": after })).await["organizations"].clone();
                slowest = slowest.max(begun.elapsed());
                rows.extend(page["nodes"].as_array().expect("rows").clone());
                after = page["pageInfo"]["endCursor"].clone();
                if page["pageInfo"]["hasNextPage"] == false {
                    break;
                }
            }
            let mut ids: Vec<String> = rows.iter().map(|row| text(row, "/id")).collect();
            let first = ids[0].clone();
            ids.sort();
            ids.dedup();
            assert_eq!((rows.len(), ids.len()), (MANY + 2, MANY + 2), "{sort}");
            let names: Vec<String> = rows.iter().map(|row| text(row, "/name").to_lowercase().replace('é', "e")).collect();
            match sort {
                "NAME" => assert!(names.is_sorted() && first == bakery),
                "CREATED" => assert!(rows.iter().rev().map(|row| text(row, "/createdAt")).is_sorted()),
                _ => assert_eq!(first, dental, "where something happened last"),
            }
            // A debug build on a busy machine; what would be wrong is a look into the database for each row.
            assert!(slowest < Duration::from_secs(5), "{sort}: {slowest:?}");
            println!("{sort}: the slowest page took {slowest:?}");
        }
        let page = owner.ask(document, json!({ "search": "cafe 0042" })).await;
        assert_eq!(page["organizations"]["nodes"].as_array().map(Vec::len), Some(2));
        let page = owner.ask(document, json!({ "search": "%" })).await;
        assert_eq!(page["organizations"]["nodes"].as_array().map(Vec::len), Some(0), "a sign is no pattern");
        let cursor = owner.ask(document, json!({ "sort": "NAME" })).await["organizations"]["pageInfo"]["endCursor"].clone();
        assert_eq!(owner.refused(document, json!({ "sort": "ACTIVITY", "after": cursor })).await, "INVALID NOT_A_CURSOR");

        let agency = raw::texts(&raw_database, &format!("select agency_id from organizations where id = '{bakery}'")).await.remove(0);
        let plan = raw::plan(&raw_database, &format!("select id from organizations where agency_id = '{agency}' and (search, id) > ('cafe 0500', '') order by search, id limit 51")).await;
        assert!(plan.contains("organizations_by_name"), "{plan}");
        app.close().await;
    }
}

both! {
    async fn staff_with_some_organizations_and_clients_list_their_own(database) {
        let app = App::start(database).await;
        let (bakery, dental) = organizations(&app).await;
        found(&app, 20).await;
        hire(&app, "one@northlight.test", "agency.member", None, Some(&[&dental])).await;
        let member = app.sign_in("one@northlight.test").await;
        let names = "{ organizations(sort: ACTIVITY) { nodes { id } } }";
        assert_eq!(member.ask(names, json!({})).await["organizations"]["nodes"], json!([{ "id": dental }]));
        let client = app.operator().await;
        assert_eq!(client.ask(names, json!({})).await["organizations"]["nodes"], json!([{ "id": bakery }]));
        app.close().await;
    }
}
