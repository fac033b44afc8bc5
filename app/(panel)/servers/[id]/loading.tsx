import { ServerPageSkeleton } from '../../../_features/servers/ServerPageSkeleton.tsx';

export default function Loading() {
  return <ServerPageSkeleton />;
}
