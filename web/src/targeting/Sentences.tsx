import { Badge } from '@mantine/core';
import { useText } from '~/i18n/text';
import type { Sentence } from './useSentences';
import classes from './targeting.module.css';

export function Sentences({ list }: { list: Sentence[] }) {
  const t = useText();
  const signs = {
    '+': { color: 'sea', label: t('Add') },
    '−': { color: 'signal', label: t('Remove') },
    '~': { color: 'gray', label: t('Change') },
  };
  return (
    <div role="list" aria-label={t('Changes')}>
      {list.map(({ sign, text }, index) => (
        <div role="listitem" className={classes.change} key={index}>
          <Badge size="sm" color={signs[sign].color} w={74} style={{ flex: 'none' }}>
            {signs[sign].label}
          </Badge>
          <span>{text}</span>
        </div>
      ))}
    </div>
  );
}
