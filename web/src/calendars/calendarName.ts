/** What the contract takes as a name. */
const NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;

/** Why a name can not be taken for a new calendar; undefined when it can. */
export function nameProblem(name: string, taken: readonly string[]): string | undefined {
  if (!NAME.test(name)) return 'Lower-case letters, digits and hyphens, such as holidays-it.';
  return taken.includes(name) ? 'There is a calendar of this name already.' : undefined;
}

/** A name to start from: what the words of a title, or of a file's name, come to. */
export function nameOfTitle(title: string): string {
  return title
    .replace(/\.ics$/i, '')
    .normalize('NFKD')
    .toLowerCase()
    .replace(/\p{M}/gu, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+/, '')
    .slice(0, 63)
    .replace(/-+$/, '');
}
