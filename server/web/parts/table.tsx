// biome-ignore-all lint/a11y/noRedundantRoles: browsers forget what a table is when it is laid out as cards on a narrow screen
import type { ReactNode } from "react";

type TableProps = {
  readonly caption: string;
  /** Of each column; the last one is for actions when it is empty. */
  readonly headings: readonly string[];
  /** Chooses the widths of the columns. */
  readonly name: string;
  readonly isStale?: boolean;
  readonly children: ReactNode;
};

/** A table, which becomes a list of cards on a narrow screen. */
export function Table({ caption, headings, name, isStale = false, children }: TableProps): ReactNode {
  return (
    <table role="table" className={`table table-${name}`} aria-busy={isStale || undefined}>
      <caption className="visually-hidden">{caption}</caption>
      <thead role="rowgroup">
        <tr role="row">
          {headings.map((heading) => (
            <th role="columnheader" scope="col" key={heading}>
              {heading === "" ? <span className="visually-hidden">Actions</span> : heading}
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">{children}</tbody>
    </table>
  );
}

/** A row of a table. */
export function Row({ children }: { readonly children: ReactNode }): ReactNode {
  return <tr role="row">{children}</tr>;
}

/** A cell. `heading` names its column where there are no columns. */
export function Cell({ heading, children }: { readonly heading: string; readonly children: ReactNode }): ReactNode {
  return (
    <td role="cell" data-heading={heading}>
      {children}
    </td>
  );
}

/** Stands for rows that are still asked for. */
export function SkeletonRows({ columns, rows }: { readonly columns: number; readonly rows: number }): ReactNode {
  return Array.from({ length: rows }, (_, row) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: they are all alike and never move
    <tr role="row" key={row} className="skeleton-row">
      {Array.from({ length: columns }, (__, column) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: likewise
        <td role="cell" key={column}>
          <span className="skeleton" />
        </td>
      ))}
    </tr>
  ));
}
