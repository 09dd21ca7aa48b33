import { Link } from "@tanstack/react-router";
import { lazy, useMemo } from "react";
import { useStore } from "../api/store";
import { viewInbox } from "../live/inbox";
import { inbox } from "../live-chats/inbox-store";
import { useOpenCount } from "../offline-queries/open-count";
import { useMedia } from "../ui/hooks";
import { DotsIcon } from "../ui/icons";
import { LazyMenu } from "./lazy-menu";
import { onPhone, type Page, usePages } from "./pages";
import { useOrganization, useViewer } from "./scope";
import css from "./shell.module.css";

const loadMore = () => import("./more-items");
const MoreItems = lazy(loadMore);

/** The daily pages, then those about the organization that is looked at, then those about the agency. */
export function Navigation() {
  const pages = usePages();
  const { agency } = useViewer();
  const organization = useOrganization();
  const phone = useMedia("(max-width: 759px)");
  const daily = pages.filter((page) => !page.group);
  const about = pages.filter((page) => page.group === "organization");
  const ours = pages.filter((page) => page.group === "agency");

  if (phone) {
    const { bar, more } = onPhone(pages);
    return (
      <nav className={css.nav} aria-label="Main">
        {bar.map((page) => (
          <PageLink key={page.to} page={page} />
        ))}
        {more.length + about.length + ours.length > 0 ? (
          <LazyMenu items={MoreItems} load={loadMore} className={css.link}>
            <DotsIcon />
            <span className={css.label}>More</span>
          </LazyMenu>
        ) : null}
      </nav>
    );
  }
  return (
    <nav className={css.nav} aria-label="Main">
      {daily.map((page) => (
        <PageLink key={page.to} page={page} />
      ))}
      <Group label={organization?.name ?? "Organization"} pages={about} />
      <Group label="Agency" title={agency.name} pages={ours} />
    </nav>
  );
}

function Group(props: { readonly label: string; readonly title?: string; readonly pages: readonly Page[] }) {
  if (props.pages.length === 0) return null;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for forms
    <div className={css.group} role="group" aria-label={props.label}>
      <div className={css.groupLabel} title={props.title ?? props.label} aria-hidden="true">
        {props.label}
      </div>
      {props.pages.map((page) => (
        <PageLink key={page.to} page={page} />
      ))}
    </div>
  );
}

function PageLink({ page }: { readonly page: Page }) {
  return (
    <Link
      to={page.to}
      className={css.link}
      activeProps={{ className: css.current, "aria-current": "page" }}
      activeOptions={{ exact: page.to === "/", includeSearch: false }}
      title={page.label}
    >
      <page.icon />
      <span className={css.label}>{page.label}</span>
      {page.to === "/live-chats" ? <LiveCount /> : null}
      {page.to === "/offline-queries" ? <OpenCount /> : null}
    </Link>
  );
}

function OpenCount() {
  const open = useOpenCount();
  if (open === 0) return null;
  return (
    <span
      className={css.count}
      title={`${open} without an answer`}
      data-testid="open-queries"
      aria-hidden="true"
    >
      {open}
    </span>
  );
}

function LiveCount() {
  const viewer = useViewer();
  const state = useStore(inbox);
  const counts = useMemo(() => viewInbox(state, viewer.user.id), [state, viewer.user.id]);
  const waiting = counts.pending.length;
  const unread = counts.mine.filter((row) => row.unread > 0).length;
  if (waiting + unread === 0) return null;
  return (
    <span
      className={css.count}
      data-waiting={waiting > 0 || undefined}
      title={`${waiting} waiting, ${unread} with unread messages`}
      aria-hidden="true"
    >
      {waiting + unread}
    </span>
  );
}
