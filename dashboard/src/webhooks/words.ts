import type { Delivery, Webhook } from "./documents";

type Event = Webhook["events"][number];

interface Words {
  readonly label: string;
  readonly tone: "plain" | "good" | "trouble";
}

/** What can be chosen, in the order in which it happens. */
export const eventLabels: Readonly<Record<Exclude<Event, "TEST">, string>> = {
  HANDOFF_REQUESTED: "A visitor asks for a person",
  HANDOFF_WAITING: "They still wait",
  HANDOFF_MISSED: "Nobody came",
  HANDOFF_CANCELLED: "The request is withdrawn",
  HANDOFF_ACCEPTED: "An operator takes the chat",
  HANDOFF_TRANSFERRED: "The chat is handed on",
  HANDOFF_RELEASED: "The chat goes back to the queue",
  HANDOFF_RETURNED: "The AI has the chat again",
  HANDOFF_COMPLETED: "The chat is complete",
  VISITOR_MESSAGE: "A visitor writes",
  OPERATOR_MESSAGE: "An operator writes",
  OFFLINE_QUERY: "A visitor leaves an offline query",
  RATED: "A visitor rates a chat",
};

export const choices = Object.keys(eventLabels) as readonly (keyof typeof eventLabels)[];

export function eventLabel(event: Event): string {
  return event === "TEST" ? "A test" : eventLabels[event];
}

/** A webhook in two words, and what there is to say of it. */
export function webhookWords(
  webhook: Pick<Webhook, "disabledBecause" | "failingSince" | "trouble" | "deliveredAt">,
): Words & { readonly text: string | null } {
  switch (webhook.disabledBecause) {
    case "BY_HAND":
      return { label: "Off", tone: "plain", text: "Somebody switched it off. Nothing is sent." };
    case "GONE":
      return {
        label: "Switched off",
        tone: "trouble",
        text: "The other side answered that it is gone for good (410). Check the address, then switch it on again.",
      };
    case "FAILING":
      return {
        label: "Switched off",
        tone: "trouble",
        text: `Nothing arrived for five days. ${webhook.trouble ?? ""} Once that is mended, switch it on again and send what was missed.`,
      };
    case null:
      if (webhook.failingSince) {
        return {
          label: "Failing",
          tone: "trouble",
          text: `${webhook.trouble ?? ""} It is tried again, and switched off after five days.`.trim(),
        };
      }
      return webhook.deliveredAt
        ? { label: "On", tone: "good", text: null }
        : { label: "On", tone: "plain", text: "Nothing was sent yet. Send a test." };
  }
}

export function deliveryWords(delivery: Pick<Delivery, "state" | "attempts">): Words {
  switch (delivery.state) {
    case "QUEUED":
      return delivery.attempts > 0
        ? { label: "Tried again", tone: "trouble" }
        : { label: "On its way", tone: "plain" };
    case "DELIVERED":
      return { label: "Arrived", tone: "good" };
    case "FAILED":
      return { label: "Failed", tone: "trouble" };
    case "DROPPED":
      return { label: "Not sent", tone: "plain" };
  }
}

/** JSON as people read it; what is none stays as it is. */
export function readable(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
