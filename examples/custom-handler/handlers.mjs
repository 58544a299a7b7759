/** A task type of your own: `almanac start --handlers examples/custom-handler/handlers.mjs` */
export default ({ defineTaskType, z }) =>
  defineTaskType({
    name: 'plate.read',
    title: 'Read a microplate',
    payload: z.strictObject({ plateId: z.string().min(1), wavelengthNm: z.int().min(200).max(1000).default(450) }),
    timeoutMs: 600_000,
    retry: { maxAttempts: 3, firstDelayMs: 5_000 },
    estimateMs: 45_000,
    examplePayload: { plateId: 'P1' },
    run({ payload, occurrence, log, fail }) {
      log.info(`Reading ${payload.plateId} at ${payload.wavelengthNm} nm, attempt ${occurrence.attempt}`);
      if (payload.plateId === 'P0') fail('The plate is not loaded.', { retryable: false });
      return { plateId: payload.plateId, absorbance: [0.12, 0.48, 0.97] };
    },
  });
