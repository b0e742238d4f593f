import { Button, Group, TextInput } from '@mantine/core';
import { useKept } from '~/forms/useKept';
import { useText } from '~/i18n/text';

/** Names a context by its kind and key. */
export function ContextForm({ ask }: { ask: (context: { kind: string; key: string }) => void }) {
  const t = useText();
  const [kind, setKind] = useKept('context.kind', 'user');
  const [key, setKey] = useKept('context.key', '');
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (key.trim()) ask({ kind, key: key.trim() });
      }}
    >
      <Group align="flex-end" gap="xs">
        <TextInput
          label={t('Kind')}
          w={140}
          value={kind}
          onChange={(event) => setKind(event.currentTarget.value)}
        />
        <TextInput
          label={t('Key')}
          flex="1 1 180px"
          maw={280}
          value={key}
          onChange={(event) => setKey(event.currentTarget.value)}
        />
        <Button type="submit" variant="default" disabled={key.trim() === ''}>
          {t('Why?')}
        </Button>
      </Group>
    </form>
  );
}
