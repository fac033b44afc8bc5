/** One JSON file per area and language; the file's name is the namespace. Japanese is written first. */

import type { Locale } from '../format/time.ts';
import enAccount from '../messages/en/account.json';
import enAuth from '../messages/en/auth.json';
import enCommon from '../messages/en/common.json';
import enConsole from '../messages/en/console.json';
import enErrors from '../messages/en/errors.json';
import enFields from '../messages/en/fields.json';
import enOperations from '../messages/en/operations.json';
import enOrder from '../messages/en/order.json';
import enServers from '../messages/en/servers.json';
import enStaff from '../messages/en/staff.json';
import jaAccount from '../messages/ja/account.json';
import jaAuth from '../messages/ja/auth.json';
import jaCommon from '../messages/ja/common.json';
import jaConsole from '../messages/ja/console.json';
import jaErrors from '../messages/ja/errors.json';
import jaFields from '../messages/ja/fields.json';
import jaOperations from '../messages/ja/operations.json';
import jaOrder from '../messages/ja/order.json';
import jaServers from '../messages/ja/servers.json';
import jaStaff from '../messages/ja/staff.json';

const ja = {
  common: jaCommon,
  auth: jaAuth,
  account: jaAccount,
  console: jaConsole,
  errors: jaErrors,
  fields: jaFields,
  servers: jaServers,
  order: jaOrder,
  operations: jaOperations,
  staff: jaStaff,
};
export type Messages = typeof ja;

const en: Messages = {
  common: enCommon,
  auth: enAuth,
  account: enAccount,
  console: enConsole,
  errors: enErrors,
  fields: enFields,
  servers: enServers,
  order: enOrder,
  operations: enOperations,
  staff: enStaff,
};

export const messages: Record<Locale, Messages> = { ja, en };
