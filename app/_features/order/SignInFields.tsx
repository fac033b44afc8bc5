'use client';

import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import { useTRPC } from '../../_lib/trpc/client.tsx';
import { ActionButton } from '../../_ui/ActionButton.tsx';
import { FieldGroup } from '../../_ui/Field.tsx';
import { Choice } from '../../_ui/inputs.tsx';
import { QueryView } from '../../_ui/QueryView.tsx';
import { Skeleton } from '../../_ui/Skeleton.tsx';
import { AddKey } from './AddKey.tsx';
import type { Draft } from './draft.ts';
import styles from './order.module.css';

type SignIn = Pick<Draft, 'method' | 'sshKeyIds'>;

/** SSH keys of the account, checked; one more may be added in place. Or a password, made by us and shown once. */
export function SignInFields({
  value,
  onChange,
  error,
}: {
  value: SignIn;
  onChange: (change: Partial<SignIn>) => void;
  error: string | undefined;
}) {
  const t = useTranslations('order.signIn');
  return (
    <FieldGroup name="signIn" label={t('label')} error={error}>
      <Choice
        name="method"
        value="keys"
        checked={value.method === 'keys'}
        onChange={() => onChange({ method: 'keys' })}
        label={t('keys')}
        help={t('keysHelp')}
      />
      {value.method === 'keys' ? (
        <KeyChoice chosen={value.sshKeyIds} onChange={(sshKeyIds) => onChange({ sshKeyIds })} />
      ) : null}
      <Choice
        name="method"
        value="password"
        checked={value.method === 'password'}
        onChange={() => onChange({ method: 'password' })}
        label={t('password')}
        help={t('passwordHelp')}
      />
    </FieldGroup>
  );
}

function KeyChoice({ chosen, onChange }: { chosen: string[]; onChange: (ids: string[]) => void }) {
  const t = useTranslations('order.signIn');
  const trpc = useTRPC();
  const query = useQuery(trpc.sshKeys.list.queryOptions());
  const [adding, setAdding] = useState(false);
  return (
    <fieldset className={styles.keys}>
      <legend className="visually-hidden">{t('chooseKeys')}</legend>
      <QueryView query={query} skeleton={<Skeleton height={48} />} errorTitle={t('keysFailed')}>
        {(keys) => (
          <>
            {keys.length === 0 ? <p className={styles.quiet}>{t('noKeys')}</p> : null}
            {keys.map((key) => (
              <Choice
                key={key.id}
                type="checkbox"
                name="sshKeyIds"
                value={key.id}
                checked={chosen.includes(key.id)}
                onChange={(event) =>
                  onChange(event.target.checked ? [...chosen, key.id] : chosen.filter((id) => id !== key.id))
                }
                label={key.name}
                help={
                  <span className={styles.fingerprint}>
                    {key.type} <span className="mono">{key.fingerprint}</span>
                  </span>
                }
              />
            ))}
            {adding || keys.length === 0 ? (
              <AddKey
                onAdded={(id) => {
                  setAdding(false);
                  onChange([...chosen, id]);
                }}
                onClose={keys.length === 0 ? undefined : () => setAdding(false)}
              />
            ) : (
              <div>
                <ActionButton onClick={() => setAdding(true)}>{t('addKey')}</ActionButton>
              </div>
            )}
          </>
        )}
      </QueryView>
    </fieldset>
  );
}
