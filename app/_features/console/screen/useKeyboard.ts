'use client';

import { type KeyboardEvent, useEffect, useState } from 'react';
import { useRemembered } from '../useRemembered.ts';
import { type Modifier, modifiers } from './keys.ts';
import type { LayoutName } from './layouts.ts';
import type { OwnLayout } from './own-keyboard.ts';
import type { Picture } from './picture.ts';
import { Typist } from './typist.ts';

const isLayout = (kept: string): kept is LayoutName => kept === 'us' || kept === 'jis';
const isOwn = (kept: string): kept is OwnLayout => kept === 'auto' || isLayout(kept);

export interface Keyboard {
  /** One's own: of this browser. */
  own: OwnLayout;
  setOwn: (own: OwnLayout) => void;
  /** The guest's: of this server. */
  guest: LayoutName;
  setGuest: (guest: LayoutName) => void;
  /** Held down by the menu. */
  held: ReadonlySet<Modifier>;
  toggle: (name: Modifier) => void;
  letGo: () => void;
  /** For what is around noVNC's canvas: it hears keys first. */
  listeners: {
    onKeyDownCapture: (event: KeyboardEvent<HTMLElement>) => void;
    onKeyUpCapture: (event: KeyboardEvent<HTMLElement>) => void;
    onBlurCapture: () => void;
  };
}

/** @param types whether keys arrive now */
export function useKeyboard(picture: Picture, serverId: string, types: boolean): Keyboard {
  const [own, setOwn] = useRemembered<OwnLayout>('console.ownLayout', 'auto', isOwn);
  const [guest, setGuest] = useRemembered<LayoutName>(`console.layout.${serverId}`, 'us', isLayout);
  const [held, setHeld] = useState<ReadonlySet<Modifier>>(new Set());
  const [typist] = useState(() => new Typist(picture.sendKey));
  useEffect(() => {
    [typist.own, typist.guest] = [own, guest];
  }, [typist, own, guest]);
  // When a viewer goes, QEMU lifts all of its keys.
  useEffect(() => {
    if (types) return;
    typist.forget();
    setHeld(new Set());
  }, [typist, types]);

  function set(name: Modifier, down: boolean) {
    const { keysym, code } = modifiers[name];
    picture.sendKey(keysym, code, down);
    typist.hold(code, down);
  }

  return {
    ...{ own, setOwn, guest, setGuest, held },
    toggle: (name) => {
      const down = !held.has(name);
      set(name, down);
      setHeld(down ? new Set([...held, name]) : new Set([...held].filter((one) => one !== name)));
    },
    letGo: () => {
      for (const name of held) set(name, false);
      setHeld(new Set());
    },
    listeners: {
      onKeyDownCapture: (event) => {
        if (!types || !typist.keyDown(event)) return;
        event.preventDefault();
        event.stopPropagation();
      },
      onKeyUpCapture: (event) => typist.keyUp(event),
      onBlurCapture: () => {
        typist.blur();
        picture.letGo();
      },
    },
  };
}
