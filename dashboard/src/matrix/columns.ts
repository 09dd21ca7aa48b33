import { type Carries, type SwitchState, switchState } from "../packages/switches";

export interface Column {
  /** Switch, or permission beneath an opened one. */
  readonly kind: "switch" | "fine";
  readonly key: string;
  readonly label: string;
  readonly description: string;
  readonly of: string;
  readonly permissions: readonly { readonly name: string; readonly description: string }[];
}

interface Switch extends Carries {
  readonly description: string;
  readonly permissions: readonly { readonly name: string; readonly description: string }[];
}

/** The columns: one for each switch, and after an opened one its permissions. */
export function columns(switches: readonly Switch[], opened: ReadonlySet<string>): readonly Column[] {
  return switches.flatMap((one): Column[] => [
    {
      kind: "switch",
      key: one.name,
      label: one.name,
      description: one.description,
      of: one.name,
      permissions: one.permissions,
    },
    ...(opened.has(one.name)
      ? one.permissions.map(
          (permission): Column => ({
            kind: "fine",
            key: `${one.name} ${permission.name}`,
            label: permission.name,
            description: permission.description,
            of: one.name,
            permissions: [permission],
          }),
        )
      : []),
  ]);
}

export function cellState(column: Column, held: ReadonlySet<string>): SwitchState {
  return switchState({ name: column.key, permissions: column.permissions }, held);
}

export const stateWords: Readonly<Record<SwitchState, string>> = {
  on: "may",
  half: "may in part",
  off: "may not",
};

/** Where the focus goes from a cell with an arrow key; null when the key is another one. */
export function moved(
  key: string,
  at: { readonly row: number; readonly column: number },
  size: { readonly rows: number; readonly columns: number },
): { readonly row: number; readonly column: number } | null {
  const within = (n: number, length: number) => Math.min(length - 1, Math.max(0, n));
  switch (key) {
    case "ArrowUp":
      return { ...at, row: within(at.row - 1, size.rows) };
    case "ArrowDown":
      return { ...at, row: within(at.row + 1, size.rows) };
    case "ArrowLeft":
      return { ...at, column: within(at.column - 1, size.columns) };
    case "ArrowRight":
      return { ...at, column: within(at.column + 1, size.columns) };
    case "Home":
      return { ...at, column: 0 };
    case "End":
      return { ...at, column: size.columns - 1 };
    default:
      return null;
  }
}
