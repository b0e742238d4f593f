import '@fontsource-variable/inter/index.css';
import '@mantine/core/styles.css';
import '@mantine/notifications/styles.css';
import './app/base.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { projectsQuery } from './api/account';
import { ahead } from './app/ahead';
import { App } from './app/App';
import { tellNonce } from './app/nonce';
import { router } from './app/router';
import { loadTexts } from './i18n/text';

const root = document.getElementById('root');
if (root) {
  tellNonce();
  // Who is signed in, their projects and the page's script are on the way before anything is rendered.
  ahead(projectsQuery);
  void router.load();
  void loadTexts().then((texts) =>
    createRoot(root).render(
      <StrictMode>
        <App texts={texts} />
      </StrictMode>,
    ),
  );
}
