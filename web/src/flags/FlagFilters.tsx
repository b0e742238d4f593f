import { Button, Group } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { membersQuery, tagsQuery } from '~/api/account';
import type { Schemas } from '~/api/client';
import { useText } from '~/i18n/text';
import { personName } from '~/ui/person';
import { SearchField } from '~/ui/SearchField';
import { viewsQuery } from '~/views/api';
import { ColumnMenu } from './ColumnMenu';
import { FilterChip } from './FilterChip';
import { valueOf, withValue, word } from './filter';
import { SavedLists } from './SavedLists';
import { SortMenu } from './SortMenu';
import { useFlagSearch } from './useFlagSearch';

interface Props {
  project: string;
  environments: Schemas['EnvironmentRep'][];
  /** The list itself is there: it comes before what it can be narrowed by. */
  ready: boolean;
}

/** What narrows the list; each chip is one term of the API's filter. */
export function FlagFilters({ project, environments, ready }: Props) {
  const t = useText();
  const { search, set } = useFlagSearch();
  const { filter } = search;
  // What a chip offers is asked for when somebody comes to it; what it says, when it says something.
  const [near, setNear] = useState<string[]>([]);
  const wanted = (field: string) => ready && (near.includes(field) || valueOf(filter, field) !== undefined);
  const tags = useQuery({ ...tagsQuery, enabled: wanted('tags') });
  const members = useQuery({ ...membersQuery, enabled: wanted('maintainerId') });
  const [typed, setTyped] = useState(valueOf(filter, 'query') ?? '');
  const find = useDebouncedCallback(
    (text: string) => set({ filter: withValue(filter, 'query', word(text)) }),
    180,
  );
  const chip = (field: string) => ({
    value: valueOf(filter, field),
    choose: (value: string | undefined) => set({ filter: withValue(filter, field, value) }),
    near: () => setNear((old) => (old.includes(field) ? old : [...old, field])),
  });
  const types = [
    { value: 'temporary', label: t('Temporary') },
    { value: 'permanent', label: t('Permanent') },
  ];
  const availability = [
    { value: 'client', label: t('Client-side') },
    { value: 'mobile', label: t('Mobile') },
    { value: 'server', label: t('Server only') },
  ];
  const people = members.data?.items.map((member) => ({
    value: member._id,
    label: personName(member),
  }));
  const views = (useQuery({ ...viewsQuery(project), enabled: ready }).data?.items ?? []).map(
    ({ key, name }) => ({
      value: key,
      label: name,
    }),
  );
  const segment = valueOf(filter, 'segmentTargeted');
  const inUse = tags.data?.items.map((tag) => ({ value: tag, label: tag }));
  return (
    <Group gap="xs" mb="md" role="search">
      <SearchField
        label={t('Search by name or key')}
        value={typed}
        onChange={(event) => {
          setTyped(event.currentTarget.value);
          find(event.currentTarget.value);
        }}
      />
      <FilterChip label={t('Type')} options={types} {...chip('type')} />
      <FilterChip label={t('Tag')} options={inUse} {...chip('tags')} />
      <FilterChip label={t('Maintainer')} options={people} {...chip('maintainerId')} />
      <FilterChip label={t('SDKs')} options={availability} {...chip('sdkAvailability')} />
      {(views.length > 0 || valueOf(filter, 'view')) && (
        <FilterChip label={t('In view')} options={views} {...chip('view')} />
      )}
      {segment && (
        <FilterChip
          label={t('Segment')}
          options={[{ value: segment, label: segment }]}
          {...chip('segmentTargeted')}
        />
      )}
      {filter && (
        <Button
          variant="subtle"
          color="gray"
          leftSection={<IconX size={14} />}
          onClick={() => {
            setTyped('');
            set({ filter: undefined });
          }}
        >
          {t('Clear')}
        </Button>
      )}
      <Group gap="xs" ml="auto">
        <SortMenu />
        <SavedLists project={project} />
        <ColumnMenu environments={environments} />
      </Group>
    </Group>
  );
}
