import { request } from '~/api/request';
import { ConfirmDialog } from '~/forms/ConfirmDialog';
import { useText } from '~/i18n/text';
import { onView, UNLINK, type Linkable, type View } from './api';

interface Props {
  kind: Linkable;
  view: Pick<View, 'key' | 'name' | 'projectKey' | '_affectsSdkPayload'>;
  one: { resourceKey: string; environmentId?: string };
  close: () => void;
}

/** Takes a flag or a segment out of a view. */
export function Unlink({ kind, view, one, close }: Props) {
  const t = useText();
  const { resourceKey, environmentId = '' } = one;
  return (
    <ConfirmDialog
      title={t('Take {what} out of {view}?', { what: resourceKey, view: view.name })}
      label={t('Take out')}
      text={
        view._affectsSdkPayload
          ? t(
              'SDK keys that are held to this view stop delivering it at once, unless another of their views has it.',
            )
          : t('It stays as it is; only this view no longer has it.')
      }
      danger={view._affectsSdkPayload}
      needs={onView(UNLINK[kind], view.projectKey, view.key)}
      call={request('delete', '/api/v2/projects/{projectKey}/views/{viewKey}/link/{resourceType}', {
        path: { projectKey: view.projectKey, viewKey: view.key, resourceType: kind },
        body:
          kind === 'flags'
            ? { keys: [resourceKey] }
            : { segmentIdentifiers: [{ environmentId, segmentKey: resourceKey }] },
      })}
      close={close}
    />
  );
}
