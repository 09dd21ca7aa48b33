import { Button, Modal } from "@mantine/core";
import { useState } from "react";
import { change } from "../api/client";
import { sentence, toApiError } from "../api/errors";
import { useAsk } from "../api/use-ask";
import { brand } from "../brand/brand";
import { isStaff, useOrganization, useOrganizationId, useViewer } from "../shell/scope";
import { Badge } from "../ui/badge";
import { Confirm } from "../ui/confirm";
import { CopyButton } from "../ui/copy-button";
import { useTitle } from "../ui/hooks";
import { LockIcon, PlusIcon } from "../ui/icons";
import { Page, Section } from "../ui/page";
import { Pager } from "../ui/pager";
import { Trouble } from "../ui/refusal";
import rows from "../ui/rows.module.css";
import { Empty, RowSkeletons } from "../ui/states";
import { Ago, exact, useNow } from "../ui/time";
import { toast } from "../ui/toast";
import { type ApiKey, ApiKeysQuery, RevokeApiKeyMutation } from "./documents";
import { KeyForm } from "./key-form";
import css from "./keys.module.css";
import { keyWords } from "./words";

const LOOK_AGAIN_MS = 60_000;

/** By what programs act: in one organization, or in the agency itself. */
export function KeysPage() {
  const viewer = useViewer();
  const organizationId = useOrganizationId();
  const name = useOrganization()?.name;
  useTitle(`API keys · ${brand.name}`);
  return (
    <Page
      title="API keys"
      sub={organizationId === null && isStaff(viewer) ? `All of ${viewer.agency.name}` : name}
    >
      <Keys
        key={organizationId}
        organizationId={organizationId}
        placeId={organizationId ?? viewer.agency.id}
      />
    </Page>
  );
}

function Keys(props: { readonly organizationId: string | null; readonly placeId: string }) {
  const { organizationId, placeId } = props;
  const [trail, setTrail] = useState<readonly string[]>([]);
  const { data, error, again } = useAsk(
    ApiKeysQuery,
    { organizationId, after: trail.at(-1) ?? null },
    { of: ["ApiKey"] },
  );
  const [making, make] = useState(false);
  const [made, show] = useState<{ readonly name: string; readonly secret: string | null } | null>(null);
  const [revoking, askToRevoke] = useState<ApiKey | null>(null);
  const found = data?.apiKeys.nodes ?? [];

  const revoke = async (key: ApiKey) => {
    askToRevoke(null);
    try {
      await change(RevokeApiKeyMutation, { id: key.id });
      again();
    } catch (thrown) {
      toast(sentence(toApiError(thrown)));
    }
  };

  if (error) {
    return (
      <Trouble
        error={error}
        retry={again}
        permission="api_key.manage"
        objectId={placeId}
        what="Setting API keys"
      />
    );
  }
  return (
    <>
      <Section
        id="keys"
        title="Keys"
        text="Your own programs use the API with a key, as far as its role reaches. A key belongs here, and goes on when whoever made it leaves."
        actions={
          <Button leftSection={<PlusIcon size={16} />} variant="default" onClick={() => make(true)}>
            Make key
          </Button>
        }
      >
        {data ? null : <RowSkeletons count={3} />}
        {data && found.length === 0 ? (
          <Empty title="No API keys yet" icon={<LockIcon size={22} />}>
            Make one to let a program read or change what is kept here.
          </Empty>
        ) : null}
        <ul className={rows.list} aria-label="API keys">
          {found.map((one) => (
            <KeyRow key={one.id} apiKey={one} onRevoke={() => askToRevoke(one)} />
          ))}
        </ul>
        <Pager trail={trail} onTurn={setTrail} page={data?.apiKeys.pageInfo} />
      </Section>
      <Modal opened={making} onClose={() => make(false)} title="Make key" centered>
        {making ? (
          <KeyForm
            organizationId={organizationId}
            onDone={(done) => {
              make(false);
              show(done);
              again();
            }}
          />
        ) : null}
      </Modal>
      {/* Closed by its button alone: a click beside it would lose the secret for good. */}
      <Modal
        opened={made !== null}
        onClose={() => show(null)}
        title={`The key “${made?.name ?? ""}”`}
        closeOnClickOutside={false}
        closeOnEscape={false}
        withCloseButton={false}
        centered
      >
        {made?.secret ? (
          <>
            Store it where your program finds it. It is shown this once, and nobody can look it up later.
            <div className={css.secret}>
              <code data-testid="key-secret">{made.secret}</code>
              <CopyButton text={made.secret} what="the key" />
            </div>
          </>
        ) : (
          <p>
            The key was made, but the answer with its secret was lost on the way. Revoke it and make another
            one.
          </p>
        )}
        <Button fullWidth onClick={() => show(null)}>
          {made?.secret ? "I have stored it" : "Close"}
        </Button>
      </Modal>
      <Confirm
        opened={revoking !== null}
        title="Revoke key"
        action="Revoke"
        onConfirm={() => revoking && void revoke(revoking)}
        onClose={() => askToRevoke(null)}
      >
        Whatever uses {revoking?.name} is refused from now on. This cannot be undone.
      </Confirm>
    </>
  );
}

function KeyRow({ apiKey, onRevoke }: { readonly apiKey: ApiKey; readonly onRevoke: () => void }) {
  const now = useNow(LOOK_AGAIN_MS);
  const words = keyWords(apiKey, now);
  return (
    <li className={css.key} data-testid="api-key" data-state={apiKey.state}>
      <div className={css.facts}>
        <div className={rows.name}>{apiKey.name}</div>
        <div className={rows.dim}>
          {apiKey.roleName} · <code>{apiKey.hint}…</code> · made by {apiKey.createdBy.name}
        </div>
        <div className={rows.dim}>
          {apiKey.lastUsedAt ? (
            <>
              Last used <Ago at={apiKey.lastUsedAt} />
            </>
          ) : (
            "Never used"
          )}
          {" · "}
          {apiKey.revokedAt
            ? `revoked ${exact(apiKey.revokedAt)}`
            : apiKey.expiresAt
              ? `${apiKey.state === "EXPIRED" ? "expired" : "expires"} ${exact(apiKey.expiresAt)}`
              : "no end"}
        </div>
      </div>
      <Badge tone={words.tone}>{words.label}</Badge>
      {apiKey.state === "ACTIVE" ? (
        <Button
          size="xs"
          variant="subtle"
          color="red"
          aria-label={`Revoke ${apiKey.name}`}
          onClick={onRevoke}
        >
          Revoke
        </Button>
      ) : null}
    </li>
  );
}
