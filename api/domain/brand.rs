//! A brand is typed tokens: colours, a radius, a font from a list, pictures of ours. Never CSS, never HTML.

use serde::{Deserialize, Serialize};

use super::colour;
use super::id::ImageId;
use super::text;
use crate::error::{Error, Result};

pub use super::colour::{contrast, luminance, text_on};

/// What the pages, mails and widgets of an agency look like. What was kept before a field was there is read with that
/// field's default.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Brand {
    /// The name that everything carries.
    pub name: String,
    /// The accent on light ground, `#rrggbb`.
    pub accent: String,
    /// The accent on dark ground, `#rrggbb`.
    pub accent_dark: String,
    /// Corner radius in pixels, 0 to 16.
    pub radius: u8,
    /// One of [`FONTS`].
    pub font: String,
    /// Address people of the clients can write to.
    pub support_email: Option<String>,
    /// Terms of use.
    pub terms_url: Option<String>,
    /// Privacy notice.
    pub privacy_url: Option<String>,
    /// The language of whoever has chosen none: one of [`LANGUAGES`].
    pub language: String,
    /// How the page looks on which people sign in.
    pub sign_in_layout: SignInLayout,
    /// Whether widgets and pages say whose work they are.
    pub powered_by: PoweredBy,
    /// What they say then.
    pub powered_by_text: Option<String>,
    /// Where that leads.
    pub powered_by_url: Option<String>,
    /// The pictures, by what they are for.
    pub images: Vec<Picture>,
}

impl Default for Brand {
    fn default() -> Self {
        Self {
            name: "Live chat".to_owned(),
            accent: "#2f4b7c".to_owned(),
            accent_dark: "#9db8ea".to_owned(),
            radius: 8,
            font: "system".to_owned(),
            support_email: None,
            terms_url: None,
            privacy_url: None,
            language: LANGUAGES[0].to_owned(),
            sign_in_layout: SignInLayout::Centered,
            powered_by: PoweredBy::Hidden,
            powered_by_text: None,
            powered_by_url: None,
            images: Vec::new(),
        }
    }
}

/// The fonts that can be chosen, and the families that stand for them.
pub const FONTS: &[(&str, &str)] = &[
    ("system", "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif"),
    ("humanist", "Seravek, 'Gill Sans Nova', Ubuntu, Calibri, 'DejaVu Sans', sans-serif"),
    ("serif", "'Iowan Old Style', 'Palatino Linotype', 'URW Palladio L', Georgia, serif"),
];

/// The languages that can be chosen.
pub const LANGUAGES: &[&str] = &["en", "de", "fr", "es", "it", "nl", "pl", "pt"];

/// How the page looks on which people sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SignInLayout {
    /// The form in the middle.
    Centered,
    /// The form beside the picture.
    Split,
}

/// Whether widgets and pages say whose work they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PoweredBy {
    /// They say nothing.
    Hidden,
    /// They say what the agency wrote.
    Custom,
}

/// What a picture is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum BrandImageKind {
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

impl BrandImageKind {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Logo, Self::LogoDark, Self::Round, Self::Wide, Self::Favicon, Self::SignIn];

    /// The word that is kept, and that the API has.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Logo => "LOGO",
            Self::LogoDark => "LOGO_DARK",
            Self::Round => "ROUND",
            Self::Wide => "WIDE",
            Self::Favicon => "FAVICON",
            Self::SignIn => "SIGN_IN",
        }
    }

    /// The kind of that name, in whichever case.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str().eq_ignore_ascii_case(text))
    }

    /// How large it is kept.
    pub const fn bounds(self) -> Bounds {
        match self {
            Self::Logo | Self::LogoDark => Bounds { width: 640, height: 128, fit: Fit::Inside },
            Self::Round => Bounds { width: 512, height: 512, fit: Fit::Filled },
            Self::Wide => Bounds { width: 1200, height: 630, fit: Fit::Inside },
            Self::Favicon => Bounds { width: 256, height: 256, fit: Fit::Padded },
            Self::SignIn => Bounds { width: 1280, height: 1280, fit: Fit::Inside },
        }
    }
}

/// How large a picture becomes, and what happens when its sides have another ratio.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// At most so wide.
    pub width: u32,
    /// At most so high.
    pub height: u32,
    /// What happens at the sides.
    pub fit: Fit,
}

/// What happens when a picture's sides have another ratio than its bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fit {
    /// It keeps its ratio, and is not made larger.
    Inside,
    /// It keeps its ratio, and what is missing is transparent.
    Padded,
    /// It fills the bounds, and what stands out is cut off.
    Filled,
}

/// The bounds of an organization's logo.
pub const ORGANIZATION_LOGO: Bounds = Bounds { width: 512, height: 256, fit: Fit::Inside };

/// A picture that was drawn anew by us.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Picture {
    /// What it is for.
    pub kind: BrandImageKind,
    /// Its id.
    #[serde(with = "as_text")]
    pub id: ImageId,
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
}

mod as_text {
    use serde::{Deserialize, Deserializer, Serializer};

    use crate::domain::id::ImageId;

    pub fn serialize<S: Serializer>(id: &ImageId, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(id)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<ImageId, D::Error> {
        String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
    }
}

/// Where a picture is served.
pub fn picture_path(id: ImageId) -> String {
    format!("/brand/i/{id}.png")
}

/// What is changed about a brand; what is left out stays, and an empty text clears what can be empty.
#[derive(Debug, Clone, Default)]
pub struct BrandChange {
    /// The name.
    pub name: Option<String>,
    /// The one colour.
    pub accent: Option<String>,
    /// Corner radius.
    pub radius: Option<i64>,
    /// One of the fonts.
    pub font: Option<String>,
    /// Support address.
    pub support_email: Option<String>,
    /// Terms of use.
    pub terms_url: Option<String>,
    /// Privacy notice.
    pub privacy_url: Option<String>,
    /// Default language.
    pub language: Option<String>,
    /// Layout of the sign-in page.
    pub sign_in_layout: Option<SignInLayout>,
    /// Whether it says whose work it is.
    pub powered_by: Option<PoweredBy>,
    /// What it says then.
    pub powered_by_text: Option<String>,
    /// Where that leads.
    pub powered_by_url: Option<String>,
}

impl Brand {
    /// The families of the chosen font.
    pub fn font_families(&self) -> &'static str {
        FONTS.iter().find(|(name, _)| *name == self.font).map_or(FONTS[0].1, |(_, families)| families)
    }

    /// The initial that stands for the name where there is no logo.
    pub fn initial(&self) -> char {
        self.name.chars().find(|c| c.is_alphanumeric()).map_or('•', |c| c.to_uppercase().next().unwrap_or(c))
    }

    /// The picture of a kind, if the agency brought one.
    pub fn picture(&self, kind: BrandImageKind) -> Option<&Picture> {
        self.images.iter().find(|picture| picture.kind == kind)
    }

    /// Where the picture of a kind is served, if the agency brought one.
    pub fn path(&self, kind: BrandImageKind) -> Option<String> {
        self.picture(kind).map(|picture| picture_path(picture.id))
    }

    /// What is said of whose work this is; nothing when it is hidden.
    pub fn powered_by(&self) -> Option<(&str, Option<&str>)> {
        match self.powered_by {
            PoweredBy::Hidden => None,
            PoweredBy::Custom => self.powered_by_text.as_deref().map(|text| (text, self.powered_by_url.as_deref())),
        }
    }

    /// The brand after a change.
    ///
    /// # Errors
    /// INVALID for whatever is no token: LOW_CONTRAST with a proposal for a colour that cannot be read, NOT_A_LINK,
    /// UNKNOWN_FONT, UNKNOWN_LANGUAGE, OUT_OF_RANGE.
    pub fn changed(&self, change: BrandChange) -> Result<Self> {
        let mut brand = self.clone();
        if let Some(name) = change.name {
            brand.name = text::line("name", &name, 60)?;
        }
        if let Some(accent) = change.accent {
            brand.accent = accent_of(&accent)?;
            if brand.accent != self.accent {
                brand.accent_dark = colour::in_the_dark(&brand.accent);
            }
        }
        if let Some(radius) = change.radius {
            let fits = u8::try_from(radius).ok().filter(|radius| *radius <= 16);
            brand.radius =
                fits.ok_or_else(|| Error::invalid("radius", "OUT_OF_RANGE", "Choose a corner radius from 0 to 16."))?;
        }
        if let Some(font) = change.font {
            let known = FONTS.iter().find(|(id, _)| *id == font);
            let known = known.ok_or_else(|| Error::invalid("font", "UNKNOWN_FONT", "Choose a font from the list."))?;
            brand.font = known.0.to_owned();
        }
        if let Some(language) = change.language {
            let known = LANGUAGES.iter().find(|known| **known == language);
            brand.language = known
                .ok_or_else(|| Error::invalid("language", "UNKNOWN_LANGUAGE", "Choose a language from the list."))?
                .to_string();
        }
        if let Some(address) = change.support_email {
            brand.support_email =
                if address.trim().is_empty() { None } else { Some(text::email("supportEmail", &address)?) };
        }
        for (kept, field, given) in [
            (&mut brand.terms_url, "termsUrl", change.terms_url),
            (&mut brand.privacy_url, "privacyUrl", change.privacy_url),
            (&mut brand.powered_by_url, "poweredByUrl", change.powered_by_url),
        ] {
            if let Some(given) = given {
                *kept = if given.trim().is_empty() { None } else { Some(link(field, &given)?) };
            }
        }
        if let Some(words) = change.powered_by_text {
            brand.powered_by_text = text::optional_line("poweredByText", Some(&words), 60)?;
        }
        brand.sign_in_layout = change.sign_in_layout.unwrap_or(brand.sign_in_layout);
        brand.powered_by = change.powered_by.unwrap_or(brand.powered_by);
        if brand.powered_by == PoweredBy::Custom && brand.powered_by_text.is_none() {
            return Err(Error::invalid("poweredByText", "EMPTY", "Say what should stand there, or hide it."));
        }
        Ok(brand)
    }
}

fn accent_of(given: &str) -> Result<String> {
    let accent = text::colour("accent", given)?;
    match colour::judge(&accent).proposal {
        None => Ok(accent),
        Some(proposal) => Err(Error::invalid(
            "accent",
            "LOW_CONTRAST",
            format!("Text cannot be read well in this colour. The nearest one that works is {proposal}."),
        )),
    }
}

/// A link that pages may carry: `https`, a host with a dot, and nothing that means anything in markup or style.
fn link(field: &'static str, given: &str) -> Result<String> {
    let refused = || Error::invalid(field, "NOT_A_LINK", "Write a link as in https://example.com/terms.");
    let given = text::line(field, given, 500)?;
    let rest = given.strip_prefix("https://").ok_or_else(refused)?;
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let port_fits = host.rsplit_once(':').is_none_or(|(_, port)| port.parse::<u16>().is_ok_and(|port| port > 0));
    let name_fits = name.contains('.')
        && !name.starts_with(['.', '-'])
        && !name.ends_with(['.', '-'])
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'));
    let plain = given.bytes().all(|byte| byte.is_ascii_graphic() && !b"<>\"'`{}|\\^()@".contains(&byte));
    if name_fits && port_fits && plain { Ok(given) } else { Err(refused()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changed(change: BrandChange) -> Result<Brand, &'static str> {
        Brand::default().changed(change).map_err(|error| error.reason)
    }

    #[test]
    fn an_old_brand_is_read_with_defaults() {
        let old = r##"{"name":"Old","accent":"#0f5c5c","accentDark":"#6fd0c8","radius":4,"font":"serif","supportEmail":null,"termsUrl":null,"privacyUrl":null}"##;
        let brand: Brand = serde_json::from_str(old).expect("it is still read");
        assert_eq!((brand.name.as_str(), brand.language.as_str(), brand.images.len()), ("Old", "en", 0));
        let again: Brand = serde_json::from_str(&serde_json::to_string(&brand).expect("text")).expect("read");
        assert_eq!(again, brand);
    }

    #[test]
    fn a_pale_colour_is_refused_with_one_that_works() {
        let refused = Brand::default().changed(BrandChange { accent: Some("#ffe600".into()), ..Default::default() });
        let error = refused.expect_err("too pale");
        assert_eq!(error.reason, "LOW_CONTRAST");
        let proposal = error.message.split(' ').find(|word| word.starts_with('#')).expect("a proposal");
        let accent = Some(proposal.trim_end_matches('.').to_owned());
        let brand = changed(BrandChange { accent, ..Default::default() }).expect("the proposal is taken");
        assert!(contrast(&brand.accent_dark, "#17181c") >= 7.0);
    }

    #[test]
    fn only_tokens_are_kept() {
        fn check(change: BrandChange, reason: &str) {
            assert_eq!(changed(change.clone()).err(), Some(reason), "{change:?}");
        }
        let new = BrandChange::default;
        check(BrandChange { accent: Some("red".into()), ..new() }, "NOT_A_COLOUR");
        check(BrandChange { accent: Some("#fff}x{".into()), ..new() }, "NOT_A_COLOUR");
        check(BrandChange { radius: Some(17), ..new() }, "OUT_OF_RANGE");
        check(BrandChange { radius: Some(-1), ..new() }, "OUT_OF_RANGE");
        check(BrandChange { font: Some("Comic Sans".into()), ..new() }, "UNKNOWN_FONT");
        check(BrandChange { language: Some("xx".into()), ..new() }, "UNKNOWN_LANGUAGE");
        check(BrandChange { support_email: Some("nobody".into()), ..new() }, "NOT_AN_ADDRESS");
        check(BrandChange { powered_by: Some(PoweredBy::Custom), ..new() }, "EMPTY");
        check(BrandChange { name: Some(" ".into()), ..new() }, "EMPTY");
        for link in [
            "http://example.com",
            "javascript:alert(1)",
            "https://",
            "https://localhost",
            "https://a b.com",
            "https://user@example.com/",
            "https://example.com/\"onclick=",
            "https://example.com/<b>",
            "https://example.com/url(x)",
            "//example.com",
        ] {
            check(BrandChange { terms_url: Some(link.into()), ..new() }, "NOT_A_LINK");
        }
        let terms = changed(BrandChange { terms_url: Some("https://Example.com:8443/a?b=c#d".into()), ..new() });
        assert_eq!(terms.expect("a link").terms_url.as_deref(), Some("https://Example.com:8443/a?b=c#d"));
        let cleared = Brand { terms_url: Some("https://example.com".into()), ..Brand::default() };
        let cleared = cleared.changed(BrandChange { terms_url: Some(String::new()), ..new() }).expect("cleared");
        assert_eq!(cleared.terms_url, None);
    }
}
