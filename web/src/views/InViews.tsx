import { Group } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { ActButton } from '~/access/ActButton';
import { RowButton } from '~/access/RowButton';
import type { Place } from '~/api/types';
import { useText } from '~/i18n/text';
import { Listed } from '~/settings/Listed';
import { NameCell } from '~/settings/NameCell';
import { useEnvironments } from '~/shell/place';
import { DataTable } from '~/ui/DataTable';
import { Panel } from '~/ui/Panel';
import { inViewsQuery, LINK, onView, UNLINK, viewsQuery, type Linkable, type View } from './api';
import { AddToView } from './AddToView';
import { Unlink } from './Unlink';

interface Props {
  place: Place;
  kind: Linkable;
  itsKey: string;
}

/** The views that a flag or a segment is in. */
export function InViews({ place, kind, itsKey }: Props) {
  const t = useText();
  const environmentId = useEnvironments(place.project).find((one) => one.key === place.env)?._id;
  const one = { resourceKey: itsKey, ...(kind === 'segments' && { environmentId }) };
  const query = useQuery({
    ...inViewsQuery(place.project, kind, itsKey, one.environmentId),
    enabled: kind === 'flags' || environmentId !== undefined,
  });
  const all = useQuery(viewsQuery(place.project));
  const [adding, setAdding] = useState(false);
  const [leaving, setLeaving] = useState<View>();
  const items = query.data?.items ?? [];
  const rest = (all.data?.items ?? []).filter(
    (view) => !view.archived && !items.some(({ key }) => key === view.key),
  );
  // A project that has no views is not told of them on every page.
  if (!all.data || all.data.items.length === 0) return null;
  return (
    <Panel
      flush={items.length > 0}
      title={t('Views')}
      text={query.data && items.length === 0 ? t('It is in no view.') : undefined}
      actions={
        rest.length > 0 && (
          <ActButton
            needs={onView(LINK[kind], place.project)}
            variant="default"
            leftSection={<IconPlus size={16} />}
            onClick={() => setAdding(true)}
          >
            {t('Add to a view')}
          </ActButton>
        )
      }
    >
      {items.length > 0 && (
        <Listed query={query}>
          {() => (
            <DataTable
              caption={t('Views')}
              rows={items}
              id={(view) => view.key}
              columns={[
                {
                  head: t('Name'),
                  cell: (view) => (
                    <NameCell
                      name={
                        <Link
                          to="/projects/$project/$env/views/$view"
                          params={{ ...place, view: view.key }}
                          className="entity"
                        >
                          {view.name}
                        </Link>
                      }
                      itsKey={view.key}
                    />
                  ),
                },
                { head: t('About'), cell: (view) => view.description, dimmed: true, minor: true },
                {
                  head: t('Actions'),
                  end: true,
                  cell: (view) => (
                    <Group justify="flex-end">
                      <RowButton
                        needs={onView(UNLINK[kind], place.project, view.key)}
                        onClick={() => setLeaving(view)}
                        label={t('Take it out of the view {name}', { name: view.name })}
                      >
                        {t('Take out…')}
                      </RowButton>
                    </Group>
                  ),
                },
              ]}
            />
          )}
        </Listed>
      )}
      {adding && (
        <AddToView
          project={place.project}
          kind={kind}
          one={one}
          views={rest}
          close={() => setAdding(false)}
        />
      )}
      {leaving && <Unlink kind={kind} view={leaving} one={one} close={() => setLeaving(undefined)} />}
    </Panel>
  );
}
