/** Whether something with these labels is selected. */
export type Selects = (labels: Readonly<Record<string, string>>) => boolean;

// A key (with a prefix or without), an operator, and one value or a list of them in parentheses.
const REQUIREMENT = /^\s*(?:(!)\s*)?([A-Za-z0-9][\w./-]*)\s*(?:(=|==|!=)\s*([\w.-]*)|\s(in|notin)\s*\(([^()]*)\))?\s*$/;

/**
 * A label selector as Kubernetes writes it: `pool=default`, `pool!=a,zone`, `pool in (a,b)`, `!zone`. The empty one selects everything.
 * `undefined` when it is none.
 */
export function parseLabelSelector(text: string): Selects | undefined {
  if (text.trim() === '') return () => true;
  const requirements: Selects[] = [];
  for (const part of split(text)) {
    const requirement = parseRequirement(part);
    if (requirement === undefined) return undefined;
    requirements.push(requirement);
  }
  return (labels) => requirements.every((selects) => selects(labels));
}

function parseRequirement(text: string): Selects | undefined {
  const [, not, key, operator, value = '', setOperator, list = ''] = REQUIREMENT.exec(text) ?? [];
  if (key === undefined) return undefined;
  const isThere: Selects = (labels) => Object.hasOwn(labels, key);
  if (operator === undefined && setOperator === undefined) return not === undefined ? isThere : negate(isThere);
  if (not !== undefined) return undefined;
  const values = operator === undefined ? list.split(',').map((item) => item.trim()) : [value];
  const isOneOf: Selects = (labels) => isThere(labels) && values.includes(labels[key] ?? '');
  // What has no such label has no such value either.
  return operator === '!=' || setOperator === 'notin' ? negate(isOneOf) : isOneOf;
}

function negate(selects: Selects): Selects {
  return (labels) => !selects(labels);
}

/** At the commas that are not inside of parentheses. */
function split(text: string): string[] {
  return text.split(/,(?![^()]*\))/);
}
