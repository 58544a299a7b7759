import type { Random } from './change-schedules.ts';

/** A cron expression that the grammar allows and that fires: of 5 or 6 fields, or a word such as `@daily`. */
export function randomCron(random: Random): string {
  const dice = createDice(random);
  if (dice.chance(0.03)) return dice.pick(WORDS);
  const month = dice.chance(0.8) ? '*' : dice.list(1, 12, MONTHS);
  // A day that some months do not have may be asked for only where it can come.
  const lastDay = month === '*' ? 31 : 28;
  const dayOfMonth = dice.chance(0.75) ? dice.pick(['*', '*', '?']) : dice.pick([dice.list(1, lastDay), 'L', '1,L']);
  const dayOfWeek = dice.chance(0.7) ? dice.pick(['*', '*', '?']) : dice.pick([dice.list(0, 6), namedDays(dice)]);
  const hour = dice.chance(0.5) ? '*' : dice.item(0, 23);
  const minute = dice.chance(0.15) ? '*' : dice.item(0, 59);
  const fields = [minute, hour, dayOfMonth, month, dayOfWeek];
  if (dice.chance(0.4)) fields.unshift(dice.chance(0.1) ? '*' : dice.item(0, 59));
  return fields.join(dice.pick([' ', ' ', '  ', '\t']));
}

const WORDS = ['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly'];
const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];

function namedDays({ pick, whole }: Dice): string {
  const day = () => pick(['SUN', 'mon', 'Tue', 'WED', 'THU', 'FRI', 'SAT']);
  return pick([
    day(),
    'MON-FRI',
    'FRI-SUN',
    `${day()}#${whole(1, 5)}`,
    `${whole(0, 7)}#${whole(1, 4)}`,
    `${whole(0, 7)}L`,
    '1-5/2',
    '7',
  ]);
}

type Dice = ReturnType<typeof createDice>;

function createDice(random: Random) {
  const whole = (min: number, max: number): number => min + Math.floor(random() * (max - min + 1));
  const pick = <T>(values: readonly T[]): T => values[whole(0, values.length - 1)] as T;
  const chance = (share: number): boolean => random() < share;
  /** Different values of a field, by number or, if it has names, sometimes by name. */
  const list = (min: number, max: number, names: readonly string[] = []): string => {
    const values = new Set(Array.from({ length: whole(1, 4) }, () => whole(min, max)));
    return [...values].map((value) => (chance(0.5) ? (names[value - min] ?? value) : value)).join(',');
  };
  /** Anything that a field of numbers may be. */
  const item = (min: number, max: number): string => {
    const from = whole(min, max - 2);
    const to = whole(from + 1, max);
    return pick([
      () => list(min, max),
      () => `${from}-${to}`,
      () => `${from}-${to}/${whole(1, to - from)}`,
      () => `${from}/${whole(1, max - from)}`,
      () => `*/${whole(1, max - min)}`,
      () => `${from},${from + 1}-${to}`,
    ])();
  };
  return { whole, pick, chance, list, item };
}
