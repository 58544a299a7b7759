import type { PlanRow } from '../core/demand-table.ts';
import { HOUR_MS, MINUTE_MS } from '../core/duration.ts';
import type { FleetPlanSettings } from '../core/fleet-plan.ts';
import { leadTimeMs } from '../core/lead-time.ts';
import { endOfSpan, type LivePicture, nearSpan, pastOfMs } from '../core/live-picture.ts';
import { readScaleOuts } from './autoscaler-store.ts';
import type { Queryable } from './database.ts';
import { readDemand } from './demand-store.ts';
import { readDatabaseClock } from './expansion-store.ts';
import { type Fleet, readFleet } from './forecast-store.ts';
import { readDurations, readLiveWork, readMeasuredLead, readUnscheduledSlots } from './live-work-store.ts';

export interface LivePictureSettings extends FleetPlanSettings {
  /** No measured start-up counts for less than this. */
  readonly leadFloorMs: number;
  /** Between two turns of the autoscaler: what is asked for at one must do until the next. */
  readonly periodMs: number;
}

/** What is planned from, and what it was put together from. */
export interface SeenPicture extends LivePicture {
  readonly fleet: Fleet;
  /** What changes slowly, as it was read for this picture or for one before it: the same object for as long as it stands. */
  readonly facts: SlowFacts;
}

type SlowFacts = Pick<LivePicture, 'settings' | 'knowledge'>;

const UNSCHEDULED_WINDOW_MS = HOUR_MS;
/** Slow facts are read in the middle of a minute: at its begin there is most to do. */
const TURN_OF_FACTS_MS = MINUTE_MS / 2;

/**
 * Looks at one pool, for whoever plans it. A process that has just started sees as much as one that has run for days. What changes slowly
 * (durations, the start-up time, the share of unscheduled work) is read once a minute.
 */
export class LivePictureReader {
  readonly #database: Queryable;
  readonly #pool: string;
  readonly #settings: LivePictureSettings;
  #facts: Promise<SlowFacts> | undefined;
  #turn = NaN;

  constructor(database: Queryable, pool: string, settings: LivePictureSettings) {
    this.#database = database;
    this.#pool = pool;
    this.#settings = settings;
  }

  async read(): Promise<SeenPicture> {
    const atMs = await readDatabaseClock(this.#database);
    const facts = await this.#readFacts(atMs);
    const untilMs = endOfSpan(nearSpan(atMs, facts.settings));
    const [work, fleet, scaleOuts] = await Promise.all([
      readLiveWork(this.#database, this.#pool, { untilMs, pastMs: pastOfMs(facts.settings) }),
      readFleet(this.#database, this.#pool),
      readScaleOuts(this.#database, this.#pool),
    ]);
    return {
      atMs,
      work,
      ready: { replicas: fleet.ready, slots: fleet.readySlots },
      scaleOuts,
      // The replicas that run say how many slots one has; the setting stands in while there is none.
      settings: { ...facts.settings, slotsPerReplica: fleet.slots ?? facts.settings.slotsPerReplica },
      knowledge: facts.knowledge,
      fleet,
      facts,
    };
  }

  /** What falls due between the end of the near plan of a picture and `untilMs`. */
  async readAhead({ atMs, settings }: LivePicture, untilMs: number): Promise<PlanRow[]> {
    const fromMs = endOfSpan(nearSpan(atMs, settings));
    return fromMs >= untilMs ? [] : readDemand(this.#database, this.#pool, { fromMs, untilMs });
  }

  #readFacts(atMs: number): Promise<SlowFacts> {
    const turn = Math.floor((atMs + TURN_OF_FACTS_MS) / MINUTE_MS);
    if (this.#facts !== undefined && this.#turn === turn) return this.#facts;
    const facts = this.#readNewFacts();
    [this.#facts, this.#turn] = [facts, turn];
    facts.catch(() => {
      if (this.#facts === facts) this.#facts = undefined; // whoever comes next tries again
    });
    return facts;
  }

  async #readNewFacts(): Promise<SlowFacts> {
    const { leadFloorMs, periodMs, ...settings } = this.#settings;
    const [durations, unscheduled, lead] = await Promise.all([
      readDurations(this.#database, this.#pool),
      readUnscheduledSlots(this.#database, this.#pool, UNSCHEDULED_WINDOW_MS),
      readMeasuredLead(this.#database, this.#pool),
    ]);
    const measured = leadTimeMs(lead, { configuredMs: settings.leadTimeMs, floorMs: leadFloorMs });
    return {
      // A replica that is asked for at a turn must have its time to start even if the work became near right after the turn before.
      settings: { ...settings, startUpMs: measured, leadTimeMs: measured + periodMs },
      // A small share of a slot is what the buffer of the others is for.
      knowledge: { durations, unscheduledSlots: Math.round(unscheduled) },
    };
  }
}
