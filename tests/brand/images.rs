//! Pictures: whatever comes in, nothing but a clean PNG ever comes out.

use http::StatusCode;
use image::{ExtendedColorType, ImageEncoder, ImageFormat, Rgb, RgbImage};
use serde_json::json;

use super::{bring_logo, get, png, start, upload};
use crate::support::{App, both};

/// Whether it is a PNG of header, pixels and end, and of nothing else.
fn is_clean(bytes: &[u8]) -> bool {
    let Some(mut rest) = bytes.strip_prefix(b"\x89PNG\r\n\x1a\n") else { return false };
    let mut kinds = Vec::new();
    while rest.len() >= 12 {
        let length = u32::from_be_bytes([rest[0], rest[1], rest[2], rest[3]]) as usize;
        kinds.push(rest[4..8].to_vec());
        let Some(next) = rest.get(12 + length..) else { return false };
        rest = next;
    }
    let known = |kind: &Vec<u8>| matches!(kind.as_slice(), b"IHDR" | b"IDAT" | b"IEND");
    rest.is_empty()
        && kinds.first().is_some_and(|kind| kind == b"IHDR")
        && kinds.iter().all(known)
        && kinds.last().is_some_and(|kind| kind == b"IEND")
}

fn encoded(format: ImageFormat) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    RgbImage::from_pixel(300, 200, Rgb([15, 92, 92])).write_to(&mut bytes, format).expect("a picture");
    bytes.into_inner()
}

fn svg(inner: &str) -> Vec<u8> {
    format!("<svg xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\" viewBox=\"0 0 100 50\">{inner}</svg>").into_bytes()
}

/// A PNG whose header promises so many pixels, and has none of them.
fn bomb(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = png(1, 1);
    bytes[16..20].copy_from_slice(&width.to_be_bytes());
    bytes[20..24].copy_from_slice(&height.to_be_bytes());
    let sum = crc(&bytes[12..29]);
    bytes[29..33].copy_from_slice(&sum.to_be_bytes());
    bytes
}

fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0u32, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| if sum & 1 == 1 { (sum >> 1) ^ 0xedb8_8320 } else { sum >> 1 })
    })
}

fn hostile() -> Vec<(&'static str, Vec<u8>)> {
    let (jpeg, gif, webp) = (encoded(ImageFormat::Jpeg), encoded(ImageFormat::Gif), encoded(ImageFormat::WebP));
    let script = b"<script>alert(1)</script>".to_vec();
    let after = |picture: &[u8]| [picture, script.as_slice()].concat();
    let text = |text: &str| text.as_bytes().to_vec();
    let nested =
        |depth: usize| svg(&format!("{}<rect width=\"9\" height=\"9\"/>{}", "<g>".repeat(depth), "</g>".repeat(depth)));
    let uses: String =
        (1..40).map(|n| format!("<g id=\"g{n}\"><use href=\"#g{}\"/><use href=\"#g{}\"/></g>", n - 1, n - 1)).collect();
    let mut large_text = png(8, 8);
    let chunk = {
        let mut chunk = b"tEXtComment\0<script>alert(1)</script>".to_vec();
        let sum = crc(&chunk);
        let length = (chunk.len() as u32 - 4).to_be_bytes();
        chunk.splice(0..0, length);
        chunk.extend(sum.to_be_bytes());
        chunk
    };
    large_text.splice(33..33, chunk);
    vec![
        ("nothing", Vec::new()),
        ("html", text("<!doctype html><html><script>alert(1)</script></html>")),
        ("xhtml", text("<html xmlns=\"http://www.w3.org/1999/xhtml\"><script>alert(1)</script></html>")),
        ("xml", text("<?xml version=\"1.0\"?><a/>")),
        ("pdf", text("%PDF-1.7\n1 0 obj << /OpenAction << /S /JavaScript /JS (app.alert(1)) >> >>")),
        ("zip", text("PK\u{3}\u{4}aaaaaaaaaaaa")),
        ("svg with a script", svg("<script>alert(1)</script><rect width=\"9\" height=\"9\"/>")),
        ("svg with handlers", svg("<rect width=\"9\" height=\"9\" onclick=\"alert(1)\" onload=\"alert(2)\"/>")),
        (
            "svg with a foreign object",
            svg(
                "<foreignObject><body xmlns=\"http://www.w3.org/1999/xhtml\"><script>1</script></body></foreignObject>",
            ),
        ),
        (
            "svg with a file",
            svg("<image xlink:href=\"/etc/passwd\" width=\"9\" height=\"9\"/><image href=\"file:///etc/passwd\"/>"),
        ),
        ("svg with an address", svg("<image href=\"http://127.0.0.1:9/x.png\" width=\"9\" height=\"9\"/>")),
        ("svg with a file used", svg("<use href=\"/etc/passwd#a\"/><use href=\"other.svg#a\"/>")),
        (
            "svg with style from outside",
            svg(
                "<style>@import url(http://127.0.0.1:9/a.css); rect{fill:url(file:///etc/passwd)}</style><rect width=\"9\" height=\"9\"/>",
            ),
        ),
        (
            "svg with an entity from outside",
            text(
                "<?xml version=\"1.0\"?><!DOCTYPE svg [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 9 9\"><text>&x;</text></svg>",
            ),
        ),
        (
            "svg with a billion laughs",
            text(
                "<!DOCTYPE svg [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">]><svg xmlns=\"http://www.w3.org/2000/svg\"><text>&b;</text></svg>",
            ),
        ),
        (
            "svg with a huge view",
            text(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"1e30\" height=\"1e30\" viewBox=\"0 0 1e30 1e30\"><rect width=\"1e30\" height=\"1e30\"/></svg>",
            ),
        ),
        ("svg of no size", text("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"0\" height=\"0\"/>")),
        (
            "svg of strange size",
            text("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"nan\" height=\"-1\" viewBox=\"0 0 inf -1\"/>"),
        ),
        (
            "svg very thin",
            text(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 1000000 0.001\"><rect width=\"9\" height=\"9\"/></svg>",
            ),
        ),
        ("svg that nests", nested(5_000)),
        ("svg that nests beyond its nodes", nested(100_000)),
        (
            "svg that multiplies",
            svg(&format!("<g id=\"g0\"><rect width=\"9\" height=\"9\"/></g>{uses}<use href=\"#g39\"/>")),
        ),
        (
            "svg that uses itself",
            svg(
                "<g id=\"a\"><use href=\"#a\"/></g><g id=\"b\"><use href=\"#c\"/></g><g id=\"c\"><use href=\"#b\"/></g>",
            ),
        ),
        (
            "svg with a mask of itself",
            svg(
                "<mask id=\"m\" mask=\"url(#m)\"><rect width=\"9\" height=\"9\"/></mask><rect mask=\"url(#m)\" width=\"9\" height=\"9\"/>",
            ),
        ),
        (
            "svg with filters",
            svg(
                "<filter id=\"f\"><feGaussianBlur stdDeviation=\"1e9\"/><feTurbulence numOctaves=\"1000000\"/></filter><rect filter=\"url(#f)\" width=\"99\" height=\"99\"/>",
            ),
        ),
        (
            "svg with a pattern",
            svg(
                "<pattern id=\"p\" width=\"1e-9\" height=\"1e-9\"><rect width=\"1\" height=\"1\"/></pattern><rect fill=\"url(#p)\" width=\"99\" height=\"99\"/>",
            ),
        ),
        (
            "svg with markers",
            svg(&format!(
                "<marker id=\"m\"><rect width=\"1\" height=\"1\"/></marker><path marker-mid=\"url(#m)\" d=\"M0 0{}\"/>",
                "L1 1".repeat(200_000)
            )),
        ),
        (
            "svg with layers",
            svg(&format!("<style>*{{opacity:.5}}</style>{}", "<g><rect width=\"9\" height=\"9\"/></g>".repeat(9_000))),
        ),
        (
            "svg with dashes",
            svg(&"<path d=\"M0 0L1000000 0\" stroke=\"red\" stroke-dasharray=\"0.0001\"/>".repeat(400)),
        ),
        ("svg in disguise", [b"\xff\xd8\xff".as_slice(), &svg("<script>alert(1)</script>")].concat()),
        ("packed svg", vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1, 2, 3]),
        ("bomb", bomb(60_000, 60_000)),
        ("wide bomb", bomb(u32::MAX / 2, 1)),
        ("bomb within its sides", bomb(16_000, 16_000)),
        ("pixels that are missing", bomb(4_000, 4_000)),
        ("png cut off", png(64, 64)[..60].to_vec()),
        ("jpeg cut off", jpeg[..jpeg.len() / 2].to_vec()),
        ("gif cut off", gif[..gif.len() / 2].to_vec()),
        ("webp cut off", webp[..webp.len() / 2].to_vec()),
        ("png with a page behind it", after(&png(8, 8))),
        ("png with a page in a text", large_text),
        ("jpeg with a page behind it", after(&jpeg)),
        ("gif that is a script", [b"GIF89a/*".as_slice(), b"*/=1;alert(1)//"].concat()),
        ("gif with a page behind it", after(&gif)),
        ("webp with a page behind it", after(&webp)),
        ("only the first bytes of png", b"\x89PNG\r\n\x1a\n".to_vec()),
        ("only the first bytes of jpeg", vec![0xff, 0xd8, 0xff, 0xe0]),
        ("riff that is no webp", b"RIFF\x10\0\0\0WEBPVP8 \xff\xff\xff\xff".to_vec()),
        ("noise", (0..4096u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect()),
    ]
}

both! {
    async fn nothing_but_clean_pictures_ever_comes_out(database) {
        let (app, _dns) = start(database).await;
        let owner = app.owner().await;
        let mut taken = Vec::new();
        for (what, bytes) in hostile() {
            let reply = upload(&owner, "/brand/images/wide", bytes.clone()).await;
            if reply.status != StatusCode::OK {
                assert_eq!((reply.status, &reply.json["code"]), (StatusCode::BAD_REQUEST, &json!("INVALID")), "{what}: {}", reply.json);
                continue;
            }
            let served = get(&app, "northlight.localhost", reply.json["path"].as_str().expect("a path")).await;
            assert!(served.status == StatusCode::OK && is_clean(&served.bytes), "{what}");
            assert!(!served.bytes.windows(7).any(|seven| seven == b"<script"), "{what}");
            taken.push(what);
        }
        // Pictures with something behind them are pictures; nothing else of this was.
        for what in ["png with a page behind it", "png with a page in a text", "jpeg with a page behind it", "svg with handlers"] {
            assert!(taken.contains(&what), "{what}: {taken:?}");
        }
        for what in ["html", "svg with a script", "svg with a file", "svg with an entity from outside", "bomb", "svg that multiplies", "svg that nests", "svg with filters", "svg with markers", "svg with layers"] {
            assert!(!taken.contains(&what), "{what}");
        }
        // The house still stands.
        assert_eq!(get(&app, "northlight.localhost", "/").await.status, StatusCode::OK);
        assert!(bring_logo(&owner).await.starts_with("/brand/i/img_"));
        app.close().await;
    }
}

both! {
    async fn pictures_are_scaled_and_take_each_others_place(database) {
        let (app, _dns) = start(database).await;
        let owner = app.owner().await;
        for (kind, sent, expected) in [
            ("logo", png(1280, 512), (320, 128)),
            ("logo_dark", svg("<rect width=\"100\" height=\"50\" fill=\"#fff\"/>"), (256, 128)),
            ("round", encoded(ImageFormat::Jpeg), (512, 512)),
            ("favicon", encoded(ImageFormat::Gif), (256, 256)),
            ("wide", encoded(ImageFormat::WebP), (300, 200)),
            ("sign_in", png(3000, 1000), (1280, 427)),
        ] {
            let reply = upload(&owner, &format!("/brand/images/{kind}"), sent).await;
            let size = (reply.json["width"].as_u64().unwrap_or(0), reply.json["height"].as_u64().unwrap_or(0));
            assert_eq!(size, expected, "{kind}: {}", reply.json);
        }
        let settings = owner.ask("{ brandSettings { version images { kind path width } } brand { logo logoDark mark favicon signInImage } }", json!({})).await;
        assert_eq!(settings["brandSettings"]["images"].as_array().map(Vec::len), Some(6));
        assert!(settings["brand"].as_object().expect("a brand").values().all(|path| path.as_str().is_some_and(|path| path.starts_with("/brand/i/img_"))), "{settings}");

        // The one that was there before is gone.
        let (first, second) = (bring_logo(&owner).await, bring_logo(&owner).await);
        assert_eq!(get(&app, "northlight.localhost", &first).await.status, StatusCode::NOT_FOUND);
        let served = get(&app, "northlight.localhost", &second).await;
        let header = |name: &str| served.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
        assert_eq!((header("content-type"), header("x-content-type-options")), ("image/png".into(), "nosniff".into()));
        assert!(header("content-security-policy").contains("sandbox") && header("cache-control").contains("immutable"));
        // Another agency's host has never heard of it; the platform's own shows everybody's.
        assert_eq!(get(&app, "southpaw.localhost", &second).await.status, StatusCode::NOT_FOUND);
        assert_eq!(get(&app, "127.0.0.1:8080", &second).await.status, StatusCode::OK);
        let removed = owner.ask("mutation { removeBrandImage(kind: LOGO) { images { kind } } }", json!({})).await;
        assert_eq!(removed["removeBrandImage"]["images"].as_array().map(Vec::len), Some(5));
        assert_eq!(get(&app, "northlight.localhost", &second).await.status, StatusCode::NOT_FOUND);
        app.close().await;
    }
}

both! {
    async fn pictures_are_brought_by_those_who_may(database) {
        let (app, _dns) = start(database).await;
        let operator = app.operator().await;
        let reply = upload(&operator, "/brand/images/logo", png(4, 4)).await;
        assert_eq!((reply.status, &reply.json["reason"]), (StatusCode::FORBIDDEN, &json!("MISSING_PERMISSION")));
        let reply = upload(&app.anonymous(), "/brand/images/logo", png(4, 4)).await;
        assert_eq!(reply.status, StatusCode::UNAUTHORIZED);
        let owner = app.owner().await;
        assert_eq!(upload(&owner, "/brand/images/other", png(4, 4)).await.status, StatusCode::NOT_FOUND);
        let reply = upload(&owner, "/brand/images/logo", vec![0; 2 * 1024 * 1024 + 1]).await;
        assert_eq!((reply.status, &reply.json["reason"]), (StatusCode::BAD_REQUEST, &json!("TOO_LARGE")));
        app.close().await;
    }
}

async fn bakery_of(app: &App) -> String {
    let data = app.owner().await.ask("{ organizations { nodes { id } } }", json!({})).await;
    data["organizations"]["nodes"][0]["id"].as_str().expect("an id").to_owned()
}

both! {
    async fn an_organization_has_a_logo_of_its_own(database) {
        let (app, _dns) = start(database).await;
        let path = format!("/organizations/{}/logo", bakery_of(&app).await);
        let owner = app.sign_in("owner@bluebakery.test").await;
        let first = upload(&owner, &path, png(900, 300)).await;
        assert_eq!((&first.json["width"], &first.json["height"]), (&json!(512), &json!(171)), "{}", first.json);
        let second = upload(&owner, &path, png(20, 10)).await;
        assert_eq!(get(&app, "northlight.localhost", first.json["path"].as_str().expect("a path")).await.status, StatusCode::NOT_FOUND);
        assert_eq!(get(&app, "northlight.localhost", second.json["path"].as_str().expect("a path")).await.status, StatusCode::OK);
        for email in ["operator@harbordental.test", "owner@southpaw.test"] {
            let reply = upload(&app.sign_in(email).await, &path, png(4, 4)).await;
            assert_eq!(reply.status, StatusCode::NOT_FOUND, "{email}");
        }
        let reply = upload(&app.operator().await, &path, png(4, 4)).await;
        assert_eq!(reply.status, StatusCode::FORBIDDEN);
        app.close().await;
    }
}

/// The check of what comes out is one that looks.
#[test]
fn a_picture_with_anything_else_in_it_is_not_clean() {
    assert!(is_clean(&png(3, 3)));
    assert!(!is_clean(&[png(3, 3), b"<script>".to_vec()].concat()));
    assert!(!is_clean(b"GIF89a"));
    let mut jpeg = Vec::new();
    image::codecs::jpeg::JpegEncoder::new(&mut jpeg)
        .write_image(&[0, 0, 0], 1, 1, ExtendedColorType::Rgb8)
        .expect("a picture");
    assert!(!is_clean(&jpeg));
}
