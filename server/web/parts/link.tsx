import type { ComponentProps, MouseEvent, ReactNode } from "react";
import { navigate } from "../router.ts";

/** A link to a path of the page, which a plain click follows without loading anything. */
export function Link({ href, ...rest }: ComponentProps<"a"> & { readonly href: string }): ReactNode {
  const follow = (event: MouseEvent) => {
    const isPlain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
    if (!isPlain) return;
    event.preventDefault();
    navigate(href);
  };
  return <a href={href} onClick={follow} {...rest} />;
}
