import { NotFound } from '../_features/shell/NotFound.tsx';

export default function StaffNotFound() {
  return <NotFound />;
}
