import { Avatar } from "../ui/avatar";
import { lazyMenu } from "./lazy-menu";
import css from "./menus.module.css";
import { useViewer } from "./scope";

const LazyMenu = lazyMenu(() => import("./user-menu-items"));

export function UserMenu() {
  const { user } = useViewer();
  return (
    <LazyMenu className={css.user}>
      <span className="hidden-text">User menu: </span>
      <Avatar name={user.name} small />
      <span className={css.label}>{user.name}</span>
    </LazyMenu>
  );
}
