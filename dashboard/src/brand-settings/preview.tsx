import type { CSSProperties } from "react";
import type { Look, Scheme } from "../brand/look";
import { AgentIcon, ConversationsIcon, HomeIcon, LiveIcon } from "../ui/icons";
import type { BrandSettings, ImageKind } from "./documents";
import css from "./preview.module.css";

export interface Looks {
  readonly name: string;
  readonly look: Look;
  readonly radius: number;
  readonly families: string;
  readonly signInLayout: BrandSettings["signInLayout"];
  readonly poweredBy: string | null;
  readonly supportEmail: string;
  readonly termsUrl: string;
  readonly privacyUrl: string;
  readonly images: BrandSettings["images"];
}

type Ground = "light" | "dark";

const scenes = [
  ["Sign-in page", SignInScene],
  ["Dashboard", DashboardScene],
  ["Widget", WidgetScene],
  ["Mail", MailScene],
] as const;

/** How the brand looks where people meet it, on both grounds; it changes while one types. */
export function BrandPreview({ looks }: { readonly looks: Looks }) {
  return (
    <section className={css.preview} aria-label="Preview" data-testid="brand-preview">
      {scenes.map(([label, Scene]) => (
        <figure key={label} className={css.figure}>
          <figcaption className={css.caption}>{label}</figcaption>
          <div className={css.both} aria-hidden="true">
            <Stage looks={looks} ground="light">
              <Scene looks={looks} ground="light" />
            </Stage>
            <Stage looks={looks} ground="dark">
              <Scene looks={looks} ground="dark" />
            </Stage>
          </div>
        </figure>
      ))}
    </section>
  );
}

function Stage(props: {
  readonly looks: Looks;
  readonly ground: Ground;
  readonly children: React.ReactNode;
}) {
  const { looks, ground } = props;
  const scheme: Scheme = looks.look[ground];
  const style = {
    "--accent": scheme.accent,
    "--accent-text": scheme.text,
    "--accent-ink": scheme.ink,
    "--radius": `${looks.radius}px`,
    fontFamily: looks.families,
  } as CSSProperties;
  return (
    <div className={css.stage} data-scheme={ground} style={style}>
      {props.children}
    </div>
  );
}

interface SceneProps {
  readonly looks: Looks;
  readonly ground: Ground;
}

function picture(looks: Looks, kind: ImageKind): string | null {
  return looks.images.find((one) => one.kind === kind)?.path ?? null;
}

/** The logo of the ground, or the initial and the name where there is none. */
function Mark({ looks, ground }: SceneProps) {
  const logo = (ground === "dark" ? picture(looks, "LOGO_DARK") : null) ?? picture(looks, "LOGO");
  if (logo) return <img className={css.logo} src={logo} alt="" />;
  return (
    <span className={css.mark}>
      <span className={css.initial}>{[...looks.name.trim()][0]?.toUpperCase() ?? "•"}</span>
      <span className={css.name}>{looks.name || "Your name"}</span>
    </span>
  );
}

function SignInScene({ looks, ground }: SceneProps) {
  const split = looks.signInLayout === "SPLIT";
  const side = picture(looks, "SIGN_IN");
  const links = [
    looks.supportEmail && "Help",
    looks.termsUrl && "Terms",
    looks.privacyUrl && "Privacy",
  ].filter(Boolean);
  return (
    <div className={css.signIn} data-split={split || undefined}>
      {split ? (
        <div className={css.side}>{side ? <img src={side} alt="" className={css.sidePicture} /> : null}</div>
      ) : null}
      <div className={css.card}>
        <Mark looks={looks} ground={ground} />
        <strong>Sign in</strong>
        <span className={css.field}>Email</span>
        <span className={css.field}>Password</span>
        <span className={css.button}>Sign in</span>
        {links.length > 0 ? <span className={css.links}>{links.join(" · ")}</span> : null}
        <PoweredBy looks={looks} />
      </div>
    </div>
  );
}

function DashboardScene({ looks, ground }: SceneProps) {
  return (
    <div className={css.dashboard}>
      <div className={css.nav}>
        <Mark looks={looks} ground={ground} />
        <span className={css.link}>
          <HomeIcon size={13} /> Home
        </span>
        <span className={css.link} data-current>
          <LiveIcon size={13} /> Live Chats
        </span>
        <span className={css.link}>
          <ConversationsIcon size={13} /> Conversations
        </span>
      </div>
      <div className={css.page}>
        <strong>Live Chats</strong>
        <span className={css.row}>
          <span>Maya Okafor</span>
          <span className={css.button}>Accept</span>
        </span>
        <span className={css.row}>
          <span>Jonas Weber</span>
          <span className={css.inkLink}>Open</span>
        </span>
      </div>
    </div>
  );
}

function WidgetScene({ looks }: SceneProps) {
  const round = picture(looks, "ROUND");
  return (
    <div className={css.site}>
      <div className={css.panel}>
        <div className={css.panelHead}>
          {round ? <img src={round} alt="" className={css.round} /> : <AgentIcon size={14} />}
          {looks.name || "Your name"}
        </div>
        <div className={css.thread}>
          <span className={css.theirs}>Hello! How can I help?</span>
          <span className={css.ours}>Do you deliver on Sundays?</span>
        </div>
        <PoweredBy looks={looks} />
      </div>
      <span className={css.launcher}>
        <ConversationsIcon size={16} />
      </span>
    </div>
  );
}

function MailScene({ looks, ground }: SceneProps) {
  return (
    <div className={css.mail}>
      <div className={css.sheet}>
        <Mark looks={looks} ground={ground} />
        <strong>You are invited</strong>
        <span>Nora invites you to answer live chats of Blue Bakery.</span>
        <span className={css.button}>Accept the invitation</span>
        <span className={css.small}>
          {looks.name || "Your name"}
          {looks.supportEmail ? ` · ${looks.supportEmail}` : ""}
        </span>
      </div>
    </div>
  );
}

function PoweredBy({ looks }: { readonly looks: Looks }) {
  return looks.poweredBy ? <span className={css.small}>{looks.poweredBy}</span> : null;
}
