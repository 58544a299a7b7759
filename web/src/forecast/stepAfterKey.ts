const PAGE = 10;

/** The step that a key leads to; undefined for keys that do not walk. */
export function stepAfterKey(key: string, place: number, count: number): number | undefined {
  const last = count - 1;
  switch (key) {
    case 'ArrowRight':
    case 'ArrowUp':
      return Math.min(last, place + 1);
    case 'ArrowLeft':
    case 'ArrowDown':
      return Math.max(0, place - 1);
    case 'PageUp':
      return Math.min(last, place + PAGE);
    case 'PageDown':
      return Math.max(0, place - PAGE);
    case 'Home':
      return 0;
    case 'End':
      return last;
    default:
      return undefined;
  }
}
