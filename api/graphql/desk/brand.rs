//! The brand: as pages get it, and as those see it who look after it.

use async_graphql::{Context, Enum, Object, Result, SimpleObject};

use super::{asking, services};
use crate::domain::brand::{self, BrandChange, BrandImageKind as Kind, FONTS, LANGUAGES, picture_path, text_on};
use crate::domain::colour::{ENOUGH, Verdict, in_the_dark, palette};
use crate::domain::tenant;
use crate::graphql::wire::{mirror, public, requires};
use crate::service::{agency, brand as service};

mirror! {
    /// How the page looks on which people sign in.
    SignInLayout = crate::domain::brand::SignInLayout {
        /// The form in the middle.
        Centered,
        /// The form beside a picture.
        Split,
    }
}

impl serde::Serialize for SignInLayout {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        brand::SignInLayout::from(*self).serialize(to)
    }
}

mirror! {
    /// Whether widgets and pages say whose work they are.
    PoweredBy = crate::domain::brand::PoweredBy {
        /// They say nothing.
        Hidden,
        /// They say what the agency wrote.
        Custom,
    }
}

mirror! {
    /// What a picture of the brand is for.
    BrandImageKind = crate::domain::brand::BrandImageKind {
        /// The logo on light ground.
        Logo,
        /// The logo on dark ground.
        LogoDark,
        /// The round mark.
        Round,
        /// The wide picture that others show with a link.
        Wide,
        /// The icon of tabs and home screens.
        Favicon,
        /// The picture beside the form on which people sign in.
        SignIn,
    }
}

/// What everything of an agency looks like: typed tokens, never CSS or HTML.
#[derive(SimpleObject, Debug, Clone, serde::Serialize)]
#[serde(rename_all = "camelCase")]
#[graphql(directive = public::apply())]
pub struct Brand {
    /// The name that everything carries.
    pub name: String,
    /// The accent on light ground, `#rrggbb`.
    pub accent: String,
    /// The colour that reads on it.
    pub accent_text: String,
    /// The accent on dark ground, `#rrggbb`.
    pub accent_dark: String,
    /// The colour that reads on that.
    pub accent_dark_text: String,
    /// Ten steps of the accent from light to dark; the seventh is the accent.
    pub palette: Vec<String>,
    /// Ten steps of the accent on dark ground, also from light to dark.
    pub palette_dark: Vec<String>,
    /// Corner radius in pixels.
    pub radius: i32,
    /// Font families, as CSS lists them.
    pub font: String,
    /// Path of the logo on light ground, on this host.
    pub logo: Option<String>,
    /// Path of the logo on dark ground, on this host.
    pub logo_dark: Option<String>,
    /// Path of the round mark, on this host.
    pub mark: Option<String>,
    /// Path of the icon of tabs, on this host.
    pub favicon: String,
    /// How the page looks on which people sign in.
    pub sign_in_layout: SignInLayout,
    /// Path of the picture beside that form, on this host.
    pub sign_in_image: Option<String>,
    /// Address people of the clients can write to.
    pub support_email: Option<String>,
    /// Terms of use.
    pub terms_url: Option<String>,
    /// Privacy notice.
    pub privacy_url: Option<String>,
    /// What is said of whose work this is; null says nothing.
    pub powered_by_text: Option<String>,
    /// Where that leads.
    pub powered_by_url: Option<String>,
    /// The language of whoever has chosen none.
    pub language: String,
}

/// The icon of a brand without a picture.
pub const DRAWN_ICON: &str = "/favicon.svg";

impl Brand {
    /// The brand of an agency.
    pub fn of(agency: &tenant::Agency) -> Self {
        let brand = &agency.brand;
        let logo = brand.path(Kind::Logo);
        // On dark ground a logo for light ground is worse than what is drawn; without either both are drawn.
        let logo_dark = brand.path(Kind::LogoDark).unwrap_or_else(|| "/brand/logo-dark.svg".to_owned());
        let powered_by = brand.powered_by();
        Self {
            name: brand.name.clone(),
            accent: brand.accent.clone(),
            accent_text: text_on(&brand.accent).to_owned(),
            accent_dark: brand.accent_dark.clone(),
            accent_dark_text: text_on(&brand.accent_dark).to_owned(),
            palette: palette(&brand.accent),
            palette_dark: palette(&brand.accent_dark),
            radius: i32::from(brand.radius),
            font: brand.font_families().to_owned(),
            logo: Some(logo.unwrap_or_else(|| "/brand/logo.svg".to_owned())),
            logo_dark: Some(logo_dark),
            mark: brand.path(Kind::Round),
            favicon: brand.path(Kind::Favicon).unwrap_or_else(|| DRAWN_ICON.to_owned()),
            sign_in_layout: brand.sign_in_layout.into(),
            sign_in_image: brand.path(Kind::SignIn),
            support_email: brand.support_email.clone(),
            terms_url: brand.terms_url.clone(),
            privacy_url: brand.privacy_url.clone(),
            powered_by_text: powered_by.map(|(text, _)| text.to_owned()),
            powered_by_url: powered_by.and_then(|(_, url)| url).map(str::to_owned),
            language: brand.language.clone(),
        }
    }
}

/// The brand as those see it who look after it.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = requires::apply("branding.edit".to_owned()))]
pub struct BrandSettings {
    /// The version that a change has to name.
    pub version: i64,
    /// The name that everything carries.
    pub name: String,
    /// The one colour, `#rrggbb`, from which all others are made.
    pub accent: String,
    /// Corner radius in pixels, 0 to 16.
    pub radius: i32,
    /// The chosen font, by its id.
    pub font: String,
    /// The fonts that can be chosen.
    pub fonts: Vec<FontChoice>,
    /// Address people of the clients can write to.
    pub support_email: Option<String>,
    /// Terms of use.
    pub terms_url: Option<String>,
    /// Privacy notice.
    pub privacy_url: Option<String>,
    /// The language of whoever has chosen none.
    pub language: String,
    /// The languages that can be chosen.
    pub languages: Vec<String>,
    /// How the page looks on which people sign in.
    pub sign_in_layout: SignInLayout,
    /// Whether widgets and pages say whose work they are.
    pub powered_by: PoweredBy,
    /// What they say then.
    pub powered_by_text: Option<String>,
    /// Where that leads.
    pub powered_by_url: Option<String>,
    /// The pictures that the agency brought.
    pub images: Vec<BrandImage>,
}

/// A font that can be chosen.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = requires::apply("branding.edit".to_owned()))]
pub struct FontChoice {
    /// What `updateBrand` takes.
    pub id: String,
    /// The families that it stands for, as CSS lists them.
    pub families: String,
}

/// A picture of the brand.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = requires::apply("branding.edit".to_owned()))]
pub struct BrandImage {
    /// What it is for.
    pub kind: BrandImageKind,
    /// Where it is served, on the agency's hosts.
    pub path: String,
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
}

/// What can be said of a colour before it is kept.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = requires::apply("branding.edit".to_owned()))]
pub struct ColourCheck {
    /// The colour, as `#rrggbb`.
    pub colour: String,
    /// The lesser of its contrast against white ground and against the text on it, 1 to 21.
    pub contrast: f64,
    /// Whether that is 4.5 or more.
    pub enough: bool,
    /// The nearest colour of the same hue that has enough, when this one has not.
    pub proposal: Option<String>,
    /// The accent on dark ground that is made from it.
    pub dark: String,
    /// The colour that reads on it.
    pub text: String,
    /// Ten steps from light to dark; the seventh is the colour.
    pub palette: Vec<String>,
}

fn settings((brand, version): (brand::Brand, i64)) -> BrandSettings {
    let images = brand.images.iter().map(|picture| BrandImage {
        kind: picture.kind.into(),
        path: picture_path(picture.id),
        width: picture.width,
        height: picture.height,
    });
    let fonts =
        FONTS.iter().map(|(id, families)| FontChoice { id: (*id).to_owned(), families: (*families).to_owned() });
    BrandSettings {
        version,
        images: images.collect(),
        fonts: fonts.collect(),
        radius: i32::from(brand.radius),
        languages: LANGUAGES.iter().map(|language| (*language).to_owned()).collect(),
        sign_in_layout: brand.sign_in_layout.into(),
        powered_by: brand.powered_by.into(),
        name: brand.name,
        accent: brand.accent,
        font: brand.font,
        support_email: brand.support_email,
        terms_url: brand.terms_url,
        privacy_url: brand.privacy_url,
        language: brand.language,
        powered_by_text: brand.powered_by_text,
        powered_by_url: brand.powered_by_url,
    }
}

fn judged((colour, verdict): (String, Verdict)) -> ColourCheck {
    ColourCheck {
        contrast: (verdict.contrast * 100.0).floor() / 100.0,
        enough: verdict.contrast >= ENOUGH,
        proposal: verdict.proposal,
        dark: in_the_dark(&colour),
        text: text_on(&colour).to_owned(),
        palette: palette(&colour),
        colour,
    }
}

/// Queries of the brand.
#[derive(Default)]
pub struct BrandQuery;

#[Object]
impl BrandQuery {
    /// The brand to show: that of the viewer's agency, or that of the host before anybody is signed in.
    #[graphql(directive = public::apply())]
    async fn brand(&self, ctx: &Context<'_>) -> Result<Brand> {
        let asking = asking(ctx)?;
        Ok(Brand::of(&agency::shown(services(ctx)?, &asking.actor, &asking.origin.host).await?))
    }

    /// The brand as those see it who look after it.
    #[graphql(directive = requires::apply("branding.edit".to_owned()))]
    async fn brand_settings(&self, ctx: &Context<'_>) -> Result<BrandSettings> {
        Ok(settings(service::settings(services(ctx)?, &asking(ctx)?.actor).await?))
    }

    /// What would become of a colour: its contrast, the palette made from it and, when the contrast is below 4.5, the
    /// nearest colour of the same hue that has it.
    #[graphql(directive = requires::apply("branding.edit".to_owned()))]
    async fn check_colour(&self, ctx: &Context<'_>, colour: String) -> Result<ColourCheck> {
        Ok(judged(service::check_colour(services(ctx)?, &asking(ctx)?.actor, &colour)?))
    }
}

/// Mutations of the brand.
#[derive(Default)]
pub struct BrandMutation;

#[Object]
impl BrandMutation {
    /// Changes the brand; what is left out stays, and an empty text clears what can be empty. CONFLICT with
    /// CHANGED_MEANWHILE when it is no longer of that version, INVALID with LOW_CONTRAST for a colour that cannot be
    /// read, whose message names one that can.
    #[expect(clippy::too_many_arguments, reason = "one for each token of a brand")]
    #[graphql(directive = requires::apply("branding.edit".to_owned()))]
    async fn update_brand(
        &self,
        ctx: &Context<'_>,
        version: i64,
        name: Option<String>,
        accent: Option<String>,
        radius: Option<i64>,
        font: Option<String>,
        support_email: Option<String>,
        terms_url: Option<String>,
        privacy_url: Option<String>,
        language: Option<String>,
        sign_in_layout: Option<SignInLayout>,
        powered_by: Option<PoweredBy>,
        powered_by_text: Option<String>,
        powered_by_url: Option<String>,
    ) -> Result<BrandSettings> {
        let change = BrandChange {
            name,
            accent,
            radius,
            font,
            support_email,
            terms_url,
            privacy_url,
            language,
            sign_in_layout: sign_in_layout.map(Into::into),
            powered_by: powered_by.map(Into::into),
            powered_by_text,
            powered_by_url,
        };
        Ok(settings(service::update(services(ctx)?, &asking(ctx)?.actor, version, change).await?))
    }

    /// Removes a picture; what is drawn from the brand's tokens takes its place.
    #[graphql(directive = requires::apply("branding.edit".to_owned()))]
    async fn remove_brand_image(&self, ctx: &Context<'_>, kind: BrandImageKind) -> Result<BrandSettings> {
        Ok(settings(service::remove_picture(services(ctx)?, &asking(ctx)?.actor, kind.into()).await?))
    }
}
