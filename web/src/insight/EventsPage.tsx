import { Alert, Badge, Button, Group, MultiSelect, Text, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconPlayerPause, IconPlayerPlay } from '@tabler/icons-react';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { useText } from '~/i18n/text';
import { EmptyState } from '~/ui/EmptyState';
import { Page } from '~/ui/Page';
import { Panel } from '~/ui/Panel';
import { tailUrl, type TailFilter } from './api';
import { EventRow } from './EventRow';
import { useTail, type Tail } from './useTail';

const route = getRouteApi('/projects/$project/$env/events');
const KINDS = [
  'feature',
  'summary',
  'index',
  'identify',
  'custom',
  'click',
  'pageview',
  'debug',
  'migration_op',
];

/** What SDKs send, as it comes. */
export function EventsPage() {
  const t = useText();
  const { project, env } = route.useParams();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const [paused, setPaused] = useState(false);
  const tail = useTail(tailUrl(project, env, search), paused);
  const set = (change: TailFilter) =>
    void navigate({ search: (old) => ({ ...old, ...change }), replace: true });
  const fields = [
    { field: 'flag', label: t('Flag') },
    { field: 'contextKind', label: t('Kind of context') },
    { field: 'contextKey', label: t('Key of a context') },
  ] as const;
  return (
    <Page
      title={t('Live events')}
      beside={<State state={paused ? 'paused' : tail.state} />}
      text={t('What SDKs send to this environment, as it arrives. Nothing is kept of it here.')}
      actions={
        <>
          <Button variant="subtle" color="gray" disabled={tail.events.length === 0} onClick={tail.clear}>
            {t('Clear')}
          </Button>
          <Button
            variant="default"
            leftSection={
              paused ? <IconPlayerPlay size={16} aria-hidden /> : <IconPlayerPause size={16} aria-hidden />
            }
            onClick={() => setPaused(!paused)}
          >
            {paused ? t('Go on') : t('Pause')}
          </Button>
        </>
      }
    >
      <Group gap="xs" mb="md" role="search" align="flex-start">
        <MultiSelect
          w={{ base: '100%', xs: 320 }}
          aria-label={t('Kinds of events')}
          placeholder={search.kind ? undefined : t('All kinds of events')}
          data={KINDS}
          value={search.kind?.split(',') ?? []}
          onChange={(kinds) => set({ kind: kinds.join(',') || undefined })}
          clearable
        />
        {fields.map(({ field, label }) => (
          <FilterField
            key={field}
            label={label}
            value={search[field]}
            change={(value) => set({ [field]: value })}
          />
        ))}
      </Group>
      {tail.state === 'refused' && (
        <Alert color="signal" role="alert" mb="md">
          {t(
            'The server does not tell you of events: a filter may be wrong, you may not see them, or too many listen.',
          )}
        </Alert>
      )}
      {tail.missed > 0 && (
        <Text size="sm" c="dimmed" mb="xs" role="status">
          {t('{count, plural, one {# event} other {# events}} not shown: more came than can be read.', {
            count: tail.missed,
          })}
        </Text>
      )}
      {tail.events.length === 0 ? (
        <EmptyState
          title={paused ? t('Paused') : t('Waiting for events')}
          text={t('SDKs send them every few seconds, once they evaluate flags.')}
        />
      ) : (
        <Panel flush>
          <div role="log" aria-label={t('Events')} aria-live="off">
            {tail.events.map((event) => (
              <EventRow key={event.id} project={project} env={env} event={event} />
            ))}
          </div>
        </Panel>
      )}
    </Page>
  );
}

interface FieldProps {
  label: string;
  value: string | undefined;
  change: (value: string | undefined) => void;
}

function FilterField({ label, value, change }: FieldProps) {
  const find = useDebouncedCallback((text: string) => change(text.trim() || undefined), 300);
  return (
    <TextInput
      w={{ base: '100%', xs: 190 }}
      aria-label={label}
      placeholder={label}
      defaultValue={value}
      onChange={(event) => find(event.currentTarget.value)}
    />
  );
}

function State({ state }: { state: Tail['state'] | 'paused' }) {
  const t = useText();
  const states = {
    connecting: { color: 'gray', label: t('connecting…') },
    open: { color: 'sea', label: t('live') },
    refused: { color: 'signal', label: t('refused') },
    paused: { color: 'gray', label: t('paused') },
  };
  return (
    <Badge color={states[state].color} role="status">
      {states[state].label}
    </Badge>
  );
}
