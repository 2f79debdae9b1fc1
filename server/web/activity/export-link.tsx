import type { ListAuditEventsQuery } from "@orgtokens/sdk";
import type { ReactNode } from "react";
import { Icon } from "../parts/icon.tsx";

/** Downloads every event that the filters match, as JSON Lines. The browser takes it from the server in step with the disk. */
export function ExportLink({ query }: { readonly query: ListAuditEventsQuery }): ReactNode {
  const parameters = new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)]));
  const search = parameters.size === 0 ? "" : `?${parameters}`;
  return (
    <a
      className="button button-secondary"
      href={`/v2/audit-events/export${search}`}
      download={`activity-${new Date().toISOString().slice(0, 10)}.jsonl`}
    >
      <Icon name="download" />
      Export JSON Lines
    </a>
  );
}
