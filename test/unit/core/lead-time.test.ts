import assert from 'node:assert/strict';

import { leadTimeMs } from '../../../core/lead-time.ts';

const LIMITS = { configuredMs: 60_000, floorMs: 15_000 };

describe('leadTimeMs', () => {
  it('is what was configured until five starts have been measured', () => {
    assert.equal(leadTimeMs({ samples: 4, p95Ms: 30_000 }, LIMITS), 60_000);
    assert.equal(leadTimeMs({ samples: 0, p95Ms: undefined }, LIMITS), 60_000);
    assert.equal(leadTimeMs({ samples: 5, p95Ms: 30_000.2 }, LIMITS), 30_001);
  });

  it('stays between its floor and ten minutes', () => {
    assert.equal(leadTimeMs({ samples: 200, p95Ms: 300 }, LIMITS), 15_000);
    assert.equal(leadTimeMs({ samples: 200, p95Ms: 3_600_000 }, LIMITS), 600_000);
  });
});
