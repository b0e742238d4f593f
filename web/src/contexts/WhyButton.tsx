import { Button, UnstyledButton, VisuallyHidden } from '@mantine/core';
import { lazyRouteComponent } from '@tanstack/react-router';
import { Suspense, useState, type ReactNode } from 'react';
import { useText } from '~/i18n/text';
import type { Asked } from './WhyDrawer';
import classes from './why.module.css';

const WhyDrawer = lazyRouteComponent(() => import('./WhyDrawer'), 'WhyDrawer');

interface Props extends Asked {
  /** In rows it is small. */
  size?: 'compact-xs' | 'sm';
  /** The value itself, if that is what is asked about. */
  children?: ReactNode;
}

/** Beside a value that is served, or around it: says why it is what it is. */
export function WhyButton({ project, env, flag, name, context, size = 'compact-xs', children }: Props) {
  const t = useText();
  const [asked, setAsked] = useState(false);
  const open = () => setAsked(true);
  const question = t('Why {flag}?', { flag: name || flag });
  return (
    <>
      {children ? (
        <UnstyledButton className={classes.value} onClick={open} title={t('Why?')}>
          {children}
          <VisuallyHidden> {question}</VisuallyHidden>
        </UnstyledButton>
      ) : (
        <Button
          size={size}
          variant={size === 'sm' ? 'default' : 'subtle'}
          onClick={open}
          aria-label={question}
        >
          {t('Why?')}
        </Button>
      )}
      {asked && (
        <Suspense>
          <WhyDrawer {...{ project, env, flag, name, context }} close={() => setAsked(false)} />
        </Suspense>
      )}
    </>
  );
}
