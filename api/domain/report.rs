//! What mail servers report of a mail that they had taken (RFC 3464).

/// Longest that is kept of what a server said, in characters.
const WORDS: usize = 200;

/// Reads the part `message/delivery-status` of a report. Gives what a server said of the first recipient whom it could not
/// reach, on one line; none when it tells of nobody such: of a delay, or that all is well.
///
/// The first group of fields is about the mail, each other one about a recipient (RFC 3464, 2.1). What is no field is passed
/// over: reports are written by strangers' programs.
pub fn failure(status: &str) -> Option<String> {
    let status = status.replace("\r\n", "\n");
    let groups = status.split("\n\n").map(fields).filter(|group| !group.is_empty());
    for group in groups {
        let of = |name: &str| group.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str());
        // The action alone says it: a status of 5.x.x stands in reports of a delay as well.
        let action = of("action").and_then(|action| action.split_whitespace().next()).unwrap_or_default();
        if !action.eq_ignore_ascii_case("failed") {
            continue;
        }
        // "smtp; 550 5.1.1 ...": the kind of words, and the words.
        let said = of("diagnostic-code").map(|code| code.split_once(';').map_or(code, |(_, said)| said).trim());
        let said = said.filter(|said| !said.is_empty()).or_else(|| of("status")).unwrap_or("without a reason");
        return Some(said.chars().take(WORDS).collect());
    }
    None
}

/// The fields of a group, their names in small letters, what is folded on one line.
fn fields(group: &str) -> Vec<(String, String)> {
    let mut fields: Vec<(String, String)> = Vec::new();
    for line in group.lines() {
        let words = line.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
        let folded = line.starts_with([' ', '\t']);
        let line = words.collect::<Vec<_>>().join(" ");
        match (folded, line.split_once(':')) {
            (true, _) => {
                if let Some((_, value)) = fields.last_mut() {
                    value.push(' ');
                    value.push_str(&line);
                }
            }
            (false, Some((name, value))) => fields.push((name.trim().to_ascii_lowercase(), value.trim().to_owned())),
            (false, None) => {}
        }
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_says_what_could_not_be_delivered_and_why() {
        fn check(status: &str, expected: Option<&str>) {
            assert_eq!(failure(status).as_deref(), expected, "{status}");
            assert_eq!(failure(&status.replace('\n', "\r\n")).as_deref(), expected, "{status}");
        }
        let mail = "Reporting-MTA: dns; mx.example.com\nArrival-Date: Fri, 27 Nov 2026 14:05:00 +0000\n";
        let about = |fields: &str| format!("{mail}\nFinal-Recipient: rfc822; jo@example.com\n{fields}\n");
        check(
            &about("Action: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 No such user"),
            Some("550 5.1.1 No such user"),
        );
        check(
            &about("action:FAILED (for good)\nSTATUS: 5.2.2\ndiagnostic-code: X-Own;\n  mailbox\n\tis full"),
            Some("mailbox is full"),
        );
        check(&about("Action: failed\nStatus: 5.4.4"), Some("5.4.4"));
        check(&about("Action: failed"), Some("without a reason"));
        for fine in ["delayed\nStatus: 4.4.7", "delayed\nStatus: 5.0.0", "delivered", "relayed", "expanded", ""] {
            check(&about(&format!("Action: {fine}")), None);
        }
        // Two recipients of whom one was reached, more lines between groups than there must be, and no groups at all.
        check(
            &format!("{}\n\n{}", about("Action: delivered"), "Action: failed\nDiagnostic-Code: smtp; 550 gone"),
            Some("550 gone"),
        );
        check("", None);
        check("550 No such user", None);
        check(mail, None);
    }

    #[test]
    fn words_are_one_line_of_bounded_length() {
        let said = failure(&format!("Action: failed\nDiagnostic-Code: smtp; a\u{7}b\u{0}\n {}", "ä".repeat(1_000)));
        let said = said.expect("words");
        assert!(said.starts_with("a b ä") && said.chars().count() == WORDS, "{said}");
    }
}
