import { useCallback, useMemo, useState, type ReactNode } from 'react';
import { IntlProvider, useIntl } from 'react-intl';
import { LanguageContext } from './language';
import english from '~/messages/en.json';

const CHOSEN = 'wigwag.language';

/** Texts that are not in the page yet: another language is fetched when it is chosen. */
const OTHERS: Record<string, () => Promise<{ default: Record<string, string> }>> = {
  de: () => import('~/messages/de.json'),
};

export const LANGUAGES = [
  { value: 'en', label: 'English' },
  { value: 'de', label: 'Deutsch' },
];

function first(): string {
  return localStorage.getItem(CHOSEN) ?? 'en';
}

/** Loads the texts of the language that was chosen last; the page waits for it. */
export async function loadTexts(): Promise<Record<string, string>> {
  const language = OTHERS[first()];
  return language ? (await language()).default : english;
}

export function Texts({ initial, children }: { initial: Record<string, string>; children: ReactNode }) {
  const [now, setNow] = useState({ language: first(), texts: initial });
  const choose = useCallback(async (language: string) => {
    const texts = OTHERS[language] ? (await OTHERS[language]()).default : english;
    localStorage.setItem(CHOSEN, language);
    document.documentElement.lang = language;
    setNow({ language, texts });
  }, []);
  const chosen = useMemo(() => ({ language: now.language, choose }), [now.language, choose]);
  return (
    <LanguageContext value={chosen}>
      <IntlProvider locale={now.language} defaultLocale="en" messages={now.texts} onError={() => undefined}>
        {children}
      </IntlProvider>
    </LanguageContext>
  );
}

export type Values = Record<string, string | number | Date | null | undefined>;
export type Text = (id: string, values?: Values) => string;

/** The English text is the id: what a language lacks is shown in English. */
export function useText(): Text {
  const intl = useIntl();
  return useCallback((id, values) => intl.formatMessage({ id, defaultMessage: id }, values), [intl]);
}
