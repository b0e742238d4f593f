import { Text } from '@mantine/core';
import type { Schemas } from '~/api/client';
import { patchCall } from '~/api/flags';
import { Overtaken } from '~/api/sequence';
import type { Flag } from '~/api/types';
import { onFlag } from '~/access/places';
import { CommentField } from '~/forms/CommentField';
import { useKept } from '~/forms/useKept';
import { useText } from '~/i18n/text';
import { CopyAs } from '~/ui/CopyAs';
import { FormDialog } from '~/ui/FormDialog';
import { useToggle } from './useToggle';

interface Props {
  project: string;
  flag: Flag;
  environment: Schemas['EnvironmentRep'];
  on: boolean;
  close: () => void;
}

/** Asks before a flag changes in an environment that is marked critical. */
export function ToggleDialog({ project, flag, environment, on, close }: Props) {
  const t = useText();
  const [comment, setComment, forget] = useKept(`toggle.${project}.${flag.key}.${environment.key}`, '');
  const toggle = useToggle(project, flag.key, environment.key);
  const values = { flag: flag.name || flag.key, environment: environment.name };
  const body = {
    environmentKey: environment.key,
    instructions: [{ kind: on ? 'turnFlagOn' : 'turnFlagOff' }],
    ...(comment ? { comment } : {}),
  };
  return (
    <FormDialog
      title={on ? t('Turn on {flag}?', values) : t('Turn off {flag}?', values)}
      label={on ? t('Turn on in {environment}', values) : t('Turn off in {environment}', values)}
      danger={!on}
      size="md"
      needs={onFlag('updateOn', project, environment.key, flag.key)}
      pending={toggle.isPending}
      error={toggle.error}
      disabled={environment.requireComments && comment.trim() === ''}
      close={close}
      submit={() =>
        toggle.mutate(
          { on, comment },
          {
            onSuccess: () => {
              forget();
              close();
            },
            // It is so already: there is nothing to ask any more.
            onError: (error) => error instanceof Overtaken && close(),
          },
        )
      }
      aside={<CopyAs call={patchCall(project, flag.key, body)} />}
    >
      <Text size="sm">
        {environment.critical
          ? t('{environment} is marked critical: SDKs get the change at once.', values)
          : t('SDKs get the change at once.')}
      </Text>
      <CommentField value={comment} change={setComment} required={environment.requireComments} focus />
    </FormDialog>
  );
}
