export interface PayloadField {
  readonly name: string;
  readonly text: string;
}

/** The top-level fields of a payload's JSON Schema in words: kind, whether it must be there, what it is for. */
export function payloadFields(schema: Readonly<Record<string, unknown>>): readonly PayloadField[] {
  const properties = asRecord(schema.properties);
  const required = Array.isArray(schema.required) ? schema.required : [];
  return Object.entries(properties).map(([name, value]) => {
    const property = asRecord(value);
    const parts = [
      kindOf(property),
      required.includes(name) && property.default === undefined ? 'required' : 'optional',
      ...(property.default === undefined ? [] : [`default ${JSON.stringify(property.default)}`]),
      ...(typeof property.description === 'string' ? [property.description] : []),
    ];
    return { name, text: parts.join(', ') };
  });
}

function kindOf(property: Readonly<Record<string, unknown>>): string {
  if (Array.isArray(property.enum)) return property.enum.map((one) => JSON.stringify(one)).join(' or ');
  if ('const' in property) return JSON.stringify(property.const);
  const alternatives = property.anyOf ?? property.oneOf;
  if (Array.isArray(alternatives)) return [...new Set(alternatives.map((one) => kindOf(asRecord(one))))].join(' or ');
  const { type } = property;
  if (typeof type === 'string') return type;
  return Array.isArray(type) ? type.join(' or ') : 'any value';
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}
