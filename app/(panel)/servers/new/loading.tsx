import { Skeleton } from '../../../_ui/Skeleton.tsx';

export default function Loading() {
  return <Skeleton height={640} />;
}
