import type { Mail, Sender } from "./documents";

interface Words {
  readonly label: string;
  readonly tone: "plain" | "good" | "trouble";
  readonly text: string;
}

export function senderWords(sender: Pick<Sender, "state" | "fallback" | "neutralAddress">): Words {
  const meanwhile =
    sender.fallback === "NEUTRAL"
      ? `Until then mails go out from ${sender.neutralAddress}.`
      : "Until then no mail goes out.";
  switch (sender.state) {
    case "NONE":
      return {
        label: "Not set up",
        tone: "plain",
        text:
          sender.fallback === "NEUTRAL"
            ? `Mails go out from ${sender.neutralAddress}, with your name and your looks.`
            : "No mail goes out: you chose that none is sent without your own sender.",
      };
    case "UNPROVED":
      return {
        label: "Not proved yet",
        tone: "plain",
        text: `Mails go out from your address once the proofs below are there. ${meanwhile}`,
      };
    case "PROVED":
      return { label: "Proved", tone: "good", text: "Mails go out from your own address." };
    case "FAILING":
      return {
        label: "Failing",
        tone: "trouble",
        text: `It was proved, but something is not as it was. See what is missing below. ${meanwhile}`,
      };
  }
}

type Proof = Sender["proofs"][number];

const proofNames: Readonly<Record<Proof["kind"], string>> = {
  OWNERSHIP: "The domain is yours",
  SPF: "SPF: your mail server may send for it",
  DKIM: "DKIM: mails are signed",
  DMARC: "DMARC: what others do with forged mails",
};

export function proofWords(proof: Pick<Proof, "kind" | "state">) {
  const tone: Words["tone"] = proof.state === "OK" ? "good" : "trouble";
  const label = proof.state === "OK" ? "Found" : proof.state === "MISSING" ? "Missing" : "Wrong";
  return { name: proofNames[proof.kind], label, tone };
}

export function mailWords(state: Mail["state"]): Omit<Words, "text"> {
  switch (state) {
    case "QUEUED":
      return { label: "On its way", tone: "plain" };
    case "SENT":
      return { label: "Sent", tone: "good" };
    case "BOUNCED":
      return { label: "Came back", tone: "trouble" };
    case "FAILED":
      return { label: "Failed", tone: "trouble" };
    case "REFUSED":
      return { label: "Held back", tone: "trouble" };
    case "DROPPED":
      return { label: "Not needed", tone: "plain" };
  }
}

/** Nobody tries any more, though it did not arrive. */
export function isGivenUp(state: Mail["state"]): boolean {
  return state === "FAILED" || state === "BOUNCED" || state === "REFUSED";
}

/** Above this share of mails that come back, other mail servers begin to distrust a sender. */
const TOO_MANY = 0.05;
/** Fewer than these are addresses that somebody mistyped, not a habit. */
const SEVERAL = 5;

export function bounceWords(sent: number, bounced: number): string {
  const all = sent + bounced;
  if (all === 0) return "";
  if (bounced === 0) return `In the last 30 days none of ${all} came back.`;
  const share = bounced / all;
  const percent = share < 0.01 ? "less than 1" : String(Math.round(share * 100));
  const figures = `In the last 30 days ${bounced} of ${all} came back (${percent} %).`;
  return share > TOO_MANY && bounced >= SEVERAL
    ? `${figures} That is a lot, and other mail servers may begin to distrust yours: choose “Came back” and check the addresses.`
    : figures;
}

/** The port that goes with a security, unless somebody typed one of their own. */
export function portFor(security: Sender["security"], port: number): number {
  const usual = security === "TLS" ? 465 : 587;
  return port === 465 || port === 587 || port === 0 || port === 25 ? usual : port;
}

/** "password_reset" reads as "Password reset". */
export function kindWords(kind: string): string {
  const words = kind.replaceAll(/[._]/g, " ").toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
