import type { CreateApiTokenRequest } from "@orgtokens/sdk";
import { type ReactNode, useState } from "react";
import { OneTimeSecret } from "../one-time-secret.ts";
import { Dialog } from "../parts/dialog.tsx";
import { useClient } from "../session.tsx";
import { useAction } from "../use-action.ts";
import { GenerateForm } from "./generate-form.tsx";
import { SecretPanel } from "./secret-panel.tsx";

type GenerateDialogProps = {
  readonly onClose: () => void;
  /** Told the label of the token that was generated and stored. */
  readonly onDone: (label: string) => void;
};

type Issued = { readonly label: string; readonly secret: OneTimeSecret };

/** Asks what a token is for, generates it, and shows it once. */
export function GenerateDialog({ onClose, onDone }: GenerateDialogProps): ReactNode {
  const client = useClient();
  const action = useAction();
  const [issued, setIssued] = useState<Issued>();
  const generate = (request: CreateApiTokenRequest) =>
    action.run(async () => {
      const { token, label } = await client.createApiToken(request);
      setIssued({ label, secret: new OneTimeSecret(token) });
    });
  if (issued === undefined) {
    return (
      <Dialog key="form" title="Generate API token" onClose={onClose}>
        <GenerateForm action={action} onSubmit={generate} onCancel={onClose} />
      </Dialog>
    );
  }
  return (
    <Dialog key="secret" title="Store your new token" closing="held" onClose={onClose}>
      <SecretPanel label={issued.label} secret={issued.secret} onStored={() => onDone(issued.label)}>
        This is the only time the full token of <strong>{issued.label}</strong> is shown. All admins of the organization
        are told by e-mail that it was generated.
      </SecretPanel>
    </Dialog>
  );
}
