//! Files that people send each other: their names, what they may be, how long an address of one lives.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::conversation::words;
use super::id::{AgencyId, ConversationId, FileId, OrganizationId};
use super::time::Time;
use crate::error::{Error, Result};

/// How many files one message carries at most.
pub const AT_MOST: usize = 10;

/// How many files somebody may have brought and not yet sent.
pub const UNSENT_AT_MOST: i64 = 40;

/// A name is so long at most, in characters.
pub const NAME_LIMIT: usize = 120;

/// An address of a file, and one to bring a file to, is good for so long at most.
pub const ADDRESS_LIFE: Duration = Duration::from_secs(300);

/// What was announced and did not come gives its room back after so long.
pub const RESERVED_FOR: Duration = Duration::from_secs(900);

/// What came and was not sent is taken away after so long.
pub const UNSENT_FOR: Duration = Duration::from_secs(3600);

/// A megabyte, as settings count.
pub const MEGABYTE: i64 = 1024 * 1024;

/// A picture that is sent is drawn anew within so many pixels on either side.
pub const PICTURE_SIDE: u32 = 4096;

words! {
    /// How far a file has come.
    FileState {
        /// There is room for it; its bytes have not come.
        Reserved "RESERVED",
        /// Its bytes are there, checked; no message carries it.
        Ready "READY",
        /// It belongs to a message.
        Sent "SENT",
    }
}

/// A file of a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Its id.
    pub id: FileId,
    /// The agency it belongs to.
    pub agency: AgencyId,
    /// The organization whose room it takes.
    pub organization: OrganizationId,
    /// The conversation it was brought to.
    pub conversation: ConversationId,
    /// Which user or visitor brought it, as id text.
    pub uploader: String,
    /// What it is called; cleaned.
    pub name: String,
    /// How many bytes were announced, and must come.
    pub promised: i64,
    /// How many bytes it takes: what was announced, then what is kept.
    pub size: i64,
    /// How far it has come.
    pub state: FileState,
    /// What its bytes say that it is.
    pub media_type: String,
    /// Of a picture, in pixels.
    pub width: Option<i64>,
    /// Of a picture, in pixels.
    pub height: Option<i64>,
    /// Under which name its bytes are kept.
    pub blob: Option<String>,
    /// The SHA-256 of what is kept.
    pub hash: Option<String>,
    /// The SHA-256 of what came.
    pub source_hash: Option<String>,
    /// When it was announced.
    pub created_at: Time,
    /// When it goes, unless it is sent before.
    pub expires_at: Option<Time>,
}

impl File {
    /// As a message carries it.
    pub fn attachment(&self) -> Attachment {
        Attachment {
            id: self.id,
            name: self.name.clone(),
            media_type: self.media_type.clone(),
            size: self.size,
            width: self.width,
            height: self.height,
        }
    }
}

/// A file as a message carries it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// Its id.
    pub id: FileId,
    /// What it is called.
    pub name: String,
    /// What its bytes say that it is.
    pub media_type: String,
    /// In bytes.
    pub size: i64,
    /// Of a picture, in pixels; a file that is no picture has none.
    pub width: Option<i64>,
    /// Of a picture, in pixels.
    pub height: Option<i64>,
}

#[derive(Serialize, Deserialize)]
struct Kept {
    id: String,
    name: String,
    #[serde(rename = "type")]
    media_type: String,
    size: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    width: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    height: Option<i64>,
}

/// Attachments as one text that stands in the row of their message; empty for none, as for nearly all messages.
pub fn to_text(attachments: &[Attachment]) -> String {
    if attachments.is_empty() {
        return String::new();
    }
    let kept: Vec<Kept> = attachments
        .iter()
        .map(|one| Kept {
            id: one.id.to_string(),
            name: one.name.clone(),
            media_type: one.media_type.clone(),
            size: one.size,
            width: one.width,
            height: one.height,
        })
        .collect();
    serde_json::to_string(&kept).unwrap_or_default()
}

/// The attachments of such a text. What cannot be read is left out: it was written by us.
pub fn of_text(text: String) -> Vec<Attachment> {
    if text.is_empty() {
        return Vec::new();
    }
    let kept: Vec<Kept> = serde_json::from_str(&text).unwrap_or_default();
    kept.into_iter()
        .filter_map(|one| {
            Some(Attachment {
                id: one.id.parse().ok()?,
                name: one.name,
                media_type: one.media_type,
                size: one.size,
                width: one.width,
                height: one.height,
            })
        })
        .collect()
}

/// Makes a name of ours of what somebody's machine calls a file: the last part of a path, without what steers terminals,
/// headers or the direction of writing, and not longer than [`NAME_LIMIT`], its ending kept.
pub fn clean_name(name: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let plain: String = last
        .nfc()
        .map(|c| if c.is_whitespace() || c.is_control() { ' ' } else { c })
        .filter(|c| {
            !matches!(c, '<' | '>' | ':' | '"' | '|' | '?' | '*' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{061c}' | '\u{feff}' | '\u{fff0}'..='\u{ffff}' | '\u{e0000}'..='\u{e0fff}')
        })
        .collect();
    let words = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    let bare = words.trim_matches(['.', ' ']);
    if bare.is_empty() {
        return "file".to_owned();
    }
    let length = bare.chars().count();
    if length <= NAME_LIMIT {
        return bare.to_owned();
    }
    match bare.rsplit_once('.') {
        Some((stem, ending)) if ending.chars().count() <= 12 => {
            let room = NAME_LIMIT - ending.chars().count() - 1;
            format!("{}.{ending}", stem.chars().take(room).collect::<String>().trim_end_matches(['.', ' ']))
        }
        _ => bare.chars().take(NAME_LIMIT).collect(),
    }
}

/// The ending of a name, in lower case.
pub fn ending(name: &str) -> Option<String> {
    let (stem, ending) = name.rsplit_once('.')?;
    (!stem.is_empty() && !ending.is_empty()).then(|| ending.to_lowercase())
}

/// The name with another ending, for a picture that was drawn anew as something else.
pub fn with_ending(name: &str, wanted: &str) -> String {
    match ending(name) {
        Some(had) if had == wanted || (had == "jpeg" && wanted == "jpg") => name.to_owned(),
        Some(had) if matches!(had.as_str(), "png" | "jpg" | "jpeg" | "gif" | "webp") => {
            format!("{}.{wanted}", &name[..name.len() - had.len() - 1])
        }
        _ => clean_name(&format!("{name}.{wanted}")),
    }
}

/// Checks how large a file is said to be.
///
/// # Errors
/// INVALID with EMPTY_FILE or TOO_LARGE.
pub fn size(promised: i64, largest: i64) -> Result<i64> {
    if promised < 1 {
        return Err(Error::invalid("size", "EMPTY_FILE", "This file is empty."));
    }
    if promised > largest {
        let megabytes = largest / MEGABYTE;
        return Err(Error::invalid("size", "TOO_LARGE", format!("A file can have up to {megabytes} MB here.")));
    }
    Ok(promised)
}

/// Checks which files a message is to carry: at most [`AT_MOST`], each once.
///
/// # Errors
/// INVALID with TOO_MANY or TWICE.
pub fn chosen(ids: &[FileId]) -> Result<()> {
    if ids.len() > AT_MOST {
        return Err(Error::invalid("fileIds", "TOO_MANY", format!("At most {AT_MOST} files go into one message.")));
    }
    let mut sorted = ids.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    if sorted.len() < ids.len() {
        return Err(Error::invalid("fileIds", "TWICE", "The same file is named twice."));
    }
    Ok(())
}

/// What lists show of a message that has files and no words.
pub fn preview(attachments: &[Attachment]) -> String {
    match attachments {
        [] => String::new(),
        [one] => one.name.clone(),
        many => format!("{} files", many.len()),
    }
}

/// When an address made now ends: on a whole minute, so that the same file has the same address for a while and is fetched
/// once. Always more than four minutes ahead, and never more than [`ADDRESS_LIFE`].
pub fn address_ends(now: Time) -> i64 {
    let seconds = now.micros() / 1_000_000;
    seconds - seconds.rem_euclid(60) + ADDRESS_LIFE.as_secs() as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_cleaned_and_bounded() {
        fn check(name: &str, expected: &str) {
            assert_eq!(clean_name(name), expected, "{name:?}");
        }
        check("cat.png", "cat.png");
        check("../../etc/passwd", "passwd");
        check("C:\\Users\\jo\\cat.png", "cat.png");
        check("a\r\nSet-Cookie: x=1.png", "a Set-Cookie x=1.png");
        check("invoice\u{202e}gpj.exe", "invoicegpj.exe");
        check("\u{200f}\u{feff}.htaccess", "htaccess");
        check("invoice.pdf.html", "invoice.pdf.html");
        check("a\"b;c.txt", "ab;c.txt");
        check("\u{0}\u{7}", "file");
        check("...", "file");
        check("", "file");
        check("Grüße 日本.txt", "Grüße 日本.txt");
        let long = clean_name(&format!("{}.tar.gz", "x".repeat(500)));
        assert!(long.chars().count() <= NAME_LIMIT && long.ends_with(".gz"), "{long}");
        assert_eq!(clean_name(&"y".repeat(500)).chars().count(), NAME_LIMIT);
    }

    #[test]
    fn a_picture_gets_the_ending_of_what_it_was_drawn_as() {
        fn check(name: &str, wanted: &str, expected: &str) {
            assert_eq!(with_ending(name, wanted), expected, "{name}");
        }
        check("cat.gif", "png", "cat.png");
        check("cat.PNG", "png", "cat.PNG");
        check("cat.jpeg", "jpg", "cat.jpeg");
        check("cat.html", "png", "cat.html.png");
        check("cat", "png", "cat.png");
    }

    #[test]
    fn attachments_are_the_same_after_they_were_kept() {
        let one = Attachment {
            id: FileId::from_number(7),
            name: "a \"b\".png".to_owned(),
            media_type: "image/png".to_owned(),
            size: 12,
            width: Some(3),
            height: Some(4),
        };
        let two = Attachment { id: FileId::from_number(8), width: None, height: None, ..one.clone() };
        assert_eq!(of_text(to_text(&[one.clone(), two.clone()])), vec![one, two]);
        assert_eq!(to_text(&[]), "");
        assert!(of_text(String::new()).is_empty() && of_text("[{}]".to_owned()).is_empty());
    }

    #[test]
    fn an_address_lives_at_most_five_minutes() {
        for micros in [0, 1, 59_999_999, 60_000_000, 1_764_283_199_999_999] {
            let now = Time::from_micros(micros);
            let life = address_ends(now) * 1_000_000 - micros;
            assert!(life <= 300_000_000 && life > 240_000_000, "{micros}: {life}");
        }
    }

    #[test]
    fn a_message_carries_each_file_once_and_few_of_them() {
        fn check(numbers: &[u128], expected: Option<&str>) {
            let ids: Vec<FileId> = numbers.iter().map(|number| FileId::from_number(*number)).collect();
            assert_eq!(chosen(&ids).err().map(|error| error.reason), expected, "{numbers:?}");
        }
        check(&[], None);
        check(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10], None);
        check(&[1, 2, 1], Some("TWICE"));
        check(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], Some("TOO_MANY"));
    }
}
