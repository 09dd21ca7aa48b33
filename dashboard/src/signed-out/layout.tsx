import { type ReactNode, useState } from "react";
import { brand } from "../brand/brand";
import { BrandMark } from "../shell/brand-mark";
import css from "./signed-out.module.css";

/** What everybody sees before they are signed in: the brand, one card, and where to turn to. */
export function SignedOutLayout({
  title,
  children,
}: {
  readonly title: string;
  readonly children: ReactNode;
}) {
  const [missing, miss] = useState(false);
  const split = brand.signInLayout === "SPLIT";
  return (
    <div className={css.page} data-layout={split ? "split" : "centered"}>
      {split ? (
        <div className={css.picture} aria-hidden="true">
          {brand.signInImage && !missing ? (
            <img src={brand.signInImage} alt="" onError={() => miss(true)} />
          ) : null}
        </div>
      ) : null}
      <main className={css.main}>
        <div className={css.card}>
          <div className={css.brand}>
            <BrandMark large />
          </div>
          <h1 className={css.title}>{title}</h1>
          {children}
        </div>
        <Footer />
      </main>
    </div>
  );
}

function Footer() {
  const { supportEmail, termsUrl, privacyUrl, poweredByText, poweredByUrl } = brand;
  if (!supportEmail && !termsUrl && !privacyUrl && !poweredByText) return null;
  return (
    <footer className={css.footer}>
      {supportEmail ? <a href={`mailto:${supportEmail}`}>Help: {supportEmail}</a> : null}
      {termsUrl ? <a href={termsUrl}>Terms</a> : null}
      {privacyUrl ? <a href={privacyUrl}>Privacy</a> : null}
      {poweredByText ? (
        <span className={css.powered}>
          {poweredByUrl ? (
            <a href={poweredByUrl} rel="noopener">
              {poweredByText}
            </a>
          ) : (
            poweredByText
          )}
        </span>
      ) : null}
    </footer>
  );
}

/** A sentence above the form; a refusal is read out at once. */
export function Notice({ alert, children }: { readonly alert?: boolean; readonly children: ReactNode }) {
  return (
    <p className={css.notice} role={alert ? "alert" : "status"}>
      {children}
    </p>
  );
}
