import { writeFileSync } from 'node:fs';

import Mocha from 'mocha';

import { seconds } from './terminal.mjs';

const { EVENT_RUN_END, EVENT_SUITE_BEGIN, EVENT_SUITE_END, EVENT_TEST_FAIL, EVENT_TEST_PASS, EVENT_TEST_PENDING } =
  Mocha.Runner.constants;
const GRACE_MS = 15_000;

/**
 * One line per suite, each failure in full at the end; the counts go to the file that ALMANAC_TEST_COUNTS names.
 * A run that does not end by itself, because a test left something open, is ended and has failed.
 */
export default class TestReporter extends Mocha.reporters.Base {
  constructor(runner, options) {
    super(runner, options);
    let startedAt = 0;
    let counts = { passed: 0, failed: 0, skipped: 0 };
    const isTop = (suite) => suite.parent !== undefined && suite.parent.root;

    runner.on(EVENT_SUITE_BEGIN, (suite) => {
      if (!isTop(suite)) return;
      startedAt = Date.now();
      counts = { passed: 0, failed: 0, skipped: 0 };
    });
    runner.on(EVENT_TEST_PASS, () => counts.passed++);
    runner.on(EVENT_TEST_PENDING, () => counts.skipped++);
    runner.on(EVENT_TEST_FAIL, (test) => {
      counts.failed++;
      console.log(`  ✗ ${test.fullTitle()}`);
    });
    runner.on(EVENT_SUITE_END, (suite) => {
      if (!isTop(suite)) return;
      const sums = [`${counts.passed} passed`];
      if (counts.failed > 0) sums.push(`${counts.failed} failed`);
      if (counts.skipped > 0) sums.push(`${counts.skipped} skipped`);
      console.log(`  ${counts.failed === 0 ? '✓' : '✗'} ${suite.title}: ${sums.join(', ')}  ${seconds(startedAt)}`);
    });
    runner.once(EVENT_RUN_END, () => {
      Mocha.reporters.Base.list(this.failures);
      const { passes, failures, pending } = this.stats;
      writeFileSync(
        process.env.ALMANAC_TEST_COUNTS,
        JSON.stringify({ passed: passes, failed: failures, skipped: pending }),
      );
      setTimeout(endHanging, GRACE_MS).unref();
    });
  }
}

function endHanging() {
  console.log(
    `  ✗ The tests are over, but something they left open keeps the process alive: ${process.getActiveResourcesInfo().join(', ')}`,
  );
  process.exit(250);
}
