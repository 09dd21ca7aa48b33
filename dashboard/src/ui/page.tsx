import type { ReactNode } from "react";
import css from "./page.module.css";

/** A page that is read from top to bottom: a title, what is next to it, and sections. */
export function Page(props: {
  readonly title: ReactNode;
  readonly sub?: ReactNode;
  readonly actions?: ReactNode;
  /** For tables and previews, which need all the width there is. */
  readonly wide?: boolean;
  readonly children: ReactNode;
}) {
  return (
    <div className={css.page} data-wide={props.wide || undefined}>
      <header className={css.header}>
        <div className={css.heading}>
          <h1 className={css.title}>{props.title}</h1>
          {props.sub ? <div className={css.sub}>{props.sub}</div> : null}
        </div>
        {props.actions}
      </header>
      <div className={css.body}>{props.children}</div>
    </div>
  );
}

/** Title, one sentence, form. */
export function Section(props: {
  readonly id?: string;
  readonly title: string;
  readonly text?: ReactNode;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}) {
  const headingId = props.id ? `${props.id}-title` : undefined;
  return (
    <section className={css.section} id={props.id} aria-labelledby={headingId}>
      <div className={css.sectionHead}>
        <div>
          <h2 className={css.sectionTitle} id={headingId}>
            {props.title}
          </h2>
          {props.text ? <p className={css.sectionText}>{props.text}</p> : null}
        </div>
        {props.actions}
      </div>
      {props.children}
    </section>
  );
}
