import { useState } from 'react';
import { useText } from '~/i18n/text';

const HOUR = 3_600_000;

/** How long an old key or token goes on working; `at` is the time that comes of it, none for at once. */
export function useGrace() {
  const t = useText();
  const [opened] = useState(() => Date.now());
  return {
    data: [
      { value: '0', label: t('not at all') },
      { value: '1', label: t('for an hour') },
      { value: '24', label: t('for a day') },
      { value: '168', label: t('for a week') },
    ],
    at: (hours: string) => (hours === '0' ? undefined : opened + Number(hours) * HOUR),
  };
}

/** When something new ends; `at` is the time that comes of it, none for never. */
export function useLifetime() {
  const t = useText();
  const [opened] = useState(() => Date.now());
  return {
    data: [
      { value: '0', label: t('never') },
      { value: '1', label: t('in a day') },
      { value: '7', label: t('in a week') },
      { value: '30', label: t('in 30 days') },
      { value: '90', label: t('in 90 days') },
      { value: '365', label: t('in a year') },
    ],
    at: (days: string) => (days === '0' ? undefined : opened + Number(days) * 24 * HOUR),
  };
}
