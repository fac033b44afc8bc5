/**
 * History, cleaned of questions. Some sequences make a terminal answer as if somebody had typed: what the guest asked
 * an hour ago (its `resize` at the login prompt) would now be answered into its shell. Everything else stays, also
 * what no terminal understands.
 */
const QUESTIONS =
  // DSR (5n, 6n, ?6n), device attributes (c, >c, =c, 0c), ENQ's cousin DECID, DECRQM ($p), window reports (14t…21t),
  // DECRQSS and XTGETTCAP (DCS $q, +q), colours and clipboard (OSC 4, 10–19, 52 with `?`).
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  /\x1b\[[?>]?[0-9;]*n|\x1b\[[>=?]?[0-9;]*c|\x1bZ|\x1b\[\??[0-9;]*\$p|\x1b\[(?:1[1345689]|2[01])(?:;[0-9]*)*t|\x1b\[>[0-9;]*q|\x1bP[$+]q[^\x1b\x07]*\x1b\\|\x1b\][0-9;]*[^\x07\x1b]*\?(?:\x07|\x1b\\)|\x05/g;

/** Bytes that are no ASCII stay what they are. */
export const withoutQuestions = (history: Buffer): Buffer =>
  Buffer.from(history.toString('latin1').replace(QUESTIONS, ''), 'latin1');
