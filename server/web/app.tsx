import { type ReactNode, useEffect } from "react";
import { ActivityPage } from "./activity/activity-page.tsx";
import { ApiTokenPage } from "./api-tokens/api-token-page.tsx";
import { ApiTokensPage } from "./api-tokens/api-tokens-page.tsx";
import { MembersPage } from "./members/members-page.tsx";
import { AnnouncementProvider } from "./parts/announcement.tsx";
import { navigate, type Place, usePlace } from "./router.ts";
import { SessionProvider, useSession } from "./session.tsx";
import { SettingsPage } from "./settings/settings-page.tsx";
import { AdminsOnlyPage } from "./shell/admins-only-page.tsx";
import { FailedPage } from "./shell/failed-page.tsx";
import { LoadingPage } from "./shell/loading-page.tsx";
import { NotFoundPage } from "./shell/not-found-page.tsx";
import { Shell } from "./shell/shell.tsx";
import { LinkPage } from "./sign-in/link-page.tsx";
import { SignInPage } from "./sign-in/sign-in-page.tsx";

/** The whole page. */
export function App(): ReactNode {
  return (
    <AnnouncementProvider>
      <SessionProvider>
        <Gate />
      </SessionProvider>
    </AnnouncementProvider>
  );
}

/** Lets signed-in users in, and shows everybody else the way. */
function Gate(): ReactNode {
  const place = usePlace();
  const { state, reload } = useSession();
  const isHere = state.kind === "signed-in" && place.path === "/sign-in";
  useEffect(() => {
    // Who is signed in has no business there.
    if (isHere) navigate("/organization/api-tokens", "replace");
  }, [isHere]);
  if (place.path === "/sign-in/link") return <LinkPage />;
  switch (state.kind) {
    case "loading":
      return <LoadingPage />;
    case "failed":
      return <FailedPage error={state.error} onRetry={reload} />;
    case "signed-out":
      return <SignInPage hasEnded={state.hasEnded} />;
    case "signed-in":
      return (
        <Shell session={state.session} place={place}>
          {state.session.user.role === "admin" ? <AdminPage place={place} /> : <MemberPage place={place} />}
        </Shell>
      );
  }
}

function AdminPage({ place }: { readonly place: Place }): ReactNode {
  const { path } = place;
  const apiTokenId = /^\/organization\/api-tokens\/([0-9a-f]{24})$/.exec(path)?.[1];
  if (apiTokenId !== undefined) return <ApiTokenPage key={apiTokenId} id={apiTokenId} />;
  switch (path) {
    case "/organization/api-tokens":
      return <ApiTokensPage place={place} />;
    case "/organization/members":
      return <MembersPage />;
    case "/organization/activity":
      return <ActivityPage place={place} />;
    case "/organization/settings":
      return <SettingsPage />;
    default:
      return <NotFoundPage />;
  }
}

/** A developer has an account of their own, and nothing else here. */
function MemberPage({ place }: { readonly place: Place }): ReactNode {
  return place.path === "/organization/settings" ? <SettingsPage /> : <AdminsOnlyPage />;
}
