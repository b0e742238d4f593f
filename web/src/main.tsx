import '@fontsource-variable/inter/index.css';
import '@mantine/core/styles.css';
import '@mantine/notifications/styles.css';
import './app/base.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app/App';
import { loadTexts } from './i18n/text';
import { tellNonce } from './app/nonce';

const root = document.getElementById('root');
if (root) {
  tellNonce();
  void loadTexts().then((texts) =>
    createRoot(root).render(
      <StrictMode>
        <App texts={texts} />
      </StrictMode>,
    ),
  );
}
