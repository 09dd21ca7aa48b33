/** What is typed, as the form has it: a button without a label of its own is empty there. */
export interface Typed {
  readonly subject: string;
  readonly heading: string;
  readonly body: string;
  readonly button: string;
  readonly after: string;
}

/** A text with a value put in place of what is selected, and where the cursor stands then. */
export function inserted(text: string, from: number, to: number, name: string): readonly [string, number] {
  const value = `{{ ${name} }}`;
  return [text.slice(0, from) + value + text.slice(to), from + value.length];
}

/** The same as the server takes it. */
export function asInput(typed: Typed) {
  return { ...typed, button: typed.button.trim() === "" ? null : typed.button };
}
