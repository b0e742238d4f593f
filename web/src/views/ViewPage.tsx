import { Badge, Group } from '@mantine/core';
import { IconList } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useState } from 'react';
import { ActButton } from '~/access/ActButton';
import type { ViewSearch } from '~/app/search';
import { useText } from '~/i18n/text';
import { Listed } from '~/settings/Listed';
import type { RowAction } from '~/settings/RowActions';
import { Ago } from '~/ui/Ago';
import { LinkButton } from '~/ui/LinkButton';
import { Page } from '~/ui/Page';
import { TagList } from '~/ui/TagList';
import { onView, viewQuery, type View } from './api';
import { HeldKeys } from './HeldKeys';
import { Keeper } from './Keeper';
import { LinkedPanel } from './LinkedPanel';
import { useCount } from './useCount';
import { useViewActions } from './useViewActions';
import { ViewDialog } from './ViewDialog';

const route = getRouteApi('/projects/$project/$env/views/$view');

/** A view: what is in it, and the SDK keys that deliver only that. */
export function ViewPage() {
  const { project, env, view: key } = route.useParams();
  const query = useQuery(viewQuery(project, key));
  return <Listed query={query}>{(view) => <Shown view={view} env={env} />}</Listed>;
}

function Shown({ view, env }: { view: View; env: string }) {
  const t = useText();
  const count = useCount();
  const { open, flags, segments } = route.useSearch();
  const navigate = route.useNavigate();
  const project = view.projectKey;
  const place = { project, env };
  const [acting, setActing] = useState<RowAction<View>>();
  const set = (change: ViewSearch) =>
    void navigate({ search: (now) => ({ ...now, ...change }), replace: true });
  const show = (open?: string) => set({ open });
  const actions = useViewActions(
    project,
    () => void navigate({ to: '/projects/$project/$env/views', params: place }),
  )
    .filter(({ when }) => when?.(view) ?? true)
    .sort((a, b) => Number(b.danger ?? false) - Number(a.danger ?? false));
  return (
    <Page
      over={
        <Link to="/projects/$project/$env/views" params={place}>
          {t('Views')}
        </Link>
      }
      title={view.name}
      beside={
        <>
          {view.archived && <Badge color="gray">{t('archived')}</Badge>}
          <TagList tags={view.tags} most={6} />
        </>
      }
      text={
        <>
          <code>{view.key}</code> · {count(view.resourceSummary)} · {t('changed')} <Ago at={view.updatedAt} />
          {view.description && <div style={{ marginTop: 4 }}>{view.description}</div>}
          {view.maintainer && (
            <Group gap={8} mt={8}>
              {t('Maintainer')} <Keeper of={view.maintainer} />
            </Group>
          )}
        </>
      }
      actions={
        <>
          {actions.map((action) => (
            <ActButton
              key={action.label}
              quiet={action.danger}
              needs={action.needs?.(view)}
              variant={action.danger ? 'subtle' : 'default'}
              color={action.danger ? 'signal' : undefined}
              onClick={() => setActing(action)}
            >
              {action.label}
            </ActButton>
          ))}
          <ActButton
            needs={onView('updateView', project, view.key)}
            variant="default"
            onClick={() => show('edit')}
          >
            {t('Edit')}
          </ActButton>
        </>
      }
    >
      <LinkedPanel
        kind="flags"
        view={view}
        place={place}
        beside={
          <LinkButton
            to={`/projects/${project}/${env}/flags?filter=view:${view.key}`}
            leftSection={<IconList size={16} aria-hidden />}
          >
            {t('As a list')}
          </LinkButton>
        }
        dialog={open}
        show={show}
        q={flags}
        find={(flags) => set({ flags })}
      />
      <LinkedPanel
        kind="segments"
        view={view}
        place={place}
        dialog={open}
        show={show}
        q={segments}
        find={(segments) => set({ segments })}
      />
      <HeldKeys view={view} />
      {open === 'edit' && <ViewDialog place={place} view={view} close={() => show()} />}
      {acting?.dialog?.(view, () => setActing(undefined))}
    </Page>
  );
}
