import { useMemo } from "react";
import { type AnyVariables, type TypedDocumentNode, useQuery } from "urql";
import { type ApiError, fromCombined } from "./errors";

export interface Asked<Data> {
  readonly data: Data | undefined;
  readonly loading: boolean;
  readonly error: ApiError | null;
  readonly again: () => void;
}

interface Options {
  readonly pause?: boolean;
  /** Types of which the answer may hold none yet; a mutation that makes one has to renew it all the same. */
  readonly of?: readonly string[];
}

/** A query of a route or a section: what is held is shown at once and renewed behind it. */
export function useAsk<Data, Variables extends AnyVariables>(
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
  options: Options = {},
): Asked<Data> {
  const types = options.of?.join() ?? "";
  const context = useMemo(() => ({ additionalTypenames: types ? types.split(",") : [] }), [types]);
  const [{ data, error, fetching, stale }, run] = useQuery<Data, AnyVariables>({
    query: document,
    variables,
    pause: options.pause ?? false,
    context,
  });
  return {
    data,
    loading: (fetching || stale) && !data,
    error: error && !data ? fromCombined(error) : null,
    again: () => run({ requestPolicy: "network-only" }),
  };
}
