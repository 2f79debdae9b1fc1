import { type ReactNode, useId } from "react";

/** What ties a control to the texts around it. */
export type ControlProps = {
  readonly id: string;
  readonly "aria-describedby": string | undefined;
  readonly "aria-invalid": true | undefined;
};

type FieldProps = {
  readonly label: ReactNode;
  readonly hint?: ReactNode;
  /** What is wrong with the value. */
  readonly error?: string | undefined;
  /** What should be thought about, although the value is allowed. */
  readonly warning?: ReactNode;
  readonly children: (control: ControlProps) => ReactNode;
};

/** A label, its control, and what there is to say about it. */
export function Field({ label, hint, error, warning, children }: FieldProps): ReactNode {
  const id = useId();
  const described = [
    hint === undefined ? "" : `${id}-hint`,
    error === undefined ? "" : `${id}-error`,
    warning === undefined ? "" : `${id}-warning`,
  ];
  const control: ControlProps = {
    id,
    "aria-describedby": described.filter(Boolean).join(" ") || undefined,
    "aria-invalid": error === undefined ? undefined : true,
  };
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {hint === undefined ? null : (
        <p className="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {children(control)}
      {error === undefined ? null : (
        <p className="field-error" id={`${id}-error`}>
          {error}
        </p>
      )}
      {warning === undefined ? null : (
        <p className="field-warning" id={`${id}-warning`} role="status">
          {warning}
        </p>
      )}
    </div>
  );
}
