//! A brand is typed tokens: colours, a radius, a font from a list. Never CSS, never HTML.

use serde::{Deserialize, Serialize};

/// What the pages, mails and widgets of an agency look like.
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
        }
    }
}

/// The fonts that can be chosen, and the families that stand for them.
pub const FONTS: &[(&str, &str)] = &[
    ("system", "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif"),
    ("humanist", "Seravek, 'Gill Sans Nova', Ubuntu, Calibri, 'DejaVu Sans', sans-serif"),
    ("serif", "'Iowan Old Style', 'Palatino Linotype', 'URW Palladio L', Georgia, serif"),
];

impl Brand {
    /// The families of the chosen font.
    pub fn font_families(&self) -> &'static str {
        FONTS.iter().find(|(name, _)| *name == self.font).map_or(FONTS[0].1, |(_, families)| families)
    }

    /// The initial that stands for the name where there is no logo.
    pub fn initial(&self) -> char {
        self.name.chars().find(|c| c.is_alphanumeric()).map_or('•', |c| c.to_uppercase().next().unwrap_or(c))
    }
}

fn channel(colour: &str, at: usize) -> f64 {
    let value = colour.get(at..at + 2).and_then(|hex| u8::from_str_radix(hex, 16).ok()).unwrap_or(0);
    let share = f64::from(value) / 255.0;
    if share <= 0.040_45 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
}

/// Relative luminance of `#rrggbb`, 0 to 1 (WCAG 2.2, "relative luminance").
pub fn luminance(colour: &str) -> f64 {
    0.2126 * channel(colour, 1) + 0.7152 * channel(colour, 3) + 0.0722 * channel(colour, 5)
}

/// Contrast of two colours, 1 to 21 (WCAG 2.2, "contrast ratio").
pub fn contrast(a: &str, b: &str) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

/// Black or white, whichever reads better on `colour`.
pub fn text_on(colour: &str) -> &'static str {
    if contrast(colour, "#ffffff") >= contrast(colour, "#101418") { "#ffffff" } else { "#101418" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_reads_on_every_grey() {
        for value in 0..=255u8 {
            let grey = format!("#{value:02x}{value:02x}{value:02x}");
            assert!(contrast(&grey, text_on(&grey)) >= 4.2, "{grey}");
        }
    }
}
