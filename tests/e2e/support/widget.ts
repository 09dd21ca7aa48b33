// The widget as a visitor uses it: a button on a foreign page, then a frame.

import { expect, type FrameLocator, type Locator, type Page } from "@playwright/test";
import { type AuthorKind, Thread } from "./thread.ts";

export class Widget extends Thread {
  private readonly host: Locator;

  /** The widget at that place among those of the page, counted from its corner. */
  constructor(
    readonly page: Page,
    place = 0,
  ) {
    super();
    this.host = page.locator("chat-widget").nth(place);
  }

  get launcher(): Locator {
    return this.host.getByRole("button", { name: "Open chat" });
  }

  get frame(): FrameLocator {
    return this.host.locator("iframe").contentFrame();
  }

  protected get messages(): Locator {
    return this.frame.getByTestId("message");
  }

  protected byAuthor(author: AuthorKind): Locator {
    return this.frame.locator(`[data-author="${author}"]`);
  }

  async open(): Promise<void> {
    await this.launcher.click();
    await expect(this.input).toBeVisible();
  }

  get input(): Locator {
    return this.frame.getByRole("textbox", { name: "Message", exact: true });
  }

  button(name: string): Locator {
    return this.frame.getByRole("button", { name, exact: true });
  }

  async send(text: string): Promise<void> {
    await this.input.fill(text);
    await this.button("Send").click();
    await expect(this.input).toHaveValue("");
  }

  /** Sends, and waits until the server has it. */
  async say(text: string): Promise<void> {
    await this.send(text);
    await expect(this.message(text, "VISITOR").and(this.frame.locator("[data-seq]"))).toBeVisible();
  }

  /** Waits until whatever has arrived has been drawn. */
  async drawn(): Promise<void> {
    await this.frame
      .locator("body")
      .evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  }

  /** Asks for a person, leaving a name where the organization wants one. */
  async requestPerson(name: string, email?: string): Promise<void> {
    const submit = this.button("Send request");
    const waiting = this.frame.getByText("You are waiting for the team");
    await this.button("Request Live Agent").click();
    await expect(submit.or(waiting).first()).toBeVisible();
    if (await submit.isVisible()) {
      await this.frame.getByRole("textbox", { name: "Name" }).fill(name);
      if (email !== undefined) await this.frame.getByRole("textbox", { name: "Email" }).fill(email);
      await submit.click();
    }
    await expect(waiting).toBeVisible();
  }
}
