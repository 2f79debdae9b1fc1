/** Something a check found: where (`path`, `path:line`, or a name), and what is wrong with it there. */
export interface Finding {
  readonly place: string;
  readonly message: string;
}

/** One of the checks of `npm run check`. */
export interface Check {
  readonly name: string;
  /** What holds when there are no findings, for the list a person reads. */
  readonly promise: string;
  /** Reads the tree at `root` (absolute, without a slash at its end) and changes nothing. Throws only when it could not check. */
  readonly run: (root: string) => Promise<readonly Finding[]>;
}
