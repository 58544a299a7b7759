import Autocomplete from '@mui/material/Autocomplete';
import Box from '@mui/material/Box';
import TextField from '@mui/material/TextField';
import { useMemo } from 'react';
import { useController } from 'react-hook-form';

import { formatOffset } from '../time/formatInstant.ts';
import { serverNowMs } from '../time/serverClock.ts';
import { MY_ZONE } from '../time/ZoneContext.tsx';
import type { TaskFormValues } from './taskFormValues.ts';

/** The zone whose wall clock is meant. Found by city, region or offset; one's own zone and UTC come first. */
export function ZoneField() {
  const { field, fieldState } = useController<TaskFormValues, 'timeZone'>({ name: 'timeZone' });
  const zones = useMemo(
    () =>
      [...new Set([MY_ZONE, 'UTC', field.value, ...Intl.supportedValuesOf('timeZone')])].filter((zone) => zone !== ''),
    [field.value],
  );
  const offsets = useMemo(() => {
    const nowMs = serverNowMs();
    return new Map(zones.map((zone) => [zone, formatOffset(nowMs, zone)]));
  }, [zones]);
  return (
    <Autocomplete
      options={zones}
      value={field.value}
      disableClearable
      autoHighlight
      onChange={(_event, zone) => field.onChange(zone)}
      onBlur={field.onBlur}
      filterOptions={(options, { inputValue }) => {
        const words = inputValue.toLowerCase().replaceAll(' ', '_');
        return options
          .filter((zone) => `${zone} ${offsets.get(zone) ?? ''}`.toLowerCase().includes(words))
          .slice(0, 60);
      }}
      renderOption={({ key, ...props }, zone) => (
        <Box component="li" key={key} {...props} sx={{ display: 'flex', gap: 1, justifyContent: 'space-between' }}>
          <span>{zone.replaceAll('_', ' ')}</span>
          <Box component="span" sx={{ color: 'text.secondary', ml: 'auto' }}>
            {offsets.get(zone)}
          </Box>
        </Box>
      )}
      renderInput={(params) => (
        <TextField
          {...params}
          label="Time zone"
          required
          inputRef={field.ref}
          error={fieldState.error !== undefined}
          helperText={fieldState.error?.message ?? `Now ${offsets.get(field.value) ?? ''}. Type a city or an offset.`}
        />
      )}
    />
  );
}
