import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import FormControlLabel from '@mui/material/FormControlLabel';
import Switch from '@mui/material/Switch';
import TextField from '@mui/material/TextField';
import { useState } from 'react';

import type { AutoscalerControls, AutoscalerReplicas } from '../api/shapes.ts';
import { useScaling } from '../api/system.ts';
import { ErrorPanel } from '../components/ErrorPanel.tsx';
import { Facts } from '../components/Facts.tsx';
import { When } from '../time/When.tsx';

const HOUR_MS = 3_600_000;

/** What is ordered of the autoscaler, and the switches to order something else. */
export function ScalingPanel({ scaling }: { readonly scaling: AutoscalerReplicas }) {
  const { controls, leadTime, pool } = scaling;
  const { mutate, isPending, error } = useScaling();
  const order = (changed: Partial<AutoscalerControls>): void => {
    const { mode, scaleOutPaused, scaleInPaused, override, reason } = { ...controls, ...changed };
    mutate({ pool, mode, scaleOutPaused, scaleInPaused, override, reason });
  };
  return (
    <Box sx={{ display: 'grid', gap: 1.5 }}>
      <Facts
        facts={[
          [
            'Held',
            controls.override === null ? (
              'nothing: the plan decides'
            ) : (
              <span key="held">
                {controls.override.replicas} until <When at={controls.override.until} />
              </span>
            ),
          ],
          ['Lead time', `${Math.round(leadTime.ms / 1_000)} s, from ${leadTime.samples} starts`],
          ['Acting copy', scaling.writer?.holder ?? 'none'],
        ]}
      />
      <Box sx={{ display: 'flex', flexWrap: 'wrap', columnGap: 2 }}>
        <OrderSwitch
          label="Pause adding"
          on={controls.scaleOutPaused}
          disabled={isPending}
          onChange={(scaleOutPaused) => order({ scaleOutPaused })}
        />
        <OrderSwitch
          label="Pause taking away"
          on={controls.scaleInPaused}
          disabled={isPending}
          onChange={(scaleInPaused) => order({ scaleInPaused })}
        />
        <OrderSwitch
          label="Only advise"
          on={controls.mode === 'advisory'}
          disabled={isPending}
          onChange={(advises) => order({ mode: advises ? 'advisory' : 'automatic' })}
        />
      </Box>
      <HoldForm controls={controls} busy={isPending} onOrder={(override) => order({ override })} />
      {error !== null && <ErrorPanel error={error} />}
    </Box>
  );
}

interface OrderSwitchProps {
  readonly label: string;
  readonly on: boolean;
  readonly disabled: boolean;
  readonly onChange: (on: boolean) => void;
}

function OrderSwitch({ label, on, disabled, onChange }: OrderSwitchProps) {
  return (
    <FormControlLabel
      label={label}
      control={<Switch checked={on} disabled={disabled} onChange={(_event, checked) => onChange(checked)} />}
    />
  );
}

interface HoldFormProps {
  readonly controls: AutoscalerControls;
  readonly busy: boolean;
  readonly onOrder: (override: AutoscalerControls['override']) => void;
}

/** Holds a number of instances for some hours, or lets go of it. */
function HoldForm({ controls, busy, onOrder }: HoldFormProps) {
  const [replicas, setReplicas] = useState('');
  const [hours, setHours] = useState('1');
  const isValid = /^\d{1,5}$/.test(replicas) && Number(hours) > 0 && Number(hours) <= 720;
  if (controls.override !== null) {
    return (
      <Button variant="outlined" loading={busy} onClick={() => onOrder(null)} sx={{ justifySelf: 'start' }}>
        Follow the plan again
      </Button>
    );
  }
  return (
    <Box
      component="form"
      onSubmit={(event) => {
        event.preventDefault();
        const until = new Date(Date.now() + Number(hours) * HOUR_MS).toISOString();
        onOrder({ replicas: Number(replicas), until });
      }}
      sx={{ display: 'flex', flexWrap: 'wrap', gap: 1, alignItems: 'center' }}
    >
      <TextField
        size="small"
        label="Hold instances"
        value={replicas}
        onChange={(event) => setReplicas(event.target.value)}
        sx={{ width: 140 }}
      />
      <TextField
        size="small"
        label="For hours"
        value={hours}
        onChange={(event) => setHours(event.target.value)}
        sx={{ width: 110 }}
      />
      <Button type="submit" variant="outlined" loading={busy} disabled={!isValid}>
        Hold
      </Button>
    </Box>
  );
}
