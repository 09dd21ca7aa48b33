// What a visitor does in the panel, and what it says to that: with a visitor API of the test's own behind it
// (support/stage.ts), for what a server says seldom. How each state looks is in panel-states.spec.ts; what needs the server
// that there is, in panel-live.spec.ts.

import { expect, test } from "./support/fixtures.ts";
import { button, file, human, settled, staged, talk, textbox } from "./support/panel.ts";
import { operator, refused, type Scene, turn, visitor } from "./support/stage.ts";

test("Markdown becomes elements of the page, and only links that lead to pages are links", async ({
  people,
  browser,
  server,
}) => {
  const { page } = await staged(
    { people, browser, server },
    {
      messages: [
        operator(
          1,
          "**bold** *leaning* `code`\n- one\n> said\n```\nlong();\n```\n[fine](https://bakery.test/) [bad](javascript:alert(1)) <b>no</b>",
        ),
      ],
      conversation: human,
    },
  );
  const message = page.getByTestId("message").first();
  await expect(message.locator("strong")).toHaveText("bold");
  await expect(message.locator("em")).toHaveText("leaning");
  await expect(message.locator("p code")).toHaveText("code");
  await expect(message.locator("li")).toHaveText("one");
  await expect(message.locator("blockquote")).toHaveText("said");
  await expect(message.locator("pre")).toHaveText("long();");
  await expect(message.locator("a")).toHaveCount(1);
  await expect(message.locator("a")).toHaveAttribute("rel", /noopener/);
  await expect(message).toContainText("<b>no</b>");
});

test("an operator's correction and removal reach the visitor, with their trace", async ({
  people,
  browser,
  server,
}) => {
  const one = await staged(
    { people, browser, server },
    {
      messages: [operator(1, "We open at nine."), operator(2, "Not meant for you.")],
      conversation: human,
    },
  );
  const { page } = one;
  await settled(page);
  one.emit({
    __typename: "MessageChanged",
    message: operator(1, "We open at seven.", { editedAt: "2026-01-05T14:40:00Z" }),
  });
  await expect(page.getByText("We open at seven.")).toBeVisible();
  await expect(page.getByText("We open at nine.")).toHaveCount(0);
  await expect(page.locator('[data-seq="1"]')).toContainText("edited");
  one.emit({ __typename: "MessageChanged", message: operator(2, "", { deletedAt: "2026-01-05T14:41:00Z" }) });
  await expect(page.getByText("This message was removed")).toBeVisible();
  await expect(page.getByText("Not meant for you.")).toHaveCount(0);
});

test("an offline query says what is wrong where it is wrong, survives a reload, and is sent once", async ({
  people,
  browser,
  server,
}) => {
  let tries = 0;
  const one = await staged(
    { people, browser, server },
    {
      messages: talk,
      handoff: { open: false, available: false },
      answers: {
        Query: () => {
          tries += 1;
          if (tries === 1)
            return refused("INVALID", "NOT_AN_ADDRESS", "This address cannot be written to.", "email")();
          if (tries === 2) return new Promise(() => {});
          return { data: { submitOfflineQuery: { id: "ofq_1" } } };
        },
      },
    },
  );
  const { page } = one;
  await settled(page);
  await button(page, "Send email").click();
  await expect(page.getByRole("heading", { name: "Send email" })).toBeFocused();
  // What lies below is out of reach, for the keyboard and for whoever listens.
  await expect(page.locator(".main")).toHaveAttribute("inert", "");

  await button(page, "Send message").click();
  const address = page.getByRole("textbox", { name: "Your email address" });
  const words = page.getByRole("textbox", { name: "Your message" });
  await expect(address).toBeFocused();
  await expect(address).toHaveAccessibleDescription(/name@example.com/);
  await expect(words).toHaveAttribute("aria-invalid", "true");
  await address.fill("ada@example.com");
  await words.fill("Do you deliver on Sundays?");
  await page.getByRole("textbox", { name: "Name (optional)" }).fill("Ada");

  // Somebody closes the tab by mistake: the draft is there again.
  await page.reload();
  await settled(page);
  await button(page, "Send email").click();
  await expect(address).toHaveValue("ada@example.com");
  await expect(words).toHaveValue("Do you deliver on Sundays?");

  await button(page, "Send message").click();
  await expect(address).toBeFocused();
  await expect(address).toHaveAccessibleDescription("This address cannot be written to.");
  await address.fill("ada@example.org");
  await page.clock.install();
  await button(page, "Send message").click();
  await expect(button(page, "Sending…")).toBeDisabled();
  // No answer: the visitor tries again, under the same name.
  await page.clock.runFor(16_000);
  await expect(page.getByRole("alert")).toContainText("No connection");
  await button(page, "Send message").click();
  await expect(page.getByRole("status").filter({ hasText: "Your message was sent" })).toContainText(
    "ada@example.org",
  );
  const sent = one.asked.filter(({ name }) => name === "Query").map(({ variables }) => variables);
  expect(sent).toHaveLength(3);
  expect(sent[0]?.clientId).not.toBe(sent[1]?.clientId);
  expect(sent[1]).toEqual(sent[2]);
  expect(sent[2]).toMatchObject({
    email: "ada@example.org",
    name: "Ada",
    message: "Do you deliver on Sundays?",
  });

  await page.keyboard.press("Escape");
  await expect(textbox(page)).toBeFocused();
});

test("files go with the message: progress, refusals, retry, cancel, paste and drop", async ({
  people,
  browser,
  server,
}) => {
  let prepared = 0;
  const one = await staged(
    { people, browser, server },
    {
      messages: talk,
      conversation: { ...human, files: { enabled: true, largestBytes: 2_000, atMost: 4 } },
      answers: {
        Prepare: ({ name }) => {
          prepared += 1;
          if (String(name).endsWith(".exe"))
            return refused("CONFLICT", "NO_ROOM", "There is no room for it any more.")();
          return {
            data: { prepareUpload: { fileId: `fil_${prepared}`, url: `/files/fil_${prepared}?key=x` } },
          };
        },
        Send: ({ text, clientId, fileIds }) => ({
          data: {
            sendMessage: visitor(9, String(text), {
              clientId,
              attachments: (fileIds as string[]).map((id) => file({ id, name: "cake.txt" })),
            }),
          },
        }),
      },
    },
  );
  const { page } = one;
  await settled(page);
  let broken = true;
  const brought: string[] = [];
  let letThrough = () => {};
  const held = new Promise<void>((resolve) => {
    letThrough = resolve;
  });
  await page.route("**/files/**", async (route) => {
    const body = route.request().postData() ?? "";
    if (body.startsWith("broken") && broken) return route.abort();
    if (body.startsWith("slow")) await held;
    brought.push(body);
    return route.fulfill({ json: {} });
  });
  const chooser = page.locator(".composer input[type=file]");
  const given = (name: string, content: string) => ({
    name,
    mimeType: "text/plain",
    buffer: Buffer.from(content),
  });
  await chooser.setInputFiles([
    given("broken.txt", "broken"),
    given("slow.txt", "slow"),
    given("large.txt", "x".repeat(3_000)),
    given("bad.exe", "bad"),
    given("fifth.txt", "five"),
  ]);
  const rows = page.getByTestId("upload");
  await expect(rows).toHaveCount(4);
  await expect(page.getByText("No more than 4 files at a time.")).toBeVisible();
  await expect(rows.filter({ hasText: "large.txt" })).toContainText("too large: at most 2 kB");
  await expect(rows.filter({ hasText: "bad.exe" })).toContainText("no room");
  await expect(rows.filter({ hasText: "broken.txt" })).toContainText("No connection");
  await expect(rows.filter({ hasText: "slow.txt" }).getByRole("progressbar")).toBeVisible();

  await button(page, "Remove large.txt").click();
  await button(page, "Remove bad.exe").click();
  await expect(rows).toHaveCount(2);
  await textbox(page).fill("Here they are.");
  await button(page, "Send").click();
  await expect(page.getByText("as soon as the files have arrived")).toBeVisible();
  expect(one.count("Send")).toBe(0);
  broken = false;
  await button(page, "Try again: broken.txt").click();
  await expect(rows.filter({ hasText: "broken.txt" }).getByRole("progressbar")).toHaveCount(0);
  letThrough();
  await expect(rows).toHaveCount(0);
  await expect(page.getByTestId("file")).toHaveCount(2);
  expect(one.count("Send")).toBe(1);
  expect(one.last("Send")?.fileIds).toHaveLength(2);
  expect(brought.toSorted()).toEqual(["broken", "slow"]);

  // Pasted and dropped.
  const hand = (kind: "paste" | "drop", target: string) =>
    page.evaluate(
      ([kind, target]) => {
        const data = new DataTransfer();
        data.items.add(new File([`from ${kind}`], `${kind}.txt`, { type: "text/plain" }));
        const event =
          kind === "paste"
            ? new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true })
            : new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true });
        document.querySelector(target)?.dispatchEvent(event);
      },
      [kind, target] as const,
    );
  await hand("paste", ".composer textarea");
  await expect(rows.filter({ hasText: "paste.txt" })).toBeVisible();
  await hand("drop", ".scroll");
  await expect(rows.filter({ hasText: "drop.txt" })).toBeVisible();

  // What a reload cuts off is not silently gone.
  await page.reload();
  await expect(page.getByTestId("lost-files")).toContainText("paste.txt, drop.txt");
  await button(page, "Dismiss").click();
  await expect(page.getByTestId("lost-files")).toHaveCount(0);
});

test("the button comes at opening time and goes at closing time, without a reload", async ({
  people,
  browser,
  server,
}) => {
  // In New York, half past eight on a Monday: from nine to a quarter past somebody is there, and then at nine the day after.
  const shut = (opensAt: string) => ({
    open: false,
    available: false,
    opensAt,
    changesAt: opensAt,
    offlineText: "We are baking.",
  });
  const one = await staged(
    { people, browser, server },
    { messages: talk, handoff: shut("2026-03-02T14:00:00Z") },
    { time: "2026-03-02T13:30:00Z" },
  );
  const { page } = one;
  const offline = page.getByTestId("offline");
  await expect(offline).toContainText("We are baking.");
  await expect(offline).toContainText(/We are back today, 9:00\sAM/);
  await expect(button(page, "Request Live Agent")).toHaveCount(0);
  // The server is asked at the instant that it announced, not before, and within a second of it.
  one.change({ handoff: { open: true, changesAt: "2026-03-02T14:15:00Z" } });
  await page.clock.fastForward("29:50");
  await expect(offline).toBeVisible();
  expect(one.count("Config")).toBe(0);
  await page.clock.fastForward(11_000);
  await expect(button(page, "Request Live Agent")).toBeVisible();
  await expect(offline).toHaveCount(0);
  one.change({ handoff: shut("2026-03-03T14:00:00Z") });
  await page.clock.fastForward("15:00");
  await expect(offline).toContainText(/We are back tomorrow, 9:00\sAM/);
  await expect(button(page, "Request Live Agent")).toHaveCount(0);
  expect(one.count("Config")).toBe(2);
  // The AI stays usable.
  await expect(textbox(page)).toBeEnabled();
});

test("whoever waits reads where they stand, may not write where that is blocked, and can think better of it", async ({
  people,
  browser,
  server,
}) => {
  const waits = {
    id: "cnv_1",
    state: "REQUESTED",
    rev: 2,
    queuePosition: 2,
    estimatedWaitSeconds: 60,
    operatorName: null,
    readByOperatorSeq: 0,
    lastSeq: 2,
  };
  const one = await staged(
    { people, browser, server },
    {
      messages: talk,
      handoff: { blockInput: true, waitingText: "Olga is on her way." },
      answers: {
        Request: () => ({ data: { requestHandoff: waits } }),
        Cancel: () => ({ data: { cancelHandoff: { ...waits, state: "AI", rev: 3 } } }),
      },
    },
  );
  const { page } = one;
  await settled(page);
  await button(page, "Request Live Agent").click();
  const card = page.getByTestId("waiting");
  await expect(card).toContainText("You are number 2 in the queue");
  await expect(card).toContainText("about a minute");
  await expect(card).toContainText("Olga is on her way.");
  await expect(card).toContainText("You can write again once somebody has joined.");
  await expect(textbox(page)).toBeDisabled();
  one.emit({
    __typename: "ConversationChanged",
    conversation: { ...waits, queuePosition: 1, estimatedWaitSeconds: null },
  });
  await expect(card).toContainText("You are number 1 in the queue");
  await expect(card).not.toContainText("about");
  await button(page, "Cancel").click();
  await expect(card).toHaveCount(0);
  await expect(textbox(page)).toBeEnabled();
});

test("a chat is rated once, with the keyboard, and the question can be waved away", async ({
  people,
  browser,
  server,
}) => {
  const over = {
    id: "cnv_1",
    state: "ENDED",
    rev: 5,
    queuePosition: null,
    operatorName: null,
    readByOperatorSeq: 0,
    lastSeq: 3,
  };
  const scene: Scene = {
    messages: [...talk, turn(3, "COMPLETED", "Thank you for chatting with us.")],
    conversation: { state: "ENDED", askRating: true },
    answers: { Rate: () => ({ data: { rateConversation: { ...over, askRating: false } } }) },
  };
  const one = await staged({ people, browser, server }, scene);
  const { page } = one;
  const form = page.getByTestId("rating");
  await form.getByRole("radio", { name: "1, not good" }).focus();
  for (let press = 0; press < 3; press += 1) await page.keyboard.press("ArrowRight");
  await expect(form.getByRole("radio", { name: "4, good" })).toBeChecked();
  await form.getByRole("textbox").fill("Quick and kind.");
  await page.keyboard.press("Enter");
  await expect(page.getByText("Thank you for telling us.")).toBeVisible();
  expect(one.last("Rate")).toEqual({ rating: 4, text: "Quick and kind." });
  await expect(form).toHaveCount(0);

  const two = await staged({ people, browser, server }, scene);
  await button(two.page, "No, thanks").click();
  await expect(two.page.getByTestId("rating")).toHaveCount(0);
  await two.page.reload();
  await expect(two.page.getByText("Conversation ended")).toBeVisible();
  await settled(two.page);
  await expect(two.page.getByTestId("rating")).toHaveCount(0);
});

test("the menu and what it opens work by keyboard alone, and Escape goes one step back", async ({
  people,
  browser,
  server,
}) => {
  const { page } = await staged({ people, browser, server }, { messages: talk });
  await settled(page);
  await page.locator("summary").focus();
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  await expect(button(page, "Send email")).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(button(page, "Send email")).toBeHidden();
  await expect(page.locator("summary")).toBeFocused();
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Email transcript" })).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("heading", { name: "Email transcript" })).toHaveCount(0);
  await expect(textbox(page)).toBeFocused();
});
