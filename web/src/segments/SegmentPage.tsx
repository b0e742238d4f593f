import { Alert, Anchor, Button, Group, Text, Title } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useState } from 'react';
import { segmentQuery } from '~/api/segments';
import { ChangeList } from '~/changes/ChangeList';
import type { Schemas } from '~/api/client';
import { useText } from '~/i18n/text';
import { EditPlaceContext } from '~/targeting/editing';
import { ErrorState } from '~/ui/ErrorState';
import { LoadingPage } from '~/ui/LoadingPage';
import { Page } from '~/ui/Page';
import { Panel } from '~/ui/Panel';
import { TagList } from '~/ui/TagList';
import { KeysEditor } from './KeysEditor';
import { newSegmentRule, segmentDraft } from './segmentDraft';
import { SegmentRuleCard } from './SegmentRuleCard';
import { SegmentDanger } from './SegmentDanger';
import { StagedSegment } from './StagedSegment';

const route = getRouteApi('/projects/$project/$env/segments/$segment');

export function SegmentPage() {
  const { project, env, segment: key } = route.useParams();
  const query = useQuery(segmentQuery(project, env, key));
  if (query.isError) return <ErrorState error={query.error} retry={() => void query.refetch()} />;
  if (!query.data) return <LoadingPage />;
  return (
    <Editor key={`${env}/${key}/${query.data.version}`} project={project} env={env} segment={query.data} />
  );
}

function Editor({
  project,
  env,
  segment,
}: {
  project: string;
  env: string;
  segment: Schemas['UserSegment'];
}) {
  const t = useText();
  const base = segmentDraft(segment);
  const [draft, setDraft] = useState(base);
  return (
    <Page
      over={
        <Link to="/projects/$project/$env/segments" params={{ project, env }}>
          {t('Segments')}
        </Link>
      }
      title={segment.name || segment.key}
      beside={<TagList tags={segment.tags} most={6} />}
      text={
        <>
          <code>{segment.key}</code>
          {segment.description && <Text size="sm">{segment.description}</Text>}
        </>
      }
    >
      <EditPlaceContext value={{ project, env, readOnly: false }}>
        {segment.unbounded ? (
          <Alert color="gray" mb="md">
            {t(
              'This is a big segment: its members come from files, through the API. It has {count, number} of them.',
              {
                count: segment._unboundedMetadata?.includedCount ?? 0,
              },
            )}
          </Alert>
        ) : (
          <>
            <KeysEditor
              title={t('Included')}
              text={t('Always in the segment.')}
              keys={draft.included}
              change={(included) => setDraft({ ...draft, included })}
            />
            <KeysEditor
              title={t('Excluded')}
              text={t('Never in the segment, whatever rules say.')}
              keys={draft.excluded}
              change={(excluded) => setDraft({ ...draft, excluded })}
            />
          </>
        )}
        {draft.rules.map((rule, index) => (
          <SegmentRuleCard
            key={rule.id}
            rule={rule}
            index={index}
            change={(next) =>
              setDraft({ ...draft, rules: draft.rules.map((one) => (one.id === next.id ? next : one)) })
            }
            remove={() => setDraft({ ...draft, rules: draft.rules.filter((one) => one.id !== rule.id) })}
          />
        ))}
        <Group mb="md">
          <Button
            variant="default"
            leftSection={<IconPlus size={16} />}
            onClick={() => setDraft({ ...draft, rules: [...draft.rules, newSegmentRule()] })}
          >
            {t('Add rule')}
          </Button>
          {draft.rules.length === 0 && (
            <Text size="sm" c="dimmed">
              {t('Rules add contexts by what they are: their plan, country, version.')}
            </Text>
          )}
        </Group>
        <StagedSegment {...{ project, env, segment, base, draft }} discard={() => setDraft(base)} />
        <Panel title={t('Flags that use it')}>
          {segment._flags && segment._flags.length > 0 ? (
            <Group gap="md">
              {segment._flags.map((flag) => (
                <Anchor
                  key={flag.key}
                  component={Link}
                  to={`/projects/${project}/${env}/flags/${flag.key}`}
                  size="sm"
                >
                  {flag.name || flag.key}
                </Anchor>
              ))}
            </Group>
          ) : (
            <Text size="sm" c="dimmed">
              {t('None')}
            </Text>
          )}
        </Panel>
        <SegmentDanger project={project} env={env} segment={segment} />
        <Title order={2} mt="xl" mb="sm">
          {t('History')}
        </Title>
        <ChangeList project={project} resources={[`proj/${project}:env/${env}:segment/${segment.key}`]} />
      </EditPlaceContext>
    </Page>
  );
}
