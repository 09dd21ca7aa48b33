import { Button } from "@mantine/core";
import { brand } from "../brand/brand";
import { CopyIcon } from "../ui/icons";
import { toast } from "../ui/toast";
import css from "./account.module.css";

function download(name: string, text: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1_000);
}

/** They are shown this once: the server keeps only what it needs to recognise them. */
export function RecoveryCodes(props: { readonly codes: readonly string[]; readonly onDone: () => void }) {
  const text = props.codes.join("\n");
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      toast("The recovery codes are copied");
    } catch {
      toast("The browser did not allow copying", { detail: "Select the codes, or download them." });
    }
  };
  return (
    <div className={css.recovery} data-testid="recovery-codes">
      <h3 className={css.small}>Keep these recovery codes</h3>
      <p className={css.dim}>
        Each lets you in once when your phone is not at hand. They are shown only now; put them where you keep
        passwords.
      </p>
      <ul className={css.codes} aria-label="Recovery codes">
        {props.codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ul>
      <div className={css.bar}>
        <Button variant="default" leftSection={<CopyIcon size={14} />} onClick={() => void copy()}>
          Copy
        </Button>
        <Button
          variant="default"
          onClick={() => download("recovery-codes.txt", `${brand.name}\n\n${text}\n`)}
        >
          Download
        </Button>
        <Button onClick={props.onDone}>I have kept them</Button>
      </div>
    </div>
  );
}
