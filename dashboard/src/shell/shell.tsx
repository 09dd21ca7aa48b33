import { Link, Outlet } from "@tanstack/react-router";
import { lazy, Suspense, useEffect, useMemo, useState } from "react";
import { useStore } from "../api/store";
import { viewInbox } from "../live/inbox";
import { inbox } from "../live-chats/inbox-store";
import { useInboxStream } from "../live-chats/use-inbox";
import { SearchIcon } from "../ui/icons";
import { BrandMark } from "./brand-mark";
import { ConnectionState } from "./connection-state";
import { OrganizationSwitcher } from "./organization-switcher";
import { usePages } from "./pages";
import { useViewer } from "./scope";
import css from "./shell.module.css";
import { UserMenu } from "./user-menu";

const SpotlightHost = lazy(() => import("./spotlight"));

export function Shell() {
  const [spotlightWanted, wantSpotlight] = useState(false);
  useInboxStream();

  useEffect(() => {
    if (spotlightWanted) return;
    const pressed = (event: KeyboardEvent) => {
      if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "k") return;
      event.preventDefault();
      wantSpotlight(true);
    };
    window.addEventListener("keydown", pressed);
    return () => window.removeEventListener("keydown", pressed);
  }, [spotlightWanted]);

  const openSpotlight = () => {
    if (!spotlightWanted) wantSpotlight(true);
    else void import("@mantine/spotlight").then(({ spotlight }) => spotlight.open());
  };

  return (
    <div className={css.shell}>
      <a className={css.skip} href="#content">
        Skip to content
      </a>
      <aside className={css.side}>
        <div className={css.top}>
          <Link to="/" className={css.home}>
            <span className={css.wide}>
              <BrandMark />
            </span>
            <span className={css.narrow}>
              <BrandMark compact />
            </span>
          </Link>
        </div>
        <OrganizationSwitcher />
        <button type="button" className={css.find} onClick={openSpotlight}>
          <SearchIcon size={16} />
          <span className={css.label}>Go to…</span>
          <span className={css.kbd} aria-hidden="true">
            Ctrl K
          </span>
        </button>
        <Navigation />
        <div className={css.bottom}>
          <ConnectionState />
          <UserMenu />
        </div>
      </aside>
      <main className={css.content} id="content">
        <Outlet />
      </main>
      {spotlightWanted ? (
        <Suspense fallback={null}>
          <SpotlightHost />
        </Suspense>
      ) : null}
    </div>
  );
}

function Navigation() {
  const pages = usePages();
  const viewer = useViewer();
  const state = useStore(inbox);
  const counts = useMemo(() => viewInbox(state, viewer.user.id), [state, viewer.user.id]);
  const waiting = counts.pending.length;
  const unread = counts.mine.filter((row) => row.unread > 0).length;

  return (
    <nav className={css.nav} aria-label="Main">
      {pages.map((page) => (
        <Link
          key={page.to}
          to={page.to}
          className={css.link}
          activeProps={{ className: css.current, "aria-current": "page" }}
          activeOptions={{ exact: page.to === "/" }}
          title={page.label}
        >
          <page.icon />
          <span className={css.label}>{page.label}</span>
          {page.to === "/live-chats" && waiting + unread > 0 ? (
            <span
              className={css.count}
              data-waiting={waiting > 0 || undefined}
              title={`${waiting} waiting, ${unread} with unread messages`}
              aria-hidden="true"
            >
              {waiting + unread}
            </span>
          ) : null}
        </Link>
      ))}
    </nav>
  );
}
