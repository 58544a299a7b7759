import Box from '@mui/material/Box';
import LinearProgress from '@mui/material/LinearProgress';
import Table from '@mui/material/Table';
import TableBody from '@mui/material/TableBody';
import TableCell from '@mui/material/TableCell';
import TableContainer from '@mui/material/TableContainer';
import TableHead from '@mui/material/TableHead';
import TableRow from '@mui/material/TableRow';

import type { AutoscalerReplicas, Health, Replica } from '../api/shapes.ts';
import { useHealth, useReplicas } from '../api/system.ts';
import { EmptyState } from '../components/EmptyState.tsx';
import { Facts } from '../components/Facts.tsx';
import { PageHeader } from '../components/PageHeader.tsx';
import { Panel } from '../components/Panel.tsx';
import { QueryView } from '../components/QueryView.tsx';
import { StatusMark } from '../components/StatusMark.tsx';
import { reasonWords } from '../forecast/reasonWords.ts';
import { ScaleDecisionList } from '../forecast/ScaleDecisionList.tsx';
import { When } from '../time/When.tsx';
import { ScalingPanel } from './ScalingPanel.tsx';

/** What is running: every copy of every service, and what the autoscaler wants. */
export function InstancesPage() {
  const replicas = useReplicas();
  const health = useHealth();
  return (
    <>
      <PageHeader title="Instances" lead="The copies of each service, their heartbeats, and what they are doing." />
      <Box sx={{ display: 'grid', gap: 2.5 }}>
        <Box sx={{ display: 'grid', gap: 2.5, gridTemplateColumns: { xs: '1fr', md: '1fr 1fr' }, alignItems: 'start' }}>
          <Panel title="Wanted and ready">
            <QueryView query={replicas} what="the replicas">
              {(data) => <Wanted replicas={data} />}
            </QueryView>
          </Panel>
          <Panel title="Health">
            <QueryView query={health} what="the health">
              {(data) => <HealthFacts health={data} />}
            </QueryView>
          </Panel>
        </Box>
        <Panel title="Orders" note="They come before the plan.">
          <QueryView query={replicas} what="the orders">
            {(data) => <ScalingPanel scaling={data} />}
          </QueryView>
        </Panel>
        <Panel title="Instances" flush>
          <QueryView query={replicas} what="the instances" inset skeletonHeight={220}>
            {(data) => <InstanceTable instances={data.instances} />}
          </QueryView>
        </Panel>
        <Panel title="Scale decisions" flush>
          <QueryView query={replicas} what="the decisions" inset>
            {(data) => <ScaleDecisionList decisions={data.decisions} />}
          </QueryView>
        </Panel>
      </Box>
    </>
  );
}

function Wanted({ replicas }: { readonly replicas: AutoscalerReplicas }) {
  return (
    <Facts
      facts={[
        ['Pool', replicas.pool],
        ['Wanted', replicas.replicas === null ? 'not known yet' : String(replicas.replicas)],
        ['Ready', String(replicas.ready)],
        ['At most', replicas.limit === null ? 'not known' : String(replicas.limit)],
        ['Decided', <When key="decided" at={replicas.decidedAt} />],
        ['Because', replicas.reason === null ? '\u2013' : reasonWords(replicas.reason)],
      ]}
    />
  );
}

function HealthFacts({ health }: { readonly health: Health }) {
  return (
    <Facts
      facts={[
        ['System', <StatusMark key="system" status={health.status} />],
        ...Object.entries(health.checks).map(
          ([name, check]) => [name, <StatusMark key={name} status={check.status} title={check.detail} />] as const,
        ),
        [
          'Services',
          Object.entries(health.services)
            .map(([name, count]) => `${count} ${name}`)
            .join(', ') || 'none',
        ],
        ['Unreadable messages', String(health.unreadableMessages)],
        ['Version', health.version],
      ]}
    />
  );
}

function InstanceTable({ instances }: { readonly instances: readonly Replica[] }) {
  if (instances.length === 0) {
    return (
      <EmptyState title="No instance has reported yet">
        Each copy of a service appears with its first heartbeat.
      </EmptyState>
    );
  }
  return (
    <TableContainer tabIndex={0} role="region" aria-label="Instances">
      <Table size="small">
        <TableHead>
          <TableRow>
            <TableCell>Name</TableCell>
            <TableCell>Service</TableCell>
            <TableCell>State</TableCell>
            <TableCell>Busy</TableCell>
            <TableCell>Heartbeat</TableCell>
            <TableCell>Since</TableCell>
          </TableRow>
        </TableHead>
        <TableBody>
          {instances.map((instance) => (
            <TableRow key={instance.id}>
              <TableCell component="th" scope="row" sx={{ fontWeight: 600 }}>
                {instance.name}
              </TableCell>
              <TableCell>
                {instance.service}
                {instance.pool !== null && ` \u00b7 ${instance.pool}`}
              </TableCell>
              <TableCell>
                <StatusMark status={instance.status} />
              </TableCell>
              <TableCell sx={{ minWidth: 130 }}>
                {instance.slots > 0 ? <Busy instance={instance} /> : '\u2013'}
              </TableCell>
              <TableCell>
                <When at={instance.heartbeatAt} show="relative" />
              </TableCell>
              <TableCell>
                <When at={instance.startedAt} />
              </TableCell>
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </TableContainer>
  );
}

function Busy({ instance }: { readonly instance: Replica }) {
  return (
    <Box sx={{ display: 'grid', gap: 0.5 }}>
      <span>
        {instance.running} of {instance.slots} slots
      </span>
      <LinearProgress
        variant="determinate"
        aria-label={`Busy slots of ${instance.name}`}
        value={Math.min(100, (100 * instance.running) / instance.slots)}
        sx={{ height: 5, borderRadius: 3 }}
      />
    </Box>
  );
}
