// Five rungs; imports go down only, and folders on the same rung are strangers. One list, all rules made from it.
const RUNGS = ['core', 'runtime', 'db|broker', 'scheduler|distributor|processor|autoscaler|api', 'bin'];
const at = (rung) => `^(${RUNGS[rung]})/`;
const above = (rung) => `^(${RUNGS.slice(rung + 1).join('|')})/`;

const upward = RUNGS.slice(0, -1).map((folders, rung) => ({
  name: `not-up-from-${folders.replaceAll('|', '-')}`,
  comment: 'Import from a rung below; never sideways, never up.',
  severity: 'error',
  from: { path: at(rung) },
  to: { path: above(rung) },
}));
const sideways = RUNGS.map((folders, rung) => ({
  name: `not-sideways-in-${folders.replaceAll('|', '-')}`,
  comment: 'Folders on the same rung are strangers: they talk through the database and the broker.',
  severity: 'error',
  from: { path: at(rung) },
  to: { path: at(rung), pathNot: '^$1/' },
}));

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    ...upward,
    ...sideways,
    {
      name: 'core-is-pure',
      comment: 'core/ decides; it does no I/O and its one package is cron-parser.',
      severity: 'error',
      from: { path: '^core/' },
      to: { pathNot: ['^core/', 'node_modules/cron-parser/'] },
    },
    {
      name: 'contract-is-leaf',
      comment: 'api/contract is read by the browser too: it sees core and zod, nothing else.',
      severity: 'error',
      from: { path: '^api/contract/' },
      to: { pathNot: ['^api/contract/', '^core/', 'node_modules/zod/'] },
    },
    {
      name: 'web-sees-only-the-contract',
      severity: 'error',
      from: { path: '^web/' },
      to: { path: `^(${RUNGS.join('|')})/`, pathNot: '^api/contract/' },
    },
    {
      name: 'product-does-not-import-tests',
      severity: 'error',
      from: { path: `^(${RUNGS.join('|')}|web)/` },
      to: { path: '^(test|bench|scripts)/' },
    },
    {
      name: 'examples-are-started-by-bin-only',
      comment:
        '`almanac start` runs the instruments of the laboratory example; nothing else knows that there are examples.',
      severity: 'error',
      from: { path: `^(${RUNGS.slice(0, -1).join('|')}|web)/` },
      to: { path: '^examples/' },
    },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(build|coverage)/' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
