import { type ReactNode, useId } from "react";

type FilterProps = { readonly label: string; readonly children: (id: string) => ReactNode };

/** A control that narrows a list, with its name beside it. */
export function Filter({ label, children }: FilterProps): ReactNode {
  const id = useId();
  return (
    <div className="filter">
      <label htmlFor={id}>{label}</label>
      {children(id)}
    </div>
  );
}
