import { ServerListSkeleton } from '../../_features/servers/ServerListSkeleton.tsx';

export default function Loading() {
  return <ServerListSkeleton />;
}
