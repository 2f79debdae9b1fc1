import type { ApiToken } from "@orgtokens/sdk";
import type { ReactNode } from "react";
import { Badge } from "../parts/badge.tsx";

const tones = {
  active: "positive",
  pending: "caution",
  revoked: "negative",
  expired: "neutral",
} as const satisfies Record<ApiToken["status"], string>;

/** Where a token is in its life. */
export function StatusBadge({ status }: { readonly status: ApiToken["status"] }): ReactNode {
  return <Badge tone={tones[status]}>{capitalize(status)}</Badge>;
}

/** What a token or a user may do. */
export function RoleBadge({ role }: { readonly role: ApiToken["role"] }): ReactNode {
  return <Badge tone={role === "admin" ? "accent" : "neutral"}>{capitalize(role)}</Badge>;
}

/** Writes the first letter large. */
export function capitalize(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
