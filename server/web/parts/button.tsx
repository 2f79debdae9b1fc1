import type { ComponentProps, ReactNode } from "react";

type ButtonProps = Omit<ComponentProps<"button">, "className"> & {
  readonly look?: "primary" | "secondary" | "danger" | "quiet" | "icon";
  /** What it started is under way. It keeps the focus, and does nothing. */
  readonly isBusy?: boolean;
};

/** A button. */
export function Button({ look = "secondary", isBusy = false, children, onClick, ...rest }: ButtonProps): ReactNode {
  return (
    <button
      type="button"
      className={`button button-${look}`}
      aria-disabled={isBusy || undefined}
      {...rest}
      onClick={isBusy ? (event) => event.preventDefault() : onClick}
    >
      {isBusy ? <span className="spinner" aria-hidden="true" /> : null}
      {children}
    </button>
  );
}
