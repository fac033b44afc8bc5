import { z } from 'zod';
import { idText, text } from '../text.ts';
import { router } from '../trpc/init.ts';
import { accountProcedure, accountRoleProcedure, userProcedure } from '../trpc/procedures.ts';
import { savePreferences, viewMe } from './account.ts';
import { changePassword } from './change-password.ts';
import {
  endedSessions,
  me,
  passwordChange,
  preferences,
  sessionView,
  sshKeyAdd,
  sshKeyRead,
  sshKeyView,
} from './schema.ts';
import { endOtherSessions, endSession, listSessions } from './sessions.ts';
import { readSshKey } from './ssh-key.ts';
import { addSshKey, listSshKeys, removeSshKey } from './ssh-keys.ts';
import { addUserKey, listUserKeys, removeUserKey } from './user-keys.ts';

export const accountRouter = router({
  me: userProcedure.output(me).query(({ ctx }) => viewMe({ user: ctx.session.user, account: ctx.membership })),
  preferences: userProcedure.input(preferences).mutation(async ({ ctx, input }) => {
    ctx.audit.subject = `user:${ctx.session.user.id}`;
    ctx.audit.after = input;
    await savePreferences(ctx.deps, ctx.session.user.id, input);
  }),
  sessions: userProcedure
    .output(z.array(sessionView))
    .query(({ ctx }) => listSessions(ctx.deps, ctx.session.user.id, ctx.session.id)),
  endSession: userProcedure.input(z.object({ id: idText })).mutation(async ({ ctx, input }) => {
    ctx.audit.subject = `user:${ctx.session.user.id}`;
    ctx.audit.after = { sessionId: input.id };
    await endSession(ctx.deps, ctx.session.user.id, input.id);
  }),
  endOtherSessions: userProcedure.output(endedSessions).mutation(async ({ ctx }) => {
    ctx.audit.subject = `user:${ctx.session.user.id}`;
    const ended = await endOtherSessions(ctx.deps, ctx.session.user.id, ctx.session.id);
    ctx.audit.after = { ended };
    return { ended };
  }),
  changePassword: userProcedure
    .input(passwordChange)
    .output(endedSessions)
    .mutation(async ({ ctx, input }) => {
      const { id: sessionId, user } = ctx.session;
      ctx.audit.subject = `user:${user.id}`;
      const ended = await changePassword(ctx.deps, { ...user, sessionId }, input);
      ctx.audit.after = { ended };
      return { ended };
    }),
});

export const sshKeysRouter = router({
  list: accountProcedure.output(z.array(sshKeyView)).query(({ ctx }) => listSshKeys(ctx.deps, ctx.accountId)),
  add: accountRoleProcedure('operator')
    .input(sshKeyAdd)
    .output(sshKeyView)
    .mutation(async ({ ctx, input }) => {
      const key = await addSshKey(ctx.deps, ctx.accountId, input);
      ctx.audit.subject = `ssh-key:${key.id}`;
      ctx.audit.after = { name: key.name, type: key.type, fingerprint: key.fingerprint };
      return key;
    }),
  remove: accountRoleProcedure('operator')
    .input(z.object({ id: idText }))
    .mutation(async ({ ctx, input }) => {
      ctx.audit.subject = `ssh-key:${input.id}`;
      await removeSshKey(ctx.deps, ctx.accountId, input.id);
    }),
  /** What a pasted key is, while typing. */
  read: accountProcedure
    .input(z.object({ publicKey: text(20_000) }))
    .output(sshKeyRead)
    .query(({ input }) => readSshKey(input.publicKey)),
});

/** A person's own keys, whatever accounts they belong to. */
export const userKeysRouter = router({
  list: userProcedure.output(z.array(sshKeyView)).query(({ ctx }) => listUserKeys(ctx.deps, ctx.session.user.id)),
  add: userProcedure
    .input(sshKeyAdd)
    .output(sshKeyView)
    .mutation(async ({ ctx, input }) => {
      const key = await addUserKey(ctx.deps, ctx.session.user.id, input);
      ctx.audit.subject = `user-key:${key.id}`;
      ctx.audit.after = { name: key.name, type: key.type, fingerprint: key.fingerprint };
      return key;
    }),
  remove: userProcedure.input(z.object({ id: idText })).mutation(async ({ ctx, input }) => {
    ctx.audit.subject = `user-key:${input.id}`;
    ctx.audit.before = await removeUserKey(ctx.deps, ctx.session.user.id, input.id);
  }),
});
