//! How a person is offered, and what calls one: the button, the visitor's words, what the AI says, and failures in a row.

use serde_json::{Value, json};

use crate::support::app::{Client, client_id, config_with};
use crate::support::model::{FakeModel, Mode};
use crate::support::{App, both, until};

const WORDS: &str = "Can I talk to a human, please?";
const SETTINGS: &str = "enabled popup fixedPopup buttonText popupText waitingText blockInput onWords onAiDecision onLowConfidence afterFailures own blockedBy locked";
const CONFIG: &str = "query($w: ID!) { widgetConfig(widgetId: $w) { handoff {
    available popup fixedPopup buttonText popupText waitingText blockInput askContact buttonAfterMessages } } }";
const THREAD: &str =
    "{ session { conversation { state messages { nodes { kind text offersHuman author { kind } } } } } }";
const SAY: &str = "mutation($c: String!, $t: String!) { sendMessage(clientId: $c, text: $t) { seq } }";
const ASK: &str = "mutation($c: String!, $n: String) { requestHandoff(clientId: $c, name: $n) { state } }";

async fn agent(client: &Client<'_>) -> String {
    let data = client.ask("{ aiAgents { nodes { id } } }", json!({})).await;
    data["aiAgents"]["nodes"][0]["id"].as_str().expect("an AI agent").to_owned()
}

/// Changes how the bakery's AI agent offers a person, and gives all of it.
async fn change(client: &Client<'_>, arguments: &str) -> Value {
    let id = agent(client).await;
    let document = format!(
        "mutation($id: ID!) {{ updateHandoffSettings(aiAgentId: $id, {arguments}) {{ handoff {{ {SETTINGS} }} }} }}"
    );
    client.ask(&document, json!({ "id": id })).await["updateHandoffSettings"]["handoff"].clone()
}

async fn refused(client: &Client<'_>, id: &str, arguments: &str) -> String {
    let document = format!("mutation($id: ID!) {{ updateHandoffSettings(aiAgentId: $id, {arguments}) {{ id }} }}");
    client.refused(&document, json!({ "id": id })).await
}

async fn set(client: &Client<'_>, key: &str, value: &str) {
    let data = client.ask("{ organizations { nodes { id } } }", json!({})).await;
    let id = data["organizations"]["nodes"][0]["id"].clone();
    let document =
        "mutation($k: String!, $o: ID, $v: String) { setSetting(key: $k, organizationId: $o, value: $v) { value } }";
    client.ask(document, json!({ "k": key, "o": id, "v": value })).await;
}

async fn shown(app: &App) -> Value {
    let nobody = Client { app, path: "/widget/graphql", token: None };
    nobody.ask(CONFIG, json!({ "w": app.widget().await })).await["widgetConfig"]["handoff"].clone()
}

async fn thread(visitor: &Client<'_>) -> Value {
    visitor.ask(THREAD, json!({})).await["session"]["conversation"].clone()
}

/// The intent of the handoff of a conversation, as the desk sees it.
async fn intent(operator: &Client<'_>, conversation: &str) -> Value {
    let document = "query($id: ID!) { conversation(id: $id) { handoff { intent state } } }";
    operator.ask(document, json!({ "id": conversation })).await["conversation"]["handoff"]["intent"].clone()
}

fn count(thread: &Value, kind: &str) -> usize {
    thread["messages"]["nodes"].as_array().expect("entries").iter().filter(|node| node["kind"] == kind).count()
}

/// The newest words of the AI.
fn last_answer(thread: &Value) -> Value {
    let nodes = thread["messages"]["nodes"].as_array().expect("entries");
    nodes.iter().rfind(|node| node["author"]["kind"] == "AI").cloned().unwrap_or_default()
}

both! {
    async fn an_ai_agent_says_itself_how_a_person_is_offered_or_its_organization_does(database) {
        let app = App::start(database).await;
        let owner = app.sign_in("owner@bluebakery.test").await;
        let offer = shown(&app).await;
        assert_eq!(offer["buttonText"], "Request Live Agent");
        assert_eq!((&offer["popup"], &offer["fixedPopup"], &offer["blockInput"]), (&json!(true), &json!(false), &json!(false)));

        // The organization's word, then the AI agent's own, then the organization's again.
        set(&owner, "handoff.button_text", "Ask the bakers").await;
        assert_eq!(shown(&app).await["buttonText"], "Ask the bakers");
        let own = change(&owner, "buttonText: \"Talk to Olivia\", fixedPopup: true, waitingText: \"One moment\", afterFailures: 3").await;
        assert_eq!((&own["buttonText"], &own["afterFailures"]), (&json!("Talk to Olivia"), &json!(3)));
        let expected = json!(["handoff.after_failures", "handoff.button_text", "handoff.fixed_popup", "handoff.waiting_text"]);
        assert_eq!(own["own"], expected);
        let offer = shown(&app).await;
        assert_eq!((&offer["buttonText"], &offer["fixedPopup"], &offer["waitingText"]), (&json!("Talk to Olivia"), &json!(true), &json!("One moment")));
        let own = change(&owner, "inherit: [\"handoff.button_text\", \"handoff.fixed_popup\"]").await;
        assert_eq!((&own["buttonText"], &own["fixedPopup"]), (&json!("Ask the bakers"), &json!(false)));
        assert_eq!(shown(&app).await["buttonText"], "Ask the bakers");

        // Checked like every setting, for whoever may, and not where the agency has said it for all.
        let id = agent(&owner).await;
        assert_eq!(refused(&owner, &id, "buttonText: \"\"").await, "INVALID NOT_A_VALUE");
        assert_eq!(refused(&owner, &id, "afterFailures: 11").await, "INVALID NOT_A_VALUE");
        assert_eq!(refused(&owner, &id, "inherit: [\"brand\"]").await, "INVALID UNKNOWN_SETTING");
        assert_eq!(refused(&app.operator().await, &id, "popup: false").await, "FORBIDDEN MISSING_PERMISSION");
        assert_eq!(refused(&app.sign_in("owner@southpaw.test").await, &id, "popup: false").await, "NOT_FOUND NOT_FOUND");
        let lock = "mutation { setSettingMode(key: \"handoff.on_words\", mode: LOCKED, value: \"false\") { key } }";
        app.owner().await.ask(lock, json!({})).await;
        assert_eq!(refused(&owner, &id, "onWords: true").await, "FORBIDDEN SETTING_LOCKED");
        let seen = change(&owner, "popupText: \"A person?\"").await;
        assert_eq!((&seen["onWords"], &seen["locked"]), (&json!(false), &json!(["handoff.on_words"])));
        app.close().await;
    }
}

both! {
    async fn without_a_popup_nobody_is_offered_and_the_fixed_one_needs_an_organization(database) {
        let app = App::start(database).await;
        let owner = app.sign_in("owner@bluebakery.test").await;
        change(&owner, "popup: false").await;
        assert_eq!(shown(&app).await["available"], false);
        let (visitor, _) = app.visitor().await;
        visitor.asks_the_ai("hello").await;
        assert_eq!(visitor.refused(ASK, json!({ "c": client_id() })).await, "CONFLICT HANDOFF_NOT_AVAILABLE");
        // Words call nobody either, and are answered honestly.
        visitor.asks_the_ai(WORDS).await;
        let talk = thread(&visitor).await;
        assert_eq!(talk["state"], "AI");
        let answer = last_answer(&talk);
        assert!(answer["text"].as_str().is_some_and(|text| text.contains("Nobody can be reached")), "{answer}");
        assert_eq!(answer["offersHuman"], false);
        // The fixed one is a way of its own.
        change(&owner, "fixedPopup: true").await;
        let offer = shown(&app).await;
        assert_eq!((&offer["available"], &offer["popup"], &offer["fixedPopup"]), (&json!(true), &json!(false), &json!(true)));
        visitor.asks_for_human().await;

        // Where there is no organization, it says so (S189).
        let northlight = app.owner().await;
        let made = northlight.ask("mutation($c: String!) { createAiAgent(clientId: $c, name: \"Loose\") { id } }", json!({ "c": client_id() })).await;
        let loose = made["createAiAgent"]["id"].as_str().expect("an id").to_owned();
        assert_eq!(refused(&northlight, &loose, "fixedPopup: true").await, "CONFLICT AI_AGENT_UNASSIGNED");
        // One that loses its organization loses it too.
        let id = agent(&owner).await;
        let data = northlight.ask("mutation($id: ID!) { assignAiAgent(aiAgentId: $id) { handoff { fixedPopup blockedBy } } }", json!({ "id": id })).await;
        assert_eq!(data["assignAiAgent"]["handoff"], json!({ "fixedPopup": false, "blockedBy": "AI_AGENT_UNASSIGNED" }));
        app.close().await;
    }
}

both! {
    async fn whoever_waits_cannot_write_where_that_is_blocked(database) {
        let app = App::start(database).await;
        let (owner, operator) = (app.sign_in("owner@bluebakery.test").await, app.operator().await);
        let (visitor, conversation) = app.visitor().await;
        let kept = client_id();
        visitor.ask(SAY, json!({ "c": kept, "t": "hello" })).await;
        visitor.asks_for_human().await;
        visitor.says("By default I can write on.").await;
        change(&owner, "blockInput: true").await;
        let before = thread(&visitor).await;
        assert_eq!(visitor.refused(SAY, json!({ "c": client_id(), "t": "Hello?" })).await, "CONFLICT INPUT_BLOCKED");
        assert_eq!(thread(&visitor).await, before, "nothing of it is kept");
        visitor.ask(SAY, json!({ "c": kept, "t": "hello" })).await;
        operator.accepts(&conversation).await;
        visitor.says("Now I can.").await;
        app.close().await;
    }
}

both! {
    async fn the_visitors_own_words_call_a_person_once(database) {
        let app = App::start(database).await;
        let (owner, operator) = (app.sign_in("owner@bluebakery.test").await, app.operator().await);
        for words in [WORDS, "Ich möchte mit einem Menschen sprechen", "agent please"] {
            let (visitor, conversation) = app.visitor().await;
            let sent = client_id();
            visitor.ask(SAY, json!({ "c": sent, "t": words })).await;
            // At once, in the same unit, and the AI says nothing to it; a retry and more words call nobody else.
            visitor.ask(SAY, json!({ "c": sent, "t": words })).await;
            visitor.says(WORDS).await;
            let talk = thread(&visitor).await;
            assert_eq!((&talk["state"], count(&talk, "HANDOFF_REQUESTED")), (&json!("REQUESTED"), 1), "{talk}");
            assert_eq!(last_answer(&talk), Value::Null);
            assert_eq!(intent(&operator, &conversation).await, "WORDS");
            operator.accepts(&conversation).await;
            visitor.says(WORDS).await;
            assert_eq!(count(&thread(&visitor).await, "HANDOFF_REQUESTED"), 1, "somebody is there already");
        }
        // By the button it is the button's.
        let (visitor, conversation) = app.visitor().await;
        visitor.asks_the_ai("When are you open?").await;
        visitor.asks_for_human().await;
        assert_eq!(intent(&operator, &conversation).await, "BUTTON");

        // Where details are asked for first, they are, and the request remembers why.
        let ask = "mutation($id: ID!) { updateHandoffSettings(aiAgentId: $id, askContact: true) { id } }";
        owner.ask(ask, json!({ "id": agent(&owner).await })).await;
        let (visitor, conversation) = app.visitor().await;
        visitor.says(WORDS).await;
        assert_eq!(thread(&visitor).await["state"], "COLLECTING");
        let data = visitor.ask(ASK, json!({ "c": client_id(), "n": "Ada" })).await;
        assert_eq!(data["requestHandoff"]["state"], "REQUESTED");
        assert_eq!(intent(&operator, &conversation).await, "WORDS");

        // Turned off, words are words, and the offer is still made.
        change(&owner, "onWords: false").await;
        let (visitor, _) = app.visitor().await;
        visitor.asks_the_ai(WORDS).await;
        let talk = thread(&visitor).await;
        assert_eq!((&talk["state"], &last_answer(&talk)["offersHuman"]), (&json!("AI"), &json!(true)));
        app.close().await;
    }
}

both! {
    async fn a_weak_answer_offers_a_person_and_failures_in_a_row_call_one(database) {
        let app = App::start(database).await;
        let (owner, operator) = (app.sign_in("owner@bluebakery.test").await, app.operator().await);
        let offers = async |visitor: &Client<'_>| last_answer(&thread(visitor).await)["offersHuman"].clone();
        let (visitor, conversation) = app.visitor().await;
        visitor.asks_the_ai("Do you repair bicycles?").await;
        assert_eq!(offers(&visitor).await, true);
        visitor.asks_for_human().await;
        assert_eq!(intent(&operator, &conversation).await, "LOW_CONFIDENCE", "the offer was taken up");
        change(&owner, "onLowConfidence: false").await;
        let (visitor, _) = app.visitor().await;
        visitor.asks_the_ai("Do you repair bicycles?").await;
        assert_eq!(offers(&visitor).await, false);

        change(&owner, "afterFailures: 2").await;
        let (visitor, conversation) = app.visitor().await;
        visitor.asks_the_ai("Do you repair bicycles?").await;
        visitor.asks_the_ai("When are you open?").await;
        visitor.asks_the_ai("Do you sell rockets?").await;
        assert_eq!(thread(&visitor).await["state"], "AI", "an answer that helped begins the count anew");
        visitor.asks_the_ai("Who was the first president?").await;
        let talk = until(async || Some(thread(&visitor).await).filter(|talk| talk["state"] == "REQUESTED")).await;
        assert_eq!(count(&talk, "HANDOFF_REQUESTED"), 1);
        assert_eq!(intent(&operator, &conversation).await, "REPEATED_FAILURE");
        // Withdrawn, it takes as many again.
        visitor.ask("mutation { cancelHandoff { state } }", json!({})).await;
        visitor.asks_the_ai("Do you sell rockets?").await;
        assert_eq!(thread(&visitor).await["state"], "AI");
        // Somebody has it: the AI says nothing, and nobody is called.
        visitor.asks_for_human().await;
        operator.accepts(&conversation).await;
        visitor.says("Do you sell rockets?").await;
        assert_eq!(count(&thread(&visitor).await, "HANDOFF_REQUESTED"), 2);
        app.close().await;
    }
}

both! {
    async fn a_model_that_needs_a_person_offers_one(database) {
        let model = FakeModel::start(Mode::Good("[handoff] I could not find that.".to_owned())).await;
        let app = App::with(database.clone(), config_with(&database, &[("LIVERY_MODEL_URL", model.url())])).await;
        let (owner, operator) = (app.sign_in("owner@bluebakery.test").await, app.operator().await);
        let (visitor, conversation) = app.visitor().await;
        visitor.asks_the_ai("Can you repair my bicycle?").await;
        assert_eq!(last_answer(&thread(&visitor).await)["offersHuman"], true);
        visitor.asks_for_human().await;
        assert_eq!(intent(&operator, &conversation).await, "AI_DECISION");
        change(&owner, "onAiDecision: false, onLowConfidence: false").await;
        let (visitor, _) = app.visitor().await;
        visitor.asks_the_ai("Can you repair my bicycle?").await;
        assert_eq!(last_answer(&thread(&visitor).await)["offersHuman"], false);
        app.close().await;
    }
}

both! {
    async fn what_is_announced_is_the_organizations_own_word(database) {
        let app = App::start(database).await;
        let (owner, operator) = (app.sign_in("owner@bluebakery.test").await, app.operator().await);
        set(&owner, "announce.taken_over", "Hi, {operator} here; {operator} reads along.").await;
        set(&owner, "announce.handed_back", "Crumb again.").await;
        set(&owner, "announce.completed", "Bye, and good appetite!").await;
        let (visitor, conversation) = app.visitor().await;
        visitor.says("hello").await;
        visitor.asks_for_human().await;
        operator.accepts(&conversation).await;
        operator.ask("mutation($id: ID!) { returnToAi(conversationId: $id) { state } }", json!({ "id": conversation })).await;
        operator.ask("mutation($id: ID!) { intervene(conversationId: $id) { state } }", json!({ "id": conversation })).await;
        operator.ask("mutation($id: ID!) { completeConversation(conversationId: $id) { state } }", json!({ "id": conversation })).await;
        let talk = thread(&visitor).await;
        let text = |kind: &str| {
            let nodes = talk["messages"]["nodes"].as_array().expect("entries");
            nodes.iter().find(|node| node["kind"] == kind).expect("the announcement")["text"].clone()
        };
        assert_eq!(text("HANDOFF_ACCEPTED"), "Hi, Olivia Hart here; Olivia Hart reads along.");
        assert_eq!(text("INTERVENED"), "Hi, Olivia Hart here; Olivia Hart reads along.");
        assert_eq!(text("RETURNED_TO_AI"), "Crumb again.");
        assert_eq!(text("COMPLETED"), "Bye, and good appetite!");
        app.close().await;
    }
}
