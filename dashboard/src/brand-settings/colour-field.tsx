import { Button, TextInput } from "@mantine/core";
import { ENOUGH, type Look } from "../brand/look";
import { CheckIcon, WarnIcon } from "../ui/icons";
import css from "./brand.module.css";

/** The one colour of the brand: picked or typed, with how well it reads and what is made of it. */
export function ColourField(props: {
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly look: Look | null;
  readonly contrast: number | null;
  readonly enough: boolean;
  readonly palette: readonly string[];
  readonly proposal: string | null;
  readonly error: string | null;
}) {
  const { value, onChange, look, contrast, enough, proposal } = props;
  return (
    <div>
      <div className={css.colour}>
        <input
          type="color"
          aria-label="Pick the colour"
          value={look?.light.accent ?? "#000000"}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
        <TextInput
          label="Colour"
          description="Buttons, links and the widget. Everything else stays grey."
          spellCheck={false}
          autoComplete="off"
          value={value}
          onChange={(event) => onChange(event.currentTarget.value)}
          error={look ? props.error : "Write it as #rrggbb."}
          flex={1}
        />
      </div>
      <div className={css.figures} role="status" data-testid="contrast" data-enough={enough || undefined}>
        {contrast === null ? null : (
          <span className={css.ratio}>
            {enough ? <CheckIcon size={14} /> : <WarnIcon size={14} />}
            Contrast {contrast.toFixed(1)} : 1{enough ? "" : `, needs ${ENOUGH} : 1`}
          </span>
        )}
      </div>
      <div className={css.palette} aria-hidden="true">
        {props.palette.map((step) => (
          <i key={step} style={{ background: step }} title={step} />
        ))}
      </div>
      {look && !enough ? (
        <div className={css.refused} role="alert">
          <span>
            Text in this colour, or on it, cannot be read by everybody, so it cannot be saved.
            {proposal ? " The nearest that can:" : " Choose a darker one."}
          </span>
          {proposal ? (
            <Button
              variant="default"
              leftSection={<i className={css.dot} style={{ background: proposal }} />}
              onClick={() => onChange(proposal)}
            >
              Use the proposal {proposal}
            </Button>
          ) : null}
        </div>
      ) : null}
    </div>
  );
}
