// The dashboard as a person uses it: by names on buttons, fields and tabs.

import { expect, type Locator, type Page } from "@playwright/test";
import { password } from "./api.ts";
import { type AuthorKind, Thread } from "./thread.ts";

export class Dashboard extends Thread {
  constructor(readonly page: Page) {
    super();
  }

  protected get messages(): Locator {
    return this.page.getByTestId("message");
  }

  protected byAuthor(author: AuthorKind): Locator {
    return this.page.locator(`[data-author="${author}"]`);
  }

  async signIn(email: string): Promise<void> {
    await this.page.goto("/");
    await this.page.getByLabel("Email", { exact: true }).fill(email);
    await this.page.getByLabel("Password", { exact: true }).fill(password);
    await this.button("Sign in").click();
    await expect(this.navigation).toBeVisible();
  }

  get navigation(): Locator {
    return this.page.getByRole("navigation", { name: "Main" });
  }

  link(name: "Home" | "Live Chats" | "Conversations" | "AI Agents"): Locator {
    return this.navigation.getByRole("link", { name });
  }

  async open(name: "Home" | "Live Chats" | "Conversations" | "AI Agents"): Promise<void> {
    await this.link(name).click();
    const heading = name === "Home" ? /^Hello/ : name;
    await expect(this.page.getByRole("heading", { level: 1, name: heading })).toBeAttached();
  }

  button(name: string): Locator {
    return this.page.getByRole("button", { name, exact: true });
  }

  async showTab(name: "Pending Requests" | "Active Chats"): Promise<void> {
    await this.page.getByRole("tab", { name }).click();
  }

  pendingRow(preview: string): Locator {
    return this.page.getByTestId("pending-row").filter({ hasText: preview });
  }

  activeRow(preview: string): Locator {
    return this.page.getByTestId("active-row").filter({ hasText: preview });
  }

  conversationRow(preview: string): Locator {
    return this.page.getByTestId("conversation-row").filter({ hasText: preview });
  }

  get stub(): Locator {
    return this.page.getByTestId("claimed-stub");
  }

  async accept(preview: string): Promise<void> {
    await this.pendingRow(preview).getByRole("button", { name: "Accept", exact: true }).click();
    await expect(this.composer).toBeVisible();
  }

  get composer(): Locator {
    return this.page.getByRole("textbox", { name: "Message", exact: true });
  }

  async send(text: string): Promise<void> {
    await this.composer.fill(text);
    await this.button("Send").click();
    await expect(this.composer).toHaveValue("");
  }

  /** A message that waits for the server. */
  unsent(text: string): Locator {
    return this.message(text).and(this.page.locator('[data-state="sending"], [data-state="waiting"]'));
  }

  /** The conversation that is open, by its address. */
  conversationId(): string {
    const id = new URL(this.page.url()).pathname.split("/").at(-1) ?? "";
    expect(id).toMatch(/^cnv_/);
    return id;
  }

  get handoffSwitch(): Locator {
    return this.page.getByRole("switch", { name: "Enable Live Agent Handoff" });
  }

  async openAgent(name: string): Promise<void> {
    await this.open("AI Agents");
    await this.page.getByRole("main").getByRole("link", { name }).first().click();
  }
}
