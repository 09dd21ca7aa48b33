import { Button, Textarea, TextInput } from "@mantine/core";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { change } from "../api/client";
import { type ApiError, toApiError } from "../api/errors";
import { useAsk } from "../api/use-ask";
import { brand } from "../brand/brand";
import { useAgencyObject } from "../settings/reach";
import { useOrganizations, useViewer } from "../shell/scope";
import { ConfirmByName } from "../ui/confirm-by-name";
import { SaveBar, useDraft } from "../ui/form";
import { useTitle } from "../ui/hooks";
import { Page, Section } from "../ui/page";
import { Refusal, Trouble } from "../ui/refusal";
import rows from "../ui/rows.module.css";
import { Select } from "../ui/select";
import { Failed, RowSkeletons } from "../ui/states";
import { Ago } from "../ui/time";
import { toast } from "../ui/toast";
import {
  DeletePackageMutation,
  type Package,
  PackageQuery,
  type PermissionSwitch,
  RolesQuery,
  SwitchesQuery,
  UpdatePackageMutation,
} from "./documents";
import { DryRun } from "./dry-run";
import css from "./packages.module.css";
import { usedBy } from "./packages-page";
import { SwitchList } from "./switch-list";
import { ordered, people } from "./switches";

export function PackagePage() {
  const { id } = useParams({ from: "/packages/$id" });
  const object = useAgencyObject();
  const { data, error, again } = useAsk(PackageQuery, { id });
  const switches = useAsk(SwitchesQuery, {});
  const one = data?.package;
  useTitle(`${one?.name ?? "Package"} · ${brand.name}`);
  if (error) {
    return (
      <Page title="Package" sub={<Link to="/packages">Packages</Link>}>
        <Trouble
          error={error}
          retry={again}
          permission="package.edit"
          objectId={object}
          what="Seeing and changing packages"
        />
      </Page>
    );
  }
  if (switches.error) return <Failed error={switches.error} retry={switches.again} />;
  if (!one || !switches.data) return <RowSkeletons />;
  return (
    <Page
      title={one.name}
      sub={
        <>
          <Link to="/packages">Packages</Link> · {usedBy(one)} · changed <Ago at={one.updatedAt} />
        </>
      }
    >
      <Editor key={one.id} one={one} switches={switches.data.permissionSwitches} again={again} />
      <DeleteSection one={one} />
    </Page>
  );
}

function Editor(props: {
  readonly one: Package;
  readonly switches: readonly PermissionSwitch[];
  readonly again: () => void;
}) {
  const { one, switches } = props;
  const viewer = useViewer();
  const object = useAgencyObject();
  const [asking, ask] = useState(false);
  // The version belongs to what was typed on top of it: a newer one must not slip under a change made before.
  const saved = {
    version: one.version,
    name: one.name,
    description: one.description,
    permissions: ordered(one.permissions),
  };
  const draft = useDraft(saved, async (value) => {
    await change(UpdatePackageMutation, {
      id: one.id,
      version: value.version,
      name: value.name.trim(),
      description: value.description.trim(),
      permissions: value.permissions,
    });
    ask(false);
  });
  const { value } = draft;
  const rightsChanged =
    value.version === one.version ? value.permissions.join() !== saved.permissions.join() : draft.changed;
  const overtaken = draft.changed && value.version !== one.version;
  const conflict = draft.error?.reason === "CHANGED_MEANWHILE" || overtaken;
  const mayGive = (permission: string) => viewer.permissions.includes(permission);
  const lacks = one.level === "AGENCY" && !mayGive("role.edit");
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (rightsChanged) ask(true);
        else draft.submit(event);
      }}
    >
      {lacks ? (
        <Refusal
          permission="role.edit"
          objectId={object}
          what="Changing a package of the agency's own staff"
        />
      ) : null}
      <Section id="about" title="About">
        <div className={rows.form}>
          <TextInput
            label="Name"
            required
            withAsterisk={false}
            value={value.name}
            onChange={(event) => draft.set({ name: event.currentTarget.value })}
            error={draft.fieldError("name")}
          />
          <Textarea
            label="Description"
            rows={2}
            value={value.description}
            onChange={(event) => draft.set({ description: event.currentTarget.value })}
            error={draft.fieldError("description")}
          />
        </div>
      </Section>
      <Section
        id="switches"
        title="What it allows"
        text="A switch stands half way when only some of what is beneath it is on. Before anything changes, you see for whom."
      >
        <SwitchList
          switches={switches}
          level={one.level}
          held={value.permissions}
          mayGive={lacks ? () => false : mayGive}
          onChange={(permissions) => draft.set({ permissions })}
        />
      </Section>
      {conflict ? (
        <p className={rows.note} role="alert" data-testid="changed-meanwhile">
          Somebody changed this package meanwhile, so yours was not saved.{" "}
          <button
            type="button"
            className={rows.linkButton}
            onClick={() => {
              draft.reset();
              props.again();
            }}
          >
            Drop my changes and show the newest
          </button>
        </p>
      ) : null}
      <div className={css.save}>
        <SaveBar
          draft={conflict ? { ...draft, error: null } : draft}
          fields={["name", "description"]}
          label={rightsChanged ? "See what changes…" : "Save"}
          disabled={value.permissions.length === 0}
        >
          {value.permissions.length === 0 ? (
            <span className={rows.dim}>Leave at least one switch on.</span>
          ) : null}
        </SaveBar>
      </div>
      <DryRun
        opened={asking}
        packageId={one.id}
        version={value.version}
        permissions={value.permissions}
        switches={switches}
        busy={draft.busy}
        error={draft.error}
        onSave={() => draft.submit()}
        onClose={() => ask(false)}
      />
    </form>
  );
}

function DeleteSection({ one }: { readonly one: Package }) {
  const [asking, ask] = useState(false);
  return (
    <Section
      id="delete"
      title="Delete"
      text={
        one.memberCount > 0
          ? `${people(one.memberCount)} will get another role that you choose.`
          : "Nobody has this package."
      }
      actions={
        <Button variant="default" onClick={() => ask(true)}>
          Delete package
        </Button>
      }
    >
      {asking ? <DeleteDialog one={one} onClose={() => ask(false)} /> : null}
    </Section>
  );
}

function DeleteDialog({ one, onClose }: { readonly one: Package; readonly onClose: () => void }) {
  const navigate = useNavigate();
  const organizations = useOrganizations();
  const [replacement, setReplacement] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const organizationId = one.level === "AGENCY" ? null : (organizations[0]?.id ?? null);
  const { data } = useAsk(RolesQuery, { organizationId });
  const roles =
    data?.roles.filter(({ role, givable }) => givable && role.level === one.level && role.id !== one.id) ??
    [];
  const used = one.memberCount > 0 || error?.reason === "IN_USE";
  const remove = async () => {
    setBusy(true);
    setError(null);
    try {
      await change(DeletePackageMutation, { id: one.id, replacementRoleId: replacement || null }, [
        "Package",
      ]);
      toast(`“${one.name}” is deleted`);
      await navigate({ to: "/packages" });
    } catch (thrown) {
      setError(toApiError(thrown));
      setBusy(false);
    }
  };
  return (
    <ConfirmByName
      opened
      title="Delete this package?"
      name={one.name}
      label="Name of the package"
      action="Delete"
      busy={busy}
      ready={!used || replacement !== ""}
      error={error}
      onConfirm={() => void remove()}
      onClose={onClose}
    >
      {used ? (
        <div className={rows.form}>
          <div>
            {people(one.memberCount)} {one.memberCount === 1 ? "has" : "have"} this package. Nobody is left
            without a role: choose which one they get instead. This cannot be undone.
          </div>
          <Select
            label="They get"
            value={replacement}
            onChange={setReplacement}
            options={[
              { value: "", label: "Choose a role" },
              ...roles.map(({ role }) => ({ value: role.id, label: role.name })),
            ]}
          />
        </div>
      ) : (
        "Nobody has it, so nobody loses anything. This cannot be undone."
      )}
    </ConfirmByName>
  );
}
