import "@mantine/core/styles/Popover.css";
import "@mantine/core/styles/Menu.css";
import { Menu } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { onPhone, type Page, usePages } from "./pages";
import { useOrganization } from "./scope";

/** On a phone: the pages for which the bar has no room. */
export default function MoreItems({ target }: { readonly target: ReactElement }) {
  const pages = usePages();
  const organization = useOrganization();
  const about = pages.filter((page) => page.group === "organization");
  const ours = pages.filter((page) => page.group === "agency");
  return (
    <Menu position="top-end" width={240} defaultOpened>
      <Menu.Target>{target}</Menu.Target>
      <Menu.Dropdown>
        {onPhone(pages).more.map(item)}
        {about.length > 0 ? <Menu.Label>{organization?.name ?? "Organization"}</Menu.Label> : null}
        {about.map(item)}
        {ours.length > 0 ? <Menu.Label>Agency</Menu.Label> : null}
        {ours.map(item)}
      </Menu.Dropdown>
    </Menu>
  );
}

function item(page: Page) {
  return (
    <Menu.Item key={page.to} component={Link} to={page.to} leftSection={<page.icon size={16} />}>
      {page.label}
    </Menu.Item>
  );
}
