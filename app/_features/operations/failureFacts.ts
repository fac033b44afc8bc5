/** The codes with a sentence under `operations.failure.cause`. */
const causes = [
  'GUEST_IGNORED',
  'NO_CAPACITY',
  'NO_ADDRESS',
  'IMAGE_NOT_READY',
  'HOST_AWAY',
  'START_FAILED',
  'DISK_FULL',
] as const;
export type Cause = (typeof causes)[number] | 'OTHER';

/** A code that came with an operation → the sentence that explains it. Unknown ones get the general sentence. */
export function causeOf(code: string | undefined): Cause {
  const normal = code?.replaceAll('-', '_').toUpperCase();
  return causes.find((cause) => cause === normal) ?? 'OTHER';
}
