//! Asks a language model behind an OpenAI-compatible endpoint, and believes nothing of what comes back.
//!
//! Whatever the endpoint does, a call ends by its deadline with a bounded text or a [`ModelTrouble`]. Neither texts nor
//! the key are ever logged.

use super::egress::{Call, Egress, Reply, Trouble};
use super::sse::Events;
use crate::domain::answer::{
    Answer, ChatMessage, MarkerFilter, Question, asks_for_human, canned_not_found, prompt, split_for_streaming,
    titles_behind,
};
use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue};
use serde_json::{Value, json};
use std::pin::{Pin, pin};
use std::time::Duration;
use tokio::time::{Sleep, sleep, timeout};

/// How long an answer may take when nothing else is said. The first text must come within two thirds of it: 6 s.
pub const DEADLINE: Duration = Duration::from_secs(9);
/// Characters of an answer beyond which it is taken for endless.
pub const LONGEST_ANSWER: usize = 8_000;
/// Bytes of a reply, which may spend hundreds of them on each token.
const LONGEST_REPLY: usize = 4 * 1024 * 1024;
/// How long to wait for `[DONE]` after a token said that it was the last.
const LAST_WORDS: Duration = Duration::from_millis(500);

type OnText<'a> = &'a mut (dyn FnMut(&str) + Send);

/// Why a model gave no answer. Text that was handed over before must be taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ModelTrouble {
    /// The endpoint answered with this HTTP status, or said so within its stream.
    #[error("the model's endpoint refused with {0}")]
    Refused(u16),
    /// No text by two thirds of the deadline, or not all of it by the deadline.
    #[error("the model took too long")]
    Slow,
    /// Not the protocol, or an answer without any text.
    #[error("the model's endpoint did not speak the protocol")]
    Nonsense,
    /// More text than any answer has.
    #[error("the model did not come to an end")]
    Endless,
    /// Nobody there, or gone in the middle of an answer.
    #[error("the model's endpoint could not be reached")]
    Unreachable,
}

impl From<Trouble> for ModelTrouble {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Slow => Self::Slow,
            Trouble::TooLarge => Self::Endless,
            Trouble::Unreachable | Trouble::Forbidden(_) => Self::Unreachable,
        }
    }
}

/// Why an endpoint cannot be used, told at start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadEndpoint {
    /// Not an address within the trusted origins of the outgoing client.
    #[error("the model's address is not a web address that was configured as trusted")]
    Address,
    /// A key that no header can carry.
    #[error("the model's key holds characters that no header can carry")]
    Key,
}

/// A model at an endpoint that the platform's operator configured.
#[derive(Clone)]
pub struct ModelClient {
    egress: Egress,
    url: String,
    headers: HeaderMap,
    model: String,
}

impl ModelClient {
    /// A client for `url`, with or without `/chat/completions` at its end (`https://api.openai.com/v1`), which must be
    /// among the trusted origins of `egress`. The key may be empty.
    ///
    /// # Errors
    /// When the address or the key can never work.
    pub fn new(egress: Egress, url: &str, key: &str, model: impl Into<String>) -> Result<Self, BadEndpoint> {
        let base = url.trim().trim_end_matches('/');
        let base = base.strip_suffix("/chat/completions").unwrap_or(base);
        let url = format!("{base}/chat/completions");
        if !egress.is_trusted(&url) {
            return Err(BadEndpoint::Address);
        }
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(ACCEPT, HeaderValue::from_static("text/event-stream, application/json"));
        if !key.trim().is_empty() {
            let mut bearer = HeaderValue::try_from(format!("Bearer {}", key.trim())).map_err(|_| BadEndpoint::Key)?;
            bearer.set_sensitive(true);
            headers.insert(AUTHORIZATION, bearer);
        }
        Ok(Self { egress, url, headers, model: model.into() })
    }

    /// Asks, and hands over each piece of text as it comes, free of control characters and of the handoff marker.
    ///
    /// `helped` is false when the model says that it cannot help. The titles named are those of the given entries on
    /// which the text visibly rests. Cancelling the future closes the connection.
    ///
    /// # Errors
    /// By `deadline` at the latest; see [`ModelTrouble`].
    pub async fn answer(
        &self,
        question: &Question,
        deadline: Duration,
        on_text: OnText<'_>,
    ) -> Result<Answer, ModelTrouble> {
        let first_text = pin!(sleep(deadline * 2 / 3));
        let mut hearing = Hearing::new(on_text);
        timeout(deadline, self.listen(self.body(prompt(question)), deadline, &mut hearing, first_text))
            .await
            .map_err(|_| ModelTrouble::Slow)??;
        let (text, handed_off) = hearing.finish()?;
        let wants_human = asks_for_human(&question.text);
        Ok(if text.is_empty() {
            Answer {
                text: canned_not_found(&question.text).to_owned(),
                sources: Vec::new(),
                helped: false,
                wants_human: wants_human || handed_off,
            }
        } else if handed_off {
            Answer { text, sources: Vec::new(), helped: false, wants_human: true }
        } else {
            Answer { sources: titles_behind(&text, &question.sources), text, helped: true, wants_human }
        })
    }

    /// Has something written from these messages, for a person who reads it before anybody else does.
    ///
    /// # Errors
    /// By `deadline` at the latest; see [`ModelTrouble`].
    pub async fn write(&self, messages: Vec<ChatMessage>, deadline: Duration) -> Result<String, ModelTrouble> {
        let first_text = pin!(sleep(deadline * 2 / 3));
        let mut nobody_watches = |_: &str| {};
        let mut hearing = Hearing::new(&mut nobody_watches);
        timeout(deadline, self.listen(self.body(messages), deadline, &mut hearing, first_text))
            .await
            .map_err(|_| ModelTrouble::Slow)??;
        hearing.finish().map(|(text, _)| text)
    }

    async fn listen(
        &self,
        body: Bytes,
        deadline: Duration,
        hearing: &mut Hearing<'_>,
        mut first_text: Pin<&mut Sleep>,
    ) -> Result<(), ModelTrouble> {
        let call = Call {
            within: deadline,
            at_most: LONGEST_REPLY,
            ..Call::post(self.url.clone(), self.headers.clone(), body)
        };
        let reply = tokio::select! {
            reply = self.egress.send_trusted(call) => reply?,
            () = &mut first_text => return Err(ModelTrouble::Slow),
        };
        if !reply.status.is_success() {
            return Err(ModelTrouble::Refused(reply.status.as_u16()));
        }
        match media_type(&reply.headers).as_str() {
            "text/event-stream" => stream(reply, hearing, first_text).await,
            "application/json" => {
                let body = tokio::select! {
                    body = reply.bytes() => body?,
                    () = &mut first_text => return Err(ModelTrouble::Slow),
                };
                let reply: Value = serde_json::from_slice(&body).map_err(|_| ModelTrouble::Nonsense)?;
                hearing.hear_whole(&reply)
            }
            _ => Err(ModelTrouble::Nonsense),
        }
    }

    fn body(&self, messages: Vec<ChatMessage>) -> Bytes {
        let messages: Vec<Value> = messages
            .into_iter()
            .map(|ChatMessage { role, content }| json!({ "role": role, "content": content }))
            .collect();
        // `stream` is always said: endpoints differ in what they take for granted.
        json!({ "model": self.model, "messages": messages, "stream": true }).to_string().into()
    }
}

fn media_type(headers: &HeaderMap) -> String {
    let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

async fn stream(
    mut reply: Reply,
    hearing: &mut Hearing<'_>,
    mut first_text: Pin<&mut Sleep>,
) -> Result<(), ModelTrouble> {
    let mut events = Events::default();
    loop {
        let chunk = if hearing.last_token {
            // All is said; whatever happens to the connection now is no trouble.
            match timeout(LAST_WORDS, reply.chunk()).await {
                Ok(Ok(chunk)) => chunk,
                Ok(Err(_)) | Err(_) => return Ok(()),
            }
        } else if hearing.characters > 0 {
            reply.chunk().await?
        } else {
            tokio::select! {
                chunk = reply.chunk() => chunk?,
                () = &mut first_text => return Err(ModelTrouble::Slow),
            }
        };
        let mut heard = Ok(());
        let mut hear = |data: &str| {
            if heard.is_ok() {
                heard = hearing.hear_event(data);
            }
        };
        match chunk {
            Some(bytes) => events.push(&bytes, &mut hear).map_err(|_| ModelTrouble::Nonsense)?,
            None => {
                events.finish(&mut hear);
                return heard;
            }
        }
        heard?;
        if hearing.done {
            return Ok(());
        }
    }
}

/// The answer as far as it was heard.
struct Hearing<'a> {
    on_text: OnText<'a>,
    filter: MarkerFilter,
    text: String,
    /// Characters that the model sent, shown or not.
    characters: usize,
    last_token: bool,
    done: bool,
}

impl<'a> Hearing<'a> {
    fn new(on_text: OnText<'a>) -> Self {
        Self {
            on_text,
            filter: MarkerFilter::new(),
            text: String::new(),
            characters: 0,
            last_token: false,
            done: false,
        }
    }

    /// One event of a stream. Fields that are missing, null or of another form say nothing; an error is an error.
    fn hear_event(&mut self, data: &str) -> Result<(), ModelTrouble> {
        let data = data.trim();
        if self.done || data.is_empty() {
            return Ok(());
        }
        if data == "[DONE]" {
            self.done = true;
            return Ok(());
        }
        let event: Value = serde_json::from_str(data).map_err(|_| ModelTrouble::Nonsense)?;
        if !event.is_object() {
            return Err(ModelTrouble::Nonsense);
        }
        refusal(&event)?;
        // The usage at the end comes with an empty list of choices, or with none.
        let choice = &event["choices"][0];
        self.hear(&text_of(choice))?;
        if choice.is_object() {
            // Some say a reason with each token, some an empty one, some never.
            self.last_token = choice["finish_reason"].as_str().is_some_and(|reason| !matches!(reason, "" | "null"));
        }
        Ok(())
    }

    /// A reply that came in one piece although a stream was asked for.
    fn hear_whole(&mut self, reply: &Value) -> Result<(), ModelTrouble> {
        refusal(reply)?;
        for piece in split_for_streaming(&text_of(&reply["choices"][0])) {
            self.hear(piece)?;
        }
        Ok(())
    }

    fn hear(&mut self, piece: &str) -> Result<(), ModelTrouble> {
        self.characters += piece.chars().count();
        if self.characters > LONGEST_ANSWER {
            return Err(ModelTrouble::Endless);
        }
        let clean: String = piece.chars().filter(|c| is_text(*c)).collect();
        let shown = self.filter.push(&clean);
        self.show(&shown);
        Ok(())
    }

    fn show(&mut self, shown: &str) {
        if !shown.is_empty() {
            (self.on_text)(shown);
            self.text.push_str(shown);
        }
    }

    /// The whole text without white space around it, and whether the model handed off.
    fn finish(mut self) -> Result<(String, bool), ModelTrouble> {
        let (rest, handed_off) = std::mem::take(&mut self.filter).finish();
        self.show(&rest);
        let text = self.text.trim().to_owned();
        if text.is_empty() && !handed_off { Err(ModelTrouble::Nonsense) } else { Ok((text, handed_off)) }
    }
}

/// Errors come with status 200 too, once a stream has begun.
fn refusal(event: &Value) -> Result<(), ModelTrouble> {
    let error = &event["error"];
    if error.is_null() || *error == Value::Bool(false) {
        return Ok(());
    }
    let code = [&error["code"], &error["status"], &event["code"]].into_iter().find_map(|code| {
        let number = code.as_u64().or_else(|| code.as_str()?.parse().ok())?;
        u16::try_from(number).ok().filter(|number| (400..600).contains(number))
    });
    Err(ModelTrouble::Refused(code.unwrap_or(502)))
}

/// The text of a choice: a delta, a whole message, or the older `text`; a string, or a list of parts.
fn text_of(choice: &Value) -> String {
    [&choice["delta"]["content"], &choice["message"]["content"], &choice["text"]]
        .into_iter()
        .find_map(|content| match content {
            Value::String(text) => Some(text.clone()),
            Value::Array(parts) => Some(parts.iter().filter_map(|part| part["text"].as_str()).collect()),
            _ => None,
        })
        .unwrap_or_default()
}

/// No control characters but line feed and tab, and none of those that reorder the text around them (Unicode 9.0,
/// section 23.2), which could make an answer read differently from what it says.
fn is_text(c: char) -> bool {
    match c {
        '\n' | '\t' => true,
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{2028}' | '\u{2029}' => false,
        c => !c.is_control(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn hear(events: &[&str]) -> Result<(String, bool), ModelTrouble> {
        let mut shown = String::new();
        let mut on_text = |piece: &str| shown.push_str(piece);
        let mut hearing = Hearing::new(&mut on_text);
        for event in events {
            hearing.hear_event(event)?;
        }
        let (text, handed_off) = hearing.finish()?;
        assert_eq!(shown.trim(), text);
        Ok((text, handed_off))
    }

    #[test]
    fn strange_events_are_understood() {
        fn check(events: &[&str], heard: Result<&str, ModelTrouble>) {
            assert_eq!(hear(events).map(|(text, _)| text), heard.map(str::to_owned), "{events:?}");
        }
        let a = r#"{"choices":[{"delta":{"content":"a"},"finish_reason":null}]}"#;
        check(&[a, a, "[DONE]"], Ok("aa"));
        check(&[r#"{"choices":[{"delta":{"role":"assistant"}}]}"#, a], Ok("a"));
        check(&[r#"{"choices":[{"delta":{"role":"assistant","content":null}}]}"#, a], Ok("a"));
        check(&[a, r#"{"choices":[],"usage":{"total_tokens":"7"}}"#, " [DONE] "], Ok("a"));
        check(&[a, r#"{"usage":[1,2]}"#], Ok("a"));
        check(&[a, r#"{"choices":[{"finish_reason":{"type":"stop"}}]}"#], Ok("a"));
        check(&[a, r#"{"choices":null,"error":null}"#], Ok("a"));
        check(&[a, "[DONE]", "not json"], Ok("a"));
        check(&[r#"{"choices":[{"delta":{"content":[{"type":"text","text":"b"},{"type":"x"}]}}]}"#], Ok("b"));
        check(&[r#"{"choices":[{"message":{"content":"c"}}]}"#], Ok("c"));
        check(&[r#"{"choices":[{"text":"d","finish_reason":""}]}"#], Ok("d"));
        check(&[r#"{"choices":[{"delta":{"content":"a\u0000\u001b[1m\r\n\u202eb"}}]}"#], Ok("a[1m\nb"));
        check(&["", a], Ok("a"));
        check(&[], Err(ModelTrouble::Nonsense));
        check(&["[DONE]"], Err(ModelTrouble::Nonsense));
        check(&[r#"{"choices":[{"delta":{"reasoning_content":"hm"}}]}"#], Err(ModelTrouble::Nonsense));
        check(&[r#"{"choices":[{"delta":{"content":" \n "}}]}"#], Err(ModelTrouble::Nonsense));
        check(&["{"], Err(ModelTrouble::Nonsense));
        check(&["7"], Err(ModelTrouble::Nonsense));
        check(&[a, r#"{"error":{"message":"x","code":429}}"#], Err(ModelTrouble::Refused(429)));
        check(&[r#"{"error":{"code":"503"}}"#], Err(ModelTrouble::Refused(503)));
        check(&[r#"{"error":"overloaded"}"#], Err(ModelTrouble::Refused(502)));
    }

    #[test]
    fn the_marker_hands_off_wherever_it_is_cut() {
        let event = |text: &str| json!({ "choices": [{ "delta": { "content": text } }] }).to_string();
        let (a, b, c) = (event("[han"), event("doff"), event("] Sorry."));
        assert_eq!(hear(&[&a, &b, &c]), Ok(("Sorry.".to_owned(), true)));
        assert_eq!(hear(&[&event("[handoff]")]), Ok((String::new(), true)));
    }

    #[test]
    fn too_much_text_is_endless() {
        let event = json!({ "choices": [{ "delta": { "content": "x".repeat(LONGEST_ANSWER / 2) } }] }).to_string();
        assert!(hear(&[&event, &event]).is_ok());
        assert_eq!(hear(&[&event, &event, &event]), Err(ModelTrouble::Endless));
    }

    proptest! {
        #[test]
        fn any_event_is_survived(data in "\\PC{0,80}|\\{\"choices\":\\[\\{\"(delta|text)\":(null|1|\"x\"|\\{\"content\":(1|\"x\"|\\[\\])\\})\\}\\]\\}") {
            let heard = hear(&[&data]);
            prop_assert!(heard.is_ok() || heard.is_err());
        }
    }
}
