import { TextInput } from "@mantine/core";
import { useState } from "react";
import { useAsk } from "../api/use-ask";
import { useOrganizationSearch } from "../shell/scope";
import { SearchIcon } from "../ui/icons";
import { RowSkeletons } from "../ui/states";
import { AgentChoicesQuery } from "./documents";
import css from "./team.module.css";

interface Choice {
  readonly id: string;
  readonly name: string;
}

interface Chosen {
  readonly chosen: readonly Choice[];
  readonly busy?: ReadonlySet<string>;
  readonly onToggle: (choice: Choice, on: boolean) => void;
}

export function ChooseAgents(props: Chosen & { readonly organizationId: string }) {
  const { data } = useAsk(AgentChoicesQuery, { organizationId: props.organizationId });
  const [search, setSearch] = useState("");
  if (!data) return <RowSkeletons count={2} />;
  const all = data.aiAgents.nodes;
  const shown = all.filter((one) => one.name.toLowerCase().includes(search.trim().toLowerCase()));
  return (
    <Checks
      {...props}
      label="AI agents"
      shown={shown}
      search={all.length > 8 ? { value: search, set: setSearch, label: "Find an AI agent" } : null}
      nothing={search ? "No AI agent has this in its name." : "This organization has no AI agent yet."}
    />
  );
}

export function ChooseOrganizations(props: Chosen) {
  const [search, setSearch] = useState("");
  const { found, more, loading } = useOrganizationSearch(search);
  if (loading && found.length === 0) return <RowSkeletons count={2} />;
  return (
    <Checks
      {...props}
      label="Organizations"
      shown={found}
      search={
        found.length > 8 || search !== ""
          ? { value: search, set: setSearch, label: "Find an organization" }
          : null
      }
      nothing={search ? "No organization has this in its name." : "There is no organization yet."}
      more={more}
    />
  );
}

function Checks(
  props: Chosen & {
    readonly label: string;
    readonly shown: readonly Choice[];
    readonly search: {
      readonly value: string;
      readonly set: (value: string) => void;
      readonly label: string;
    } | null;
    readonly nothing: string;
    readonly more?: boolean;
  },
) {
  const on = new Set(props.chosen.map((one) => one.id));
  // What is chosen stays in sight, also when the search looks for something else; what is shown keeps its place.
  const shown = new Set(props.shown.map((one) => one.id));
  const rows = [...props.chosen.filter((one) => !shown.has(one.id)), ...props.shown];
  // What was just clicked shows at once what it will be.
  const checked = (id: string) => on.has(id) !== (props.busy?.has(id) ?? false);
  return (
    <fieldset className={css.choices}>
      <legend className="hidden-text">{props.label}</legend>
      {props.search ? (
        <TextInput
          size="xs"
          placeholder={props.search.label}
          aria-label={props.search.label}
          leftSection={<SearchIcon size={14} />}
          value={props.search.value}
          onChange={(event) => props.search?.set(event.currentTarget.value)}
        />
      ) : null}
      <div className={css.checks}>
        {rows.map((one) => (
          <label key={one.id} className={css.check}>
            <input
              type="checkbox"
              checked={checked(one.id)}
              aria-busy={props.busy?.has(one.id) ?? false}
              onChange={(event) => {
                if (!props.busy?.has(one.id)) props.onToggle(one, event.currentTarget.checked);
              }}
            />
            <span>{one.name}</span>
          </label>
        ))}
        {props.shown.length === 0 ? <p className={css.dim}>{props.nothing}</p> : null}
        {props.more ? <p className={css.dim}>There are more: type a part of the name.</p> : null}
      </div>
    </fieldset>
  );
}
