import "@mantine/core/styles/Popover.css";
import "@mantine/core/styles/Menu.css";
import { Menu } from "@mantine/core";
import { type KeyboardEvent, type ReactElement, useRef, useState } from "react";
import { OrganizationMark } from "../organizations/mark";
import { CheckIcon } from "../ui/icons";
import css from "./menus.module.css";
import {
  chooseOrganization,
  isStaff,
  useOrganizationId,
  useOrganizationSearch,
  useOrganizations,
  useViewer,
} from "./scope";

const FILTER_FROM = 9;

export default function OrganizationItems({ target }: { readonly target: ReactElement }) {
  const viewer = useViewer();
  const staff = isStaff(viewer);
  const all = useOrganizations();
  const current = useOrganizationId();
  const [search, setSearch] = useState("");
  const { found, more, loading } = useOrganizationSearch(search);
  const list = useRef<HTMLDivElement>(null);
  const searchable = all.length >= FILTER_FROM;

  /** From the field into the list, and Enter takes what is on top. */
  const pressed = (event: KeyboardEvent) => {
    const first = list.current?.querySelector<HTMLElement>("[role=menuitem]");
    if (event.key === "ArrowDown") {
      event.preventDefault();
      event.stopPropagation();
      first?.focus();
    } else if (event.key === "Enter") {
      event.preventDefault();
      first?.click();
    }
  };

  return (
    <Menu position="bottom-start" width={280} defaultOpened onClose={() => setSearch("")}>
      <Menu.Target>{target}</Menu.Target>
      <Menu.Dropdown>
        {searchable ? (
          <input
            className={css.filter}
            placeholder="Find an organization"
            aria-label="Find an organization"
            data-autofocus
            value={search}
            onKeyDown={pressed}
            onChange={(event) => setSearch(event.currentTarget.value)}
          />
        ) : null}
        {staff && search === "" ? (
          <>
            <Menu.Item
              onClick={() => chooseOrganization(null)}
              rightSection={current === null ? <CheckIcon size={14} /> : null}
            >
              All organizations
            </Menu.Item>
            <Menu.Divider />
          </>
        ) : null}
        <div className={css.scroll} ref={list} aria-busy={loading}>
          {found.map((one) => (
            <Menu.Item
              key={one.id}
              onClick={() => chooseOrganization(one.id)}
              leftSection={<OrganizationMark organization={one} small />}
              rightSection={current === one.id ? <CheckIcon size={14} /> : null}
            >
              {one.name}
            </Menu.Item>
          ))}
          {found.length === 0 && !loading ? (
            <p className={css.hint} role="status">
              {search ? "No organization has this in its name" : "There is no organization yet"}
            </p>
          ) : null}
          {more ? <p className={css.hint}>There are more: type a part of the name.</p> : null}
        </div>
      </Menu.Dropdown>
    </Menu>
  );
}
