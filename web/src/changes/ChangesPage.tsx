import { Group, Select, SegmentedControl } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { membersQuery } from '~/api/account';
import { resourcesOf } from '~/api/changes';
import { useText } from '~/i18n/text';
import { Page } from '~/ui/Page';
import { personName } from '~/ui/person';
import { SearchField } from '~/ui/SearchField';
import { ChainState } from './ChainState';
import { ChangeDetail } from './ChangeDetail';
import { ChangeList } from './ChangeList';

const route = getRouteApi('/projects/$project/$env/changes');

export function ChangesPage() {
  const t = useText();
  const { project, env } = route.useParams();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const members = useQuery(membersQuery);
  const set = (change: typeof search) =>
    void navigate({ search: (old) => ({ ...old, ...change }), replace: true });
  const find = useDebouncedCallback((q: string) => set({ q: q || undefined }), 200);
  const scope = search.scope ?? 'project';
  const resources = scope === 'account' ? undefined : resourcesOf(project, scope === 'env' ? env : undefined);
  return (
    <Page
      title={t('Change history')}
      text={t('Everything that was changed, by whom and why. Entries cannot be edited.')}
      actions={<ChainState />}
    >
      <Group gap="xs" mb="lg" role="search">
        <SearchField
          label={t('Search by name')}
          defaultValue={search.q}
          onChange={(event) => find(event.currentTarget.value)}
        />
        <SegmentedControl
          w={{ base: '100%', xs: 'auto' }}
          aria-label={t('Changes of')}
          value={scope}
          onChange={(value) => set({ scope: value === 'env' || value === 'account' ? value : undefined })}
          data={[
            { value: 'project', label: t('Project') },
            { value: 'env', label: t('Environment') },
            { value: 'account', label: t('Everything') },
          ]}
        />
        <Select
          w={{ base: '100%', xs: 220 }}
          clearable
          searchable
          placeholder={t('By anybody')}
          aria-label={t('Changed by')}
          data={(members.data?.items ?? []).map((member) => ({
            value: member._id,
            label: personName(member),
          }))}
          value={search.member ?? null}
          onChange={(member) => set({ member: member ?? undefined })}
        />
      </Group>
      <ChangeList project={project} resources={resources} q={search.q} member={search.member} />
      {search.entry && <ChangeDetail id={search.entry} close={() => set({ entry: undefined })} />}
    </Page>
  );
}
