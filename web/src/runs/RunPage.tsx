import { useParams } from 'react-router';

import { EmptyState } from '../components/EmptyState.tsx';
import { TextLink } from '../components/TextLink.tsx';
import { OccurrenceView } from '../occurrences/OccurrencePage.tsx';

const RUN_ID = /^(.+)-(\d+)$/;

/** `/runs/:id`: the occurrence of the run, with this attempt open. */
export function RunPage() {
  const { id = '' } = useParams();
  const match = RUN_ID.exec(id);
  const occurrenceId = match?.[1];
  if (occurrenceId === undefined) {
    return <EmptyState title="There is no such run" action={<TextLink to="/runs">All runs</TextLink>} />;
  }
  return <OccurrenceView id={occurrenceId} openAttempt={Number(match?.[2])} />;
}
