import { lazy } from "react";
import { OrganizationMark } from "../organizations/mark";
import { BuildingIcon, ChevronIcon } from "../ui/icons";
import { LazyMenu } from "./lazy-menu";
import css from "./menus.module.css";
import { isStaff, useOrganization, useOrganizationId, useOrganizations, useViewer } from "./scope";

const load = () => import("./organization-items");
const Items = lazy(load);

/** Only for people who have a choice. */
export function OrganizationSwitcher() {
  const staff = isStaff(useViewer());
  const organizations = useOrganizations();
  const id = useOrganizationId();
  const current = useOrganization();
  if (!staff && organizations.length < 2) return null;
  const name = current?.name ?? (id === null ? "All organizations" : "Organization");
  return (
    <LazyMenu items={Items} load={load} className={css.switcher} title={name}>
      {current ? <OrganizationMark organization={current} small /> : <BuildingIcon size={16} />}
      <span className="hidden-text">Organization: </span>
      <span className={css.label}>{name}</span>
      <span className={css.chevron}>
        <ChevronIcon size={14} />
      </span>
    </LazyMenu>
  );
}
