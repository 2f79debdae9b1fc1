import type { OrganizationPolicy, UpdateOrganizationPolicyRequest } from "@orgtokens/sdk";
import { type ReactNode, type SubmitEvent, useState } from "react";
import { useAnnounce } from "../parts/announcement.tsx";
import { Button } from "../parts/button.tsx";
import { ProblemNotice } from "../parts/problem-notice.tsx";
import { useClient } from "../session.tsx";
import { useAction } from "../use-action.ts";
import { useLoaded } from "../use-loaded.ts";
import { CheckSetting, LifetimeSetting } from "./policy-settings.tsx";

/** The organization's rules for tokens. */
export function PolicySection(): ReactNode {
  const client = useClient();
  const policy = useLoaded("policy", (signal) => client.getOrganizationPolicy({ signal }));
  return (
    <section className="card" aria-labelledby="policy">
      <h2 id="policy">Rules for tokens</h2>
      <p className="hint">They count for what is done from now on. Tokens that exist stay as they are.</p>
      {policy.state === "failed" ? <ProblemNotice error={policy.error} onRetry={policy.reload} /> : null}
      {policy.state === "loading" && policy.value === undefined ? <span className="skeleton skeleton-block" /> : null}
      {policy.value === undefined ? null : <PolicyForm policy={policy.value} onSaved={policy.reload} />}
    </section>
  );
}

type PolicyFormProps = { readonly policy: OrganizationPolicy; readonly onSaved: () => void };

function PolicyForm({ policy, onSaved }: PolicyFormProps): ReactNode {
  const client = useClient();
  const announce = useAnnounce();
  const action = useAction();
  const [changes, setChanges] = useState<UpdateOrganizationPolicyRequest>({});
  const shown: OrganizationPolicy = { ...policy, ...changes };
  const change = (change: UpdateOrganizationPolicyRequest) => setChanges({ ...changes, ...change });
  const save = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (Object.keys(changes).length === 0) return announce("Nothing was changed.");
    action.run(async () => {
      await client.updateOrganizationPolicy(changes);
      setChanges({});
      announce("The rules are saved.");
      onSaved();
    });
  };
  return (
    <form className="settings-form" onSubmit={save}>
      <LifetimeSetting
        label="Longest lifetime"
        none="No limit"
        value={shown.maximumLifetimeSeconds}
        onChange={(maximumLifetimeSeconds) => change({ maximumLifetimeSeconds })}
      />
      <LifetimeSetting
        label="Lifetime when none is asked for"
        none="Does not expire"
        value={shown.defaultLifetimeSeconds}
        onChange={(defaultLifetimeSeconds) => change({ defaultLifetimeSeconds })}
      />
      <PermissionSettings policy={shown} onChange={change} />
      {action.state === "failed" ? <ProblemNotice error={action.error} /> : null}
      <div>
        <Button look="primary" type="submit" isBusy={action.state === "busy"}>
          Save rules
        </Button>
      </div>
    </form>
  );
}

type PermissionSettingsProps = {
  readonly policy: OrganizationPolicy;
  readonly onChange: (change: UpdateOrganizationPolicyRequest) => void;
};

function PermissionSettings({ policy, onChange }: PermissionSettingsProps): ReactNode {
  return (
    <>
      <fieldset className="field">
        <legend>What is allowed</legend>
        <CheckSetting
          label="Admin tokens"
          explanation="Tokens may be generated with the role Admin."
          checked={policy.tokenRoles.includes("admin")}
          onChange={(isOn) => onChange({ tokenRoles: isOn ? ["developer", "admin"] : ["developer"] })}
        />
        <CheckSetting
          label="Tokens generate tokens"
          explanation="Admin tokens may generate tokens, as Terraform needs it. Otherwise only signed-in admins may, and make others admins."
          checked={policy.tokensMayGenerate}
          onChange={(tokensMayGenerate) => onChange({ tokensMayGenerate })}
        />
        <CheckSetting
          label="Labels used twice"
          explanation="A label that a live token has is allowed for another one, with a warning."
          checked={policy.duplicateLabels === "warn"}
          onChange={(isOn) => onChange({ duplicateLabels: isOn ? "warn" : "refuse" })}
        />
      </fieldset>
      <fieldset className="field">
        <legend>What is demanded</legend>
        <CheckSetting
          label="Type the label to revoke"
          explanation="Also by the API: a revocation must carry the token's label. This page always asks."
          checked={policy.labelConfirmation === "required"}
          onChange={(isOn) => onChange({ labelConfirmation: isOn ? "required" : "optional" })}
        />
        <CheckSetting
          label="Revoke leaked tokens at once"
          explanation="A token that is reported as leaked is revoked. Otherwise admins are only told."
          checked={policy.onLeak === "revoke"}
          onChange={(isOn) => onChange({ onLeak: isOn ? "revoke" : "notify" })}
        />
      </fieldset>
    </>
  );
}
