import Button from '@mui/material/Button';
import { Link } from 'react-router';

import { EmptyState } from '../components/EmptyState.tsx';
import { PageHeader } from '../components/PageHeader.tsx';

export function NotFoundPage() {
  return (
    <>
      <PageHeader title="No such page" />
      <EmptyState
        title="There is nothing at this address"
        action={
          <Button component={Link} to="/" variant="contained">
            Go to the overview
          </Button>
        }
      >
        The link may be old, or have lost its end.
      </EmptyState>
    </>
  );
}
