import { Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useText } from '~/i18n/text';
import { Ago } from '~/ui/Ago';
import { EmptyState } from '~/ui/EmptyState';
import { ErrorState } from '~/ui/ErrorState';
import { JsonEditor } from '~/ui/JsonEditor';
import { LoadingPage } from '~/ui/LoadingPage';
import { Page } from '~/ui/Page';
import { Panel } from '~/ui/Panel';
import { contextQuery } from './api';
import { Evaluations } from './Evaluations';

const route = getRouteApi('/projects/$project/$env/contexts/$kind/$key');

export function ContextPage() {
  const t = useText();
  const { project, env, kind, key } = route.useParams();
  const { q } = route.useSearch();
  const navigate = route.useNavigate();
  const query = useQuery(contextQuery(project, env, kind, key));
  if (query.isError) return <ErrorState page error={query.error} retry={() => void query.refetch()} />;
  if (!query.data) return <LoadingPage />;
  const found = query.data.items[0];
  const over = (
    <Link to="/projects/$project/$env/contexts" params={{ project, env }}>
      {t('Contexts')}
    </Link>
  );
  if (!found) return <EmptyState page title={t('No SDK has told of this context')} />;
  const context = found.context as Record<string, unknown>;
  return (
    <Page
      over={over}
      title={String(context.name ?? key)}
      text={
        <Text size="sm">
          {kind} <code>{key}</code> · {t('last seen')} <Ago at={Date.parse(found.lastSeen)} />
        </Text>
      }
    >
      <Panel title={t('Attributes')} text={t('As an SDK sent them last.')}>
        <JsonEditor label={t('Attributes')} value={JSON.stringify(context, null, 2)} minHeight="40px" />
      </Panel>
      <Evaluations
        {...{ project, env, context, q }}
        find={(q) => void navigate({ search: (now) => ({ ...now, q }), replace: true })}
      />
    </Page>
  );
}
