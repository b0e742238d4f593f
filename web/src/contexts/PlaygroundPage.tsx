import { Button, Group, Text } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { useKept } from '~/forms/useKept';
import { useText } from '~/i18n/text';
import { Copy } from '~/ui/Copy';
import { JsonEditor } from '~/ui/JsonEditor';
import { Page } from '~/ui/Page';
import { Panel } from '~/ui/Panel';
import { Evaluations } from './Evaluations';

const route = getRouteApi('/projects/$project/$env/playground');
const FIRST = '{\n  "kind": "user",\n  "key": "ann",\n  "plan": "gold"\n}';

/** Any context, all flags. The context is in the address, so that it can be shared. */
export function PlaygroundPage() {
  const t = useText();
  const { project, env } = route.useParams();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  // What is typed and not yet evaluated outlives a reload; an address with a context is what it says.
  const asked = search.context ?? FIRST;
  const [text, setText, forget] = useKept(`playground.${project}.${asked}`, pretty(asked));
  const typed = read(text);
  const context = read(asked);
  const evaluate = () => {
    forget();
    void navigate({ search: (now) => ({ ...now, context: JSON.stringify(typed) }) });
  };
  return (
    <Page
      title={t('Playground')}
      text={t('Paste a context and see what it gets of every flag. Nothing is recorded.')}
    >
      <Panel
        title={t('Context')}
        actions={
          <Group gap={4}>
            <Text size="xs" c="dimmed">
              {t('Link to this')}
            </Text>
            <Copy value={location.href} what={t('link')} size="md" />
          </Group>
        }
      >
        <JsonEditor label={t('Context')} value={text} onChange={setText} minHeight="130px" />
        <Group mt="sm" gap="sm">
          <Button onClick={evaluate} disabled={typed === undefined}>
            {t('Evaluate')}
          </Button>
          {typed === undefined && (
            <Text size="sm" c="signal" role="alert">
              {t('This is not JSON')}
            </Text>
          )}
        </Group>
      </Panel>
      {context !== undefined && (
        <Evaluations
          {...{ project, env, context }}
          q={search.q}
          find={(q) => void navigate({ search: (now) => ({ ...now, q }), replace: true })}
        />
      )}
    </Page>
  );
}

function read(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function pretty(text: string): string {
  const value = read(text);
  return value === undefined ? text : JSON.stringify(value, null, 2);
}
