import { lazy } from "react";
import { useOwnPresence } from "../routing/presence";
import { PresenceDot } from "../routing/presence-dot";
import { Avatar } from "../ui/avatar";
import { LazyMenu } from "./lazy-menu";
import css from "./menus.module.css";
import { useViewer } from "./scope";

const load = () => import("./user-menu-items");
const Items = lazy(load);

export function UserMenu() {
  const { user } = useViewer();
  const own = useOwnPresence();
  return (
    <LazyMenu items={Items} load={load} className={css.user}>
      <span className="hidden-text">User menu: </span>
      <Avatar name={user.name} small />
      <span className={css.label}>{user.name}</span>
      {own ? <PresenceDot presence={own.presence} /> : null}
    </LazyMenu>
  );
}
