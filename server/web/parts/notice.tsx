import type { ReactNode } from "react";
import { Icon, type IconName } from "./icon.tsx";

type NoticeProps = {
  readonly tone: "info" | "warning" | "success";
  readonly children: ReactNode;
};

const icons = { info: "info", warning: "alert", success: "check" } as const satisfies Record<string, IconName>;

/** Something worth knowing, set apart from the text around it. */
export function Notice({ tone, children }: NoticeProps): ReactNode {
  return (
    <div className={`notice notice-${tone}`}>
      <Icon name={icons[tone]} />
      <div className="notice-body">{children}</div>
    </div>
  );
}
