import { Button, Modal, Textarea, TextInput } from "@mantine/core";
import { Link, useNavigate } from "@tanstack/react-router";
import { useRef, useState } from "react";
import { change } from "../api/client";
import { newClientId } from "../api/client-id";
import { useAsk } from "../api/use-ask";
import { brand } from "../brand/brand";
import { useAgencyObject } from "../settings/reach";
import { useAgencyPermissions, useOrganizations } from "../shell/scope";
import { Badge } from "../ui/badge";
import { SaveBar, useDraft } from "../ui/form";
import { useTitle } from "../ui/hooks";
import { PackageIcon, PlusIcon } from "../ui/icons";
import { useListKeys } from "../ui/list-keys";
import { Page } from "../ui/page";
import { Trouble } from "../ui/refusal";
import css from "../ui/rows.module.css";
import { Select } from "../ui/select";
import { Empty, RowSkeletons } from "../ui/states";
import { Ago } from "../ui/time";
import { CreatePackageMutation, type Package, PackagesQuery, RolesQuery } from "./documents";
import { ordered, people } from "./switches";

export function usedBy(one: Pick<Package, "memberCount" | "organizationCount" | "level">): string {
  if (one.memberCount === 0) return "Nobody has it yet";
  if (one.level === "AGENCY") return `${people(one.memberCount)} of the staff`;
  const places = one.organizationCount === 1 ? "1 organization" : `${one.organizationCount} organizations`;
  return `${people(one.memberCount)} in ${places}`;
}

export function PackagesPage() {
  const object = useAgencyObject();
  const [creating, create] = useState(false);
  const list = useRef<HTMLDivElement>(null);
  useTitle(`Packages · ${brand.name}`);
  useListKeys(list);
  const { data, loading, error, again } = useAsk(PackagesQuery, {}, { of: ["Package"] });
  const packages = data?.packages ?? [];
  const button = (
    <Button leftSection={<PlusIcon size={16} />} onClick={() => create(true)}>
      Create package
    </Button>
  );
  return (
    <Page title="Packages" actions={data ? button : null}>
      {loading ? <RowSkeletons /> : null}
      {error ? (
        <Trouble
          error={error}
          retry={again}
          permission="package.edit"
          objectId={object}
          what="Seeing and changing packages"
        />
      ) : null}
      {data && packages.length === 0 ? (
        <Empty title="No packages yet" icon={<PackageIcon size={22} />} action={button}>
          A package is a role of your own that you keep for many organizations at once: “Standard”, “Premium”.
          Change it here, and everybody who has it has the change.
        </Empty>
      ) : null}
      <div ref={list}>
        <ul className={css.list} aria-label="Packages">
          {packages.map((one) => (
            <li key={one.id} className={css.item} data-row={one.id} data-testid="package-row">
              <span className={css.sign}>
                <PackageIcon />
              </span>
              <div className={css.text}>
                <Link
                  to="/packages/$id"
                  params={{ id: one.id }}
                  className={`${css.name} ${css.cover}`}
                  data-row-link
                >
                  {one.name}
                </Link>
                <div className={css.dim}>{one.description || usedBy(one)}</div>
                {one.description ? <div className={css.dim}>{usedBy(one)}</div> : null}
              </div>
              {one.level === "AGENCY" ? <Badge>Staff</Badge> : null}
              <span className={css.dim}>
                <span className="hidden-text">Changed </span>
                <Ago at={one.updatedAt} />
              </span>
            </li>
          ))}
        </ul>
      </div>
      <Modal opened={creating} onClose={() => create(false)} title="Create package" centered>
        <CreateForm onDone={() => create(false)} />
      </Modal>
    </Page>
  );
}

function CreateForm({ onDone }: { readonly onDone: () => void }) {
  const navigate = useNavigate();
  const may = useAgencyPermissions();
  const organizations = useOrganizations();
  const [clientId] = useState(newClientId);
  const draft = useDraft(
    { name: "", description: "", level: "ORGANIZATION" as Package["level"], from: "" },
    async (value) => {
      // A package that allows nothing is none: it begins with what everybody has.
      const start = roles.find((one) => one.role.id === value.from)?.role.permissions ?? ["home.view"];
      const { createPackage } = await change(CreatePackageMutation, {
        clientId,
        name: value.name.trim(),
        description: value.description.trim(),
        level: value.level,
        permissions: ordered(start),
      });
      onDone();
      await navigate({ to: "/packages/$id", params: { id: createPackage.id } });
    },
  );
  const ofAgency = draft.value.level === "AGENCY";
  const organizationId = ofAgency ? null : (organizations[0]?.id ?? null);
  const { data } = useAsk(RolesQuery, { organizationId });
  const roles = data?.roles.filter((one) => one.role.level === draft.value.level) ?? [];
  return (
    <form onSubmit={draft.submit} className={css.form}>
      <TextInput
        label="Name"
        required
        withAsterisk={false}
        data-autofocus
        value={draft.value.name}
        onChange={(event) => draft.set({ name: event.currentTarget.value })}
        error={draft.fieldError("name")}
      />
      <Textarea
        label="Description"
        description="For whoever gives it: what is it for?"
        rows={2}
        value={draft.value.description}
        onChange={(event) => draft.set({ description: event.currentTarget.value })}
        error={draft.fieldError("description")}
      />
      {may("role.edit") ? (
        <Select
          label="For"
          value={draft.value.level}
          onChange={(level) => draft.set({ level: level === "AGENCY" ? "AGENCY" : "ORGANIZATION", from: "" })}
          options={[
            { value: "ORGANIZATION", label: "People of organizations" },
            { value: "AGENCY", label: "Staff of the agency" },
          ]}
        />
      ) : null}
      <Select
        label="Start from"
        value={draft.value.from}
        onChange={(from) => draft.set({ from })}
        options={[
          { value: "", label: "Only “Home” switched on" },
          ...roles.map(({ role }) => ({ value: role.id, label: role.name })),
        ]}
      />
      <SaveBar
        draft={{ ...draft, changed: draft.value.name.trim() !== "" }}
        fields={["name", "description"]}
        label="Create"
      />
    </form>
  );
}
