// The panel and an operator, with the server that there is: how it opens, files, corrections.

import { agentOf, enableHandoff, freed } from "./support/api.ts";
import { expect, type People, test, unique } from "./support/fixtures.ts";

test("once it was loaded, the panel opens with what it has, and asks for nothing", async ({
  people,
}, info) => {
  const widget = await people.visitor();
  await widget.page.keyboard.press("Escape");
  await expect(widget.input).toBeHidden();
  const frame = widget.page.frames().find((one) => one.url().includes("/widget/frame"));
  const asked: string[] = [];
  widget.page.on("request", (request) => asked.push(request.url()));
  const took: number[] = [];
  for (let round = 0; round < 5; round += 1) {
    const shown = frame?.evaluate(
      () =>
        new Promise<number>((done) =>
          new ResizeObserver(
            () =>
              innerHeight > 0 &&
              requestAnimationFrame(() => done(performance.timeOrigin + performance.now())),
          ).observe(document.documentElement),
        ),
    );
    const clicked = await widget.page.evaluate(() => {
      const at = performance.timeOrigin + performance.now();
      document.querySelector("chat-widget")?.shadowRoot?.querySelector("button")?.click();
      return at;
    });
    await expect(widget.input).toBeVisible();
    took.push(((await shown) ?? Number.NaN) - clicked);
    await widget.launcher
      .or(widget.page.locator("chat-widget").getByRole("button", { name: "Close chat" }))
      .first()
      .click();
    await expect(widget.input).toBeHidden();
  }
  expect(asked).toEqual([]);
  // How long that took is a figure, and not for a test to judge.
  const median = took.toSorted((a, b) => a - b)[2] ?? Number.NaN;
  info.annotations.push({ type: "milliseconds", description: median.toFixed(1) });
});
const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAFklEQVR4nGP8z8DAwMDAxMDAwMDAAAANHQEDasKb6QAAAABJRU5ErkJggg==",
  "base64",
);

/** A visitor and an operator, in a live chat. */
async function live(people: People) {
  const owner = await people.desk("owner@bluebakery.test");
  await enableHandoff(owner, (await agentOf(owner, "Blue Bakery")).id);
  const desk = await people.desk("operator1@bluebakery.test");
  await freed(desk);
  const operator = await people.staff("operator1@bluebakery.test");
  await operator.open("Live Chats");
  const visitor = await people.visitor();
  const question = unique("May I show you something?");
  await visitor.say(question);
  await visitor.requestPerson("Ada");
  await operator.accept(question);
  return { visitor, operator, desk, id: operator.conversationId() };
}

const MESSAGES =
  "query ($id: ID!) { conversation(id: $id) { messages(last: 20) { nodes { id text attachments { name width } } } } }";
interface Thread {
  conversation: {
    messages: {
      nodes: { id: string; text: string; attachments: { name: string; width: number | null }[] }[];
    };
  };
}

test("a visitor's files reach the operator, and come back as a picture and as a download", async ({
  people,
}) => {
  const { visitor, operator, desk, id } = await live(people);
  const { frame } = visitor;
  await frame.locator(".composer input[type=file]").setInputFiles([
    { name: "cake.png", mimeType: "image/png", buffer: PNG },
    { name: "order.txt", mimeType: "text/plain", buffer: Buffer.from("One cake.") },
  ]);
  await expect(frame.getByTestId("upload")).toHaveCount(2);
  const words = unique("Like this one.");
  await visitor.send(words);
  await expect(visitor.message(words, "VISITOR").and(frame.locator("[data-seq]"))).toBeVisible();
  const picture = frame.getByTestId("picture").locator("img");
  await expect.poll(() => picture.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(2);
  const download = visitor.page.waitForEvent("download");
  await frame.getByTestId("file").click();
  expect((await download).suggestedFilename()).toBe("order.txt");
  await expect(operator.page.getByRole("button", { name: "Open cake.png" })).toBeVisible();
  await expect(operator.page.getByTestId("attachment").filter({ hasText: "order.txt" })).toBeVisible();
  const { conversation } = await desk.ask<Thread>(MESSAGES, { id });
  const sent = conversation.messages.nodes.find((node) => node.text === words);
  expect(sent?.attachments).toEqual([
    { name: "cake.png", width: 2 },
    { name: "order.txt", width: null },
  ]);
});

test("what an operator corrects or takes back changes before the visitor's eyes", async ({ people }) => {
  const { visitor, operator, desk, id } = await live(people);
  const wrong = unique("We open at nine.");
  const stray = unique("This was for somebody else.");
  await operator.send(wrong);
  await operator.send(stray);
  await expect(visitor.message(stray, "OPERATOR")).toBeVisible();
  const { conversation } = await desk.ask<Thread>(MESSAGES, { id });
  const named = (text: string) => conversation.messages.nodes.find((node) => node.text === text)?.id;
  const right = unique("We open at seven.");
  await desk.ask("mutation ($id: ID!, $text: String!) { editMessage(messageId: $id, text: $text) { id } }", {
    id: named(wrong),
    text: right,
  });
  await desk.ask("mutation ($id: ID!) { deleteMessage(messageId: $id) { id } }", { id: named(stray) });
  for (const again of [false, true]) {
    if (again) await visitor.page.reload();
    await expect(visitor.message(right, "OPERATOR")).toContainText("edited");
    await expect(visitor.frame.getByText("This message was removed")).toBeVisible();
    for (const text of [wrong, stray]) await expect(visitor.message(text)).toHaveCount(0);
  }
});
