import { Link, Outlet } from "@tanstack/react-router";
import { lazy, Suspense, useEffect, useState } from "react";
import { useInboxStream } from "../live-chats/use-inbox";
import { Bell } from "../notifications/bell";
import { useTabSign } from "../notifications/use-tab-sign";
import { usePush } from "../push/use-push";
import { usePresenceStream } from "../routing/presence";
import { SearchIcon } from "../ui/icons";
import { BrandMark } from "./brand-mark";
import { lackingHere } from "./browser";
import { BrowserNotice } from "./browser-notice";
import { ConnectionState } from "./connection-state";
import { Navigation } from "./navigation";
import { OrganizationSwitcher } from "./organization-switcher";
import { useViewer } from "./scope";
import css from "./shell.module.css";
import { UserMenu } from "./user-menu";
import { ViewingBanner } from "./viewing-banner";

const SpotlightHost = lazy(() => import("./spotlight"));

export function Shell() {
  const [spotlightWanted, wantSpotlight] = useState(false);
  const viewer = useViewer();
  const unfit = lackingHere().length > 0;
  useInboxStream();
  usePresenceStream();
  usePush();
  useTabSign();

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
    <div className={css.shell} data-banner={viewer.viewingAs || unfit ? true : undefined}>
      <a className={css.skip} href="#content">
        Skip to content
      </a>
      {viewer.viewingAs || unfit ? (
        <div className={css.banner}>
          {unfit ? <BrowserNotice /> : null}
          {viewer.viewingAs ? <ViewingBanner viewer={viewer} viewing={viewer.viewingAs} /> : null}
        </div>
      ) : null}
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
      <Bell />
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
