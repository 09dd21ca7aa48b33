import { ActionIcon } from "@mantine/core";
import { useState } from "react";
import { CheckIcon, CopyIcon } from "./icons";
import { toast } from "./toast";

/** Copies a text; `what` names it for whoever cannot see where the button stands. */
export function CopyButton({ text, what }: { readonly text: string; readonly what: string }) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setCopied(true);
      setTimeout(() => setCopied(false), 2_000);
    } catch {
      toast("The browser does not allow copying here. Select the text and copy it.");
    }
  };
  return (
    <ActionIcon
      size="sm"
      aria-label={copied ? `${what}: copied` : `Copy ${what}`}
      title={copied ? "Copied" : "Copy"}
      onClick={() => void copy()}
    >
      {copied ? <CheckIcon size={14} /> : <CopyIcon size={14} />}
    </ActionIcon>
  );
}
