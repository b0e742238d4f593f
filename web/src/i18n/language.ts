import { createContext, use } from 'react';

interface Language {
  language: string;
  choose: (language: string) => void;
}

export const LanguageContext = createContext<Language>({ language: 'en', choose: () => undefined });

export function useLanguage() {
  return use(LanguageContext);
}
