import type { ReactNode } from "react";

/** The product's sign. */
export function Logo(): ReactNode {
  return (
    <svg className="logo" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="8" />
      <g>
        <circle cx="12" cy="16" r="4.5" />
        <path d="M16.5 16H25v4M21 16v3" />
      </g>
    </svg>
  );
}
