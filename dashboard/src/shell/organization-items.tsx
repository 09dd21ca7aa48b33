import "@mantine/core/styles/Popover.css";
import "@mantine/core/styles/Menu.css";
import { Menu } from "@mantine/core";
import { type ReactElement, useState } from "react";
import { CheckIcon } from "../ui/icons";
import css from "./menus.module.css";
import { chooseOrganization, isStaff, useOrganizationId, useOrganizations, useViewer } from "./scope";

const FILTER_FROM = 9;

export default function OrganizationItems({ target }: { readonly target: ReactElement }) {
  const viewer = useViewer();
  const staff = isStaff(viewer);
  const organizations = useOrganizations();
  const current = useOrganizationId();
  const [search, setSearch] = useState("");
  const matching = organizations.filter((one) => one.name.toLowerCase().includes(search.toLowerCase()));

  return (
    <Menu position="bottom-start" width={240} defaultOpened onClose={() => setSearch("")}>
      <Menu.Target>{target}</Menu.Target>
      <Menu.Dropdown>
        {organizations.length >= FILTER_FROM ? (
          <input
            className={css.filter}
            placeholder="Find an organization"
            aria-label="Find an organization"
            value={search}
            onChange={(event) => setSearch(event.currentTarget.value)}
          />
        ) : null}
        {staff && search === "" ? (
          <Menu.Item
            onClick={() => chooseOrganization(null)}
            rightSection={current === null ? <CheckIcon size={14} /> : null}
          >
            All organizations
          </Menu.Item>
        ) : null}
        {staff && search === "" ? <Menu.Divider /> : null}
        <div className={css.scroll}>
          {matching.map((one) => (
            <Menu.Item
              key={one.id}
              onClick={() => chooseOrganization(one.id)}
              rightSection={current === one.id ? <CheckIcon size={14} /> : null}
            >
              {one.name}
            </Menu.Item>
          ))}
        </div>
      </Menu.Dropdown>
    </Menu>
  );
}
