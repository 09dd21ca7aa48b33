import { useState } from "react";
import { useOrganization, useOrganizationSearch, useOrganizations } from "../shell/scope";
import { SearchSelect } from "../ui/search-select";
import { Select } from "../ui/select";

/** As many as the browser's own list is shown for; beyond, one searches. */
const SHORT = 100;

/** One organization, or none. */
export function OrganizationSelect(props: {
  readonly label: string;
  readonly none: string;
  readonly value: string;
  /** The one that is chosen already, which may not be among the first. */
  readonly current?: { readonly id: string; readonly name: string } | null;
  readonly onChange: (id: string, name: string | null) => void;
}) {
  const all = useOrganizations();
  const looking = useOrganization();
  const [search, setSearch] = useState("");
  // Stays among the options when the search that found it is over.
  const [picked, pick] = useState<{ readonly id: string; readonly name: string } | null>(null);
  const long = all.length >= SHORT;
  const { found } = useOrganizationSearch(long ? search : "");
  const known = new Map<string, string>();
  for (const one of [...(long ? found : all), looking, props.current, picked])
    if (one) known.set(one.id, one.name);
  const options = [
    { value: "", label: props.none },
    ...[...known].map(([value, label]) => ({ value, label })),
  ];
  const choose = (id: string | null) => {
    const name = known.get(id ?? "") ?? null;
    if (id && name !== null) pick({ id, name });
    props.onChange(id ?? "", name);
  };
  if (!long) return <Select label={props.label} value={props.value} options={options} onChange={choose} />;
  return (
    <SearchSelect
      label={props.label}
      value={props.value}
      options={options}
      // While one types the field holds what was typed; once chosen it holds a name, which is no search.
      onSearch={(typed) => setSearch(options.some((one) => one.label === typed) ? "" : typed)}
      onChange={choose}
      nothing="No organization has this in its name"
    />
  );
}
