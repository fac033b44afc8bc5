/**
 * A customer of one spec: signs up through the product's own doors, talks tRPC over HTTP as the panel does,
 * and can hand its session to a browser. One account per spec, so specs cannot see each other's servers.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import type { BrowserContext } from '@playwright/test';
import { createTRPCClient, httpLink, TRPCClientError } from '@trpc/client';
import type { AppRouter } from '../server/trpc/root.ts';
import { patience } from './patience.ts';
import { noteSecret } from './secrets.ts';
import { readStack } from './stack.ts';

export const stack = readStack();

export interface Customer {
  email: string;
  password: string;
  cookie: string;
  api: ReturnType<typeof createTRPCClient<AppRouter>>;
  /** Puts the session into a browser. */
  enter(context: BrowserContext): Promise<void>;
}

/** A generated password is in one answer and nowhere else: the logs are searched for it at the end. */
async function notingPasswords(response: Response): Promise<Response> {
  for (const [, password] of (await response.clone().text()).matchAll(/"password":"([^"]+)"/g))
    if (password) noteSecret(password);
  return response;
}

const api = (cookie: string, headers: Record<string, string> = {}) =>
  createTRPCClient<AppRouter>({
    links: [
      httpLink({
        url: `${stack.origin}/api/trpc`,
        headers: () => ({ cookie, origin: stack.origin, ...headers }),
        fetch: async (...request) => notingPasswords(await fetch(...(request as Parameters<typeof fetch>))),
      }),
    ],
  });

/** `Set-Cookie` headers → the Cookie header of the next request. */
const cookiesOf = (response: Response): string =>
  response.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ');

async function auth(path: string, body: Record<string, string>): Promise<string> {
  const response = await fetch(`${stack.origin}/api/auth/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: stack.origin },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return cookiesOf(response);
}

function customer(email: string, password: string, cookie: string): Customer {
  noteSecret(password);
  // A cookie's value is the session's token and its signature.
  for (const [, token] of cookie.matchAll(/session_token=([^.;]+)/g)) if (token) noteSecret(token);
  return {
    email,
    password,
    cookie,
    api: api(cookie),
    async enter(context) {
      const url = new URL(stack.origin);
      await context.addCookies(
        cookie.split('; ').map((pair) => {
          const at = pair.indexOf('=');
          return { name: pair.slice(0, at), value: pair.slice(at + 1), domain: url.hostname, path: '/' };
        }),
      );
    },
  };
}

export async function signUp(name: string, locale: 'ja' | 'en' = 'ja'): Promise<Customer> {
  const email = `${name}-${randomBytes(4).toString('hex')}@example.com`;
  const password = `pw-${randomBytes(9).toString('base64url')}`;
  return customer(email, password, await auth('sign-up/email', { name, email, password, locale }));
}

/** One more session of somebody who is there already. */
export async function signIn(email: string, password: string): Promise<Customer> {
  return customer(email, password, await auth('sign-in/email', { email, password }));
}

export const signInStaff = (): Promise<Customer> => signIn(stack.staff.email, stack.staff.password);

export interface OrderWish {
  name: string;
  virtio?: boolean;
  sshKeyIds?: string[];
}

/** The smallest plan with the small image, as the order page would send it. */
export async function smallestOrder(who: Customer, wish: OrderWish) {
  const options = await who.api.catalog.orderOptions.query();
  const plan = options.plans[0]!;
  const image = options.images.find((one) => one.family === 'small')!;
  return {
    clientKey: randomUUID(),
    zoneId: options.zones[0]!.id,
    planId: plan.id,
    imageId: image.id,
    name: wish.name,
    virtio: wish.virtio ?? true,
    // A program's delete is one call.
    deleteProtection: false,
    signIn:
      wish.sshKeyIds === undefined
        ? ({ method: 'password' } as const)
        : ({ method: 'keys', sshKeyIds: wish.sshKeyIds } as const),
    seenYenWithTax: plan.yenWithTax,
  };
}

/** Waits for an operation's end; answers its last view. */
export async function operationEnd(who: Customer, operationId: string, deadlineMs = patience(120_000)) {
  const until = Date.now() + deadlineMs;
  for (;;) {
    const view = await who.api.operations.get.query({ operationId });
    if (!['queued', 'running'].includes(view.state)) return view;
    if (Date.now() > until)
      throw new Error(`${view.kind} ${operationId} still ${view.state}: ${JSON.stringify(view.steps)}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** The error code that the product answered, or the answer itself. */
export async function codeOf(call: Promise<unknown>): Promise<unknown> {
  try {
    return { answered: await call };
  } catch (error) {
    if (!(error instanceof TRPCClientError)) throw error;
    const data = error.data as { tsubo?: { code: string } } | undefined;
    return data?.tsubo?.code ?? error.message;
  }
}
