import { type ReactNode, useId } from "react";
import { formatLifetime } from "../api-tokens/expiry-choice.tsx";
import { Field } from "../parts/field.tsx";

const daySeconds = 86_400;
const lifetimes = [1, 7, 30, 90, 180, 365].map((days) => days * daySeconds);

type LifetimeSettingProps = {
  readonly label: string;
  /** What it is called when there is none. */
  readonly none: string;
  /** In seconds. */
  readonly value: number | null;
  readonly onChange: (value: number | null) => void;
};

/** A length of time, or none. */
export function LifetimeSetting({ label, none, value, onChange }: LifetimeSettingProps): ReactNode {
  const offered = new Set([...lifetimes, ...(value === null ? [] : [value])]);
  return (
    <Field label={label}>
      {(control) => (
        <select
          {...control}
          value={value ?? ""}
          onChange={({ target }) => onChange(target.value === "" ? null : Number(target.value))}
        >
          <option value="">{none}</option>
          {[...offered]
            .sort((left, right) => left - right)
            .map((seconds) => (
              <option key={seconds} value={seconds}>
                {formatLifetime(seconds)}
              </option>
            ))}
        </select>
      )}
    </Field>
  );
}

type CheckSettingProps = {
  readonly label: string;
  readonly explanation: string;
  readonly checked: boolean;
  readonly onChange: (isOn: boolean) => void;
};

/** Something that is on or off. */
export function CheckSetting({ label, explanation, checked, onChange }: CheckSettingProps): ReactNode {
  const id = useId();
  return (
    <div className="check-setting">
      <input
        id={id}
        type="checkbox"
        aria-describedby={`${id}-explanation`}
        checked={checked}
        onChange={({ target }) => onChange(target.checked)}
      />
      <div>
        <label htmlFor={id}>{label}</label>
        <p className="hint" id={`${id}-explanation`}>
          {explanation}
        </p>
      </div>
    </div>
  );
}
