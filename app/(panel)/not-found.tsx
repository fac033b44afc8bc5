import { NotFound, notFoundTitle } from '../_features/shell/NotFound.tsx';

export const generateMetadata = notFoundTitle;

export default function PanelNotFound() {
  return <NotFound />;
}
