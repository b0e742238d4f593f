import { Badge, Group } from '@mantine/core';
import { IconBraces, IconHash, IconLetterCase, IconToggleLeft } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { Flag } from '~/api/types';
import { useText } from '~/i18n/text';
import { usePlace } from '~/shell/place';
import classes from './FlagsTable.module.css';

export function FlagName({ flag }: { flag: Flag }) {
  const t = useText();
  const place = usePlace();
  return (
    <div className={classes.name}>
      <KindIcon flag={flag} />
      <div style={{ minWidth: 0 }}>
        <Group gap={6} wrap="nowrap">
          {place && (
            <Link
              to="/projects/$project/$env/flags/$flag"
              params={{ ...place, flag: flag.key }}
              className={classes.link}
            >
              {flag.name || flag.key}
            </Link>
          )}
          {flag.archived && (
            <Badge size="xs" color="gray">
              {t('archived')}
            </Badge>
          )}
          {flag.deprecated && (
            <Badge size="xs" color="gray">
              {t('deprecated')}
            </Badge>
          )}
        </Group>
        <div className={classes.key}>{flag.key}</div>
      </div>
    </div>
  );
}

function KindIcon({ flag }: { flag: Flag }) {
  const t = useText();
  const type = typeof flag.variations[0]?.value;
  const [Icon, label] =
    flag.kind === 'boolean'
      ? [IconToggleLeft, t('Boolean')]
      : type === 'number'
        ? [IconHash, t('Number')]
        : type === 'string'
          ? [IconLetterCase, t('String')]
          : [IconBraces, t('JSON')];
  return <Icon size={18} stroke={1.6} className={classes.kind} role="img" aria-label={label} />;
}
