import { Button, Menu, Stack, TagsInput } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { ReadOnly } from '~/access/ReadOnly';
import { useText } from '~/i18n/text';
import { useEditPlace } from '~/targeting/editing';
import { useKinds } from '~/targeting/useKinds';
import { Panel } from '~/ui/Panel';

interface Props {
  title: string;
  text: string;
  keys: Record<string, string[]>;
  change: (keys: Record<string, string[]>) => void;
}

/** Keys by kind of context. */
export function KeysEditor({ title, text, keys, change }: Props) {
  const t = useText();
  const { project, readOnly, refusal } = useEditPlace();
  const kinds = useKinds(project);
  const used = Object.keys(keys);
  const rest = kinds.filter((kind) => !used.includes(kind));
  return (
    <Panel
      title={title}
      text={text}
      actions={
        refusal ? (
          <ReadOnly refusal={refusal} />
        ) : rest.length > 0 && !readOnly ? (
          <Menu shadow="md" position="bottom-end">
            <Menu.Target>
              <Button variant="subtle" size="compact-sm" leftSection={<IconPlus size={14} />}>
                {t('Add keys')}
              </Button>
            </Menu.Target>
            <Menu.Dropdown>
              {rest.map((kind) => (
                <Menu.Item key={kind} onClick={() => change({ ...keys, [kind]: [] })}>
                  {t('of kind {kind}', { kind })}
                </Menu.Item>
              ))}
            </Menu.Dropdown>
          </Menu>
        ) : undefined
      }
    >
      {used.length > 0 && (
        <Stack gap="sm">
          {used.map((kind) => (
            <TagsInput
              key={kind}
              label={t('Contexts of kind {kind}', { kind })}
              value={keys[kind]}
              readOnly={readOnly}
              splitChars={[',', '\n', '\t']}
              onChange={(values) => change({ ...keys, [kind]: values })}
            />
          ))}
        </Stack>
      )}
    </Panel>
  );
}
