import type { PriceTag } from '../api/shapes.ts';

/** What the schedule costs, in a sentence. */
export function priceSentence(price: PriceTag): string {
  const { peakBefore, peakAfter, replicaMinutesPerDay } = price;
  const peak =
    peakAfter === peakBefore
      ? `the peak stays at ${instances(peakBefore)}`
      : `the peak goes from ${peakBefore} to ${instances(peakAfter)}`;
  const minutes = Math.round(replicaMinutesPerDay);
  if (minutes === 0) return `${capital(peak)}, and next to no instance time is added.`;
  const amount = `${Math.abs(minutes).toLocaleString('en')} instance ${Math.abs(minutes) === 1 ? 'minute' : 'minutes'} a day`;
  return `${capital(peak)}; ${amount} ${minutes > 0 ? 'more' : 'less'}.`;
}

/** The cheaper time, such as `7 min later`. */
export function shiftWords(shiftMs: number): string {
  return `${Math.abs(shiftMs) / 60_000} min ${shiftMs > 0 ? 'later' : 'earlier'}`;
}

function instances(count: number): string {
  return `${count} ${count === 1 ? 'instance' : 'instances'}`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
