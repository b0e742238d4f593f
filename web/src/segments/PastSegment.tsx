import { Alert } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useText } from '~/i18n/text';
import { EditPlaceContext } from '~/targeting/editing';
import { ErrorState } from '~/ui/ErrorState';
import { LoadingPage } from '~/ui/LoadingPage';
import { pastSegmentQuery } from './past';
import { segmentDraft } from './segmentDraft';
import { SegmentStack } from './SegmentStack';

interface Props {
  project: string;
  env: string;
  segment: string;
  at: number;
}

/** A segment as it was: to be read. */
export function PastSegment({ project, env, segment, at }: Props) {
  const t = useText();
  const past = useQuery(pastSegmentQuery(project, env, segment, at));
  if (past.isError) return <ErrorState error={past.error} />;
  if (!past.data) return <LoadingPage />;
  return (
    <EditPlaceContext value={{ project, env, readOnly: true }}>
      {past.data.unbounded && (
        <Alert color="gray" mb="md">
          {t('Of the members of big segments only those of now are known.')}
        </Alert>
      )}
      <SegmentStack
        key={at}
        itsKey={segment}
        draft={segmentDraft(past.data)}
        set={() => undefined}
        big={past.data.unbounded}
      />
    </EditPlaceContext>
  );
}
