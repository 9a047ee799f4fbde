import { Component, type ReactNode } from 'react';
import { ErrorState } from '@/shared/ui/states';

interface Props {
  children: ReactNode;
  /** Another value makes it try again. */
  resetKey?: string;
  /** In place of what went wrong and the offer to try again. */
  fallback?: ReactNode;
}

/** A defect in one panel leaves the others as they are. */
export class ErrorBoundary extends Component<Props, { error: unknown }> {
  override state: { error: unknown } = { error: undefined };

  static getDerivedStateFromError(error: unknown) {
    return { error };
  }

  override componentDidUpdate(previous: Props) {
    if (previous.resetKey !== this.props.resetKey && this.state.error !== undefined) {
      this.setState({ error: undefined });
    }
  }

  override render() {
    if (this.state.error === undefined) return this.props.children;
    if (this.props.fallback !== undefined) return this.props.fallback;
    return (
      <ErrorState error={this.state.error} onRetry={() => this.setState({ error: undefined })} />
    );
  }
}
