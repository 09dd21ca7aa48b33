/** The brand's own icon with a number on it. Drawn, because the brand's is a picture that nobody has the numbers for. */

const SIZE = 64;

interface Plain {
  readonly link: HTMLLinkElement;
  readonly href: string;
  readonly type: string | null;
}

let plain: Plain | null = null;
let wanted = 0;

function find(): Plain | null {
  if (plain) return plain;
  const link = document.querySelector<HTMLLinkElement>('link[rel~="icon"]');
  if (!link) return null;
  plain = { link, href: link.getAttribute("href") ?? "", type: link.getAttribute("type") };
  return plain;
}

async function picture(href: string): Promise<HTMLImageElement> {
  const image = new Image(SIZE, SIZE);
  image.src = href;
  await image.decode();
  return image;
}

const colour = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** Zero restores what was there. */
export async function badge(count: number, waiting: boolean): Promise<void> {
  wanted += 1;
  const mine = wanted;
  const icon = find();
  if (!icon) return;
  const { link, href, type } = icon;
  if (count === 0) {
    if (link.getAttribute("href") !== href) {
      link.href = href;
      if (type !== null) link.type = type;
    }
    return;
  }
  try {
    const image = await picture(href);
    if (mine !== wanted) return;
    const canvas = document.createElement("canvas");
    canvas.width = SIZE;
    canvas.height = SIZE;
    const pen = canvas.getContext("2d");
    if (!pen) return;
    pen.drawImage(image, 0, 0, SIZE, SIZE);
    const words = count > 9 ? "9+" : String(count);
    const [radius, x, y] = [21, SIZE - 22, SIZE - 22];
    pen.beginPath();
    pen.arc(x, y, radius, 0, 2 * Math.PI);
    // What waits has its colour here as well; the rest is as plain as words.
    pen.fillStyle = colour(waiting ? "--c-amber" : "--c-text");
    pen.fill();
    pen.lineWidth = 4;
    pen.strokeStyle = colour("--c-panel");
    pen.stroke();
    pen.fillStyle = colour("--c-panel");
    pen.font = `700 ${words.length > 1 ? 24 : 30}px ${getComputedStyle(document.body).fontFamily}`;
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.fillText(words, x, y + 2);
    link.type = "image/png";
    link.href = canvas.toDataURL("image/png");
  } catch {
    // An icon that cannot be drawn stays as it is: the title has the number.
  }
}
