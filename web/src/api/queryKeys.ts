/** The keys of the cache. Invalidating a prefix invalidates everything under it. */
export const queryKeys = {
  tasks: ['tasks'] as const,
  task: (taskId: string) => ['tasks', 'one', taskId] as const,
  /** Apart from the others: what a form was filled with is not read anew when something is saved. */
  taskEdit: ['task-edit'] as const,
  occurrences: ['occurrences'] as const,
  runs: ['runs'] as const,
  deadLetters: ['dead-letters'] as const,
  taskTypes: ['task-types'] as const,
  forecast: ['forecast'] as const,
  load: ['load'] as const,
  advice: ['advice'] as const,
  /** Apart from the others: once it is applied it does not fit any more. */
  adviceProposal: ['advice-proposal'] as const,
  replicas: ['replicas'] as const,
  health: ['health'] as const,
  cron: ['cron'] as const,
  plan: ['plan'] as const,
  calendars: ['calendars'] as const,
  calendarEdit: ['calendar-edit'] as const,
  ledger: ['ledger'] as const,
};
