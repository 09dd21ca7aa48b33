// Documents may ask for fields that this house's server is only about to have: `?name` in them is `name` where the schema
// has such a field, and nothing where it has not.
import { readFileSync } from "node:fs";

const sdl = new URL("../../schema/widget.graphql", import.meta.url);

/** The text of the documents, as far as the schema has it. */
export function known(text: string): string {
  const schema = readFileSync(sdl, "utf8");
  return text.replace(/ \?(\w+)/g, (_, name: string) =>
    new RegExp(`^\\t${name}\\b`, "m").test(schema) ? ` ${name}` : "",
  );
}
