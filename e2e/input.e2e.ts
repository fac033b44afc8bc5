/** Wrong input in every field: the server says which field and why, nothing comes of it, and nothing typed is lost. */
import { randomBytes } from 'node:crypto';
import { expect, test } from '@playwright/test';
import { TRPCClientError } from '@trpc/client';
import { type Customer, operationEnd, signUp, smallestOrder } from './customer.ts';
import { words } from './words.ts';

/** code, and field → code, of a refusal. */
async function refusal(call: Promise<unknown>): Promise<{ code: string; fields: Record<string, string> }> {
  try {
    await call;
  } catch (error) {
    if (!(error instanceof TRPCClientError)) throw error;
    const wire = (error.data as { tsubo: { code: string; fields: Record<string, { code: string }> } }).tsubo;
    return {
      code: wire.code,
      fields: Object.fromEntries(Object.entries(wire.fields).map(([field, { code }]) => [field, code])),
    };
  }
  throw new Error('it was taken');
}

test('every field of an order, by the door that the panel uses', async () => {
  const who: Customer = await signUp('wrong');
  const right = await smallestOrder(who, { name: 'web-1' });
  const place = (change: Record<string, unknown>) =>
    refusal(who.api.servers.order.mutate({ ...right, ...change } as typeof right));

  for (const [change, fields] of [
    [{ name: '' }, { name: 'empty' }],
    [{ name: 'a'.repeat(64) }, { name: 'too-long' }],
    [{ name: 'web_1' }, { name: 'server-name-characters' }],
    [{ name: '日本語' }, { name: 'server-name-characters' }],
    [{ name: '-web' }, { name: 'server-name-edge' }],
    [{ name: '<script>alert(1)</script>' }, { name: 'server-name-characters' }],
    [{ hostname: 'a b' }, { hostname: 'hostname-characters' }],
    [{ hostname: 'x'.repeat(64) }, { hostname: 'too-long' }],
    [{ planId: 'nothing' }, { planId: 'choose' }],
    [{ imageId: 'nothing' }, { imageId: 'choose' }],
    [{ zoneId: 'nothing' }, { zoneId: 'choose' }],
    [{ clientKey: 'not-a-uuid' }, { clientKey: 'format' }],
  ] as const)
    expect(await place(change), JSON.stringify(change)).toEqual({ code: 'INPUT', fields });

  expect((await place({ seenYenWithTax: 1 })).code).toBe('NOT_POSSIBLE');
  expect((await place({ signIn: { method: 'keys', sshKeyIds: [] } })).code).toBe('INPUT');
  expect((await place({ signIn: { method: 'telepathy' } })).code).toBe('INPUT');
  expect((await place({ signIn: { method: 'keys', sshKeyIds: ['key_of_somebody'] } })).code).toBe('NOT_FOUND');
  expect((await place({ virtio: 'perhaps' })).code).toBe('INPUT');
  expect((await place({ deleteProtection: 'perhaps' })).code).toBe('INPUT');
  expect(await who.api.servers.list.query()).toEqual([]);

  // Full-width letters from an IME are no mistake.
  const taken = await who.api.servers.order.mutate({ ...right, name: 'ＷＥＢ－１' });
  expect((await who.api.servers.get.query({ serverId: taken.serverId })).name).toBe('web-1');
  expect((await place({ clientKey: crypto.randomUUID(), name: 'Web-1' })).fields).toEqual({ name: 'taken' });
  await operationEnd(who, taken.operationId);

  const { serverId } = taken;
  expect((await refusal(who.api.servers.rename.mutate({ serverId, name: 'a b' }))).fields).toEqual({
    name: 'server-name-characters',
  });
  expect((await refusal(who.api.servers.delete.mutate({ serverId, confirmName: 'other' }))).code).toBe('NAME_MISMATCH');
  expect((await refusal(who.api.servers.restart.mutate({ serverId, onTimeout: 'never' as 'give-up' }))).code).toBe(
    'INPUT',
  );
  expect((await refusal(who.api.servers.get.query({ serverId: '../../etc' }))).code).toMatch(/INPUT|NOT_FOUND/);
  const removal = await who.api.servers.delete.mutate({ serverId, confirmName: 'web-1' });
  await operationEnd(who, removal.operationId);
});

test('SSH keys: what is not one, what is a secret, what is weak', async () => {
  const who = await signUp('keys');
  const add = (publicKey: string) => refusal(who.api.sshKeys.add.mutate({ publicKey }));
  expect((await add('')).fields).toEqual({ publicKey: 'empty' });
  expect((await add('hello')).fields).toEqual({ publicKey: 'ssh-key-format' });
  expect((await add('ssh-ed25519 AAAA broken')).fields).toEqual({ publicKey: 'ssh-key-format' });
  expect((await add('-----BEGIN OPENSSH PRIVATE KEY-----\nabc\n-----END OPENSSH PRIVATE KEY-----')).fields).toEqual({
    publicKey: 'ssh-key-private',
  });
  expect(await who.api.sshKeys.list.query()).toEqual([]);
});

test('the sign-up and order forms say what is wrong at the field, and keep what was typed', async ({ page }) => {
  await page.goto('/signup');
  await page.getByLabel(words('auth.fields.name')).fill('鈴木');
  await page.getByLabel(words('auth.fields.email')).fill('not-an-address');
  await page.getByLabel(words('auth.fields.password')).fill('short');
  await page.getByRole('button', { name: words('auth.signup.submit') }).click();
  await expect(page.getByText(words('fields.email-format')).first()).toBeVisible();
  await expect(page.getByLabel(words('auth.fields.name'))).toHaveValue('鈴木');
  await expect(page.getByLabel(words('auth.fields.email'))).toHaveAttribute('aria-invalid', 'true');

  await page.getByLabel(words('auth.fields.email')).fill(`suzuki-${randomBytes(4).toString('hex')}@example.com`);
  await page.getByLabel(words('auth.fields.password')).fill('a much longer password');
  await page.getByRole('button', { name: words('auth.signup.submit') }).click();
  await expect(page.getByRole('heading', { name: words('servers.empty.title') })).toBeVisible();

  await page.goto('/servers/new');
  const name = page.getByLabel(words('order.name.label'), { exact: true });
  // Nothing else is to be done: without a key in the account, the generated password is the default.
  await name.fill('web_1');
  await page
    .getByRole('button', { name: words('order.summary.next') })
    .first()
    .click();
  await expect(page.getByText(words('fields.server-name-characters')).first()).toBeVisible();
  await expect(page).toHaveTitle(/^エラー/);
  await expect(name).toHaveValue('web_1');
  await expect(name).toHaveAttribute('aria-invalid', 'true');
});

test('a wrong password and an unknown address get the same sentence', async ({ page }) => {
  const who = await signUp('signin');
  for (const email of [who.email, 'nobody-at-all@example.com']) {
    await page.goto('/login');
    await page.getByLabel(words('auth.fields.email')).fill(email);
    await page.getByLabel(words('auth.fields.password')).fill('certainly not this');
    await page.getByRole('button', { name: words('auth.login.submit') }).click();
    await expect(page.getByText(words('auth.login.wrongPair')).first()).toBeVisible();
  }
});
