import Autocomplete from '@mui/material/Autocomplete';
import Box from '@mui/material/Box';
import TextField from '@mui/material/TextField';
import { type Ref, useMemo } from 'react';

import { formatOffset } from './formatInstant.ts';
import { serverNowMs } from './serverClock.ts';
import { MY_ZONE } from './ZoneContext.tsx';

interface ZonePickerProps {
  readonly value: string;
  readonly onChange: (zone: string) => void;
  readonly onBlur?: () => void;
  readonly inputRef?: Ref<HTMLInputElement>;
  readonly error?: string | undefined;
  readonly help?: string;
}

/** Found by city, region or offset; one's own zone and UTC come first. */
export function ZonePicker({ value, onChange, onBlur, inputRef, error, help }: ZonePickerProps) {
  const zones = useMemo(
    () => [...new Set([MY_ZONE, 'UTC', value, ...Intl.supportedValuesOf('timeZone')])].filter((zone) => zone !== ''),
    [value],
  );
  const offsets = useMemo(() => {
    const nowMs = serverNowMs();
    return new Map(zones.map((zone) => [zone, formatOffset(nowMs, zone)]));
  }, [zones]);
  return (
    <Autocomplete
      options={zones}
      value={value}
      disableClearable
      autoHighlight
      onChange={(_event, zone) => onChange(zone)}
      {...(onBlur === undefined ? {} : { onBlur })}
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
          {...(inputRef === undefined ? {} : { inputRef })}
          error={error !== undefined}
          helperText={error ?? help ?? `Now ${offsets.get(value) ?? ''}. Type a city or an offset.`}
        />
      )}
    />
  );
}
