import { Autocomplete } from '@mantine/core';
import { useText } from '~/i18n/text';
import { usePlace } from '~/shell/place';
import { actionsOn, RESOURCE_TYPES } from './catalogue';

export interface Question {
  action: string;
  resource: string;
}

/** Something that many would like to know. */
export function useFirstQuestion(): Question {
  const place = usePlace();
  const at = `proj/${place?.project ?? 'default'}:env/${place?.env ?? 'production'}`;
  return { action: 'updateOn', resource: `${at}:flag/*` };
}

/** An action on a resource, with those there are to choose from. */
export function QuestionFields({
  value,
  onChange,
}: {
  value: Question;
  onChange: (value: Question) => void;
}) {
  const t = useText();
  const place = usePlace();
  const named = RESOURCE_TYPES.map(({ specifier }) =>
    specifier
      .replace('proj/*', `proj/${place?.project ?? 'default'}`)
      .replace('env/*', `env/${place?.env ?? 'production'}`),
  );
  return (
    <>
      <Autocomplete
        label={t('Action')}
        w={200}
        classNames={{ input: 'mono' }}
        data={actionsOn([value.resource])}
        limit={60}
        value={value.action}
        onChange={(action) => onChange({ ...value, action })}
      />
      <Autocomplete
        label={t('Resource')}
        flex="1 1 260px"
        classNames={{ input: 'mono' }}
        data={named}
        limit={60}
        value={value.resource}
        onChange={(resource) => onChange({ ...value, resource })}
      />
    </>
  );
}
