import { request } from '~/api/request';
import { ConfirmDialog } from '~/forms/ConfirmDialog';
import { RemoveDialog } from '~/forms/RemoveDialog';
import { useText } from '~/i18n/text';
import type { RowAction } from '~/settings/RowActions';
import { onView, type View } from './api';

/** What can be done with a view besides editing it; `gone` when it was deleted. */
export function useViewActions(project: string, gone?: () => void): RowAction<View>[] {
  const t = useText();
  const path = (view: View) => ({ projectKey: project, viewKey: view.key });
  const archiving = (archived: boolean): RowAction<View> => ({
    label: archived ? t('Archive…') : t('Restore…'),
    needs: (one) => onView('updateView', project, one.key),
    when: (one) => one.archived !== archived,
    dialog: (one, close) => (
      <ConfirmDialog
        title={archived ? t('Archive {what}?', { what: one.name }) : t('Restore {what}?', { what: one.name })}
        label={archived ? t('Archive') : t('Restore')}
        text={
          archived
            ? t('It is put away. What is linked to it stays linked, and SDK keys held to it stay so.')
            : t('It is back among the others, with all that is linked to it.')
        }
        needs={onView('updateView', project, one.key)}
        call={request('patch', '/api/v2/projects/{projectKey}/views/{viewKey}', {
          path: path(one),
          body: { archived },
        })}
        close={close}
      />
    ),
  });
  return [
    archiving(true),
    archiving(false),
    {
      label: t('Delete…'),
      danger: true,
      needs: (one) => onView('deleteView', project, one.key),
      dialog: (one, close) => (
        <RemoveDialog
          title={t('Delete the view {name}?', { name: one.name })}
          text={
            one._affectsSdkPayload
              ? t('SDK keys are held to it: let them deliver something else before.')
              : t('Its flags and segments stay; roles that name it no longer reach them through it.')
          }
          itsKey={one.key}
          needs={onView('deleteView', project, one.key)}
          call={request('delete', '/api/v2/projects/{projectKey}/views/{viewKey}', { path: path(one) })}
          done={gone}
          close={close}
        />
      ),
    },
  ];
}
