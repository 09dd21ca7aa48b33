import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useAsk } from "../api/use-ask";
import { Badge } from "../ui/badge";
import { LogIcon } from "../ui/icons";
import { Section } from "../ui/page";
import { Pager } from "../ui/pager";
import rows from "../ui/rows.module.css";
import { Empty, Failed, RowSkeletons } from "../ui/states";
import { Ago } from "../ui/time";
import { type Hit, HitsQuery, type KeywordAlert } from "./documents";
import { sayer } from "./words";

/** In which messages of the last thirty days an alert found something. */
export function Hits({ alert }: { readonly alert: KeywordAlert }) {
  const [trail, setTrail] = useState<readonly string[]>([]);
  const { data, error, again } = useAsk(
    HitsQuery,
    { id: alert.id, after: trail.at(-1) ?? null },
    { of: ["KeywordHit", "KeywordAlert"] },
  );
  const found = data?.keywordHits.nodes ?? [];
  return (
    <Section
      id="hits"
      title={`Hits of ${alert.name}`}
      text="What was found in the last 30 days, the newest first."
    >
      {error ? <Failed error={error} retry={again} /> : null}
      {!data && !error ? <RowSkeletons count={3} /> : null}
      {data && found.length === 0 ? (
        <Empty title="Nothing yet" icon={<LogIcon size={22} />}>
          Once somebody says what this alert watches for, it stands here.
        </Empty>
      ) : null}
      <ul className={rows.list} aria-label={`Hits of ${alert.name}`}>
        {found.map((hit) => (
          <HitRow key={hit.id} hit={hit} />
        ))}
      </ul>
      <Pager trail={trail} onTurn={setTrail} page={data?.keywordHits.pageInfo} />
    </Section>
  );
}

function HitRow({ hit }: { readonly hit: Hit }) {
  const words = `${sayer(hit)} said ${hit.terms.map((term) => `“${term}”`).join(", ")}`;
  return (
    <li className={rows.item} data-testid="keyword-hit">
      <div className={rows.text}>
        {hit.conversationId ? (
          <Link
            to="/conversations/$id"
            params={{ id: hit.conversationId }}
            className={`${rows.name} ${rows.cover}`}
          >
            {words}
          </Link>
        ) : (
          <div className={rows.name}>{words}</div>
        )}
        <div className={rows.dim}>
          <Ago at={hit.at} />
          {hit.told ? "" : " · nobody was told again so soon"}
        </div>
      </div>
      {hit.told ? <Badge>Told</Badge> : null}
    </li>
  );
}
