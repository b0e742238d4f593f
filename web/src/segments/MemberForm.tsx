import { Button, Group, Text, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { send, type Schemas } from '~/api/client';
import { enc } from '~/api/flags';
import { ActButton } from '~/access/ActButton';
import type { Needs } from '~/access/questions';
import { useKept } from '~/forms/useKept';
import { useText } from '~/i18n/text';
import { useWords } from '~/ui/useWords';
import { changeMembers } from './transfer';

/** Looks one key up, and puts it in or takes it out. */
export function MemberForm({ path, needs }: { path: string; needs: Needs }) {
  const t = useText();
  const words = useWords();
  const queries = useQueryClient();
  const [key, setKey] = useKept(`member-key.${path}`, '');
  const wanted = key.trim();
  const look = useMutation({
    mutationFn: (asked: string) => send<Schemas['BigSegmentTarget']>('GET', `${path}/contexts/${enc(asked)}`),
  });
  const change = useMutation({
    mutationFn: (add: boolean) =>
      changeMembers(path, { add: add ? [wanted] : [], remove: add ? [] : [wanted] }),
    onSuccess: async () => {
      look.mutate(wanted);
      await queries.invalidateQueries({ queryKey: ['project'] });
    },
  });
  const found = look.data?.userKey === wanted ? look.data : undefined;
  const error = look.error ?? change.error;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (wanted) look.mutate(wanted);
      }}
    >
      <Group gap="xs" align="flex-end">
        <TextInput
          w={280}
          label={t('Is this key a member?')}
          value={key}
          onChange={(event) => setKey(event.currentTarget.value)}
        />
        <Button type="submit" variant="default" disabled={!wanted} loading={look.isPending}>
          {t('Look up')}
        </Button>
        {found && (
          <>
            <Text size="sm" role="status" px="xs" pb={7}>
              {found.excluded
                ? t('It is excluded')
                : found.included
                  ? t('It is included')
                  : t('It is no member')}
            </Text>
            <ActButton
              needs={needs}
              variant="subtle"
              loading={change.isPending}
              onClick={() => change.mutate(!found.included)}
            >
              {found.included ? t('Take it out') : t('Include it')}
            </ActButton>
          </>
        )}
      </Group>
      {error && (
        <Text size="sm" c="signal" role="alert" mt={6}>
          {words(error)}
        </Text>
      )}
    </form>
  );
}
