import { Badge, Group, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useText } from '~/i18n/text';
import { Listed } from '~/settings/Listed';
import { EnvDot } from '~/shell/EnvDot';
import { Ago } from '~/ui/Ago';
import { DataTable } from '~/ui/DataTable';
import { Panel } from '~/ui/Panel';
import { heldKeysQuery, type View } from './api';

/** The SDK keys that are held to a view. */
export function HeldKeys({ view }: { view: View }) {
  const t = useText();
  const query = useQuery(heldKeysQuery(view.projectKey, view.key));
  const some = (query.data?.items.length ?? 0) > 0;
  return (
    <Panel
      flush={some}
      title={t('SDK keys')}
      text={
        some ? t('They deliver what is in this view, and what that depends on; nothing else.') : undefined
      }
    >
      <Listed query={query}>
        {({ items }) =>
          items.length === 0 ? (
            <Text size="sm" c="dimmed">
              {t('No SDK key is held to this view. A key by name can be, in the settings of')}{' '}
              <Link
                to="/settings/projects/$project"
                params={{ project: view.projectKey }}
                style={{ color: 'var(--accent)', textDecoration: 'underline' }}
              >
                {t('the project')}
              </Link>
              .
            </Text>
          ) : (
            <DataTable
              caption={t('SDK keys')}
              rows={items}
              id={(one) => `${one.environmentSummary?.key ?? ''}/${one.key}`}
              columns={[
                {
                  head: t('Key'),
                  cell: (one) => (
                    <Group gap={6}>
                      <Link
                        to="/settings/projects/$project"
                        params={{ project: view.projectKey }}
                        className="entity"
                      >
                        {one.name}
                      </Link>
                      <Badge color="gray" size="sm">
                        {one.kind === 'mobile' ? t('mobile') : t('server')}
                      </Badge>
                    </Group>
                  ),
                },
                {
                  head: t('Environment'),
                  cell: (one) => (
                    <Group gap={6} wrap="nowrap">
                      <EnvDot color={one.environmentSummary?.color ?? ''} />
                      <Text size="sm">{one.environmentSummary?.name}</Text>
                    </Group>
                  ),
                },
                {
                  head: t('Other views'),
                  cell: (one) => (
                    <Text size="sm" c="dimmed">
                      {(one.viewSummaries ?? [])
                        .filter(({ key }) => key !== view.key)
                        .map(({ name }) => name)
                        .join(', ') || '–'}
                    </Text>
                  ),
                  minor: true,
                },
                {
                  head: t('Ends'),
                  cell: (one) => (
                    <Text size="sm" c="dimmed" component="span">
                      <Ago at={one.expiry} />
                    </Text>
                  ),
                  minor: true,
                },
              ]}
            />
          )
        }
      </Listed>
    </Panel>
  );
}
