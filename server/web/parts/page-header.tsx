import { type ReactNode, useEffect } from "react";
import { flushSync } from "react-dom";

type PageHeaderProps = {
  readonly title: string;
  /** What stands beside the title. */
  readonly badge?: ReactNode;
  readonly above?: ReactNode;
  readonly children?: ReactNode;
  readonly actions?: ReactNode;
};

/** The head of a page: its title, also the window's, what it is for, and what can be done. */
export function PageHeader({ title, badge, above, children, actions }: PageHeaderProps): ReactNode {
  useEffect(() => {
    document.title = `${title} · orgtokens`;
  }, [title]);
  return (
    <header className="page-header">
      {above}
      <div className="page-title">
        <h1 tabIndex={-1}>{title}</h1>
        {badge}
      </div>
      {children === undefined ? null : <p className="page-purpose">{children}</p>}
      {actions === undefined ? null : <div className="page-actions">{actions}</div>}
    </header>
  );
}

/** Closes a dialog whose opener is about to go, and moves the focus to the page's title instead of back to it. */
export function closeTowardsTitle(close: () => void): void {
  flushSync(close);
  focusTitle();
}

/** Moves the focus to the page's title. */
export function focusTitle(): void {
  document.querySelector<HTMLElement>("main h1")?.focus();
}
