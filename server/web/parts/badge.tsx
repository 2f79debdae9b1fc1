import type { ReactNode } from "react";

type BadgeProps = {
  readonly tone: "positive" | "neutral" | "caution" | "negative" | "accent";
  readonly children: ReactNode;
};

/** One word about a state. */
export function Badge({ tone, children }: BadgeProps): ReactNode {
  return <span className={`badge badge-${tone}`}>{children}</span>;
}
