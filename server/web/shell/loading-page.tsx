import type { ReactNode } from "react";

/** What is shown until it is known who is signed in. */
export function LoadingPage(): ReactNode {
  return (
    <main className="loading-page" aria-busy="true">
      <h1 className="visually-hidden">Loading</h1>
      <span className="spinner spinner-large" aria-hidden="true" />
    </main>
  );
}
