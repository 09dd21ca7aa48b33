//! An agency's brand: its tokens and its pictures.

use serde_json::{Value, json};

use super::image::Png;
use super::{By, Services, agency_of, doer_of};
use crate::domain::access::{Actor, Place};
use crate::domain::brand::{Brand, BrandChange, BrandImageKind, Picture};
use crate::domain::colour::{self, Verdict};
use crate::domain::id::ImageId;
use crate::domain::permission::Permission;
use crate::domain::text;
use crate::error::{Error, Result};
use crate::policy::Scope;
use crate::store::image::NewImage;
use crate::store::{brand, image};

/// How often a picture is tried to be kept while others change the brand as well.
const TRIES: usize = 8;

/// Whoever may edit the agency's brand.
fn scope_of(s: &Services, actor: &Actor) -> Result<Scope> {
    let place = Place::agency(agency_of(actor)?);
    s.policy.may_somewhere(actor, Permission::BrandingEdit)?;
    s.policy.allow(actor, Permission::BrandingEdit, &place, "agency")
}

/// The brand as it is kept, and its version.
pub async fn settings(s: &Services, actor: &Actor) -> Result<(Brand, i64)> {
    let scope = scope_of(s, actor)?;
    brand::brand(&mut s.store.read().await?, &scope).await
}

/// What can be said of a colour before it is kept.
///
/// # Errors
/// INVALID with NOT_A_COLOUR.
pub fn check_colour(s: &Services, actor: &Actor, given: &str) -> Result<(String, Verdict)> {
    scope_of(s, actor)?;
    let given = text::colour("colour", given)?;
    let verdict = colour::judge(&given);
    Ok((given, verdict))
}

/// Changes the brand.
///
/// # Errors
/// INVALID for what is no token; CONFLICT with CHANGED_MEANWHILE when the brand is another than that of `version`.
pub async fn update(s: &Services, actor: &Actor, version: i64, change: BrandChange) -> Result<(Brand, i64)> {
    let scope = scope_of(s, actor)?;
    let mut unit = s.store.write().await?;
    let (before, current) = brand::brand(&mut unit, &scope).await?;
    if current != version {
        return Err(changed_meanwhile());
    }
    let after = before.changed(change)?;
    if after == before {
        unit.undo().await?;
        return Ok((before, current));
    }
    if !brand::update(&mut unit, &scope, &after, current).await? {
        return Err(changed_meanwhile());
    }
    super::agent::shown_changed(&mut unit).await?;
    let user = doer_of(actor)?;
    let by = By { actor: &user, organization: None };
    let detail = differing(&before, &after)?;
    s.note(&mut unit, &scope, &by, "branding.edit", scope.agency(), detail).await?;
    unit.commit().await?;
    Ok((after, current + 1))
}

fn changed_meanwhile() -> Error {
    Error::conflict("CHANGED_MEANWHILE", "Somebody has changed the brand meanwhile. Look at it again.")
}

/// What a change has changed, and nothing else.
fn differing(before: &Brand, after: &Brand) -> Result<Value> {
    let plain = |brand: &Brand| serde_json::to_value(brand).map_err(Error::internal);
    let (before, after) = (plain(before)?, plain(after)?);
    let only = |of: &Value, other: &Value| -> Value {
        let fields =
            of.as_object().into_iter().flatten().filter(|(key, value)| other.get(key.as_str()) != Some(*value));
        fields.map(|(key, value)| (key.clone(), value.clone())).collect::<serde_json::Map<_, _>>().into()
    };
    Ok(json!({ "before": only(&before, &after), "after": only(&after, &before) }))
}

/// Whether the actor may bring a picture: asked before any of it is read.
pub fn may_bring_picture(s: &Services, actor: &Actor) -> Result<()> {
    scope_of(s, actor).map(|_| ())
}

/// Keeps a picture in the place of the one of its kind.
pub async fn put_picture(s: &Services, actor: &Actor, kind: BrandImageKind, bytes: bytes::Bytes) -> Result<Picture> {
    scope_of(s, actor)?;
    let png = super::image::accept(bytes, kind.bounds()).await?;
    let id = s.ids.next(s.clock.now());
    let (width, height) = (png.width, png.height);
    let picture = Picture { kind, id, width, height };
    edit_pictures(s, actor, kind, Some((&picture, &png))).await?;
    Ok(picture)
}

/// Removes the picture of a kind; what is drawn from the tokens takes its place.
pub async fn remove_picture(s: &Services, actor: &Actor, kind: BrandImageKind) -> Result<(Brand, i64)> {
    edit_pictures(s, actor, kind, None).await
}

async fn edit_pictures(
    s: &Services,
    actor: &Actor,
    kind: BrandImageKind,
    new: Option<(&Picture, &Png)>,
) -> Result<(Brand, i64)> {
    let scope = scope_of(s, actor)?;
    let user = doer_of(actor)?;
    for _ in 0..TRIES {
        let mut unit = s.store.write().await?;
        let (mut after, version) = brand::brand(&mut unit, &scope).await?;
        let was: Option<ImageId> = after.picture(kind).map(|picture| picture.id);
        if was.is_none() && new.is_none() {
            unit.undo().await?;
            return Ok((after, version));
        }
        after.images.retain(|picture| picture.kind != kind);
        after.images.extend(new.map(|(picture, _)| picture.clone()));
        if !brand::update(&mut unit, &scope, &after, version).await? {
            unit.undo().await?;
            continue;
        }
        match new {
            Some((picture, png)) => {
                let image = NewImage {
                    id: picture.id,
                    organization: None,
                    kind: kind.as_str(),
                    width: picture.width,
                    height: picture.height,
                    bytes: &png.bytes,
                };
                image::put(&mut unit, &scope, &image, s.clock.now()).await?;
            }
            None => image::remove(&mut unit, &scope, kind.as_str()).await?,
        }
        super::agent::shown_changed(&mut unit).await?;
        let by = By { actor: &user, organization: None };
        let id = |id: Option<ImageId>| id.map(|id| id.to_string());
        let detail =
            json!({ "kind": kind.as_str(), "before": id(was), "after": id(new.map(|(picture, _)| picture.id)) });
        s.note(&mut unit, &scope, &by, "branding.edit_image", scope.agency(), detail).await?;
        unit.commit().await?;
        return Ok((after, version + 1));
    }
    Err(changed_meanwhile())
}
