// One kind of failure for whatever went wrong on the way to the server and back.

/** OFFLINE is this side's own: no answer at all. The rest is the server's closed list. */
const CODES = [
  "OFFLINE",
  "UNAUTHENTICATED",
  "FORBIDDEN",
  "NOT_FOUND",
  "INVALID",
  "CONFLICT",
  "RATE_LIMITED",
  "UNAVAILABLE",
  "INTERNAL",
] as const;

export type FailureCode = (typeof CODES)[number];

export class Failure {
  constructor(
    readonly code: FailureCode,
    /** Finer than the code; the server's own word. */
    readonly reason = "",
    /** The argument at fault. */
    readonly field = "",
    /** A sentence for people. */
    readonly words = "",
  ) {}

  /** The same call would fail again: something is wrong with the call itself. */
  get lasting(): boolean {
    return this.code === "INVALID" || this.code === "CONFLICT";
  }

  /** The server will not talk to this visitor at all. */
  get refused(): boolean {
    return this.code === "FORBIDDEN" || this.code === "NOT_FOUND";
  }
}

/** The first of the `errors` of a GraphQL answer. */
export function failureOf(errors: unknown): Failure {
  const first: unknown = Array.isArray(errors) ? errors[0] : errors;
  const extensions = field(first, "extensions");
  const told = (name: string, of = extensions) => String(field(of, name) ?? "");
  const code = told("code");
  return new Failure(
    CODES.find((known) => known === code) ?? "INTERNAL",
    told("reason"),
    told("field"),
    told("message", first),
  );
}

export function failureOfStatus(status: number): Failure {
  const known: Record<number, FailureCode> = {
    401: "UNAUTHENTICATED",
    403: "FORBIDDEN",
    404: "NOT_FOUND",
    429: "RATE_LIMITED",
  };
  return new Failure(known[status] ?? (status >= 500 ? "UNAVAILABLE" : "INVALID"));
}

export function asFailure(error: unknown): Failure {
  return error instanceof Failure ? error : new Failure("INTERNAL");
}

export function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}
