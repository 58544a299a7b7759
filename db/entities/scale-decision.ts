import { EntitySchema } from 'typeorm';

/** What the autoscaler did, or did not do, and why. */
export interface ScaleDecisionRow {
  id: string;
  decidedAt: Date;
  pool: string;
  target: string;
  fromReplicas: number | null;
  toReplicas: number;
  /** `advised`: only said, in advisory mode; `ordered`: a person changed the controls. */
  outcome: 'applied' | 'held' | 'failed' | 'advised' | 'ordered';
  /** A word for programs. */
  reason: string;
  /** The reason in words, with the numbers behind it. */
  detail: string | null;
  /** The right to write under which it was taken; null for orders of people. */
  fence: string | null;
}

export const scaleDecisionEntity = new EntitySchema<ScaleDecisionRow>({
  name: 'ScaleDecision',
  tableName: 'scale_decisions',
  columns: {
    id: { type: 'bigint', primary: true, generated: true },
    decidedAt: { type: 'timestamptz', name: 'decided_at', createDate: true },
    pool: { type: 'text' },
    target: { type: 'text' },
    fromReplicas: { type: 'integer', name: 'from_replicas', nullable: true },
    toReplicas: { type: 'integer', name: 'to_replicas' },
    outcome: { type: 'text' },
    reason: { type: 'text' },
    detail: { type: 'text', nullable: true },
    fence: { type: 'bigint', nullable: true },
  },
});
