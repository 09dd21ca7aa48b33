import "@mantine/core/styles/Popover.css";
import "@mantine/core/styles/Menu.css";
import { Menu, useMantineColorScheme } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { signOut } from "../api/auth";
import { choices, choosePresence, useOwnPresence } from "../routing/presence";
import { PresenceDot } from "../routing/presence-dot";
import { CheckIcon } from "../ui/icons";
import css from "./menus.module.css";
import { useViewer } from "./scope";

const schemes = [
  ["light", "Light"],
  ["dark", "Dark"],
  ["auto", "System"],
] as const;

interface Props {
  /** The button that was pressed: it becomes the target of the menu. */
  readonly target: ReactElement;
}

export default function UserMenuItems({ target }: Props) {
  const viewer = useViewer();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const own = useOwnPresence();
  const check = <CheckIcon size={14} />;
  return (
    <Menu position="top-start" width={216} defaultOpened>
      <Menu.Target>{target}</Menu.Target>
      <Menu.Dropdown>
        <div className={css.who}>
          <div className={css.whoName}>{viewer.user.name}</div>
          <div className={css.whoMail}>{viewer.user.email}</div>
        </div>
        {own ? (
          <>
            <Menu.Divider />
            <Menu.Label>You are</Menu.Label>
            {choices.map((choice) => (
              <Menu.Item
                key={choice.value}
                leftSection={<PresenceDot presence={choice.value} bare />}
                rightSection={own.choice === choice.value ? check : null}
                onClick={() => void choosePresence(choice.value)}
                aria-current={own.choice === choice.value}
                closeMenuOnClick={false}
              >
                {choice.label}
              </Menu.Item>
            ))}
          </>
        ) : null}
        <Menu.Divider />
        <Menu.Item component={Link} to="/account">
          Account
        </Menu.Item>
        <Menu.Item component={Link} to="/notifications">
          Notifications and sounds
        </Menu.Item>
        <Menu.Divider />
        <Menu.Label>Appearance</Menu.Label>
        {schemes.map(([scheme, label]) => (
          <Menu.Item
            key={scheme}
            onClick={() => setColorScheme(scheme)}
            rightSection={colorScheme === scheme ? check : null}
            closeMenuOnClick={false}
          >
            {label}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item onClick={() => void signOut()}>Sign out</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
