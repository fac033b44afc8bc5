'use client';

import { useEffect, useState } from 'react';

/** A choice that this browser keeps. Storage may be refused; then it lasts for the page. */
export function useRemembered<T extends string>(
  key: string,
  initial: T,
  isChoice: (kept: string) => kept is T,
): [T, (value: T) => void] {
  const [value, setValue] = useState(initial);
  // After the first drawing, which the server made without knowing it.
  useEffect(() => {
    const kept = read(key);
    if (kept !== null && isChoice(kept)) setValue(kept);
  }, [key, isChoice]);
  return [
    value,
    (chosen) => {
      setValue(chosen);
      write(key, chosen);
    },
  ];
}

function read(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function write(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // As good as it gets.
  }
}
