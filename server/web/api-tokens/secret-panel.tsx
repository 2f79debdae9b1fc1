import { type ReactNode, useEffect, useLayoutEffect, useRef, useState } from "react";
import type { OneTimeSecret } from "../one-time-secret.ts";
import { Button } from "../parts/button.tsx";
import { Icon } from "../parts/icon.tsx";
import { Notice } from "../parts/notice.tsx";

type SecretPanelProps = {
  readonly label: string;
  readonly secret: OneTimeSecret;
  readonly children: ReactNode;
  /** Called when the reader says that it is stored. The secret is forgotten then. */
  readonly onStored: () => void;
};

/** Shows a secret once, and lets nobody leave by mistake. */
export function SecretPanel({ label, secret, children, onStored }: SecretPanelProps): ReactNode {
  const field = useRef<HTMLTextAreaElement>(null);
  const [isStored, setStored] = useState(false);
  const [isReminded, setReminded] = useState(false);
  const { copied, copy } = useCopy(field, secret);
  useShownSecret(field, secret);
  useLeavingGuard();
  const finish = () => {
    if (isStored) onStored();
    else setReminded(true);
  };
  return (
    <>
      <div className="dialog-body">
        <Notice tone="warning">
          <p>{children}</p>
        </Notice>
        <div className="secret-box">
          {/* The text is put in by hand: see OneTimeSecret. */}
          <textarea
            ref={field}
            className="secret"
            aria-label={`Full token of ${label}`}
            readOnly
            rows={1}
            spellCheck={false}
          />
          <Button onClick={copy}>
            <Icon name={copied === "copied" ? "check" : "copy"} />
            {copied === "copied" ? "Copied" : "Copy"}
          </Button>
        </div>
        <p className="hint" role="status">
          {copied === "copied" ? "Copied to the clipboard. Paste it into your secrets manager." : null}
          {copied === "failed"
            ? "The browser does not allow copying here. The token is selected: press Ctrl+C or ⌘C."
            : null}
          {copied === "no" ? "Put it into a secrets manager: not into code, chat or e-mail." : null}
        </p>
        <label className="check">
          <input type="checkbox" checked={isStored} onChange={({ target }) => setStored(target.checked)} />I have stored
          it
        </label>
        <p className="field-error" role="alert">
          {isReminded && !isStored ? "Store the token first, then confirm it above." : null}
        </p>
      </div>
      <footer className="dialog-footer">
        <Button look="primary" onClick={finish}>
          Done
        </Button>
      </footer>
    </>
  );
}

type FieldReference = { readonly current: HTMLTextAreaElement | null };

/** Puts the secret into its element while the panel is there; takes it out and forgets it afterwards. */
function useShownSecret(field: FieldReference, secret: OneTimeSecret): void {
  useLayoutEffect(() => {
    const element = field.current;
    if (element === null) return;
    element.value = secret.reveal();
    element.focus();
    return () => {
      element.value = "";
      secret.forget();
    };
  }, [field, secret]);
}

function useCopy(field: FieldReference, secret: OneTimeSecret) {
  const [copied, setCopied] = useState<"no" | "copied" | "failed">("no");
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(secret.reveal());
      setCopied("copied");
    } catch {
      field.current?.select();
      setCopied("failed");
    }
  };
  return { copied, copy };
}

/** Has the browser ask before the page is left while the secret is not stored. */
function useLeavingGuard(): void {
  useEffect(() => {
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener("beforeunload", ask);
    return () => removeEventListener("beforeunload", ask);
  }, []);
}
