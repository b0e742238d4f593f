import { Badge, Group, Text } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconPlus, IconStack2 } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useEffect, useState, type ReactNode } from 'react';
import { ActButton } from '~/access/ActButton';
import { termOf, withTerm } from '~/api/terms';
import { useText } from '~/i18n/text';
import { EmptyIcon } from '~/settings/EmptyIcon';
import { Listed } from '~/settings/Listed';
import { NameCell } from '~/settings/NameCell';
import { RowActions, type RowAction } from '~/settings/RowActions';
import { rememberPlace } from '~/shell/place';
import { Ago } from '~/ui/Ago';
import { DataTable } from '~/ui/DataTable';
import { EmptyState } from '~/ui/EmptyState';
import { Page } from '~/ui/Page';
import { Panel } from '~/ui/Panel';
import { SearchField } from '~/ui/SearchField';
import { TagList } from '~/ui/TagList';
import { onView, viewsQuery, type View } from './api';
import { Keeper } from './Keeper';
import { useCount } from './useCount';
import { useViewActions } from './useViewActions';
import { ViewDialog } from './ViewDialog';

const route = getRouteApi('/projects/$project/$env/views');

/** The views of the project. Filter and open dialog are in the address. */
export function ViewsPage() {
  const t = useText();
  const { project, env } = route.useParams();
  const { filter, open } = route.useSearch();
  const navigate = route.useNavigate();
  const query = useQuery(viewsQuery(project, filter));
  const place = { project, env };
  const count = useCount();
  useEffect(() => rememberPlace({ project, env }), [project, env]);
  const show = (open?: string) => void navigate({ search: (now) => ({ ...now, open }), replace: true });
  const find = useDebouncedCallback(
    (text: string) =>
      void navigate({
        search: (now) => ({ ...now, filter: withTerm(now.filter, 'name', text.trim(), 'contains') }),
        replace: true,
      }),
    180,
  );
  const [acting, setActing] = useState<{ action: RowAction<View>; row: View }>();
  const actions = useViewActions(project);
  const items = query.data?.items ?? [];
  const edited = items.find((one) => one.key === open);
  const create = (
    <ActButton
      needs={onView('createView', project)}
      leftSection={<IconPlus size={16} />}
      onClick={() => show('new')}
    >
      {t('Create view')}
    </ActButton>
  );
  // Archived ones come last: they are kept, not worked with.
  const rows = [...items.filter((one) => !one.archived), ...items.filter((one) => one.archived)];
  return (
    <Page
      title={t('Views')}
      text={t(
        'Flags and segments that belong together, whoever made them: to find them, to give roles rights on them, and to hold SDK keys to them.',
      )}
      actions={(items.length > 0 || filter !== undefined) && create}
    >
      {(items.length > 0 || filter !== undefined) && (
        <Group mb="md" role="search">
          <SearchField
            label={t('Search by name')}
            defaultValue={termOf(filter, 'name')}
            onChange={(event) => find(event.currentTarget.value)}
          />
        </Group>
      )}
      <Listed query={query}>
        {() =>
          rows.length === 0 ? (
            <EmptyState
              icon={<EmptyIcon of={IconStack2} />}
              title={filter ? t('No view matches') : t('No views yet')}
              text={
                filter
                  ? undefined
                  : t('A team sees its own flags with one filter, and an app gets only what it asks for.')
              }
              action={filter ? undefined : create}
            />
          ) : (
            <Panel flush>
              <DataTable
                caption={t('Views')}
                rows={rows}
                id={(one) => one.key}
                columns={[
                  { head: t('Name'), cell: (one) => <NameOf view={one} env={env} /> },
                  {
                    head: t('What is in it'),
                    cell: (one) => <Muted>{count(one.resourceSummary)}</Muted>,
                    minor: true,
                  },
                  { head: t('Maintainer'), cell: (one) => <Keeper of={one.maintainer} />, minor: true },
                  { head: t('Tags'), cell: (one) => <TagList tags={one.tags} />, minor: true },
                  {
                    head: t('Changed'),
                    cell: (one) => (
                      <Muted>
                        <Ago at={one.updatedAt} />
                      </Muted>
                    ),
                    minor: true,
                  },
                  {
                    head: t('Actions'),
                    end: true,
                    cell: (one) => (
                      <RowActions
                        row={one}
                        name={one.name}
                        edit={{ needs: onView('updateView', project, one.key), open: () => show(one.key) }}
                        actions={actions}
                        act={(action) => setActing({ action, row: one })}
                      />
                    ),
                  },
                ]}
              />
            </Panel>
          )
        }
      </Listed>
      {open === 'new' && <ViewDialog place={place} close={() => show()} />}
      {edited && <ViewDialog place={place} view={edited} close={() => show()} />}
      {acting?.action.dialog?.(acting.row, () => setActing(undefined))}
    </Page>
  );
}

function NameOf({ view, env }: { view: View; env: string }) {
  const t = useText();
  return (
    <NameCell
      name={
        <Group gap={6}>
          <Link
            to="/projects/$project/$env/views/$view"
            params={{ project: view.projectKey, env, view: view.key }}
            className="entity"
          >
            {view.name}
          </Link>
          {view._affectsSdkPayload && <Badge size="sm">{t('SDK keys')}</Badge>}
          {view.archived && (
            <Badge size="sm" color="gray">
              {t('archived')}
            </Badge>
          )}
        </Group>
      }
      itsKey={view.key}
    />
  );
}

function Muted({ children }: { children: ReactNode }) {
  return (
    <Text size="sm" c="dimmed" component="div">
      {children}
    </Text>
  );
}
