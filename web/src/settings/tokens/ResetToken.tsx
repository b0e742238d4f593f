import { Select } from '@mantine/core';
import { useState } from 'react';
import type { Schemas } from '~/api/client';
import { request } from '~/api/request';
import { ConfirmDialog } from '~/forms/ConfirmDialog';
import { useGrace } from '~/forms/useExpiries';
import { useText } from '~/i18n/text';

type Token = Schemas['TokenRep'];

/** Gives a token a new value. */
export function ResetToken({
  token,
  close,
  done,
}: {
  token: Token;
  close: () => void;
  done: (token: Token) => void;
}) {
  const t = useText();
  const grace = useGrace();
  const [hours, setHours] = useState('24');
  return (
    <ConfirmDialog
      title={t('Give the token {token} a new value?', { token: token.name || token._id })}
      text={t('The new value is shown once. What it may do stays as it is.')}
      label={t('New value')}
      danger
      call={request('post', '/api/v2/tokens/{id}/reset', {
        path: { id: token._id },
        query: { expiry: grace.at(hours) },
      })}
      close={close}
      done={done}
    >
      <Select
        label={t('The old value goes on working')}
        data={grace.data}
        value={hours}
        onChange={(value) => setHours(value ?? '24')}
      />
    </ConfirmDialog>
  );
}
