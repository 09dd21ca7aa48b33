import "@mantine/spotlight/styles.css";
import { Spotlight, type SpotlightActionGroupData, spotlight } from "@mantine/spotlight";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { SearchIcon } from "../ui/icons";
import { usePages } from "./pages";
import { chooseOrganization, isStaff, useOrganizationSearch, useViewer } from "./scope";

/** Any page and any organization by its name. Loaded when it is asked for the first time. */
export default function SpotlightHost() {
  const navigate = useNavigate();
  const pages = usePages();
  const [search, setSearch] = useState("");
  const organizations = useOrganizationSearch(search).found;
  const staff = isStaff(useViewer());

  useEffect(() => spotlight.open(), []);

  const groups: SpotlightActionGroupData[] = [
    {
      group: "Pages",
      actions: [
        ...pages,
        { to: "/notifications" as const, label: "Notifications" },
        { to: "/account" as const, label: "Account" },
      ].map((page) => ({
        id: page.to,
        label: page.label,
        onClick: () => void navigate({ to: page.to }),
      })),
    },
  ];
  if (organizations.length > 0 && (staff || organizations.length > 1 || search !== "")) {
    groups.push({
      group: "Organizations",
      actions: [
        ...(staff
          ? [{ id: "all", label: "All organizations", onClick: () => chooseOrganization(null) }]
          : []),
        ...organizations.map((organization) => ({
          id: organization.id,
          label: organization.name,
          onClick: () => chooseOrganization(organization.id),
        })),
      ],
    });
  }

  return (
    <Spotlight
      actions={groups}
      query={search}
      onQueryChange={setSearch}
      nothingFound="Nothing with this name"
      shortcut={["mod + K"]}
      highlightQuery
      limit={20}
      scrollable
      maxHeight={420}
      searchProps={{
        leftSection: <SearchIcon />,
        placeholder: "Go to a page or an organization",
        "aria-label": "Go to",
      }}
    />
  );
}
