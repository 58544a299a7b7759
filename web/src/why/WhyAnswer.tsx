import CheckCircleIcon from '@mui/icons-material/CheckCircle';
import RadioButtonUncheckedIcon from '@mui/icons-material/RadioButtonUnchecked';
import Alert from '@mui/material/Alert';
import AlertTitle from '@mui/material/AlertTitle';
import Box from '@mui/material/Box';

import type { Why } from '../api/shapes.ts';
import { StatusMark } from '../components/StatusMark.tsx';
import { TextLink } from '../components/TextLink.tsx';
import { When } from '../time/When.tsx';
import { RULE_WORDS, VERDICT_SEVERITY, VERDICT_WORDS } from './whyWords.ts';

/** The verdict, its sentence, and each rule that had a say, in the order in which they are asked. */
export function WhyAnswer({ why, zone }: { readonly why: Why; readonly zone: string | null }) {
  const { occurrence, revision } = why;
  return (
    <Box
      sx={{ display: 'grid', gap: 1.5, gridTemplateColumns: 'minmax(0, 1fr)' }}
      aria-live="polite"
      data-instant={why.at}
    >
      <Alert severity={VERDICT_SEVERITY[why.verdict]} variant="outlined">
        <AlertTitle sx={{ fontSize: '0.9375rem' }}>{VERDICT_WORDS[why.verdict]}</AlertTitle>
        {why.summary}
      </Alert>
      <Box
        component="ol"
        aria-label="Rules"
        sx={{ listStyle: 'none', m: 0, p: 0, display: 'grid', gap: 0.75, fontSize: '0.8438rem' }}
      >
        {why.rules.map((rule, place) => (
          <Rule key={`${place} ${rule.rule}`} rule={rule} />
        ))}
      </Box>
      <Box sx={{ color: 'text.secondary', fontSize: '0.8125rem', display: 'flex', flexWrap: 'wrap', columnGap: 1.5 }}>
        {occurrence !== null && (
          <span>
            <StatusMark status={occurrence.status} title={occurrence.reason} />{' '}
            <TextLink to={`/occurrences/${occurrence.id}`}>
              Occurrence of <When at={occurrence.scheduledTime} zone={zone} show="absolute" seconds />
            </TextLink>
          </span>
        )}
        {revision !== null && <span>Revision {revision} of the task was asked.</span>}
      </Box>
    </Box>
  );
}

function Rule({ rule }: { readonly rule: Why['rules'][number] }) {
  const Icon = rule.decides ? CheckCircleIcon : RadioButtonUncheckedIcon;
  return (
    <Box
      component="li"
      aria-current={rule.decides ? 'true' : undefined}
      sx={{
        display: 'grid',
        gridTemplateColumns: '18px minmax(72px, 116px) minmax(0, 3fr)',
        columnGap: 1,
        alignItems: 'start',
        px: 1,
        py: 0.5,
        borderRadius: 0.8,
        ...(rule.decides ? { bgcolor: 'action.selected', fontWeight: 600 } : { color: 'text.secondary' }),
      }}
    >
      <Icon aria-hidden sx={{ fontSize: 16, mt: 0.3, color: rule.decides ? 'primary.main' : 'text.disabled' }} />
      <span>
        {RULE_WORDS[rule.rule]}
        {rule.decides && <Box sx={{ fontWeight: 500, fontSize: '0.7188rem' }}>decides</Box>}
      </span>
      <Box component="span" sx={{ overflowWrap: 'anywhere' }}>
        {rule.text}
      </Box>
    </Box>
  );
}
