/** docs/errors.md: every code with its words, and what the operator can do. `UPDATE_DOCS=1` writes it anew. */
import { readFileSync, writeFileSync } from 'node:fs';
import { TRPCError } from '@trpc/server';
import { getHTTPStatusCodeFromError } from '@trpc/server/http';
import { expect, test } from 'vitest';
import { type AgentErrorCode, agentErrorCodes, retryableAgentCodes } from '../../../compute-agent/contract/errors.ts';
import { type ErrorCode, errorCodes } from '../../../server/errors.ts';
import type { FailureCode } from '../../../server/operations/failure.ts';
import { messages } from '../i18n/messages.ts';

const path = new URL('../../../docs/errors.md', import.meta.url);

const advice: Record<ErrorCode, string> = {
  UNAUTHENTICATED: 'Nothing. Everybody at once: the clock, or a new `BETTER_AUTH_SECRET`, which ends every session.',
  ROLE_REQUIRED: 'Nothing: the owner of the account gives roles.',
  NOT_FOUND:
    'Nothing. Look as staff whether it exists and whose it is: a stranger is told the same as for what is gone.',
  INPUT: 'Nothing: the form marks the fields.',
  BAD_ORIGIN: 'The panel is opened under another name than `TSUBO_ORIGIN`, or a proxy in front changes `Origin`.',
  TOO_MANY_REQUESTS:
    'Wait. Many at once from one address: see whether the proxy in front passes the real addresses on.',
  OPERATION_RUNNING:
    'Find the operation in `/staff/operations`; one that is stuck keeps its lock until staff retry or undo it.',
  KEY_REUSED: 'Nothing: a page that was sent twice with different contents.',
  NOT_POSSIBLE: 'What is possible in which state: states.md.',
  NAME_TAKEN: 'Nothing.',
  SSH_KEY_TAKEN: 'Nothing.',
  NAME_MISMATCH: 'Nothing.',
  NO_CAPACITY: 'Add a host, or let one accept new servers again (`/staff/hosts`); a host that is silent takes none.',
  NO_ADDRESS: 'Add a pool of addresses. Addresses of deleted servers come back by themselves.',
  IMAGE_NOT_READY: 'See the log of quickstart, or publish the image again; it is `ready` when it has its digest.',
  LIMIT: 'Raise the limit of this account (table `Limit`), if it should have more.',
  PROTECTED: 'Nothing: protection is the customer’s.',
  INTERNAL: '`npm run -s explain ID` with the id that the page shows: the log has the whole chain under it.',
};

const failures: Record<FailureCode, string> = {
  GUEST_IGNORED: 'Nothing: the guest has no ACPI, or was busy. The customer can force it off.',
  NO_CAPACITY: 'As the error of this name.',
  NO_ADDRESS: 'As the error of this name.',
  IMAGE_NOT_READY: 'The host could not get the image: its folder, its disk, its digest.',
  HOST_AWAY: 'See `/staff/hosts`: the agent’s and libvirtd’s logs on that machine. Then retry what is stuck.',
  START_FAILED: 'Read the host’s word in the operation: QEMU’s own reason. Then retry, or undo.',
  DISK_FULL: 'Make room in the agent’s folder, or let the host accept no new servers.',
  OTHER: '`npm run -s explain OPERATION`.',
};

const agent: Record<AgentErrorCode, string> = {
  NO_SUCH_DOMAIN: 'No such domain on this host. Nothing else means that it is gone.',
  STALE_GENERATION: 'A call that came late, from an attempt that is over: refused, as it should be.',
  SPEC_CONFLICT: 'The same generation with other contents. A defect, or a restored database: report it.',
  GONE: 'The server was given back; a call that came late is refused, as it should be.',
  BUSY: 'Another change of this server is under way.',
  IMAGE_MISSING: 'The image is neither on the host nor in `TSUBO_IMAGE_SOURCES`.',
  NO_SPACE: 'The host’s disk is full.',
  START_FAILED: 'QEMU did not start; the word says why. `/var/log/libvirt/qemu/<server>.log` says more.',
  HYPERVISOR: 'libvirt said no, with its own code and words.',
  UNKNOWN_OUTCOME: 'A deadline passed. What is true is looked for before anything else is done.',
  HYPERVISOR_AWAY: 'libvirtd does not answer. The guests run on; the supervisor starts it again.',
  BAD_REQUEST: 'Panel and agent do not speak the same contract: see their versions in `/staff/hosts`.',
  FORBIDDEN: 'The caller’s certificate is not the control plane’s, or has run out.',
  INTERNAL: 'A defect of the agent: its log, under the request’s id.',
};

const status = (code: ErrorCode) => getHTTPStatusCodeFromError(new TRPCError({ code: errorCodes[code] }));
const cells = (...texts: string[]) => `| ${texts.map((text) => text.replaceAll('|', '\\|')).join(' | ')} |`;

function page(): string {
  const words = (code: ErrorCode) => [messages.ja.errors[code], messages.en.errors[code]] as const;
  const causes = (code: FailureCode) =>
    [messages.ja.operations.failure.cause[code], messages.en.operations.failure.cause[code]] as const;
  return [
    '# Errors',
    '',
    'Made from `server/errors.ts`, the messages and `app/_lib/messages/errors-page.test.ts`; do not edit',
    '(`UPDATE_DOCS=1 npx vitest run app/_lib/messages/errors-page.test.ts`).',
    '',
    '## What people are told',
    '',
    'Every answer of the panel that is no success has one of these codes. What happened inside is in the log only.',
    '',
    cells('code', 'HTTP', '日本語', 'English', 'what the operator can do'),
    '|---|---|---|---|---|',
    ...(Object.keys(errorCodes) as ErrorCode[]).map((code) =>
      cells(`\`${code}\``, String(status(code)), ...words(code), advice[code]),
    ),
    '',
    '## Why an operation failed or is stuck',
    '',
    'In the panel on the operation’s page; the host’s own words beside it are for staff.',
    '',
    cells('code', '日本語', 'English', 'what the operator can do'),
    '|---|---|---|---|',
    ...(Object.keys(failures) as FailureCode[]).map((code) => cells(`\`${code}\``, ...causes(code), failures[code])),
    '',
    '## What a host said',
    '',
    'At the head of the host’s word in an operation, and in the workers’ logs. *Again*: the step asks again within its',
    'budget (`TSUBO_STEP_BUDGET_MS`), then the operation is stuck, since nobody knows what is true on the host.',
    '',
    cells('code', 'the step', 'what it means'),
    '|---|---|---|',
    ...agentErrorCodes.map((code) =>
      cells(`\`${code}\``, retryableAgentCodes.has(code) ? 'again' : 'fails', agent[code]),
    ),
    '',
  ].join('\n');
}

test('docs/errors.md is up to date', () => {
  if (process.env.UPDATE_DOCS) writeFileSync(path, page());
  expect(readFileSync(path, 'utf8')).toBe(page());
});
