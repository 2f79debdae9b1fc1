import { type ReactNode, useEffect, useId, useState } from "react";
import { Filter } from "../parts/filter.tsx";
import { Icon } from "../parts/icon.tsx";

/** Which tokens are shown. */
export type TokenFilter = {
  /** A part of the label; empty for all. */
  readonly search: string;
  readonly status: "live" | "active" | "pending" | "expired" | "revoked" | "all";
};

/** How long after the last key a search begins, in milliseconds. */
const typingPauseMs = 250;

const choices: readonly (readonly [TokenFilter["status"], string])[] = [
  ["live", "Live"],
  ["active", "Active"],
  ["pending", "Pending"],
  ["expired", "Expired"],
  ["revoked", "Revoked"],
  ["all", "All"],
];

type ToolbarProps = {
  readonly filter: TokenFilter;
  /** Told which parameters of the address change, an empty value for one that goes. */
  readonly onChange: (changes: Readonly<Record<string, string>>) => void;
};

/** Search by label, and filter by status. */
export function ApiTokensToolbar({ filter, onChange }: ToolbarProps): ReactNode {
  const id = useId();
  const [text, setText] = useState(filter.search);
  const [searched, setSearched] = useState(filter.search);
  // The address can change by other means, such as the back button.
  if (searched !== filter.search) {
    setSearched(filter.search);
    if (text.trim() !== filter.search) setText(filter.search);
  }
  useEffect(() => {
    if (text.trim() === filter.search) return;
    const timer = setTimeout(() => onChange({ search: text.trim() }), typingPauseMs);
    return () => clearTimeout(timer);
  }, [text, filter.search, onChange]);
  return (
    <search className="toolbar">
      <div className="search-box">
        <label className="visually-hidden" htmlFor={`${id}-search`}>
          Search by label
        </label>
        <Icon name="search" />
        <input
          id={`${id}-search`}
          type="search"
          placeholder="Search by label"
          maxLength={100}
          value={text}
          onChange={({ target }) => setText(target.value)}
        />
      </div>
      <Filter label="Status">
        {(id) => (
          <select
            id={id}
            value={filter.status}
            onChange={({ target }) => onChange({ status: target.value === "live" ? "" : target.value })}
          >
            {choices.map(([status, name]) => (
              <option key={status} value={status}>
                {name}
              </option>
            ))}
          </select>
        )}
      </Filter>
    </search>
  );
}
