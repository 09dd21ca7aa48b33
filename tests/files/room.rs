//! Room is counted to the byte, addresses are good for five minutes and for their tenant alone, and what nobody sends goes.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use http::{Request, StatusCode};
use livery::policy::Scope;
use livery::service::{file, organization};
use livery::store::{self, locate};
use serde_json::json;
use tokio::sync::Barrier;

use super::{announce, attachments, bakery, bring, chat, fetch, png, put, send, set, used};
use crate::support::app::Reply;
use crate::support::{App, both};

/// How many want room at once.
const AT_ONCE: usize = 50;
/// How large a file each of them has: ten fit into a megabyte.
const SIZE: usize = 100 * 1024;

fn address(reply: &Reply) -> Option<String> {
    reply.json["data"]["prepareUpload"]["url"].as_str().map(str::to_owned)
}

/// All files below a folder.
fn bytes_below(folder: &std::path::Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.map(|entry| entry.expect("an entry").path());
    paths.flat_map(|path| if path.is_dir() { bytes_below(&path) } else { vec![path] }).collect()
}

both! {
    async fn fifty_at_once_get_the_room_that_there_is_and_not_a_byte_more(database) {
        let app = App::start(database).await;
        set(&app, "files.quota_megabytes", "1").await;
        let mut visitors = Vec::new();
        for _ in 0..AT_ONCE {
            visitors.push(app.visitor().await.0);
        }
        for round in 0..2 {
            let asked = futures_util::future::join_all(visitors.iter().map(|visitor| announce(visitor, None, "a.bin", SIZE))).await;
            let granted: Vec<String> = asked.iter().filter_map(address).collect();
            assert_eq!(granted.len(), 10, "round {round}");
            assert!(asked.iter().filter(|reply| address(reply).is_none()).all(|reply| reply.error() == "CONFLICT NO_ROOM"));
            assert_eq!(used(&app).await, 10 * SIZE as i64);
            // What did not come gives its room back, and so does what came and was not sent.
            if round == 0 {
                app.later(Duration::from_secs(901));
            } else {
                let body = vec![7_u8; SIZE];
                let brought = futures_util::future::join_all(granted.iter().map(|url| put(&app, url, body.clone()))).await;
                assert!(brought.iter().all(|reply| reply.status == StatusCode::OK), "{:?}", brought.iter().map(|reply| reply.json.to_string()).collect::<Vec<_>>());
                assert_eq!(used(&app).await, 10 * SIZE as i64);
                app.later(Duration::from_secs(3601));
            }
            file::expire(&app.services).await.expect("expired");
            assert_eq!(used(&app).await, 0, "round {round}");
        }
        let room = "query($id: ID!) { organization(id: $id) { fileRoom { usedMegabytes quotaMegabytes } } }";
        let shown = app.owner().await.ask(room, json!({ "id": bakery(&app).await })).await;
        assert_eq!(shown["organization"]["fileRoom"], json!({ "usedMegabytes": 0.0, "quotaMegabytes": 1 }));
        app.close().await;
    }
}

both! {
    async fn looking_for_room_first_and_taking_it_afterwards_gives_too_much(database) {
        // The saboteur: the same fifty, with the one conditional write taken apart.
        let app = App::start(database).await;
        let s = &app.services;
        let organization = bakery(&app).await.parse().expect("an id");
        let mut read = s.store.read().await.expect("read");
        let agency = locate::organization(&mut read, organization).await.expect("read").expect("a place").agency;
        drop(read);
        let quota = 1024 * 1024;
        let all_looked = Arc::new(Barrier::new(AT_ONCE));
        let lanes = (0..AT_ONCE).map(|_| {
            let (s, all_looked) = (s.clone(), all_looked.clone());
            tokio::spawn(async move {
                let scope = Scope::system(agency, "a saboteur");
                let used = store::file::used(&mut s.store.read().await.expect("read"), &scope, organization).await.expect("read");
                all_looked.wait().await;
                if used + SIZE as i64 > quota {
                    return 0;
                }
                let mut unit = s.store.write().await.expect("a unit");
                assert!(store::file::take_room(&mut unit, &scope, organization, SIZE as i64, i64::MAX / 2).await.expect("taken"));
                unit.commit().await.expect("kept");
                1
            })
        });
        let taken: i32 = futures_util::future::join_all(lanes).await.into_iter().map(|lane| lane.expect("a lane")).sum();
        assert!(taken > 10, "{taken}");
        assert!(used(&app).await > quota, "the saboteur takes more than there is");
        app.close().await;
    }
}

both! {
    async fn an_address_is_good_for_five_minutes_at_its_agency_and_as_it_was_given(database) {
        let app = App::start(database).await;
        let (visitor, operator, conversation) = chat(&app).await;
        let id = bring(&visitor, None, "a.txt", b"abc").await;
        let url = attachments(&send(&visitor, None, "", &[&id]).await)[0]["url"].as_str().expect("an address").to_owned();
        assert_eq!(fetch(&app, &url).await.bytes.as_ref(), b"abc");
        let (path, query) = url.split_once('?').expect("a query");
        let (until, key) = query.split_once('&').expect("two");
        let until: i64 = until.trim_start_matches("until=").parse().expect("seconds");
        let now = app.services.clock.now().micros() / 1_000_000;
        assert!(until - now <= 300 && until > now, "{}", until - now);

        // Nothing of it can be changed; and nobody learns what was wrong.
        let nothing = fetch(&app, "/files/fil_00000000000000000000000001?until=9999999999&key=x").await;
        let other = bring(&visitor, None, "b.txt", b"xyz").await;
        let forged = [
            format!("{path}?until={}&{key}", until + 60),
            format!("{path}?until={until}&key="),
            format!("{path}?until={until}"),
            format!("{path}?until=x&{key}"),
            format!("{path}?{key}&until={until}&until=9999999999"),
            path.to_owned(),
            format!("/files/{other}?until={until}&{key}"),
            format!("{path}?until={until}&key={}{}", if key[4..].starts_with('A') { 'B' } else { 'A' }, &key[5..]),
            format!("/files/..%2f{}?until={until}&{key}", &path[7..]),
        ];
        for url in &forged {
            let answer = fetch(&app, url).await;
            assert_eq!((answer.status, &answer.bytes), (StatusCode::NOT_FOUND, &nothing.bytes), "{url}");
        }
        // On another agency's host it is not there, though everything about it is right; and cookies and tokens change nothing.
        let at = |host: &'static str| {
            let request = Request::get(&url).header("host", host).header("cookie", "refresh=x").header("authorization", format!("Bearer {}", operator.token.as_deref().expect("a token")));
            app.send(request.body(Body::empty()).expect("a request"))
        };
        assert_eq!(at("southpaw.localhost").await.status, StatusCode::NOT_FOUND);
        assert_eq!(at("northlight.localhost").await.status, StatusCode::OK);

        // The saboteur: with a signature of ours the same change is served, so nothing but the signature stands between.
        let agency = visitor_agency(&app, &conversation).await;
        let later = until + 60;
        let signed = app.services.seal.sign("get a file", &format!("{agency} {id} {later}"));
        assert_eq!(fetch(&app, &format!("{path}?until={later}&key={signed}")).await.status, StatusCode::OK);

        app.later(Duration::from_secs(301));
        assert_eq!(fetch(&app, &url).await.status, StatusCode::NOT_FOUND);
        let again = operator.ask("query($id: ID!) { file(id: $id) { url } }", json!({ "id": id })).await;
        let fresh = again["file"]["url"].as_str().expect("an address");
        assert!(fresh != url && fetch(&app, fresh).await.status == StatusCode::OK);
        // Whoever lost the right gets no new one.
        let document = "mutation($id: ID!) { suspendMember(membershipId: $id) { id } }";
        let members = app.owner().await.ask("query($id: ID!) { members(organizationId: $id) { nodes { id email } } }", json!({ "id": bakery(&app).await })).await;
        let member = members["members"]["nodes"].as_array().expect("members").iter().find(|member| member["email"] == "operator1@bluebakery.test").expect("the operator")["id"].clone();
        app.owner().await.ask(document, json!({ "id": member })).await;
        let refused = operator.refused("query($id: ID!) { file(id: $id) { url } }", json!({ "id": id })).await;
        assert!(refused.starts_with("NOT_FOUND") || refused.starts_with("FORBIDDEN") || refused.starts_with("UNAUTHENTICATED"), "{refused}");
        app.close().await;
    }
}

async fn visitor_agency(app: &App, conversation: &str) -> String {
    let mut read = app.services.store.read().await.expect("read");
    let id = conversation.parse().expect("an id");
    locate::conversation(&mut read, id).await.expect("read").expect("a place").agency.to_string()
}

both! {
    async fn what_is_not_sent_goes_and_what_a_crash_left_is_swept_away(database) {
        let folder = database.folder.path().join("files");
        let app = App::start(database).await;
        let (visitor, _, _) = chat(&app).await;
        let (sent, unsent) = (bring(&visitor, None, "sent.txt", b"sent").await, bring(&visitor, None, "unsent.png", &png(20, 20)).await);
        attachments(&send(&visitor, None, "", &[&sent]).await);
        assert_eq!(bytes_below(&folder).len(), 2);
        // A crash between two steps leaves bytes under names that no row has: of an upload under way, and of one that was final.
        let kept = bytes_below(&folder).into_iter().find(|path| path.to_string_lossy().contains(&sent)).expect("its bytes");
        let orphan = kept.with_file_name(format!("{sent}.orphan"));
        let half = folder.join("under-way").join(format!("{sent}.half"));
        for path in [&orphan, &half] {
            std::fs::write(path, b"left over").expect("written");
        }
        // Young ones are left alone: they may be about to be named.
        assert_eq!(file::sweep(&app.services).await.expect("swept"), 0);
        app.later(Duration::from_secs(2 * 3600 + 1));
        assert_eq!(file::expire(&app.services).await.expect("expired"), 1);
        assert_eq!(file::sweep(&app.services).await.expect("swept"), 2);
        assert_eq!(bytes_below(&folder), vec![kept]);
        assert_eq!(used(&app).await, 4);
        // Their tokens are over by now; of the two files one is left.
        assert!(!bytes_below(&folder).iter().any(|path| path.to_string_lossy().contains(&unsent)));
        app.close().await;
    }
}

both! {
    async fn a_purged_organization_leaves_no_byte(database) {
        let folder = database.folder.path().join("files");
        let app = App::start(database).await;
        let (visitor, _, _) = chat(&app).await;
        let id = bring(&visitor, None, "a.txt", b"abc").await;
        let url = attachments(&send(&visitor, None, "", &[&id]).await)[0]["url"].as_str().expect("an address").to_owned();
        bring(&visitor, None, "b.txt", b"not sent").await;
        assert_eq!(bytes_below(&folder).len(), 2);
        let document = "mutation($id: ID!) { deleteOrganization(organizationId: $id, name: \"Blue Bakery\") { id } }";
        app.owner().await.ask(document, json!({ "id": bakery(&app).await })).await;
        // In the bin it is nowhere, and its files with it.
        assert_eq!(fetch(&app, &url).await.status, StatusCode::NOT_FOUND);
        app.later(Duration::from_secs(31 * 24 * 3600));
        organization::purge(&app.services).await.expect("purged");
        assert_eq!(bytes_below(&folder), Vec::<PathBuf>::new());
        let left = app.owner().await.ask("{ organizations { nodes { name fileRoom { usedMegabytes } } } }", json!({})).await;
        assert_eq!(left["organizations"]["nodes"], json!([{ "name": "Harbor Dental", "fileRoom": { "usedMegabytes": 0.0 } }]));
        app.close().await;
    }
}
