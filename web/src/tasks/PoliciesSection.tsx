import { useFormContext, useWatch } from 'react-hook-form';

import { FoldedFields } from './FoldedFields.tsx';
import { FormField } from './FormField.tsx';
import { FieldRow, FormSection } from './FormSection.tsx';
import { PolicySelect } from './PolicySelect.tsx';
import {
  choiceText,
  GAP_CHOICES,
  MISFIRE_CHOICES,
  OVERLAP_CHOICES,
  PLACEMENT_CHOICES,
  REPEAT_CHOICES,
} from './policyWords.ts';
import type { TaskFormValues } from './taskFormValues.ts';

const FOLDED = ['misfireGrace', 'catchUpLimit', 'catchUpPerMinute', 'flexibleWindow', 'startExpiry'] as const;

/** What happens when an occurrence can not simply start at its time. */
export function PoliciesSection() {
  const when = useWatch<TaskFormValues, 'when'>({ name: 'when' });
  if (when === 'now') return null;
  return (
    <FormSection title="When it can not run as planned">
      <FieldRow>
        {when === 'recurring' && (
          <PolicySelect name="overlap" label="When the run before still goes on" choices={OVERLAP_CHOICES} />
        )}
        <PolicySelect name="misfire" label="When its time passed while nobody was there" choices={MISFIRE_CHOICES} />
      </FieldRow>
      <SeldomFields recurring={when === 'recurring'} />
    </FormSection>
  );
}

function SeldomFields({ recurring }: { readonly recurring: boolean }) {
  const { control, formState } = useFormContext<TaskFormValues>();
  const repeat = useWatch({ control, name: 'repeat' });
  return (
    <FoldedFields
      title="Lateness, clock changes and spreading"
      summary={useSummary()}
      mustOpen={FOLDED.some((name) => formState.errors[name] !== undefined)}
    >
      <LatenessFields recurring={recurring} />
      {recurring && repeat === 'cron' && (
        <FieldRow>
          <PolicySelect name="dstGap" label="When the clock jumps over its time" choices={GAP_CHOICES} />
          <PolicySelect name="dstRepeat" label="When its time comes twice" choices={REPEAT_CHOICES} />
        </FieldRow>
      )}
      <FieldRow>
        <FormField
          name="flexibleWindow"
          label="May start later by up to"
          help="Such as 30 min: it may be placed anywhere in there. Empty: exactly at its time."
        />
        <PolicySelect name="placement" label="Its place in there" choices={PLACEMENT_CHOICES} />
      </FieldRow>
    </FoldedFields>
  );
}

function LatenessFields({ recurring }: { readonly recurring: boolean }) {
  return (
    <FieldRow>
      <FormField
        name="misfireGrace"
        label="Counts as on time when late by up to"
        help="Only what is later was missed. Empty: as the server is configured."
      />
      <FormField
        name="startExpiry"
        label="Give up when it starts later than"
        help="Empty: never, however late it is."
      />
      {recurring && (
        <>
          <FormField
            name="catchUpLimit"
            label="Of all that were missed, run at most"
            help="The latest ones; the others are skipped."
            slotProps={{ htmlInput: { inputMode: 'numeric' } }}
          />
          <FormField
            name="catchUpPerMinute"
            label="Catching up, so many a minute"
            help="Also the pace of a backfill."
            slotProps={{ htmlInput: { inputMode: 'numeric' } }}
          />
        </>
      )}
    </FieldRow>
  );
}

/** What differs from the defaults. */
function useSummary(): string {
  const { control } = useFormContext<TaskFormValues>();
  const [grace, expiry, gap, repeat, flexible, placement] = useWatch({
    control,
    name: ['misfireGrace', 'startExpiry', 'dstGap', 'dstRepeat', 'flexibleWindow', 'placement'],
  });
  const parts = [
    ...(grace === '' ? [] : [`on time up to ${grace}`]),
    ...(expiry === '' ? [] : [`gives up after ${expiry}`]),
    ...(gap === 'shift' ? [] : [choiceText(GAP_CHOICES, gap)]),
    ...(repeat === 'first' ? [] : [choiceText(REPEAT_CHOICES, repeat)]),
    ...(flexible === '' ? [] : [`within ${flexible}, ${choiceText(PLACEMENT_CHOICES, placement)}`]),
  ];
  return parts.length === 0 ? 'as usual' : parts.join('; ').toLowerCase();
}
