import { InvalidInputError } from '../core/errors.ts';

/** A component of an iCalendar file, such as VEVENT, with what stands directly in it. Names are in upper case. */
export interface IcalComponent {
  readonly name: string;
  readonly line: number;
  readonly properties: readonly IcalProperty[];
  readonly components: readonly IcalComponent[];
}

export interface IcalProperty {
  readonly name: string;
  /** In the file, counted from 1. */
  readonly line: number;
  /** Without quotes; names in upper case. */
  readonly parameters: ReadonlyMap<string, string>;
  /** As it stands there: escapes are left in. */
  readonly value: string;
}

/** Reads the outermost components (RFC 5545, 3.1). @throws InvalidInputError that names the line. */
export function parseIcal(text: string): readonly IcalComponent[] {
  const outermost: OpenComponent[] = [];
  const open: OpenComponent[] = [];
  for (const { line, text: content } of unfold(text)) {
    const property = parseLine(content, line);
    const name = property.value.trim().toUpperCase();
    const inner = open.at(-1);
    if (property.name === 'BEGIN') {
      if (open.length === MAX_DEPTH) throw icalError(line, `components are nested more than ${MAX_DEPTH} deep`);
      const component = { name, line, properties: [], components: [] };
      (inner?.components ?? outermost).push(component);
      open.push(component);
    } else if (inner === undefined) {
      throw icalError(line, 'expected BEGIN:VCALENDAR');
    } else if (property.name === 'END') {
      if (inner.name !== name) {
        throw icalError(line, `END:${clip(name)} ends nothing: ${clip(inner.name)} of line ${inner.line} is open`);
      }
      open.pop();
    } else {
      inner.properties.push(property);
    }
  }
  const unclosed = open.at(-1);
  if (unclosed !== undefined) throw icalError(unclosed.line, `BEGIN:${clip(unclosed.name)} has no END`);
  if (!outermost.some(({ name }) => name === 'VCALENDAR')) throw icalError(1, 'expected BEGIN:VCALENDAR');
  return outermost;
}

export function icalError(line: number, message: string, options?: ErrorOptions): InvalidInputError {
  return new InvalidInputError([{ path: 'ical', message: `line ${line}: ${message}` }], options);
}

/** The first property of that name. */
export function propertyOf(component: IcalComponent, name: string): IcalProperty | undefined {
  return component.properties.find((property) => property.name === name);
}

export function propertiesOf(component: IcalComponent, name: string): readonly IcalProperty[] {
  return component.properties.filter((property) => property.name === name);
}

/** The text of a property on one line, without its escapes; null when there is none. */
export function textOfProperty(component: IcalComponent, name: string): string | null {
  const value = propertyOf(component, name)?.value.replace(/\\(.)/gs, (_, escaped: string) =>
    escaped.toLowerCase() === 'n' ? ' ' : escaped,
  );
  const text = value?.replace(/\s+/g, ' ').trim();
  return text === undefined || text === '' ? null : clip(text);
}

/** Labels and titles have at most 200 characters. */
function clip(text: string): string {
  return text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}

const MAX_TEXT = 200;
const MAX_DEPTH = 8;

interface OpenComponent extends IcalComponent {
  readonly properties: IcalProperty[];
  readonly components: OpenComponent[];
}

interface ContentLine {
  readonly line: number;
  text: string;
}

/** A line that begins with a space continues the one before. */
function unfold(text: string): readonly ContentLine[] {
  const lines: ContentLine[] = [];
  for (const [index, physical] of text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\n|\r/)
    .entries()) {
    const last = lines.at(-1);
    if (/^[ \t]/.test(physical) && last !== undefined) last.text += physical.slice(1);
    else if (physical.trim() !== '') lines.push({ line: index + 1, text: physical });
  }
  return lines;
}

function parseLine(text: string, line: number): IcalProperty {
  const name = /^[A-Za-z0-9-]+/.exec(text)?.[0];
  if (name === undefined) throw icalError(line, `expected a property, such as DTSTART:20261225; got ${quote(text)}`);
  const parameters = new Map<string, string>();
  let at = name.length;
  for (;;) {
    PARAMETER.lastIndex = at;
    const found = PARAMETER.exec(text);
    if (found === null) break;
    parameters.set(String(found[1]).toUpperCase(), String(found[2]).replaceAll('"', ''));
    at = PARAMETER.lastIndex;
  }
  if (text[at] !== ':') throw icalError(line, `expected a colon and a value after ${quote(text.slice(0, at))}`);
  return { name: name.toUpperCase(), line, parameters, value: text.slice(at + 1) };
}

const PARAMETER = /;([A-Za-z0-9-]+)=((?:"[^"]*"|[^":;])*)/y;

function quote(text: string): string {
  return `“${text.length > 40 ? `${text.slice(0, 39).replace(/[\uD800-\uDBFF]$/, '')}…` : text}”`;
}
