/** What this browser remembers for a person; storage may be forbidden, and then nothing is remembered. */
export function readChoice<Choice extends string>(key: string, choices: readonly Choice[], fallback: Choice): Choice {
  try {
    const stored = window.localStorage.getItem(key);
    return choices.find((choice) => choice === stored) ?? fallback;
  } catch {
    return fallback;
  }
}

export function writeChoice(key: string, choice: string): void {
  try {
    window.localStorage.setItem(key, choice);
  } catch {
    // Forbidden or full: the choice holds until the page is closed, and that is all it can do.
  }
}
