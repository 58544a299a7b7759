import { Component, type ReactNode } from 'react';

import { ErrorPanel } from '../components/ErrorPanel.tsx';

interface Props {
  readonly children: ReactNode;
}

interface State {
  readonly error: Error | null;
}

/** A page that fails to draw, or to download after a new version was installed, leaves the frame standing. */
export class PageErrorBoundary extends Component<Props, State> {
  override state: State = { error: null };

  static getDerivedStateFromError(error: unknown): State {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }

  override render(): ReactNode {
    if (this.state.error === null) return this.props.children;
    return <ErrorPanel error={this.state.error} what="this page" retry={() => window.location.reload()} />;
  }
}
