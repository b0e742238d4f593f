import { Tooltip } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useIntl } from 'react-intl';
import { useText } from '~/i18n/text';

const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_557_600],
  ['month', 2_629_800],
  ['week', 604_800],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
];

/** How long ago, with the exact time in UTC on hover and focus. */
export function Ago({ at, never }: { at: number | null | undefined; never?: string }) {
  const intl = useIntl();
  const t = useText();
  const now = useMinute();
  if (!at) return <>{never ?? t('never')}</>;
  const seconds = (at - now) / 1000;
  const [unit, size] = UNITS.find(([, size]) => Math.abs(seconds) >= size) ?? ['second', 1];
  const text =
    unit === 'second'
      ? t('just now')
      : intl.formatRelativeTime(Math.round(seconds / size), unit, { numeric: 'auto', style: 'short' });
  return (
    <Tooltip label={`${intl.formatDate(at, { dateStyle: 'medium', timeStyle: 'medium' })} · ${utc(at)}`}>
      <time dateTime={new Date(at).toISOString()} style={{ whiteSpace: 'nowrap' }}>
        {text}
      </time>
    </Tooltip>
  );
}

export function utc(at: number) {
  return `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

function useMinute() {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = window.setInterval(() => setNow(Date.now()), 60_000);
    return () => window.clearInterval(timer);
  }, []);
  return now;
}
