import assert from 'node:assert/strict';

import { leadTimeMs } from '../../../core/lead-time.ts';

const LIMITS = { configuredMs: 60_000, floorMs: 15_000 };

describe('leadTimeMs', () => {
  it('is what was configured until five starts have been measured', () => {
    assert.equal(leadTimeMs({ samples: 4, p95Ms: 30_000, p995Ms: 30_000 }, LIMITS), 60_000);
    assert.equal(leadTimeMs({ samples: 0, p95Ms: undefined, p995Ms: undefined }, LIMITS), 60_000);
    assert.equal(leadTimeMs({ samples: 5, p95Ms: 30_000.2, p995Ms: 30_000.2 }, LIMITS), 30_001);
  });

  it('lets the slowest come within the nine seconds in which its work is still punctual', () => {
    assert.equal(leadTimeMs({ samples: 200, p95Ms: 30_000, p995Ms: 38_900 }, LIMITS), 30_000);
    assert.equal(leadTimeMs({ samples: 200, p95Ms: 30_000, p995Ms: 45_000.5 }, LIMITS), 36_001);
  });

  it('stays between its floor and ten minutes', () => {
    assert.equal(leadTimeMs({ samples: 200, p95Ms: 300, p995Ms: 24_000 }, LIMITS), 15_000);
    assert.equal(leadTimeMs({ samples: 200, p95Ms: 3_600_000, p995Ms: 3_600_000 }, LIMITS), 600_000);
  });
});
