import { type ReactNode, useState } from "react";
import { Button } from "./button.tsx";

/** Where a walk by cursor is. The first page has none. */
export type Walk = {
  readonly cursor: string | undefined;
  /** How many pages lie before. */
  readonly pagesBefore: number;
  readonly forward: (cursor: string) => void;
  readonly back: () => void;
};

/** Walks through pages by cursor, and back. `key` names what is walked through: another one starts at its first page. */
export function useWalk(key: string): Walk {
  const [{ walked, cursors }, setState] = useState<{ walked: string; cursors: readonly string[] }>({
    walked: key,
    cursors: [],
  });
  const current = walked === key ? cursors : [];
  return {
    cursor: current.at(-1),
    pagesBefore: current.length,
    forward: (cursor) => setState({ walked: key, cursors: [...current, cursor] }),
    back: () => setState({ walked: key, cursors: current.slice(0, -1) }),
  };
}

type PagerProps = {
  readonly walk: Walk;
  /** Null on the last page, undefined while it is not known. */
  readonly nextCursor: string | null | undefined;
  /** Such as "1–20 of 35". */
  readonly summary: string;
};

/** Newer and older, and where one is. */
export function Pager({ walk, nextCursor, summary }: PagerProps): ReactNode {
  const next = nextCursor ?? null;
  return (
    <nav className="pager" aria-label="Pages">
      <p className="muted" aria-live="polite">
        {summary}
      </p>
      {walk.pagesBefore === 0 && next === null ? null : (
        <div className="pager-buttons">
          <Button isIdle={walk.pagesBefore === 0} onClick={walk.back}>
            Newer
          </Button>
          <Button isIdle={next === null} onClick={() => next !== null && walk.forward(next)}>
            Older
          </Button>
        </div>
      )}
    </nav>
  );
}
