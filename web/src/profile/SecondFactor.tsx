import { Badge, Button, Group, PasswordInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, ask, send } from '~/api/client';
import { useText } from '~/i18n/text';
import { FactorSecret, RecoveryCodes } from '~/ui/Factor';
import { FormDialog } from '~/ui/FormDialog';
import { Panel } from '~/ui/Panel';
import { notifyDone } from '~/ui/notify';

/** Codes of an authenticator app: set up, confirmed, switched off. */
export function SecondFactor({ on }: { on: boolean }) {
  const t = useText();
  const queries = useQueryClient();
  const [code, setCode] = useState('');
  const [password, setPassword] = useState('');
  const [leaving, setLeaving] = useState(false);
  const refresh = () => queries.invalidateQueries({ queryKey: ['session'] });
  const begin = useMutation({ mutationFn: () => ask(api.POST('/internal/totp')) });
  const confirm = useMutation({
    mutationFn: () => ask(api.POST('/internal/totp/confirm', { body: { code: code.trim() } })),
    onSuccess: refresh,
  });
  const off = useMutation({
    mutationFn: () => send('DELETE', '/internal/totp', { password }),
    onSuccess: async () => {
      await refresh();
      setLeaving(false);
      notifyDone(t('The second factor is off'));
    },
  });
  const codes = confirm.data?.recoveryCodes;
  return (
    <Panel
      title={
        <Group gap="xs">
          {t('Second factor')} <Badge color={on ? 'sea' : 'gray'}>{on ? t('on') : t('off')}</Badge>
        </Group>
      }
      text={t('Besides the password, a code of an authenticator app.')}
      actions={
        on ? (
          <Button variant="default" onClick={() => setLeaving(true)}>
            {t('Switch off')}
          </Button>
        ) : (
          <Button variant="default" loading={begin.isPending} onClick={() => begin.mutate()}>
            {t('Set up')}
          </Button>
        )
      }
    >
      {codes && <RecoveryCodes codes={codes} />}
      {begin.data && !on && !codes && (
        <FormDialog
          title={t('Set up the second factor')}
          label={t('Confirm')}
          close={() => begin.reset()}
          submit={() => confirm.mutate()}
          pending={confirm.isPending}
          error={confirm.error}
        >
          <FactorSecret begun={begin.data} code={code} onChange={setCode} />
        </FormDialog>
      )}
      {leaving && (
        <FormDialog
          title={t('Switch the second factor off?')}
          label={t('Switch off')}
          danger
          close={() => setLeaving(false)}
          submit={() => off.mutate()}
          pending={off.isPending}
          error={off.error}
        >
          <PasswordInput
            label={t('Password')}
            autoComplete="current-password"
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
            data-autofocus
          />
        </FormDialog>
      )}
    </Panel>
  );
}
