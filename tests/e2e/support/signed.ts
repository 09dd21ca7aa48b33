// What a client's site says of its visitors, signed as a site would: HS256, with the secret of the widget.

import { createHmac } from "node:crypto";
import type { Agent, Desk } from "./api.ts";

export interface Claims {
  /** The site's own name for somebody. */
  readonly sub: string;
  readonly name?: string;
  readonly attributes?: Readonly<Record<string, string>>;
}

/** Signs for ten minutes, with a new secret. Whoever does so before goes on with the one that they have. */
export async function signer(desk: Desk, { widget }: Agent): Promise<(claims: Claims) => string> {
  const made = await desk.ask<{ rotateIdentitySecret: { secret: string } }>(
    "mutation ($id: ID!) { rotateIdentitySecret(widgetId: $id) { secret } }",
    { id: widget.id },
  );
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  return (claims) => {
    const exp = Math.floor(Date.now() / 1000) + 600;
    const signed = `${part({ alg: "HS256", typ: "JWT" })}.${part({ aud: widget.id, exp, ...claims })}`;
    const mac = createHmac("sha256", made.rotateIdentitySecret.secret).update(signed);
    return `${signed}.${mac.digest("base64url")}`;
  };
}
