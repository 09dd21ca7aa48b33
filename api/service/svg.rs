//! SVG from outside, drawn: weighed first, because a small file can ask for endless work.

use std::collections::HashMap;

use image::{DynamicImage, RgbaImage};
use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::roxmltree::{Document, Node, NodeId, ParsingOptions};
use resvg::usvg::{ImageHrefResolver, Options, Tree};

use super::image::refused;
use crate::domain::brand::Bounds;
use crate::error::Result;

/// Elements and texts that a file may have.
const NODES: u32 = 20_000;

/// How heavy it may be with everything that it uses in each of its places.
const WEIGHT: u64 = 60_000;

/// How deep it may nest, uses included: the library descends by calling itself.
const DEPTH: usize = 48;

/// What can take endless time or memory for a few bytes, or has no business in a picture.
const REFUSED: &[&str] = &[
    "filter",
    "pattern",
    "marker",
    "image",
    "feImage",
    "script",
    "foreignObject",
    "iframe",
    "object",
    "embed",
    "audio",
    "video",
    "animate",
    "set",
    "animateTransform",
    "animateMotion",
];

const UNREADABLE: &str = "This is no picture that can be read. PNG, JPEG, WebP, GIF and SVG can.";
const TOO_HEAVY: &str = "This drawing is too complicated. Simplify it, or bring it as PNG.";

/// Draws it as large as the bounds allow.
pub(super) fn draw(bytes: &[u8], bounds: Bounds) -> Result<DynamicImage> {
    let text = std::str::from_utf8(bytes).map_err(|_| refused(UNREADABLE))?;
    let text = without_doctype(text.trim_start_matches('\u{feff}').trim_start())?;
    if !text.starts_with('<') {
        return Err(refused(UNREADABLE));
    }
    let options = ParsingOptions { allow_dtd: false, nodes_limit: NODES, ..ParsingOptions::default() };
    let document = Document::parse_with_options(&text, options).map_err(|_| refused(UNREADABLE))?;
    let root = document.root_element();
    if root.tag_name().name() != "svg" || root.tag_name().namespace() != Some("http://www.w3.org/2000/svg") {
        return Err(refused(UNREADABLE));
    }
    Weighing::of(&document)?;
    // Nothing is fetched: neither files nor addresses, nor pictures inside the drawing. No font is loaded either.
    let options = Options {
        resources_dir: None,
        image_href_resolver: ImageHrefResolver {
            resolve_data: Box::new(|_, _, _| None),
            resolve_string: Box::new(|_, _| None),
        },
        ..Options::default()
    };
    let tree = Tree::from_xmltree(&document, &options).map_err(|_| refused(UNREADABLE))?;
    let (width, height) = (tree.size().width(), tree.size().height());
    let scale = (bounds.width as f32 / width).min(bounds.height as f32 / height);
    if !scale.is_finite() || scale <= 0.0 {
        return Err(refused(UNREADABLE));
    }
    let side = |length: f32, most: u32| ((length * scale).round() as u32).clamp(1, most);
    let mut pixmap =
        Pixmap::new(side(width, bounds.width), side(height, bounds.height)).ok_or_else(|| refused(UNREADABLE))?;
    resvg::render(&tree, Transform::from_scale(scale, scale), &mut pixmap.as_mut());
    let (width, height) = (pixmap.width(), pixmap.height());
    let image = RgbaImage::from_raw(width, height, pixmap.take_demultiplied()).ok_or_else(|| refused(UNREADABLE))?;
    Ok(image.into())
}

/// Drawing programs write a document type that says nothing; one that defines anything is refused.
fn without_doctype(text: &str) -> Result<String> {
    let Some(at) = text.find("<!DOCTYPE") else { return Ok(text.to_owned()) };
    let end = text[at..].find('>').ok_or_else(|| refused(UNREADABLE))? + at;
    if text[at..end].contains('[') {
        return Err(refused(UNREADABLE));
    }
    Ok(format!("{}{}", &text[..at], &text[end + 1..]))
}

/// Whether style asks for a layer of its own. That something is opaque is often said, and needs none.
fn has_layers(style: &str) -> bool {
    ["opacity:.", "opacity:0", "opacity: 0", "opacity: .", "mask", "clip-path", "blend", "isolation"]
        .iter()
        .any(|word| style.contains(word))
}

/// What each element comes to with everything it refers to in its place, by arithmetic: each is visited once.
struct Weighing<'a, 'input> {
    by_id: HashMap<&'a str, Node<'a, 'input>>,
    known: HashMap<NodeId, (u64, usize)>,
    open: Vec<NodeId>,
    /// A style sheet asks for layers: then anything may have one.
    layers_by_style: bool,
}

impl<'a, 'input> Weighing<'a, 'input> {
    fn of(document: &'a Document<'input>) -> Result<()> {
        let named = document.descendants().filter_map(|node| node.attribute("id").map(|id| (id, node)));
        let mut sheets = document.descendants().filter(|node| node.tag_name().name() == "style");
        let layers_by_style = sheets.any(|sheet| has_layers(sheet.text().unwrap_or_default()));
        let mut weighing = Self { by_id: named.collect(), known: HashMap::new(), open: Vec::new(), layers_by_style };
        let (weight, _) = weighing.weigh(document.root_element(), 0)?;
        if weight > WEIGHT { Err(refused(TOO_HEAVY)) } else { Ok(()) }
    }

    /// Weight and depth of an element. Descends by calling itself, never deeper than is allowed anyway.
    fn weigh(&mut self, node: Node<'a, 'input>, depth: usize) -> Result<(u64, usize)> {
        if depth > DEPTH || self.open.contains(&node.id()) {
            return Err(refused(TOO_HEAVY));
        }
        if let Some(known) = self.known.get(&node.id()) {
            return if depth + known.1 > DEPTH { Err(refused(TOO_HEAVY)) } else { Ok(*known) };
        }
        let name = node.tag_name().name();
        if REFUSED.contains(&name) {
            return Err(refused(
                "Drawings with scripts, pictures, filters or patterns inside are not taken. Bring it as PNG.",
            ));
        }
        self.open.push(node.id());
        let (mut weight, mut deepest) = (if self.layers_by_style { 31 } else { 1 }, 0);
        let mut below = node.children().filter(Node::is_element).collect::<Vec<_>>();
        for attribute in node.attributes() {
            let value = attribute.value();
            weight += value.len() as u64 / 100;
            // Dashes are cut one by one, and each layer is as large as the picture.
            weight += 500 * u64::from(attribute.name() == "stroke-dasharray" || value.contains("dasharray"));
            let layers = match attribute.name() {
                "mask" | "clip-path" | "opacity" | "isolation" => true,
                "style" => has_layers(value),
                _ => false,
            };
            weight += 30 * u64::from(layers);
            let references =
                value.split('#').skip(1).map(|rest| rest.split([')', '"', '\'', ';', ' ']).next().unwrap_or_default());
            below.extend(references.filter_map(|id| self.by_id.get(id).copied()));
        }
        // Style sheets can refer to anything.
        if name == "style" {
            let text = node.text().unwrap_or_default();
            if text.contains("url(") || text.contains("dasharray") || text.contains('@') || text.len() > 20_000 {
                return Err(refused(TOO_HEAVY));
            }
        }
        for next in below {
            let (inner, deep) = self.weigh(next, depth + 1)?;
            weight = weight.saturating_add(inner);
            deepest = deepest.max(deep + 1);
        }
        self.open.pop();
        self.known.insert(node.id(), (weight, deepest));
        Ok((weight, deepest))
    }
}
