import { type ComponentType, lazy, type ReactElement, type ReactNode, Suspense, useState } from "react";

interface MenuProps {
  readonly target: ReactElement;
}

interface TriggerProps {
  readonly className: string | undefined;
  readonly title?: string;
  readonly children: ReactNode;
}

/**
 * A button whose menu is loaded when it is first reached for. Placing a menu takes more code than everything else in
 * the frame of the page, and most visits never open one.
 */
export function lazyMenu(load: () => Promise<{ default: ComponentType<MenuProps> }>) {
  const Items = lazy(load);
  return function LazyMenu({ className, title, children }: TriggerProps) {
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
  };
}
