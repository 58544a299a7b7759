import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** The metrics of one process, by their agreed names: base units, `_total` for counters, labels of few values only. */
export type Metrics = ReturnType<typeof createMetrics>;

export function createMetrics(options: { readonly processMetrics: boolean }) {
  const registry = new Registry();
  const registers = [registry];
  if (options.processMetrics) collectDefaultMetrics({ register: registry, prefix: 'almanac_' });
  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    expandedOccurrences: new Counter({
      name: 'almanac_expanded_occurrences_total',
      help: 'Occurrences written ahead of time.',
      registers,
    }),
    claimedOccurrences: new Counter({
      name: 'almanac_claimed_occurrences_total',
      help: 'Occurrences claimed for publishing.',
      registers,
    }),
    publishedTickets: new Counter({
      name: 'almanac_published_tickets_total',
      help: 'Tickets confirmed by the broker.',
      registers,
    }),
    releasedOccurrences: new Counter({
      name: 'almanac_released_occurrences_total',
      help: 'Occurrences put back to Scheduled without a run.',
      labelNames: ['cause'] as const,
      registers,
    }),
    runsFinished: new Counter({
      name: 'almanac_runs_finished_total',
      help: 'Attempts that ended.',
      labelNames: ['task_type', 'outcome'] as const,
      registers,
    }),
    runsRefused: new Counter({
      name: 'almanac_runs_refused_total',
      help: 'Late results of attempts that no longer held their occurrence.',
      registers,
    }),
    runDuration: new Histogram({
      name: 'almanac_run_duration_seconds',
      help: 'Execution time of successful attempts.',
      labelNames: ['task_type'] as const,
      buckets: [0.001, 0.01, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 1800],
      registers,
    }),
    runStartDelay: new Histogram({
      name: 'almanac_run_start_delay_seconds',
      help: 'Start minus the instant at which the attempt was due.',
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
      registers,
    }),
    runsInProgress: new Gauge({
      name: 'almanac_runs_in_progress',
      help: 'Attempts that run in this process.',
      registers,
    }),
    unreadableMessages: new Counter({
      name: 'almanac_unreadable_messages_total',
      help: 'Messages sent to the dead-letter queue unread.',
      registers,
    }),
    deadLettered: new Counter({
      name: 'almanac_dead_lettered_total',
      help: 'Occurrences that ended as Failed.',
      labelNames: ['task_type'] as const,
      registers,
    }),
    repairedDemand: new Counter({
      name: 'almanac_repaired_demand_total',
      help: 'Seconds of the demand ahead that did not agree with the occurrences and were put right: anything but 0 is a fault.',
      registers,
    }),
    unaccountedOccurrences: new Gauge({
      name: 'almanac_unaccounted_occurrences',
      help: 'Occurrences that schedules called for and that nobody recorded: anything but 0 is a fault.',
      labelNames: ['window'] as const,
      registers,
    }),
    unexpectedOccurrences: new Gauge({
      name: 'almanac_unexpected_occurrences',
      help: 'Recorded occurrences that no revision of their task called for: anything but 0 is a fault.',
      labelNames: ['window'] as const,
      registers,
    }),
    requiredReplicas: new Gauge({
      name: 'almanac_replicas_required',
      help: 'Replicas that the plan wants now.',
      labelNames: ['pool'] as const,
      registers,
    }),
    readyReplicas: new Gauge({
      name: 'almanac_replicas_ready',
      help: 'Replicas that are ready.',
      labelNames: ['pool'] as const,
      registers,
    }),
    busyReplicas: new Gauge({
      name: 'almanac_replicas_busy',
      help: 'Ready replicas that run something.',
      labelNames: ['pool'] as const,
      registers,
    }),
    forecastReplicas: new Gauge({
      name: 'almanac_forecast_required_replicas',
      help: 'Replicas that the formula requires in the minute that is so far ahead; said by the copy that scales.',
      labelNames: ['pool', 'horizon'] as const,
      registers,
    }),
    forecastLate: new Gauge({
      name: 'almanac_forecast_late_occurrences',
      help: 'Occurrences of the next minutes that would start more than 10 s late.',
      labelNames: ['pool'] as const,
      registers,
    }),
    scaleEvents: new Counter({
      name: 'almanac_scale_events_total',
      help: 'Changes of the replica count.',
      labelNames: ['outcome'] as const,
      registers,
    }),
    httpRequests: new Histogram({
      name: 'almanac_http_request_duration_seconds',
      help: 'Time to answer.',
      labelNames: ['method', 'route', 'status'] as const,
      buckets: [0.005, 0.025, 0.1, 0.5, 2, 10],
      registers,
    }),
  };
}
