import type { CombinedError } from "urql";

export type ErrorCode =
  | "UNAUTHENTICATED"
  | "FORBIDDEN"
  | "NOT_FOUND"
  | "INVALID"
  | "CONFLICT"
  | "RATE_LIMITED"
  | "UNAVAILABLE"
  | "INTERNAL"
  /** Not a code of the server: it was not reached. */
  | "NETWORK";

const codes: readonly string[] = [
  "UNAUTHENTICATED",
  "FORBIDDEN",
  "NOT_FOUND",
  "INVALID",
  "CONFLICT",
  "RATE_LIMITED",
  "UNAVAILABLE",
  "INTERNAL",
];

function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === "string" && codes.includes(code);
}

export interface RawError {
  readonly message: string;
  readonly extensions?: Readonly<Record<string, unknown>> | null | undefined;
}

export class ApiError extends Error {
  readonly code: ErrorCode;
  readonly reason: string | null;
  readonly requestId: string | null;
  readonly holder: string | null;
  readonly field: string | null;

  constructor(message: string, code: ErrorCode, extensions: Readonly<Record<string, unknown>> = {}) {
    super(message);
    const text = (key: string) => (typeof extensions[key] === "string" ? (extensions[key] as string) : null);
    this.name = "ApiError";
    this.code = code;
    this.reason = text("reason");
    this.requestId = text("requestId");
    this.holder = text("holder");
    this.field = text("field");
  }

  /** Whether the very same call may succeed later. */
  get retryable(): boolean {
    return this.code === "UNAVAILABLE" || this.code === "NETWORK" || this.code === "RATE_LIMITED";
  }
}

export function fromRaw(raw: RawError | undefined): ApiError {
  const extensions = raw?.extensions ?? {};
  const code = isErrorCode(extensions.code) ? extensions.code : "INTERNAL";
  return new ApiError(raw?.message ?? "The request failed", code, extensions);
}

export function fromCombined(error: CombinedError): ApiError {
  if (error.graphQLErrors.length > 0) return fromRaw(error.graphQLErrors[0]);
  return new ApiError("The server could not be reached", "NETWORK");
}

export function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  return new ApiError(error instanceof Error ? error.message : "The request failed", "INTERNAL");
}

/** What a person reads, where the place has nothing better to say. */
export function sentence(error: ApiError): string {
  switch (error.code) {
    case "NETWORK":
      return "The server cannot be reached. Check the connection and try again.";
    case "UNAVAILABLE":
      return "The service is busy at the moment. Try again in a few seconds.";
    case "RATE_LIMITED":
      return "That was too many requests in a short time. Wait a moment and try again.";
    case "INTERNAL":
      return error.requestId
        ? `Something went wrong on our side. Reference: ${error.requestId}`
        : "Something went wrong on our side.";
    default:
      return error.message;
  }
}
