import { Modal } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState, type ReactNode } from 'react';
import { sessionQuery } from '~/api/account';
import { SIGNED_OUT } from '~/api/client';
import { useText } from '~/i18n/text';
import { useChanges } from '~/live/useChanges';
import { ErrorState } from '~/ui/ErrorState';
import { LoadingPage } from '~/ui/LoadingPage';
import { SignInForm } from './SignInForm';
import { SignInPage } from './SignInPage';

/** Pages are for members who are signed in. A session that ends meanwhile is begun again on top of the page. */
export function SignInGate({ children }: { children: ReactNode }) {
  const t = useText();
  const queries = useQueryClient();
  const session = useQuery(sessionQuery);
  const [ended, setEnded] = useState(false);
  useEffect(() => {
    const end = () => setEnded(true);
    window.addEventListener(SIGNED_OUT, end);
    return () => window.removeEventListener(SIGNED_OUT, end);
  }, []);
  const signedIn = session.data?.member != null;
  useChanges(signedIn && !ended);

  if (session.isError) return <ErrorState page error={session.error} retry={() => void session.refetch()} />;
  if (!session.data) return <LoadingPage />;
  if (!signedIn) return <SignInPage state={session.data} />;
  const again = () => {
    setEnded(false);
    void queries.invalidateQueries();
  };
  return (
    <>
      {children}
      <Modal
        opened={ended}
        onClose={() => undefined}
        withCloseButton={false}
        title={t('Your session ended')}
        size="sm"
        // Above whatever dialog was open when the session ended.
        zIndex={400}
        closeOnEscape={false}
      >
        <SignInForm
          next="password"
          note={t('Sign in again to go on. Nothing you typed is lost.')}
          email={session.data.member?.email}
          done={again}
        />
      </Modal>
    </>
  );
}
