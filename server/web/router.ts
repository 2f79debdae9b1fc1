import { useSyncExternalStore } from "react";

/** Where the page is: a path of it, and the query behind it. */
export type Place = { readonly path: string; readonly query: URLSearchParams };

/** The place in the address bar; renders again when it changes. */
export function usePlace(): Place {
  const href = useSyncExternalStore(subscribe, () => `${location.pathname}${location.search}`);
  const [path = "/", search = ""] = href.split("?");
  return { path, query: new URLSearchParams(search) };
}

/** Goes to a path of the page. `replace` leaves the present place out of the history. */
export function navigate(to: string, how: "push" | "replace" = "push"): void {
  history[how === "push" ? "pushState" : "replaceState"](null, "", to);
  dispatchEvent(new PopStateEvent("popstate"));
}

/** The present path with some parameters of its query changed; an empty value leaves one out. */
export function withQuery({ path, query }: Place, changes: Readonly<Record<string, string>>): string {
  const changed = new URLSearchParams(query);
  for (const [name, value] of Object.entries(changes)) {
    if (value === "") changed.delete(name);
    else changed.set(name, value);
  }
  return changed.size === 0 ? path : `${path}?${changed}`;
}

function subscribe(onChange: () => void): () => void {
  addEventListener("popstate", onChange);
  return () => removeEventListener("popstate", onChange);
}
