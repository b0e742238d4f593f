import { MantineProvider } from '@mantine/core';
import { ModalsProvider } from '@mantine/modals';
import { Notifications } from '@mantine/notifications';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { Texts } from '~/i18n/text';
import { nonce } from './nonce';
import { queries } from './queries';
import { router } from './router';
import { theme } from './theme';

export function App({ texts }: { texts: Record<string, string> }) {
  return (
    <Texts initial={texts}>
      <MantineProvider theme={theme} defaultColorScheme="auto" getStyleNonce={() => nonce}>
        <QueryClientProvider client={queries}>
          <ModalsProvider>
            <Notifications position="bottom-right" />
            <RouterProvider router={router} />
          </ModalsProvider>
        </QueryClientProvider>
      </MantineProvider>
    </Texts>
  );
}
