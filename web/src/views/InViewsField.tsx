import { MultiSelect } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useText } from '~/i18n/text';
import { viewsQuery } from './api';

interface Props {
  project: string;
  value?: string[];
  onChange?: (value: string[]) => void;
}

/** The views that something new is put into; not there in a project without any. */
export function InViewsField({ project, ...field }: Props) {
  const t = useText();
  const views = (useQuery(viewsQuery(project)).data?.items ?? []).filter((view) => !view.archived);
  if (views.length === 0) return null;
  const data = views.map(({ key, name }) => ({ value: key, label: name }));
  return <MultiSelect label={t('Views')} searchable data={data} {...field} />;
}
