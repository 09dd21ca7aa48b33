/** What is known in a chat of what a canned reply leaves open. */
export interface Known {
  readonly "visitor.name": string | null;
  readonly topic: string | null;
  readonly "operator.name": string | null;
  readonly "ai_agent.name": string | null;
}

type Variable = keyof Known;

/** What stands there when a value is missing and the reply does not say what instead. */
const standIns: Readonly<Record<Variable, string>> = {
  "visitor.name": "there",
  topic: "your question",
  "operator.name": "our team",
  "ai_agent.name": "our assistant",
};

export const variables = Object.keys(standIns) as readonly Variable[];

const isVariable = (name: string): name is Variable => name in standIns;

/** Fills in a reply. What a value holds is text and stays text: a name with braces in it is not filled again. */
export function fill(reply: string, known: Known): string {
  return reply.replace(/\{([^{}|]*)(?:\|([^{}]*))?\}/g, (whole, name: string, instead?: string) => {
    const key = name.trim();
    if (!isVariable(key)) return whole;
    return known[key]?.trim() || instead?.trim() || standIns[key];
  });
}

export interface Slash {
  /** Where the slash stands. */
  readonly at: number;
  /** What was typed after it. */
  readonly word: string;
}

/** The sign and the word that is being typed at the caret: at the beginning or after white space. */
export function typedAfter(sign: "/" | "@", text: string, caret: number, spaces = 0): Slash | null {
  const before = text.slice(0, caret);
  const at = before.lastIndexOf(sign);
  if (at < 0 || (at > 0 && !/\s/.test(before[at - 1] ?? ""))) return null;
  const word = before.slice(at + 1);
  if (/\n/.test(word) || (word.match(/\s/g)?.length ?? 0) > spaces) return null;
  return { at, word };
}

interface Findable {
  readonly shortcut: string;
  readonly title: string;
  readonly text: string;
  readonly tags: readonly string[];
}

/** Those that fit what was typed: by shortcut before title, tag and text. */
export function matching<R extends Findable>(replies: readonly R[], word: string): readonly R[] {
  const wanted = word.toLowerCase();
  const rank = (reply: R): number => {
    if (reply.shortcut.startsWith(wanted)) return 0;
    if (reply.title.toLowerCase().includes(wanted)) return 1;
    if (reply.tags.some((tag) => tag.includes(wanted))) return 2;
    return reply.text.toLowerCase().includes(wanted) ? 3 : 4;
  };
  return replies
    .map((reply) => ({ reply, rank: rank(reply) }))
    .filter((one) => one.rank < 4)
    .sort((a, b) => a.rank - b.rank)
    .map((one) => one.reply);
}
