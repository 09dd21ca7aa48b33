import { Button } from "@mantine/core";
import { openPublicPage } from "./public-page";
import css from "./signed-out.module.css";

/** Out of a page that a mail opened: to the sign-in, or into the dashboard for whoever is signed in. */
export function ToSignIn({ label = "Go to sign in" }: { readonly label?: string }) {
  return (
    <Button size="md" fullWidth onClick={() => openPublicPage(null)}>
      {label}
    </Button>
  );
}

export function BackToSignIn() {
  return (
    <div className={css.links}>
      <button type="button" className={css.link} onClick={() => openPublicPage(null)}>
        Back to sign in
      </button>
    </div>
  );
}
