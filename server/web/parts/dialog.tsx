import { type KeyboardEvent, type ReactNode, type SyntheticEvent, useId, useLayoutEffect, useRef } from "react";
import { Button } from "./button.tsx";
import { Icon } from "./icon.tsx";

type DialogProps = {
  readonly title: string;
  readonly children: ReactNode;
  readonly onClose: () => void;
  /** `held` when Escape and the cross must not close it. */
  readonly closing?: "free" | "held";
};

const firstControl = ".dialog-body :is(input:not([type=radio]), input:checked, select, textarea)";

/** A modal dialog of the browser's own: it holds the focus while it is there, and gives it back. */
export function Dialog({ title, children, onClose, closing = "free" }: DialogProps): ReactNode {
  const element = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useLayoutEffect(() => {
    const opened = element.current;
    opened?.showModal();
    // Its reader starts at the first control, not at the cross.
    opened?.querySelector<HTMLElement>(firstControl)?.focus();
    return () => opened?.close();
  }, []);
  const cancel = (event: SyntheticEvent) => {
    event.preventDefault();
    if (closing === "free") onClose();
  };
  // A browser lets nobody refuse a second Escape, unless its key never was pressed.
  const holdEscape = (event: KeyboardEvent) => {
    if (event.key === "Escape" && closing === "held") event.preventDefault();
  };
  return (
    <dialog ref={element} className="dialog" aria-labelledby={titleId} onCancel={cancel} onKeyDown={holdEscape}>
      <header className="dialog-header">
        <h2 id={titleId}>{title}</h2>
        {closing === "free" ? (
          <Button look="icon" aria-label="Close" onClick={onClose}>
            <Icon name="cross" />
          </Button>
        ) : null}
      </header>
      {children}
    </dialog>
  );
}
