import { Button, Group, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { patchFlag } from '~/api/flags';
import { useText } from '~/i18n/text';
import { notifyFailed } from '~/ui/notify';
import { useWords } from '~/ui/useWords';

interface Wanted {
  on: boolean;
  comment?: string;
}

/** Turns a flag on or off. It shows at once, and can be undone from the note that says so. */
export function useToggle(project: string, flag: string, env: string) {
  const t = useText();
  const words = useWords();
  const queries = useQueryClient();
  const again = useRef<(wanted: Wanted) => void>(undefined);
  const mutation = useMutation({
    mutationFn: ({ on, comment }: Wanted) =>
      patchFlag(project, flag, {
        environmentKey: env,
        instructions: [{ kind: on ? 'turnFlagOn' : 'turnFlagOff' }],
        ...(comment ? { comment } : {}),
      }),
    onSuccess: async (_, { on }) => {
      await queries.invalidateQueries({ queryKey: ['project', project] });
      const id = `toggle/${project}/${flag}/${env}`;
      notifications.show({
        id,
        message: (
          <Group justify="space-between" wrap="nowrap">
            <Text size="sm">
              {on
                ? t('{flag} is on in {environment}', { flag, environment: env })
                : t('{flag} is off in {environment}', { flag, environment: env })}
            </Text>
            <Button
              size="compact-sm"
              variant="light"
              onClick={() => {
                notifications.hide(id);
                again.current?.({ on: !on, comment: t('Undone') });
              }}
            >
              {t('Undo')}
            </Button>
          </Group>
        ),
      });
    },
    onError: (error) => notifyFailed(words(error)),
  });
  useEffect(() => {
    again.current = mutation.mutate;
  });
  return { ...mutation, optimistic: mutation.isPending ? mutation.variables.on : undefined };
}
