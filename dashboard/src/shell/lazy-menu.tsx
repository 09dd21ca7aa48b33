import { type ComponentType, type ReactElement, type ReactNode, Suspense, useState } from "react";

interface Props {
  /** The menu, as a component that is loaded when it is drawn. */
  readonly items: ComponentType<{ readonly target: ReactElement }>;
  readonly load: () => Promise<unknown>;
  readonly className: string | undefined;
  readonly title?: string;
  readonly children: ReactNode;
}

/**
 * A button whose menu is loaded when it is first reached for. Placing a menu takes more code than everything else in
 * the frame of the page, and most visits never open one.
 */
export function LazyMenu({ items: Items, load, className, title, children }: Props) {
  const [wanted, want] = useState(false);
  const button = (
    <button
      type="button"
      className={className}
      title={title}
      aria-haspopup="menu"
      onPointerEnter={() => void load()}
      onFocus={() => void load()}
      {...(wanted ? {} : { onClick: () => want(true) })}
    >
      {children}
    </button>
  );
  if (!wanted) return button;
  return (
    <Suspense fallback={button}>
      <Items target={button} />
    </Suspense>
  );
}
