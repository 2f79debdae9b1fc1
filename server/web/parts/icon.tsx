import type { ReactNode } from "react";

const paths = {
  activity: "M2.5 10h3l2-6 4.5 12 2.5-6h3",
  alert:
    "M10 6.5v4.2m0 2.8v.1M8.6 3.4 1.9 15a1.6 1.6 0 0 0 1.4 2.4h13.4a1.6 1.6 0 0 0 1.4-2.4L11.4 3.4a1.6 1.6 0 0 0-2.8 0Z",
  bin: "M3.5 5.5h13M8 5V3.5h4V5m-6.8.5.7 11h8.2l.7-11M8.2 8.6l.3 5m3.3-5-.3 5",
  check: "m4 10.5 4 4 8-9",
  chevron: "m8 5 5 5-5 5",
  copy: "M7.5 7.5h9v9h-9zM12.5 7.5v-4h-9v9h4",
  cross: "m5 5 10 10M15 5 5 15",
  download: "M10 3v9m-3.5-3.5L10 12l3.5-3.5M3.5 16.5h13",
  info: "M10 9.2v4.3m0-7v.1M10 17.5a7.5 7.5 0 1 0 0-15 7.5 7.5 0 0 0 0 15Z",
  key: "M11.5 8.5a4 4 0 1 1-2.2-3.6 4 4 0 0 1 2.2 3.6Zm0 0h6v3.2M15 8.5v2.4",
  mail: "M2.5 5h15v10.5h-15zM2.5 5.5 10 11l7.5-5.5",
  pencil: "m12.5 4.5 3 3L7 16l-3.5.5L4 13zM11 6l3 3",
  plus: "M10 4v12M4 10h12",
  rotate: "M16 8.5A6.3 6.3 0 0 0 4.6 6.8M4 11.5a6.3 6.3 0 0 0 11.4 1.7M4.3 3.2v3.9h3.9m7.5 9.7v-3.9h-3.9",
  search: "M8.8 14.6a5.8 5.8 0 1 0 0-11.6 5.8 5.8 0 0 0 0 11.6Zm4.2-1.5 4 4",
  settings: "M3 6h8m4 0h2M3 14h2m4 0h8M13 8a2 2 0 1 0 0-4 2 2 0 0 0 0 4ZM7 16a2 2 0 1 0 0-4 2 2 0 0 0 0 4Z",
  users:
    "M7.5 9.5a3 3 0 1 0 0-6 3 3 0 0 0 0 6Zm-5.5 7c0-3 2.4-4.7 5.5-4.7s5.5 1.7 5.5 4.7M13 3.8a3 3 0 0 1 0 5.4m2 2.9c1.8.6 3 2.1 3 4.4",
} as const;

export type IconName = keyof typeof paths;

/** A small drawing beside words that say the same; screen readers leave it out. */
export function Icon({ name }: { readonly name: IconName }): ReactNode {
  return (
    <svg className="icon" viewBox="0 0 20 20" aria-hidden="true" focusable="false">
      <path d={paths[name]} />
    </svg>
  );
}
