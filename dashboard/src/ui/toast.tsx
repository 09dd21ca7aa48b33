import { createStore, useStore } from "../api/store";
import { CloseIcon } from "./icons";
import css from "./ui.module.css";

interface Toast {
  readonly id: number;
  readonly text: string;
  readonly detail?: string | undefined;
  readonly action?: { readonly label: string; readonly run: () => void } | undefined;
}

const toasts = createStore<readonly Toast[]>([]);
let counter = 0;

export function dismiss(id: number): void {
  toasts.update((all) => all.filter((one) => one.id !== id));
}

/** A notice in the corner. One with an action stays longer: it has to be reached first. */
export function toast(
  text: string,
  more: Omit<Toast, "id" | "text"> & { readonly ms?: number } = {},
): number {
  counter += 1;
  const id = counter;
  const { ms, ...rest } = more;
  toasts.update((all) => [...all.slice(-3), { id, text, ...rest }]);
  setTimeout(() => dismiss(id), ms ?? (more.action ? 10_000 : 6_000));
  return id;
}

export function Toasts() {
  const all = useStore(toasts);
  return (
    <section className={css.toasts} aria-label="Notices" aria-live="polite">
      {all.map((one) => (
        <div key={one.id} className={css.toast} data-testid="toast">
          <div className={css.toastText}>
            <div>{one.text}</div>
            {one.detail ? <div className={css.dim}>{one.detail}</div> : null}
          </div>
          {one.action ? (
            <button
              type="button"
              className={css.toastAction}
              onClick={() => {
                one.action?.run();
                dismiss(one.id);
              }}
            >
              {one.action.label}
            </button>
          ) : null}
          <button
            type="button"
            className={css.toastClose}
            aria-label="Dismiss"
            onClick={() => dismiss(one.id)}
          >
            <CloseIcon size={14} />
          </button>
        </div>
      ))}
    </section>
  );
}
