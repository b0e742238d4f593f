import { IconShieldCheck, IconShieldX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { VERIFY } from '~/access/places';
import { useMay } from '~/access/useMay';
import { chainQuery } from '~/api/changes';
import { useText } from '~/i18n/text';
import { LinkButton } from '~/ui/LinkButton';

/** Whether the record is what was written, where one may ask; it leads to the proof. */
export function ChainState() {
  const t = useText();
  const may = useMay(VERIFY).allowed === true;
  const { data, isError } = useQuery({ ...chainQuery, enabled: may });
  if (!may || isError) return null;
  const altered = data?.intact === false;
  const Icon = altered ? IconShieldX : IconShieldCheck;
  return (
    <LinkButton
      to="/settings/audit"
      variant="subtle"
      color={altered ? 'signal' : 'sea'}
      leftSection={<Icon size={17} aria-hidden />}
    >
      {!data
        ? t('Verifying the record…')
        : altered
          ? t('The record was altered')
          : t('{count, plural, one {# change} other {# changes}}, unaltered', { count: data.seq })}
    </LinkButton>
  );
}
