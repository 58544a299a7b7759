import Box from '@mui/material/Box';
import Chip from '@mui/material/Chip';
import type { ReactNode } from 'react';

import type { Task } from '../api/shapes.ts';
import { CodeBlock } from '../components/CodeBlock.tsx';
import { Facts } from '../components/Facts.tsx';
import { Panel } from '../components/Panel.tsx';
import { TextLink } from '../components/TextLink.tsx';
import { ruleText } from '../exclusions/ruleText.ts';
import { formatDuration } from '../time/formatInstant.ts';
import { When } from '../time/When.tsx';
import { choiceText, GAP_CHOICES, MISFIRE_CHOICES, OVERLAP_CHOICES, REPEAT_CHOICES } from './policyWords.ts';
import { rawSchedule } from './rawSchedule.ts';

type Fact = readonly [string, ReactNode];

/** Everything that was asked for. */
export function TaskDefinition({ task, zone }: { readonly task: Task; readonly zone: string | null }) {
  const { retry } = task;
  return (
    <Panel title="Definition">
      <Facts
        facts={[
          ['Schedule', rawSchedule(task)],
          ...boundFacts(task, zone),
          ['Type', task.taskType],
          ['Pool', task.pool],
          ['Priority', task.priority],
          ['Time limit', task.timeoutMs === null ? 'as the type says' : formatDuration(task.timeoutMs)],
          [
            'Retry',
            retry === null
              ? 'as the type says'
              : `${retry.maxAttempts} attempts, ${retry.backoff}, ${formatDuration(retry.firstDelayMs)} to ${formatDuration(retry.maxDelayMs)}`,
          ],
          ...policyFacts(task),
          ['Average run', task.averageElapsedMs === null ? 'not known yet' : formatDuration(task.averageElapsedMs)],
          ['Recipients', task.recipients.length === 0 ? 'none' : task.recipients.join(', ')],
          ['Security group', task.securityGroup],
          ...(task.key === null ? [] : ([['Key', task.key]] as const)),
          ['Revision', String(task.revision)],
          ['Created', <When key="created" at={task.createdAt} />],
          ['Changed', <When key="changed" at={task.updatedAt} />],
        ]}
      />
      {Object.keys(task.labels).length > 0 && (
        <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: 0.75, mt: 1.5 }}>
          {Object.entries(task.labels).map(([key, value]) => (
            <Chip key={key} size="small" label={`${key}: ${value}`} />
          ))}
        </Box>
      )}
      <Box sx={{ mt: 2 }}>
        <CodeBlock label="Payload" text={JSON.stringify(task.payload, null, 2)} />
      </Box>
    </Panel>
  );
}

/** What bounds a schedule that recurs; only what is set. */
function boundFacts({ schedule }: Task, zone: string | null): readonly Fact[] {
  if (!('calendars' in schedule)) return [];
  const { startsAt, endsAt, maxRuns, calendars, blackouts, timeZone } = schedule;
  return [
    ...(startsAt === null ? [] : [['Not before', <When key="start" at={startsAt} zone={zone} seconds />] as const]),
    ...(endsAt === null ? [] : [['Not after', <When key="end" at={endsAt} zone={zone} seconds />] as const]),
    ...(maxRuns === null ? [] : [['Times at most', maxRuns.toLocaleString('en')] as const]),
    ...(calendars.length === 0
      ? []
      : [
          [
            'Calendars',
            <Box key="calendars" component="span" sx={{ display: 'inline-flex', flexWrap: 'wrap', gap: 1 }}>
              {calendars.map((name) => (
                <TextLink key={name} to={`/calendars/${name}`}>
                  {name}
                </TextLink>
              ))}
            </Box>,
          ] as const,
        ]),
    ...(blackouts.length === 0
      ? []
      : [
          [
            'Blackouts',
            <Box key="blackouts" component="ul" sx={{ listStyle: 'none', m: 0, p: 0 }}>
              {blackouts.map((rule, place) => (
                <li key={place}>
                  {ruleText(rule, timeZone)}
                  {typeof rule.label === 'string' && rule.label !== '' && `: ${rule.label}`}
                </li>
              ))}
            </Box>,
          ] as const,
        ]),
  ];
}

function policyFacts({ policies, schedule }: Task): readonly Fact[] {
  const recurs = 'calendars' in schedule;
  return [
    ...(recurs ? [['Overlap', choiceText(OVERLAP_CHOICES, policies.overlap)] as const] : []),
    ['Missed times', missedText(policies)],
    ...(schedule.kind === 'cron'
      ? [
          [
            'Clock changes',
            `Gap: ${choiceText(GAP_CHOICES, policies.dstGap).toLowerCase()}. Twice: ${choiceText(REPEAT_CHOICES, policies.dstRepeat).toLowerCase()}.`,
          ] as const,
        ]
      : []),
    ['Start expiry', policies.startExpiryMs === null ? 'never' : formatDuration(policies.startExpiryMs)],
  ];
}

function missedText(policies: Task['policies']): string {
  const grace =
    policies.misfireGraceMs === null ? '' : `; on time up to ${formatDuration(policies.misfireGraceMs)} late`;
  const pace =
    policies.misfire === 'all'
      ? `, at most ${policies.catchUpLimit.toLocaleString('en')}, ${policies.catchUpPerMinute.toLocaleString('en')} a minute`
      : '';
  return `${choiceText(MISFIRE_CHOICES, policies.misfire)}${pace}${grace}`;
}
