import type { OrderOptions } from '../../../server/catalog/schema.ts';

type Plan = OrderOptions['plans'][number];
type Image = OrderOptions['images'][number];

export function hasRoom(plan: Plan, zoneId: string): boolean {
  return plan.zonesWithRoom.includes(zoneId);
}

export function fits(image: Image, plan: Plan | undefined): boolean {
  return plan === undefined || (plan.memoryMiB >= image.minMemoryMiB && plan.diskGiB >= image.minDiskGiB);
}

export function usable(image: Image, plan: Plan | undefined): boolean {
  return image.state === 'ready' && fits(image, plan);
}

export interface Choices {
  zoneId: string;
  planId: string;
  imageId: string;
}

/**
 * Valid choices to start from: what was chosen before where it may still be ordered, else the first zone with
 * room, the first plan with room there, the first image that is ready and fits.
 */
export function defaults(options: OrderOptions, before?: Choices): Choices {
  const zone =
    options.zones.find(({ id }) => id === before?.zoneId) ??
    options.zones.find(({ id }) => options.plans.some((plan) => hasRoom(plan, id))) ??
    options.zones[0];
  const zoneId = zone?.id ?? '';
  const plan =
    options.plans.find((p) => p.id === before?.planId && hasRoom(p, zoneId)) ??
    options.plans.find((p) => hasRoom(p, zoneId) && options.images.some((image) => usable(image, p))) ??
    options.plans.find((p) => hasRoom(p, zoneId));
  const image =
    options.images.find((i) => i.id === before?.imageId && usable(i, plan)) ??
    options.images.find((i) => usable(i, plan));
  return { zoneId, planId: plan?.id ?? '', imageId: image?.id ?? '' };
}
