import { Select } from "./select";

/** Shows only what is in one state, or all of it. */
export function StateFilter<State extends string>(props: {
  readonly states: readonly State[];
  readonly label: (state: State) => string;
  readonly value: State | "";
  readonly onChange: (state: State | "") => void;
}) {
  return (
    <Select
      label="Show"
      value={props.value}
      onChange={(value) => props.onChange(props.states.find((one) => one === value) ?? "")}
      options={[
        { value: "", label: "All" },
        ...props.states.map((one) => ({ value: one, label: props.label(one) })),
      ]}
    />
  );
}
