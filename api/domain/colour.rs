//! Colours: what reads on what, and the accents and steps that are made from the one colour a brand chooses.
//!
//! Lightness, chroma and hue are those of OKLCH (Björn Ottosson, 2020), in which equal steps look equal; contrast is
//! that of WCAG 2.2, which is what people are held to.

/// The contrast that text needs (WCAG 2.2, 1.4.3).
pub const ENOUGH: f64 = 4.5;

/// The ground of pages in the dark.
const NIGHT: &str = "#17181c";

/// How many steps a palette has.
pub const STEPS: usize = 10;

/// Which of them is the colour that the palette was made from.
const OWN_STEP: usize = 6;

fn channels(colour: &str) -> [f64; 3] {
    [1, 3, 5].map(|at| {
        let value = colour.get(at..at + 2).and_then(|hex| u8::from_str_radix(hex, 16).ok()).unwrap_or(0);
        let share = f64::from(value) / 255.0;
        if share <= 0.040_45 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
    })
}

/// Relative luminance of `#rrggbb`, 0 to 1 (WCAG 2.2, "relative luminance").
pub fn luminance(colour: &str) -> f64 {
    let [red, green, blue] = channels(colour);
    0.2126 * red + 0.7152 * green + 0.0722 * blue
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

/// A colour by how light, how colourful and of which hue it looks.
#[derive(Debug, Clone, Copy)]
struct Look {
    light: f64,
    chroma: f64,
    hue: f64,
}

impl Look {
    fn of(colour: &str) -> Self {
        let [red, green, blue] = channels(colour);
        let long = (0.412_221_470_8 * red + 0.536_332_536_3 * green + 0.051_445_992_9 * blue).cbrt();
        let medium = (0.211_903_498_2 * red + 0.680_699_545_1 * green + 0.107_396_956_6 * blue).cbrt();
        let short = (0.088_302_461_9 * red + 0.281_718_837_6 * green + 0.629_978_700_5 * blue).cbrt();
        let light = 0.210_454_255_3 * long + 0.793_617_785_0 * medium - 0.004_072_046_8 * short;
        let a = 1.977_998_495_1 * long - 2.428_592_205_0 * medium + 0.450_593_709_9 * short;
        let b = 0.025_904_037_1 * long + 0.782_771_766_2 * medium - 0.808_675_766_0 * short;
        Self { light, chroma: a.hypot(b), hue: b.atan2(a) }
    }

    fn linear(self) -> [f64; 3] {
        let (a, b) = (self.chroma * self.hue.cos(), self.chroma * self.hue.sin());
        let long = (self.light + 0.396_337_777_4 * a + 0.215_803_757_3 * b).powi(3);
        let medium = (self.light - 0.105_561_345_8 * a - 0.063_854_172_8 * b).powi(3);
        let short = (self.light - 0.089_484_177_5 * a - 1.291_485_548_0 * b).powi(3);
        [
            4.076_741_662_1 * long - 3.307_711_591_3 * medium + 0.230_969_929_2 * short,
            -1.268_438_004_6 * long + 2.609_757_401_1 * medium - 0.341_319_396_5 * short,
            -0.004_196_086_3 * long - 0.703_418_614_7 * medium + 1.707_614_701_0 * short,
        ]
    }

    fn can_be_shown(self) -> bool {
        self.linear().iter().all(|channel| (-1e-6..=1.0 + 1e-6).contains(channel))
    }

    /// As `#rrggbb`; less colourful where a screen cannot show it at that lightness.
    fn shown(self) -> String {
        let mut look = Self { light: self.light.clamp(0.0, 1.0), ..self };
        if !look.can_be_shown() {
            let (mut least, mut most) = (0.0, look.chroma);
            for _ in 0..24 {
                let middle = f64::midpoint(least, most);
                if (Self { chroma: middle, ..look }).can_be_shown() { least = middle } else { most = middle }
            }
            look.chroma = least;
        }
        let [red, green, blue] = look.linear().map(|channel| {
            let channel = channel.clamp(0.0, 1.0);
            let share = if channel <= 0.003_130_8 { channel * 12.92 } else { 1.055 * channel.powf(1.0 / 2.4) - 0.055 };
            (share * 255.0).round() as u8
        });
        format!("#{red:02x}{green:02x}{blue:02x}")
    }
}

/// What can be said of a colour that is to be an accent.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// The lesser of its contrast against white ground and against the text on it.
    pub contrast: f64,
    /// The nearest colour of the same hue that has enough, when this one has not.
    pub proposal: Option<String>,
}

/// Whether a colour can be an accent: text and lines in it stand on white ground, and text stands on it.
pub fn judge(colour: &str) -> Verdict {
    let contrast = contrast(colour, "#ffffff").min(contrast(colour, text_on(colour)));
    let proposal = if contrast >= ENOUGH { None } else { Some(darkened(colour)) };
    Verdict { contrast, proposal }
}

/// The lightest colour of that hue that has enough contrast.
fn darkened(colour: &str) -> String {
    let look = Look::of(colour);
    let at = |light: f64| Look { light, ..look }.shown();
    let (mut enough, mut too_light) = (0.0, look.light);
    for _ in 0..24 {
        let middle = f64::midpoint(enough, too_light);
        let colour = at(middle);
        let fits = contrast(&colour, "#ffffff").min(contrast(&colour, text_on(&colour))) >= ENOUGH;
        if fits { enough = middle } else { too_light = middle }
    }
    at(enough)
}

/// The accent for dark ground: the same hue, as light as it has to be to read there, and calmer.
pub fn in_the_dark(colour: &str) -> String {
    let look = Look::of(colour);
    let mut dark = Look { light: look.light.max(0.78), chroma: look.chroma.min(0.13), ..look };
    let mut shown = dark.shown();
    while contrast(&shown, NIGHT) < 7.0 && dark.light < 1.0 {
        dark.light += 0.01;
        shown = dark.shown();
    }
    shown
}

/// Ten steps from light to dark, of which the seventh is the colour itself.
pub fn palette(colour: &str) -> Vec<String> {
    let look = Look::of(colour);
    let lightest = look.light.max(0.975);
    let steps = (0..STEPS).map(|step| match step {
        OWN_STEP => colour.to_owned(),
        step if step < OWN_STEP => {
            // Slowly away from white: the first steps are grounds, the last but one a hovered accent.
            let share = (step as f64 / OWN_STEP as f64).powf(1.25);
            let light = lightest + (look.light - lightest) * share;
            Look { light, chroma: look.chroma * (0.12 + 0.88 * share), ..look }.shown()
        }
        step => {
            let share = (step - OWN_STEP) as f64 / (STEPS - OWN_STEP) as f64;
            Look { light: look.light * (1.0 - 0.45 * share), chroma: look.chroma * (1.0 - 0.25 * share), ..look }
                .shown()
        }
    });
    steps.collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn text_reads_on_every_grey() {
        for value in 0..=255u8 {
            let grey = format!("#{value:02x}{value:02x}{value:02x}");
            assert!(contrast(&grey, text_on(&grey)) >= 4.2, "{grey}");
        }
    }

    #[test]
    fn a_colour_survives_the_way_there_and_back() {
        for colour in ["#000000", "#ffffff", "#0f5c5c", "#8a3b12", "#ff0000", "#00ff00", "#0000ff", "#7f7f7f"] {
            assert_eq!(Look::of(colour).shown(), colour);
        }
    }

    fn of_hue(hue: f64, light: f64, chroma: f64) -> String {
        Look { light, chroma, hue: hue.to_radians() }.shown()
    }

    fn apart(a: f64, b: f64) -> f64 {
        let distance = (a - b).abs() % std::f64::consts::TAU;
        distance.min(std::f64::consts::TAU - distance)
    }

    #[test]
    fn every_hue_gets_a_proposal_that_has_enough_and_the_same_hue() {
        for hue in 0..360 {
            for (light, chroma) in [(0.65, 0.2), (0.8, 0.12), (0.95, 0.05), (0.72, 0.3)] {
                let colour = of_hue(f64::from(hue), light, chroma);
                let verdict = judge(&colour);
                let Some(proposal) = verdict.proposal else {
                    assert!(verdict.contrast >= ENOUGH);
                    continue;
                };
                assert!(verdict.contrast < ENOUGH, "{colour}");
                let better = judge(&proposal);
                assert!(
                    better.proposal.is_none() && better.contrast < ENOUGH + 0.2,
                    "{colour} -> {proposal}: {better:?}"
                );
                let (was, is) = (Look::of(&colour), Look::of(&proposal));
                assert!(is.chroma < 0.03 || apart(was.hue, is.hue) < 0.06, "{colour} -> {proposal}");
            }
        }
    }

    proptest! {
        #[test]
        fn whatever_is_chosen_can_be_read_in_the_end(red: u8, green: u8, blue: u8) {
            let colour = format!("#{red:02x}{green:02x}{blue:02x}");
            let accent = judge(&colour).proposal.unwrap_or_else(|| colour.clone());
            prop_assert!(contrast(&accent, "#ffffff") >= ENOUGH);
            prop_assert!(contrast(&accent, text_on(&accent)) >= ENOUGH);
            let dark = in_the_dark(&accent);
            prop_assert!(contrast(&dark, NIGHT) >= 7.0, "{} {}", accent, dark);
            prop_assert!(contrast(&dark, text_on(&dark)) >= ENOUGH);
            for steps in [palette(&accent), palette(&dark)] {
                prop_assert_eq!(steps.len(), STEPS);
                prop_assert!(steps.iter().all(|step| crate::domain::text::colour("step", step).is_ok()));
                let light: Vec<f64> = steps.iter().map(|step| luminance(step)).collect();
                prop_assert!(light.windows(2).all(|pair| pair[0] + 0.004 >= pair[1]), "{:?}", steps);
            }
            prop_assert_eq!(&palette(&accent)[OWN_STEP], &accent);
        }
    }
}
