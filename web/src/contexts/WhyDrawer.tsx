import { Drawer, Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useText } from '~/i18n/text';
import { ErrorState } from '~/ui/ErrorState';
import { whyQuery } from './api';
import { WhyAnswer } from './WhyAnswer';

interface Props {
  project: string;
  env: string;
  flag: string;
  context: unknown;
  close: () => void;
}

export function WhyDrawer({ project, env, flag, context, close }: Props) {
  const t = useText();
  const why = useQuery(whyQuery(project, env, flag, context));
  return (
    <Drawer
      opened
      onClose={close}
      position="right"
      size="lg"
      title={t('Why {flag}?', { flag })}
      closeButtonProps={{ 'aria-label': t('Close') }}
    >
      {why.isError && <ErrorState error={why.error} />}
      {why.isPending && <Skeleton h={160} />}
      {why.data && <WhyAnswer why={why.data} flag={flag} />}
    </Drawer>
  );
}
