import { Button } from "@mantine/core";
import { type DragEvent, useId, useRef, useState } from "react";
import { change } from "../api/client";
import { sentence, toApiError } from "../api/errors";
import { ImageIcon } from "../ui/icons";
import rows from "../ui/rows.module.css";
import { toast } from "../ui/toast";
import css from "./brand.module.css";
import { type BrandSettings, type ImageKind, RemoveImageMutation } from "./documents";
import { refusedFile, uploadImage } from "./upload";

interface Slot {
  readonly kind: ImageKind;
  readonly label: string;
  readonly text: string;
  readonly ground: "light" | "dark";
}

const slots: readonly Slot[] = [
  {
    kind: "LOGO",
    label: "Logo on light ground",
    text: "Wide rather than high; with transparent ground.",
    ground: "light",
  },
  {
    kind: "LOGO_DARK",
    label: "Logo on dark ground",
    text: "The same in light colours. Without it the one above is used.",
    ground: "dark",
  },
  {
    kind: "ROUND",
    label: "Round mark",
    text: "For the widget and small places. Cut to a square.",
    ground: "light",
  },
  { kind: "FAVICON", label: "Favicon", text: "The icon of browser tabs and home screens.", ground: "light" },
  {
    kind: "WIDE",
    label: "Wide picture",
    text: "What others show beside a link. Best at 1200 × 630.",
    ground: "light",
  },
  {
    kind: "SIGN_IN",
    label: "Sign-in picture",
    text: "Stands beside the form in the split layout.",
    ground: "light",
  },
];

export function Images(props: { readonly settings: BrandSettings; readonly again: () => void }) {
  return (
    <div className={css.slots}>
      {slots.map((slot) => (
        <ImageField key={slot.kind} slot={slot} {...props} />
      ))}
    </div>
  );
}

function ImageField(props: {
  readonly slot: Slot;
  readonly settings: BrandSettings;
  readonly again: () => void;
}) {
  const { slot, settings, again } = props;
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const [share, setShare] = useState<number | null>(null);
  const [removing, setRemoving] = useState(false);
  const [over, setOver] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const image = settings.images.find((one) => one.kind === slot.kind);

  const take = async (file: File | undefined) => {
    if (!file || share !== null) return;
    const refused = refusedFile(file);
    setProblem(refused);
    if (refused) return;
    setShare(0);
    try {
      await uploadImage(slot.kind, file, setShare);
      toast(`${slot.label}: saved`);
      again();
    } catch (thrown) {
      setProblem(sentence(toApiError(thrown)));
    } finally {
      setShare(null);
      if (input.current) input.current.value = "";
    }
  };

  const remove = async (path: string) => {
    setRemoving(true);
    setProblem(null);
    try {
      // Kept for the way back: once it is removed the server need not have it any more.
      const kept = await fetch(path).then(
        (answer) => (answer.ok ? answer.blob() : null),
        () => null,
      );
      await change(RemoveImageMutation, { kind: slot.kind });
      const back = kept ? new File([kept], slot.kind, { type: kept.type }) : null;
      toast(`${slot.label}: removed`, {
        action: back ? { label: "Undo", run: () => void take(back) } : undefined,
      });
    } catch (thrown) {
      setProblem(sentence(toApiError(thrown)));
    } finally {
      setRemoving(false);
    }
  };

  const dropped = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    void take(event.dataTransfer.files[0]);
  };

  return (
    <div className={css.slot} data-testid="brand-image" data-kind={slot.kind}>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: a place to drop files on; the button beside does the same by keyboard */}
      <div
        className={css.drop}
        data-over={over || undefined}
        data-scheme={slot.ground}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={dropped}
      >
        {image ? (
          <img src={image.path} alt="" width={image.width} height={image.height} />
        ) : (
          <span className={css.dropHint}>
            <ImageIcon size={20} />
            Drop a file here
          </span>
        )}
        {share !== null ? (
          <progress className={css.progress} value={share} max={1} aria-label={`Uploading: ${slot.label}`} />
        ) : null}
      </div>
      <div className={css.slotText}>
        <label htmlFor={id} className={css.slotName}>
          {slot.label}
        </label>
        <p className={rows.dim}>{slot.text}</p>
        <input
          ref={input}
          id={id}
          type="file"
          accept="image/png,image/jpeg,image/webp,image/gif,image/svg+xml"
          className="hidden-text"
          tabIndex={-1}
          onChange={(event) => void take(event.currentTarget.files?.[0])}
        />
        <div className={rows.actions}>
          <Button
            variant="default"
            loading={share !== null}
            onClick={() => input.current?.click()}
            aria-label={`${image ? "Replace" : "Choose"}: ${slot.label}`}
          >
            {image ? "Replace" : "Choose a file"}
          </Button>
          {image ? (
            <Button
              variant="subtle"
              color="gray"
              loading={removing}
              onClick={() => void remove(image.path)}
              aria-label={`Remove: ${slot.label}`}
            >
              Remove
            </Button>
          ) : null}
        </div>
        {problem ? (
          <p className={css.problem} role="alert">
            {problem}
          </p>
        ) : null}
      </div>
    </div>
  );
}
