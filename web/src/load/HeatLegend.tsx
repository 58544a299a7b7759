import Box from '@mui/material/Box';

import { heatColor, type HeatScale, UNKNOWN_FILL } from './heatScale.ts';

/** What the colours stand for. */
export function HeatLegend({ scale, over }: { readonly scale: HeatScale; readonly over: boolean }) {
  const ranges = scale.ranges.map(({ level, from, to }) => ({
    level,
    text: from >= to ? String(to) : `${from}\u2013${to}`,
  }));
  return (
    <Box
      component="ul"
      aria-label="Instances by colour"
      sx={{ listStyle: 'none', m: 0, p: 0, display: 'flex', flexWrap: 'wrap', columnGap: 1.5, rowGap: 0.5 }}
    >
      {[{ level: 0, text: '0' }, ...ranges].map(({ level, text }) => (
        <Key key={level} background={heatColor(level, scale.levels)} text={text} />
      ))}
      <Key background={UNKNOWN_FILL} text="not recorded" />
      {over && <Key background="transparent" ring text="above the limit" />}
    </Box>
  );
}

function Key({ background, text, ring = false }: { background: string; text: string; ring?: boolean }) {
  return (
    <Box component="li" sx={{ display: 'flex', alignItems: 'center', gap: 0.5, fontSize: '0.7812rem' }}>
      <Box
        aria-hidden
        sx={{
          width: 16,
          height: 16,
          borderRadius: '3px',
          border: ring ? '2px solid var(--al-palette-chart-short)' : '1px solid var(--al-palette-divider)',
        }}
        style={{ background }}
      />
      {text}
    </Box>
  );
}
