import css from "./ui.module.css";

function initials(name: string): string {
  const words = name.trim().split(/\s+/);
  const first = words[0]?.[0] ?? "?";
  const last = words.length > 1 ? (words.at(-1)?.[0] ?? "") : "";
  return (first + last).toUpperCase();
}

export function Avatar({ name, small }: { readonly name: string; readonly small?: boolean }) {
  return (
    <span className={css.avatar} data-small={small || undefined} aria-hidden="true">
      {initials(name)}
    </span>
  );
}
