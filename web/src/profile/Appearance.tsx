import {
  Group,
  SegmentedControl,
  Stack,
  Text,
  useMantineColorScheme,
  type MantineColorScheme,
} from '@mantine/core';
import { useLanguage } from '~/i18n/language';
import { LANGUAGES, useText } from '~/i18n/text';
import { Panel } from '~/ui/Panel';

export function Appearance() {
  const t = useText();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const { language, choose } = useLanguage();
  return (
    <Panel title={t('Appearance')} text={t('Kept in this browser.')}>
      <Group gap="xl">
        <Stack gap={6}>
          <Text size="sm" fw={500}>
            {t('Theme')}
          </Text>
          <SegmentedControl
            aria-label={t('Theme')}
            value={colorScheme}
            onChange={(value) => setColorScheme(value as MantineColorScheme)}
            data={[
              { value: 'light', label: t('Light') },
              { value: 'dark', label: t('Dark') },
              { value: 'auto', label: t('As the system') },
            ]}
          />
        </Stack>
        <Stack gap={6}>
          <Text size="sm" fw={500}>
            {t('Language')}
          </Text>
          <SegmentedControl aria-label={t('Language')} value={language} onChange={choose} data={LANGUAGES} />
        </Stack>
      </Group>
    </Panel>
  );
}
