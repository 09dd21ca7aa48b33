import { TextInput } from "@mantine/core";
import { type CSSProperties, useId, useRef } from "react";
import { change } from "../api/client";
import { useAsk } from "../api/use-ask";
import { type Look, lookOf } from "../brand/look";
import { choiceLabel } from "../settings/values";
import { SaveBar, useDraft } from "../ui/form";
import { useDebounced } from "../ui/hooks";
import rows from "../ui/rows.module.css";
import { Select } from "../ui/select";
import { toast } from "../ui/toast";
import css from "./brand.module.css";
import { ColourField } from "./colour-field";
import { type BrandSettings, CheckColourQuery, UpdateBrandMutation } from "./documents";
import { BrandPreview } from "./preview";

const texts = ["name", "supportEmail", "termsUrl", "privacyUrl", "poweredByText", "poweredByUrl"] as const;
const fields = [...texts, "accent", "radius", "font", "language"] as const;

const fontNames: Readonly<Record<string, string>> = {
  system: "The system's own",
  humanist: "Humanist",
  serif: "Serif",
};

export function BrandForm(props: { readonly settings: BrandSettings; readonly again: () => void }) {
  const { settings } = props;
  const radiusId = useId();
  const saved = {
    version: settings.version,
    name: settings.name,
    accent: settings.accent,
    radius: settings.radius,
    font: settings.font,
    supportEmail: settings.supportEmail ?? "",
    termsUrl: settings.termsUrl ?? "",
    privacyUrl: settings.privacyUrl ?? "",
    language: settings.language,
    signInLayout: settings.signInLayout,
    poweredBy: settings.poweredBy,
    poweredByText: settings.poweredByText ?? "",
    poweredByUrl: settings.poweredByUrl ?? "",
  };
  const draft = useDraft(saved, async (value) => {
    await change(UpdateBrandMutation, value);
    toast("The new looks appear on each page as it is loaded", {
      action: { label: "Reload this one", run: () => window.location.reload() },
    });
  });
  const { value } = draft;

  // Drawn at once from what is computed here; the server's own figures follow when one stops typing.
  const settled = useDebounced(value.accent, 200);
  const own = lookOf(value.accent);
  const colour = lookOf(settled)?.light.accent;
  const asked = useAsk(CheckColourQuery, { colour: colour ?? "" }, { pause: colour === undefined });
  const told = asked.data?.checkColour;
  const check = told && own && told.colour.toLowerCase() === own.light.accent ? told : null;
  const look = lookOf(value.accent, check?.dark);
  const lastLook = useRef<Look | null>(lookOf(settings.accent));
  if (look) lastLook.current = look;
  const enough = check?.enough ?? look?.enough ?? false;

  const families = settings.fonts.find((one) => one.id === value.font)?.families ?? "inherit";
  const meanwhile = draft.error?.reason === "CHANGED_MEANWHILE";
  const text = (name: (typeof texts)[number]) => ({
    value: value[name],
    onChange: (event: { currentTarget: { value: string } }) =>
      draft.set({ [name]: event.currentTarget.value }),
    error: draft.fieldError(name),
  });

  return (
    <div className={css.split}>
      <form onSubmit={draft.submit}>
        <fieldset className={css.group}>
          <legend className={css.groupName}>Looks</legend>
          <TextInput
            label="Name"
            description="Stands on every page, mail and widget."
            required
            withAsterisk={false}
            {...text("name")}
          />
          <ColourField
            value={value.accent}
            onChange={(accent) => draft.set({ accent })}
            look={look}
            contrast={check?.contrast ?? look?.contrast ?? null}
            enough={enough}
            palette={check?.palette ?? lastLook.current?.palette ?? []}
            proposal={check?.proposal ?? null}
            error={draft.fieldError("accent")}
          />
          <div>
            <Select
              label="Font"
              description="From what each device has: nothing is loaded from elsewhere."
              value={value.font}
              onChange={(font) => draft.set({ font })}
              options={settings.fonts.map((one) => ({ value: one.id, label: fontNames[one.id] ?? one.id }))}
            />
            <p className={css.sample} style={{ fontFamily: families }}>
              Good to see you again, {value.name || "everybody"}.
            </p>
          </div>
          <div>
            <label className={css.rangeLabel} htmlFor={radiusId}>
              Corners
            </label>
            <div className={css.range}>
              <input
                id={radiusId}
                type="range"
                min={0}
                max={16}
                value={value.radius}
                aria-valuetext={`${value.radius} pixels`}
                onChange={(event) => draft.set({ radius: Number(event.currentTarget.value) })}
              />
              <output htmlFor={radiusId}>{value.radius} px</output>
            </div>
          </div>
        </fieldset>
        <fieldset className={css.group}>
          <legend className={css.groupName}>Sign-in page</legend>
          <div className={css.layouts} style={{ "--drawn": look?.light.accent } as CSSProperties}>
            {(["CENTERED", "SPLIT"] as const).map((layout) => (
              <label key={layout} className={css.layout}>
                <i className={css.drawing} data-split={layout === "SPLIT" || undefined} aria-hidden="true">
                  <i />
                </i>
                <span>
                  <input
                    type="radio"
                    name="layout"
                    checked={value.signInLayout === layout}
                    onChange={() => draft.set({ signInLayout: layout })}
                  />
                  {layout === "SPLIT" ? "Beside a picture" : "In the middle"}
                </span>
              </label>
            ))}
          </div>
          {value.signInLayout === "SPLIT" && !settings.images.some((one) => one.kind === "SIGN_IN") ? (
            <p className={rows.dim}>
              There is no picture yet, so your colour stands there. Choose one below.
            </p>
          ) : null}
          <Select
            label="Language"
            description="For whoever has chosen none."
            value={value.language}
            onChange={(language) => draft.set({ language })}
            options={settings.languages.map((one) => ({ value: one, label: choiceLabel("language", one) }))}
          />
        </fieldset>
        <fieldset className={css.group}>
          <legend className={css.groupName}>Links</legend>
          <TextInput
            label="Help address"
            type="email"
            placeholder="help@example.com"
            {...text("supportEmail")}
          />
          <TextInput label="Terms" placeholder="https://" spellCheck={false} {...text("termsUrl")} />
          <TextInput label="Privacy" placeholder="https://" spellCheck={false} {...text("privacyUrl")} />
        </fieldset>
        <fieldset className={css.group}>
          <legend className={css.groupName}>“Powered by”</legend>
          <label className={css.radio}>
            <input
              type="radio"
              name="powered"
              checked={value.poweredBy === "HIDDEN"}
              onChange={() => draft.set({ poweredBy: "HIDDEN" })}
            />
            Say nothing
          </label>
          <label className={css.radio}>
            <input
              type="radio"
              name="powered"
              checked={value.poweredBy === "CUSTOM"}
              onChange={() => draft.set({ poweredBy: "CUSTOM" })}
            />
            Say this, in the widget and on the sign-in page
          </label>
          {value.poweredBy === "CUSTOM" ? (
            <>
              <TextInput label="Text" placeholder={`Made by ${value.name}`} {...text("poweredByText")} />
              <TextInput
                label="Leads to"
                placeholder="https://"
                spellCheck={false}
                {...text("poweredByUrl")}
              />
            </>
          ) : null}
        </fieldset>
        <div className={css.save}>
          {meanwhile ? (
            <p className={rows.note} role="alert">
              Somebody changed the brand meanwhile, so yours was not saved.{" "}
              <button
                type="button"
                className={rows.linkButton}
                onClick={() => {
                  draft.reset();
                  props.again();
                }}
              >
                Drop my changes and show theirs
              </button>
            </p>
          ) : null}
          <SaveBar draft={meanwhile ? { ...draft, error: null } : draft} fields={fields} disabled={!enough} />
        </div>
      </form>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard */}
      <div className={css.side} tabIndex={0}>
        {lastLook.current ? (
          <BrandPreview
            looks={{
              name: value.name,
              look: look ?? lastLook.current,
              radius: value.radius,
              families,
              signInLayout: value.signInLayout,
              poweredBy: value.poweredBy === "CUSTOM" ? value.poweredByText : null,
              supportEmail: value.supportEmail,
              termsUrl: value.termsUrl,
              privacyUrl: value.privacyUrl,
              images: settings.images,
            }}
          />
        ) : null}
      </div>
    </div>
  );
}
