import { Button, Skeleton, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, lazyRouteComponent, Link } from '@tanstack/react-router';
import { Suspense, useState } from 'react';
import { resourceOfSegment, segmentQuery } from '~/api/segments';
import { ChangeList } from '~/changes/ChangeList';
import type { Schemas } from '~/api/client';
import { useText } from '~/i18n/text';
import { LookBackButton } from '~/moments/LookBackButton';
import { EditPlaceContext } from '~/targeting/editing';
import { ErrorState } from '~/ui/ErrorState';
import { LoadingPage } from '~/ui/LoadingPage';
import { Page } from '~/ui/Page';
import { TagList } from '~/ui/TagList';
import { InViews } from '~/views/InViews';
import { BigMembers } from './BigMembers';
import { SegmentDanger } from './SegmentDanger';
import { SegmentFlags } from './SegmentFlags';
import { SegmentStack } from './SegmentStack';
import { StagedSegment } from './StagedSegment';
import { useSegmentDraft } from './useSegmentDraft';

const route = getRouteApi('/projects/$project/$env/segments/$segment');
const PastSegment = lazyRouteComponent(() => import('./PastSegment'), 'PastSegment');
const RestoreSegment = lazyRouteComponent(() => import('./RestoreSegment'), 'RestoreSegment');
const TimeSlider = lazyRouteComponent(() => import('~/moments/TimeSlider'), 'TimeSlider');

export function SegmentPage() {
  const { project, env, segment: key } = route.useParams();
  const query = useQuery(segmentQuery(project, env, key));
  if (query.isError) return <ErrorState page error={query.error} retry={() => void query.refetch()} />;
  if (!query.data) return <LoadingPage />;
  return <Shown key={`${project}/${env}/${key}`} project={project} env={env} segment={query.data} />;
}

interface Props {
  project: string;
  env: string;
  segment: Schemas['UserSegment'];
}

function Shown({ project, env, segment }: Props) {
  const t = useText();
  const { at } = route.useSearch();
  const navigate = route.useNavigate();
  const [looking, setLooking] = useState(false);
  const [restoring, setRestoring] = useState<number>();
  const look = (moment: number | undefined) =>
    void navigate({ search: { at: moment }, replace: at !== undefined && moment !== undefined });
  const slider = looking || at !== undefined;
  const resources = [resourceOfSegment(project, env, segment.key)];
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
      actions={
        <LookBackButton
          open={slider}
          toggle={() => {
            setLooking(!slider);
            if (at !== undefined) look(undefined);
          }}
        />
      }
    >
      {slider && (
        <Suspense fallback={<Skeleton h={112} mb="md" />}>
          <TimeSlider
            project={project}
            resources={resources}
            created={segment.creationDate}
            at={at}
            change={look}
            actions={
              <Button variant="default" size="compact-sm" onClick={() => setRestoring(at)}>
                {t('Restore…')}
              </Button>
            }
          />
        </Suspense>
      )}
      {at !== undefined && (
        <Suspense fallback={<LoadingPage />}>
          <PastSegment project={project} env={env} segment={segment.key} at={at} />
        </Suspense>
      )}
      {/* What is staged stays as it is while one looks back. */}
      <div hidden={at !== undefined}>
        <Editor project={project} env={env} segment={segment} />
        <SegmentFlags project={project} env={env} segment={segment} />
        <InViews place={{ project, env }} kind="segments" itsKey={segment.key} />
        <SegmentDanger project={project} env={env} segment={segment} />
        <Title order={2} mt="xl" mb="sm">
          {t('History')}
        </Title>
        <ChangeList
          project={project}
          resources={resources}
          actions={({ date }, title) => (
            <Button
              variant="subtle"
              size="compact-xs"
              onClick={() => setRestoring(date)}
              aria-label={t('Restore the segment after: {what}', { what: title })}
            >
              {t('Restore…')}
            </Button>
          )}
        />
      </div>
      {restoring !== undefined && (
        <Suspense>
          <RestoreSegment
            {...{ project, env, segment }}
            at={restoring}
            close={() => setRestoring(undefined)}
          />
        </Suspense>
      )}
    </Page>
  );
}

function Editor({ project, env, segment }: Props) {
  const edit = useSegmentDraft(project, env, segment);
  return (
    <EditPlaceContext value={{ project, env, readOnly: false }}>
      {segment.unbounded && <BigMembers project={project} env={env} segment={segment} />}
      <SegmentStack
        itsKey={segment.key}
        draft={edit.draft ?? edit.base}
        set={edit.set}
        big={segment.unbounded}
      />
      <StagedSegment {...{ project, env, segment, edit }} />
    </EditPlaceContext>
  );
}
