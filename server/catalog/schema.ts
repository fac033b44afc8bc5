/** What may be ordered, with prices as people see them. */
import { z } from 'zod';
import { sshDoor } from '../ssh-door.ts';

/** What the panel says of the installation itself. */
export const installation = z.object({
  takesPayment: z.boolean(),
  /** How long a guest may take to answer the power button. */
  stopTimeoutSeconds: z.number(),
  /** `ssh -p <port> <server id>@<host>`; null where there is no SSH door. */
  sshDoor: sshDoor.nullable(),
});
export type Installation = z.infer<typeof installation>;

export const orderOptions = z.object({
  zones: z.array(z.object({ id: z.string(), nameJa: z.string(), nameEn: z.string() })),
  plans: z.array(
    z.object({
      id: z.string(),
      nameJa: z.string(),
      nameEn: z.string(),
      vcpu: z.int(),
      memoryMiB: z.int(),
      diskGiB: z.int(),
      transferGiB: z.int(),
      yen: z.int(),
      taxYen: z.int(),
      yenWithTax: z.int(),
      taxPercent: z.number(),
      /** Zones that have room for one more. */
      zonesWithRoom: z.array(z.string()),
    }),
  ),
  images: z.array(
    z.object({
      id: z.string(),
      family: z.string(),
      version: z.string(),
      nameJa: z.string(),
      nameEn: z.string(),
      state: z.enum(['preparing', 'ready']),
      loginUser: z.string(),
      minDiskGiB: z.int(),
      minMemoryMiB: z.int(),
    }),
  ),
  /** A free name such as web-1. */
  suggestedName: z.string(),
  /** First term, both ends inclusive, and the day of the renewal (civil dates in Asia/Tokyo). */
  term: z.object({ first: z.iso.date(), last: z.iso.date(), renewal: z.iso.date() }),
  /** This installation takes no payment yet. */
  takesPayment: z.boolean(),
});
export type OrderOptions = z.infer<typeof orderOptions>;
