/**
 * Whether somebody is signed in on a port, as far as its last lines tell: a session stays when the console closes,
 * and the next who opens it has that person's rights.
 */
export type SignedIn = 'yes' | 'no' | 'unknown';

/** `web-1 login: ` and what was typed after it. */
const login = /(?:^|\s)login:\s*\S*$/i;
const password = /^\s*password(?: for \S+)?:\s*$/i;
/** `root@web-1:~# `, `[root@web-1 ~]$ `, `/ # `, `~ $ `, `# `, and a command after it. */
const prompt = /^(?:\[?[\w.-]+@[\w.-]+[:\s][^#$%>]*\]?|[~/][\w./-]*\s|[\w.-]+:[~/][\w./-]*)?[#$](?:\s.*)?$/;
/** A session's end, or a boot: what was before it is over. */
const over = /^(?:logout|exit|.*\breboot: |\[\s+0\.0+\] (?:Linux version|Command line))/;

/** @param lines the last lines as they stand on the screen, without trailing spaces being of any meaning */
export function signedIn(lines: readonly string[]): SignedIn {
  for (let n = lines.length - 1; n >= 0; n--) {
    const line = (lines[n] ?? '').trimEnd();
    if (line.trim() === '') continue;
    if (login.test(line) || password.test(line) || over.test(line)) return 'no';
    if (prompt.test(line)) return 'yes';
  }
  return 'unknown';
}
