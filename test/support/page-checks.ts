import axe from 'axe-core';
import type { Page } from 'playwright-core';

import { eventually } from './eventually.ts';

const AXE_RUN = `axe
  .run(document, { runOnly: { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] } })
  .then(({ violations }) => violations.map(({ id, nodes }) =>
    id + ': ' + nodes.map(({ target, failureSummary }) => target.join(' ') + ' ' + failureSummary).join(' | ')))`;

/** What is wrong with a page once nothing loads any more: accessibility violations that axe finds, and what is wider than the window. */
export async function faultsOf(page: Page): Promise<string[]> {
  await page.getByRole('heading').first().waitFor();
  await eventually(async () => (await page.getByLabel(/^Loading/).count()) === 0);
  await page.evaluate(axe.source);
  const faults = await page.evaluate<string[]>(AXE_RUN);
  const tooWide = await page.evaluate<number>('document.documentElement.scrollWidth - window.innerWidth');
  return tooWide > 0 ? [...faults, `${tooWide} px too wide`] : faults;
}

/** The looks in which every page is checked. */
export const LOOKS = [
  { colorScheme: 'light', viewport: { width: 1_366, height: 844 } },
  { colorScheme: 'dark', viewport: { width: 390, height: 844 } },
] as const;
