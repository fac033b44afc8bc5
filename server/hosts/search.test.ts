import { afterAll, beforeAll, expect, test } from 'vitest';
import { newId } from '../ids.ts';
import { listForStaff } from '../operations/staff.ts';
import { createTestDatabase, type TestDatabase } from '../testing/database.ts';
import { type TestDeps, testDeps } from '../testing/deps.ts';
import { createPerson } from '../testing/people.ts';
import { createServerRow } from '../testing/server-row.ts';
import { searchForStaff } from './search.ts';

let database: TestDatabase;
let deps: TestDeps;
let anna: Awaited<ReturnType<typeof createPerson>>;
let ken: Awaited<ReturnType<typeof createPerson>>;
let [web, shop, operationId] = ['', '', ''];

beforeAll(async () => {
  database = await createTestDatabase();
  deps = testDeps(database.db);
  [anna, ken] = [await createPerson(deps), await createPerson(deps)];
  [web, shop] = [
    await createServerRow(deps, anna.accountId, 'web-1'),
    await createServerRow(deps, ken.accountId, 'shop_100'),
  ];
  const createdAt = deps.clock.now();
  operationId = newId('op');
  await deps.db.operation.create({
    data: {
      ...{ id: operationId, accountId: anna.accountId, serverId: web, kind: 'create', state: 'succeeded', input: {} },
      ...{ generation: 1, createdAt, endedAt: createdAt },
    },
  });
  await deps.db.host.create({
    data: { id: 'hst_1', zoneId: 'test-zone', name: 'rack-7', agentUrl: 'https://192.0.2.1:1' },
  });
  const pool = {
    id: 'pool-v4',
    zoneId: 'test-zone',
    family: 'v4',
    cidr: '192.0.2.0/24',
    gateway: '192.0.2.1',
  } as const;
  await deps.db.pool.create({ data: { ...pool, prefix: 24 } });
  await deps.db.address.create({ data: { id: 'adr_1', poolId: pool.id, family: 'v4', address: '192.0.2.77' } });
  await deps.db.addressHold.create({
    data: { id: newId('hld'), addressId: 'adr_1', serverId: web, family: 'v4', from: createdAt },
  });
});
afterAll(() => database.drop());

const serversFor = async (query: string) => (await searchForStaff(deps, query)).servers.map(({ id }) => id);

test('servers of any account: by name, host name, id, and the beginning of an address', async () => {
  expect(await serversFor('WEB')).toEqual([web]);
  expect(await serversFor(' ｗｅｂ－1 ')).toEqual([web]);
  expect(await serversFor(shop)).toEqual([shop]);
  expect(await serversFor('192.0.2.7')).toEqual([web]);
  expect((await searchForStaff(deps, 'web')).servers[0]).toMatchObject({ ipv4: '192.0.2.77', deleted: false });
});

test('letters that mean something to SQL are letters', async () => {
  expect(await serversFor('%')).toEqual([]);
  expect(await serversFor('_100')).toEqual([shop]);
  expect(await serversFor("' OR 1=1 --")).toEqual([]);
});

test('accounts by e-mail and name, hosts by name, operations by their whole id, and nothing by nothing', async () => {
  const { email } = anna.session.user;
  expect((await searchForStaff(deps, email.slice(0, 12))).accounts).toEqual([
    expect.objectContaining({ id: anna.accountId, email }),
  ]);
  expect((await searchForStaff(deps, 'Rack')).hosts).toEqual([{ id: 'hst_1', name: 'rack-7' }]);
  expect((await searchForStaff(deps, operationId)).operations).toEqual([
    { id: operationId, kind: 'create', serverName: 'web-1' },
  ]);
  expect((await searchForStaff(deps, operationId.slice(0, 8))).operations).toEqual([]);
  expect(await searchForStaff(deps, '  ')).toEqual({ servers: [], accounts: [], hosts: [], operations: [] });
});

test('what is found leads to its operations, and to those alone', async () => {
  const idsOf = async (of: Parameters<typeof listForStaff>[1]) => (await listForStaff(deps, of)).map(({ id }) => id);
  expect(await idsOf({ serverId: web })).toEqual([operationId]);
  expect(await idsOf({ serverId: shop })).toEqual([]);
  expect(await idsOf({ accountId: anna.accountId })).toEqual([operationId]);
  expect(await idsOf({ accountId: ken.accountId })).toEqual([]);
  expect(await idsOf({ id: operationId })).toEqual([operationId]);
});
