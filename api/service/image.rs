//! Pictures from outside: whatever comes in is decoded within limits and drawn anew as PNG. Not a byte of it is kept.

use std::collections::HashMap;
use std::io::Cursor;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::{CompressionType, FilterType as PngFilter, PngEncoder};
use image::imageops::FilterType;
use image::metadata::Orientation;
use image::{DynamicImage, ExtendedColorType, ImageDecoder, ImageEncoder, ImageFormat, ImageReader, Limits, RgbaImage};
use serde_json::json;
use tokio::sync::Semaphore;

use super::svg;
use super::{By, Services, agency_of, doer_of, person_of};
use crate::domain::access::Actor;
use crate::domain::brand::{Bounds, Brand, BrandImageKind, Fit, ORGANIZATION_LOGO, picture_path};
use crate::domain::id::{AgencyId, ImageId, OrganizationId};
use crate::domain::permission::Permission;
use crate::domain::tenant::Agency;
use crate::error::{Error, Result};
use crate::policy::Scope;
use crate::store::image::NewImage;
use crate::store::{image as store, locate};

/// A picture may have so many pixels, which its header says before anything is decoded.
const PIXELS: u64 = 24_000_000;

/// And be so long on either side.
const SIDE: u32 = 16_384;

/// What a decoder may take for it.
const MEMORY: u64 = 256 * 1024 * 1024;

/// How long somebody waits for a picture to be drawn.
const PATIENCE: Duration = Duration::from_secs(15);

/// Few at once: each takes a core and a lot of memory for a moment. Whoever draws keeps the place until it is done, also
/// when nobody waits for it any more.
static ROOM: Semaphore = Semaphore::const_new(2);

/// A picture of ours: PNG without metadata.
#[derive(Debug, Clone)]
pub struct Png {
    /// The file.
    pub bytes: Vec<u8>,
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
}

pub(super) fn refused(message: &str) -> Error {
    Error::invalid("image", "NOT_AN_IMAGE", message)
}

const UNREADABLE: &str = "This is no picture that can be read. PNG, JPEG, WebP, GIF and SVG can.";
const TOO_MANY_PIXELS: &str = "This picture has too many pixels. Up to 24 million are taken.";

/// Draws a picture anew within bounds, whatever it says that it is.
///
/// # Errors
/// INVALID with NOT_AN_IMAGE for whatever cannot be read as a picture or would take too much; UNAVAILABLE with BUSY.
pub async fn accept(bytes: Bytes, bounds: Bounds) -> Result<Png> {
    draw(move || redraw(&bytes, bounds)).await
}

async fn draw<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    let busy = || Error::unavailable("BUSY", "Too many pictures are being drawn. Please try again in a moment.");
    let patience = tokio::time::timeout(PATIENCE, async {
        let place = ROOM.acquire().await.map_err(|_| busy())?;
        let drawing = tokio::task::spawn_blocking(move || {
            let drawn = work();
            drop(place);
            drawn
        });
        // A decoder that panics has met a file that is no picture.
        drawing.await.unwrap_or_else(|_| Err(refused(UNREADABLE)))
    });
    patience.await.unwrap_or_else(|_| Err(busy()))
}

/// What a file is, by its first bytes; what it is called and what was said of it count for nothing.
fn format_of(bytes: &[u8]) -> Option<ImageFormat> {
    match bytes {
        [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, ..] => Some(ImageFormat::Png),
        [0xff, 0xd8, 0xff, ..] => Some(ImageFormat::Jpeg),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(ImageFormat::WebP),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some(ImageFormat::Gif),
        _ => None,
    }
}

fn redraw(bytes: &[u8], bounds: Bounds) -> Result<Png> {
    match format_of(bytes) {
        Some(format) => encode(&fitted(decode(bytes, format)?, bounds)),
        None => encode(&fitted(svg::draw(bytes, bounds)?, bounds)),
    }
}

fn decode(bytes: &[u8], format: ImageFormat) -> Result<DynamicImage> {
    let unreadable = |_| refused(UNREADABLE);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = Limits::default();
    limits.max_image_width = Some(SIDE);
    limits.max_image_height = Some(SIDE);
    limits.max_alloc = Some(MEMORY);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(unreadable)?;
    let (width, height) = decoder.dimensions();
    if width == 0 || height == 0 {
        return Err(refused(UNREADABLE));
    }
    if u64::from(width) * u64::from(height) > PIXELS || width > SIDE || height > SIDE {
        return Err(refused(TOO_MANY_PIXELS));
    }
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut image = DynamicImage::from_decoder(decoder).map_err(unreadable)?;
    image.apply_orientation(orientation);
    Ok(image)
}

fn fitted(image: DynamicImage, bounds: Bounds) -> RgbaImage {
    let Bounds { width, height, fit } = bounds;
    let within = |image: DynamicImage| {
        let fits = image.width() <= width && image.height() <= height;
        if fits { image } else { image.resize(width, height, FilterType::CatmullRom) }
    };
    match fit {
        Fit::Inside => within(image).into_rgba8(),
        Fit::Filled => image.resize_to_fill(width, height, FilterType::CatmullRom).into_rgba8(),
        Fit::Padded => {
            let inner = within(image).into_rgba8();
            let mut padded = RgbaImage::new(width, height);
            let (left, top) = ((width - inner.width()) / 2, (height - inner.height()) / 2);
            image::imageops::replace(&mut padded, &inner, i64::from(left), i64::from(top));
            padded
        }
    }
}

fn encode(image: &RgbaImage) -> Result<Png> {
    let (width, height) = image.dimensions();
    let mut bytes = Vec::new();
    PngEncoder::new_with_quality(&mut bytes, CompressionType::Default, PngFilter::Adaptive)
        .write_image(image.as_raw(), width, height, ExtendedColorType::Rgba8)
        .map_err(Error::internal)?;
    Ok(Png { bytes, width, height })
}

/// A picture that somebody sends, drawn anew.
pub struct Drawn {
    /// The file.
    pub bytes: Vec<u8>,
    /// `image/png` or `image/jpeg`.
    pub media_type: &'static str,
    /// The ending that a name of it has.
    pub ending: &'static str,
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
}

/// Whether a file is a picture that can be drawn anew, by its first bytes.
pub(super) fn is_picture(head: &[u8]) -> bool {
    format_of(head).is_some()
}

/// How good a photograph is kept.
const QUALITY: u8 = 88;

/// Draws a picture anew that somebody sends, once there is a place to draw, not larger than `side` on either side: nothing of the file survives that is not
/// a pixel. Photographs stay photographs, everything else becomes PNG; of what moves the first picture is kept.
///
/// # Errors
/// INVALID with NOT_AN_IMAGE for whatever cannot be read as a picture or would take too much; UNAVAILABLE with BUSY.
pub(super) async fn redrawn(read: impl FnOnce() -> Result<Vec<u8>> + Send + 'static, side: u32) -> Result<Drawn> {
    let bounds = Bounds { width: side, height: side, fit: Fit::Inside };
    draw(move || {
        let bytes = read()?;
        let format = format_of(&bytes).ok_or_else(|| refused(UNREADABLE))?;
        let image = fitted(decode(&bytes, format)?, bounds);
        let (width, height) = image.dimensions();
        let photograph = matches!(format, ImageFormat::Jpeg | ImageFormat::WebP);
        if photograph && image.pixels().all(|pixel| pixel.0[3] == u8::MAX) {
            let plain = DynamicImage::ImageRgba8(image).into_rgb8();
            let mut bytes = Vec::new();
            JpegEncoder::new_with_quality(&mut bytes, QUALITY)
                .write_image(plain.as_raw(), width, height, ExtendedColorType::Rgb8)
                .map_err(Error::internal)?;
            return Ok(Drawn { bytes, media_type: "image/jpeg", ending: "jpg", width, height });
        }
        let Png { bytes, width, height } = encode(&image)?;
        Ok(Drawn { bytes, media_type: "image/png", ending: "png", width, height })
    })
    .await
}

/// A picture of that agency, as bytes; any agency's on the platform's own host, where people of all of them sign in.
///
/// # Errors
/// NOT_FOUND when it is another's, or none.
pub async fn served(s: &Services, host_agency: AgencyId, own_host: bool, id: ImageId) -> Result<Vec<u8>> {
    let absent = || Error::not_found("image");
    let mut read = s.store.read().await?;
    let agency = locate::image(&mut read, id).await?.ok_or_else(absent)?;
    if agency != host_agency && !own_host {
        return Err(absent());
    }
    let scope = Scope::system(agency, "what a page shows to everybody");
    store::bytes(&mut read, &scope, id).await?.ok_or_else(absent)
}

/// The square icon of an agency: its favicon, its round mark, or what is drawn from its accent.
pub async fn icon(s: &Services, agency: &Agency, size: u32) -> Result<Png> {
    let bounds = Bounds { width: size, height: size, fit: Fit::Padded };
    let chosen =
        [BrandImageKind::Favicon, BrandImageKind::Round].into_iter().find_map(|kind| agency.brand.picture(kind));
    let kept = match chosen {
        Some(picture) => {
            let scope = Scope::system(agency.id, "what a page shows to everybody");
            store::bytes(&mut s.store.read().await?, &scope, picture.id).await?
        }
        None => None,
    };
    let drawn = mark(&agency.brand);
    draw(move || match kept {
        Some(kept) => {
            let image = decode(&kept, ImageFormat::Png)?;
            encode(&fitted(image.resize(size, size, FilterType::CatmullRom), bounds))
        }
        None => redraw(drawn.as_bytes(), bounds),
    })
    .await
}

/// The mark of a brand without pictures. No letter: there are no fonts here.
fn mark(brand: &Brand) -> String {
    let (accent, on_accent) = (&brand.accent, crate::domain::brand::text_on(&brand.accent));
    format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="9" fill="{accent}"/><path d="M16 5.5l2.3 8.2 8.2 2.3-8.2 2.3-2.3 8.2-2.3-8.2-8.2-2.3 8.2-2.3z" fill="{on_accent}"/></svg>"#
    )
}

/// Whoever may edit an organization, and only there.
async fn organization_scope(s: &Services, actor: &Actor, organization: OrganizationId) -> Result<Scope> {
    person_of(actor)?;
    let absent = || Error::not_found("organization");
    let place = locate::organization(&mut s.store.read().await?, organization).await?.ok_or_else(absent)?;
    s.policy.allow(actor, Permission::OrganizationEdit, &place, "organization")
}

/// Whether the actor may bring an organization's logo: asked before any of it is read.
pub async fn may_bring_logo(s: &Services, actor: &Actor, organization: OrganizationId) -> Result<()> {
    organization_scope(s, actor, organization).await.map(|_| ())
}

/// Keeps an organization's logo in the place of the one it had.
pub async fn put_logo(
    s: &Services,
    actor: &Actor,
    organization: OrganizationId,
    bytes: Bytes,
) -> Result<(String, Arc<Png>)> {
    let scope = organization_scope(s, actor, organization).await?;
    let png = accept(bytes, ORGANIZATION_LOGO).await?;
    let now = s.clock.now();
    let id: ImageId = s.ids.next(now);
    let new = NewImage {
        id,
        organization: Some(organization),
        kind: store::ORGANIZATION,
        width: png.width,
        height: png.height,
        bytes: &png.bytes,
    };
    let mut unit = s.store.write().await?;
    let before = store::organization_logo(&mut unit, &scope, organization).await?;
    store::put(&mut unit, &scope, &new, now).await?;
    note_logo(s, unit, &scope, actor, organization, before, Some(id)).await?;
    Ok((picture_path(id), Arc::new(png)))
}

/// Removes an organization's logo.
pub async fn remove_logo(s: &Services, actor: &Actor, organization: OrganizationId) -> Result<()> {
    let scope = organization_scope(s, actor, organization).await?;
    let mut unit = s.store.write().await?;
    let before = store::organization_logo(&mut unit, &scope, organization).await?;
    if !store::remove_organization_logo(&mut unit, &scope, organization).await? {
        return unit.undo().await;
    }
    note_logo(s, unit, &scope, actor, organization, before, None).await
}

async fn note_logo(
    s: &Services,
    mut unit: crate::store::Write,
    scope: &Scope,
    actor: &Actor,
    organization: OrganizationId,
    before: Option<ImageId>,
    after: Option<ImageId>,
) -> Result<()> {
    let user = doer_of(actor)?;
    let by = By { actor: &user, organization: Some(organization) };
    let text = |id: Option<ImageId>| id.map(|id| id.to_string());
    let detail = json!({ "before": text(before), "after": text(after) });
    s.note(&mut unit, scope, &by, "organization.edit_logo", organization, detail).await?;
    unit.commit().await
}

/// The paths of organizations' logos, of those that have one; for organizations that the person has been allowed to see.
pub async fn logos_of(
    s: &Services,
    actor: &Actor,
    organizations: &[OrganizationId],
) -> Result<HashMap<OrganizationId, String>> {
    let scope = Scope::system(agency_of(actor)?, "the logo of an organization that may be seen");
    let found = store::organization_logos(&mut s.store.read().await?, &scope, organizations).await?;
    Ok(found.into_iter().map(|(organization, image)| (organization, picture_path(image))).collect())
}
