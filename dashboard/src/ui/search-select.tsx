import "@mantine/core/styles/Popover.css";
import "@mantine/core/styles/Combobox.css";
import { Select, type SelectProps } from "@mantine/core";

/** For lists too long to look through: one types and chooses. By keyboard and with a screen reader as well. */
export function SearchSelect(props: {
  readonly label: string;
  readonly description?: string;
  readonly placeholder?: string;
  readonly value: string | null;
  readonly options: readonly {
    readonly value: string;
    readonly label: string;
    readonly disabled?: boolean;
  }[];
  readonly onChange: (value: string | null) => void;
  /** Asked of the server instead of looked up in the options. */
  readonly onSearch?: (search: string) => void;
  readonly nothing?: string;
  readonly clearable?: boolean;
  readonly disabled?: boolean;
  readonly error?: string | null;
}) {
  const more: Partial<SelectProps> = props.onSearch
    ? { onSearchChange: props.onSearch, filter: ({ options }) => options }
    : {};
  return (
    <Select
      label={props.label}
      description={props.description}
      placeholder={props.placeholder}
      value={props.value}
      data={props.options.map((one) => ({ ...one }))}
      onChange={props.onChange}
      searchable
      clearable={props.clearable ?? false}
      allowDeselect={false}
      disabled={props.disabled}
      error={props.error}
      nothingFoundMessage={props.nothing ?? "Nothing with this name"}
      limit={60}
      maxDropdownHeight={260}
      size="sm"
      comboboxProps={{ withinPortal: true, zIndex: 500 }}
      {...more}
    />
  );
}
