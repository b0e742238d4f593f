import { TextInput } from '@mantine/core';
import type { Schemas } from '~/api/client';
import { request } from '~/api/request';
import { EditDialog } from '~/forms/EditDialog';
import { useText } from '~/i18n/text';
import { terraform } from '~/ui/terraform';

/** Adds an address, or changes what is said of it. */
export function AddressDialog({
  entry,
  close,
}: {
  entry?: Schemas['IpAllowlistEntryResponse'];
  close: () => void;
}) {
  const t = useText();
  const initial = { ipAddress: entry?.ipAddress ?? '', description: entry?.description ?? '' };
  return (
    <EditDialog
      draft={`address.${entry?._id ?? ''}`}
      title={entry ? t('Edit {what}', { what: entry.ipAddress }) : t('Add an address')}
      label={entry ? t('Save') : t('Add address')}
      size="md"
      needs={[entry ? 'updateIpAllowlistEntry' : 'createIpAllowlistEntry', 'ip-allowlist']}
      initial={initial}
      close={close}
      validate={({ ipAddress }) =>
        /^[0-9a-fA-F.:]+(\/\d{1,3})?$/.test(ipAddress.trim())
          ? {}
          : { ipAddress: t('An address such as 203.0.113.7, or a network such as 203.0.113.0/24') }
      }
      call={({ ipAddress, description }) => {
        if (!entry) {
          const body = { ipAddress: ipAddress.trim(), description };
          return request('post', '/api/v2/account/ip-allowlist', { body, beta: true });
        }
        if (description === initial.description) return undefined;
        return request('patch', '/api/v2/account/ip-allowlist/{id}', {
          path: { id: entry._id },
          body: { description },
          beta: true,
        });
      }}
      terraform={({ ipAddress, description }) =>
        terraform('ip_allowlist_entry', ipAddress, {
          ip_address: ipAddress,
          description: description || undefined,
        })
      }
    >
      {(form) => (
        <>
          <TextInput
            label={t('Address')}
            required
            disabled={entry !== undefined}
            data-autofocus={entry ? undefined : true}
            classNames={{ input: 'mono' }}
            {...form.getInputProps('ipAddress')}
          />
          <TextInput label={t('About')} {...form.getInputProps('description')} />
        </>
      )}
    </EditDialog>
  );
}
