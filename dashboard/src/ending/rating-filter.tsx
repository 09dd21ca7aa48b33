import { Select } from "../ui/select";
import { choices, isStars, type Stars } from "./stars";

export function RatingFilter(props: {
  readonly value: Stars | undefined;
  readonly onChange: (value: Stars | undefined) => void;
}) {
  return (
    <Select
      label="Rating"
      inline
      value={props.value ?? ""}
      options={[{ value: "", label: "Any rating" }, ...choices.map(([value, label]) => ({ value, label }))]}
      onChange={(value) => props.onChange(isStars(value) ? value : undefined)}
    />
  );
}
