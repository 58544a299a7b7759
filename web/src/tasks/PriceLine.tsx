import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Typography from '@mui/material/Typography';
import { useFormContext, useWatch } from 'react-hook-form';

import type { PriceTag } from '../api/shapes.ts';
import { formatDateTime } from '../time/formatInstant.ts';
import { priceSentence, shiftWords } from './priceWords.ts';
import { shiftCron } from './shiftCron.ts';
import type { TaskFormValues } from './taskFormValues.ts';

/** What the schedule in the form adds to the forecast of the next day, and the nearest time at which it adds less. */
export function PriceLine({ price, zone }: { readonly price: PriceTag; readonly zone: string }) {
  const { firstLateAt, nearestCheaper } = price;
  return (
    <Box
      component="section"
      aria-label="What this costs"
      sx={{ mt: 1.25, pt: 1, borderTop: 1, borderColor: 'divider', display: 'grid', gap: 0.25 }}
    >
      <Typography variant="body2">
        <Box component="span" sx={{ color: 'text.secondary' }}>
          What this costs:
        </Box>{' '}
        {priceSentence(price)}
      </Typography>
      {firstLateAt !== null && (
        <Typography variant="body2" sx={{ color: 'warning.main' }}>
          Within the limit of instances, work of {formatDateTime(Date.parse(firstLateAt), zone)} would start late.
        </Typography>
      )}
      {nearestCheaper !== null && <CheaperTime cheaper={nearestCheaper} />}
    </Box>
  );
}

function CheaperTime({ cheaper }: { readonly cheaper: NonNullable<PriceTag['nearestCheaper']> }) {
  const { control, setValue } = useFormContext<TaskFormValues>();
  const [repeat, expressions] = useWatch({ control, name: ['repeat', 'expressions'] });
  const shifted = expressions.map(({ text }) => shiftCron(text, cheaper.shiftMs / 60_000));
  const canFill = repeat === 'cron' && shifted.every((text) => text !== undefined);
  const fill = () =>
    shifted.forEach((text, place) => {
      if (text === undefined) return;
      setValue(`expressions.${place}.text`, text, { shouldDirty: true, shouldValidate: true });
    });
  return (
    <Box sx={{ display: 'flex', flexWrap: 'wrap', alignItems: 'center', columnGap: 1 }}>
      <Typography variant="body2">
        {shiftWords(cheaper.shiftMs)} the peak would be {cheaper.peakAfter}.
      </Typography>
      {canFill && (
        <Button size="small" onClick={fill}>
          Run {shiftWords(cheaper.shiftMs)}
        </Button>
      )}
    </Box>
  );
}
