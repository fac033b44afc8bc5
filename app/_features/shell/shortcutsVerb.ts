/** `?do=` of the list of shortcuts, which every page has. */
export const shortcutsVerb = 'shortcuts';
