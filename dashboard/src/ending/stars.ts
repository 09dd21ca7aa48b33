/** What the list of conversations is narrowed to by rating, as the address carries it. */
export type Stars = "low" | "high" | "1" | "2" | "3" | "4" | "5";

export const choices: readonly (readonly [Stars, string, readonly number[]])[] = [
  ["low", "1 to 2 stars", [1, 2]],
  ["high", "4 to 5 stars", [4, 5]],
  ["5", "5 stars", [5]],
  ["4", "4 stars", [4]],
  ["3", "3 stars", [3]],
  ["2", "2 stars", [2]],
  ["1", "1 star", [1]],
];

export function isStars(value: unknown): value is Stars {
  return choices.some(([name]) => name === value);
}

/** The numbers that the server is asked for; none is every conversation, rated or not. */
export function starsOf(stars: Stars | undefined): readonly number[] | null {
  return choices.find(([name]) => name === stars)?.[2] ?? null;
}
