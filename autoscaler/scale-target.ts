import { DomainError } from '../core/errors.ts';

/** What a target knows about its replicas. `undefined` means "not known just now", never zero. */
export interface ScaleReading {
  /** How many replicas the target was last told to have, by us or by anybody else. */
  readonly desired: number | undefined;
  /** How many of them can take work. */
  readonly ready: number | undefined;
}

/**
 * Where the number of processors is changed. One owner writes at a time; that is the caller's business, not the target's.
 * After disposal both calls reject.
 */
export interface ScaleTarget extends AsyncDisposable {
  readonly name: 'local' | 'kubernetes' | 'hpa-floor' | 'observe';

  /** @throws ScaleTargetError when the target can not be asked; then nothing is known, and nothing may be concluded. */
  read(): Promise<ScaleReading>;

  /**
   * Sets the desired number and resolves when the target has accepted it, which is before the replicas are ready.
   * Idempotent: a number that is already set is not written again.
   * @throws ScaleTargetError when the number was not accepted, or may not have been; `signal.reason` when `signal` aborts.
   */
  apply(replicas: number, signal: AbortSignal): Promise<void>;
}

/** The target did not do or say what it was asked. `retryable` says whether the same call can work without anybody's help. */
export class ScaleTargetError extends DomainError {
  readonly code = 'scale_target_failed';
  readonly retryable: boolean;

  constructor(message: string, retryable: boolean, options?: ErrorOptions) {
    super(message, options);
    this.retryable = retryable;
  }
}

/** @throws ScaleTargetError when `replicas` is not a whole number from zero up. */
export function assertReplicaCount(replicas: number): void {
  if (Number.isSafeInteger(replicas) && replicas >= 0) return;
  throw new ScaleTargetError(`A number of replicas is a whole number from 0 up, not ${replicas}.`, false);
}
