/** The name that a misspelt one most likely means: the one with the fewest edits, if they are few for its length. */
export function nearestName(wrong: string, names: readonly string[]): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(wrong.length / 3)) + 1;
  for (const name of names) {
    const distance = editDistance(wrong.slice(0, MAX_LENGTH), name.slice(0, MAX_LENGTH));
    if (distance < bestDistance) [best, bestDistance] = [name, distance];
  }
  return best;
}

const MAX_LENGTH = 100;

/** Insertions, deletions and replacements that turn one text into the other (Levenshtein). */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [i, a] of Array.from(from).entries()) {
    const next = [i + 1];
    for (const [j, b] of Array.from(to).entries()) {
      const replaced = Number(row[j]) + (a === b ? 0 : 1);
      next.push(Math.min(replaced, Number(row[j + 1]) + 1, Number(next[j]) + 1));
    }
    row = next;
  }
  return Number(row.at(-1));
}
