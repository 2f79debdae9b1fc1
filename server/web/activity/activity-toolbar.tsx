import type { ReactNode } from "react";
import { Filter } from "../parts/filter.tsx";
import { actionNames } from "./describe-event.ts";

/** Which events are shown. Empty members do not filter. */
export type ActivityFilter = {
  readonly action: string;
  /** The first day, as 2026-11-23. */
  readonly from: string;
  /** The last day. */
  readonly to: string;
};

type ActivityToolbarProps = {
  readonly filter: ActivityFilter;
  readonly onChange: (changes: Readonly<Record<string, string>>) => void;
};

/** Filters by action and by day. */
export function ActivityToolbar({ filter, onChange }: ActivityToolbarProps): ReactNode {
  return (
    <search className="toolbar">
      <Filter label="Action">
        {(id) => (
          <select id={id} value={filter.action} onChange={({ target }) => onChange({ action: target.value })}>
            <option value="">All</option>
            {actionNames.map(([action, name]) => (
              <option key={action} value={action}>
                {name}
              </option>
            ))}
          </select>
        )}
      </Filter>
      <Filter label="From">
        {(id) => (
          <input id={id} type="date" value={filter.from} onChange={({ target }) => onChange({ from: target.value })} />
        )}
      </Filter>
      <Filter label="To">
        {(id) => (
          <input id={id} type="date" value={filter.to} onChange={({ target }) => onChange({ to: target.value })} />
        )}
      </Filter>
    </search>
  );
}
