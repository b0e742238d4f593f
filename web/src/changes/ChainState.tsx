import { IconShield, IconShieldCheck, IconShieldX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { VERIFY } from '~/access/places';
import { useMay } from '~/access/useMay';
import { chainQuery } from '~/api/changes';
import { useText } from '~/i18n/text';
import { LinkButton } from '~/ui/LinkButton';

/**
 * Whether the record is what was written, where one may ask and has asked: to verify it reads all of it. It leads there.
 */
export function ChainState() {
  const t = useText();
  const may = useMay(VERIFY).allowed === true;
  const { data } = useQuery({ ...chainQuery, enabled: false });
  if (!may) return null;
  const found = !data
    ? { Icon: IconShield, color: 'gray', text: t('Audit record') }
    : data.intact
      ? {
          Icon: IconShieldCheck,
          color: 'sea',
          text: t('{count, plural, one {# change} other {# changes}}, unaltered', { count: data.seq }),
        }
      : { Icon: IconShieldX, color: 'signal', text: t('The record was altered') };
  return (
    <LinkButton
      to="/settings/audit"
      variant="subtle"
      color={found.color}
      leftSection={<found.Icon size={17} aria-hidden />}
    >
      {found.text}
    </LinkButton>
  );
}
