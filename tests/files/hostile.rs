//! What people bring is never trusted: nothing of a picture survives but its pixels, everything else is a download that no
//! browser runs. All of it is made here; none of it is in the repository.

use http::StatusCode;
use image::{ImageFormat, Rgb, RgbImage};

use super::{announce, attach, attachments, bring, chat, fetch, png, put, send, used};
use crate::support::app::Reply;
use crate::support::{App, both};

const SCRIPT: &[u8] = b"<script>document.title='run'</script>";

fn encoded(format: ImageFormat) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    RgbImage::from_fn(64, 48, |x, y| Rgb([x as u8 * 3, y as u8 * 5, 120]))
        .write_to(&mut bytes, format)
        .expect("a picture");
    bytes.into_inner()
}

/// A PNG whose header promises so many pixels, and has none of them.
fn flood(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = png(1, 1);
    bytes[16..20].copy_from_slice(&width.to_be_bytes());
    bytes[20..24].copy_from_slice(&height.to_be_bytes());
    let sum = !bytes[12..29].iter().fold(!0u32, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| if sum & 1 == 1 { (sum >> 1) ^ 0xedb8_8320 } else { sum >> 1 })
    });
    bytes[29..33].copy_from_slice(&sum.to_be_bytes());
    bytes
}

/// A zip whose one entry says that it unpacks to four gigabytes.
fn zip_bomb() -> Vec<u8> {
    let mut bytes = b"PK\x03\x04\x14\0\0\0\x08\0\0\0\0\0\0\0\0\0".to_vec();
    bytes.extend_from_slice(&[4, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 1, 0, 0, 0, b'a', 1, 2, 3, 4]);
    bytes
}

/// A JPEG with a place and a script where cameras write.
fn with_exif() -> Vec<u8> {
    let picture = encoded(ImageFormat::Jpeg);
    let secret = [b"Exif\0\0MM\0*\0\0\0\x08\0\0GPS 52.5200 13.4050".as_slice(), SCRIPT].concat();
    let length = (secret.len() + 2) as u16;
    [&picture[..2], &[0xff, 0xe1], &length.to_be_bytes(), &secret, &picture[2..]].concat()
}

fn text(words: &str) -> Vec<u8> {
    words.as_bytes().to_vec()
}

/// What is taken, as bytes and no more.
fn harmless() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("page.html", [b"<!doctype html>".as_slice(), SCRIPT].concat()),
        (
            "page.xhtml",
            text("<html xmlns=\"http://www.w3.org/1999/xhtml\"><script>document.title='run'</script></html>"),
        ),
        ("drawing.svg", text("<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"document.title='run'\"/>")),
        ("feed.xml", text("<?xml version=\"1.0\"?><?xml-stylesheet href=\"x.xsl\" type=\"text/xsl\"?><a/>")),
        ("form.pdf", text("%PDF-1.7\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>>>endobj")),
        ("polyglot.pdf", [b"%PDF-1.7\n".as_slice(), SCRIPT].concat()),
        ("invoice.pdf.html", [b"<html>".as_slice(), SCRIPT].concat()),
        ("bomb.zip", zip_bomb()),
        ("macro.hta", text("<hta:application><script>run()</script>")),
        ("link.url", text("[InternetShortcut]\r\nURL=javascript:alert(1)")),
        ("script.js", text("document.title='run'")),
        ("style.css", text("body{background:url(javascript:alert(1))}")),
        ("archive.mht", text("MIME-Version: 1.0\nContent-Type: multipart/related\n\n<script>run()</script>")),
        ("manifest.webmanifest", text("{\"start_url\":\"/\"}")),
        ("bare", SCRIPT.to_vec()),
        ("bom.txt", [b"\xef\xbb\xbf".as_slice(), SCRIPT].concat()),
        ("utf7.txt", text("+ADw-script+AD4-alert(1)+ADw-/script+AD4-")),
        ("utf16.txt", [b"\xff\xfe".as_slice(), b"<\0s\0c\0r\0i\0p\0t\0>\0"].concat()),
    ]
}

/// What is refused, and why.
fn refused() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let cut = encoded(ImageFormat::Png);
    vec![
        ("lie.png", [b"<!doctype html>".as_slice(), SCRIPT].concat(), "NOT_WHAT_IT_SAYS"),
        ("lie.jpg", text("<svg xmlns=\"http://www.w3.org/2000/svg\"/>"), "NOT_WHAT_IT_SAYS"),
        ("lie.PDF", zip_bomb(), "NOT_WHAT_IT_SAYS"),
        ("lie.gif", text("just words"), "NOT_WHAT_IT_SAYS"),
        ("setup.exe", text("MZ\u{0}\u{3}\u{0}"), "TYPE_REFUSED"),
        ("setup.txt", text("MZ\u{0}\u{3}\u{0}"), "TYPE_REFUSED"),
        ("flood.png", flood(60_000, 60_000), "NOT_AN_IMAGE"),
        ("wide.png", flood(16_000_000, 1), "NOT_AN_IMAGE"),
        ("cut.png", cut[..cut.len() / 2].to_vec(), "NOT_AN_IMAGE"),
        ("half.gif", [b"GIF89a".as_slice(), SCRIPT].concat(), "NOT_AN_IMAGE"),
        ("half.jpg", [b"\xff\xd8\xff".as_slice(), SCRIPT].concat(), "NOT_AN_IMAGE"),
    ]
}

/// Nothing that is served from there is shown, guessed at, run, framed or fetched by a foreign page.
fn is_caged(reply: &Reply, what: &str) {
    let header =
        |name: &str| reply.headers.get(name).map(|value| value.to_str().expect("ASCII").to_owned()).unwrap_or_default();
    assert_eq!(header("x-content-type-options"), "nosniff", "{what}");
    assert_eq!(header("content-security-policy"), "sandbox; default-src 'none'", "{what}");
    assert_eq!(header("cross-origin-resource-policy"), "same-origin", "{what}");
    assert!(header("content-disposition").starts_with("attachment"), "{what}: {}", header("content-disposition"));
    assert!(header("cache-control").starts_with("private") || header("cache-control") == "no-store", "{what}");
    assert!(reply.headers.get("set-cookie").is_none(), "{what}");
}

both! {
    async fn what_is_no_picture_leaves_as_a_download_and_is_never_labelled_as_what_it_is(database) {
        let app = App::start(database).await;
        let (visitor, _, _) = chat(&app).await;
        for (name, bytes) in harmless() {
            let id = bring(&visitor, None, name, &bytes).await;
            let sent = attachments(&send(&visitor, None, "", &[&id]).await);
            assert!(sent[0]["width"].is_null(), "{name} is shown as a picture");
            let got = fetch(&app, sent[0]["url"].as_str().expect("an address")).await;
            assert_eq!(got.status, StatusCode::OK);
            is_caged(&got, name);
            assert_eq!(got.headers["content-type"], "application/octet-stream", "{name}");
            assert_eq!(got.bytes.as_ref(), bytes.as_slice(), "{name} arrives as it was sent");
        }
        is_caged(&fetch(&app, "/files/fil_00000000000000000000000001?until=9&key=x").await, "nothing");
        is_caged(&put(&app, "/files/fil_00000000000000000000000001?until=9&key=x", "x").await, "nothing");
        app.close().await;
    }
}

both! {
    async fn what_lies_runs_or_floods_is_refused_and_takes_no_room(database) {
        let app = App::start(database).await;
        let (visitor, operator, conversation) = chat(&app).await;
        for (name, bytes, reason) in refused() {
            for (client, at) in [(&visitor, None), (&operator, Some(conversation.as_str()))] {
                let reply = attach(client, at, name, &bytes).await;
                assert_eq!((reply.status, reply.json["reason"].as_str()), (StatusCode::BAD_REQUEST, Some(reason)), "{name}: {}", reply.json);
                is_caged(&reply, name);
            }
        }
        assert_eq!(used(&app).await, 0);
        app.close().await;
    }
}

both! {
    async fn nothing_of_a_picture_survives_but_its_pixels(database) {
        let app = App::start(database).await;
        let (visitor, _, _) = chat(&app).await;
        let after = |format| [encoded(format).as_slice(), SCRIPT, b"PK\x03\x04<html>"].concat();
        let pictures = [
            ("a.png", after(ImageFormat::Png), "image/png", "a.png"),
            ("a.gif", after(ImageFormat::Gif), "image/png", "a.png"),
            ("a.webp", after(ImageFormat::WebP), "image/jpeg", "a.jpg"),
            ("a.jpg", after(ImageFormat::Jpeg), "image/jpeg", "a.jpg"),
            ("exif.jpeg", with_exif(), "image/jpeg", "exif.jpeg"),
            // Whatever it is called and said to be: its bytes are a picture.
            ("page.html", after(ImageFormat::Png), "image/png", "page.html.png"),
        ];
        for (name, bytes, media_type, called) in pictures {
            let reply = attach(&visitor, None, name, &bytes).await;
            assert_eq!(reply.status, StatusCode::OK, "{name}: {}", reply.json);
            assert_eq!((reply.json["mediaType"].as_str(), reply.json["name"].as_str()), (Some(media_type), Some(called)), "{name}");
            let got = fetch(&app, reply.json["url"].as_str().expect("an address")).await;
            is_caged(&got, name);
            assert_eq!(got.headers["content-type"], media_type);
            assert_eq!(reply.json["size"].as_u64(), Some(got.bytes.len() as u64));
            for trace in [b"script".as_slice(), b"Exif", b"GPS", b"PK\x03\x04", b"html"] {
                assert!(!got.bytes.windows(trace.len()).any(|window| window == trace), "{name} still has {:?}", String::from_utf8_lossy(trace));
            }
            let picture = image::load_from_memory(&got.bytes).expect("a picture");
            assert_eq!((picture.width(), picture.height()), (64, 48), "{name}");
        }
        app.close().await;
    }
}

both! {
    async fn names_lead_nowhere_and_break_no_header(database) {
        let app = App::start(database).await;
        let (visitor, _, _) = chat(&app).await;
        let names = [
            ("../../../etc/passwd", "passwd"),
            ("..\\..\\boot.ini", "boot.ini"),
            ("a\r\nSet-Cookie: x=1\r\n\r\n<script>.txt", "a Set-Cookie x=1 script.txt"),
            ("invoice\u{202e}fdp.exe.txt", "invoicefdp.exe.txt"),
            ("\u{200f}\u{2066}x\u{2069}.txt", "x.txt"),
            ("\u{0}", "file"),
            ("", "file"),
            ("a\"; filename=\"b.html", "a; filename=b.html"),
        ];
        for (name, expected) in names {
            let reply = attach(&visitor, None, name, b"abc").await;
            assert_eq!(reply.json["name"], expected, "{name:?}");
            let got = fetch(&app, reply.json["url"].as_str().expect("an address")).await;
            is_caged(&got, name);
            let disposition = got.headers["content-disposition"].to_str().expect("ASCII");
            assert_eq!(disposition.matches("filename=").count() + disposition.matches("filename*=").count(), 2, "{disposition}");
            assert!(got.headers.get("set-cookie").is_none());
        }
        let long = announce(&visitor, None, &"x".repeat(5000), 3).await;
        assert!(long.json["errors"].is_null(), "{}", long.json);
        assert!(announce(&visitor, None, "huge.bin", usize::try_from(i32::MAX).expect("it fits")).await.error().starts_with("INVALID TOO_LARGE"));
        app.close().await;
    }
}
