import { Alert, Button, Group, SegmentedControl, Select, Stack, Text, ThemeIcon } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { IconCheck, IconLoader2 } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useState, type ReactNode } from 'react';
import { flagsPage } from '~/api/flags';
import { useText } from '~/i18n/text';
import { useEnvironments } from '~/shell/place';
import { Ago } from '~/ui/Ago';
import { CodeBlock } from '~/ui/CodeBlock';
import { Page } from '~/ui/Page';
import { SDKS } from './snippets';
import { useSeen } from './useSeen';
import classes from './start.module.css';

const route = getRouteApi('/projects/$project/$env/start');

/** From nothing to a flag that an SDK evaluates. */
export function StartPage() {
  const t = useText();
  const { project, env } = route.useParams();
  const environment = useEnvironments(project).find((one) => one.key === env);
  const flags = useQuery(flagsPage(project, { envs: [], page: 0, limit: 50 }));
  const items = flags.data?.items ?? [];
  const [chosen, setChosen] = useState<string>();
  const [sdk, setSdk] = useState(SDKS[0]);
  const flag = chosen ?? items[0]?.key;
  const seen = useSeen(project, env, flag);
  const name = environment?.name ?? env;
  const narrow = useMediaQuery('(max-width: 36em)', undefined, { getInitialValueInEffect: false });
  const languages = {
    'aria-label': t('SDK'),
    data: SDKS.map(({ id, label }) => ({ value: id, label })),
    onChange: (id: string | null) => setSdk(SDKS.find((one) => one.id === id)),
  };
  return (
    <Page
      title={t('Connect an SDK')}
      text={t('Three steps until your code asks this server, in {environment}.', { environment: name })}
    >
      <Stack gap="md" maw={820}>
        <Step n={1} done={items.length > 0} title={t('Choose a flag')}>
          {items.length === 0 && flags.data ? (
            <Button component={Link} to={`/projects/${project}/${env}/flags?create=1`}>
              {t('Create flag')}
            </Button>
          ) : (
            <Select
              maw={340}
              searchable
              aria-label={t('Flag')}
              data={items.map((one) => ({ value: one.key, label: one.name || one.key }))}
              value={flag ?? null}
              onChange={(key) => setChosen(key ?? undefined)}
            />
          )}
        </Step>
        <Step n={2} done={seen !== undefined} title={t('Run this in your project')}>
          <Stack gap="sm">
            {narrow ? (
              <Select {...languages} allowDeselect={false} value={sdk?.id ?? null} />
            ) : (
              <SegmentedControl {...languages} style={{ alignSelf: 'flex-start' }} value={sdk?.id} />
            )}
            {sdk && <CodeBlock text={sdk.install} what={t('the command')} />}
            {sdk && environment && (
              <CodeBlock
                text={sdk.code(location.origin, environment.apiKey, flag ?? 'my-flag')}
                what={t('the code')}
              />
            )}
            <Text size="xs" c="dimmed">
              {t(
                'The SDK key of {environment} and the address of this server are in it already. Keep the key to yourself.',
                {
                  environment: name,
                },
              )}
            </Text>
          </Stack>
        </Step>
        <Step n={3} done={seen !== undefined} title={t('See it arrive')}>
          {seen ? (
            <Alert color="sea" icon={<IconCheck size={18} />} role="status">
              {t('An SDK asked for this flag.')} <Ago at={seen} />
            </Alert>
          ) : (
            <Group gap="sm" role="status">
              <IconLoader2 size={18} className={classes.turning} aria-hidden />
              <Text size="sm" c="dimmed">
                {t('Waiting for an SDK to ask for {flag} in {environment}…', {
                  flag: flag ?? '…',
                  environment: name,
                })}
              </Text>
            </Group>
          )}
        </Step>
      </Stack>
    </Page>
  );
}

function Step({
  n,
  done,
  title,
  children,
}: {
  n: number;
  done: boolean;
  title: string;
  children: ReactNode;
}) {
  const t = useText();
  return (
    <section className={classes.step} data-done={done || undefined}>
      <ThemeIcon radius="xl" size={28} color={done ? 'sea' : 'gray.7'} variant="filled">
        {done ? <IconCheck size={16} aria-label={t('Done')} /> : n}
      </ThemeIcon>
      <div style={{ flex: 1, minWidth: 0 }}>
        <h2 className={classes.title}>{title}</h2>
        {children}
      </div>
    </section>
  );
}
