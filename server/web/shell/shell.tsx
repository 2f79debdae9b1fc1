import type { Session } from "@orgtokens/sdk";
import { type ReactNode, useEffect, useRef } from "react";
import { useAnnounce } from "../parts/announcement.tsx";
import { Button } from "../parts/button.tsx";
import { Icon, type IconName } from "../parts/icon.tsx";
import { Link } from "../parts/link.tsx";
import { focusTitle } from "../parts/page-header.tsx";
import type { Place } from "../router.ts";
import { useSession } from "../session.tsx";
import { useAction } from "../use-action.ts";
import { Logo } from "./logo.tsx";

const sections: readonly { readonly href: string; readonly name: string; readonly icon: IconName }[] = [
  { href: "/organization/api-tokens", name: "API tokens", icon: "key" },
  { href: "/organization/members", name: "Members", icon: "users" },
  { href: "/organization/activity", name: "Activity", icon: "activity" },
  { href: "/organization/settings", name: "Settings", icon: "settings" },
];

type ShellProps = { readonly session: Session; readonly place: Place; readonly children: ReactNode };

/** What stands around every page: the organization, the way to the other pages, and who is signed in. */
export function Shell({ session, place, children }: ShellProps): ReactNode {
  useFocusOnArrival(place.path);
  return (
    <div className="shell">
      <a className="skip-link" href="#content">
        Skip to content
      </a>
      <header className="sidebar">
        <div className="brand">
          <Logo />
          <span className="brand-name" title={session.organization.name}>
            {session.organization.name}
          </span>
        </div>
        <nav className="sections" aria-label="Organization">
          <ul>
            {sections.map(({ href, name, icon }) => (
              <li key={href}>
                <Link href={href} aria-current={isWithin(place.path, href) ? "page" : undefined}>
                  <Icon name={icon} />
                  {name}
                </Link>
              </li>
            ))}
          </ul>
        </nav>
        <a className="reference-link" href="/docs">
          API reference
        </a>
        <Account email={session.user.email} />
      </header>
      <main id="content" tabIndex={-1}>
        {children}
      </main>
    </div>
  );
}

function Account({ email }: { readonly email: string }): ReactNode {
  const { client, leave } = useSession();
  const announce = useAnnounce();
  const action = useAction();
  const signOut = () =>
    action.run(async () => {
      try {
        await client.signOut();
        leave();
      } catch (error) {
        announce("You could not be signed out: the server did not answer. Try again.");
        throw error;
      }
    });
  return (
    <div className="account">
      <span className="account-email" title={email}>
        {email}
      </span>
      <Button look="quiet" isBusy={action.state === "busy"} onClick={signOut}>
        Sign out
      </Button>
    </div>
  );
}

/** Moves the focus to the title of the page that a link led to, as a browser does when it loads one. */
function useFocusOnArrival(path: string): void {
  const shown = useRef(path);
  useEffect(() => {
    if (shown.current === path) return;
    shown.current = path;
    scrollTo(0, 0);
    focusTitle();
  }, [path]);
}

function isWithin(path: string, href: string): boolean {
  return path === href || path.startsWith(`${href}/`);
}
