import { notFound } from 'next/navigation';

/** An address that no page answers: told inside the frame, so that the menu leads on. */
export default function Page(): never {
  notFound();
}
