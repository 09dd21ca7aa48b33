use super::*;

fn term(said: &str) -> Term {
    let (kind, text) = match said.split_at(1) {
        ("=", text) => (TermKind::Word, text),
        ("~", text) => (TermKind::Phrase, text),
        ("/", text) => (TermKind::Pattern, text),
        _ => panic!("which kind is {said}?"),
    };
    Term { kind, text: text.to_owned() }
}

/// A term, a text, and what of it is found: `=` before a word, `~` before a phrase, `/` before a pattern.
const CASES: &[(&str, &str, &[&str])] = &[
    // Whole words, whatever their case.
    ("=refund", "I want a REFUND, now.", &["REFUND"]),
    ("=refund", "refunds are not refundable", &[]),
    ("=refund", "refund", &["refund"]),
    ("=refund", "no-refund/refund_policy refund’s", &["refund", "refund"]),
    ("=refund", "re\u{ad}fund it, re\u{200b}fund it", &["re\u{ad}fund", "re\u{200b}fund"]),
    ("=c++", "I write C++, not C+ or c++x", &["C++", "c++"]),
    ("=.net", "we use .NET here, internet and a.net", &[".NET", ".net"]),
    ("=don't", "I don’t, and DON'T", &["don’t", "DON'T"]),
    ("=e-mail", "an e‑mail or email", &["e‑mail"]),
    ("=24", "24 hours, 240 hours, 1.24", &["24", "24"]),
    ("=🍰", "cake🍰cake", &["🍰"]),
    // Accents and letters that are written otherwise.
    ("=cafe", "Café, cafe\u{301}, CAFÉ", &["Café", "cafe\u{301}", "CAFÉ"]),
    ("=café", "a cafe", &["cafe"]),
    ("=strasse", "Straße, STRASSE, STRAẞE", &["Straße", "STRASSE", "STRAẞE"]),
    ("=straße", "strasse", &["strasse"]),
    ("=istanbul", "İstanbul, ISTANBUL, ıstanbul", &["İstanbul", "ISTANBUL", "ıstanbul"]),
    ("=οδος", "ΟΔΟΣ οδός", &["ΟΔΟΣ", "οδός"]),
    ("=жалоба", "ЖАЛОБА! Жалобы", &["ЖАЛОБА"]),
    ("=fi", "ﬁ ﬁne", &["ﬁ"]),
    ("=abc", "ａｂｃ", &["ａｂｃ"]),
    ("=smorrebrod", "Smørrebrød", &["Smørrebrød"]),
    // From right to left, with and without points.
    ("=החזר", "אני רוצה החזר!", &["החזר"]),
    ("=שלום", "שָׁלוֹם", &["שָׁלוֹם"]),
    ("=استرداد", "أريد استـرداد المال", &["استـرداد"]),
    ("=استرداد", "استردادها", &[]),
    // Scripts without spaces between words.
    ("=返金", "すぐに返金してください", &["返金"]),
    ("=退款", "我要退款！退款", &["退款", "退款"]),
    ("=か", "がか", &["か"]),
    ("=คืนเงิน", "ขอคืนเงินค่ะ", &["คืนเงิน"]),
    ("=refund", "我要refund吗", &["refund"]),
    ("=환불", "환불 해주세요, 환불을", &["환불"]),
    // Vowels of Indic scripts are no accents.
    ("=कि", "कि की क", &["कि"]),
    // Phrases: the words in that order, and nothing but what is no word between them.
    ("~money back", "I want my Money,\n  back!", &["Money,\n  back"]),
    ("~money back", "money-back, moneyback, money is back", &["money-back"]),
    ("~money, back!", "money back", &["money back"]),
    ("~money back", "back money back", &["money back"]),
    ("~talk to a human", "TALK … to (a) human", &["TALK … to (a) human"]),
    ("~全額 返金", "全額返金、全額、返金", &["全額返金", "全額、返金"]),
    ("~déjà vu", "Deja Vu", &["Deja Vu"]),
    // Patterns: of the text as it is, whatever the case.
    ("/order #?\\d{5}", "Order 12345 and ORDER #54321, order 1", &["Order 12345", "ORDER #54321"]),
    ("/\\bsue\\b", "I will SUE you, Susan", &["SUE"]),
    ("/(a+)+$", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", &[]),
    ("/\\b", "nothing is no thing", &[]),
    ("/ü", "Über", &["Ü"]),
];

#[test]
fn terms_are_found_as_the_table_says() {
    for (said, text, expected) in CASES {
        let matcher = Matcher::new(&[term(said)]).unwrap_or_else(|(_, fault)| panic!("{said}: {fault:?}"));
        let found: Vec<&str> = matcher.find(text, 100).iter().map(|one| &text[one.at.clone()]).collect();
        assert_eq!(found, *expected, "{said} in {text}");
    }
}

#[test]
fn what_cannot_be_looked_for_is_refused_with_its_reason_and_place() {
    let long = |kind: &str, count: usize| format!("{kind}{}", "x".repeat(count));
    let deep = format!("/{}a{}", "(".repeat(40), ")".repeat(40));
    let check = |said: &str, reason: &str, at: Option<usize>| {
        let (_, fault) = Matcher::new(&[term(said)]).err().unwrap_or_else(|| panic!("{said} was taken"));
        assert_eq!((fault.reason, fault.at), (reason, at), "{said}: {}", fault.message);
    };
    check("=", "EMPTY", None);
    check("=\u{200b}", "EMPTY", None);
    check("=two words", "NOT_ONE_WORD", None);
    check("~?!", "NO_WORDS", None);
    check(&long("=", 101), "TOO_LONG", None);
    check(&long("/", 201), "TOO_LONG", None);
    check("/(a", "NOT_A_PATTERN", Some(1));
    check("/ü[z-a]", "NOT_A_PATTERN", Some(3));
    check("/a(?=b)", "LOOK_AROUND", Some(2));
    check("/(?<!a)b", "LOOK_AROUND", Some(1));
    check("/(a)\\1", "BACKREFERENCE", Some(4));
    check("/a*", "MATCHES_EVERYTHING", None);
    check("/|a", "MATCHES_EVERYTHING", None);
    check("/(x{1000}){1000}", "TOO_COMPLEX", None);
    check("/((\\w{50}){50}){50}", "TOO_COMPLEX", None);
    let (_, fault) = Matcher::new(&[term(&deep)]).err().expect("too deep");
    assert_eq!(fault.reason, "TOO_COMPLEX");
    let at = Matcher::new(&[term("=a"), term("/(")]).err().map(|(at, _)| at);
    assert_eq!(at, Some(1));
}

#[test]
fn fifty_terms_in_four_thousand_characters_take_no_time() {
    let terms: Vec<Term> = (0..50)
        .map(|number| match number % 3 {
            0 => term(&format!("=全全全全全全全{number}")),
            1 => term(&format!("~全 全 全 全 全 全{number}")),
            _ => term(&format!("/(a|aa|全+)+x{number}$")),
        })
        .collect();
    let matcher = Matcher::new(&terms).unwrap_or_else(|(at, fault)| panic!("{at}: {fault:?}"));
    let text = "全a".repeat(2_000);
    let began = tokio::time::Instant::now();
    assert_eq!(matcher.find(&text, 10), []);
    assert!(began.elapsed() < std::time::Duration::from_secs(2), "{:?}", began.elapsed());
}

#[test]
fn a_text_comes_back_in_pieces() {
    let text = "My refund, my money back: Refund!";
    let matcher = Matcher::new(&[term("=refund"), term("~money back"), term("/fund")]).unwrap_or_else(|_| panic!());
    let pieces = pieces(text, &matcher.find(text, 10));
    let marked: Vec<&str> = pieces.iter().filter(|piece| piece.found).map(|piece| piece.text.as_str()).collect();
    assert_eq!(marked, ["refund", "money back", "Refund"]);
    assert_eq!(pieces.iter().map(|piece| piece.text.as_str()).collect::<String>(), text);
}

#[test]
fn people_are_told_which_alert_who_and_which_words() {
    let text = "Refund! I want a refund, my money back, a lawyer, and the press.";
    let terms = ["=refund", "~money back", "=lawyer", "=press"].map(term);
    let found = Matcher::new(&terms).unwrap_or_else(|_| panic!()).find(text, 10);
    assert_eq!(title("Angry", "Ada", text, &found), "Angry: Ada said “Refund”, “money back”, “lawyer” and 1 more");
    let text = format!("{} refund now", "and so on ".repeat(30));
    let found = Matcher::new(&terms).unwrap_or_else(|_| panic!()).find(&text, 10);
    assert_eq!(title("Angry", "Ada", &text, &found), "Angry: Ada said “refund”");
    let excerpt = excerpt(&text, &found[0]);
    assert!(excerpt.starts_with('…') && excerpt.ends_with("refund now") && excerpt.len() < 60, "{excerpt}");
}

#[test]
fn an_alert_is_checked_as_a_whole() {
    let draft = Draft {
        name: " Money ".to_owned(),
        terms: vec![term("=refund"), term("=refund "), term("~money  back")],
        ai_agents: Vec::new(),
        speakers: vec![Speaker::Operator, Speaker::Visitor, Speaker::Visitor],
        users: vec![UserId::from_number(2), UserId::from_number(1), UserId::from_number(2)],
        through: vec![Through::Push, Through::Bell, Through::Email],
        cooldown: 10,
    };
    let checked = draft.clone().check().expect("checked");
    assert_eq!(checked.name, "Money");
    assert_eq!(checked.terms, [term("=refund"), term("~money back")]);
    assert_eq!(checked.speakers, [Speaker::Visitor, Speaker::Operator]);
    assert_eq!(checked.through, [Through::Email, Through::Push]);
    assert_eq!(checked.users, [UserId::from_number(1), UserId::from_number(2)]);
    let refused = |draft: Draft| {
        let error = draft.check().expect_err("refused");
        (error.field.unwrap_or_default(), error.reason)
    };
    assert_eq!(refused(Draft { terms: Vec::new(), ..draft.clone() }), ("terms", "NONE"));
    let many = (0..=TERMS).map(|number| term(&format!("=w{number}"))).collect();
    assert_eq!(refused(Draft { terms: many, ..draft.clone() }), ("terms", "TOO_MANY"));
    assert_eq!(refused(Draft { terms: vec![term("/(")], ..draft.clone() }), ("terms", "NOT_A_PATTERN"));
    assert_eq!(refused(Draft { speakers: Vec::new(), ..draft.clone() }), ("speakers", "NONE"));
    assert_eq!(refused(Draft { cooldown: -1, ..draft }), ("cooldownMinutes", "OUT_OF_RANGE"));
}

#[test]
fn terms_and_lists_come_back_from_the_text_that_keeps_them() {
    let terms = ["=a", "~b c", "/d\"\\d"].map(term);
    assert_eq!(terms_of_text(terms_to_text(&terms)), terms);
    assert_eq!(terms_of_text("nonsense".to_owned()), []);
    assert_eq!(listed(["a", "b"]), " a b ");
    assert_eq!(listed(Vec::<String>::new()), "");
}
