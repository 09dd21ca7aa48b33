import { Button, TextInput } from "@mantine/core";
import { type KeyboardEvent, useRef, useState } from "react";
import { ask } from "../api/client";
import { serverNow } from "../api/clock";
import { sentence, toApiError } from "../api/errors";
import { useAsk } from "../api/use-ask";
import { brand } from "../brand/brand";
import { isStaff, useOrganization, useOrganizationId, useViewer } from "../shell/scope";
import { useTitle } from "../ui/hooks";
import { DownloadIcon, MatrixIcon, SearchIcon } from "../ui/icons";
import { Page } from "../ui/page";
import { Trouble } from "../ui/refusal";
import { fileName, saveFile } from "../ui/save-file";
import { Empty, RowSkeletons } from "../ui/states";
import { toast } from "../ui/toast";
import { type Column, cellState, columns, moved, stateWords } from "./columns";
import { type Matrix, MatrixCsvQuery, MatrixQuery } from "./documents";
import { ExplainCell } from "./explain-cell";
import css from "./matrix.module.css";

export type MatrixRow = Matrix["rows"][number];

/** Who may do what: people by switches, of the organization one is looking at, or of the agency itself. */
export function AccessPage() {
  const viewer = useViewer();
  const organizationId = useOrganizationId();
  const organization = useOrganization();
  const [downloading, setDownloading] = useState(false);
  useTitle(`Access · ${brand.name}`);
  const { data, error, loading, again } = useAsk(
    MatrixQuery,
    { organizationId },
    { of: ["Member", "Package", "Role"] },
  );
  const place = organizationId === null ? viewer.agency.name : (organization?.name ?? "this organization");
  const objectId = organizationId ?? viewer.agency.id;

  const download = async () => {
    setDownloading(true);
    try {
      const { accessMatrixCsv } = await ask(MatrixCsvQuery, { organizationId });
      const day = new Date(serverNow()).toISOString().slice(0, 10);
      saveFile(`access-${fileName(place)}-${day}.csv`, "text/csv;charset=utf-8", accessMatrixCsv);
    } catch (thrown) {
      toast(sentence(toApiError(thrown)));
    } finally {
      setDownloading(false);
    }
  };

  return (
    <Page
      title="Access"
      sub={organizationId === null && isStaff(viewer) ? `Staff of ${viewer.agency.name}` : place}
      wide
      actions={
        data ? (
          <Button
            variant="default"
            leftSection={<DownloadIcon size={16} />}
            loading={downloading}
            onClick={() => void download()}
          >
            Download CSV
          </Button>
        ) : null
      }
    >
      {loading ? <RowSkeletons /> : null}
      {error ? (
        <Trouble
          error={error}
          retry={again}
          permission="team.view"
          objectId={objectId}
          what="Seeing who may do what"
        />
      ) : null}
      {data && data.accessMatrix.rows.length === 0 ? (
        <Empty title="Nobody belongs here yet" icon={<MatrixIcon size={22} />}>
          Invite people on the page Team; whoever has the permission “Manage Team” can.
        </Empty>
      ) : null}
      {data && data.accessMatrix.rows.length > 0 ? (
        <MatrixTable key={objectId} matrix={data.accessMatrix} objectId={objectId} place={place} />
      ) : null}
    </Page>
  );
}

function MatrixTable(props: { readonly matrix: Matrix; readonly objectId: string; readonly place: string }) {
  const { matrix } = props;
  const [opened, open] = useState<ReadonlySet<string>>(new Set());
  const [text, setText] = useState("");
  const [focus, setFocus] = useState({ row: 0, column: 0 });
  const [asked, explain] = useState<{ readonly row: MatrixRow; readonly column: Column } | null>(null);
  const body = useRef<HTMLTableSectionElement>(null);
  const shown = columns(matrix.switches, opened);
  const search = text.trim().toLocaleLowerCase();
  const people = matrix.rows.filter(
    (row) =>
      search === "" ||
      row.user.name.toLocaleLowerCase().includes(search) ||
      row.role.name.toLocaleLowerCase().includes(search),
  );
  const size = { rows: people.length, columns: shown.length };
  // Rows and columns come and go; the one cell that Tab reaches must be there.
  const current = {
    row: Math.min(focus.row, size.rows - 1),
    column: Math.min(focus.column, size.columns - 1),
  };

  const toggle = (name: string) => {
    const now = new Set(opened);
    if (!now.delete(name)) now.add(name);
    open(now);
  };

  const pressed = (event: KeyboardEvent) => {
    const to = moved(event.key, current, size);
    if (!to) return;
    event.preventDefault();
    setFocus(to);
    const cell = body.current?.querySelector<HTMLElement>(`[data-at="${to.row} ${to.column}"]`);
    cell?.focus();
    cell?.scrollIntoView({ block: "nearest", inline: "nearest" });
  };

  return (
    <>
      <div className={css.bar}>
        <TextInput
          type="search"
          aria-label="Search people and roles"
          placeholder="Search people and roles"
          leftSection={<SearchIcon size={16} />}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <p className={css.legend}>
          <span>
            <Mark state="on" /> may
          </span>
          <span>
            <Mark state="half" /> in part
          </span>
          <span>
            <Mark state="off" /> may not
          </span>
          <span>Press a cell to see why.</span>
        </p>
      </div>
      <div className={css.box} data-testid="access-matrix">
        <table className={css.table}>
          <caption className="hidden-text">
            Who may do what in {props.place}. Arrow keys move between cells.
          </caption>
          <thead>
            <tr>
              <th scope="col" className={css.corner}>
                {people.length === 1 ? "1 person" : `${people.length} people`}
              </th>
              {shown.map((column) => (
                <th key={column.key} scope="col" className={css.head} data-kind={column.kind}>
                  {column.kind === "switch" ? (
                    <button
                      type="button"
                      className={css.opener}
                      aria-expanded={opened.has(column.key)}
                      title={column.description}
                      onClick={() => toggle(column.key)}
                    >
                      <span className={css.turned}>{column.label}</span>
                      <span className={css.sign} aria-hidden="true">
                        {opened.has(column.key) ? "−" : "+"}
                      </span>
                    </button>
                  ) : (
                    <span className={css.opener} title={column.description}>
                      <span className={css.turned}>{column.label}</span>
                    </span>
                  )}
                </th>
              ))}
            </tr>
          </thead>
          <tbody ref={body} onKeyDown={pressed}>
            {people.map((row, rowIndex) => {
              const held = new Set(row.permissions);
              return (
                <tr key={`${row.user.id} ${row.role.id}`} data-testid="access-row">
                  <th scope="row" className={css.person}>
                    <span className={css.name}>{row.user.name}</span>
                    <span className={css.role}>
                      {row.role.name}
                      {row.staff ? " · staff" : ""}
                      {row.suspended ? " · suspended" : ""}
                    </span>
                    {row.limitedTo.length > 0 ? (
                      <span className={css.role}>
                        Only {row.limitedTo.map((agent) => agent.name).join(", ")}
                      </span>
                    ) : null}
                  </th>
                  {shown.map((column, columnIndex) => {
                    const state = cellState(column, held);
                    return (
                      <td key={column.key} className={css.cell} data-kind={column.kind}>
                        <button
                          type="button"
                          data-at={`${rowIndex} ${columnIndex}`}
                          data-state={state}
                          tabIndex={rowIndex === current.row && columnIndex === current.column ? 0 : -1}
                          aria-label={`${row.user.name} ${stateWords[state]}: ${column.label}`}
                          onFocus={() => setFocus({ row: rowIndex, column: columnIndex })}
                          onClick={() => explain({ row, column })}
                        >
                          <Mark state={state} />
                        </button>
                      </td>
                    );
                  })}
                </tr>
              );
            })}
          </tbody>
        </table>
        {people.length === 0 ? <p className={css.nobody}>Nobody has a name or a role like that.</p> : null}
      </div>
      <ExplainCell
        asked={asked}
        objectId={props.objectId}
        place={props.place}
        onClose={() => explain(null)}
      />
    </>
  );
}

function Mark({ state }: { readonly state: "on" | "half" | "off" }) {
  return <i className={css.mark} data-state={state} aria-hidden="true" />;
}
