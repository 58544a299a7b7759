import { z } from 'zod';

import { SCALE_MODES } from '../../core/replicas.ts';
import { Instant } from './common.ts';

const ScaleOverride = z
  .strictObject({
    replicas: z
      .int()
      .min(0)
      .max(100_000)
      .meta({ description: 'As many are held, within the limit; busy ones are never stopped.' }),
    until: Instant.meta({ description: 'From then on the plan is followed again.' }),
  })
  .meta({ id: 'ScaleOverride' });

const mode = z.enum(SCALE_MODES).meta({
  description: 'advisory: the autoscaler decides and records what it would do, and changes nothing.',
});

/** What a person orders of the autoscaler of one pool. The whole of it: what is left out is not ordered any more. */
export const AutoscalerControlsInput = z
  .strictObject({
    pool: z.string().min(1).max(100).default('default'),
    mode: mode.default('automatic'),
    scaleOutPaused: z.boolean().default(false),
    scaleInPaused: z.boolean().default(false),
    override: ScaleOverride.nullable().default(null),
    reason: z.string().max(500).nullable().default(null).meta({ description: 'Why, for whoever comes after.' }),
  })
  .meta({ id: 'AutoscalerControlsInput' });
export type AutoscalerControlsInput = z.infer<typeof AutoscalerControlsInput>;

export const AutoscalerControls = z
  .object({
    mode,
    scaleOutPaused: z.boolean(),
    scaleInPaused: z.boolean(),
    override: ScaleOverride.nullable().meta({ description: 'null when none is in force.' }),
    reason: z.string().nullable(),
    updatedAt: Instant.nullable().meta({ description: 'null: nothing was ever ordered.' }),
  })
  .meta({ id: 'AutoscalerControls' });
export type AutoscalerControls = z.infer<typeof AutoscalerControls>;

export const LeadTime = z
  .object({
    ms: z.int().meta({ description: 'How long before its work a replica is asked for.' }),
    samples: z.int().meta({
      description:
        'Starts of processors it was measured on, 200 at most; with fewer than five it is what was configured.',
    }),
    p95Ms: z
      .number()
      .nullable()
      .meta({ description: 'As long as 19 of 20 of them took from being asked for to taking work.' }),
    p995Ms: z.number().nullable().meta({ description: 'As long as 199 of 200 of them took.' }),
  })
  .meta({ id: 'LeadTime' });

export const AutoscalerWriter = z
  .object({
    holder: z.string().meta({ description: 'The copy of the autoscaler that changes the replicas; all copies plan.' }),
    fence: z.string().meta({ description: 'Its number: decisions under a lower one are refused.' }),
    renewedAt: Instant,
  })
  .meta({ id: 'AutoscalerWriter' });
