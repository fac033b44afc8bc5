import { notFound } from 'next/navigation';
import { notFoundTitle } from '../../_features/shell/NotFound.tsx';

export const generateMetadata = notFoundTitle;

/** An address that no page answers: told inside the frame, so that the menu leads on. */
export default function Page(): never {
  notFound();
}
