// Files both ways, as an operator lives it: chosen, pasted, dropped, sent, seen, downloaded; and what is refused, with its
// reason at the file. The visitor's side goes through the API, as any client of it may.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { deflateSync } from "node:zlib";
import type { Page } from "@playwright/test";
import { agentOf, enableHandoff, freed, post } from "./support/api.ts";
import type { Dashboard } from "./support/dashboard.ts";
import type { People } from "./support/fixtures.ts";
import { expect, test, unique } from "./support/fixtures.ts";

interface Attachment {
  readonly id: string;
  readonly name: string;
  readonly url: string;
  readonly width: number | null;
}

/** A visitor without a page. */
class Visitor {
  private constructor(
    private readonly server: string,
    private readonly token: string,
  ) {}

  static async begin(server: string, widgetId: string): Promise<Visitor> {
    const answer = await post<{ session: { token: string } }>(
      `${server}/widget/graphql`,
      "mutation ($id: ID!) { session(widgetId: $id) { token } }",
      { id: widgetId },
    );
    if (!answer.data) throw new Error(JSON.stringify(answer.errors));
    return new Visitor(server, answer.data.session.token);
  }

  async ask<T>(query: string, variables: Record<string, unknown> = {}): Promise<T> {
    const answer = await post<T>(`${this.server}/widget/graphql`, query, variables, this.token);
    if (!answer.data || answer.errors) throw new Error(JSON.stringify(answer.errors));
    return answer.data;
  }

  async sends(
    text: string,
    files: readonly { name: string; bytes: Buffer }[] = [],
  ): Promise<readonly Attachment[]> {
    const fileIds: string[] = [];
    for (const { name, bytes } of files) {
      const { prepareUpload } = await this.ask<{ prepareUpload: { fileId: string; url: string } }>(
        "mutation ($c: String!, $n: String!, $s: Int!) { prepareUpload(clientId: $c, name: $n, size: $s) { fileId url } }",
        { c: unique("file").replaceAll(" ", "-"), n: name, s: bytes.length },
      );
      const put = await fetch(this.server + prepareUpload.url, {
        method: "PUT",
        body: new Uint8Array(bytes),
      });
      expect(put.status, await put.text()).toBe(200);
      fileIds.push(prepareUpload.fileId);
    }
    const sent = await this.ask<{ sendMessage: { attachments: readonly Attachment[] } }>(
      "mutation ($c: String!, $t: String!, $f: [ID!]) { sendMessage(clientId: $c, text: $t, fileIds: $f) { attachments { id name url width } } }",
      { c: unique("said").replaceAll(" ", "-"), t: text, f: fileIds },
    );
    return sent.sendMessage.attachments;
  }

  /** What the operator has sent, with addresses that are good now. */
  async received(): Promise<readonly Attachment[]> {
    const found = await this.ask<{
      session: {
        conversation: {
          messages: { nodes: readonly { author: { kind: string }; attachments: readonly Attachment[] }[] };
        };
      };
    }>(
      "{ session { conversation { messages(last: 50) { nodes { author { kind } attachments { id name url width } } } } } }",
    );
    const nodes = found.session.conversation.messages.nodes;
    return nodes.filter((node) => node.author.kind === "OPERATOR").flatMap((node) => node.attachments);
  }
}

/** A picture of one colour: header, pixels, end. */
function png(width: number, height: number): Buffer {
  const crc = (bytes: Buffer) => {
    let sum = ~0;
    for (const byte of bytes) {
      sum ^= byte;
      for (let bit = 0; bit < 8; bit++) sum = sum & 1 ? (sum >>> 1) ^ 0xedb88320 : sum >>> 1;
    }
    return ~sum >>> 0;
  };
  const chunk = (kind: string, data: Buffer) => {
    const whole = Buffer.alloc(12 + data.length);
    whole.writeUInt32BE(data.length, 0);
    whole.write(kind, 4, "ascii");
    data.copy(whole, 8);
    whole.writeUInt32BE(crc(whole.subarray(4, 8 + data.length)), 8 + data.length);
    return whole;
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const row = Buffer.concat([Buffer.from([0]), Buffer.alloc(width * 3, Buffer.from([214, 122, 48]))]);
  const pixels = deflateSync(Buffer.concat(Array.from({ length: height }, () => row)));
  const mark = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([mark, chunk("IHDR", header), chunk("IDAT", pixels), chunk("IEND", Buffer.alloc(0))]);
}

const PDF = Buffer.from("%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n");

async function chat(people: People, server: string): Promise<{ visitor: Visitor; operator: Dashboard }> {
  const owner = await people.desk("owner@bluebakery.test");
  const agent = await agentOf(owner, "Blue Bakery");
  await enableHandoff(owner, agent.id);
  await freed(await people.desk("operator1@bluebakery.test"));
  const operator = await people.staff("operator1@bluebakery.test");
  await operator.open("Live Chats");
  const visitor = await Visitor.begin(server, agent.widget.id);
  const question = unique("I have a picture for you");
  await visitor.sends(question);
  await visitor.ask("mutation ($c: String!) { requestHandoff(clientId: $c) { state } }", { c: "hand" });
  // Where details are asked for first, going on without any is fine.
  await visitor
    .ask('mutation ($c: String!) { requestHandoff(clientId: $c, reason: "") { state } }', { c: "hand-2" })
    .catch(() => null);
  await operator.accept(question);
  return { visitor, operator };
}

const attached = (page: Page, name: string) => page.getByTestId("attached").filter({ hasText: name });
const inThread = (page: Page, name: string) => page.getByTestId("attachment").filter({ hasText: name });

test("a picture and a document go both ways", async ({ people, server, database }, info) => {
  const { visitor, operator } = await chat(people, server.url);
  const { page } = operator;
  const shot = (name: string) =>
    page.screenshot({
      path: join(info.project.outputDir, "screenshots", database, `files-${name}.png`),
      animations: "disabled",
    });

  // From the visitor: the picture shows and opens large, the document is a download.
  await visitor.sends("", [
    { name: "cake.png", bytes: png(640, 420) },
    { name: "invoice.pdf", bytes: PDF },
  ]);
  const thumbnail = page.getByRole("button", { name: "Open cake.png" });
  await expect(thumbnail).toBeVisible();
  await expect
    .poll(() => thumbnail.getByRole("img").evaluate((image: HTMLImageElement) => image.naturalWidth))
    .toBe(640);
  await thumbnail.click();
  const dialog = page.getByRole("dialog", { name: "cake.png" });
  await expect(dialog.getByRole("img", { name: "cake.png" })).toBeVisible();
  await shot("large");
  await page.keyboard.press("Escape");
  await expect(dialog).toHaveCount(0);
  const coming = page.waitForEvent("download");
  await inThread(page, "invoice.pdf").getByRole("button").click();
  const download = await coming;
  expect(download.suggestedFilename()).toBe("invoice.pdf");
  expect(readFileSync(await download.path()).equals(PDF)).toBe(true);

  // To the visitor: several at once, while words are being written, with one that is taken away again.
  await operator.composer.fill("Here are both.");
  await page.getByLabel("Files to attach").setInputFiles([
    { name: "menu.png", mimeType: "image/png", buffer: png(300, 200) },
    { name: "offer.pdf", mimeType: "application/pdf", buffer: PDF },
    { name: "mistake.txt", mimeType: "text/plain", buffer: Buffer.from("not this") },
  ]);
  for (const name of ["menu.png", "offer.pdf", "mistake.txt"])
    await expect(attached(page, name)).toHaveAttribute("data-state", "ready");
  await shot("attached");
  await page.getByRole("button", { name: "Remove: mistake.txt" }).click();
  await operator.button("Send").click();
  await expect(page.getByTestId("attached")).toHaveCount(0);
  await expect(inThread(page, "offer.pdf")).toBeVisible();
  await expect(page.getByRole("button", { name: "Open menu.png" })).toBeVisible();
  await expect
    .poll(async () => (await visitor.received()).map((one) => one.name))
    .toEqual(["menu.png", "offer.pdf"]);
  const offer = (await visitor.received()).find((one) => one.name === "offer.pdf");
  const got = await fetch(server.url + (offer?.url ?? ""));
  expect(Buffer.from(await got.arrayBuffer()).equals(PDF)).toBe(true);
  await shot("thread");
});

test("files are pasted and dropped, and sent without a word", async ({ people, server }) => {
  const { visitor, operator } = await chat(people, server.url);
  const { page } = operator;
  const give = (kind: "paste" | "drop", name: string, bytes: Buffer) =>
    operator.composer.evaluate(
      (field, { kind, name, base64 }) => {
        const data = new DataTransfer();
        data.items.add(
          new File([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))], name, { type: "image/png" }),
        );
        const event =
          kind === "paste"
            ? new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true })
            : new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true });
        field.dispatchEvent(event);
      },
      { kind, name, base64: bytes.toString("base64") },
    );
  await give("paste", "pasted.png", png(40, 30));
  await give("drop", "dropped.png", png(30, 40));
  for (const name of ["pasted.png", "dropped.png"])
    await expect(attached(page, name)).toHaveAttribute("data-state", "ready");
  await operator.button("Send").click();
  await expect(page.getByRole("button", { name: "Open dropped.png" })).toBeVisible();
  await expect
    .poll(async () => (await visitor.received()).map((one) => one.name))
    .toEqual(["pasted.png", "dropped.png"]);
});

test("progress is shown, a cut upload is retried, one under way is cancelled", async ({ people, server }) => {
  const { visitor, operator } = await chat(people, server.url);
  const { page } = operator;
  const network = await page.context().newCDPSession(page);
  await network.send("Network.enable");
  const slow = (bytes: number) =>
    network.send("Network.emulateNetworkConditions", {
      offline: false,
      latency: 0,
      downloadThroughput: -1,
      uploadThroughput: bytes,
    });
  await slow(400 * 1024);
  const large = {
    name: "large.bin",
    mimeType: "application/octet-stream",
    buffer: Buffer.alloc(4 * 1024 * 1024, 7),
  };
  await page.getByLabel("Files to attach").setInputFiles([large]);
  await expect(attached(page, "large.bin").getByText(/^[1-9][0-9]? % of 4.0 MB$/)).toBeVisible({
    timeout: 20_000,
  });
  await expect(operator.button("Send")).toBeDisabled();
  await page.getByRole("button", { name: "Cancel: large.bin" }).click();
  await expect(page.getByTestId("attached")).toHaveCount(0);
  await slow(-1);

  await page.route("**/files/**", (route) =>
    route.request().method() === "PUT" ? route.abort() : route.continue(),
  );
  await page.getByLabel("Files to attach").setInputFiles([large]);
  await expect(attached(page, "large.bin").getByRole("alert")).toContainText("cannot be reached");
  await page.unroute("**/files/**");
  await page.getByRole("button", { name: "Retry: large.bin" }).click();
  await expect(attached(page, "large.bin")).toHaveAttribute("data-state", "ready");
  await operator.button("Send").click();
  await expect.poll(async () => (await visitor.received()).map((one) => one.name)).toEqual(["large.bin"]);
});

test("what is too large, empty or not what it says is refused at the file", async ({
  people,
  server,
  database,
}, info) => {
  const { operator } = await chat(people, server.url);
  const { page } = operator;
  await page.getByLabel("Files to attach").setInputFiles([
    { name: "huge.bin", mimeType: "application/octet-stream", buffer: Buffer.alloc(11 * 1024 * 1024) },
    { name: "empty.txt", mimeType: "text/plain", buffer: Buffer.alloc(0) },
    {
      name: "lie.png",
      mimeType: "image/png",
      buffer: Buffer.from("<!doctype html><script>alert(1)</script>"),
    },
    { name: "setup.exe", mimeType: "application/x-msdownload", buffer: Buffer.from("MZ\u0000\u0003") },
  ]);
  await expect(attached(page, "huge.bin").getByRole("alert")).toContainText("at most 10 MB are taken");
  await expect(attached(page, "empty.txt").getByRole("alert")).toContainText("This file is empty.");
  await expect(attached(page, "lie.png").getByRole("alert")).toContainText("not what its name says");
  await expect(attached(page, "setup.exe").getByRole("alert")).toContainText("Programs cannot be sent.");
  await expect(operator.button("Send")).toBeDisabled();
  await page.screenshot({
    path: join(info.project.outputDir, "screenshots", database, "files-refused.png"),
    animations: "disabled",
  });
  for (const name of ["huge.bin", "empty.txt", "lie.png", "setup.exe"])
    await page.getByRole("button", { name: `Remove: ${name}` }).click();
  await expect(page.getByTestId("attached")).toHaveCount(0);
});

test("nothing that is served is shown or run, whatever it is", async ({ people, server }) => {
  const { visitor, operator } = await chat(people, server.url);
  const script = "<script>document.title='run';window.ran=true;fetch('/ran')</script>";
  const hostile = [
    { name: "page.html", bytes: Buffer.from(`<!doctype html>${script}`) },
    { name: "drawing.svg", bytes: Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg">${script}</svg>`) },
    { name: "page.xhtml", bytes: Buffer.from(`<html xmlns="http://www.w3.org/1999/xhtml">${script}</html>`) },
    {
      name: "feed.xml",
      bytes: Buffer.from(
        `<?xml version="1.0"?><x xmlns:h="http://www.w3.org/1999/xhtml"><h:script>window.ran=true</h:script></x>`,
      ),
    },
    { name: "polyglot.pdf", bytes: Buffer.concat([PDF, Buffer.from(script)]) },
    { name: "polyglot.png", bytes: Buffer.concat([png(8, 8), Buffer.from(script)]) },
    { name: "bare", bytes: Buffer.from(script) },
  ];
  const files = await visitor.sends("", hostile);
  const { page } = operator;
  const asked: string[] = [];
  page.on("request", (request) => asked.push(request.url()));
  for (const file of files) {
    const before = page.url();
    const coming = page.waitForEvent("download");
    // Going there is a download, and the page stays the one that it was.
    await page.goto(server.url + file.url).catch(() => null);
    await (await coming).cancel();
    expect(page.url(), file.name).toBe(before);
    const used = await page.evaluate(
      (url) =>
        new Promise<string>((resolve) => {
          const script = document.createElement("script");
          script.src = url;
          script.onload = () => resolve("loaded");
          script.onerror = () => resolve("refused");
          document.head.append(script);
        }),
      file.url,
    );
    expect(used, file.name).toBe("refused");
    expect(await page.evaluate(() => (window as { ran?: boolean }).ran ?? false), file.name).toBe(false);
  }
  expect(asked.filter((url) => url.endsWith("/ran"))).toEqual([]);
  expect(await page.title()).not.toBe("run");
});

test("the organization's settings show how much room files take", async ({
  people,
  server,
  database,
}, info) => {
  const { visitor } = await chat(people, server.url);
  await visitor.sends("", [{ name: "large.bin", bytes: Buffer.alloc(2 * 1024 * 1024, 1) }]);
  const owner = await people.staff("owner@northlight.test");
  const desk = await people.desk("owner@bluebakery.test");
  const agent = await agentOf(desk, "Blue Bakery");
  await owner.page.goto(`/organizations/${agent.organization?.id}?tab=settings`);
  const room = owner.page.getByTestId("file-room");
  await expect(room).toContainText(/[1-9][0-9.]* MB of 1000 MB/);
  await room.scrollIntoViewIfNeeded();
  await owner.page.screenshot({
    path: join(info.project.outputDir, "screenshots", database, "files-room.png"),
    animations: "disabled",
  });
});
