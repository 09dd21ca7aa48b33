import "@mantine/core/styles/Popover.css";
import "@mantine/core/styles/Menu.css";
import { ActionIcon, Menu } from "@mantine/core";
import { Avatar } from "../ui/avatar";
import { DotsIcon } from "../ui/icons";
import { Ago } from "../ui/time";
import type { Member } from "./documents";
import type { Asked } from "./member-dialogs";
import css from "./team.module.css";
import { limitWords } from "./words";

/** What the viewer may do with people here. For showing and hiding; the server asks again. */
export interface Rights {
  readonly setRoles: boolean;
  readonly remove: boolean;
  readonly limitOrganizations: boolean;
  readonly resetFactor: boolean;
  readonly viewAs: boolean;
}

export function MemberRow(props: {
  readonly member: Member;
  readonly rights: Rights;
  readonly onAsk: (asked: Asked) => void;
}) {
  const { member, rights, onAsk } = props;
  const limits = limitWords(member);
  const say = (what: Asked["what"]) => () => onAsk({ what, member });
  const staff = member.organization === null;
  const items = [
    rights.setRoles ? (
      <Menu.Item key="role" onClick={say("role")} disabled={member.isLastOwner}>
        Change role…
      </Menu.Item>
    ) : null,
    rights.setRoles && !staff ? (
      <Menu.Item key="agents" onClick={say("agents")}>
        Limit to AI agents…
      </Menu.Item>
    ) : null,
    rights.limitOrganizations && staff ? (
      <Menu.Item key="organizations" onClick={say("organizations")}>
        Limit to organizations…
      </Menu.Item>
    ) : null,
    rights.viewAs && !member.suspended && !member.isViewer ? (
      <Menu.Item key="view" onClick={say("viewAs")}>
        View as {member.user.name}…
      </Menu.Item>
    ) : null,
    rights.resetFactor && member.hasSecondFactor && !member.isViewer ? (
      <Menu.Item key="factor" onClick={say("resetFactor")}>
        Reset second factor…
      </Menu.Item>
    ) : null,
    rights.remove && !member.isViewer ? (
      <Menu.Item
        key="suspend"
        onClick={say(member.suspended ? "resume" : "suspend")}
        disabled={member.isLastOwner}
      >
        {member.suspended ? "Resume" : "Suspend…"}
      </Menu.Item>
    ) : null,
    rights.remove || member.isViewer ? (
      <Menu.Item
        key="remove"
        onClick={say(member.isViewer ? "leave" : "remove")}
        disabled={member.isLastOwner}
      >
        {member.isViewer ? "Leave…" : "Remove…"}
      </Menu.Item>
    ) : null,
  ].filter((item) => item !== null);

  return (
    <li
      className={css.row}
      data-row={member.id}
      data-testid="member-row"
      data-suspended={member.suspended || undefined}
    >
      <Avatar name={member.user.name} />
      <div className={css.who}>
        <div className={css.name}>
          {member.user.name}
          {member.isViewer ? <span className={css.badge}>You</span> : null}
          {member.suspended ? <span className={css.badge}>Suspended</span> : null}
          {member.mustChangePassword ? (
            <span
              className={css.badge}
              title="Their password was made for them; they choose their own at first sign-in"
            >
              First sign-in to come
            </span>
          ) : null}
        </div>
        <div className={css.dim}>{member.email}</div>
      </div>
      <div className={css.role} data-testid="member-role">
        <div>
          {member.role.name}
          {member.isLastOwner ? (
            <span className={css.badge} title="The last owner stays. Make another person owner first.">
              Last owner
            </span>
          ) : null}
        </div>
        {limits ? <div className={css.dim}>{limits}</div> : null}
      </div>
      <div className={css.seen}>
        {member.lastSeenAt ? (
          <>
            <span className="hidden-text">Last seen </span>
            <Ago at={member.lastSeenAt} />
          </>
        ) : (
          "Not seen yet"
        )}
        <div>{member.hasSecondFactor ? "Second factor" : "Password only"}</div>
      </div>
      {items.length > 0 ? (
        <Menu position="bottom-end" width={230}>
          <Menu.Target>
            <ActionIcon aria-label={`More for ${member.user.name}`}>
              <DotsIcon />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            {member.isLastOwner ? (
              <Menu.Label>The last owner stays. Make another owner first.</Menu.Label>
            ) : null}
            {items}
          </Menu.Dropdown>
        </Menu>
      ) : (
        <span className={css.noMenu} />
      )}
    </li>
  );
}
