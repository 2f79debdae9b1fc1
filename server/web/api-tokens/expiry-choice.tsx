import type { CreateApiTokenRequest } from "@orgtokens/sdk";
import { type ReactNode, useId } from "react";
import { Field } from "../parts/field.tsx";
import { formatExact } from "../parts/relative-time.tsx";

const daySeconds = 86_400;
const lifetimes = [7, 30, 90, 365].map((days) => days * daySeconds);

type ExpiryChoiceProps = {
  /** Seconds from now, `never`, `on:` and a date, or `keep` for the token's own. */
  readonly value: string;
  /** When a token that exists expires, which may stay so; undefined for one that is to be generated. */
  readonly current?: string | null;
  /** How long the organization's policy lets a token live; null when it does not say. */
  readonly maximumSeconds: number | null;
  readonly error: string | undefined;
  readonly onChange: (value: string) => void;
};

/** When a token stops working: after a while, on a date, or never. */
export function ExpiryChoice({ value, current, maximumSeconds, error, onChange }: ExpiryChoiceProps): ReactNode {
  const id = useId();
  const isDate = value.startsWith("on:");
  const isAllowed = (seconds: number) => maximumSeconds === null || seconds <= maximumSeconds;
  const offered = new Set([...lifetimes.filter(isAllowed), ...(Number(value) > 0 ? [Number(value)] : [])]);
  return (
    <Field label="Expiry" hint={explain(value, current)} error={error}>
      {(control) => (
        <div className="control-row">
          <select
            {...control}
            value={isDate ? "on" : value}
            onChange={({ target }) => onChange(target.value === "on" ? `on:${dateIn(30)}` : target.value)}
          >
            {current === undefined ? null : <option value="keep">As it is</option>}
            {maximumSeconds === null ? <option value="never">Does not expire</option> : null}
            {[...offered]
              .sort((left, right) => left - right)
              .map((seconds) => (
                <option key={seconds} value={seconds}>
                  {`After ${formatLifetime(seconds)}`}
                </option>
              ))}
            <option value="on">On a date…</option>
          </select>
          {isDate ? (
            <>
              <label className="visually-hidden" htmlFor={`${id}-date`}>
                Expiry date
              </label>
              <input
                id={`${id}-date`}
                type="date"
                required
                min={dateIn(1)}
                value={value.slice(3)}
                onChange={({ target }) => onChange(`on:${target.value}`)}
              />
            </>
          ) : null}
        </div>
      )}
    </Field>
  );
}

/** What a creation or a change says about the expiry that was chosen. */
export function expiryOf(value: string): Pick<CreateApiTokenRequest, "expiresAt" | "expiresInSeconds"> {
  if (value === "keep") return {};
  if (value === "never") return { expiresAt: null };
  if (!value.startsWith("on:")) return { expiresInSeconds: Number(value) };
  return { expiresAt: endOfDay(value.slice(3)) ?? "" };
}

/** A length of time, in the largest unit that divides it. */
export function formatLifetime(seconds: number): string {
  const units = [
    ["year", 365 * daySeconds],
    ["day", daySeconds],
    ["hour", 3600],
    ["minute", 60],
    ["second", 1],
  ] as const;
  const [name, length] = units.find(([, candidate]) => seconds % candidate === 0) ?? ["second", 1];
  const count = seconds / length;
  return `${count} ${name}${count === 1 ? "" : "s"}`;
}

function explain(value: string, current: string | null | undefined): string {
  if (value === "keep" && typeof current === "string") return `It stops working on ${formatExact(current)}.`;
  if (value === "never" || value === "keep") return "It works until somebody revokes it.";
  const at = value.startsWith("on:")
    ? endOfDay(value.slice(3))
    : new Date(Date.now() + Number(value) * 1000).toISOString();
  return at === undefined ? "Choose a date." : `It stops working on ${formatExact(at)}.`;
}

/** The last second of a day where the reader is. */
function endOfDay(date: string): string | undefined {
  const end = new Date(`${date}T23:59:59`);
  return Number.isNaN(end.getTime()) ? undefined : end.toISOString();
}

function dateIn(days: number): string {
  return new Date(Date.now() + days * daySeconds * 1000).toISOString().slice(0, 10);
}
