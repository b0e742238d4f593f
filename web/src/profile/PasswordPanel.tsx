import { Button, Group, PasswordInput, Stack } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { send, type Schemas } from '~/api/client';
import { useText } from '~/i18n/text';
import { notifyDone } from '~/ui/notify';
import { Panel } from '~/ui/Panel';
import { useWords } from '~/ui/useWords';

export function PasswordPanel() {
  const t = useText();
  const words = useWords();
  const queries = useQueryClient();
  const form = useForm({
    initialValues: { now: '', next: '', again: '' },
    validate: {
      again: (value, { next }) => (value === next ? null : t('This is not the same password')),
    },
  });
  const change = useMutation({
    mutationFn: ({ now, next }: typeof form.values) =>
      send('POST', '/internal/password', { current: now, password: next } satisfies Schemas['ChangePost']),
    onSuccess: () => {
      form.reset();
      void queries.invalidateQueries({ queryKey: ['own-sessions'] });
      notifyDone(t('The password is changed. Your other sessions ended.'));
    },
    onError: (error) => form.setFieldError('now', words(error)),
  });
  return (
    <Panel title={t('Password')}>
      <form onSubmit={form.onSubmit((values) => change.mutate(values))}>
        <Stack gap="sm" maw={380}>
          <PasswordInput
            label={t('Present password')}
            autoComplete="current-password"
            required
            {...form.getInputProps('now')}
          />
          <PasswordInput
            label={t('New password')}
            autoComplete="new-password"
            required
            {...form.getInputProps('next')}
          />
          <PasswordInput
            label={t('New password again')}
            autoComplete="new-password"
            required
            {...form.getInputProps('again')}
          />
          <Group>
            <Button type="submit" variant="default" loading={change.isPending}>
              {t('Change password')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Panel>
  );
}
