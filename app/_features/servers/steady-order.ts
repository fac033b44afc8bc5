'use client';

import { type RefObject, useEffect, useState } from 'react';

/** The kept order with what came (at its end) and without what went. */
export function keptOrder(kept: readonly string[], wanted: readonly string[]): string[] {
  const there = new Set(wanted);
  const known = new Set(kept);
  return [...kept.filter((id) => there.has(id)), ...wanted.filter((id) => !known.has(id))];
}

/**
 * Rows do not change places under the pointer or the focus: while either is in `area` the order that is on screen is
 * kept, and `renew` brings the true one. `rule`: what was asked for; another rule is always followed at once.
 */
export function useSteadyOrder(
  wanted: readonly string[],
  rule: string,
  area: RefObject<HTMLElement | null>,
): { order: readonly string[]; isOld: boolean; renew: () => void } {
  const [kept, setKept] = useState({ rule, order: wanted });
  const order = kept.rule === rule ? keptOrder(kept.order, wanted) : wanted;
  const isOld = order.join() !== wanted.join();
  const key = wanted.join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key stands for the list, which is a new one each time
  useEffect(() => {
    const element = area.current;
    const isUsed =
      element !== null &&
      (element.matches(':hover') || (element.contains(document.activeElement) && document.activeElement !== element));
    setKept((before) =>
      before.rule === rule && isUsed ? { rule, order: keptOrder(before.order, wanted) } : { rule, order: wanted },
    );
  }, [key, rule, area]);
  return { order, isOld, renew: () => setKept({ rule, order: wanted }) };
}
