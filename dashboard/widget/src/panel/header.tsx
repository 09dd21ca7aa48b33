import type { Conversation, WidgetConfig } from "../types";
import { type Child, h } from "./dom";
import { Icon } from "./icon";
import { texts } from "./texts";

interface Props {
  config: WidgetConfig;
  conversation: Conversation | null;
  menu: Child;
  onClose: (() => void) | null;
}

export function Header({ config, conversation, menu, onClose }: Props) {
  const human = conversation?.state === "HUMAN";
  const operator = human ? conversation.operatorName : null;
  return (
    <header class="header">
      <div class="face" aria-hidden="true">
        {[...(operator ?? config.title).trim()][0]?.toUpperCase()}
        {human && <i class="live" />}
      </div>
      <div class="names">
        <h1 dir="auto">{config.title}</h1>
        <p dir="auto">{status(conversation, operator)}</p>
      </div>
      {menu}
      {onClose !== null && (
        <button type="button" class="icon-button" aria-label={texts.close} onclick={onClose}>
          <Icon name="close" />
        </button>
      )}
    </header>
  );
}

function status(conversation: Conversation | null, operator: string | null): string {
  if (operator !== null) return texts.talking(operator);
  if (conversation?.state === "HUMAN") return texts.withHuman;
  return conversation?.state === "REQUESTED" ? texts.queued : texts.assistant;
}
