import type { ComponentProps, ReactNode } from "react";

type ButtonProps = Omit<ComponentProps<"button">, "className"> & {
  readonly look?: "primary" | "secondary" | "danger" | "quiet" | "icon";
  /** What it started is under way. It keeps the focus, and does nothing. */
  readonly isBusy?: boolean;
  /** It would do nothing now. It can have the focus all the same, so that nobody loses their place. */
  readonly isIdle?: boolean;
};

/** A button. */
export function Button({
  look = "secondary",
  isBusy = false,
  isIdle = false,
  children,
  onClick,
  ...rest
}: ButtonProps): ReactNode {
  const isOff = isBusy || isIdle;
  return (
    <button
      type="button"
      className={`button button-${look}`}
      aria-disabled={isOff || undefined}
      {...rest}
      onClick={isOff ? (event) => event.preventDefault() : onClick}
    >
      {isBusy ? <span className="spinner" aria-hidden="true" /> : null}
      {children}
    </button>
  );
}
