import { Button, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { change } from "../api/client";
import { newClientId } from "../api/client-id";
import { type ApiError, sentence, toApiError } from "../api/errors";
import { useAsk } from "../api/use-ask";
import { type Draft, instantIn } from "../hours/week";
import { WeekFields } from "../hours/week-fields";
import { MembersQuery, RolesQuery } from "../team/documents";
import { RoleList } from "../team/role-list";
import team from "../team/team.module.css";
import form from "../ui/form.module.css";
import { SearchSelect } from "../ui/search-select";
import { Failed, RowSkeletons } from "../ui/states";
import { ownZone, zoneChoices } from "../ui/time-zones";
import { toast } from "../ui/toast";
import { CreateCoverageMutation } from "./documents";
import { endOf, hoursOf } from "./words";

/** Nights and weekends: what most agencies are asked for. */
const nights: Draft["week"] = Array.from({ length: 7 }, (_, at) =>
  at < 5 ? [{ from: "18:00", to: "08:00" }] : [{ from: "00:00", to: "00:00" }],
);

interface Props {
  readonly organizationId: string;
  readonly onClose: () => void;
  readonly onDone: () => void;
}

export function CoverageForm({ organizationId, onClose, onDone }: Props) {
  const roles = useAsk(RolesQuery, { organizationId });
  const staff = useAsk(MembersQuery, { organizationId: null, search: null, first: 100, after: null });
  const [clientId, setClientId] = useState(newClientId);
  const [name, setName] = useState("Nights and weekends");
  const [users, setUsers] = useState<ReadonlySet<string>>(new Set());
  const [chosenRole, setRole] = useState<string | null>(null);
  const [zone, setZone] = useState(ownZone);
  const [week, setWeek] = useState<Draft["week"]>(nights);
  const [ends, setEnds] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);

  const failed = roles.error ?? staff.error;
  if (failed) return <Failed error={failed} retry={roles.error ? roles.again : staff.again} />;
  if (!roles.data || !staff.data) return <RowSkeletons count={4} />;
  const givable = roles.data.roles;
  const roleId =
    chosenRole ?? givable.find((one) => one.givable && one.role.name === "Operator")?.role.id ?? null;
  const members = staff.data.members.nodes.filter((one) => !one.suspended);
  const at = (field: string) => (error?.field === field ? error.message : null);
  const known = ["name", "userIds", "hours", "days", "timeZone", "endsAt", "week"];

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (busy || !roleId) return;
    setBusy(true);
    setError(null);
    try {
      await change(
        CreateCoverageMutation,
        {
          clientId,
          organizationId,
          name: name.trim(),
          userIds: [...users],
          roleId,
          timeZone: zone,
          hours: hoursOf(week),
          endsAt: endOf(ends, zone, instantIn),
        },
        ["Coverage"],
      );
      toast(`“${name.trim()}” is agreed`);
      onDone();
    } catch (thrown) {
      const refused = toApiError(thrown);
      if (!refused.retryable) setClientId(newClientId());
      setError(refused);
    } finally {
      setBusy(false);
    }
  };

  return (
    <form
      onSubmit={submit}
      // What was refused is being mended.
      onChange={() => setError(null)}
      className={team.form}
      data-testid="coverage-form"
    >
      <TextInput
        label="Name"
        required
        maxLength={80}
        value={name}
        error={at("name")}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <fieldset className={team.roles}>
        <legend>Who covers</legend>
        {members.map((member) => (
          <label key={member.id} className={team.option}>
            <input
              type="checkbox"
              checked={users.has(member.user.id)}
              onChange={(event) => {
                const next = new Set(users);
                if (event.currentTarget.checked) next.add(member.user.id);
                else next.delete(member.user.id);
                setUsers(next);
              }}
            />
            <span>
              <span className={team.optionName}>{member.user.name}</span>
              <span className={team.dim}>{member.email}</span>
            </span>
          </label>
        ))}
        {at("userIds") ? (
          <p role="alert" className={form.problem}>
            {at("userIds")}
          </p>
        ) : null}
      </fieldset>
      <RoleList label="With which role" roles={givable} value={roleId} onChange={setRole} />
      <SearchSelect
        label="Time zone"
        value={zone}
        options={zoneChoices(new Date())}
        onChange={(value) => setZone(value ?? zone)}
        error={at("timeZone")}
      />
      <WeekFields
        week={week}
        onChange={setWeek}
        disabled={busy}
        none="Not covered"
        error={at("hours") ?? at("days") ?? at("week")}
      />
      <TextInput
        type="date"
        label="Last day"
        description="Left empty, it goes on until somebody ends it."
        maw={220}
        value={ends}
        error={at("endsAt")}
        onChange={(event) => setEnds(event.currentTarget.value)}
      />
      {error && !known.includes(error.field ?? "") ? (
        <p role="alert" className={form.problem}>
          {sentence(error)}
        </p>
      ) : null}
      <div className={form.bar}>
        <Button type="submit" loading={busy} disabled={name.trim() === "" || users.size === 0 || !roleId}>
          Agree
        </Button>
        <Button variant="subtle" color="gray" onClick={onClose} disabled={busy}>
          Cancel
        </Button>
      </div>
    </form>
  );
}
